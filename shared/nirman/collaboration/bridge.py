"""What the HTTP API says to rooms, and tells of who is in them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec import Struct

from nirman.collaboration import frames, presence
from nirman.collaboration.messages import Note, NoteMessage, Person
from nirman.collaboration.ports import Clock, Connection, Directory, NotePage, NoteRoom, Notes, Rooms, note_message
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Permission, Principal, ProjectKey, TenantKey, require

if TYPE_CHECKING:
    from nirman.collaboration.lock_book import LockBook
    from nirman.collaboration.presence import PresenceService
    from nirman.tenancy.directory import ProjectCard

MAX_TEXT = 1_000
"""Characters of a system note."""
_AT_ONCE = 16
"""Rooms or connections read at the same time."""


class OnlinePerson(Struct, frozen=True):
    """Somebody with `connections` open sockets; `projects` are those they are in and the asker may see."""

    user: str
    name: str
    connections: int
    projects: tuple[str, ...]


class ActiveProject(Struct, frozen=True):
    """A project with `present` people in its room at this moment, of whom `people` names as many as a frame would."""

    project: str
    name: str
    revision: int
    people: tuple[Person, ...]
    present: int
    locks: int


class Bridge:
    def __init__(
        self,
        *,
        rooms: Rooms,
        notes: Notes,
        directory: Directory,
        presence: PresenceService,
        locks: LockBook,
        now: Clock,
    ) -> None:
        self._rooms = rooms
        self._notes = notes
        self._directory = directory
        self._presence = presence
        self._locks = locks
        self._now = now

    def announce(self, author: Principal, text: str, *, key: str) -> NoteMessage:
        """An admin's word to the whole tenant; the same `key` of the same person again says nothing twice."""
        require(author.role, Permission.MANAGE)
        room = TenantKey(author.tenant)
        note = Note("system", presence.stamp(self._now()), text, by=author.name)
        note_id = hashlib.sha256(f"{author.user} {key}".encode()).hexdigest()
        return note_message(room, self._notes.add(room, note, note_id=note_id), note)

    def notes(self, room: NoteRoom, after: int | None, *, limit: int) -> NotePage:
        return self._notes.after(room, after, limit=limit, now=self._now())

    def online(
        self, caller: Principal, *, limit: int, after: str | None
    ) -> tuple[tuple[OnlinePerson, ...], str | None]:
        """People of the tenant with open sockets, by id, and after whom to ask for the others."""
        page = self._rooms.online(caller.tenant, now=self._now(), limit=limit, after=after)
        projects = self._projects([connection for person in page.people for connection in person])
        distinct = sorted(set().union(*projects.values()), key=lambda key: key.project)
        visible = self._directory.visible_among(caller, distinct)
        people = tuple(
            OnlinePerson(
                user=person[0].principal.user,
                name=person[0].principal.name,
                connections=len(person),
                projects=tuple(key.project for key in distinct if key in visible & projects[person[0].principal.user]),
            )
            for person in page.people
        )
        return people, page.after

    def active(
        self, caller: Principal, *, limit: int, cursor: str | None
    ) -> tuple[tuple[ActiveProject, ...], str | None]:
        """Of `limit` projects that the caller may see those with people in them, and the cursor of the others."""
        page = self._directory.projects(caller, limit=limit, cursor=cursor)
        keys = [ProjectKey(caller.tenant, card.project) for card in page.items]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            projects = list(pool.map(self._active, keys, page.items))
        return tuple(project for project in projects if project.present), page.cursor

    def _active(self, key: ProjectKey, card: ProjectCard) -> ActiveProject:
        people = self._presence.people(key).people
        locks = len(self._locks.read(key).held) if people else 0
        named = frames.some(people)
        return ActiveProject(card.project, card.name, card.revision, people=named, present=len(people), locks=locks)

    def _projects(self, connections: Sequence[Connection]) -> dict[str, set[ProjectKey]]:
        """The projects that each user is in."""
        found: dict[str, set[ProjectKey]] = defaultdict(set)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for connection, keys in zip(connections, pool.map(self._projects_of, connections), strict=True):
                found[connection.principal.user] |= keys
        return found

    def _projects_of(self, connection: Connection) -> set[ProjectKey]:
        try:
            rooms = self._rooms.connection(connection.id, now=self._now()).rooms
        except UnauthenticatedError:
            return set()  # closed meanwhile
        return {room for room in rooms if isinstance(room, ProjectKey)}
