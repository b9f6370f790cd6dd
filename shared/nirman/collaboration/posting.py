"""Frames to connections: in order for each, side by side for all, for so long and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from nirman.collaboration.ports import Clock, GoneError, NotDeliveredError, Sockets

THREADS = 16


@dataclass(frozen=True, slots=True)
class Posted:
    """Of frames times connections: how many arrived at the gateway, how many did not; and connections found gone."""

    delivered: int = 0
    failed: int = 0
    gone: tuple[str, ...] = ()

    def __add__(self, other: Posted) -> Posted:
        return Posted(self.delivered + other.delivered, self.failed + other.failed, self.gone + other.gone)


class Posting:
    """Best effort. After a frame that a connection missed the later ones are still posted to it, though each once only:
    the first that arrives shows the hole, and the client asks for all it misses at once.

    `pauses` yields before each try to post a frame, waiting in between, and ends when to give up.
    """

    def __init__(
        self, sockets: Sockets, *, pauses: Callable[[], Iterator[None]], now: Clock, threads: int = THREADS
    ) -> None:
        self._sockets = sockets
        self._pauses = pauses
        self._now = now
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="post")

    def post(self, connections: Sequence[str], frames: Sequence[bytes], *, until: datetime) -> Posted:
        """What was not begun by `until` has failed."""
        # One task a connection, so that each gets the frames in order.
        each = self._pool.map(lambda connection: self._post_all(connection, frames, until), connections)
        return sum(each, Posted())

    def _post_all(self, connection: str, frames: Sequence[bytes], until: datetime) -> Posted:
        delivered = 0
        missed = False
        for frame in frames:
            if self._now() >= until:
                break
            try:
                arrived = self._post(connection, frame, once=missed)
            except GoneError:
                return Posted(delivered, gone=(connection,))
            delivered += arrived
            missed = missed or not arrived
        return Posted(delivered, len(frames) - delivered)

    def _post(self, connection: str, frame: bytes, *, once: bool) -> bool:
        for _ in islice(self._pauses(), 1 if once else None):
            try:
                self._sockets.post(connection, frame)
            except NotDeliveredError as exc:
                if not exc.again:
                    return False
            else:
                return True
        return False
