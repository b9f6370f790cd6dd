"""The use case: a plan is levelled, and the engine's schedule of what comes of it is the answer."""

from __future__ import annotations

from nirman.optimization.conflicts import Conflict, overload_of
from nirman.optimization.levelling.delays import delayed
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.locks import Lock
from nirman.optimization.levelling.report import Settled, levelled_conflicts, report
from nirman.optimization.levelling.result import Levelling
from nirman.optimization.levelling.search import Found, Search
from nirman.optimization.levelling.shop import cleared, shop_of
from nirman.optimization.options import LevelOptions
from nirman.optimization.progress import OnProgress, silent
from nirman.optimization.solver.solve import Executor
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan, ScheduleFrom
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_minutes

_ROUNDS = 5


def level(
    plan: Plan,
    options: LevelOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Levelling:
    """Delays (and splits) that keep every resource within what there is of it, for the project's earliest finish.

    Only with one worker, or without `beside`, is it reproducible. `InvalidPlanError` as for scheduling the plan.
    """
    before = schedule_plan(plan)
    base = cleared(plan)
    shop = shop_of(base, within_slack=options.within_slack)
    if plan.project.schedule_from is ScheduleFrom.FINISH or not shop.profiles or not shop.jobs:
        return report(plan, before, shop, None, options)
    search = Search(shop, options, stop, beside if options.workers > 1 else None, on_progress)
    found = search.run()
    best = _settled(shop, search, found, options)
    return report(plan, before, shop, best, options)


def _settled(shop: Shop, search: Search, found: Found, options: LevelOptions) -> Settled:
    """The engine's answer; where it is not what was meant, tasks are placed again from what it said, a few times."""
    best: Settled | None = None
    floors: dict[int, int] = {}
    for _ in range(_ROUNDS):
        result = delayed(shop, found.placed)
        conflicts = levelled_conflicts(result.plan, result.schedule)
        homeless = frozenset(shop.jobs[number].task.uid for number in found.placed.homeless)
        settled = Settled(result, found, homeless, overload_of(conflicts))
        if best is None or _key(settled, shop, options) < _key(best, shop, options):
            best = settled
        late = {n: start for n, start in result.starts.items() if n in result.astray and start > found.placed.starts[n]}
        if not late and not any(_is_unexpected(shop, conflict, homeless) for conflict in conflicts):
            break
        floors |= late
        shop = shop_of(shop.plan, within_slack=options.within_slack, now=result.schedule)
        found = search.again(shop, found, floors)
    assert best is not None, "one round at least"
    return best


def _key(settled: Settled, shop: Shop, options: LevelOptions) -> tuple[int, int, int]:
    finish = to_minutes(settled.result.schedule.project_finish)
    beyond = max(0, finish - to_minutes(shop.base.project_finish)) if options.within_slack else 0
    return beyond, settled.overload, finish


def _is_unexpected(shop: Shop, conflict: Conflict, homeless: frozenset[int]) -> bool:
    """Whether tasks that were placed where there was room are overloading the resource all the same."""
    (resource,) = conflict.resource_uids
    uids = [task.uid for task in conflict.tasks]
    known = homeless | shop.beyond.get(resource, frozenset())
    return not any(uid in known or shop.locks.get(uid) is Lock.SPANS for uid in uids) and not all(
        uid in shop.locks for uid in uids
    )
