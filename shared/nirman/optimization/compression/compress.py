"""A plan made faster, or as fast as pays: the use case."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from nirman.errors import InvalidInputError
from nirman.optimization.compression import aims
from nirman.optimization.compression.held import held_by
from nirman.optimization.compression.market import market
from nirman.optimization.compression.money import figures
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.report import moves, overlaps, points, shortened
from nirman.optimization.compression.result import Compression, CurvePoint, Status
from nirman.optimization.compression.rework import rework_of
from nirman.optimization.compression.search import Search
from nirman.optimization.days import Days
from nirman.optimization.direction import NOT_COMPRESSED_BACK, check_from_start
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.progress import OnProgress, Progress, silent
from nirman.optimization.stop import StopCriterion
from nirman.planning.change import apply
from nirman.planning.float_paths import longest_path
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_datetime, to_minutes

if TYPE_CHECKING:
    from nirman.optimization.solver.companion import Executor

_NOTHING = Decimal(0)
_REPORTS = 3
"""What is said of a proposal takes about so many times as long as reading the plan: the search leaves it that time."""


def compress(
    plan: Plan,
    options: CompressOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Compression:
    """What `options` ask for, at the least cost; all dates and costs are the engine's of the plan as proposed.

    `InvalidInputError` for options that contradict one another, and for a plan that is scheduled from its finish. A
    search that is ended early gives the best it has, with how much better there may be. `beside` lets the solver work
    in another thread, so that `stop` is heard at any time.
    """
    if sum((options.finish is not None, options.budget is not None, options.curve)) > 1:
        raise InvalidInputError("ask for a finish, for a budget or for the curve, not for several of them")
    if options.budget is not None and not (options.budget.is_finite() and options.budget >= 0):
        raise InvalidInputError("must be a number, not negative", place="budget")
    check_from_start(plan, NOT_COMPRESSED_BACK)
    return _Compressing(plan, options, stop, beside, on_progress).result()


class _Compressing:
    def __init__(
        self,
        plan: Plan,
        options: CompressOptions,
        stop: StopCriterion,
        beside: Executor | None,
        on_progress: OnProgress,
    ) -> None:
        self._plan, self._options, self._stop, self._on_progress = plan, options, stop, on_progress
        self._heard: tuple[int, int] | None = None
        began = stop.elapsed
        self._schedule = schedule_plan(plan)
        self._days = Days(plan, self._schedule.project_start)
        self._market, self._left_out = market(plan, self._schedule, options.method)
        self._search = Search(plan, self._schedule, self._market, options, stop, beside)
        self._search.reserve(min(_REPORTS * (stop.elapsed - began), options.time_limit_s / 2))
        self._notes: list[str] = [f"the model leaves to the engine: {what}" for what in self._search.model.loose]
        if not self._search.sound:
            self._notes.append("the engine finishes something earlier than the model allows: no bound is proven")
        if not (self._market.offers or self._market.leads):
            self._notes.append(_nothing_on_offer(options.method, entered=bool(self._left_out)))

    def result(self) -> Compression:
        options = self._options
        if options.curve:
            return self._curve()
        if options.budget is not None:
            return self._within(options.budget)
        if options.finish is not None:
            return self._by(options.finish)
        return self._cheapest()

    def _hear(self, percent: int, choice: Choice) -> None:
        finish = self._search.finish(choice)
        if self._heard is None or (percent, finish) != self._heard:
            self._heard = (percent, finish)
            cost = self._market.cost(choice)
            done = max(0.0, min(0.99, percent / 100))
            self._on_progress(Progress(phase="compression", done=done, finish=to_datetime(finish), cost=cost))

    def _by(self, finish: datetime) -> Compression:
        self._hear(0, self._market.nothing)
        answer = self._search.cheapest(to_minutes(finish))
        if answer.choice is None:
            return self._unreachable(finish, proven=answer.proven)
        status = Status.OPTIMAL if answer.proven else Status.FEASIBLE
        if answer.choice == self._market.nothing:
            self._notes.append("the plan as it is finishes by then")
        return self._proposed(answer.choice, status, bound=answer.bound, due=finish)

    def _unreachable(self, finish: datetime, *, proven: bool) -> Compression:
        everything = self._market.everything
        reached, is_earliest = aims.fastest(self._search)
        which = "the earliest finish" if is_earliest else "the earliest finish that was found"
        self._notes.append(
            f"{which} is {to_datetime(reached):%Y-%m-%d %H:%M}, with all that is on offer on the path that decides it;"
            f" {finish:%Y-%m-%d %H:%M} was asked for"
        )
        if not proven and not (is_earliest and to_minutes(finish) < reached):
            self._notes.append(
                f"that nothing finishes by {finish:%Y-%m-%d %H:%M} is not proven: no way to it was found"
            )
        schedule = self._search.proposals.scheduled(everything)
        before = figures(self._plan, self._schedule, self._days)
        return Compression(
            status=Status.INFEASIBLE,
            before=before,
            after=before,
            cost=_NOTHING,
            critical=longest_path(self._plan, self._schedule),
            reachable=to_datetime(reached),
            held_by=held_by(schedule, self._market, everything, self._left_out),
            left_out=self._left_out,
            notes=tuple(self._notes),
            method=" and ".join(self._search.methods),
            stopped=self._search.stop(),
        )

    def _within(self, budget: Decimal) -> Compression:
        found = aims.within_budget(self._search, budget, self._hear)
        if found.choice == self._market.nothing and (self._market.offers or self._market.leads):
            self._notes.append(self._too_small(budget))
        bound = None if found.bound is None else to_datetime(found.bound)
        status = Status.OPTIMAL if found.proven else Status.FEASIBLE
        return self._proposed(found.choice, status, finish_bound=bound, due=None)

    def _too_small(self, budget: Decimal) -> str:
        first = self._search.cheapest(self._search.finish(self._market.nothing) - 1)
        if first.choice is None:
            return "nothing on offer makes the plan finish earlier"
        return f"the budget of {budget:,} buys no earlier finish: the least that does costs {first.cost:,.2f}"

    def _curve(self) -> Compression:
        choices, whole = aims.curve(self._search, self._hear)
        best = min(choices, key=self._total)
        status = Status.OPTIMAL if whole and self._search.sound else Status.FEASIBLE
        curve = points(self._search, self._days, choices)
        return self._proposed(best if self._days.cost_anything else self._market.nothing, status, curve=curve)

    def _cheapest(self) -> Compression:
        if not self._days.cost_anything:
            self._notes.append(
                "days cost nothing: the project has no indirect cost and no damages, so none is worth saving"
            )
        answer = aims.cheapest_duration(self._search, self._days, self._hear)
        assert answer.choice is not None
        status = Status.OPTIMAL if answer.proven else Status.FEASIBLE
        return self._proposed(answer.choice, status, bound=answer.bound)

    def _total(self, choice: Choice) -> Decimal:
        return self._market.cost(choice) + self._days.both(to_datetime(self._search.finish(choice)))

    def _proposed(
        self,
        choice: Choice,
        status: Status,
        *,
        bound: Decimal | None = None,
        finish_bound: datetime | None = None,
        due: datetime | None = None,
        curve: tuple[CurvePoint, ...] = (),
    ) -> Compression:
        """The choice as operations, and what the engine makes of the plan that they lead to."""
        operations = self._search.proposals.operations(choice)
        proposed = apply(self._plan, operations)[0] if operations else self._plan
        schedule = schedule_plan(proposed)
        overlapped = overlaps(self._plan, self._market, choice)
        cost = self._market.cost(choice)
        gap = self._gap(cost, bound, schedule.project_finish, finish_bound)
        return Compression(
            status=status,
            before=figures(self._plan, self._schedule, self._days),
            after=figures(proposed, schedule, self._days, rework=self._market.rework_cost(choice)),
            cost=cost,
            bound=bound,
            finish_bound=finish_bound,
            gap=gap,
            shortened=shortened(self._plan, self._market, choice),
            overlapped=overlapped,
            rework=rework_of(proposed, overlapped, due=due, seed=self._options.seed, stop=self._stop),
            curve=curve,
            critical=longest_path(proposed, schedule),
            moved=moves(self._schedule, schedule),
            left_out=self._left_out,
            notes=tuple(self._notes),
            method=" and ".join(self._search.methods),
            stopped=self._search.stop(),
            operations=operations,
        )

    def _gap(
        self, cost: Decimal, bound: Decimal | None, finish: datetime, finish_bound: datetime | None
    ) -> float | None:
        if bound is not None:
            return float((cost - bound) / cost) if cost > 0 else 0.0
        if finish_bound is None:
            return None
        start = self._schedule.project_start
        return max(0.0, (finish - finish_bound) / (finish - start)) if finish > start else 0.0


def _nothing_on_offer(method: Method, *, entered: bool) -> str:
    if entered:
        return "nothing can be bought: all that is entered is left out"
    offers = {
        Method.CRASH: "no task has a faster way (its crash points)",
        Method.FAST_TRACK: "no link has an overlap",
        Method.BOTH: "no task has a faster way (its crash points), and no link has an overlap",
    }
    return f"nothing can be bought: {offers[method]}"
