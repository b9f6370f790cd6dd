"""Calendars in PMXML. The finish of a work time is its last minute: 08:00 to 11:59 ends at 12:00."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from nirman.interchange.p6_calendars import STANDARD_WEEK, is_in_range, merged, shift
from nirman.interchange.p6_row import Row
from nirman.interchange.p6_vocabulary import WEEKDAYS
from nirman.interchange.safe_xml import local_name
from nirman.planning.findings import Severity
from nirman.planning.model import DayShifts, Shift

_TIME = re.compile(r"(?:.*T)?([01]?\d|2[0-3]):([0-5]\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?", re.ASCII)
_WHOLE_DAY = ((0, 1440),)


def read_week(row: Row, element: etree._Element) -> list[DayShifts]:
    """Monday to Sunday; a day that is not there is as in a new calendar."""
    week = list(STANDARD_WEEK)
    for hours in element:
        name = _text(hours, "DayOfWeek")
        if local_name(hours) != "StandardWorkHours":
            continue
        if name not in WEEKDAYS:
            row.finding(Severity.ERROR, "bad-value", f'DayOfWeek is "{name[:20]}" but must be a day such as Monday')
            continue
        week[WEEKDAYS[name]] = _shifts(row, hours)
    return week


def read_exceptions(row: Row, element: etree._Element) -> dict[date, DayShifts]:
    """Shifts by day, empty for a day off; an error finding for a day that cannot be."""
    days: dict[date, DayShifts] = {}
    for exception in element:
        if local_name(exception) != "HolidayOrException":
            continue
        day = _date(_text(exception, "Date"))
        if day is None:
            row.finding(
                Severity.ERROR,
                "bad-value",
                f'line {exception.sourceline}: Date is "{_text(exception, "Date")[:20]}" but must be a date such as '
                "2026-01-31",
            )
            continue
        shifts = _shifts(row, exception)
        # P6 means a day off by one work time of the whole day.
        days[day] = () if shifts == _WHOLE_DAY and len(_work_times(exception)) == 1 else shifts
    return days


def _work_times(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if local_name(child) == "WorkTime" and len(child)]


def _shifts(row: Row, element: etree._Element) -> DayShifts:
    found: list[Shift] = []
    for time in _work_times(element):
        start, last = _text(time, "Start"), _text(time, "Finish")
        if not start and not last:
            continue
        minutes = _minute(start), _minute(last)
        if minutes[0] is None or minutes[1] is None:
            row.finding(
                Severity.ERROR,
                "bad-value",
                f'line {time.sourceline}: a work time is from "{start[:20]}" to "{last[:20]}" but must be two times '
                "such as 08:00:00",
            )
            continue
        finish = minutes[1] + 1 if minutes[1] else 0
        found.extend(shift(minutes[0], finish % 1440))
    return merged(found)


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    return None if found is None else int(found[1]) * 60 + int(found[2])


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        day = None if found is None else date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return day if day is not None and is_in_range(day) else None


def _text(element: etree._Element, name: str) -> str:
    return next(((child.text or "").strip() for child in element if local_name(child) == name), "")
