"""A worker's eye on its job while a long step runs: tells how far it is, keeps hold of it, sees a cancellation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self

from nirman.jobs.job import Headway, JobOverError, JobTakenError
from nirman.optimization.progress import Progress

EVERY_S = 1.0
"""A cancellation is seen, and progress told, within this time."""
LEASE_S = 60
"""A worker that died is followed by another after so long."""
RENEW_S = 20
FIRST_PERCENT, LAST_PERCENT = 5, 95
"""What is before and after the long step has the rest."""


class Held(Protocol):
    """A job as its worker holds it; both raise JobOverError or JobTakenError when it does no longer."""

    def report(self, percent: int, headway: Headway | None = None) -> None: ...

    def look(self) -> None: ...


class Watch(AbstractContextManager["Watch"]):
    """While it is entered a thread of its own beats every `every_s` seconds; `hear` may be called from any thread.

    A search that does not know how much is left is as far as its time: `elapsed` seconds of `limit_s`, by `clock`.
    `holding` is told seconds for which the job is held, as often as that is renewed. What else goes wrong in a beat is
    `trouble` and tried again in the next.
    """

    def __init__(
        self,
        run: Held,
        *,
        clock: Callable[[], float],
        limit_s: float,
        holding: Callable[[int], None] = lambda _: None,
        trouble: Callable[[Exception], None] = lambda _: None,
        every_s: float = EVERY_S,
    ) -> None:
        self._run = run
        self._clock = clock
        self._limit_s = limit_s
        self._holding = holding
        self._trouble = trouble
        self._every_s = every_s
        self._began = clock()
        self._renewed: float | None = None
        self._heard = Progress()
        self._told: tuple[int, Headway] | None = None
        self._done = Event()
        self._thread = Thread(target=self._beats, name="watch", daemon=True)
        self.over: JobOverError | JobTakenError | None = None
        """Set when the job is not this worker's any more."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def hear(self, progress: Progress) -> None:
        self._heard = progress

    def ended(self) -> bool:
        """There is no use in going on."""
        return self.over is not None

    def beat(self) -> None:
        """What there is to say is said; else the job is only looked at, or held on to when that is due."""
        now = self._clock()
        telling = self._percent(now), _headway(self._heard)
        due = self._renewed is None or now - self._renewed >= RENEW_S
        try:
            if due or telling != self._told:
                self._run.report(*telling)
                self._told = telling
            else:
                self._run.look()
        except (JobOverError, JobTakenError) as exc:
            self.over = exc
            return
        if due:
            self._holding(LEASE_S)
            self._renewed = now

    def _beats(self) -> None:
        while not (self._done.is_set() or self.ended()):
            try:
                self.beat()
            except Exception as exc:  # noqa: BLE001 - throttled, or no answer: the next beat tells
                self._trouble(exc)
            self._done.wait(self._every_s)

    def _percent(self, now: float) -> int:
        passed = min(1.0, (now - self._began) / self._limit_s) if self._limit_s > 0 else 1.0
        done = passed if self._heard.done is None else min(1.0, max(0.0, self._heard.done))
        return FIRST_PERCENT + int((LAST_PERCENT - FIRST_PERCENT) * done)


def _headway(progress: Progress) -> Headway:
    gap = None if progress.gap is None else round(progress.gap, 4)
    return Headway(phase=progress.phase, finish=progress.finish, cost=progress.cost, bound=progress.bound, gap=gap)
