"""What a client can do over its socket. Errors are those of `nirman.errors`; `dialogue` gives them their face."""

from __future__ import annotations

import msgspec

from nirman.collaboration import frames, presence
from nirman.collaboration.broadcast import Broadcast
from nirman.collaboration.dialogue import Answers
from nirman.collaboration.messages import Ack, Edit, Join, Joined, Leave, Left, Ping, Pong, Reload
from nirman.collaboration.ports import LIFE, Clock, Connection, Directory, Plans, Rooms
from nirman.errors import LimitExceededError
from nirman.planning.events import Event
from nirman.tenancy.identity import Principal, ProjectKey

MAX_ROOMS = 20
"""Of one connection."""
MAX_MISSED = 1_000
"""Events; whoever missed more gets the plan anew."""
MAX_PAGES = 20
"""Frames full of events that are still quicker than the plan."""
_READ = 100
"""Events read for a page; a frame seldom holds more."""


class RoomService:
    def __init__(self, *, rooms: Rooms, plans: Plans, directory: Directory, broadcast: Broadcast, now: Clock) -> None:
        self._rooms = rooms
        self._plans = plans
        self._directory = directory
        self._broadcast = broadcast
        self._now = now

    def answers(self) -> Answers:
        return {Join: self.join, Leave: self.leave, Edit: self.edit, Ping: self.ping}

    def connect(self, connection_id: str, principal: Principal) -> None:
        self._rooms.open(Connection(connection_id, principal, expires=self._now() + LIFE))

    def disconnect(self, connection_id: str) -> None:
        self._broadcast.close(connection_id)

    def connection(self, connection_id: str) -> Connection:
        """UnauthenticatedError if it is unknown or has expired."""
        return self._rooms.connection(connection_id, now=self._now())

    def join(self, connection: Connection, message: Join) -> Joined | Reload:
        assert message.project is not None
        access = self._directory.open(connection.principal, message.project)
        self._enter(connection, access.key)
        # The room was entered first: what is committed from here on arrives by itself, so nothing falls between.
        missed, head = self._missed(access.key, message.revision)
        at = self._now()
        people = presence.people(self._broadcast.audience(access.key))
        joined = Joined(
            id=message.id,
            project=access.key.project,
            head=head,
            recovered=message.revision is not None,
            presence=frames.some(people),
            present=len(people),
            at=presence.stamp(at),
        )
        if missed is None:
            return _reload(joined)
        events = frames.event_page(joined, missed)
        if events and head - events[0].previous > MAX_PAGES * len(events):
            return _reload(joined)
        more = bool(events) and events[-1].revision < head
        return msgspec.structs.replace(joined, events=events, more=more)

    def leave(self, connection: Connection, message: Leave) -> Left:
        assert message.project is not None
        key = ProjectKey(connection.principal.tenant, message.project)
        if key in connection.rooms:
            self._rooms.leave(connection.id, key)
            self._broadcast.announce_left(key, connection.principal)
        return Left(id=message.id, project=message.project)

    def edit(self, connection: Connection, message: Edit) -> Ack:
        access = self._directory.open(connection.principal, message.project)
        return frames.ack(message.id, self._plans.commit(access, message.command))

    def ping(self, connection: Connection, message: Ping) -> Pong:
        if message.project is None:
            return Pong(id=message.id)
        access = self._directory.open(connection.principal, message.project)
        return Pong(id=message.id, head=self._plans.head(access.key))

    def _enter(self, connection: Connection, key: ProjectKey) -> None:
        if key in connection.rooms:
            return
        if len(connection.rooms) >= MAX_ROOMS:
            raise LimitExceededError(f"a connection is in at most {MAX_ROOMS} rooms")
        self._rooms.join(connection, key, now=self._now())
        # Before the list of people is made for the newcomer: a post is how a connection is found to be gone.
        self._broadcast.announce_joined(key, connection)

    def _missed(self, key: ProjectKey, revision: int | None) -> tuple[tuple[Event, ...] | None, int]:
        """The first of the events after `revision`, and the head; None for the events if the plan must be got anew."""
        if revision is None:
            return (), self._plans.head(key)
        page = self._plans.events(key, after=revision, limit=_READ)
        if not 0 <= page.head - revision <= MAX_MISSED:
            return None, page.head
        return page.events, page.head


def _reload(joined: Joined) -> Reload:
    return Reload(
        id=joined.id,
        project=joined.project,
        head=joined.head,
        presence=joined.presence,
        present=joined.present,
        at=joined.at,
    )
