"""Time that costs nothing, and threads of which one runs at a time.

What the functions do is plain blocking code. Each invocation has a thread, but only the one whose turn it is runs; the
turn ends at each call to a service and at each sleep. Who is next follows from times drawn with the seed, so a run is
repeated by its seed (and that of Python's hashes, PYTHONHASHSEED), and every interleaving that waiting for services
makes possible can come up.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


class _Leaping(selectors.SelectSelector):
    """Nothing is waited for: the clock is put forward to when the next thing is due."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.time += max(timeout, 0.0)
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.time


class _Turns:
    """The turn goes to and fro between the loop and one thread."""

    def __init__(self) -> None:
        self._to_thread = threading.Semaphore(0)
        self._to_loop = threading.Semaphore(0)
        self.sleep_s: float | None = None
        """How long the thread sleeps; None when it has ended."""

    def give(self) -> None:
        """In the loop: let the thread run until it sleeps or ends."""
        self._to_thread.release()
        self._to_loop.acquire()

    def begin(self) -> None:
        self._to_thread.acquire()

    def sleep(self, seconds: float) -> None:
        self.sleep_s = seconds
        self._to_loop.release()
        self._to_thread.acquire()

    def end(self) -> None:
        self.sleep_s = None
        self._to_loop.release()


class Simulation:
    """The clock, the sleeping and the threads of one run."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._here = threading.local()
        self._driven: set[asyncio.Task[Any]] = set()
        self.after_turn: Callable[[], None] = lambda: None
        """Called in the loop each time a thread's turn has ended."""

    def run(self, story: Callable[[], Awaitable[T]]) -> T:
        with asyncio.Runner(loop_factory=Loop) as runner:
            self._loop = runner.get_loop()
            return runner.run(story())  # type: ignore[arg-type]

    def monotonic(self) -> float:
        """Helper threads have a clock of their own within a turn, which their sleeping puts forward."""
        time = self._loop.time() if self._loop else 0.0
        turn, slept = getattr(self._here, "slept", (time, 0.0))
        return time + slept if turn == time else time

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    @property
    def in_turn(self) -> bool:
        """Whether this is an invocation's own thread."""
        return getattr(self._here, "turns", None) is not None

    def sleep(self, seconds: float) -> None:
        """For blocking code. For others no time passes while a helper thread sleeps: its invocation awaits it."""
        if self.in_turn:
            self._here.turns.sleep(seconds)
        else:
            time = self._loop.time() if self._loop else 0.0
            self._here.slept = (time, self.monotonic() - time + seconds)

    async def call(self, blocking: Callable[[], T]) -> T:
        """Runs it in a thread of its own; who waits for it may be cancelled, it goes on."""
        driving = asyncio.create_task(self._drive(blocking))
        self._driven.add(driving)
        driving.add_done_callback(self._driven.discard)
        result, raised = await asyncio.shield(driving)
        if raised is not None:
            raise raised
        return result  # type: ignore[return-value]

    async def rest(self) -> None:
        """Until nothing runs any more."""
        while self._driven:
            await asyncio.wait(self._driven)

    async def _drive(self, blocking: Callable[[], T]) -> tuple[T | None, BaseException | None]:
        turns = _Turns()
        outcome: list[tuple[T | None, BaseException | None]] = []

        def body() -> None:
            self._here.turns = turns
            turns.begin()
            try:
                outcome.append((blocking(), None))
            except BaseException as exc:  # noqa: BLE001 - handed on to who called
                outcome.append((None, exc))
            turns.end()

        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        turns.give()
        self.after_turn()
        while turns.sleep_s is not None:
            await asyncio.sleep(turns.sleep_s)
            turns.give()
            self.after_turn()
        thread.join()
        return outcome[0]
