"""Rooms, sockets, plans and a directory in memory, as `nirman.collaboration.ports` wants them."""

from __future__ import annotations

import itertools
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec

from nirman.collaboration.bridge import Bridge
from nirman.collaboration.broadcast import FEW, Broadcast
from nirman.collaboration.dashboards import Dashboards
from nirman.collaboration.dialogue import Dialogue
from nirman.collaboration.edits import EditService
from nirman.collaboration.evictions import Evictions
from nirman.collaboration.fan_out import PART, FanOut
from nirman.collaboration.gate import Gate
from nirman.collaboration.lock_book import LockBook
from nirman.collaboration.lock_service import LockService
from nirman.collaboration.messages import Note, Presences, ServerMessage, decode_server
from nirman.collaboration.ports import (
    EVERYONE,
    PRESENT_FOR,
    Connection,
    Helpers,
    NotePage,
    NoteRoom,
    Occupant,
    Online,
    Room,
    Span,
    note_message,
)
from nirman.collaboration.posting import Posting
from nirman.collaboration.presence import PresenceService
from nirman.collaboration.rooms import RoomService
from nirman.collaboration.signals import SignalService
from nirman.collaboration.turns import Turns
from nirman.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from nirman.planning.commands import Command
from nirman.planning.events import Change, Event, Moved
from nirman.planning.model import Kind
from nirman.tenancy.directory import Page, Person, ProjectCard
from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey, Role, allows, lesser
from nirman.tenancy.limits import Meter, TenantLimits
from tests.fakes.limits import MemoryBuckets, MemoryPlanStore
from tests.fakes.locks import InMemoryLocks
from tests.fakes.presence import InMemoryAttendance, InMemoryBoard, RecordingFlusher

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
KEY = ProjectKey("dhaka", "tower")


def person(user: str, role: Role = Role.PLANNER, tenant: str = "dhaka") -> Principal:
    return Principal(tenant=tenant, user=user, name=user.title(), role=role)


def event(revision: int, key: ProjectKey = KEY, *, fill: int = 0, **values: Any) -> Event:
    """A small event; `fill` adds that many characters."""
    change = Change(Kind.TASK, revision, "updated", {"name": ("before", "x" * fill)})
    plain = {
        "format": 1,
        "tenant": key.tenant,
        "project": key.project,
        "revision": revision,
        "type": "plan.changed",
        "command_id": f"c{revision}",
        "user": "amina",
        "user_name": "Amina",
        "at": "2026-11-01T09:00:00.000+00:00",
        "previous_digest": "",
        "changes": (change,),
        "moved": (Moved(revision, (None, "2026-11-01T08:00:00"), (None, "2026-11-02T17:00:00")),),
        "moved_count": 1,
    }
    return Event(**{**plain, **values})


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        """A little later each time, as time is."""
        self.time += timedelta(milliseconds=1)
        return self.time


class InMemoryRooms:
    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.inside: dict[Room, dict[str, Occupant]] = {}
        self.before_join: Callable[[], None] = lambda: None

    def open(self, connection: Connection) -> None:
        self.connections[connection.id] = connection

    def connection(self, connection_id: str, *, now: datetime) -> Connection:
        found = self.connections.get(connection_id)
        if found is None or found.expires <= now:
            raise UnauthenticatedError("the connection is closed or too old; connect again")
        rooms = frozenset(key for key, room in self.inside.items() if connection_id in room)
        return replace(found, rooms=rooms)

    def join(self, connection: Connection, room: Room, *, now: datetime) -> None:
        self.before_join()
        if connection.id not in self.connections:
            raise UnauthenticatedError("the connection is closed or too old; connect again")
        occupant = Occupant(
            connection.id,
            connection.principal,
            since=now,
            expires=connection.expires,
            present_until=now + PRESENT_FOR,
        )
        self.inside.setdefault(room, {})[connection.id] = occupant

    def leave(self, connection_id: str, room: Room) -> None:
        self.inside.get(room, {}).pop(connection_id, None)

    def close(self, connection_id: str) -> tuple[tuple[Room, Principal], ...]:
        self.connections.pop(connection_id, None)
        left = [(key, room.pop(connection_id).principal) for key, room in self.inside.items() if connection_id in room]
        return tuple(left)

    def connected(self, principal: Principal, *, now: datetime) -> tuple[int, int]:
        of_tenant = [one for one in self.connections.values() if one.principal.tenant == principal.tenant]
        users = [one.principal.user for one in of_tenant if one.expires > now]
        return len(users), users.count(principal.user)

    def online(self, tenant: str, *, now: datetime, limit: int, after: str | None = None) -> Online:
        open_ = [one for one in self.connections.values() if one.principal.tenant == tenant and one.expires > now]
        users = sorted({one.principal.user for one in open_ if one.principal.user > (after or "")})
        people = [tuple(one for one in open_ if one.principal.user == user) for user in users[:limit]]
        return Online(tuple(people), users[limit - 1] if len(users) > limit else None)

    def occupants(self, room: Room, *, now: datetime) -> tuple[Occupant, ...]:
        return self.some(room, EVERYONE, limit=None, now=now)[0]

    def some(
        self, room: Room, span: Span, *, limit: int | None, now: datetime
    ) -> tuple[tuple[Occupant, ...], Span | None]:
        live = [occupant for occupant in self.inside.get(room, {}).values() if occupant.expires > now]
        by_hash = sorted((zlib.crc32(occupant.connection.encode()), occupant.connection, occupant) for occupant in live)
        found = [one for one in by_hash if span.first <= one[0] < span.end]
        begin = span.end if limit is None or len(found) <= limit else found[limit][0]
        rest = Span(begin, span.end) if begin < span.end else None
        return tuple(occupant for number, _, occupant in found if number < begin), rest


