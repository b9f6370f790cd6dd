"""The same frames to everyone in a room who may still see the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nirman.collaboration import presence
from nirman.collaboration.messages import encode
from nirman.collaboration.ports import (
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
    """

    def __init__(
        self,
        *,
        rooms: Rooms,
        sockets: Sockets,
        directory: Directory,
        now: Clock,
        pauses: Callable[[], Iterator[None]],
        threads: int = THREADS,
    ) -> None:
        self._rooms = rooms
        self._sockets = sockets
        self._directory = directory
        self._now = now
        self._pauses = pauses
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="post")

    def send(self, room: Room, frames: Sequence[bytes]) -> Sent:
        """The frames in their order to everyone in the room."""
        return self._send(frames, self.audience(room))

    def audience(self, room: Room) -> tuple[Occupant, ...]:
        """Who is in the room and may see the project now: membership can have ended since they came."""
        occupants = self._rooms.occupants(room, now=self._now())
        # The rooms of a person and of a tenant are entered by nobody else.
        return self._seeing(room, occupants) if isinstance(room, ProjectKey) else occupants

    def _seeing(self, key: ProjectKey, occupants: tuple[Occupant, ...]) -> tuple[Occupant, ...]:
        if not occupants:
            return ()
        viewers = self._directory.viewers_among(key, {occupant.principal for occupant in occupants})
        return tuple(occupant for occupant in occupants if occupant.principal in viewers)

    def close(self, connection_id: str) -> Sent:
        """Remove a connection from everywhere and tell the rooms it was in."""
        return self._close([connection_id])

    def announce_joined(self, key: ProjectKey, connection: Connection) -> Sent:
        """Tell the others in the room that a person came, unless another socket of theirs was there before."""
        audience = self.audience(key)
        if not presence.is_first(connection.id, audience):
            return Sent()
        others = [occupant for occupant in audience if occupant.connection != connection.id]
        return self._send([encode(presence.change(key, connection.principal, "joined", self._now()))], others)

    def announce_left(self, key: ProjectKey, principal: Principal) -> Sent:
        """Tell the room that a person is gone, unless another socket of theirs is still there."""
        # Stamped before looking: a socket that comes in between is announced with a later stamp, and that one holds.
        at = self._now()
        audience = self.audience(key)
        if presence.is_in(principal.user, audience):
            return Sent()
        return self._send([encode(presence.change(key, principal, "left", at))], audience)

    def _close(self, connection_ids: Iterable[str]) -> Sent:
        sent = Sent()
        # All are removed before any room is told, so that none of them is posted to again.
        for room, principal in [left for one in connection_ids for left in self._rooms.close(one)]:
            if isinstance(room, ProjectKey):
                sent += self.announce_left(room, principal)
        return sent

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
