"""The search for a good order of tasks: rules of thumb, the solver, and chance; each order is placed in real calendars.

The best is the one with the least overload (there is none unless dates stand in the way; it counts in steps), then with
the earliest finish, then with the least delay of all tasks, weighed by their priorities. What is told of it meanwhile
is what the engine makes of it: the solver's own finish may be earlier than any plan's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from math import inf

from nirman.optimization.levelling.bound_windows import Windows
from nirman.optimization.levelling.bounds import TIME_WINDOWS, earliest_finish
from nirman.optimization.levelling.homeless import answerable, around, as_well
from nirman.optimization.levelling.jobs import Job, Shop
from nirman.optimization.levelling.model import Model, model_of
from nirman.optimization.levelling.placing import Placed, Placing, Rank
from nirman.optimization.levelling.settling import Settled, gap, in_steps, settled
from nirman.optimization.options import LevelOptions
from nirman.optimization.progress import OnProgress, Progress
from nirman.optimization.solver.answer import Answer, Solution
from nirman.optimization.solver.problem import MAX_ACTIVITIES
from nirman.optimization.solver.solve import Executor, solve
from nirman.optimization.stop import Sooner, StopCriterion
from nirman.scheduling.instants import to_datetime

SEARCH_SHARE = 0.9
"""Of the time limit: the rest is for the engine to say what comes of it."""
NOMINAL_PLACEMENTS = 8_000
"""Tasks that are placed in a second by `placing`, where work is counted and not timed."""
_FIRST_SHARE = 0.05
"""Of the time, at most, for rules of thumb before the solver, which has its own."""
_RULES_SHARE = 0.2
"""The same afterwards; and for chance."""
NOMINAL_PIECES = 150_000
"""Pieces of work of which a second has time to say whether they can be done by some finish."""
_WINDOWS_SHARE = 0.1
_PLACINGS_AFTER = 1.2
"""So many placings are left time for when the solver ends, which gets a share in any case."""
_CROWDED_SHARE = 0.35
"""Of the time, for places for all, where rules of thumb find none; as much goes to orders around what has none."""
_LEAST_SOLVER_SHARE = 0.1
_PARALLEL_PLACINGS = 5.0
"""So many placings take as long as one by the parallel scheme."""
_LOOK_SHARE = 0.1
"""Of the time of the solver, at most, for placing what it has so far."""
_MOST_LOOKS = 40
_MOST_CHANCES = 500
_OF_DELAY = 5
"""So much less is tried when the finish cannot be earlier any more."""


class Scheme(Enum):
    """How ranks become places; `NEAR`: they are the instants at which tasks are meant to start."""

    SERIAL = "serial"
    PARALLEL = "parallel"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Found:
    placed: Placed
    rank: Rank
    scheme: Scheme
    bound: int
    """An instant before which no plan finishes."""
    bound_by: str
    schedules: int
    stopped: bool
    reproducible: bool


class Search:
    def __init__(
        self,
        shop: Shop,
        options: LevelOptions,
        stop: StopCriterion,
        beside: Executor | None,
        on_progress: OnProgress,
    ) -> None:
        self._shop, self._options, self._stop, self._beside = shop, options, stop, beside
        self._on_progress = on_progress
        self._placing = Placing(shop, split=options.split)
        self._bound, self._bound_by = earliest_finish(shop)
        self._proven = self._bound
        """As the bound, at once when the solver has it."""
        self._settled: Settled | None = None
        """The best of what the engine was asked about."""
        self._best: tuple[tuple[int, int, int], Placed, Rank, Scheme] | None = None
        self._strain = 0
        """Of the first placing."""
        self._schedules = 0
        self._stopped = False
        self._reproducible = beside is None
        self._field = shop
        """What is searched: the shop, or what is left of it around tasks for which there is no place."""
        self._given: Placed | None = None
        """The placing that has these."""
        self._limit_s = SEARCH_SHARE * options.time_limit_s if beside else inf
        """Of the clock; alone, work is counted instead, and the clock is the caller's to look at."""
        self._placing_s = 0.0
        """How long the slowest placing took, where the clock counts."""

    def run(self) -> Found:
        self._by_rules(Scheme.SERIAL, share=_FIRST_SHARE)
        crowded = self._is_crowded()
        if crowded:
            self._by_rules(Scheme.PARALLEL, share=_RULES_SHARE)
        if not self._is_done() and not self._ended():
            self._by_windows()
        if not self._is_done() and not self._stop():
            self._by_solver(_CROWDED_SHARE if crowded else SEARCH_SHARE)
        if self._is_crowded() and not self._stop():
            self._by_chance(1)
            self._take_as_given()
            self._by_solver(_CROWDED_SHARE)
        if not self._is_done() and not self._ended(placings=_PARALLEL_PLACINGS):
            self._by_windows()
        if not self._is_done() and not self._ended(placings=_PARALLEL_PLACINGS) and not crowded:
            self._by_rules(Scheme.PARALLEL, share=_RULES_SHARE)
        self._by_chance(_OF_DELAY if crowded or self._is_done() else 1)
        return self._found()

    @property
    def settled(self) -> Settled:
        """The best of what the engine has scheduled meanwhile."""
        assert self._settled is not None, "one rule has been tried"
        return self._settled

    def again(self, shop: Shop, found: Found, floors: Mapping[int, int]) -> Found:
        """The same order, of a shop in which tasks begin no earlier than `floors`."""
        placing = Placing(shop, split=self._options.split, floors=floors)
        return replace(found, placed=_placed(placing, found.rank, found.scheme))

    # Rules of thumb.

    def _by_rules(self, scheme: Scheme, *, share: float) -> None:
        """In a share of the time, and one rule in any case."""
        until_s = self._stop.elapsed + share * self._limit_s
        for tried, rank in enumerate(rules(self._shop.jobs), 1):
            self._try(rank, scheme)
            if self._is_done() or self._ended() or tried >= self._affordable(share) or self._stop.elapsed > until_s:
                return

    def _affordable(self, share: float) -> int:
        """How many placings a share of the time has room for."""
        return int(share * self._options.time_limit_s * NOMINAL_PLACEMENTS / len(self._shop.jobs))

    # What cannot be.

    def _by_windows(self) -> None:
        assert self._best is not None, "one rule has been tried"
        (strain, finish, _), *_ = self._best
        if strain or self._options.within_slack:
            return
        windows = Windows(self._shop, finish, split=self._options.split)
        room = _WINDOWS_SHARE * self._options.time_limit_s * NOMINAL_PIECES
        looks = min(_MOST_LOOKS, int(room / max(1, windows.size)))
        until_s = self._stop.elapsed + _WINDOWS_SHARE * self._limit_s
        ended = Sooner(self._stop, until_s)
        proven = windows.earliest(self._bound, finish, looks=looks, stop=ended)
        if proven > self._bound:
            self._bound, self._bound_by = proven, TIME_WINDOWS
            self._proven = max(self._proven, proven)
            self._tell()

    # The solver.

    def _by_solver(self, share: float) -> None:
        assert self._best is not None, "one rule has been tried"
        if self._shop.nodes > MAX_ACTIVITIES:
            return
        model = model_of(self._field, self._best[1], split=self._options.split)
        problem = answerable(model.problem)
        if problem is not model.problem or self._given is not None:
            model = replace(model, problem=problem, exact=False)
        looks = _Looks(self._affordable(_RULES_SHARE) // 2)
        answer = solve(
            model.problem,
            time_limit_s=share * self._options.time_limit_s,
            stop=Sooner(self._stop, self._solver_limit_s(share)),
            seed=self._options.seed,
            executor=self._beside,
            known_bound=model.period_by(self._bound),
            on_progress=lambda solution, bound: self._hear(model, looks, solution, bound),
        )
        self._schedules += answer.schedules
        self._reproducible = self._reproducible and answer.reproducible
        self._learn(model, answer)
        if answer.solution is not None:
            self._try(self._starts(model, answer.solution), Scheme.NEAR)
            for rank in self._ranks(answer.solution):
                if not self._ended():
                    self._try(rank, Scheme.SERIAL)

    def _take_as_given(self) -> None:
        """From here on those that found no place stand where the best placing has them."""
        assert self._best is not None, "one rule has been tried"
        self._given = self._best[1]
        self._field = around(self._shop, self._given)
        self._placing = Placing(self._field, split=self._options.split)

    def _starts(self, model: Model, solution: Solution) -> Rank:
        return [(model.start(solution.starts[job.number]),) for job in self._shop.jobs]

    def _solver_limit_s(self, share: float) -> float:
        after = _PLACINGS_AFTER * self._placing_s
        until_s = min(self._limit_s, self._stop.elapsed + share / SEARCH_SHARE * self._limit_s) - after
        return max(until_s, self._stop.elapsed + _LEAST_SOLVER_SHARE * self._limit_s)

    def _ranks(self, solution: Solution) -> list[Rank]:
        starts, finishes = solution.starts, solution.finishes
        return [
            [(*(of[job.number] for of in ends), -job.task.priority, job.number) for job in self._shop.jobs]
            for ends in ((starts, finishes), (finishes, starts))
        ]

    def _hear(self, model: Model, looks: _Looks, solution: Solution | None, bound: int) -> None:
        """What the solver has so far is placed, and scheduled by the engine if that is better, now and then."""
        if model.exact and not self._options.within_slack:
            self._proven = max(self._proven, model.instant(bound))
        looks_s = inf if self._beside is None else _LOOK_SHARE * self._stop.elapsed / max(self._placing_s, 1e-9)
        if solution is not None and not self._stop() and looks.worthwhile(solution.makespan, bound, at_most=looks_s):
            self._try(self._starts(model, solution), Scheme.NEAR)
        self._tell()

    def _learn(self, model: Model, answer: Answer) -> None:
        if model.exact and not self._options.within_slack:
            proven = model.instant(answer.lower_bound)
            if proven > self._bound:
                self._bound, self._bound_by = proven, answer.bound_by

    # Chance.

    def _by_chance(self, part: int) -> None:
        """Orders near the best, for one that is better in anything; `part`: so much less of them."""
        random = _Random(self._options.seed)
        tries = min(self._affordable(_RULES_SHARE), _MOST_CHANCES)
        for _ in range(tries // part):
            assert self._best is not None, "one rule has been tried"
            (_, _, delay), placed, *_ = self._best
            if delay == 0 or self._ended():
                return
            reach = max(1, (placed.finish - min(placed.starts)) // 10)
            self._try(
                [(placed.starts[job.number] + random.below(reach), job.number) for job in self._shop.jobs],
                Scheme.SERIAL,
            )

    # What is known.

    def _try(self, rank: Rank, scheme: Scheme) -> None:
        began_s = self._stop.elapsed
        placed = _placed(self._placing, rank, scheme)
        if self._given is not None:
            placed = as_well(placed, self._given)
        if self._beside is not None:
            self._placing_s = max(self._placing_s, self._stop.elapsed - began_s)
        self._schedules += 1
        if self._best is None:
            self._strain = placed.strain
        steps = placed.strain if self._options.within_slack else in_steps(placed.strain, self._strain)
        key = (steps, placed.finish, _delay(self._shop, placed))
        if self._best is not None and key >= self._best[0]:
            return
        is_earlier = self._best is None or key[:2] < self._best[0][:2]
        self._best = (key, placed, rank, scheme)
        if self._settled is None or (is_earlier and not self._stop()):
            found = settled(self._shop, placed, self._options)
            if self._settled is None or found.key < self._settled.key:
                self._settled = found
            self._tell()

    def _tell(self) -> None:
        finish = self.settled.finish
        bound = min(self._proven, finish)
        self._on_progress(
            Progress(
                phase="levelling",
                finish=to_datetime(finish),
                bound=to_datetime(bound),
                gap=gap(self._shop.base, finish, bound),
            )
        )

    def _is_crowded(self) -> bool:
        """Whether some task has found no place."""
        assert self._best is not None, "one rule has been tried"
        return bool(self._best[1].strain)

    def _is_done(self) -> bool:
        """Nothing that is asked for can be better."""
        assert self._best is not None, "one rule has been tried"
        (strain, finish, _), *_ = self._best
        return strain == 0 and (finish <= self._bound or self._options.within_slack)

    def _ended(self, *, placings: float = 1.0) -> bool:
        """Whether there is no time for so many placings more."""
        if self._stop() or self._stop.elapsed + placings * self._placing_s > self._limit_s:
            self._stopped = True
        return self._stopped

    def _found(self) -> Found:
        assert self._best is not None, "one rule has been tried"
        _, placed, rank, scheme = self._best
        done = self._is_done()
        return Found(
            placed=placed,
            rank=rank,
            scheme=scheme,
            bound=self._bound,
            bound_by=self._bound_by,
            schedules=self._schedules,
            stopped=not done,
            reproducible=self._reproducible and not self._stopped,
        )


def rules(jobs: tuple[Job, ...]) -> Iterator[Rank]:
    """By latest finish; by what is first in its own schedule; by slack; by priority; by what it asks for."""
    yield [(job.late_finish, -job.task.priority, job.number) for job in jobs]
    yield [(job.floor, job.late_finish, job.number) for job in jobs]
    yield [(job.late_finish - job.floor - job.duration, job.floor, job.number) for job in jobs]
    yield [(-job.task.priority, job.late_finish, job.number) for job in jobs]


def _placed(placing: Placing, rank: Rank, scheme: Scheme) -> Placed:
    if scheme is Scheme.NEAR:
        return placing.near([start for (start,) in rank])
    return placing.parallel(rank) if scheme is Scheme.PARALLEL else placing.serial(rank)


def _delay(shop: Shop, placed: Placed) -> int:
    return sum((placed.starts[job.number] - job.floor) * (1 + job.task.priority) for job in shop.jobs)


class _Looks:
    """Which of the solver's answers are looked at before its end: as many as may be, and none for little."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._looked = 0
        self._last: int | None = None

    def worthwhile(self, makespan: int, bound: int, *, at_most: float) -> bool:
        """One that takes its share of what was still to be gained at the last, if there were not so many already."""
        if self._left <= 0 or self._looked + 1 > at_most:
            return False
        if self._last is not None and (self._last - makespan) * 2 * self._left < self._last - bound:
            return False
        if self._last is not None and makespan >= self._last:
            return False
        self._last = makespan
        self._left -= 1
        self._looked += 1
        return True


class _Random:
    """The generator of Park and Miller: the same numbers from the same seed on any machine."""

    def __init__(self, seed: int) -> None:
        self._state = seed % 2_147_483_646 + 1

    def below(self, bound: int) -> int:
        self._state = self._state * 48_271 % 2_147_483_647
        return self._state % bound
