"""The problem as a constraint model for CP-SAT: what proves that nothing shorter exists, or finds it.

Only problems in which every activity runs through in every period: calendars of several kinds, parts and splitting have
no short model. OR-Tools is loaded when a model is made and not before.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from nirman.optimization.solver.problem import FROM_FINISH, TO_FINISH, Problem
from nirman.optimization.solver.search import Found

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MAX_INTERVALS = 20_000


def can_model(problem: Problem) -> bool:
    """Whether there is a model, and one of a size that can be searched at all."""
    plain = all(
        activity.calendar is None and not activity.may_split and not activity.parts for activity in problem.activities
    )
    size = sum(len(activity.modes) for activity in problem.activities)
    return plain and all(link.calendar is None for link in problem.links) and size <= MAX_INTERVALS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one run: the makespan is at least `bound`; `better` is a schedule below the limit that was set."""

    bound: int
    better: Found | None
    exhausted: bool
    """Nothing is left to be found: `better` is the best, or there is nothing below the limit."""
    work: float
    """In CP-SAT's deterministic seconds."""
    cut_short: bool = False
    """By the time that there was, before the work was done that was asked for."""


class Run:
    """One search for a makespan from `bound` to `limit`; it may run in another thread, and be stopped from any."""

    def __init__(self, problem: Problem, period: int, *, limit: int, bound: int, seed: int) -> None:
        self.limit = limit
        self.bound = bound
        """What is proven so far; grows while it runs."""
        self._problem, self._period, self._seed = problem, period, seed
        self._solver: cp_model.CpSolver | None = None
        self._stopped = False

    def __call__(self, hint: Found | None, time_limit_s: float, work_limit: float | None = None) -> Verdict:
        """`work_limit` in deterministic seconds, `time_limit_s` in real ones; it may be stopped before."""
        from ortools.sat.python import cp_model  # noqa: PLC0415  # 0.6 s, and only in the solver's layer

        builder = _Builder(self._problem, self._period, self.limit // self._period, -(-self.bound // self._period))
        if hint is not None:
            builder.hint(hint)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        # Below a good makespan, propagation refutes; relaxations slow it down.
        solver.parameters.linearization_level = 0
        solver.parameters.random_seed = self._seed % 2**31
        solver.parameters.max_time_in_seconds = max(0.0, time_limit_s)
        solver.best_bound_callback = self._learn
        if work_limit is not None:
            solver.parameters.max_deterministic_time = work_limit
        self._solver = solver
        if self._stopped:
            return Verdict(bound=self.bound, better=None, exhausted=False, work=0.0)
        status = solver.solve(builder.model)
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        if found:
            self._learn(solver.best_objective_bound)
        exhausted = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        return Verdict(
            bound=self.limit + self._period if status == cp_model.INFEASIBLE else self.bound,
            better=builder.read(solver) if found else None,
            exhausted=exhausted,
            work=solver.response_proto.deterministic_time,
            cut_short=not exhausted and solver.wall_time >= time_limit_s,
        )

    def stop(self) -> None:
        """May have to be said again: a run that is just beginning does not hear it."""
        self._stopped = True
        if self._solver is not None:
            self._solver.stop_search()

    def _learn(self, bound: float) -> None:
        self.bound = max(self.bound, ceil(bound - 1e-6) * self._period)


class _Builder:
    """All numbers in multiples of `period`."""

    def __init__(self, problem: Problem, period: int, limit: int, bound: int) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415  # the same

        self.model = cp_model.CpModel()
        self.limit = limit
        self._problem, self._period = problem, period
        self._uses: list[list[tuple[cp_model.IntervalVar, int]]] = [[] for _ in problem.renewables]
        self._consumed: list[list[tuple[cp_model.IntVar | int, int]]] = [[] for _ in problem.non_renewables]
        self._starts: list[cp_model.IntVar] = []
        self._finishes: list[cp_model.LinearExprT] = []
        self._modes: list[list[cp_model.IntVar]] = []
        self._makespan = self.model.new_int_var(min(bound, limit), limit, "makespan")
        for number in range(len(problem.activities)):
            self._add_activity(number)
        for link in problem.links:
            one = self._finishes if link.relation in FROM_FINISH else self._starts
            other = self._finishes if link.relation in TO_FINISH else self._starts
            self.model.add(other[link.successor] >= one[link.predecessor] + link.lag // period)
        for number in range(len(problem.renewables)):
            self._add_renewable(number)
        for resource, consumed in zip(problem.non_renewables, self._consumed, strict=True):
            self.model.add(sum(literal * units for literal, units in consumed) <= resource.total)
        self.model.minimize(self._makespan)

    def _add_activity(self, number: int) -> None:
        activity = self._problem.activities[number]
        latest = self.limit if activity.latest_finish is None else activity.latest_finish // self._period
        until = max(0, min(self.limit, latest))
        first = activity.earliest_start if activity.fixed_start is None else activity.fixed_start
        first //= self._period
        last = max(first, until) if activity.fixed_start is None else first
        start = self.model.new_int_var(first, last, f"start {number}")
        literals = [] if len(activity.modes) == 1 else [self.model.new_bool_var("") for _ in activity.modes]
        durations = [mode.duration // self._period for mode in activity.modes]
        chosen = sum(d * literal for d, literal in zip(durations, literals, strict=True)) if literals else durations[0]
        finish = start + chosen
        for place, mode in enumerate(activity.modes):
            literal = literals[place] if literals else None
            if durations[place] and any(mode.demands.values()):
                interval = (
                    self.model.new_fixed_size_interval_var(start, durations[place], "")
                    if literal is None
                    else self.model.new_optional_fixed_size_interval_var(start, durations[place], literal, "")
                )
                for resource, units in mode.demands.items():
                    if units:
                        self._uses[resource].append((interval, units))
            for resource, units in mode.consumption.items():
                self._consumed[resource].append((1 if literal is None else literal, units))
        if literals:
            self.model.add_exactly_one(literals)
        self.model.add(finish <= until)
        self.model.add(finish <= self._makespan)
        self._starts.append(start)
        self._finishes.append(finish)
        self._modes.append(literals)

    def _add_renewable(self, number: int) -> None:
        """What there is less of than at most is in use by something that does not move."""
        steps = self._problem.renewables[number].capacity
        most = max(units for _, units in steps)
        intervals = [interval for interval, _ in self._uses[number]]
        units = [demand for _, demand in self._uses[number]]
        ends = [start // self._period for start, _ in steps[1:]] + [self.limit]
        for (start, there), end in zip(steps, ends, strict=True):
            begin = start // self._period
            if there < most and begin < end:
                intervals.append(self.model.new_fixed_size_interval_var(begin, end - begin, ""))
                units.append(most - there)
        if intervals:
            self.model.add_cumulative(intervals, units, most)

    def hint(self, found: Found) -> None:
        for start, literals, at, mode in zip(self._starts, self._modes, found.starts, found.modes, strict=True):
            self.model.add_hint(start, at // self._period)
            for place, literal in enumerate(literals):
                self.model.add_hint(literal, place == mode)

    def read(self, solver: cp_model.CpSolver) -> Found:
        starts = tuple(self._period * solver.value(start) for start in self._starts)
        finishes = tuple(self._period * solver.value(finish) for finish in self._finishes)
        modes = tuple(
            next((place for place, literal in enumerate(literals) if solver.boolean_value(literal)), 0)
            for literals in self._modes
        )
        return Found(starts, finishes, modes, max(finishes, default=0), late=False)
