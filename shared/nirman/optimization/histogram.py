"""The resource histogram: what is asked of each resource by day, week or month, and what there is.

Work is in minutes of one unit: two masons for an hour are 120. Capacity counts the hours of the resource's calendar.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.optimization.demand import UNIT, Interval, Steps, Use, available, capacity, uses
from nirman.optimization.load import load
from nirman.planning.model import Plan, ResourceKind
from nirman.planning.periods import Period, boundaries
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import DAY, to_date
from nirman.scheduling.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class TaskWork:
    uid: int
    demand_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One period of one resource, from `start` until the day before `end`.

    `overload_minutes` is the work beyond what there is at the time. `peak_units` and `capacity_units` are the most at
    once. `utilization_percent` is demand by capacity; None without capacity.
    """

    start: date
    end: date
    demand_minutes: int
    done_minutes: int
    """Of the demand, what is done already."""
    capacity_minutes: int
    overload_minutes: int
    peak_units: float
    capacity_units: float
    utilization_percent: float | None
    tasks: tuple[TaskWork, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceHistogram:
    resource_uid: int
    name: str
    bars: tuple[Bar, ...]
    """Of all periods, also those in which nothing is asked for."""
    utilization_percent: float | None
    """Of the whole time."""


def histogram(
    plan: Plan,
    schedule: Schedule,
    period: Period,
    *,
    resource_uids: Iterable[int] | None = None,
    by_task: bool = False,
) -> tuple[ResourceHistogram, ...]:
    """Of people and machines (None: of all), over the periods in which anything is asked of any of them.

    `InvalidInputError` for a resource that is not there or does not work, and for too many periods.
    """
    chosen = _chosen(plan, resource_uids)
    by_resource: dict[int, list[Use]] = {uid: [] for uid in chosen}
    for use in uses(plan, schedule):
        if use.resource_uid in by_resource:
            by_resource[use.resource_uid].append(use)
    worked = [part for of_resource in by_resource.values() for use in of_resource for part in (use.done, use.left)]
    spans = [(part[0][0], part[-1][1]) for part in worked if part]
    if not spans:
        return tuple(_histogram(plan, uid, (), [], by_task=by_task) for uid in chosen)
    days = boundaries(period, min(start for start, _ in spans), max(finish for _, finish in spans))
    edges = [day * DAY for day in days]
    return tuple(_histogram(plan, uid, by_resource[uid], edges, by_task=by_task) for uid in chosen)


def _chosen(plan: Plan, uids: Iterable[int] | None) -> list[int]:
    working = [uid for uid, resource in plan.resources.items() if resource.kind is ResourceKind.WORK]
    if uids is None:
        return sorted(working)
    chosen = list(dict.fromkeys(uids))
    for uid in chosen:
        if uid not in working:
            raise InvalidInputError(f"there is no resource {uid} that works", place="resource")
    return chosen


@dataclass(slots=True)
class _Sum:
    """Of one period, in ten-thousandths of unit-minutes."""

    demand: int = 0
    done: int = 0
    overload: int = 0
    peak: int = 0


def _histogram(
    plan: Plan, uid: int, of_resource: Sequence[Use], edges: Sequence[int], *, by_task: bool
) -> ResourceHistogram:
    resource = plan.resources[uid]
    steps = capacity(resource)
    sums = [_Sum() for _ in edges[1:]]
    demands = [(part, use.units) for use in of_resource for part in (use.done, use.left)]
    for stretch in load(demands, [steps]):
        for place, minutes in _shared((stretch.start, stretch.finish), edges):
            sums[place].demand += minutes * stretch.demand
            sums[place].overload += minutes * stretch.overload
            sums[place].peak = max(sums[place].peak, stretch.demand)
    for use in of_resource:
        for interval in use.done:
            for place, minutes in _shared(interval, edges):
                sums[place].done += minutes * use.units
    by_period = _by_task(of_resource, edges) if by_task else [{} for _ in sums]
    calendar_uid = plan.project.calendar_uid if resource.calendar_uid is None else resource.calendar_uid
    time = Calendars(plan.calendars).working_time(calendar_uid)
    there = [_capacity(steps, time, start, finish) for start, finish in pairwise(edges)]
    bars = tuple(
        Bar(
            start=to_date(start // DAY),
            end=to_date(finish // DAY),
            demand_minutes=_minutes(total.demand),
            done_minutes=_minutes(total.done),
            capacity_minutes=_minutes(minutes),
            overload_minutes=_minutes(total.overload),
            peak_units=total.peak / UNIT,
            capacity_units=most / UNIT,
            utilization_percent=_percent(total.demand, minutes),
            tasks=tuple(TaskWork(task, _minutes(work)) for task, work in sorted(tasks.items())),
        )
        for (start, finish), total, (minutes, most), tasks in zip(pairwise(edges), sums, there, by_period, strict=True)
    )
    whole = _percent(sum(total.demand for total in sums), sum(minutes for minutes, _ in there))
    return ResourceHistogram(resource_uid=uid, name=resource.name, bars=bars, utilization_percent=whole)


def _shared(interval: Interval, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Places of the periods that an interval lies in, and how many of its minutes each has."""
    start, finish = interval
    place = bisect_right(edges, start) - 1
    while start < finish:
        until = min(finish, edges[place + 1])
        yield place, until - start
        start, place = until, place + 1


def _by_task(of_resource: Sequence[Use], edges: Sequence[int]) -> list[dict[int, int]]:
    found: list[dict[int, int]] = [{} for _ in edges[1:]]
    for use in of_resource:
        for interval in (*use.done, *use.left):
            for place, minutes in _shared(interval, edges):
                found[place][use.task_uid] = found[place].get(use.task_uid, 0) + minutes * use.units
    return found


def _capacity(steps: Steps, time: WorkingTime, start: int, finish: int) -> tuple[int, int]:
    """Ten-thousandths of unit-minutes that there are from start to finish, and of units at most at once."""
    edges = [start, *(instant for instant, _ in steps if start < instant < finish), finish]
    total = most = 0
    for since, until in pairwise(edges):
        try:
            minutes = time.between(since, until)
        except InvalidPlanError:  # a calendar that never works
            minutes = 0
        units = available(steps, since)
        total += minutes * units
        most = max(most, units if minutes else 0)
    return total, most


def _minutes(ten_thousandths: int) -> int:
    return round(ten_thousandths / UNIT)


def _percent(demand: int, there: int) -> float | None:
    return round(100 * demand / there, 2) if there else None
