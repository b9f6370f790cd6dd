"""The same problem for the constraint solver: either-or points, and calendars that meet.

Where an arc crosses calendars the solver is first told its least value and the longest facets of its hull. A chain
that turns out too long is taught: the pieces of its crossings near the positions of the chain, each with the condition
under which it holds. So what the solver knows is always less than the truth, its bounds hold, and each lesson excludes
the answer that gave rise to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from nirman.optimization.compression.crossing import Crossing, Piece
from nirman.optimization.compression.hull import PARTS
from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import MONEY, Choice, Offer
from nirman.optimization.compression.room import NO_END, Room

if TYPE_CHECKING:
    from nirman.optimization.solver.companion import Executor, Future

_SCALE = 2**44
"""The dearest choice costs about so many units of the solver's objective."""
_MOST_UNITS_A_MONEY = 1_000_000
_STEP = 30
"""Minutes between what is taught of a crossing that may leap at any of them."""
_FACETS = 2
"""Of each hull, the longest: whether with none, two or all of them, the solver proved as much in single runs."""
_MOST_PIECES = 3_000
"""Of all crossings together, that are told at once."""
_LOOK_S = 0.1
"""Between two looks whether it is to end."""


@dataclass(frozen=True, slots=True)
class Found:
    """`choice` None: nothing was found in time; `possible` False: there is nothing. `bound` and `slack` in money.

    `proven`: the solver has no better one. Since its prices are rounded, there may be one that costs `slack` less.
    """

    possible: bool
    choice: Choice | None = None
    bound: Decimal = Decimal(0)
    proven: bool = False
    slack: Decimal = Decimal(0)


class _Lost:
    """What rounding of prices comes to, in units: no more than if all is bought, nor than its share of what is paid."""

    def __init__(self) -> None:
        self._all, self._for_nothing, self._share = Decimal(0), Decimal(0), Decimal(0)

    def add(self, units: Decimal, price: Decimal, most: int) -> None:
        if price:
            self._all += most * units
            self._share = max(self._share, units / price)
        else:
            self._for_nothing += most * units

    def of(self, paid: int) -> Decimal:
        """`paid`: units after rounding. One that lost a share is more than that share of what was left."""
        most = self._all if self._share >= 1 else min(self._all, paid * self._share / (1 - self._share))
        return self._for_nothing + most


