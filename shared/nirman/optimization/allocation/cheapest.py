"""The least cost of a problem whose modes cost money and whose days do, by CP-SAT; or the least makespan within a cost.

Money is in ten-thousandths. OR-Tools is loaded when a model is made and not before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nirman.optimization.solver.companion import Executor, Future
from nirman.optimization.solver.problem import FROM_FINISH, TO_FINISH, Problem
from nirman.optimization.stop import StopCriterion

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_FIRST_TURN = 0.5
"""In deterministic seconds; turns double."""
_PATIENCE_S = 0.05


@dataclass(frozen=True, slots=True)
class Priced:
    """`prices` of the modes of activities, by number; `steps`: periods, and what a makespan beyond each adds."""

    problem: Problem
    prices: Mapping[int, tuple[int, ...]]
    steps: tuple[tuple[int, int], ...]

    def price(self, modes: Sequence[int], makespan: int) -> int:
        own = sum(prices[modes[number]] for number, prices in self.prices.items())
        return own + sum(price for period, price in self.steps if makespan > period)


@dataclass(frozen=True, slots=True)
class Bought:
    """`bound`: no schedule costs less (or, within a cost, is shorter). Without starts nothing was found."""

    starts: tuple[int, ...]
    finishes: tuple[int, ...]
    modes: tuple[int, ...]
    bound: int
    optimal: bool
    makespan: int


NOTHING = Bought((), (), (), 0, optimal=False, makespan=0)


@dataclass(frozen=True, slots=True)
class Hint:
    starts: Sequence[int]
    modes: Sequence[int]


def cheapest(
    priced: Priced,
    *,
    limit: int,
    most: int | None,
    hint: Hint | None,
    seconds: float,
    seed: int,
    stop: StopCriterion,
    beside: Executor | None,
) -> Bought:
    """Of makespans up to `limit`. `most` None: the least cost; else the least makespan that costs at most that.

    With `beside` it runs there for so many seconds of the clock; without, for as many deterministic ones, in turns.
    """
    if stop():
        return NOTHING
    model = _Model(priced, limit, most, hint)
    if beside is not None:
        return model.beside(seconds, seed, stop, beside)
    turn, spent = _FIRST_TURN, 0.0
    found = NOTHING
    while spent < seconds and not stop() and not found.optimal:
        turn = min(turn, seconds - spent)
        found = model.run(turn, seed)
        spent += turn
        turn *= 2
    return found


class _Model:
    def __init__(self, priced: Priced, limit: int, most: int | None, hint: Hint | None) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415  # 0.6 s, and only in the solver's layer

        self._cp: Any = cp_model
        self._model = cp_model.CpModel()
        self._priced, self._problem = priced, priced.problem
        self._starts: list[cp_model.IntVar] = []
        self._modes: list[list[cp_model.IntVar]] = []
        self._uses: list[list[tuple[cp_model.IntervalVar, int]]] = [[] for _ in self._problem.renewables]
        self._makespan = self._model.new_int_var(0, limit, "makespan")
        finishes = [self._add_activity(number, limit) for number in range(len(self._problem.activities))]
        for link in self._problem.links:
            one = finishes if link.relation in FROM_FINISH else self._starts
            other = finishes if link.relation in TO_FINISH else self._starts
            self._model.add(other[link.successor] >= one[link.predecessor] + link.lag)
        for number in range(len(self._problem.renewables)):
            self._add_renewable(number, limit)
        cost = self._cost(limit)
        if most is None:
            self._model.minimize(cost)
        else:
            self._model.add(cost <= most)
            self._model.minimize(self._makespan)
        if hint is not None:
            self._hint(hint)

    def _add_activity(self, number: int, limit: int) -> cp_model.LinearExprT:
        activity = self._problem.activities[number]
        duration = activity.modes[0].duration
        latest = limit if activity.latest_finish is None else min(limit, activity.latest_finish)
        earliest = activity.earliest_start if activity.fixed_start is None else activity.fixed_start
        last = max(earliest, latest - duration) if activity.fixed_start is None else earliest
        start = self._model.new_int_var(earliest, last, "")
        literals = [self._model.new_bool_var("") for _ in activity.modes]
        self._model.add_exactly_one(literals)
        for literal, mode in zip(literals, activity.modes, strict=True):
            if duration and any(mode.demands.values()):
                interval = self._model.new_optional_fixed_size_interval_var(start, duration, literal, "")
                for resource, units in mode.demands.items():
                    self._uses[resource].append((interval, units))
        self._model.add(start + duration <= self._makespan)
        self._starts.append(start)
        self._modes.append(literals)
        return start + duration

    def _add_renewable(self, number: int, limit: int) -> None:
        """What there is less of than at most is in use by something that does not move."""
        steps = self._problem.renewables[number].capacity
        most = max(units for _, units in steps)
        uses = list(self._uses[number])
        ends = [period for period, _ in steps[1:]] + [limit]
        for (period, units), end in zip(steps, ends, strict=True):
            if units < most and period < min(end, limit):
                gone = self._model.new_fixed_size_interval_var(period, min(end, limit) - period, "")
                uses.append((gone, most - units))
        self._model.add_cumulative([interval for interval, _ in uses], [units for _, units in uses], most)

    def _cost(self, limit: int) -> cp_model.LinearExprT:
        terms: list[cp_model.LinearExprT] = []
        for number, prices in self._priced.prices.items():
            terms += [literal * price for literal, price in zip(self._modes[number], prices, strict=True)]
        for period, price in self._priced.steps:
            if period < limit:
                beyond = self._model.new_bool_var("")
                self._model.add(self._makespan <= period).only_enforce_if(~beyond)
                terms.append(beyond * price)
        return sum(terms)

    def _hint(self, hint: Hint) -> None:
        for start, at, literals, mode in zip(self._starts, hint.starts, self._modes, hint.modes, strict=True):
            self._model.add_hint(start, at)
            for place, literal in enumerate(literals):
                self._model.add_hint(literal, place == mode)

    def run(self, work: float, seed: int) -> Bought:
        solver = self._solver(seed)
        solver.parameters.max_deterministic_time = work
        return self._read(solver, solver.solve(self._model))

    def beside(self, seconds: float, seed: int, stop: StopCriterion, beside: Executor) -> Bought:
        solver = self._solver(seed)
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
        future = beside.submit(solver.solve, self._model)
        while not _ended(future):
            if stop():
                solver.stop_search()
        return self._read(solver, future.result())

    def _solver(self, seed: int) -> cp_model.CpSolver:
        solver: cp_model.CpSolver = self._cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed % 2**31
        return solver

    def _read(self, solver: cp_model.CpSolver, status: Any) -> Bought:
        if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return NOTHING
        starts = tuple(solver.value(start) for start in self._starts)
        durations = [activity.modes[0].duration for activity in self._problem.activities]
        return Bought(
            starts=starts,
            finishes=tuple(start + duration for start, duration in zip(starts, durations, strict=True)),
            modes=tuple(next(n for n, one in enumerate(of) if solver.boolean_value(one)) for of in self._modes),
            bound=max(0, round(solver.best_objective_bound)),
            optimal=status == self._cp.OPTIMAL,
            makespan=solver.value(self._makespan),
        )


def _ended(future: Future) -> bool:
    try:
        future.result(_PATIENCE_S)
    except TimeoutError:
        return False
    return True
