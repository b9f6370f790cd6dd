"""Resource conflicts: where more is asked of a resource than there is of it, by how much, and by which tasks.

A conflict is as long as it can be: nights, and other time in which the resource does not work, do not end it. What is
done already is in no conflict any more. Groups, and all who have a skill, are looked at together too: there a conflict
means that handing tasks from one to the other cannot help either.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nirman.errors import InvalidPlanError
from nirman.optimization.demand import UNIT, Interval, Steps, Use, available, capacity, intervals, uses
from nirman.optimization.load import Stretch, load
from nirman.planning.model import Plan, ResourceKind
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime
from nirman.scheduling.working_time import WorkingTime


class Pool(StrEnum):
    """Who is overloaded: one resource, all of a group, all who have a skill."""

    RESOURCE = "resource"
    GROUP = "group"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class TaskShare:
    """What a task asks of the pool within a conflict; `units` at most at once, 1.0 is one person or machine."""

    uid: int
    name: str
    units: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One over-allocation. `demanded_units` and `available_units` are those of the instant where it is worst.

    `working_minutes` is how long more is asked than there is; `overload_minutes` is the work that is too much.
    """

    id: str
    """The same whenever the same pool is overloaded from the same instant on."""
    pool: Pool
    name: str
    """Of the resource, the group or the skill."""
    resource_uids: tuple[int, ...]
    start: datetime
    finish: datetime
    demanded_units: float
    available_units: float
    working_minutes: int
    overload_minutes: int
    tasks: tuple[TaskShare, ...]
    can_level: bool
    """Levelling may resolve it: all of the resources let themselves be levelled."""


def conflicts(plan: Plan, schedule: Schedule, *, pools: bool = False) -> tuple[Conflict, ...]:
    """Of every resource; with `pools` of groups and skills of several resources too. By start, then by id."""
    by_resource = uses_by_resource(uses(plan, schedule))
    found = [conflict for uid in by_resource for conflict in conflicts_of(plan, uid, by_resource[uid])]
    if pools:
        found += _pooled(plan, by_resource)
    return tuple(sorted(found, key=lambda conflict: (conflict.start, conflict.id)))


