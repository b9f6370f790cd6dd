"""Cursors, selections, typing, and what each socket looks at: told soon, to those who can see it, and forgotten.

A signal is written to the room's board, where the sender's next one replaces it; who sends the board, `turns` says. So
the last signal is always sent, and however many come, the room is sent to once an interval. Who came to a big room and
who left it goes along.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s

import msgspec

from nirman.collaboration import presence
from nirman.collaboration.broadcast import MAX_PRUNED, Broadcast
from nirman.collaboration.dialogue import Answers
from nirman.collaboration.frames import presence_frames
from nirman.collaboration.messages import (
    MAX_FRAME_BYTES,
    Look,
    Looking,
    Looks,
    Noted,
    Pointer,
    Signal,
    Signals,
    encode,
)
from nirman.collaboration.messages.base import Message
from nirman.collaboration.ports import (
    Board,
    Clock,
    Connection,
    GoneError,
    NotDeliveredError,
    Shown,
    Sockets,
)
from nirman.collaboration.posting import THREADS
from nirman.collaboration.presence import SKEW
from nirman.collaboration.turns import LONGEST_MS, Turns, interval_ms
from nirman.errors import NotFoundError
from nirman.tenancy.identity import ProjectKey

OVERLAP = timedelta(seconds=1)
"""What was written so long before the last time is sent again: clocks differ, and a write takes its time."""
ANNOUNCED_AGAIN = SKEW + OVERLAP
"""The same of announcements, which are said only once: here clocks may differ by as much as they ever do."""


class SignalService:
    """What a client says of itself."""

    def __init__(self, *, board: Board, turns: Turns, now: Clock) -> None:
        self._board = board
        self._turns = turns
        self._now = now

    def answers(self) -> Answers:
        return {Look: self.look, Signal: self.signal}

    def look(self, connection: Connection, message: Look) -> Noted:
        room = _room(connection, message.project)
        self._board.look(connection, room, message.looking, now=self._now())
        return self._noted(message.id, room)

    def signal(self, connection: Connection, message: Signal) -> Noted:
        room = _room(connection, message.project)
        pointer = Pointer(
            user=connection.principal.user,
            socket=blake2s(connection.id.encode(), digest_size=6).hexdigest(),
            cursor=message.cursor,
            selection=message.selection,
            typing=message.typing,
        )
        self._board.point(connection, room, pointer, number=message.n, now=self._now())
        return self._noted(message.id, room)

    def _noted(self, message_id: str, room: ProjectKey) -> Noted:
        turn = self._turns.take(room)
        return Noted(id=message_id, interval_ms=interval_ms(turn.sockets))


@dataclass(frozen=True, slots=True)
class Flushed:
    """Frames that arrived at the gateway, and that did not."""

    delivered: int = 0
    failed: int = 0


class Flush:
    """Sends what the board of a room shows. One try a frame: the next one says where everybody is then."""

    def __init__(
        self,
        *,
        board: Board,
        broadcast: Broadcast,
        sockets: Sockets,
        now: Clock,
        sleep: Callable[[float], None],
        threads: int = THREADS,
    ) -> None:
        self._board = board
        self._broadcast = broadcast
        self._sockets = sockets
        self._now = now
        self._sleep = sleep
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="signal")

    def __call__(self, room: ProjectKey, turn: str, *, wait_ms: int) -> Flushed:
        self._sleep(min(wait_ms, LONGEST_MS) / 1000)
        at = self._now()
        mine = self._board.end_turn(room, turn, now=at)
        if mine is None:
            return Flushed()
        shown = self._board.shown(room, now=at)
        since = None if mine.last is None else mine.last - ANNOUNCED_AGAIN
        changes = self._board.announced(room, since=since, now=at)
        told = tuple(encode(message) for message in presence_frames(changes))
        # After the board: of whoever left meanwhile nothing is sent.
        audience = {occupant.connection: occupant.principal.user for occupant in self._broadcast.audience(room)}
        if interval_ms(len(audience)) != interval_ms(mine.sockets):
            self._board.sent(room, len(audience))
        news = News(
            [one for one in shown if one.connection in audience],
            since=None if mine.last is None else mine.last - OVERLAP,
            head=Signals(project=room.project, at=presence.stamp(at), interval_ms=interval_ms(len(audience))),
        )
        frames = {connection: (*told, *news.frames(connection, user)) for connection, user in audience.items()}
        return self._send({connection: some for connection, some in frames.items() if some})

    def _send(self, frames: dict[str, tuple[bytes, ...]]) -> Flushed:
        sent = list(self._pool.map(self._post, frames, frames.values()))
        gone = [connection for connection, each in zip(frames, sent, strict=True) if each is None]
        self._broadcast.close(*gone[:MAX_PRUNED])
        delivered = sum(each for each in sent if each is not None)
        return Flushed(delivered, sum(map(len, frames.values())) - delivered)

    def _post(self, connection: str, frames: Collection[bytes]) -> int | None:
        """How many arrived; None if the connection is gone."""
        delivered = 0
        for frame in frames:
            try:
                self._sockets.post(connection, frame)
            except GoneError:
                return None
            except NotDeliveredError:
                continue
            delivered += 1
        return delivered


class News:
    """What changed on the board after `since`, encoded once for all who are told; None: all of it."""

    def __init__(self, shown: Collection[Shown], *, since: datetime | None, head: Signals) -> None:
        self._head = head
        self._sees = {one.connection: one.looking for one in shown if one.looking is not None}
        self._moved = [
            (one, encode(one.pointer))
            for one in shown
            if one.pointer is not None and one.moved is not None and (since is None or one.moved > since)
        ]
        looks = presence.looks_by_user(shown)
        looked = {one.user for one in shown if one.looked is not None and (since is None or one.looked > since)}
        self._looks = [(user, encode(Looks(user, looks.get(user, ())))) for user in sorted(looked)]

    def frames(self, connection: str, user: str) -> Iterator[bytes]:
        """For one socket: nothing about itself, and no signals out of its sight; none if nothing is left."""
        sight = self._sees.get(connection)
        pointers = [
            entry
            for one, entry in self._moved
            if one.connection != connection
            and (sight is None or any(is_in_sight(pointer, sight) for pointer in (one.pointer, one.before)))
        ]
        looks = [entry for whose, entry in self._looks if whose != user]
        yield from self._cut(pointers, looks)

    def _cut(self, pointers: list[bytes], looks: list[bytes]) -> Iterator[bytes]:
        parts: tuple[list[bytes], list[bytes]] = ([], [])
        size = empty = len(encode(self._head))
        for place, entry in [*((0, entry) for entry in pointers), *((1, entry) for entry in looks)]:
            if size + len(entry) + 1 > MAX_FRAME_BYTES:
                yield self._frame(*parts)
                parts, size = ([], []), empty
            parts[place].append(entry)
            size += len(entry) + 1
        if any(parts):
            yield self._frame(*parts)

    def _frame(self, pointers: Iterable[bytes], looks: Iterable[bytes]) -> bytes:
        return encode(
            _Frame(
                project=self._head.project,
                at=self._head.at,
                interval_ms=self._head.interval_ms,
                pointers=tuple(map(msgspec.Raw, pointers)),
                looks=tuple(map(msgspec.Raw, looks)),
            )
        )


class _Frame(Message, frozen=True, tag="signals"):
    """`Signals`, of what was encoded before."""

    project: str
    at: str
    interval_ms: int
    pointers: tuple[msgspec.Raw, ...]
    looks: tuple[msgspec.Raw, ...]


def is_in_sight(pointer: Pointer | None, looking: Looking) -> bool:
    """Whether any of the signals is on what is looked at: its area, and those of its tasks that are on the screen.

    Whoever names no tasks sees all of the area. Selected tasks and typing are in every area that shows the task.
    """
    if pointer is None:
        return False
    cursor = pointer.cursor
    tasks = set(pointer.selection)
    if pointer.typing is not None:
        tasks.add(pointer.typing.task)
    if cursor is not None and cursor.area == looking.area:
        if cursor.task is None:
            return True
        tasks.add(cursor.task)
    return not tasks.isdisjoint(looking.tasks) if looking.tasks else bool(tasks)


def _room(connection: Connection, project: str) -> ProjectKey:
    room = ProjectKey(connection.principal.tenant, project)
    if room not in connection.rooms:
        raise NotFoundError("join the project's room first")
    return room
