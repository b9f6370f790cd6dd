"""The linear program: durations of convex cost on one axis, where the constraints are differences.

Such a program has whole optima for whole data (its matrix is totally unimodular: J. E. Kelley, "Critical-Path Planning
and Scheduling: Mathematical Basis", 1961; D. R. Fulkerson, "A Network Flow Computation for Project Cost Curves", 1961).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import Choice

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp

_SOLVERS = ("CLP", "GLOP")
"""On networks of 1,000 and 10,000 tasks the first takes 0.04 and 1 s, the second 0.3 and 6 s (bench/compression.py)."""
_FREE = 1e-7
"""What a minute costs that costs nothing, as a share of the dearest: so that none is bought without need."""

_Sum = tuple[int, list[tuple[Any, int]]]
"""A number, and variables with their coefficients."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum: `cost` in money, `finish` the position of the last finish."""

    choice: Choice
    cost: float
    finish: int


class LinearProgram:
    """Built once, solved for many finishes: each time from the basis of the time before."""

    def __init__(self, model: Model, value: Callable[[Arc], int] | None = None) -> None:
        """`value`: what an arc adds to its source's position, where it crosses calendars."""
        from ortools.linear_solver import pywraplp  # noqa: PLC0415  # only who compresses loads the solver

        self._model = model
        self._solver: pywraplp.Solver = next(
            solver for name in _SOLVERS if (solver := pywraplp.Solver.CreateSolver(name)) is not None
        )
        solver, market = self._solver, model.market
        lows = model.lows[0]
        self._zero = min(lows, default=0)
        infinity = solver.infinity()
        self._starts = [solver.NumVar(low - self._zero, infinity, "") for low in lows]
        self._cuts: list[list[Any]] = [
            [solver.NumVar(0, long - short, "") for (long, _), (short, _) in pairwise(offer.points)]
            for offer in market.offers
        ]
        self._overlaps = [
            solver.NumVar(0, market.most_overlap(number, market.nothing.durations), "")
            for number in range(len(market.leads))
        ]
        self._finishes: dict[int, Any] = {
            axis: solver.NumVar(-infinity, infinity, "") for axis in {one.axis for one in model.activities}
        }
        for arc in model.arcs:
            self._add(arc, arc.before + arc.after if value is None else value(arc))
        for number, activity in enumerate(model.activities):
            if activity.finish_floor is not None and activity.offer is not None:
                self._at_least(activity.finish_floor - self._zero, (self._position(number, is_finish=True), 1))
        for number in model.ends:
            latest = (0, [(self._finishes[model.activities[number].axis], 1)])
            self._at_least(0, (latest, 1), (self._position(number, is_finish=True), -1))
        self._cost = self._priced()

    def _position(self, number: int, *, is_finish: bool) -> _Sum:
        activity = self._model.activities[number]
        start = (self._starts[number], 1)
        if not is_finish:
            return 0, [start]
        if activity.offer is None:
            return activity.minutes, [start]
        longest = self._model.market.offers[activity.offer].longest
        return longest, [start, *((cut, -1) for cut in self._cuts[activity.offer])]

    def _add(self, arc: Arc, gain: int) -> None:
        source = self._position(arc.source, is_finish=arc.from_finish)
        target = self._position(arc.target, is_finish=arc.to_finish)
        lead: _Sum = (0, [] if arc.lead is None else [(self._overlaps[arc.lead], 1)])
        self._at_least(gain, (target, 1), (source, -1), (lead, 1))

    def _at_least(self, least: int, *sums: tuple[_Sum, int]) -> None:
        """Row by row: written as expressions, large programs take longer to build than to solve."""
        row = self._solver.RowConstraint(
            least - sum(sign * add for (add, _), sign in sums), self._solver.infinity(), ""
        )
        for (_, terms), sign in sums:
            for variable, times in terms:
                row.SetCoefficient(variable, sign * times)

    def _priced(self) -> Any:
        market = self._model.market
        slopes = [float(slope) for offer in market.offers for slope in offer.slopes]
        slopes += [float(lead.per_minute) for lead in market.leads]
        least = _FREE * max(slopes, default=1.0) or _FREE
        terms = [
            max(float(slope), least) * cut
            for offer, cuts in zip(market.offers, self._cuts, strict=True)
            for slope, cut in zip(offer.slopes, cuts, strict=True)
        ]
        terms += [
            max(float(lead.per_minute), least) * overlap
            for lead, overlap in zip(market.leads, self._overlaps, strict=True)
        ]
        return self._solver.Sum(terms)

    def cheapest(self, finish: int) -> Relaxed | None:
        """The least cost for a project that finishes by that instant; None when it cannot."""
        for axis, latest in self._finishes.items():
            latest.SetUb(self._model.axes[axis].worked(finish) - self._zero)
        return self._solved(self._cost)

    def fastest(self, finish: int) -> Relaxed | None:
        """The earliest finish on the one axis there is, whatever it costs."""
        return self.weighted(finish, 1.0, priced=False)

    def weighted(self, finish: int, cost_per_minute: float, *, priced: bool = True) -> Relaxed | None:
        """The least of cost and time together, on the one axis there is, by `finish` at the latest."""
        (axis,) = {activity.axis for activity in self._model.activities if activity.counts}
        self._finishes[axis].SetUb(self._model.axes[axis].worked(finish) - self._zero)
        time = cost_per_minute * self._finishes[axis]
        return self._solved(self._cost + time if priced else time)

    def _solved(self, objective: Any) -> Relaxed | None:
        self._solver.Minimize(objective)
        if self._solver.Solve() != self._solver.OPTIMAL:
            return None
        market = self._model.market
        cuts = [sum(round(cut.solution_value()) for cut in cuts) for cuts in self._cuts]
        durations = tuple(offer.longest - cut for offer, cut in zip(market.offers, cuts, strict=True))
        overlaps = tuple(round(overlap.solution_value()) for overlap in self._overlaps)
        choice = Choice(durations, overlaps)
        last = max((round(one.solution_value()) for one in self._finishes.values()), default=0)
        return Relaxed(choice, float(market.cost(choice)), last + self._zero)
