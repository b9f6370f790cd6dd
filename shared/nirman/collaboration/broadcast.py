"""The same frames to everyone in a room who may still see the project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from nirman.collaboration import presence
from nirman.collaboration.messages import Presence, encode
from nirman.collaboration.ports import (
    Attendance,
    Clock,
    Connection,
    Directory,
    GoneError,
    NotDeliveredError,
    Occupant,
    Room,
    Rooms,
    Sockets,
)
from nirman.tenancy.identity import Principal, ProjectKey

THREADS = 16


@dataclass(frozen=True, slots=True)
class Sent:
    """Of frames times connections: how many arrived at the gateway, how many did not; and connections found gone."""

    delivered: int = 0
    failed: int = 0
    gone: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(self.delivered + other.delivered, self.failed + other.failed, self.gone + other.gone)


class Broadcast:
    """Posts are best effort: whoever misses a frame sees the hole at the next one and asks for what was missed.

    `pauses` yields before each try to post a frame, waiting in between, and ends when to give up.
    `on_left` is told which connections are out of a project's room.
    """

    def __init__(
        self,
        *,
        rooms: Rooms,
        attendance: Attendance,
        sockets: Sockets,
        directory: Directory,
        now: Clock,
        pauses: Callable[[], Iterator[None]],
        on_left: Callable[[ProjectKey, Collection[str]], object] = lambda _key, _connections: None,
        threads: int = THREADS,
    ) -> None:
        self._rooms = rooms
        self._attendance = attendance
        self._sockets = sockets
        self._directory = directory
        self._now = now
        self._pauses = pauses
        self._on_left = on_left
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="post")

    def send(self, room: Room, frames: Sequence[bytes]) -> Sent:
        """The frames in their order to everyone in the room."""
        return self._send(frames, self.audience(room))

    def send_to(self, audience: Sequence[Occupant], frames: Sequence[bytes]) -> Sent:
        return self._send(frames, audience)

    def audience(self, room: Room) -> tuple[Occupant, ...]:
        """Who is in the room and may see the project now: membership can have ended since they came."""
        occupants = self._rooms.occupants(room, now=self._now())
        # The rooms of a person and of a tenant are entered by nobody else.
        return self.seeing(room, occupants) if isinstance(room, ProjectKey) else occupants

    def seeing(self, key: ProjectKey, occupants: tuple[Occupant, ...]) -> tuple[Occupant, ...]:
        """Those of the occupants of any room who may see the project now."""
        if not occupants:
            return ()
        viewers = self._directory.viewers_among(key, {occupant.principal for occupant in occupants})
        return tuple(occupant for occupant in occupants if occupant.principal in viewers)

    def close(self, connection_id: str) -> Sent:
        """Remove a connection from everywhere and tell the rooms it was in."""
        return self._close([connection_id])

    def announce_joined(self, key: ProjectKey, connection: Connection) -> Sent:
        """Tell the others in the room that a person is here, unless they know it by another socket of theirs."""
        audience = self.audience(key)
        user = connection.principal.user
        sent = Sent()
        if not presence.is_known(user, audience, apart_from=connection.id, now=self._now()):
            others = [occupant for occupant in audience if occupant.connection != connection.id]
            at = self._attendance.stamp(key, now=self._now())
            sent = self._announce(key, [presence.change(key, connection.principal, "joined", at)], others)
        self._attendance.came(connection.id, key)
        return sent

    def left(self, key: ProjectKey, connections: Mapping[str, Principal]) -> Sent:
        """These connections are out of the room: they have nothing in it any more, and the others are told."""
        self._on_left(key, connections.keys())
        return self.announce_left(key, connections.values())

    def announce_left(self, key: ProjectKey, principals: Iterable[Principal]) -> Sent:
        """Tell the room who of these is gone: those of whom no other socket is still there."""
        # Stamped before looking: a socket that comes in between is announced with a later stamp, and that one holds.
        at = self._attendance.stamp(key, now=self._now())
        audience = self.audience(key)
        gone = {one.user: one for one in principals if not presence.is_in(one.user, audience)}
        return self._announce(key, [presence.change(key, one, "left", at) for one in gone.values()], audience)

    def _announce(self, key: ProjectKey, changes: Sequence[Presence], audience: Sequence[Occupant]) -> Sent:
        if not changes:
            return Sent()
        # Before it is sent: who hears of the stamp by a ping, but not of the change, asks anew.
        self._attendance.announced(key, datetime.fromisoformat(changes[-1].at))
        return self._send([encode(change) for change in changes], audience)

    def _close(self, connection_ids: Iterable[str]) -> Sent:
        left: dict[ProjectKey, dict[str, Principal]] = {}
        # All are removed before any room is told, so that none of them is posted to again.
        closed = [(connection, *place) for connection in connection_ids for place in self._rooms.close(connection)]
        for connection, room, principal in closed:
            if isinstance(room, ProjectKey):
                left.setdefault(room, {})[connection] = principal
        return sum((self.left(key, theirs) for key, theirs in left.items()), Sent())

    def _send(self, frames: Sequence[bytes], audience: Sequence[Occupant]) -> Sent:
        # One task a connection, so that each gets the frames in order.
        each = list(self._pool.map(lambda occupant: self._post_all(occupant.connection, frames), audience))
        gone = [occupant.connection for occupant, sent in zip(audience, each, strict=True) if sent.gone]
        return sum(each, self._close(gone))

    def _post_all(self, connection_id: str, frames: Sequence[bytes]) -> Sent:
        delivered = 0
        for frame in frames:
            try:
                delivered += self._post(connection_id, frame)
            except GoneError:
                return Sent(delivered, gone=1)
        return Sent(delivered, len(frames) - delivered)

    def _post(self, connection_id: str, frame: bytes) -> bool:
        for _ in self._pauses():
            try:
                self._sockets.post(connection_id, frame)
            except NotDeliveredError as exc:
                if not exc.again:
                    return False
            else:
                return True
        return False
