"""Other hours than usual: longer days, or a shift after the last, as the values of a calendar.

An ordinary day of work is lengthened by at most two hours, to no more than ten, and a week to no more than sixty
(Bangladesh Labour Act 2006, sections 100 and 102). A second shift is eight hours at most, begins when the last shift
ends and ends at midnight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from nirman.optimization.demand import Interval, intervals
from nirman.planning.model import DayShifts
from nirman.scheduling.instants import DAY, to_date
from nirman.scheduling.working_time import WorkingTime

MOST_LONGER_MINUTES = 120
MOST_DAY_MINUTES = 600
MOST_WEEK_MINUTES = 3600
SHIFT_MINUTES = 480
LEAST_SHIFT_MINUTES = 240
MOST_DAYS = 366
"""For so long a calendar says other hours; then the usual ones return."""
_SUNDAY = 4
"""Day 0, 1 January 1970, was a Thursday."""


def day_shifts(time: WorkingTime, day: int) -> DayShifts:
    """In minutes after midnight."""
    midnight = day * DAY
    return tuple((start - midnight, finish - midnight) for start, finish in intervals(time, midnight, midnight + DAY))


def longer_days(time: WorkingTime, first: int, last: int) -> Mapping[int, DayShifts]:
    """The days from first to last, both included, that can be longer, with all their shifts."""
    found: dict[int, DayShifts] = {}
    for _, week in groupby(range(first, last + 1), key=lambda day: (day + _SUNDAY) // 7):
        days = {day: day_shifts(time, day) for day in week}
        left = MOST_WEEK_MINUTES - sum(map(_minutes, days.values()))
        for day, shifts in days.items():
            more = min(MOST_LONGER_MINUTES, MOST_DAY_MINUTES - _minutes(shifts), left)
            more = min(more, DAY - shifts[-1][1]) if shifts else 0
            if more > 0:
                left -= more
                found[day] = (*shifts[:-1], (shifts[-1][0], shifts[-1][1] + more))
    return found


def added(longer: Mapping[int, DayShifts], time: WorkingTime) -> list[Interval]:
    """When work goes on that did not: the ends of the longer days."""
    ends = ((day, day_shifts(time, day)[-1][1], shifts[-1][1]) for day, shifts in longer.items())
    return [(day * DAY + usual, day * DAY + end) for day, usual, end in ends]


def second_shift(shifts: DayShifts) -> DayShifts:
    """After the last of the day; none where there is too little left of the day, or it is a day off."""
    if not shifts:
        return ()
    end = shifts[-1][1]
    minutes = min(SHIFT_MINUTES, DAY - end)
    return ((end, end + minutes),) if minutes >= LEAST_SHIFT_MINUTES else ()


def exceptions(days: Mapping[int, DayShifts], name: str) -> list[dict[str, Any]]:
    """Plain values of calendar exceptions; one for days on end that are alike."""
    return [
        {
            "name": name,
            "start": to_date(run[0]).isoformat(),
            "finish": to_date(run[-1]).isoformat(),
            "shifts": [list(shift) for shift in days[run[0]]],
        }
        for run in _runs(days)
    ]


def reshaped(
    time: WorkingTime, first: int, last: int, shape: Callable[[DayShifts], DayShifts], name: str
) -> dict[str, Any]:
    """Values of a calendar with a shape of each day's shifts: a week, and the days from first to last that differ.

    Each day of the week is as most of these days are.
    """
    days = {day: shape(day_shifts(time, day)) for day in range(first, last + 1)}
    week: list[DayShifts] = []
    for weekday in range(7):
        alike = Counter(shifts for day, shifts in days.items() if _weekday(day) == weekday)
        week.append(max(alike, key=lambda shifts: (alike[shifts], shifts), default=()))
    unusual = {day: shifts for day, shifts in days.items() if shifts != week[_weekday(day)]}
    return {
        "name": name,
        "week": [[list(shift) for shift in shifts] for shifts in week],
        "exceptions": exceptions(unusual, name),
    }


def _runs(days: Mapping[int, DayShifts]) -> Iterator[Sequence[int]]:
    run: list[int] = []
    for day in sorted(days):
        if run and (day != run[-1] + 1 or days[day] != days[run[-1]]):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _minutes(shifts: DayShifts) -> int:
    return sum(finish - start for start, finish in shifts)


def _weekday(day: int) -> int:
    """Monday 0."""
    return (day + 3) % 7
