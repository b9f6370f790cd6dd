"""The linear program: durations of convex cost on one axis, where the constraints are differences.

Such a program has whole optima for whole data (its matrix is totally unimodular: J. E. Kelley, "Critical-Path Planning
and Scheduling: Mathematical Basis", 1961; D. R. Fulkerson, "A Network Flow Computation for Project Cost Curves", 1961).
Where calendars meet it is told the facets of their crossings; its optimum is then a bound, and is not whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from math import fsum, isfinite
from typing import TYPE_CHECKING, Any

from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import MONEY, Choice
from nirman.optimization.compression.room import NO_END, Room

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp

_SOLVERS = ("CLP", "GLOP")
"""On networks of 1,000 and 10,000 tasks the first takes 0.04 and 1 s, the second 0.3 and 6 s (bench/compression.py)."""
_FREE = 1e-7
"""What a minute costs that costs nothing, as a share of the dearest: so that none is bought without need."""

_ROUNDING = 1e-14
"""Of all that is added up: more than floating point loses by it."""

_Sum = tuple[int, list[tuple[Any, int]]]
"""A number, and variables with their coefficients."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum, rounded to whole minutes: `cost` in money, `finish` the position of the last finish.

    `bound`: the program has no solution that costs less, whole or not.
    """

    choice: Choice
    cost: float
    finish: int
    bound: Decimal


class LinearProgram:
    """Built once, solved for many finishes: each time from the basis of the time before."""

    def __init__(self, model: Model, value: Callable[[Arc], int] | None = None, room: Room | None = None) -> None:
        """`value`: what an arc adds to its source's position, where it crosses calendars. With `room` instead, the
        program is one of that finish, and crossings are what their facets say.
        """
        from ortools.linear_solver import pywraplp  # noqa: PLC0415  # only who compresses loads the solver

        self._model, self._room = model, room
        self._solver: pywraplp.Solver = next(
            solver for name in _SOLVERS if (solver := pywraplp.Solver.CreateSolver(name)) is not None
        )
        solver, market = self._solver, model.market
        lows = (model if room is None else room).lows[0]
        self._zeros: dict[int, int] = {}
        """The first position on each axis: variables are counted from it, since large numbers lose digits."""
        for low, activity in zip(lows, model.activities, strict=True):
            self._zeros[activity.axis] = min(low, self._zeros.get(activity.axis, low))
        infinity = solver.infinity()
        self._rows: list[tuple[Any, float, dict[Any, float]]] = []
        self._starts = [
            solver.NumVar(low - self._zeros[activity.axis], infinity, "")
            for low, activity in zip(lows, model.activities, strict=True)
        ]
        self._cuts: list[list[Any]] = [
            [solver.NumVar(0, long - short, "") for (long, _), (short, _) in pairwise(offer.points)]
            for offer in market.offers
        ]
        self._overlaps = [
            solver.NumVar(0, market.most_overlap(number, market.nothing.durations), "")
            for number in range(len(market.leads))
        ]
        self._finishes: dict[int, Any] = {
            axis: solver.NumVar(0, infinity, "") for axis in {model.activities[number].axis for number in model.ends}
        }
        for arc in model.arcs:
            if room is None or arc.crossing is None:
                self._add(arc, arc.before + arc.after if value is None else value(arc))
        for number, activity in enumerate(model.activities):
            if activity.finish_floor is not None and activity.offer is not None:
                self._at_least(activity.finish_floor, (self._position(number, is_finish=True), 1))
        for number in model.ends:
            axis = model.activities[number].axis
            latest = (self._zeros[axis], [(self._finishes[axis], 1)])
            self._at_least(0, (latest, 1), (self._position(number, is_finish=True), -1))
        if room is not None:
            self._put_into(room)
        self._cost, self._paid, self._sways = self._priced()

    def _position(self, number: int, *, is_finish: bool) -> _Sum:
        activity = self._model.activities[number]
        zero, start = self._zeros[activity.axis], (self._starts[number], 1)
        if not is_finish:
            return zero, [start]
        if activity.offer is None:
            return zero + activity.minutes, [start]
        longest = self._model.market.offers[activity.offer].longest
        return zero + longest, [start, *((cut, -1) for cut in self._cuts[activity.offer])]

    def _ends_of(self, arc: Arc) -> tuple[_Sum, _Sum, _Sum]:
        """Source, target and overlap."""
        source = self._position(arc.source, is_finish=arc.from_finish)
        target = self._position(arc.target, is_finish=arc.to_finish)
        return source, target, (0, [] if arc.lead is None else [(self._overlaps[arc.lead], 1)])

    def _add(self, arc: Arc, gain: int) -> None:
        source, target, lead = self._ends_of(arc)
        self._at_least(gain, (target, 1), (source, -1), (lead, 1))

    def _put_into(self, room: Room) -> None:
        """No activity is before or after its room; no crossing is below its facets."""
        model = self._model
        for number, activity in enumerate(model.activities):
            if room.is_open(number):
                continue
            first, last = room.lows[1][number], room.finishes[number]
            self._starts[number].SetUb(max(room.starts[number], room.lows[0][number]) - self._zeros[activity.axis])
            if activity.offer is not None:
                finish = self._position(number, is_finish=True)
                self._at_least(first, (finish, 1))
                if last < NO_END:
                    self._at_least(-last, (finish, -1))
        for arc in model.arcs:
            source, target, lead = self._ends_of(arc)
            for one in room.facets(arc):
                least = one.run * (one.value + arc.after) + one.rise * (arc.before - one.position)
                early = one.rise if arc.lead_before else one.run
                self._at_least(least, (target, one.run), (source, -one.rise), (lead, early), over=one.run)

    def _at_least(self, least: int, *sums: tuple[_Sum, int], over: int = 1) -> None:
        """Row by row: written as expressions, large programs take longer to build than to solve."""
        bound = (least - sum(sign * add for (add, _), sign in sums)) / over
        row = self._solver.RowConstraint(bound, self._solver.infinity(), "")
        factors: dict[Any, float] = {}
        for (_, terms), sign in sums:
            for variable, times in terms:
                factors[variable] = factors.get(variable, 0.0) + sign * times / over
        for variable, factor in factors.items():
            row.SetCoefficient(variable, factor)
        if self._room is not None:
            self._rows.append((row, bound, factors))

    def _priced(self) -> tuple[Any, Any, bool]:
        """The cost with and without prices of what costs nothing, and whether these may decide anything."""
        market = self._model.market
        priced = [
            (float(slope), cut)
            for offer, cuts in zip(market.offers, self._cuts, strict=True)
            for slope, cut in zip(offer.slopes, cuts, strict=True)
        ]
        priced += [
            (float(lead.per_minute), overlap) for lead, overlap in zip(market.leads, self._overlaps, strict=True)
        ]
        least = _FREE * max((slope for slope, _ in priced), default=1.0) or _FREE
        more = fsum((least - slope) * variable.ub() for slope, variable in priced if slope < least)
        cost = self._solver.Sum([max(slope, least) * variable for slope, variable in priced])
        return cost, self._solver.Sum([slope * variable for slope, variable in priced]), more > float(MONEY)

    def cheapest(self, finish: int, *, limit_s: float | None = None) -> Relaxed | None:
        """The least cost for a project that finishes by that instant; None when it cannot, or time is over."""
        if limit_s is not None:
            self._solver.set_time_limit(max(1, round(1000 * limit_s)))
        for axis, latest in self._finishes.items():
            latest.SetUb(self._model.axes[axis].worked(finish) - self._zeros[axis])
        return self._least_of(self._cost, self._paid)

    def fastest(self, finish: int) -> Relaxed | None:
        """The earliest finish on the one axis there is, whatever it costs."""
        return self.weighted(finish, 1.0, priced=False)

    def weighted(self, finish: int, cost_per_minute: float, *, priced: bool = True) -> Relaxed | None:
        """The least of cost and time together, on the one axis there is, by `finish` at the latest."""
        (axis,) = {activity.axis for activity in self._model.activities if activity.counts}
        self._finishes[axis].SetUb(self._model.axes[axis].worked(finish) - self._zeros[axis])
        time = cost_per_minute * self._finishes[axis]
        return self._least_of(self._cost + time, self._paid + time, cost_per_minute) if priced else self._solved(time)

    def _least_of(self, cost: Any, paid: Any, cost_per_minute: float = 0.0) -> Relaxed | None:
        """Where prices of what costs nothing may have decided, they count only if that made nothing dearer."""
        found = self._solved(cost)
        if found is None or not (self._sways and self._model.is_plain):
            return found
        other = self._solved(paid)
        if other is None or self._total(other, cost_per_minute) >= self._total(found, cost_per_minute):
            return found
        return other

    def _total(self, relaxed: Relaxed, cost_per_minute: float) -> float:
        return relaxed.cost + cost_per_minute * relaxed.finish

    def _solved(self, objective: Any) -> Relaxed | None:
        self._solver.Minimize(objective)
        if self._solver.Solve() != self._solver.OPTIMAL:
            return None
        market = self._model.market
        cuts = [sum(round(cut.solution_value()) for cut in cuts) for cuts in self._cuts]
        durations = tuple(offer.longest - cut for offer, cut in zip(market.offers, cuts, strict=True))
        overlaps = tuple(round(overlap.solution_value()) for overlap in self._overlaps)
        choice = Choice(durations, overlaps)
        last = max((self._zeros[axis] + round(one.solution_value()) for axis, one in self._finishes.items()), default=0)
        cost = market.cost(choice)
        return Relaxed(choice, float(cost), last, cost if self._room is None else self._least())

    def _least(self) -> Decimal:
        """What the program surely costs, by its dual: any multipliers of the rows prove a bound, so that the solver's
        tolerances do not matter (A. Neumaier, O. Shcherbina, "Safe bounds in linear and mixed-integer linear
        programming", 2004). Prices that were put on what costs nothing, and rounding of money, are taken off.
        """
        objective = self._solver.Objective()
        variables = [
            *self._starts,
            *self._overlaps,
            *self._finishes.values(),
            *(cut for cuts in self._cuts for cut in cuts),
        ]
        reduced: dict[Any, list[float]] = {variable: [objective.GetCoefficient(variable)] for variable in variables}
        terms = []
        for row, bound, factors in self._rows:
            times = max(0.0, row.dual_value())
            if times:
                terms.append(times * bound)
                for variable, factor in factors.items():
                    reduced[variable].append(-times * factor)
        for variable, parts in reduced.items():
            price = fsum(parts)
            if price:
                terms.append(price * (variable.lb() if price > 0 else variable.ub()))
        market = self._model.market
        terms += [-(coefficient - float(slope)) * most for slope, coefficient, most in self._prices()]
        terms.append(-float(MONEY) * (len(market.offers) + len(market.leads)))
        least = fsum(terms) - _ROUNDING * fsum(map(abs, terms))
        return max(Decimal(0), Decimal(least).quantize(MONEY, ROUND_FLOOR)) if isfinite(least) else Decimal(0)

    def _prices(self) -> Iterator[tuple[Decimal, float, float]]:
        """Of each minute that can be bought: what it costs, what the program pays, and how many there are."""
        market, objective = self._model.market, self._solver.Objective()
        for offer, cuts in zip(market.offers, self._cuts, strict=True):
            for slope, cut in zip(offer.slopes, cuts, strict=True):
                yield slope, objective.GetCoefficient(cut), cut.ub()
        for lead, overlap in zip(market.leads, self._overlaps, strict=True):
            yield lead.per_minute, objective.GetCoefficient(overlap), overlap.ub()
