"""Calendars of Primavera P6: a week of shifts, and days that differ from it, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nirman.interchange.p6_row import Row
from nirman.planning.findings import Severity
from nirman.planning.model import Calendar, CalendarException, DayShifts, Shift
from nirman.scheduling.instants import END_YEAR, FIRST_YEAR

STANDARD_DAY: DayShifts = ((480, 720), (780, 1020))
STANDARD_WEEK: tuple[DayShifts, DayShifts, DayShifts, DayShifts, DayShifts, DayShifts, DayShifts] = (
    STANDARD_DAY,
    STANDARD_DAY,
    STANDARD_DAY,
    STANDARD_DAY,
    STANDARD_DAY,
    (),
    (),
)
"""What P6 begins a new calendar with."""


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """A calendar, the hours that P6 counts a day, a week and a month of it for, and where it stood in the file."""

    calendar: Calendar
    is_default: bool
    minutes_per_day: int | None
    minutes_per_week: int | None
    minutes_per_month: int | None
    row: Row


def read_calendar(row: Row, week: Sequence[DayShifts] | None, days: Mapping[date, DayShifts]) -> CalendarRecord | None:
    """`week`: Monday to Sunday, None when the file has none; `days`: exceptions. None, with a finding, without uid."""
    if row.uid is None:
        row.finding(Severity.ERROR, "no-uid", f"a calendar must have a {row.own_name('uid')}")
        return None
    base = row.reference("base")
    base = None if base == row.uid else base
    if base is None and not any(week or ()) and not any(days.values()):
        row.finding(Severity.WARNING, "no-working-time", "it has no working time: Monday to Friday, 8 to 17, is taken")
        week = STANDARD_WEEK
    calendar = Calendar(
        uid=row.uid,
        name=row.text("name"),
        base_uid=base,
        week=(None,) * 7 if week is None else tuple(week),  # type: ignore[arg-type]  # the caller gives seven
        exceptions=tuple(_runs(days)),
    )
    return CalendarRecord(
        calendar=calendar,
        is_default=row.flag("is_default", default=False),
        minutes_per_day=row.minutes("day_hours"),
        minutes_per_week=row.minutes("week_hours"),
        minutes_per_month=row.minutes("month_hours"),
        row=row,
    )


def standard_calendar(row: Row, uid: int) -> CalendarRecord:
    """What is taken where a file has no calendar at all."""
    calendar = Calendar(uid=uid, name="Standard", week=STANDARD_WEEK)
    return CalendarRecord(calendar, True, None, None, None, row)  # is_default


def shift(start: int, finish: int) -> Iterable[Shift]:
    """Of minutes after midnight: 0 as a finish is the end of the day, a night shift is its two parts of one day."""
    if finish == 0:
        return ((start, 1440),)
    if finish < start:
        return ((0, finish), (start, 1440))
    return ((start, finish),) if start < finish else ()


def merged(shifts: Iterable[Shift]) -> DayShifts:
    """Ascending; shifts that touch or overlap become one."""
    found: list[Shift] = []
    for start, finish in sorted(shifts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], finish))
        else:
            found.append((start, finish))
    return tuple(found)


def is_in_range(day: date) -> bool:
    return FIRST_YEAR <= day.year < END_YEAR


def _runs(days: Mapping[date, DayShifts]) -> Iterable[CalendarException]:
    """Days one after another with the same shifts are one exception."""
    start: date | None = None
    last = date.min
    for day in sorted(days):
        if start is not None and day - last == timedelta(days=1) and days[day] == days[last]:
            last = day
            continue
        if start is not None:
            yield CalendarException(start=start, finish=last, shifts=days[last])
        start = last = day
    if start is not None:
        yield CalendarException(start=start, finish=last, shifts=days[last])
