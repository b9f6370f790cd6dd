"""Linear programs in rounds, each for calendars as they met in the schedule of the one before."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from nirman.optimization.compression.linear import LinearProgram, Relaxed
from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.problem import Problem
from nirman.optimization.compression.sparing import spared

if TYPE_CHECKING:
    from nirman.optimization.compression.search import Search

_ROUNDS = 12
_SHARE = 0.7
_PATIENCE = 2
"""Rounds until a finish that comes out late is asked for earlier."""
_NARROWINGS = 4
"""Linear programs of the hull, each of what the best of the one before leaves to look at."""


class Rounds:
    """For one finish: choices that are timely by the engine."""

    def __init__(self, search: Search, finish: int) -> None:
        self._search, self._finish = search, finish

    def narrowing(self, best: Choice | None) -> tuple[Choice | None, Decimal]:
        """Crossings have the facets of their hulls, and either-or is divided: that gives a bound, and a choice to begin
        rounds with. What they find narrows the problem, which gives more of both.
        """
        search, bound = self._search, Decimal(0)
        for _ in range(_NARROWINGS):
            if search.stop():
                break
            problem = search.narrowed(self._finish, best)
            relaxed = LinearProgram(problem.hull, room=problem.room).cheapest(self._finish, limit_s=search.left_s)
            if relaxed is None:
                break
            bound = max(bound, self._bound(relaxed))
            better = search.better(best, self.best_from(problem, search.market.had(relaxed.choice)))
            if better is None or better == best:
                break
            best = better
            if bound >= search.market.cost(best):
                break
        return best, bound

    def best_from(self, problem: Problem, choice: Choice) -> Choice | None:
        """The best of some rounds, in a share of the time that is left. The first find out how the calendars meet; from
        then on what is late is asked for earlier.
        """
        search, best, aimed, seen = self._search, None, self._finish, set[Choice]()
        until = search.stop.elapsed + search.left_s * _SHARE
        for number in range(_ROUNDS):
            late = search.finish(choice) - self._finish
            if late <= 0:
                best = search.better(best, choice)
            if (
                (late <= 0 and (choice in seen or problem.model.is_plain))
                or search.stop.elapsed > until
                or search.stop()
            ):
                break
            if late > 0 and (choice in seen or number >= _PATIENCE):
                aimed -= late
            seen.add(choice)
            found = self._round(problem, choice, aimed)
            if found is None:
                break
            choice = found
        return None if best is None else self.given_back(problem, best)

    def given_back(self, problem: Problem, choice: Choice) -> Choice:
        """Without what was bought for nothing; where the engine has rules that the model has not, whole offers are."""
        search, model = self._search, problem.model
        if model.is_plain and search.market.divisible:
            return choice
        found = spared(model, choice, self._finish, search.stop)
        return found if search.finish(found) <= self._finish else search.given_back(choice, self._finish)

    def _round(self, problem: Problem, choice: Choice, aimed: int) -> Choice | None:
        model, search = problem.model, self._search
        starts = model.earliest(choice)
        program = LinearProgram(problem.hull, lambda arc: _gain(model, arc, starts, choice))
        found = program.cheapest(aimed, limit_s=search.left_s)
        return None if found is None else search.market.had(found.choice)

    def _bound(self, relaxed: Relaxed) -> Decimal:
        """By the linear program of the hull. On one calendar its optimum is whole; what is sold by the piece costs
        whole multiples of a unit.
        """
        market = self._search.market
        bound = market.hull.cost(relaxed.choice) if self._search.model.is_plain else relaxed.bound
        unit = market.unit
        return bound if unit is None else (bound / unit).to_integral_value(ROUND_CEILING) * unit


def _gain(model: Model, arc: Arc, starts: list[int], choice: Choice) -> int:
    position = model.seen_at(arc, starts, choice)
    seen = position if arc.crossing is None else arc.crossing.value(position)
    return seen - position + arc.before + arc.after
