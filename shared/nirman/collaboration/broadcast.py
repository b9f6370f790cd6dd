"""The same frames to everyone in a room who may still see the project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nirman.collaboration import presence
from nirman.collaboration.fan_out import FanOut
from nirman.collaboration.frames import presence_frames
from nirman.collaboration.messages import encode
from nirman.collaboration.ports import (
    Attendance,
    Clock,
    Connection,
    Occupant,
    Room,
    Rooms,
)
from nirman.collaboration.posting import THREADS, Posted
from nirman.collaboration.turns import Turns
from nirman.tenancy.identity import Principal, ProjectKey

SEND_FOR = timedelta(seconds=18)
"""Of the 30 seconds that a function has; a last post that is not answered takes five more."""

MAX_PRUNED = 100
"""Connections found gone that are removed at once; the others are found again by the next frames."""

FEW = 50
"""Connections in a room up to which each is told at once who comes and leaves. When n people come to a room that is n
posts for each of them; beyond this it is n for each interval, however many come."""


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

    `on_left` is told which connections are out of a project's room. With `turns`, those in a room of more than `few`
    hear of who comes and leaves in the room's next frame; without, at once.
    """

    def __init__(
        self,
        *,
        rooms: Rooms,
        attendance: Attendance,
        fan_out: FanOut,
        now: Clock,
        on_left: Callable[[ProjectKey, Collection[str]], object] = lambda _key, _connections: None,
        turns: Turns | None = None,
        few: int = FEW,
    ) -> None:
        self._rooms = rooms
        self._attendance = attendance
        self._now = now
        self._on_left = on_left
        self._fan_out = fan_out
        self._turns = turns
        self._few = few
        self._closing = ThreadPoolExecutor(THREADS, thread_name_prefix="close")

    def send(self, room: Room, frames: Sequence[bytes], *, until: datetime | None = None) -> Sent:
        """The frames in their order to everyone in the room; those not begun by `until` are left out."""
        return self._settle(self._fan_out.send(room, frames, until=until or self._now() + SEND_FOR))

    def send_all(self, rooms: Sequence[tuple[Room, Sequence[bytes]]], *, until: datetime) -> Sent:
        """To one room after the other: what time is left at a room's turn is shared equally with those that wait.

        So a slow one takes no more than its share from the others.
        """
        sent = Sent()
        for done, (room, frames) in enumerate(rooms):
            now = self._now()
            sent += self.send(room, frames, until=now + (until - now) / (len(rooms) - done))
        return sent

    def send_to(self, audience: Sequence[Occupant], frames: Sequence[bytes], *, until: datetime | None = None) -> Sent:
        return self._settle(self._fan_out.post(audience, frames, until=until or self._now() + SEND_FOR))

    def audience(self, room: Room) -> tuple[Occupant, ...]:
        """Who is in the room and may see the project now: membership can have ended since they came."""
        return self._fan_out.seeing(room, self._rooms.occupants(room, now=self._now()))

    def seeing(self, key: ProjectKey, occupants: tuple[Occupant, ...]) -> tuple[Occupant, ...]:
        """Those of the occupants of any room who may see the project now."""
        return self._fan_out.seeing(key, occupants)

    def close(self, *connection_ids: str) -> Sent:
        """Remove connections from everywhere and tell the rooms they were in."""
        left: dict[ProjectKey, dict[str, Principal]] = {}
        # All are removed before any room is told, so that none of them is posted to again.
        closed = list(self._closing.map(lambda connection: (connection, self._rooms.close(connection)), connection_ids))
        for connection, places in closed:
            for room, principal in places:
                if isinstance(room, ProjectKey):
                    left.setdefault(room, {})[connection] = principal
        return sum((self.left(key, theirs) for key, theirs in left.items()), Sent())

    def announce_joined(
        self, key: ProjectKey, connection: Connection, *, again: bool = False
    ) -> tuple[Occupant, ...] | None:
        """Tell the others in the room that a person is here, unless they know it by another socket of theirs.

        `again`: after a silence; then the socket itself may have been told that its person left. Returns who is in the
        room and may see the project; None if somebody was posted to, which may have found some of them gone.
        """
        audience = self.audience(key)
        user = connection.principal.user
        told = Sent()
        if not presence.is_known(user, audience, apart_from=connection.id, now=self._now()):
            others = [occupant for occupant in audience if again or occupant.connection != connection.id]
            at = self._attendance.stamp(key, now=self._now())
            told = self._announce(key, [connection.principal], "joined", at, others)
        self._attendance.came(connection.id, key)
        return audience if told == Sent() else None

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
        return self._announce(key, gone.values(), "left", at, audience)

    def _announce(
        self,
        key: ProjectKey,
        people: Collection[Principal],
        what: Literal["joined", "left"],
        at: datetime,
        audience: Sequence[Occupant],
    ) -> Sent:
        if not people:
            return Sent()
        # Numbered before it is sent: who hears of the number by a ping, but not of the change, asks anew.
        first = self._attendance.announced(key, len(people))
        changes = [presence.change(key, one, what, at=at, number=first + place) for place, one in enumerate(people)]
        if self._turns is not None and len(audience) > self._few:
            self._turns.announce(key, changes)
            return Sent()
        return self.send_to(audience, [encode(message) for message in presence_frames(changes)])

    def _settle(self, posted: Posted) -> Sent:
        return Sent(posted.delivered, posted.failed, len(posted.gone)) + self.close(*posted.gone[:MAX_PRUNED])