class InMemoryNotes:
    """`forgotten` is how many of the first notes of a room are kept no longer."""

    def __init__(self) -> None:
        self.log: dict[NoteRoom, list[Note]] = {}
        self.forgotten: dict[NoteRoom, int] = {}
        self._ids: dict[tuple[NoteRoom, str], int] = {}
        self.before_read: Callable[[], None] = lambda: None

    def append(self, room: NoteRoom, count: int = 1, text: str = "") -> None:
        self.log.setdefault(room, []).extend(
            Note("system", "2026-11-01T09:00:00.000+00:00", text) for _ in range(count)
        )

    def head(self, room: NoteRoom) -> int:
        self.before_read()
        return len(self.log.get(room, ()))

    def after(self, room: NoteRoom, revision: int | None, *, limit: int, now: datetime) -> NotePage:
        head, kept = self.head(room), self.forgotten.get(room, 0)
        first = kept if revision is None else revision
        if not kept <= first <= head:
            return NotePage((), head, lost=True)
        log = self.log.get(room, [])[first : first + limit]
        return NotePage(tuple(note_message(room, first + n, note) for n, note in enumerate(log, 1)), head)

    def add(self, room: NoteRoom, note: Note, *, note_id: str) -> int:
        log = self.log.setdefault(room, [])
        if (room, note_id) not in self._ids:
            log.append(note)
            self._ids[room, note_id] = len(log)
        return self._ids[room, note_id]


class RecordingSockets:
    """`fail[connection]` is what the next posts to it raise, one each; `gone` raise on every one."""

    def __init__(self, gone: Callable[[str], Exception]) -> None:
        self.posted: dict[str, list[bytes]] = {}
        self.fail: dict[str, list[Exception]] = {}
        self.gone: set[str] = set()
        self.tried: list[str] = []
        self.closed: list[str] = []
        self.before_post: Callable[[str], None] = lambda _: None
        self._gone = gone
        self._lock = threading.Lock()

    def post(self, connection_id: str, data: bytes) -> None:
        self.before_post(connection_id)
        with self._lock:
            self.tried.append(connection_id)
            if connection_id in self.gone:
                raise self._gone(connection_id)
            if self.fail.get(connection_id):
                raise self.fail[connection_id].pop(0)
            self.posted.setdefault(connection_id, []).append(data)

    def close(self, connection_id: str) -> None:
        self.closed.append(connection_id)

    def heard(self, connection_id: str) -> list[ServerMessage]:
        """What was posted to the connection so far; of several changes of presence at once, each."""
        messages = [message for data in self.posted.get(connection_id, []) if (message := decode_server(data))]
        each = (message.changes if isinstance(message, Presences) else (message,) for message in messages)
        return list(itertools.chain.from_iterable(each))


