"""The least cost for a finish: proposed by a solver, judged by the engine, until both agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from nirman.optimization.compression.build import engine_finishes, model_of
from nirman.optimization.compression.integer import Constraints
from nirman.optimization.compression.linear import LinearProgram, Relaxed
from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import Choice, Market
from nirman.optimization.compression.proposal import Proposals
from nirman.optimization.compression.room import Room
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule

if TYPE_CHECKING:
    from nirman.optimization.solver.companion import Executor

_ROUNDS = 12
"""Of linear programs, each for calendars as they met in the schedule of the one before."""
_PATIENCE = 2
"""Rounds until a finish that comes out late is asked for earlier."""
_MOST_ACTIVITIES = 5_000
"""More than these the constraint solver does not get through in the time that people wait."""
_AROUND = 24
"""How many pieces of a crossing before the one that mattered are told with it."""
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """`proven`: no choice that finishes in time costs less. `bound`: none costs less than this; None: not known.

    `choice` None: none was found; with `proven`, there is none.
    """

    choice: Choice | None
    cost: Decimal
    bound: Decimal | None
    proven: bool


class Search:
    """All questions about one plan; what was asked before helps with what is asked next."""

    def __init__(
        self,
        plan: Plan,
        schedule: Schedule,
        market: Market,
        options: CompressOptions,
        stop: StopCriterion,
        beside: Executor | None = None,
    ) -> None:
        self.market = market
        self.stop = stop
        self.methods: list[str] = []
        self._options, self._beside = options, beside
        self.proposals = Proposals(plan, market)
        self._schedules: dict[Choice, int] = {}
        self.model: Model = model_of(plan, schedule, market)
        self.sound = self._is_sound(market.nothing, schedule)
        """The model asks for nothing that the engine does not: its bounds hold."""
        everything = self.proposals.scheduled(market.everything)
        self._schedules[market.nothing] = _finish(schedule)
        self._schedules[market.everything] = _finish(everything)
        self.sound = self.sound and self._is_sound(market.everything, everything)
        self._hull = replace(self.model, market=market.hull)
        self._program: LinearProgram | None = None
        self._room: Room | None = None
        self._known: list[tuple[int, Answer]] = []

    @property
    def is_linear(self) -> bool:
        """One linear program has it all."""
        return self.model.is_plain and self.market.divisible

    def finish(self, choice: Choice) -> int:
        """The project's finish as the engine has it, minutes since 1970."""
        found = self._schedules.get(choice)
        if found is None:
            found = self._schedules[choice] = _finish(self.proposals.scheduled(choice))
        return found

    def cheapest(self, finish: int) -> Answer:
        """The least cost for a project that finishes by that instant."""
        if self.finish(self.market.nothing) <= finish:
            return Answer(self.market.nothing, _NOTHING, _NOTHING, proven=True)
        for asked, known in self._known:
            if known.choice is not None and known.proven and self.finish(known.choice) <= finish <= asked:
                return known
        answer = self._linear(finish) if self.is_linear else None
        if answer is None:
            answer = self._by_lessons(finish)
        self._known.append((finish, answer))
        return answer

    def program(self) -> LinearProgram:
        if self._program is None:
            self._program = LinearProgram(self.model)
            self._note("linear program")
        return self._program

    def judged(self, relaxed: Relaxed, finish: int) -> Answer | None:
        """An optimum of the linear program, unless the engine disagrees."""
        if self.finish(relaxed.choice) > finish:
            return None
        cost = self.market.cost(relaxed.choice)
        return Answer(relaxed.choice, cost, cost if self.sound else None, proven=self.sound)

    def _linear(self, finish: int) -> Answer | None:
        if self.model.fixed_finish is not None and self.model.fixed_finish > finish:
            return Answer(None, _NOTHING, None, proven=True)
        relaxed = self.program().cheapest(finish)
        if relaxed is None:
            return Answer(None, _NOTHING, None, proven=self.sound)
        return self.judged(relaxed, finish)

    def _by_lessons(self, finish: int) -> Answer:
        if self.model.fixed_finish is not None and self.model.fixed_finish > finish:
            return Answer(None, _NOTHING, None, proven=True)
        best, bound = self._by_linear_rounds(finish, self._first(finish))
        if len(self.model.activities) <= _MOST_ACTIVITIES:
            return self._by_constraints(finish, best, bound)
        return self._answer(best, bound, proven=False)

    def _answer(self, best: Choice | None, bound: Decimal, *, proven: bool) -> Answer:
        if best is None:
            return Answer(None, _NOTHING, None, proven=False)
        cost = self.market.cost(best)
        if not self.sound:
            return Answer(best, cost, None, proven=False)
        proven = proven or bound >= cost
        return Answer(best, cost, cost if proven else min(bound, cost), proven=proven)

    def _first(self, finish: int) -> Choice | None:
        """The best of what is known to finish in time."""
        candidates = [self.market.everything, *(known.choice for _, known in self._known if known.choice is not None)]
        timely = [choice for choice in candidates if self.finish(choice) <= finish]
        return min(timely, key=self.market.cost, default=None)

    def _better(self, one: Choice | None, other: Choice | None) -> Choice | None:
        found = [choice for choice in (one, other) if choice is not None]
        return min(found, key=self.market.cost, default=None)

    def _by_linear_rounds(self, finish: int, best: Choice | None) -> tuple[Choice | None, Decimal]:
        """Calendars meet as in the schedule of the round before; a finish that comes out late is asked for earlier.

        The first round, where crossings have the facets of their hulls and either-or is divided, gives a bound.
        """
        self._note("linear program")
        relaxed = LinearProgram(self._hull, room=self._room_by(finish)).cheapest(finish)
        if relaxed is None:
            return best, _NOTHING
        for start in (best, self.market.had(relaxed.choice)):
            if start is not None:
                best = self._better(best, self._rounds(start, finish))
        if best is not None and not self.market.divisible:
            best = self._given_back(best, finish)
        return best, self._bound(relaxed)

    def _rounds(self, choice: Choice, finish: int) -> Choice | None:
        """The best of some rounds. The first find out how the calendars meet; from then on what is late is asked for
        earlier.
        """
        best, aimed, seen = None, finish, set[Choice]()
        for number in range(_ROUNDS):
            late = self.finish(choice) - finish
            if late <= 0:
                best = self._better(best, choice)
            if (late <= 0 and (choice in seen or self.model.is_plain)) or self.stop():
                break
            if late > 0 and (choice in seen or number >= _PATIENCE):
                aimed -= late
            seen.add(choice)
            found = self._linear_round(choice, aimed)
            if found is None:
                break
            choice = found
        return best

    def _room_by(self, finish: int) -> Room:
        """Both solvers are told of the same: its hulls take longer than the linear program."""
        if self._room is None or self._room.finish != finish:
            self._room = Room(self.model, finish)
        return self._room

    def _linear_round(self, choice: Choice, aimed: int) -> Choice | None:
        starts = self.model.earliest(choice)
        found = LinearProgram(self._hull, lambda arc: self._gain(arc, starts, choice)).cheapest(aimed)
        return None if found is None else self.market.had(found.choice)

    def _bound(self, relaxed: Relaxed) -> Decimal:
        """By the linear program of the hull. On one calendar its optimum is whole; what is sold by the piece costs
        whole multiples of a unit.
        """
        bound = self.market.hull.cost(relaxed.choice) if self.model.is_plain else relaxed.bound
        unit = self.market.unit
        return bound if unit is None else (bound / unit).to_integral_value(ROUND_CEILING) * unit

    def _gain(self, arc: Arc, starts: list[int], choice: Choice) -> int:
        position = self._seen_at(arc, starts, choice)
        seen = position if arc.crossing is None else arc.crossing.value(position)
        return seen - position + arc.before + arc.after

    def _seen_at(self, arc: Arc, starts: list[int], choice: Choice) -> int:
        """The position that the crossing of an arc is asked of."""
        source = starts[arc.source] + (self.model.minutes(arc.source, choice) if arc.from_finish else 0)
        return source + arc.before - (choice.overlaps[arc.lead] if arc.lead is not None and arc.lead_before else 0)

    def _by_constraints(self, finish: int, best: Choice | None, bound: Decimal) -> Answer:
        self._note("constraint programming")
        aimed = finish
        constraints = Constraints(self.model, self._room_by(finish))
        if best is not None:
            constraints.hint(best)
        while not self.stop():
            found = constraints.solve(
                limit_s=self._options.time_limit_s - self.stop.elapsed,
                workers=self._options.workers,
                seed=self._options.seed,
                stop=self.stop,
                beside=self._beside,
            )
            if aimed == finish and self.sound:
                if not found.possible:
                    return (
                        Answer(None, _NOTHING, None, proven=True)
                        if best is None
                        else self._answer(best, bound, proven=False)
                    )
                bound = max(bound, found.bound)
            if found.choice is None:
                break
            late = self.finish(found.choice) - finish
            if late <= 0:
                best = self._better(best, found.choice)
                return self._answer(best, bound, proven=found.proven and aimed == finish)
            choice = found.choice
            starts = self.model.earliest(choice)
            arcs = self.model.too_late(choice, aimed)
            if arcs and constraints.learn(arcs, lambda arc: self._seen_at(arc, starts, choice), around=_AROUND):  # noqa: B023
                continue
            # The engine has a rule that the model does not know.
            aimed -= late
            constraints = Constraints(self.model, self._room_by(aimed))
        if best is not None:
            best = self._given_back(best, finish)
        return self._answer(best, bound, proven=False)

    def _given_back(self, choice: Choice, finish: int) -> Choice:
        """What was bought for nothing is given back, the dearest first."""
        prices = [(self.market.offers[n].cost(minutes), n, True) for n, minutes in enumerate(choice.durations)]
        prices += [(self.market.leads[n].cost(minutes), n, False) for n, minutes in enumerate(choice.overlaps)]
        for cost, number, is_offer in sorted(prices, reverse=True):
            if not cost or self.stop():
                break
            without = _without(choice, number, self.market, is_offer=is_offer)
            if self.finish(without) <= finish:
                choice = without
        return choice

    def _is_sound(self, choice: Choice, schedule: Schedule) -> bool:
        starts = self.model.earliest(choice)
        return all(
            starts[number] + self.model.minutes(number, choice) <= finish
            for number, finish in engine_finishes(self.model, schedule).items()
        )

    def _note(self, method: str) -> None:
        if method not in self.methods:
            self.methods.append(method)


def _without(choice: Choice, number: int, market: Market, *, is_offer: bool) -> Choice:
    if not is_offer:
        return replace(choice, overlaps=_put(choice.overlaps, number, 0))
    return replace(choice, durations=_put(choice.durations, number, market.offers[number].longest))


def _put(values: tuple[int, ...], number: int, value: int) -> tuple[int, ...]:
    return (*values[:number], value, *values[number + 1 :])


def _finish(schedule: Schedule) -> int:
    return schedule.network.setting("project_finish")
