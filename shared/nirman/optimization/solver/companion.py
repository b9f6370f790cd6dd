"""The second thread: constraint programming while that may close the gap, else a second search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from nirman.optimization.solver.constraints import Run
from nirman.optimization.solver.search import Search
from nirman.optimization.solver.session import Session
from nirman.optimization.stop import StopCriterion

_CHUNK_WORK = 1_000_000
"""Between two exchanges of the two searches: some 200 ms."""
_PATIENCE_S = 0.05
_EASY_S = 0.1
"""What is solved by then needs no second thread."""


class Future(Protocol):
    def done(self) -> bool: ...

    def result(self, timeout: float | None = None) -> Any:
        """`TimeoutError` when it is not there after so many seconds."""
        ...


class Executor(Protocol):
    """Another thread to work in; `concurrent.futures` has some."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future: ...


class Companion:
    """What is given to the other thread is not touched until it is done, `stop` and `bound` of a run apart."""

    def __init__(
        self, session: Session, executor: Executor, stop: StopCriterion, *, time_limit_s: float, proof_s: float
    ) -> None:
        """`proof_s`: how long constraint programming may go on whatever comes of it; 0: there is none."""
        self._session, self._executor, self._stop = session, executor, stop
        self._time_limit_s, self._proof_s = time_limit_s, proof_s
        self._run: Run | None = None
        self._search: Search | None = None
        self._future: Future | None = None
        self._began = 0.0

    def look(self) -> None:
        """Takes what has come, gives new work; to be called often."""
        if self._future is not None and not self._future.done():
            self._watch()
            return
        self._take()
        if not self._session.finished and self._stop.elapsed > _EASY_S:
            self._give()

    def end(self) -> None:
        """Nothing goes on in the other thread afterwards."""
        while self._future is not None and not _ended(self._future):
            if self._run is not None:
                self._run.stop()
        self._take()

    @property
    def _proving(self) -> bool:
        session = self._session
        return session.may_prove and self._proof_s > 0 and (session.close or self._stop.elapsed < self._proof_s)

    def _watch(self) -> None:
        """A run that is not worth its time any more is ended, and so now and then one that aims too low."""
        if self._run is None:
            return
        self._session.raise_bound(self._run.bound)
        aims_low = self._run.limit >= self._session.best.makespan
        if not self._proving or (aims_low and self._stop.elapsed > 1 + 2 * self._began):
            self._run.stop()

    def _take(self) -> None:
        future, self._future = self._future, None
        if future is None:
            return
        if self._run is not None:
            self._session.learn(future.result())
            self._run = None
        elif self._search is not None:
            self._exchange(self._search)

    def _exchange(self, search: Search) -> None:
        own, other = self._session.best, search.best()
        if (other.late, other.makespan) < (own.late, own.makespan):
            self._session.search.join(other.starts, other.modes)
            self._session.look()
        elif (own.late, own.makespan) < (other.late, other.makespan):
            search.join(own.starts, own.modes)
        self._session.schedules_elsewhere = search.schedules

    def _give(self) -> None:
        session = self._session
        self._began = self._stop.elapsed
        if self._proving:
            self._run = session.run()
            self._future = self._executor.submit(self._run, session.best, self._time_limit_s - self._began)
            return
        if self._search is None:
            self._search = Search(session.problem, session.seed + 1)
        self._future = self._executor.submit(self._search.run, _CHUNK_WORK)


def _ended(future: Future) -> bool:
    try:
        future.result(_PATIENCE_S)
    except TimeoutError:
        return False
    return True
