"""A problem as the columns of numbers that the kernel reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

from nirman.optimization.solver.kernel.library import FIELDS, NEVER, NONE, NUMBER, address
from nirman.optimization.solver.problem import FROM_FINISH, TO_FINISH, Link, Mode, Part, Problem


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
        yield from (periods for part in activity.parts for periods in (part.after, part.duration))
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
    work = sum(
        max(*(mode.duration for mode in activity.modes), *(part.after + part.duration for part in activity.parts), 0)
        for activity in problem.activities
    )
    return max(after) + work + sum(max(0, link.lag) for link in problem.links) + 1


def columns_of(problem: Problem, period: int, axis: int) -> Columns:
    """Times as multiples of `period`, of which the axis has so many: nothing is scheduled beyond."""
    activities, links = problem.activities, problem.links
    modes = [mode for activity in activities for mode in activity.modes]
    parts = [part for activity in activities for part in activity.parts]
    rows: list[Mode | Part] = [*modes, *parts]
    capacity = [step for renewable in problem.renewables for step in renewable.capacity]
    intervals = [interval for calendar in problem.calendars for interval in calendar.intervals]
    counts = {
        "activities": len(activities),
        "modes": len(modes),
        "parts": len(parts),
        "links": len(links),
        "renewables": len(problem.renewables),
        "non_renewables": len(problem.non_renewables),
        "calendars": len(problem.calendars),
        "horizon": axis,
    }
    columns: dict[str, Iterable[int]] = {
        "first_mode": _firsts(len(activity.modes) for activity in activities),
        "duration": (row.duration // period for row in rows),
        "demand": _matrix((row.demands for row in rows), len(problem.renewables)),
        "consumption": _matrix((mode.consumption for mode in modes), len(problem.non_renewables)),
        "release": (activity.earliest_start // period for activity in activities),
        "deadline": (_or(NEVER, activity.latest_finish, period) for activity in activities),
        "fixed": (_or(NEVER, activity.fixed_start, period) for activity in activities),
        "splits": (int(activity.may_split) for activity in activities),
        "priority": (activity.priority for activity in activities),
        "calendar": (_or(NONE, activity.calendar) for activity in activities),
        "first_part": _firsts(len(activity.parts) for activity in activities),
        "part": (number for part in parts for number in (_or(NONE, part.calendar), part.after // period)),
        "order": problem.order(),
        "link": (number for link in links for number in _link(link, period)),
        "axis": _axes(problem),
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


def _axes(problem: Problem) -> list[int]:
    """Of each renewable the calendar that all who take of it work in, where there is one: there it has no breaks."""
    calendars: list[set[int]] = [set() for _ in problem.renewables]
    for activity in problem.activities:
        apart = activity.may_split or activity.fixed_start is not None
        takers: list[tuple[int | None, Mode | Part]] = [(part.calendar, part) for part in activity.parts]
        takers += [(None if apart else activity.calendar, mode) for mode in activity.modes]
        for calendar, taker in takers:
            for resource, units in taker.demands.items():
                if units and taker.duration:
                    calendars[resource].add(_or(NONE, calendar))
    return [found.pop() if len(found) == 1 else NONE for found in calendars]


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
