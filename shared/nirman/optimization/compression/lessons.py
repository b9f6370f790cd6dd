"""Constraint programming for one finish: what comes out late is taught how its calendars meet, until it is in time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nirman.optimization.compression.integer import Constraints, Found
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.problem import Problem
from nirman.optimization.compression.room import Room

if TYPE_CHECKING:
    from nirman.optimization.compression.search import Search

_AROUND = 24
"""How many pieces of a crossing before the one that mattered are told with it."""
_SHARE = 0.3
"""Of the time that is left: then a better choice that was found narrows the problem, or the same goes on to the end."""

_NOTHING, _COIN, _MILLIONTH = Decimal(0), Decimal("0.01"), Decimal("0.000001")
"""An answer that may be dearer than the best by no more than a coin, or a millionth of it, is called proven."""


class Lessons:
    """`best`: the best choice so far; `bound`: none costs less; `proven`: nor does any cost less than `best`."""

    def __init__(self, search: Search, problem: Problem, best: Choice | None, bound: Decimal) -> None:
        self.best, self.bound, self.proven = best, bound, False
        self.impossible = False
        """There is no choice that finishes by then."""
        self._search, self._finish, self._aimed = search, problem.room.finish, problem.room.finish
        self._share = _SHARE
        self._ask(problem)

    def learn(self, limit_s: float) -> None:
        """Until the answer is proven, or so many seconds are over."""
        until = self._search.stop.elapsed + limit_s
        while not self._search.stop() and self._search.stop.elapsed < until:
            if not self._goes_on(self._solved(until - self._search.stop.elapsed)):
                break

    def _ask(self, problem: Problem) -> None:
        self._problem, self._constraints = problem, Constraints(problem.model, problem.room)

    def _solved(self, left_s: float) -> Found:
        search = self._search
        if self.best is not None:
            self._constraints.hint(self.best)
        found = self._constraints.solve(
            limit_s=min(left_s, search.left_s) * self._share,
            workers=search.options.workers,
            seed=search.options.seed,
            stop=search.stop,
            beside=search.beside,
        )
        if self._as_asked and search.sound:
            self.impossible = not found.possible and self.best is None
            self.bound = max(self.bound, found.bound)
        return found

    @property
    def _as_asked(self) -> bool:
        return self._aimed == self._finish

    def _goes_on(self, found: Found) -> bool:
        if not found.possible:
            return False
        if found.choice is None:
            goes_on, self._share = self._share < 1, 1.0
            return goes_on
        late = self._search.finish(found.choice) - self._finish
        if late > 0:
            self._teach(found.choice, late)
            return True
        better = self._search.better(self.best, found.choice)
        improved, self.best = better != self.best, better
        self.proven = found.proven and self._as_asked and found.slack <= self._negligible()
        if not found.proven:
            self._share = _SHARE if improved else 1.0
            if improved and self._as_asked:
                self._ask(self._search.narrowed(self._finish, self.best))
        return not found.proven

    def _negligible(self) -> Decimal:
        cost = _NOTHING if self.best is None else self._search.market.cost(self.best)
        return max(_COIN, _MILLIONTH * cost)

    def _teach(self, choice: Choice, late: int) -> None:
        model = self._problem.model
        starts = model.earliest(choice)
        arcs = model.too_late(choice, self._aimed)
        if arcs and self._constraints.learn(arcs, lambda arc: model.seen_at(arc, starts, choice), around=_AROUND):
            return
        # The engine has a rule that the model does not know.
        self._aimed -= late
        self._ask(Problem(self._search.model, Room(self._search.model, self._aimed)))
