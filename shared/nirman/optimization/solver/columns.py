"""A problem as the columns of numbers that the kernel reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

from nirman.optimization.solver.kernel.library import FIELDS, NEVER, NONE, NUMBER, address
from nirman.optimization.solver.problem import FROM_FINISH, TO_FINISH, Link, Problem


@dataclass(frozen=True, slots=True)
class Columns:
    """`fields` are numbers and addresses of `columns`, which must live as long as the kernel reads them."""

    fields: array[int]
    columns: tuple[array[int], ...]


def common_period(problem: Problem) -> int:
    """Every time of the problem is a multiple of it, latest finishes apart, and so are times of its best schedules."""
    found = 0
    for number in _times(problem):
        found = gcd(found, number)
        if found == 1:
            break
    return found or 1


def _times(problem: Problem) -> Iterator[int]:
    for activity in problem.activities:
        yield from (mode.duration for mode in activity.modes)
        yield activity.earliest_start
        yield activity.fixed_start or 0
    yield from (link.lag for link in problem.links)
    for renewable in problem.renewables:
        yield from (period for period, _ in renewable.capacity)
    for calendar in problem.calendars:
        yield from (end for interval in calendar.intervals for end in interval)


def horizon(problem: Problem) -> int:
    """By when everything can be done one after the other, where it can be done at all."""
    after = [0]
    after += [period for renewable in problem.renewables for period, _ in renewable.capacity]
    for activity in problem.activities:
        after += [activity.earliest_start, activity.fixed_start or 0]
    after += [calendar.intervals[-1][1] for calendar in problem.calendars]
    work = sum(max(mode.duration for mode in activity.modes) for activity in problem.activities)
    return max(after) + work + sum(max(0, link.lag) for link in problem.links) + 1


def columns_of(problem: Problem, period: int, axis: int) -> Columns:
    """Times as multiples of `period`, of which the axis has so many: nothing is scheduled beyond."""
    activities, links = problem.activities, problem.links
    modes = [mode for activity in activities for mode in activity.modes]
    capacity = [step for renewable in problem.renewables for step in renewable.capacity]
    intervals = [interval for calendar in problem.calendars for interval in calendar.intervals]
    counts = {
        "activities": len(activities),
        "modes": len(modes),
        "links": len(links),
        "renewables": len(problem.renewables),
        "non_renewables": len(problem.non_renewables),
        "calendars": len(problem.calendars),
        "horizon": axis,
    }
    columns: dict[str, Iterable[int]] = {
        "first_mode": _firsts(len(activity.modes) for activity in activities),
        "duration": (mode.duration // period for mode in modes),
        "demand": _matrix((mode.demands for mode in modes), len(problem.renewables)),
        "consumption": _matrix((mode.consumption for mode in modes), len(problem.non_renewables)),
        "release": (activity.earliest_start // period for activity in activities),
        "deadline": (_or(NEVER, activity.latest_finish, period) for activity in activities),
        "fixed": (_or(NEVER, activity.fixed_start, period) for activity in activities),
        "splits": (int(activity.may_split) for activity in activities),
        "priority": (activity.priority for activity in activities),
        "calendar": (_or(NONE, activity.calendar) for activity in activities),
        "order": problem.order(),
        "link": (number for link in links for number in _link(link, period)),
        "first_capacity": _firsts(len(renewable.capacity) for renewable in problem.renewables),
        "capacity_from": (start // period for start, _ in capacity),
        "capacity": (units for _, units in capacity),
        "total": (resource.total for resource in problem.non_renewables),
        "first_interval": _firsts(len(calendar.intervals) for calendar in problem.calendars),
        "interval": (end // period for interval in intervals for end in interval),
    }
    made = {name: array(NUMBER, column) for name, column in columns.items()}
    fields = [counts[name] if name in counts else address(made[name]) for name in FIELDS]
    return Columns(array("q", fields), tuple(made.values()))


def _firsts(lengths: Iterable[int]) -> Iterator[int]:
    return accumulate(lengths, initial=0)


def _matrix(rows: Iterable[Mapping[int, int]], width: int) -> Iterator[int]:
    for row in rows:
        yield from (row.get(place, 0) for place in range(width))


def _or(otherwise: int, value: int | None, period: int = 1) -> int:
    return otherwise if value is None else value // period


def _link(link: Link, period: int) -> tuple[int, ...]:
    ends = (int(link.relation in FROM_FINISH), int(link.relation in TO_FINISH))
    return (link.predecessor, link.successor, *ends, link.lag // period, _or(NONE, link.calendar))
