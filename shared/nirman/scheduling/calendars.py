"""The plan's calendars, compiled to working time; calendars of the same content share one compiled form.

A day takes its shifts from the first of these that speaks of it: an exception of the calendar, of its base, of the
base's base; then a work week of the calendar, its own week, and the same of its bases. A calendar of the plan that adds
nothing to its base is its base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice

from nirman.errors import InvalidPlanError
from nirman.planning.model import Calendar, CalendarException, DayShifts, RecurrenceKind, WorkWeek
from nirman.scheduling.instants import to_date, to_day
from nirman.scheduling.recurrence import occurrences
from nirman.scheduling.working_time import ShiftTime, WorkingTime

_Content = tuple[tuple[DayShifts | None, ...], tuple[CalendarException, ...], tuple[WorkWeek, ...]]
_RANKED = {
    RecurrenceKind.WEEKLY: 0,
    RecurrenceKind.MONTHLY_DAY: 1,
    RecurrenceKind.MONTHLY_POSITION: 1,
    RecurrenceKind.YEARLY_DAY: 2,
    RecurrenceKind.YEARLY_POSITION: 2,
    RecurrenceKind.DAILY: 3,
}
"""Where recurring exceptions meet, as in MS Project; a day named on its own counts more than any of them."""
_MONDAY = 3  # 1 January 1970 was a Thursday: day 0 has weekday 3


class Calendars:
    """Compiled calendars of one plan, by uid; `InvalidPlanError` for one that is not there or is its own base."""

    def __init__(self, calendars: Mapping[int, Calendar]) -> None:
        self._calendars = calendars
        self._compiled: dict[int, WorkingTime] = {}

    def working_time(self, uid: int) -> WorkingTime:
        compiled = self._compiled.get(uid)
        if compiled is None:
            compiled = self._compiled[uid] = _compile((self._content(uid),))
        return compiled

    def common(self, one: int, other: int) -> WorkingTime:
        """When both work."""
        contents = (self._content(one), self._content(other))
        if contents[0] == contents[1]:
            return self.working_time(one)
        return _compile(contents)

    def _content(self, uid: int) -> tuple[_Content, ...]:
        contents: list[_Content] = []
        seen: list[int] = []
        following: int | None = uid
        while following is not None:
            calendar = self._calendars.get(following)
            if calendar is None:
                raise InvalidPlanError("is named but is not in the plan", place=f"calendar {following}")
            if following in seen:
                raise InvalidPlanError("must not be its own base", place=f"calendar {following}")
            seen.append(following)
            if calendar.exceptions or calendar.work_weeks or any(day is not None for day in calendar.week):
                contents.append((calendar.week, calendar.exceptions, calendar.work_weeks))
            following = calendar.base_uid
        return tuple(contents)


@lru_cache(maxsize=512)
def _compile(calendars: tuple[tuple[_Content, ...], ...]) -> WorkingTime:
    """Working time that all of `calendars` have in common; each is a chain from the calendar to its last base."""

    def shifts_of(first: int, last: int) -> list[DayShifts]:
        days = _shifts(calendars[0], first, last)
        for chain in calendars[1:]:
            days = [_common(one, other) for one, other in zip(days, _shifts(chain, first, last), strict=True)]
        return days

    return ShiftTime(shifts_of)


def _shifts(chain: tuple[_Content, ...], first: int, last: int) -> list[DayShifts]:
    default: list[DayShifts] = [
        next((week[weekday] or () for week, _, _ in chain if week[weekday] is not None), ()) for weekday in range(7)
    ]
    days = [default[(day + _MONDAY) % 7] for day in range(first, last)]
    # From what matters least to what matters most, each overwriting the one before.
    for depth, (_, _, work_weeks) in reversed(list(enumerate(chain))):
        for work_week in reversed(work_weeks):
            for day in _within(work_week, first, last):
                weekday = (day + _MONDAY) % 7
                shifts = work_week.week[weekday]
                if shifts is not None and all(week[weekday] is None for week, _, _ in chain[:depth]):
                    days[day - first] = shifts
    for _, exceptions, _ in reversed(chain):
        ranked = sorted(enumerate(exceptions), key=lambda item: (_rank(item[1]), -item[0]))
        for _, exception in ranked:
            for day in _exceptional(exception, first, last):
                days[day - first] = exception.shifts
    return days


def _rank(exception: CalendarException) -> int:
    """What counts more ranks higher; of equals the first named counts."""
    return len(_RANKED) if exception.recurrence is None else _RANKED[exception.recurrence.kind]


def _within(period: CalendarException | WorkWeek, first: int, last: int) -> range:
    return range(max(first, to_day(period.start)), min(last, to_day(period.finish) + 1))


def _exceptional(exception: CalendarException, first: int, last: int) -> Iterable[int]:
    days = _within(exception, first, last)
    if exception.recurrence is None or not days:
        return days
    found = occurrences(exception.recurrence, exception.start, min(exception.finish, to_date(days[-1])))
    return [day for day in map(to_day, islice(found, 1_000_000)) if day >= first]


def _common(one: DayShifts, other: DayShifts) -> DayShifts:
    return tuple(
        (max(a_start, b_start), min(a_finish, b_finish))
        for a_start, a_finish in one
        for b_start, b_finish in other
        if max(a_start, b_start) < min(a_finish, b_finish)
    )
