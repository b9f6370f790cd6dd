"""The use case: a plan is levelled, and the engine's schedule of what comes of it is the answer."""

from __future__ import annotations

from nirman.optimization.direction import NOT_LEVELLED_BACK, check_from_start
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.report import report
from nirman.optimization.levelling.result import Levelling
from nirman.optimization.levelling.search import Found, Search
from nirman.optimization.levelling.settling import Settled, is_as_meant, later_than_meant, settled
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
    base = cleared(plan)
    shop = shop_of(base, within_slack=options.within_slack)
    answer = None
    if shop.profiles and shop.jobs:
        search = Search(shop, options, stop, beside if options.workers > 1 else None, on_progress)
        found = search.run()
        answer = _settled(shop, search, found, options), found
    result = report(plan, before, shop, answer, options)
    on_progress(_said(result))
    return result


def _settled(shop: Shop, search: Search, found: Found, options: LevelOptions) -> Settled:
    """The engine's answer; where it is not what was meant, tasks are placed again from what it said, a few times."""
    known = search.settled
    best = one = known if known.placed is found.placed else settled(shop, found.placed, options)
    floors: dict[int, int] = {}
    for _ in range(_MORE_ROUNDS):
        if is_as_meant(shop, one):
            break
        floors |= later_than_meant(one)
        shop = shop_of(shop.plan, within_slack=options.within_slack, now=one.result.schedule)
        found = search.again(shop, found, floors)
        one = settled(shop, found.placed, options)
        best = min(best, one, key=_key)
    return min(best, known, key=_key)


def _key(one: Settled) -> tuple[int, int, int]:
    return one.key


def _said(result: Levelling) -> Progress:
    return Progress(
        phase="levelling",
        done=1.0,
        finish=result.finish,
        bound=result.lower_bound_finish,
        gap=result.gap,
    )
