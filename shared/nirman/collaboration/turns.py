"""What a room is told soon, in one frame an interval, however much happens: whose turn it is to send that.

Something is written to the room's board. Then its author tries to take the room's turn: whoever gets it has the board
sent when the interval since the last time is over, by a function of its own, which waits and posts while the author has
an answer already. Whoever does not get it is done: the turn ends before the board is read, so what was written while
somebody had the turn is read by them. So what was written last is always sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from nirman.collaboration.messages import Presence
from nirman.collaboration.ports import Board, Clock, Flusher, Turn
from nirman.tenancy.identity import ProjectKey

SHORTEST_MS = 100
LONGEST_MS = 2_000
SOCKETS_AT_SHORTEST = 10


def interval_ms(sockets: int) -> int:
    """Between two frames to a room: so that each socket has as much to take in however many there are."""
    return min(LONGEST_MS, SHORTEST_MS * max(sockets, SOCKETS_AT_SHORTEST) // SOCKETS_AT_SHORTEST)


class Turns:
    """`new_id` makes one for each turn."""

    def __init__(self, *, board: Board, flusher: Flusher, now: Clock, new_id: Callable[[], str]) -> None:
        self._board = board
        self._flusher = flusher
        self._now = now
        self._new_id = new_id

    def take(self, room: ProjectKey) -> Turn:
        """After something was written to the board: it is sent."""
        now = self._now()
        turn = self._board.take_turn(room, self._new_id(), now=now)
        if turn.id is not None:
            self._flusher.wake(room, turn.id, wait_ms=_wait_ms(turn, now))
        return turn

    def announce(self, room: ProjectKey, changes: Sequence[Presence]) -> None:
        """Who came or left, with the room's next frame."""
        self._board.announce(room, changes, now=self._now())
        self.take(room)


def _wait_ms(turn: Turn, now: datetime) -> int:
    """What is left of the interval, whatever the clocks say."""
    if turn.last is None:
        return 0
    interval = interval_ms(turn.sockets)
    left = round((turn.last - now) / timedelta(milliseconds=1)) + interval
    return min(max(left, 0), interval)