class FakeDirectory:
    """Projects are those that somebody is a member of; `listed` has what the tenant grants people now, if less."""

    def __init__(self) -> None:
        self.listed: dict[str, Role] = {}
        self.granted: dict[ProjectKey, dict[str, Role]] = {}

    def grant(self, key: ProjectKey, user: str, role: Role = Role.PLANNER) -> None:
        self.granted.setdefault(key, {})[user] = role

    def open(self, principal: Principal, project_id: str, permission: Permission = Permission.VIEW) -> Access:
        key = ProjectKey(principal.tenant, project_id)
        members = self.granted.get(key)
        manages = self._manages(principal)
        if members is None or not (manages or principal.user in members):
            raise NotFoundError(f"there is no project {project_id!r}")
        role = principal.role if manages else lesser(principal.role, members[principal.user])
        access = Access(key, principal, role)
        access.require(permission)
        return access

    def viewers_among(self, key: ProjectKey, people: Collection[Principal]) -> frozenset[Principal]:
        return frozenset(
            person for person in people if self._manages(person) or person.user in self.granted.get(key, ())
        )

    def person(self, tenant: str, user: str) -> Person | None:
        role = self.listed.get(user)
        return Person(user, user.title(), "", role) if role else None

    def projects(self, principal: Principal, *, limit: int = 100, cursor: str | None = None) -> Page[ProjectCard]:
        """All that the person may see by the role they claim, at revision 1, on one page."""
        manages = principal.role in (Role.OWNER, Role.ADMIN)
        keys = [key for key in self.granted if key.tenant == principal.tenant]
        seen = sorted(
            (key for key in keys if manages or principal.user in self.granted[key]), key=lambda key: key.project
        )
        return Page(tuple(ProjectCard(key.project, key.project, principal.role, 1, "") for key in seen), None)

    def visible_among(self, principal: Principal, keys: Collection[ProjectKey]) -> frozenset[ProjectKey]:
        mine = (key for key in keys if key.tenant == principal.tenant)
        return frozenset(key for key in mine if self.viewers_among(key, [principal]))

    def names(self, keys: Collection[ProjectKey]) -> Mapping[ProjectKey, str]:
        return {key: key.project.title() for key in keys}

    def _manages(self, person: Principal) -> bool:
        return lesser(person.role, self.listed.get(person.user, person.role)) in (Role.OWNER, Role.ADMIN)


class FakePlans:
    """A log of events by project; a commit makes the next one. What comes before `kept_from` is kept no longer."""

    def __init__(self) -> None:
        self.log: dict[ProjectKey, list[Event]] = {}
        self.kept_from = 1
        self.refuse: Exception | None = None
        self.asked: list[Command] = []
        self.before_read: Callable[[], None] = lambda: None

    def append(self, key: ProjectKey, count: int = 1, **values: Any) -> list[Event]:
        log = self.log.setdefault(key, [])
        made = [event(len(log) + n + 1, key, **values) for n in range(count)]
        log += made
        return made

    def head(self, key: ProjectKey) -> int:
        self.before_read()
        return len(self.log.get(key, ()))

    def events(self, key: ProjectKey, *, after: int, limit: int = 100) -> Any:
        self.before_read()
        log = self.log.get(key, [])
        page = tuple(log[after : after + limit]) if after + 1 >= self.kept_from else ()
        complete = after + len(page) >= len(log)
        return SimpleNamespace(events=page, head=len(log), complete=complete, lost=not page and after < len(log))

    def commit(self, access: Access, command: Command) -> Any:
        self.asked.append(command)
        if not allows(access.role, Permission.EDIT):
            raise ForbiddenError(f"a {access.role} may not edit")
        if self.refuse is not None:
            raise self.refuse
        done = next((old for old in self.log.get(access.key, ()) if old.command_id == command.command_id), None)
        base = self.head(access.key)
        made = done or self.append(access.key, command_id=command.command_id, user=access.principal.user)[0]
        merged = done is None and base > command.base_revision
        return SimpleNamespace(event=made, revision=made.revision, merged=merged, repeated=done is not None)

    def undo(self, access: Access, *, command_id: str, revision: int | None, locks: Sequence[Any]) -> Any:
        """Of the revision named, else of the last."""
        return self._take_back(access, command_id, undoes=revision or self.head(access.key))

    def redo(self, access: Access, *, command_id: str, locks: Sequence[Any]) -> Any:
        return self._take_back(access, command_id, redoes=self.head(access.key))

    def _take_back(self, access: Access, command_id: str, **what: int) -> Any:
        if self.refuse is not None:
            raise self.refuse
        made = self.append(access.key, command_id=command_id, user=access.principal.user, **what)[0]
        return SimpleNamespace(event=made, revision=made.revision, merged=False, repeated=False)


