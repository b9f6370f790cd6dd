"""What the engine makes of places that were found, and the best of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nirman.optimization.conflicts import Conflict, conflicts_of, overload_of, uses_by_resource
from nirman.optimization.demand import uses
from nirman.optimization.levelling.delays import Delayed, delayed
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.late import as_late
from nirman.optimization.levelling.locks import Lock
from nirman.optimization.levelling.placing import Placed
from nirman.optimization.levelling.shop import levelled_resources
from nirman.optimization.options import LevelOptions
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.instants import to_minutes

_STEPS = 20


@dataclass(frozen=True, slots=True)
class Settled:
    """What the engine made of what was found. `homeless` are uids; `overload` minutes of work."""

    result: Delayed
    placed: Placed
    homeless: frozenset[int]
    conflicts: tuple[Conflict, ...]
    overload: int
    key: tuple[int, int, int, int]
    """Less is better: minutes beyond the finish that is to stay, overload in steps, the finish, overload."""

    @property
    def finish(self) -> int:
        return self.key[2]


def settled(shop: Shop, placed: Placed, options: LevelOptions) -> Settled:
    result = in_full(shop, delayed(shop, placed))
    return weighed(shop, result, placed, options)


def in_full(shop: Shop, result: Delayed) -> Delayed:
    """What goes as late as possible does so again."""
    if not shop.late:
        return result
    plan = as_late(result.plan, shop.late)
    schedule = schedule_plan(plan)
    rows = schedule.network.rows
    starts = {job.number: rows.task(rows.row_of[job.task.uid], "start") for job in shop.jobs}
    return replace(result, plan=plan, schedule=schedule, starts=starts)


def weighed(shop: Shop, result: Delayed, placed: Placed, options: LevelOptions) -> Settled:
    conflicts = tuple(levelled_conflicts(result.plan, result.schedule))
    overload = overload_of(conflicts)
    finish = to_minutes(result.schedule.project_finish)
    beyond = max(0, finish - to_minutes(shop.base.project_finish)) if options.within_slack else 0
    homeless = frozenset(shop.jobs[number].task.uid for number in placed.homeless)
    steps = overload if options.within_slack else in_steps(overload, shop.overload)
    return Settled(result, placed, homeless, conflicts, overload, (beyond, steps, finish, overload))


def in_steps(overload: int, before: int) -> int:
    """Twentieths of what was too much before, rounded up: 0 only of nothing. Less is not worth a later finish."""
    return -(-_STEPS * overload // before) if before else overload


def overload_before(plan: Plan, schedule: Schedule) -> int:
    return overload_of(tuple(levelled_conflicts(plan, schedule)))


def levelled_conflicts(plan: Plan, schedule: Schedule) -> list[Conflict]:
    """Of resources that are levelled."""
    levelled = levelled_resources(plan)
    of_resources = uses_by_resource(uses(plan, schedule))
    return [found for uid in of_resources if uid in levelled for found in conflicts_of(plan, uid, of_resources[uid])]


def makespan(schedule: Schedule, finish: int) -> int:
    """Working minutes of the project's calendar from the project's start until an instant."""
    network = schedule.network
    time = network.rows.timetable[network.setting("base_calendar")]
    return time.between(to_minutes(schedule.project_start), finish)


def gap(schedule: Schedule, finish: int, bound: int) -> float:
    """By which share of the makespan a plan may be too long, 0 to 1, when none finishes before `bound`."""
    whole = makespan(schedule, finish)
    return (whole - makespan(schedule, min(bound, finish))) / whole if whole else 0.0


def later_than_meant(one: Settled) -> Mapping[int, int]:
    """Starts, by job, of those that the engine has later than they were placed."""
    starts, placed = one.result.starts, one.placed.starts
    return {n: start for n, start in starts.items() if n in one.result.astray and start > placed[n]}


def is_as_meant(shop: Shop, one: Settled) -> bool:
    """No task is later than it was placed, nor does any conflict remain that was not expected."""
    unexpected = any(_is_unexpected(shop, conflict, one.homeless) for conflict in one.conflicts)
    return not later_than_meant(one) and not unexpected


def _is_unexpected(shop: Shop, conflict: Conflict, homeless: frozenset[int]) -> bool:
    """Whether tasks that were placed where there was room are overloading the resource all the same."""
    (resource,) = conflict.resource_uids
    uids = [task.uid for task in conflict.tasks]
    known = homeless | shop.beyond.get(resource, frozenset())
    return not any(uid in known or shop.locks.get(uid) is Lock.SPANS for uid in uids) and not all(
        uid in shop.locks for uid in uids
    )
