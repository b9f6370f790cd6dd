"""The days on which a recurring exception of a calendar falls, as MS Project expands them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from nirman.planning.model import Recurrence, RecurrenceKind

_LAST = 5


def occurrences(recurrence: Recurrence, start: date, finish: date) -> Iterator[date]:
    """Ascending days from `start` to `finish`, both included.

    Weeks begin on Sunday and are counted from the one that holds `start`; months from the month of `start`, or from the
    next when the day of the month has passed by then. In a month that does not have the day (31 in April) it is the
    last one.
    """
    for day in _candidates(recurrence, start, finish):
        if start <= day <= finish:
            yield day


def _candidates(recurrence: Recurrence, start: date, finish: date) -> Iterator[date]:
    match recurrence.kind:
        case RecurrenceKind.DAILY:
            for offset in range(0, (finish - start).days + 1, recurrence.interval):
                yield start + timedelta(days=offset)
        case RecurrenceKind.WEEKLY:
            yield from _weekly(recurrence, start, finish)
        case RecurrenceKind.MONTHLY_DAY | RecurrenceKind.MONTHLY_POSITION:
            passed = recurrence.kind is RecurrenceKind.MONTHLY_DAY and recurrence.day < start.day
            first = start.year * 12 + start.month - 1 + passed
            for month in range(first, finish.year * 12 + finish.month, recurrence.interval):
                yield from _in_month(recurrence, month // 12, month % 12 + 1)
        case RecurrenceKind.YEARLY_DAY | RecurrenceKind.YEARLY_POSITION:
            for year in range(start.year, finish.year + 1):
                yield from _in_month(recurrence, year, recurrence.month)


def _weekly(recurrence: Recurrence, start: date, finish: date) -> Iterator[date]:
    sunday = start.toordinal() - (start.weekday() + 1) % 7
    offsets = sorted((weekday + 1) % 7 for weekday in set(recurrence.weekdays))
    for week in range(sunday, finish.toordinal() + 1, 7 * recurrence.interval):
        for offset in offsets:
            if week + offset >= 1:
                yield date.fromordinal(week + offset)


def _in_month(recurrence: Recurrence, year: int, month: int) -> Iterator[date]:
    first_weekday, days = monthrange(year, month)
    if recurrence.kind in (RecurrenceKind.MONTHLY_DAY, RecurrenceKind.YEARLY_DAY):
        yield date(year, month, min(recurrence.day, days))
        return
    for weekday in recurrence.weekdays[:1]:
        first = 1 + (weekday - first_weekday) % 7
        last = first + (days - first) // 7 * 7
        yield date(year, month, last if recurrence.position == _LAST else first + 7 * (recurrence.position - 1))