def three_tries() -> Iterator[None]:
    yield from (None, None, None)


@dataclass
class Stage:
    """Everything around the rooms; people are `let_in` and then talk."""

    gone: Callable[[str], Exception]
    clock: Clock = field(default_factory=Clock)
    rooms: InMemoryRooms = field(default_factory=InMemoryRooms)
    plans: FakePlans = field(default_factory=FakePlans)
    notes: InMemoryNotes = field(default_factory=InMemoryNotes)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    locks: InMemoryLocks = field(default_factory=InMemoryLocks)
    tenant_plans: MemoryPlanStore = field(default_factory=MemoryPlanStore)
    buckets: MemoryBuckets = field(default_factory=MemoryBuckets)

    helpers: Helpers | None = None
    part: int = PART
    few: int = FEW

    def __post_init__(self) -> None:
        self.sockets = RecordingSockets(self.gone)
        self.attendance = InMemoryAttendance(self.rooms)
        self.board = InMemoryBoard(self.rooms)
        self.flusher = RecordingFlusher()
        posting = Posting(self.sockets, pauses=three_tries, now=self.clock, threads=4)
        self.fan_out = FanOut(
            rooms=self.rooms,
            directory=self.directory,
            posting=posting,
            now=self.clock,
            helpers=self.helpers,
            part=self.part,
        )
        numbers = itertools.count(1)
        turns = Turns(board=self.board, flusher=self.flusher, now=self.clock, new_id=lambda: f"turn-{next(numbers)}")
        self.broadcast = Broadcast(
            rooms=self.rooms,
            attendance=self.attendance,
            fan_out=self.fan_out,
            now=self.clock,
            on_left=self._left,
            turns=turns,
            few=self.few,
        )
        self.lock_book = LockBook(self.locks, now=self.clock, pauses=three_tries, telling=self.broadcast)
        self.lock_service = LockService(
            book=self.lock_book, directory=self.directory, exists=lambda _key, _kind, uid: uid < 1_000
        )
        self.presence = PresenceService(
            attendance=self.attendance, broadcast=self.broadcast, board=self.board, now=self.clock
        )
        self.signals = SignalService(board=self.board, turns=turns, now=self.clock)
        limits = TenantLimits(self.tenant_plans, now=self.clock)
        self.gate = Gate(
            meter=Meter(self.buckets, limits, now=self.clock),
            limits=limits,
            connected=self.rooms,
            sockets=self.sockets,
            now=self.clock,
        )
        self.edits = EditService(edits=self.plans, directory=self.directory)
        self.service = RoomService(
            rooms=self.rooms,
            plans=self.plans,
            notes=self.notes,
            directory=self.directory,
            broadcast=self.broadcast,
            presence=self.presence,
            limits=limits,
            now=self.clock,
        )
        self.dashboards = Dashboards(broadcast=self.broadcast, directory=self.directory)
        self.evictions = Evictions(rooms=self.rooms, sockets=self.sockets, broadcast=self.broadcast, now=self.clock)
        self.bridge = Bridge(
            rooms=self.rooms,
            notes=self.notes,
            directory=self.directory,
            presence=self.presence,
            locks=self.lock_book,
            now=self.clock,
        )
        self.dialogue = Dialogue(
            self.service.connection, self.gate, self.service, self.edits, self.signals, self.lock_service
        )

    def _left(self, key: ProjectKey, connections: Collection[str]) -> None:
        self.lock_book.drop(key, connections)

    def connect(self, connection: str, user: str, role: Role = Role.PLANNER, key: ProjectKey | None = KEY) -> None:
        """A socket of a person who is a member of the project `key`, if one is given."""
        if key is not None:
            self.directory.grant(key, user, role)
        self.service.connect(connection, person(user, role, tenant=key.tenant if key else "dhaka"))

    def say(self, connection: str, **message: Any) -> ServerMessage:
        return self.dialogue.answer(connection, msgspec.json.encode({"id": "1", **message}).decode())

    def join(self, connection: str, revision: int | None = None, project: str = KEY.project) -> Any:
        return self.say(connection, type="join", project=project, revision=revision)
