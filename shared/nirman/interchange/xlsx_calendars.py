"""Calendars as rows: a rule a row."""

from __future__ import annotations

from calendar import day_abbr, month_abbr
from collections.abc import Iterator, Mapping
from itertools import starmap

from nirman.interchange.text import clock
from nirman.interchange.xlsx_table import DATE, WHOLE, Column, Row, Value
from nirman.planning.model import Calendar, DayShifts, Recurrence, RecurrenceKind, Week

CALENDAR_COLUMNS = (
    Column("Calendar", 36),
    Column("Rule", 12),
    Column("Name", 40),
    Column("From", 12, DATE),
    Column("To", 12, DATE),
    Column("Day", 24),
    Column("Working time", 30),
    Column("Estimated", 10),
    Column("Based on", 36),
    Column("UID", 8, WHOLE),
)
_POSITIONS = ("first", "second", "third", "fourth", "last")


def calendar_rows(calendars: Mapping[int, Calendar]) -> Iterator[Row]:
    for calendar in calendars.values():
        base = "" if calendar.base_uid is None else calendars[calendar.base_uid].name
        for rule in _rules(calendar):
            yield Row((calendar.name, *rule, base, calendar.uid))


def _rules(calendar: Calendar) -> Iterator[tuple[Value, ...]]:
    """From the rule's kind to whether it is estimated."""
    for day, hours in _days(calendar.week):
        yield ("week", "", None, None, day, hours, "")
    for work_week in calendar.work_weeks:
        for day, hours in _days(work_week.week):
            yield ("work week", work_week.name, work_week.start, work_week.finish, day, hours, "")
    for exception in calendar.exceptions:
        day, hours = recurrence_text(exception.recurrence), _hours(exception.shifts)
        estimated = "estimated" if exception.estimated else ""
        yield ("exception", exception.name, exception.start, exception.finish, day, hours, estimated)


def _days(week: Week) -> Iterator[tuple[str, str]]:
    """Those of which the week says something, and the hours."""
    return ((day_abbr[weekday], _hours(shifts)) for weekday, shifts in enumerate(week) if shifts is not None)


def _hours(shifts: DayShifts) -> str:
    return ", ".join(starmap(_shift, shifts)) or "off"


def _shift(start: int, finish: int) -> str:
    return f"{clock(start)}–{clock(finish)}"


def recurrence_text(rule: Recurrence | None) -> str:
    """In words: `every 2 weeks on Mon, Thu`, `first Sun of every month`."""
    if rule is None:
        return ""
    every = "every" if rule.interval == 1 else f"every {rule.interval}"
    plural = "" if rule.interval == 1 else "s"
    days = ", ".join(day_abbr[weekday] for weekday in rule.weekdays)
    position = f"{_POSITIONS[rule.position - 1]} {days}"
    match rule.kind:
        case RecurrenceKind.DAILY:
            return f"{every} day{plural}"
        case RecurrenceKind.WEEKLY:
            return f"{every} week{plural} on {days}"
        case RecurrenceKind.MONTHLY_DAY:
            return f"day {rule.day} of {every} month{plural}"
        case RecurrenceKind.MONTHLY_POSITION:
            return f"{position} of {every} month{plural}"
        case RecurrenceKind.YEARLY_DAY:
            return f"{rule.day} {month_abbr[rule.month]} of every year"
        case RecurrenceKind.YEARLY_POSITION:
            return f"{position} of {month_abbr[rule.month]} of every year"
