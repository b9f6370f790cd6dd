"""What a client can do over its socket. Errors are those of `nirman.errors`; `dialogue` gives them their face."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from nirman.collaboration import frames, presence
from nirman.collaboration.broadcast import Broadcast
from nirman.collaboration.dialogue import Answers
from nirman.collaboration.messages import (
    UNSET,
    EventMessage,
    Join,
    Joined,
    Leave,
    Left,
    NoteMessage,
    Ping,
    Pong,
    Reload,
)
from nirman.collaboration.ports import (
    LIFE,
    Clock,
    Connection,
    Directory,
    NotePage,
    NoteRoom,
    Notes,
    Plans,
    Room,
    Rooms,
)
from nirman.collaboration.presence import PresenceService, Roll
from nirman.errors import LimitExceededError
from nirman.planning.events import Event
from nirman.tenancy.directory import as_listed
from nirman.tenancy.identity import PersonKey, Principal, ProjectKey, TenantKey
from nirman.tenancy.limits import TenantLimits

MAX_MISSED = 1_000
"""Events; whoever missed more gets the plan anew."""
MAX_PAGES = 20
"""Frames full of events that are still quicker than the plan."""
_READ = 100
"""Events read for a page; a frame seldom holds more."""


class RoomService:
    def __init__(
        self,
        *,
        rooms: Rooms,
        plans: Plans,
        notes: Notes,
        directory: Directory,
        broadcast: Broadcast,
        presence: PresenceService,
        limits: TenantLimits,
        now: Clock,
    ) -> None:
        self._rooms = rooms
        self._plans = plans
        self._notes = notes
        self._directory = directory
        self._broadcast = broadcast
        self._presence = presence
        self._limits = limits
        self._now = now

    def answers(self) -> Answers:
        return {Join: self.join, Leave: self.leave, Ping: self.ping}

    def connect(self, connection_id: str, principal: Principal) -> None:
        self._rooms.open(Connection(connection_id, principal, expires=self._now() + LIFE))

    def disconnect(self, connection_id: str) -> None:
        self._broadcast.close(connection_id)

    def connection(self, connection_id: str) -> Connection:
        """UnauthenticatedError if it is unknown or has expired."""
        return self._rooms.connection(connection_id, now=self._now())

    def join(self, connection: Connection, message: Join) -> Joined | Reload:
        room = _named(connection, message)
        if isinstance(room, ProjectKey):
            self._directory.open(connection.principal, room.project)
        self._enter(connection, room)
        # The room was entered first: what is committed from here on arrives by itself, so nothing falls between.
        if isinstance(room, ProjectKey):
            # The others are told before the list is made for the newcomer: a post finds who is gone.
            come_now = room not in connection.rooms
            roll = self._presence.enter(connection, room) if come_now else self._presence.people(room)
            return self._plan_joined(room, message, roll)
        return self._notes_joined(room, message)

    def leave(self, connection: Connection, message: Leave) -> Left:
        room = _named(connection, message)
        if room in connection.rooms:
            self._rooms.leave(connection.id, room)
            if isinstance(room, ProjectKey):
                self._broadcast.left(room, {connection.id: connection.principal})
        return Left(id=message.id, room=message.room, project=message.project)

    def ping(self, connection: Connection, message: Ping) -> Pong:
        if message.project is None and message.room == "project":
            return Pong(id=message.id)
        room = _named(connection, message)
        if isinstance(room, ProjectKey):
            self._directory.open(connection.principal, room.project)
            return self._project_pong(connection, room, message)
        cards = self._digest_of_cards(connection.principal) if isinstance(room, TenantKey) else UNSET
        return Pong(id=message.id, head=self._notes.head(room), cards=cards)

    def _project_pong(self, connection: Connection, key: ProjectKey, message: Ping) -> Pong:
        announced = self._presence.beat(connection, key) if key in connection.rooms else UNSET
        return Pong(
            id=message.id,
            head=self._plans.head(key),
            announced=announced,
        )

    def _plan_joined(self, key: ProjectKey, message: Join, roll: Roll) -> Joined | Reload:
        missed, head = self._missed(key, message.revision)
        joined = Joined(
            id=message.id,
            project=key.project,
            head=head,
            recovered=message.revision is not None,
            presence=frames.some(roll.people),
            present=len(roll.people),
            at=presence.stamp(roll.at),
            announced=roll.announced,
        )
        if missed is None:
            return _reload(joined)
        events = frames.event_page(joined, missed)
        if _too_many(events, head):
            return _reload(joined)
        return msgspec.structs.replace(joined, events=events, more=_more(events, message.revision, head))

    def _notes_joined(self, room: NoteRoom, message: Join) -> Joined | Reload:
        now = self._now()
        revision = message.revision
        if revision is None:
            page = NotePage((), self._notes.head(room))
        else:
            page = self._notes.after(room, revision, limit=_READ, now=now)
        joined = Joined(
            id=message.id,
            room=message.room,
            head=page.head,
            recovered=revision is not None,
            presence=(),
            present=0,
            at=presence.stamp(now),
        )
        notes = frames.note_page(joined, page.notes)
        missed = 0 if revision is None else page.head - revision
        if page.lost or missed > MAX_MISSED or _too_many(notes, page.head):
            return _reload(joined)
        return msgspec.structs.replace(joined, notes=notes, more=_more(notes, revision, page.head))

    def _digest_of_cards(self, principal: Principal) -> str:
        """The digest of the dashboard of somebody who has lost no card."""
        listed = as_listed(principal, self._directory.person(principal.tenant, principal.user))
        lines = (f"{card.project} {card.revision}\n" for card in self._directory.projects(listed).items)
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]

    def _enter(self, connection: Connection, room: Room) -> None:
        if room in connection.rooms:
            if isinstance(room, ProjectKey):
                self._presence.beat(connection, room)
            return
        most = self._limits.of(connection.principal.tenant).rooms_per_connection
        if len(connection.rooms) >= most:
            raise LimitExceededError(f"a connection is in at most {most} rooms", what="rooms", limit=most)
        self._rooms.join(connection, room, now=self._now())

    def _missed(self, key: ProjectKey, revision: int | None) -> tuple[tuple[Event, ...] | None, int]:
        """The first of the events after `revision`, and the head; None for the events if the plan must be got anew."""
        if revision is None:
            return (), self._plans.head(key)
        page = self._plans.events(key, after=revision, limit=_READ)
        if page.lost or not 0 <= page.head - revision <= MAX_MISSED:
            return None, page.head
        return page.events, page.head


def _named(connection: Connection, message: Join | Leave | Ping) -> Room:
    """The room that is meant; other people's and other tenants' rooms have no name in a message."""
    principal = connection.principal
    if message.project is not None:
        return ProjectKey(principal.tenant, message.project)
    if message.room == "user":
        return PersonKey(principal.tenant, principal.user)
    return TenantKey(principal.tenant)


def _too_many(page: Sequence[EventMessage | NoteMessage], head: int) -> bool:
    """Whether all that is missed would take more pages like this first one than the plan or the list is worth."""
    return bool(page) and head - page[0].previous > MAX_PAGES * len(page)


def _more(page: Sequence[EventMessage | NoteMessage], after: int | None, head: int) -> bool:
    """Whether others follow the page; it may be empty and the head later: what was said between reading the two."""
    return after is not None and (page[-1].revision if page else after) < head


def _reload(joined: Joined) -> Reload:
    return Reload(
        id=joined.id,
        room=joined.room,
        project=joined.project,
        head=joined.head,
        presence=joined.presence,
        present=joined.present,
        at=joined.at,
        announced=joined.announced,
    )