def uses_by_resource(every: Iterable[Use]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = {}
    for use in every:
        if use.left:
            found.setdefault(use.resource_uid, []).append(use)
    return found


def conflicts_of(plan: Plan, resource_uid: int, of_resource: Sequence[Use]) -> Iterator[Conflict]:
    """Of one resource, given all that is asked of it."""
    resource = plan.resources[resource_uid]
    stretches = load(((use.left, use.units) for use in of_resource), [capacity(resource)])
    uid = plan.project.calendar_uid if resource.calendar_uid is None else resource.calendar_uid
    hours = Calendars(plan.calendars).working_time(uid)
    pool = _Members(Pool.RESOURCE, resource.name, (resource_uid,), f"{Pool.RESOURCE}-{resource_uid}")
    yield from _told(plan, pool, of_resource, _runs(stretches, [hours]))


@dataclass(frozen=True, slots=True)
class _Members:
    kind: Pool
    name: str
    uids: tuple[int, ...]
    key: str


def _pooled(plan: Plan, by_resource: Mapping[int, Sequence[Use]]) -> Iterator[Conflict]:
    calendars = Calendars(plan.calendars)
    for pool in _pools(plan):
        together = [use for uid in pool.uids for use in by_resource.get(uid, ())]
        if not together:
            continue
        hours: list[WorkingTime] = []
        there: list[Steps] = []
        ends = [instant for use in together for instant in (use.left[0][0], use.left[-1][1])]
        span = (min(ends), max(ends))
        for uid in pool.uids:
            calendar_uid = plan.resources[uid].calendar_uid
            time = calendars.working_time(plan.project.calendar_uid if calendar_uid is None else calendar_uid)
            hours.append(time)
            there.append(_on_duty(capacity(plan.resources[uid]), time, span, by_resource.get(uid, ())))
        stretches = load(((use.left, use.units) for use in together), there)
        yield from _told(plan, pool, together, _runs(stretches, hours))


def _pools(plan: Plan) -> Iterator[_Members]:
    members: dict[tuple[Pool, str], list[int]] = {}
    for uid, resource in sorted(plan.resources.items()):
        if resource.kind is ResourceKind.WORK:
            if resource.group:
                members.setdefault((Pool.GROUP, resource.group), []).append(uid)
            for skill in resource.skills:
                members.setdefault((Pool.SKILL, skill), []).append(uid)
    for (kind, name), uids in members.items():
        if len(uids) > 1:
            yield _Members(kind, name, tuple(uids), f"{kind}-{name}")


def _on_duty(steps: Steps, time: WorkingTime, span: Interval, of_resource: Sequence[Use]) -> Steps:
    """Capacity of a member while its calendar works, or it works all the same; in `span` alone."""
    try:
        shifts = intervals(time, *span)
    except InvalidPlanError:  # it never works
        shifts = []
    on = [(stretch.start, stretch.finish) for stretch in load([(shifts, 1), *((u.left, 1) for u in of_resource)], [])]
    found = [(span[0] - 1, 0)]
    for start, finish in on:
        inner = [instant for instant, _ in steps if start < instant < finish]
        found += [(instant, available(steps, instant)) for instant in (start, *inner)]
        found.append((finish, 0))
    return tuple(sorted(dict(found).items()))


def _runs(stretches: Iterable[Stretch], hours: Sequence[WorkingTime]) -> Iterator[list[Stretch]]:
    """Overloaded stretches that nothing but idle time keeps apart."""
    run: list[Stretch] = []
    for stretch in stretches:
        if run and not (stretch.overload and _only_idle_between(run[-1].finish, stretch.start, hours)):
            yield run
            run = []
        if stretch.overload:
            run.append(stretch)
    if run:
        yield run


def _only_idle_between(start: int, finish: int, hours: Sequence[WorkingTime]) -> bool:
    if start == finish:
        return True
    try:
        return all(time.between(start, finish) == 0 for time in hours)
    except InvalidPlanError:  # of a calendar that never works
        return True


def _told(plan: Plan, pool: _Members, of_pool: Sequence[Use], runs: Iterable[Sequence[Stretch]]) -> Iterator[Conflict]:
    every = list(runs)
    if not every:
        return
    shares = _shares(of_pool, every)
    for run, of_run in zip(every, shares, strict=True):
        worst = max(run, key=lambda stretch: stretch.overload)
        start = to_datetime(run[0].start)
        yield Conflict(
            id=f"{pool.key}-{start:%Y%m%dT%H%M}",
            pool=pool.kind,
            name=pool.name,
            resource_uids=pool.uids,
            start=start,
            finish=to_datetime(run[-1].finish),
            demanded_units=worst.demand / UNIT,
            available_units=worst.capacity / UNIT,
            working_minutes=sum(stretch.finish - stretch.start for stretch in run),
            overload_minutes=round(sum((s.finish - s.start) * s.overload for s in run) / UNIT),
            tasks=tuple(TaskShare(uid, plan.tasks[uid].name, units / UNIT) for uid, units in sorted(of_run.items())),
            can_level=all(plan.resources[uid].can_level for uid in pool.uids),
        )


def _shares(of_pool: Sequence[Use], runs: Sequence[Sequence[Stretch]]) -> list[dict[int, int]]:
    """By run: the tasks that ask for anything in its overloaded stretches, and for how much."""
    stretches = [(stretch.start, stretch.finish, number) for number, run in enumerate(runs) for stretch in run]
    starts = [start for start, _, _ in stretches]
    found: list[dict[int, int]] = [{} for _ in runs]
    for use in of_pool:
        met: set[int] = set()
        for start, finish in use.left:
            place = max(0, bisect_right(starts, start) - 1)
            while place < len(stretches) and stretches[place][0] < finish:
                if stretches[place][1] > start:
                    met.add(stretches[place][2])
                place += 1
        for number in met:
            found[number][use.task_uid] = found[number].get(use.task_uid, 0) + use.units
    return found


def overload_of(every: Sequence[Conflict]) -> int:
    """Minutes of work that are too much, of conflicts of single resources."""
    return sum(conflict.overload_minutes for conflict in every if conflict.pool is Pool.RESOURCE)
