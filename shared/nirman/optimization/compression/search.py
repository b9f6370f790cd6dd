"""The least cost for a finish: proposed by a solver, judged by the engine, until both agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from nirman.optimization.compression.build import engine_finishes, model_of
from nirman.optimization.compression.ledger import Ledger, ledger_of
from nirman.optimization.compression.lessons import Lessons
from nirman.optimization.compression.linear import LinearProgram, Relaxed
from nirman.optimization.compression.model import Model
from nirman.optimization.compression.offers import Choice, Market
from nirman.optimization.compression.problem import Problem
from nirman.optimization.compression.proposal import Proposals
from nirman.optimization.compression.room import Room
from nirman.optimization.compression.rounds import Rounds
from nirman.optimization.compression.tables import Tables
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule

if TYPE_CHECKING:
    from nirman.optimization.solver.companion import Executor

_LEAST_S = 0.05
_MOST_ACTIVITIES = 5_000
"""More than these the constraint solver does not get through in the time that people wait."""
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


@dataclass(frozen=True, slots=True)
class Sooner:
    """Stops by then, if not before."""

    stop: StopCriterion
    limit_s: float

    def __call__(self) -> bool:
        return self.stop.elapsed >= self.limit_s or self.stop()

    @property
    def elapsed(self) -> float:
        return self.stop.elapsed


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
        self.stop: StopCriterion = stop
        self.methods: list[str] = []
        self.options, self.beside = options, beside
        self._limit_s = options.time_limit_s
        self.proposals = Proposals(plan, market)
        self._schedules: dict[Choice, int] = {}
        self.model: Model = model_of(plan, schedule, market)
        self.sound = self._is_sound(market.nothing, schedule)
        """The model asks for nothing that the engine does not: its bounds hold."""
        everything = self.proposals.scheduled(market.everything)
        self._schedules[market.nothing] = _finish(schedule)
        self._schedules[market.everything] = _finish(everything)
        self.sound = self.sound and self._is_sound(market.everything, everything)
        self._program: LinearProgram | None = None
        self._tables = Tables()
        self._ledgers: list[Ledger] = []
        self._keeps_ledger = self.sound and not self.model.is_plain
        self._known: dict[int, Answer] = {}

    def reserve(self, seconds: float) -> None:
        """Ends so much before time is over."""
        self._limit_s = self.options.time_limit_s - seconds
        self.stop = Sooner(self.stop, self._limit_s)

    @property
    def left_s(self) -> float:
        """Seconds until time is over; never none, for solvers take that for no limit."""
        return max(_LEAST_S, self._limit_s - self.stop.elapsed)

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

    def cheapest(self, finish: int, *, limit_s: float | None = None) -> Answer:
        """The least cost for a project that finishes by that instant. Where that takes constraint programming, it goes
        on for `limit_s` seconds, else until time is over; asked again, from where it was.
        """
        if self.finish(self.market.nothing) <= finish:
            return Answer(self.market.nothing, _NOTHING, _NOTHING, proven=True)
        for asked, known in self._known.items():
            if known.choice is not None and known.proven and self.finish(known.choice) <= finish <= asked:
                return known
        answer = self._linear(finish) if self.is_linear else None
        if answer is None:
            answer = self._by_lessons(finish, limit_s)
        self._known[finish] = answer
        return answer

    def prepare(self, cost: Decimal) -> None:
        """For many finishes, and nothing that costs more: then `least` knows of each."""
        if self._keeps_ledger:
            self._keep(ledger_of(self.model, self.finish(self.market.everything), cost, self._tables, self.stop))

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

    def _by_lessons(self, finish: int, limit_s: float | None) -> Answer:
        if self.model.fixed_finish is not None and self.model.fixed_finish > finish:
            return Answer(None, _NOTHING, None, proven=True)
        self._note("linear program")
        rounds, whole = Rounds(self, finish), Problem(self.model, Room(self.model, finish))
        best, bound = self._first(finish), self.least(finish)
        if finish not in self._known:
            if best is not None:
                best = self.better(best, rounds.best_from(whole, best))
            best, lower = rounds.narrowing(best)
            bound = max(bound, lower, self.least(finish))
        closed = best is not None and bound >= self.market.cost(best)
        if closed or limit_s == 0 or self.stop() or len(self.model.activities) > _MOST_ACTIVITIES:
            return self._answer(best, bound, proven=False)
        self._note("constraint programming")
        lessons = Lessons(self, self.narrowed(finish, best), best, bound)
        lessons.learn(self.left_s if limit_s is None else limit_s)
        if lessons.impossible:
            return Answer(None, _NOTHING, None, proven=True)
        best = lessons.best
        if best is not None and not lessons.proven:
            best = rounds.given_back(whole, best)
        return self._answer(best, lessons.bound, proven=lessons.proven)

    def least(self, finish: int) -> Decimal:
        """What is known without asking: by the ledger, and of the same and of later finishes, which cost no more."""
        known = [answer.bound for asked, answer in self._known.items() if asked >= finish and answer.bound is not None]
        known += [ledger.least(finish) for ledger in self._ledgers if ledger.finish <= finish]
        return max(known, default=_NOTHING)

    def narrowed(self, finish: int, best: Choice | None) -> Problem:
        """What can matter for that finish, of what costs no more than the best that is known."""
        if best is not None and self._keeps_ledger:
            cost = self.market.cost(best)
            ledger = next((one for one in self._ledgers if one.cost >= cost and one.finish <= finish), None)
            if ledger is None:
                ledger = ledger_of(self.model, finish, cost, self._tables, self.stop)
                self._keep(ledger)
            found = None if ledger is None else ledger.within(finish, cost)
            if found is not None:
                return Problem(*found)
        return Problem(self.model, Room(self.model, finish))

    def _keep(self, ledger: Ledger | None) -> None:
        """One that was prepared, and the last; when one is not to be had, no other is asked for."""
        if ledger is None:
            self._keeps_ledger = False
        else:
            self._ledgers = [*self._ledgers[:1], ledger]

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
        candidates = [
            self.market.everything,
            *(known.choice for known in self._known.values() if known.choice is not None),
        ]
        timely = [choice for choice in candidates if self.finish(choice) <= finish]
        return min(timely, key=self.market.cost, default=None)

    def better(self, one: Choice | None, other: Choice | None) -> Choice | None:
        found = [choice for choice in (one, other) if choice is not None]
        return min(found, key=self.market.cost, default=None)

    def given_back(self, choice: Choice, finish: int) -> Choice:
        """Offers that were bought for nothing are given back, the dearest first; by the engine."""
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