class Constraints:
    """The problem of a finish; grows by lessons."""

    def __init__(self, model: Model, room: Room) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415  # only who compresses loads the solver

        self._cp, self._model, self._room = cp_model, model, room
        self._problem = cp_model.CpModel()
        self._starts: list[Any] = []
        self._known: dict[int, set[int]] = {}
        self._reached: dict[tuple[int, bool, int], Any] = {}
        self._hints: list[Callable[[Choice], None]] = []
        dearest = model.market.cost(model.market.everything)
        self._units = max(1, min(_MOST_UNITS_A_MONEY, int(_SCALE / max(dearest, Decimal(1)))))
        self._above, self._below = _Lost(), _Lost()
        """How much the objective may be above the money, and below it."""
        self._rounding = MONEY * (len(model.market.offers) + len(model.market.leads))
        self.possible = room.possible
        self._durations: list[Any] = []
        self._costs: list[Any] = []
        for number, offer in enumerate(model.market.offers):
            self._offer(number, offer)
        self._overlaps = [self._lead(number) for number in range(len(model.market.leads))]
        self._latest = [model.limit(number, room.finish) for number in range(len(model.activities))]
        self._place()
        for arc in model.arcs:
            self._arc(arc)
        self._teach_all()
        if self.possible:
            self._problem.minimize(sum(self._costs))

    def _money(self, amount: Decimal) -> int:
        return self._rounded(round(amount * self._units), amount, 1)

    def _price(self, slope: Decimal, most: int) -> int:
        """Of a minute; what costs nothing is given the least price there is, so that none is bought without need."""
        return self._rounded(round(slope * self._units) or 1, slope, most)

    def _rounded(self, units: int, amount: Decimal, most: int) -> int:
        """Keeps in mind what is lost by that, when it is paid so often."""
        exact = amount * self._units
        (self._above if units > exact else self._below).add(abs(units - exact), exact, most)
        return units

    def _offer(self, number: int, offer: Offer) -> None:
        problem = self._problem
        if not offer.linear:
            picks = [problem.new_bool_var("") for _ in offer.points]
            problem.add_exactly_one(picks)
            self._durations.append(sum(minutes * pick for (minutes, _), pick in zip(offer.points, picks, strict=True)))
            self._costs.append(
                sum(self._money(cost) * pick for (_, cost), pick in zip(offer.points, picks, strict=True))
            )
            for (minutes, _), pick in zip(offer.points, picks, strict=True):
                self._told(pick, partial(_is_picked, number, minutes))
            return
        cuts, terms, before = [], [], None
        for ((long, _), (short, _)), slope in zip(pairwise(offer.points), offer.slopes, strict=True):
            cut = problem.new_int_var(0, long - short, "")
            if not offer.convex:
                # A part is begun when the one before it is used up: cheap parts behind dear ones are not had alone.
                begun = problem.new_bool_var("")
                problem.add(cut == 0).only_enforce_if(~begun)
                if before is not None:
                    problem.add(before[0] == before[1]).only_enforce_if(begun)
                before = (cut, long - short)
            self._told(cut, partial(_cut_from, number, long, short))
            cuts.append(cut)
            terms.append(self._price(slope, long - short) * cut)
        self._durations.append(offer.longest - sum(cuts))
        self._costs.append(sum(terms))

    def _lead(self, number: int) -> Any:
        market, problem = self._model.market, self._problem
        lead = market.leads[number]
        most = lead.most(market.lengths[number])
        overlap = problem.new_int_var(0, most, "")
        self._told(overlap, lambda choice: choice.overlaps[number])
        if lead.offer is not None:
            whole = self._durations[lead.offer] + market.offers[lead.offer].done_minutes
            used = problem.new_bool_var("")
            problem.add(overlap == 0).only_enforce_if(~used)
            problem.add(100 * (overlap + lead.already) <= lead.most_percent * whole).only_enforce_if(used)
        if lead.fixed:
            paid = problem.new_bool_var("")
            problem.add(overlap == 0).only_enforce_if(~paid)
            self._costs.append(self._money(lead.fixed) * paid)
        self._costs.append(self._price(lead.per_minute, most) * overlap)
        return overlap

    def _place(self) -> None:
        model = self._model
        for number, activity in enumerate(model.activities):
            low, latest = self._room.lows[0][number], self._latest[number]
            high = latest - model.span(number)[0]
            if not activity.counts:
                high = max(high, low)  # what is put off is late anyway
            high = min(high, self._room.starts[number])
            if low > high:
                self.possible = False
                high = low
            self._starts.append(self._problem.new_int_var(low, high, ""))
            if activity.offer is not None and activity.counts:
                self._problem.add(self._finish(number) <= latest)
            if activity.finish_floor is not None and activity.offer is not None:
                self._problem.add(self._finish(number) >= activity.finish_floor)

    def _finish(self, number: int) -> Any:
        activity = self._model.activities[number]
        return self._starts[number] + (activity.minutes if activity.offer is None else self._durations[activity.offer])

    def _source(self, arc: Arc) -> Any:
        """Where the crossing of an arc sees it from."""
        source = self._finish(arc.source) if arc.from_finish else self._starts[arc.source]
        return source + arc.before - (self._overlaps[arc.lead] if arc.lead is not None and arc.lead_before else 0)

    def _target(self, arc: Arc) -> Any:
        """What must be at least as much as the value of the crossing."""
        target = self._finish(arc.target) if arc.to_finish else self._starts[arc.target]
        return target - arc.after + (self._overlaps[arc.lead] if arc.lead is not None and not arc.lead_before else 0)

    def _arc(self, arc: Arc) -> None:
        if arc.crossing is None:
            self._problem.add(self._target(arc) >= self._source(arc))
            return
        low, high = self._room.reach(arc)
        self._problem.add(self._target(arc) >= arc.crossing.value(low))
        if high >= NO_END:
            return
        if self._model.activities[arc.source].axis == self._model.activities[arc.target].axis and low <= high:
            # Elapsed lags: at least so much is always between.
            self._problem.add(self._target(arc) >= self._source(arc) + arc.crossing.least_gain(low, high))
        for one in sorted(self._room.facets(arc), key=lambda facet: -facet.run)[:_FACETS]:
            slope, least = one.in_parts(low)
            self._problem.add(PARTS * self._target(arc) - slope * self._source(arc) >= least)

    def _teach_all(self) -> None:
        """Where crossings have few pieces no lessons are needed."""
        found: list[tuple[Arc, Piece]] = []
        for arc in self._model.arcs:
            low, high = self._room.reach(arc)
            if arc.crossing is None or self._room.is_open(arc.target) or high >= NO_END:
                continue
            if arc.crossing.cell is None:
                return
            found += ((arc, piece) for piece in islice(arc.crossing.pieces(low, high), _MOST_PIECES))
            if len(found) > _MOST_PIECES:
                return
        for arc, piece in found:
            self._known.setdefault(id(arc), set()).add(piece.first)
            self._teach(arc, piece)

    def learn(self, arcs: Iterable[Arc], position_of: Callable[[Arc], int], *, around: int) -> bool:
        """What the crossings of these arcs are like near their positions; False when all of it was known."""
        new = False
        for arc in arcs:
            if arc.crossing is None:
                continue
            known = self._known.setdefault(id(arc), set())
            for piece in self._near(arc, arc.crossing, position_of(arc), around):
                if piece.first not in known:
                    known.add(piece.first)
                    self._teach(arc, piece)
                    new = True
        return new

    def _near(self, arc: Arc, crossing: Crossing, position: int, around: int) -> Iterator[Piece]:
        """The piece of a position, then some before it and a few after; by the half hour where each minute is one."""
        low, high = self._room.reach(arc)
        step = 1 if crossing.cell is not None else _STEP
        here = crossing.piece(position)
        yield here
        before = after = here
        for number in range(around):
            if before.first - step >= low:
                before = crossing.piece(before.first - step)
                yield before
            if number < around // 4 and after.last + step <= high:
                after = crossing.piece(after.last + step)
                yield after

    def _teach(self, arc: Arc, piece: Piece) -> None:
        here = self._at_least(arc, piece.first)
        self._problem.add(self._target(arc) >= piece.value).only_enforce_if(here)
        if piece.rises:
            beyond = self._at_least(arc, piece.last + 1)
            self._problem.add(self._target(arc) >= self._source(arc) + (piece.value - piece.first)).only_enforce_if(
                here, ~beyond
            )
            self._problem.add(self._target(arc) >= piece.value + piece.last - piece.first).only_enforce_if(beyond)

    def _at_least(self, arc: Arc, position: int) -> Any:
        """Whether the source is at that position or later."""
        lead = arc.lead is not None and arc.lead_before
        key = (-1 - arc.lead if lead else arc.source, arc.from_finish, position - (0 if lead else arc.before))  # type: ignore[operator]
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self._problem.new_bool_var("")
            self._problem.add(self._source(arc) >= position).only_enforce_if(found)
            self._problem.add(self._source(arc) <= position - 1).only_enforce_if(~found)
        return found

    def _told(self, variable: Any, value: Callable[[Choice], int]) -> None:
        """What a choice means for a variable."""
        self._hints.append(lambda choice: self._problem.add_hint(variable, int(value(choice))))

    def hint(self, choice: Choice) -> None:
        """Where to begin."""
        self._problem.clear_hints()  # type: ignore[no-untyped-call]
        for tell in self._hints:
            tell(choice)

    def solve(
        self, *, limit_s: float, workers: int, seed: int, stop: Callable[[], bool], beside: Executor | None
    ) -> Found:
        """Without `beside`, `stop` is asked when something better is found, or a better bound."""
        if not self.possible:
            return Found(possible=False)
        cp = self._cp
        solver = cp.CpSolver()
        parameters = solver.parameters
        parameters.max_time_in_seconds = max(0.05, limit_s)
        parameters.num_workers = workers
        parameters.random_seed = seed % 2**31
        solver.best_bound_callback = lambda _: solver.stop_search() if stop() else None
        watch = _Watch(cp, stop)
        if beside is None:
            status = solver.solve(self._problem, watch)
        else:
            status = _watched(beside.submit(solver.solve, self._problem, watch), solver, stop)
        if status == cp.INFEASIBLE:
            return Found(possible=False)
        bound = Decimal(0)
        if status in (cp.OPTIMAL, cp.FEASIBLE):
            least = round(solver.best_objective_bound)
            bound = max(bound, (least - self._above.of(least)) / self._units - self._rounding)
            choice = Choice(
                tuple(solver.value(duration) for duration in self._durations),
                tuple(solver.value(overlap) for overlap in self._overlaps),
            )
            asked = round(solver.objective_value)
            slack = (self._above.of(asked) + self._below.of(asked)) / self._units
            return Found(possible=True, choice=choice, bound=bound, proven=status == cp.OPTIMAL, slack=slack)
        return Found(possible=True, bound=bound)


def _watched(future: Future, solver: Any, stop: Callable[[], bool]) -> Any:
    """The solver's status, as soon as there is one or whoever waits says so."""
    while True:
        try:
            return future.result(timeout=_LOOK_S)
        except TimeoutError:
            if future.done():
                raise
            if stop():
                solver.stop_search()


def _is_picked(offer: int, minutes: int, choice: Choice) -> bool:
    return choice.durations[offer] == minutes


def _cut_from(offer: int, longer: int, shorter: int, choice: Choice) -> int:
    """How much of a stretch of durations a choice does without."""
    return longer - max(shorter, min(longer, choice.durations[offer]))


def _Watch(cp: Any, stop: Callable[[], bool]) -> Any:  # noqa: N802
    """Ends the search at a solution when whoever waits says so."""

    class Watch(cp.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            if stop():
                self.stop_search()

    return Watch()
