"""The use case: a plan is levelled, and the engine's schedule of what comes of it is the answer."""

from __future__ import annotations

from dataclasses import replace

from nirman.optimization.direction import NOT_LEVELLED_BACK, check_from_start
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.late import as_late, as_soon
from nirman.optimization.levelling.late_rounds import with_late_tasks
from nirman.optimization.levelling.locks import Lock
from nirman.optimization.levelling.report import report
from nirman.optimization.levelling.result import Levelling
from nirman.optimization.levelling.search import Found, Search
from nirman.optimization.levelling.settling import Settled, is_as_meant, later_than_meant, overload_before, settled
from nirman.optimization.levelling.shop import cleared, shop_of
from nirman.optimization.options import LevelOptions
from nirman.optimization.progress import OnProgress, Progress, silent
from nirman.optimization.solver.solve import Executor
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan

_MORE_ROUNDS = 4


def level(
    plan: Plan,
    options: LevelOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Levelling:
    """Delays (and splits) that keep every resource within what there is of it, for the project's earliest finish.

    Only with one worker, or without `beside`, is it reproducible. `InvalidPlanError` as for scheduling the plan;
    `InvalidInputError` for one that is scheduled from its finish.
    """
    check_from_start(plan, NOT_LEVELLED_BACK)
    before = schedule_plan(plan)
    base, late = as_soon(cleared(plan))
    shop = shop_of(base, within_slack=options.within_slack)
    shop = replace(shop, late=late, overload=overload_before(base, shop.base))
    answer = None
    if shop.profiles and shop.jobs:
        search = Search(shop, options, stop, beside if options.workers > 1 else None, on_progress)
        found = search.run()
        answer = _answer(shop, search, found, options, stop), found
    result = report(plan, before, _told(shop), answer, options)
    on_progress(_said(result))
    return result


def _told(shop: Shop) -> Shop:
    """The shop of the plan as it is, in which late tasks go as late as possible."""
    if not shop.late:
        return shop
    plan = as_late(shop.plan, shop.late)
    locks = {**shop.locks, **dict.fromkeys(shop.late, Lock.LATE)}
    return replace(shop, plan=plan, base=schedule_plan(plan), locks=locks)


def _answer(shop: Shop, search: Search, found: Found, options: LevelOptions, stop: StopCriterion) -> Settled:
    known = search.settled
    if not shop.late:
        _, best = _settled(shop, search, found, known, options, stop)
        return min(best, known, key=_key)
    soon, one = _settled(replace(shop, late=frozenset()), search, found, None, options, stop)
    shop = replace(soon, late=shop.late)
    return with_late_tasks(shop, one.placed, known, options, stop)


def _settled(
    shop: Shop, search: Search, found: Found, known: Settled | None, options: LevelOptions, stop: StopCriterion
) -> tuple[Shop, Settled]:
    """The engine's answer; where it is not what was meant, tasks are placed again from what it said, a few times."""
    best = one = known if known and known.placed is found.placed else settled(shop, found.placed, options)
    of_best = shop
    floors: dict[int, int] = {}
    for _ in range(_MORE_ROUNDS):
        if is_as_meant(shop, one) or stop():
            break
        floors |= later_than_meant(one)
        again = shop_of(shop.plan, within_slack=options.within_slack, now=one.result.schedule)
        shop = replace(again, overload=shop.overload)
        found = search.again(shop, found, floors)
        one = settled(shop, found.placed, options)
        if one.key < best.key:
            of_best, best = shop, one
    return of_best, best


def _key(one: Settled) -> tuple[int, int, int, int]:
    return one.key


def _said(result: Levelling) -> Progress:
    return Progress(
        phase="levelling",
        done=1.0,
        finish=result.finish,
        bound=result.lower_bound_finish,
        gap=result.gap,
    )
