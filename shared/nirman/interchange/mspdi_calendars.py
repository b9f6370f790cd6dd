"""Calendars of MS Project XML: the weeks, the exceptions of 2003 (WeekDay of DayType 0) and those of 2007 and later."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nirman.interchange.mspdi_fields import Fields, Report
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Calendar,
    CalendarException,
    DayShifts,
    Recurrence,
    RecurrenceKind,
    Shift,
    WorkWeek,
)

_TIME = re.compile(r"(\d\d):([0-5]\d)(?::\d\d(?:\.\d+)?)?", re.ASCII)
_MAX_EXPANDED = 2_000

_KINDS = {
    1: None,  # every day of the period
    2: RecurrenceKind.YEARLY_DAY,
    3: RecurrenceKind.YEARLY_POSITION,
    4: RecurrenceKind.MONTHLY_DAY,
    5: RecurrenceKind.MONTHLY_POSITION,
    6: RecurrenceKind.WEEKLY,
    7: RecurrenceKind.DAILY,
    8: None,
    9: None,
}
_DAY_SETS: dict[int, tuple[int, ...]] = {0: (0, 1, 2, 3, 4, 5, 6), 1: (0, 1, 2, 3, 4), 2: (5, 6)}
"""MonthItem "day", "weekday" and "weekend day", as weekdays Monday 0 to Sunday 6; 3 to 9 are Sunday to Saturday."""

_Week = list[DayShifts | None]


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """A calendar and where it stood in the file."""

    calendar: Calendar
    is_base: bool
    fields: Fields


def read_calendar(fields: Fields) -> CalendarRecord | None:
    if fields.uid is None:
        fields.finding(Severity.ERROR, "no-uid", "a calendar must have a UID")
        return None
    is_base = fields.flag("IsBaseCalendar", default=True)
    base = fields.reference("BaseCalendarUID")
    week: _Week = [None] * 7
    dated: list[CalendarException] = []
    for element in fields.records("WeekDays", "WeekDay"):
        day = Fields(element, fields.report, "WeekDay")
        number = day.integer("DayType", None, high=7)
        shifts = _shifts(day, fields)
        if number:
            week[(number - 2) % 7] = shifts
        elif number == 0:
            dated.extend(_exceptions(day, fields, shifts))
        day.count_leftovers()
    exceptions = [
        exception
        for element in fields.records("Exceptions", "Exception")
        for exception in _read_exception(Fields(element, fields.report, "Exception"), fields)
    ]
    calendar = Calendar(
        uid=fields.uid,
        name=fields.text("Name"),
        # In some versions 0 is "none" for base calendars.
        base_uid=None if is_base and base in (0, fields.uid) else base,
        week=tuple(week),  # type: ignore[arg-type]  # seven, as made above
        # The newer form says all that the older says, which is there for older readers.
        exceptions=tuple(exceptions or dated),
        work_weeks=tuple(_work_weeks(fields)),
    )
    fields.text("IsBaselineCalendar")
    fields.count_leftovers()
    return CalendarRecord(calendar, is_base, fields)


def _read_exception(exception: Fields, owner: Fields) -> Iterator[CalendarException]:
    exception.uid = owner.uid
    for name in ("EnteredByOccurrences", "Occurrences"):
        exception.text(name)
    yield from _exceptions(exception, owner, _shifts(exception, owner))
    exception.count_leftovers()


def _exceptions(day: Fields, owner: Fields, shifts: DayShifts) -> list[CalendarException]:
    period = _period(day, owner)
    if period is None:
        return []
    start, finish = period
    name = day.text("Name")
    number = day.integer("Type", 1, low=1, high=9)
    kind = _KINDS[number]
    item = day.integer("MonthItem", 3, high=9)
    if kind in (RecurrenceKind.MONTHLY_POSITION, RecurrenceKind.YEARLY_POSITION) and item in _DAY_SETS:
        return _expanded(day, kind, start, finish, name, shifts)
    recurrence = None if kind is None else _recurrence(day, kind, item)
    return [CalendarException(start=start, finish=finish, name=name, shifts=shifts, recurrence=recurrence)]


def _recurrence(day: Fields, kind: RecurrenceKind, item: int) -> Recurrence:
    interval = max(1, day.integer("Period", 1, high=9999))
    mask = day.integer("DaysOfWeek", 0, high=127)
    weekdays = tuple(sorted((bit - 1) % 7 for bit in range(7) if mask >> bit & 1))
    if kind in (RecurrenceKind.MONTHLY_POSITION, RecurrenceKind.YEARLY_POSITION):
        weekdays = ((item - 4) % 7,)
    return Recurrence(
        kind=kind,
        interval=interval,
        weekdays=weekdays,
        day=max(1, day.integer("MonthDay", 1, high=31)),
        position=day.integer("MonthPosition", 0, high=4) + 1,
        month=day.integer("Month", 0, high=11) + 1,
    )


def _expanded(
    day: Fields, kind: RecurrenceKind, start: date, finish: date, name: str, shifts: DayShifts
) -> list[CalendarException]:
    """The last weekday of every second month and the like have no rule in the plan: they become the days they mean."""
    weekdays = _DAY_SETS[day.integer("MonthItem", 3, high=9)]
    position = day.integer("MonthPosition", 0, high=4)
    month = day.integer("Month", 0, high=11)
    step = max(1, day.integer("Period", 1, high=9999)) if kind is RecurrenceKind.MONTHLY_POSITION else 12
    first = start.year * 12 + (start.month - 1 if kind is RecurrenceKind.MONTHLY_POSITION else month)
    found: list[CalendarException] = []
    for index in range(first, finish.year * 12 + finish.month, step):
        year, in_month = index // 12, index % 12 + 1
        days = [
            date(year, in_month, number)
            for number in range(1, monthrange(year, in_month)[1] + 1)
            if date(year, in_month, number).weekday() in weekdays
        ]
        chosen = days[-1] if position == 4 else days[position]
        if start <= chosen <= finish and len(found) < _MAX_EXPANDED:
            found.append(CalendarException(start=chosen, finish=chosen, name=name, shifts=shifts))
    return found


def _work_weeks(fields: Fields) -> Iterator[WorkWeek]:
    for element in fields.records("WorkWeeks", "WorkWeek"):
        record = Fields(element, fields.report, "WorkWeek")
        period = _period(record, fields)
        if period is None:
            continue
        week: _Week = [None] * 7
        for below in record.records("WeekDays", "WeekDay"):
            day = Fields(below, fields.report, "WeekDay")
            number = day.integer("DayType", None, high=7)
            if number:
                week[(number - 2) % 7] = _shifts(day, fields)
        yield WorkWeek(
            start=period[0],
            finish=period[1],
            name=record.text("Name"),
            week=tuple(week),  # type: ignore[arg-type]  # seven, as made above
        )
        record.count_leftovers()


def _period(record: Fields, owner: Fields) -> tuple[date, date] | None:
    for element in record.nested("TimePeriod"):
        period = Fields(element, record.report, "TimePeriod")
        start, finish = period.instant("FromDate"), period.instant("ToDate")
        if start is not None and finish is not None and start <= finish:
            last = finish.date()
            if (finish.hour, finish.minute) == (0, 0) and last > start.date():
                last -= timedelta(days=1)
            return start.date(), last
    owner.finding(
        Severity.ERROR, "bad-value", f"{record.kind} on line {record.line} must have a period from a day to a later one"
    )
    return None


def _shifts(day: Fields, owner: Fields) -> DayShifts:
    working = day.flag("DayWorking")
    times = [
        shift for element in day.records("WorkingTimes", "WorkingTime") for shift in _times(element, day.report, owner)
    ]
    return _merged(times) if working else ()


def _times(element: object, report: Report, owner: Fields) -> Iterable[Shift]:
    time = Fields(element, report, "WorkingTime")  # type: ignore[arg-type]  # an element of lxml
    start, finish = _minute(time, "FromTime", 1439), _minute(time, "ToTime", 1440)
    if start is None or finish is None:
        return ()
    # Midnight as an end is the end of the day; "from 22:00 to 06:00" works until midnight and from midnight.
    if finish > start:
        return ((start, finish),)
    if finish == 0:
        return ((start, 1440),)
    if finish == start:
        return ((0, 1440),)
    owner.finding(
        Severity.WARNING, "night-shift", f"a shift on line {time.line} ends before it starts: split at midnight"
    )
    return ((start, 1440), (0, finish))


def _minute(time: Fields, name: str, last: int) -> int | None:
    text = time.text(name)
    if not text:
        return None
    found = _TIME.fullmatch(text.rpartition("T")[2])
    minute = None if found is None else int(found[1]) * 60 + int(found[2])
    if minute is None or minute > last:
        time.wrong(name, text, "a time such as 08:00:00")
        return None
    return minute


def _merged(shifts: list[Shift]) -> DayShifts:
    """Ascending; shifts that touch or overlap become one."""
    merged: list[Shift] = []
    for start, finish in sorted(shifts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], finish))
        else:
            merged.append((start, finish))
    return tuple(merged)
