"""The engine: a first answer, the search, and constraint programming beside it, until nothing better can exist or time
is up.

Alone (without an executor) the work is counted, not timed: so many schedules and so many of CP-SAT's deterministic
seconds stand for a second (`NOMINAL_*`), so that the same seed gives the same answer on any machine that keeps up. The
stop criterion may still cut the work short; the answer then says that it is not reproducible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from nirman.optimization.solver.answer import Answer, Conflict, Progress, Solution, Status
from nirman.optimization.solver.bounds import lower_bound
from nirman.optimization.solver.checks import conflicts
from nirman.optimization.solver.constraints import Run, Verdict, can_model
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.search import Search
from nirman.optimization.stop import StopCriterion

NOMINAL_PLACEMENTS = 6_000_000
"""Activities that the search places in a second, of a machine that is not fast."""
_FIRST_PLACEMENTS = 80_000
"""Of the first answer: some 20 ms."""
_CHUNK_PLACEMENTS = 200_000
"""Between two looks at the stop criterion: some 40 ms."""
_FIRST_TURN_S = 0.25
_PATIENCE_S = 0.05


class Future(Protocol):
    def done(self) -> bool: ...
    def result(self, timeout: float | None = None) -> Any:
        """`TimeoutError` when it is not there after so many seconds."""
        ...


class Executor(Protocol):
    """Another thread to work in; `concurrent.futures` has some."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future: ...


def first_answer(problem: Problem, *, seed: int = 0) -> Answer:
    """What rules, chance and justification give within some 20 ms; the same from the same seed."""
    return _Session(problem, seed, None).answer()


def solve(
    problem: Problem,
    *,
    time_limit_s: float,
    stop: StopCriterion,
    seed: int = 0,
    executor: Executor | None = None,
    on_progress: Progress | None = None,
) -> Answer:
    """The best schedule found until `stop` says so, or one that is proven to be the best.

    With an `executor` constraint programming runs in a thread of its; without, in turns with the search.
    """
    session = _Session(problem, seed, on_progress)
    if session.finished:
        return session.answer()
    if executor is None:
        _alone(session, time_limit_s, stop)
    else:
        _together(session, executor, stop)
    return session.answer()


class _Session:
    """What is known: the best schedule, the best bound."""

    def __init__(self, problem: Problem, seed: int, on_progress: Progress | None) -> None:
        self.problem, self.seed = problem, seed
        self.reproducible = True
        self.may_prove = can_model(problem)
        self._splits = any(activity.may_split for activity in problem.activities)
        self._on_progress = on_progress
        self.search = Search(problem, seed)
        early, late = self.search.without_resources()
        self.conflicts = tuple(conflicts(problem, early, late))
        self.bound, self.bound_by = lower_bound(problem, early)
        size = max(1, len(problem.activities))
        self.chunk = max(1, _CHUNK_PLACEMENTS // size)
        if not self.conflicts:
            self.search.run(max(1, _FIRST_PLACEMENTS // size))
        self.best = self.search.best()
        self._tell()

    @property
    def finished(self) -> bool:
        return bool(self.conflicts) or (not self.best.late and self.best.makespan <= self.bound)

    def look(self) -> None:
        """Takes what the search has, when that is better."""
        found = self.search.best()
        if (found.late, found.makespan) < (self.best.late, self.best.makespan):
            self.best = found
            self._tell()

    def run(self) -> Run:
        """Constraint programming for something below the best makespan, or for anything at all."""
        limit = self.search.axis if self.best.late else self.best.makespan - self.search.period
        return Run(self.problem, self.search.period, limit=limit, bound=self.bound, seed=self.seed)

    def learn(self, verdict: Verdict) -> None:
        if verdict.better is not None:
            self.search.join(verdict.better.starts, verdict.better.modes)
            self.look()
        elif verdict.exhausted and self.best.late:
            self.conflicts = (Conflict("there is no schedule that keeps to every latest finish and every total"),)
            return
        self.raise_bound(verdict.bound)

    def raise_bound(self, bound: int) -> None:
        if bound > self.bound:
            self.bound, self.bound_by = bound, "constraint programming"
            self._tell()

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(None if self.best.late else self._solution(), self.bound)

    def _solution(self) -> Solution:
        best = self.best
        lateness = sum(
            max(0, finish - activity.latest_finish)
            for finish, activity in zip(best.finishes, self.problem.activities, strict=True)
            if activity.latest_finish is not None
        )
        segments = self.search.segments() if self._splits else {}
        return Solution(best.starts, best.finishes, best.modes, best.makespan, lateness, segments)

    def _takes_too_much(self) -> bool:
        """Whether the modes of the best schedule take more of a non-renewable than there is."""
        chosen = [a.modes[mode] for a, mode in zip(self.problem.activities, self.best.modes, strict=True)]
        return any(
            sum(mode.consumption.get(number, 0) for mode in chosen) > resource.total
            for number, resource in enumerate(self.problem.non_renewables)
        )

    def answer(self) -> Answer:
        self.look()
        status = Status.OPTIMAL if self.finished else Status.FEASIBLE
        if self.conflicts:
            status = Status.INFEASIBLE
        elif self.best.late:
            status = Status.UNKNOWN
        solution = None if self.conflicts or self._takes_too_much() else self._solution()
        return Answer(
            status=status,
            solution=solution,
            lower_bound=self.bound,
            bound_by=self.bound_by,
            schedules=self.search.schedules,
            reproducible=self.reproducible,
            conflicts=self.conflicts,
        )


def _alone(session: _Session, time_limit_s: float, stop: StopCriterion) -> None:
    """Search and constraint programming in turns that double, each half of the work."""
    size = max(1, len(session.problem.activities))
    turn, proof, searched = _FIRST_TURN_S, 0.0, 0.0
    while not session.finished and searched + proof < time_limit_s:
        if stop():
            session.reproducible = False
            return
        if searched > proof + turn and session.may_prove:
            verdict = session.run()(session.best, min(turn, time_limit_s - searched - proof))
            proof += max(verdict.work, turn / 2)
            turn *= 2
            session.learn(verdict)
        else:
            session.search.run(session.chunk)
            session.look()
            searched = session.search.schedules * size / NOMINAL_PLACEMENTS


def _together(session: _Session, executor: Executor, stop: StopCriterion) -> None:
    """Constraint programming goes on until it knows; now and then it starts anew below a better makespan."""
    session.reproducible = False
    run: Run | None = None
    future: Future | None = None
    began = 0.0
    try:
        while not session.finished and not stop():
            session.search.run(session.chunk)
            session.look()
            if run is not None and future is not None:
                session.raise_bound(run.bound)
                if future.done():
                    session.learn(future.result())
                    future = None
                elif run.limit >= session.best.makespan and stop.elapsed - began > 1 + began:
                    run.stop()
            if future is None and session.may_prove and not session.finished:
                run, began = session.run(), stop.elapsed
                future = executor.submit(run, session.best)
    finally:
        while run is not None and future is not None and not _ended(future):
            run.stop()
    if future is not None:
        session.learn(future.result())


def _ended(future: Future) -> bool:
    try:
        future.result(_PATIENCE_S)
    except TimeoutError:
        return False
    return True
