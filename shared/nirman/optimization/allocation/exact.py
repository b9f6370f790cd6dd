"""The best choice of resources by the solver, of a problem that is exactly the plan; the engine has the last word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial

from nirman.optimization.allocation.cheapest import Bought, Hint, Priced, cheapest
from nirman.optimization.allocation.hands import cheaper_hands
from nirman.optimization.allocation.modes import Modes
from nirman.optimization.allocation.trial import Key, Trial, Trials
from nirman.optimization.alternatives.figures import Figures
from nirman.optimization.days import Days, last_day
from nirman.optimization.options import Aim, AllocateOptions
from nirman.optimization.progress import OnProgress, Progress
from nirman.optimization.solver.answer import Answer, Solution
from nirman.optimization.solver.companion import Executor
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.solve import solve
from nirman.optimization.stop import Sooner, StopCriterion
from nirman.scheduling.instants import DAY, to_date, to_datetime, to_day, to_minutes

_SCALE = 10_000
"""Money is in ten-thousandths."""
_FIRST_SHARE, _CHEAP_SHARE, _SECOND_SHARE = 0.5, 0.15, 0.3
"""Of the time: for what is aimed at, for the cheapest hands, and for the best of the rest."""
_BEGIN_SHARE = 0.4
_FALLBACK_S = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """Bounds hold for all choices and all levelled plans."""

    best: Trial
    finish_bound: datetime | None
    cost_bound: Decimal | None
    reproducible: bool


class Exact:
    """Searches one problem."""

    def __init__(
        self,
        modes: Modes,
        trials: Trials,
        levelled: Trial,
        before: Figures,
        options: AllocateOptions,
        stop: StopCriterion,
        beside: Executor | None,
        on_progress: OnProgress,
    ) -> None:
        self._modes, self._trials, self._before = modes, trials, before
        self._best = levelled
        self._options, self._stop, self._beside, self._on_progress = options, stop, beside, on_progress
        self._reproducible = beside is None

    def run(self) -> Found | None:
        """None where the solver found nothing."""
        return self._by_finish() if self._options.minimise is Aim.FINISH else self._by_cost()

    def begin(self) -> Trial | None:
        """Of a problem that is not exact, something to walk on from; None where the solver found nothing."""
        by_finish = self._options.minimise is Aim.FINISH
        solution = self._solved(self._modes.problem, _BEGIN_SHARE).solution if by_finish else None
        if not by_finish:
            solution = self._by_cheapest(_BEGIN_SHARE)
        if solution is None or solution.lateness:
            return None
        modes = cheaper_hands(self._priced, solution.starts, solution.finishes, solution.modes)
        return self._trial(modes, solution.starts, solution.finishes)

    def _by_finish(self) -> Found | None:
        answer = self._solved(self._modes.problem, _FIRST_SHARE)
        if answer.solution is None or answer.solution.lateness:
            return None
        solution, bound = answer.solution, self._instant(answer.lower_bound)
        cheap = self._by_cheapest(_CHEAP_SHARE)
        if cheap is not None and cheap.makespan <= solution.makespan:
            return Found(self._trial(cheap.modes, cheap.starts, cheap.finishes), bound, None, self._reproducible)
        modes = cheaper_hands(self._priced, solution.starts, solution.finishes, solution.modes)
        best = self._trial(modes, solution.starts, solution.finishes)
        hint = replace(solution, modes=modes)
        best = self._better(best, self._bought(solution.makespan, None, hint, _SECOND_SHARE))
        return Found(best, bound, None, self._reproducible)

    def _by_cost(self) -> Found | None:
        """The cheapest hands first: whoever costs more must win days, and no schedule longer than theirs can."""
        solution = self._by_cheapest(_FIRST_SHARE / 2 if self._priced.steps else _FIRST_SHARE)
        if solution is None:
            return None
        best = self._trial(solution.modes, solution.starts, solution.finishes)
        if self._priced.price(solution.modes, solution.makespan) <= self._least:
            return Found(best, None, self._cost(self._least), self._reproducible)
        bought = self._bought(solution.makespan, None, solution, _FIRST_SHARE)
        best = self._better(best, bought)
        if bought.optimal:
            hint = replace(solution, modes=bought.modes, starts=bought.starts)
            best = self._better(best, self._bought(bought.makespan, bought.bound, hint, _SECOND_SHARE))
        return Found(best, None, self._cost(max(self._least, bought.bound)), self._reproducible)

    # The solver.

    def _solved(self, problem: Problem, share: float) -> Answer:
        answer = solve(
            problem,
            time_limit_s=share * self._options.time_limit_s,
            stop=Sooner(self._stop, self._until(share)),
            seed=self._options.seed,
            executor=self._beside,
            on_progress=partial(self._hear, whole=problem is self._modes.problem),
        )
        self._reproducible = self._reproducible and answer.reproducible
        return answer

    def _until(self, share: float) -> float:
        """Where the clock ends the search; work that is counted ends by itself."""
        return math.inf if self._beside is None else self._stop.elapsed + share * self._options.time_limit_s

    def _hear(self, _solution: Solution | None, bound: int, *, whole: bool) -> None:
        """The best that the engine has scheduled: the solver's own finish may be one that no plan has. What is proven
        of a part of the choices is no bound.
        """
        figures = self._best.figures
        proven = min(self._instant(bound), figures.finish) if whole and self._modes.exact else None
        self._on_progress(Progress(phase="allocation", finish=figures.finish, cost=figures.money.total, bound=proven))

    def _bought(self, limit: int, most: int | None, hint: Solution, share: float) -> Bought:
        return cheapest(
            self._priced,
            limit=limit,
            most=most,
            hint=Hint(hint.starts, hint.modes),
            seconds=share * self._options.time_limit_s,
            seed=self._options.seed,
            stop=self._stop,
            beside=self._beside,
        )

    def _by_cheapest(self, share: float) -> Solution | None:
        """Where each task is done by whoever costs least."""
        solution = self._solved(self._of_cheapest(), share).solution
        if solution is None or solution.lateness:
            return None
        return replace(solution, modes=self._in_full(solution.modes))

    def _of_cheapest(self) -> Problem:
        activities = list(self._modes.problem.activities)
        for number, costs in self._modes.costs():
            modes = activities[number].modes
            activities[number] = replace(activities[number], modes=tuple(modes[place] for place in _least(costs)))
        return replace(self._modes.problem, activities=tuple(activities))

    def _in_full(self, modes: Sequence[int]) -> tuple[int, ...]:
        """Modes of the problem of the cheapest as those of the whole."""
        found = list(modes)
        for number, costs in self._modes.costs():
            found[number] = _least(costs)[modes[number]]
        return tuple(found)

    # The engine.

    def _trial(self, modes: Sequence[int], starts: Sequence[int], finishes: Sequence[int]) -> Trial:
        """Where the engine does not come to what was meant, levelling has a go as well."""
        vector = self._modes.vector(modes)
        trial = self._trials.in_order(vector, *self._modes.rank(starts, finishes))
        if trial.overload or trial.figures.finish > self._instant(max(finishes, default=0)):
            other = self._trials.levelled(vector, _FALLBACK_S)
            trial = min(trial, other, key=self._key)
        self._best = min(self._best, trial, key=self._key)
        return trial

    def _key(self, trial: Trial) -> Key:
        return trial.key(self._options.minimise)

    def _better(self, best: Trial, bought: Bought) -> Trial:
        if not bought.starts:
            return best
        trial = self._trial(bought.modes, bought.starts, bought.finishes)
        return min(best, trial, key=self._key)

    def _instant(self, period: int) -> datetime:
        """The finish of the project that a makespan means: tasks that do not move may end later."""
        return max(to_datetime(self._modes.model.instant(period)), self._others_finish)

    @cached_property
    def _others_finish(self) -> datetime:
        base, moving = self._modes.shop.base, {job.task.uid for job in self._modes.shop.jobs}
        stay = [uid for uid in base.uids if uid not in moving and uid not in base.outline.children]
        return max((base[uid].finish for uid in stay), default=base.project_start)

    # Money.

    @cached_property
    def _priced(self) -> Priced:
        prices = {number: tuple(map(_scaled, costs)) for number, costs in self._modes.costs()}
        return Priced(self._modes.problem, prices, tuple(self._steps()))

    @cached_property
    def _least(self) -> int:
        """The cheapest hands, for as many days as the plan lasts without resources: no choice changes its durations."""
        model = self._modes.model
        period = (model.time.worked(to_minutes(self._modes.shop.base.project_finish)) - model.origin) // model.period
        hands = sum(min(prices) for prices in self._priced.prices.values())
        return hands + sum(price for beyond, price in self._priced.steps if period > beyond)

    def _steps(self) -> list[tuple[int, int]]:
        """What each day costs that the last period goes beyond."""
        model, project = self._modes.model, self._modes.choices.plan.project
        if not (project.indirect_cost_per_day or project.delay_damages_per_day):
            return []
        horizon = sum(max(m.duration for m in activity.modes) for activity in self._modes.problem.activities)
        horizon += max((activity.earliest_start for activity in self._modes.problem.activities), default=0)
        first = to_day(last_day(self._others_finish))
        due = None if project.must_finish is None else last_day(project.must_finish)
        last = model.time.finish_at(model.origin + horizon * model.period) // DAY
        found: list[tuple[int, int]] = []
        for day in range(first, last + 1):
            price = project.indirect_cost_per_day
            if due is not None and to_date(day) >= due:
                price += project.delay_damages_per_day
            period = (model.time.worked((day + 1) * DAY) - model.origin) // model.period
            if price and found and found[-1][0] == period:
                found[-1] = (period, found[-1][1] + _scaled(price))
            elif price:
                found.append((period, _scaled(price)))
        return found

    def _cost(self, price: int) -> Decimal:
        """Of the whole plan, from what the choices and the days beyond those of the tasks that stay cost."""
        choices = self._modes.choices
        rest = self._before.money.direct - choices.cost(choices.present)
        days = Days(choices.plan, self._before.schedule.project_start)
        return rest + days.both(self._others_finish) + Decimal(price) / _SCALE


def _least(costs: Sequence[Decimal]) -> list[int]:
    """Places of those that are no more than any."""
    return [place for place, cost in enumerate(costs) if cost == min(costs)]


def _scaled(money: Decimal) -> int:
    return round(money * _SCALE)
