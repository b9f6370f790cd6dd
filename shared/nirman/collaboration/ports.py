"""What the rooms need of others: where connections are kept, how they are reached, plans, memberships."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from nirman.collaboration.messages import Looking, Note, NoteMessage, Pointer, Presence, RoomKind
from nirman.tenancy.directory import Page, Person, ProjectCard
from nirman.tenancy.identity import Access, Permission, PersonKey, Principal, ProjectKey, TenantKey

if TYPE_CHECKING:  # the broadcaster plans nothing and need not load what does
    from nirman.collaboration.posting import Posted
    from nirman.planlog.service import EventPage

Clock = Callable[[], datetime]
"""Now; aware, UTC."""

Room = ProjectKey | PersonKey | TenantKey
"""Where things are told: to everyone in a project, to one person on all sockets, to a whole tenant."""

NoteRoom = PersonKey | TenantKey
"""Rooms with a log of notes."""
NOTES_KEPT = timedelta(days=90)

LIFE = timedelta(hours=2, minutes=10)
"""API Gateway ends a connection after two hours; what is older is a ghost."""
SIGNAL_FOR = timedelta(seconds=10)
"""Signals are forgotten then; who wants to be seen on repeats them."""
ANNOUNCED_FOR = timedelta(minutes=5)
"""Who came and left is with the next frame to the room; should there be none for so long, a list is asked for."""
PRESENT_FOR = timedelta(seconds=80)
"""Whoever does not ping for so long is not present; of pings every 25 seconds two in a row may be lost."""


class GoneError(Exception):
    """The connection is closed and will never be open again."""


class NotDeliveredError(Exception):
    """The connection could not be reached; `again` says whether another try may help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True, slots=True)
class Connection:
    """A socket and who opened it; `rooms` are those it is in."""

    id: str
    principal: Principal
    expires: datetime
    rooms: frozenset[Room] = frozenset()


class Told(StrEnum):
    """What the room was told of an occupant last."""

    NOTHING = "nothing"
    CAME = "came"
    WENT = "went"


@dataclass(frozen=True, slots=True)
class Occupant:
    """A connection in a room; `since` is when it came.

    It gets what is sent to the room as long as it is open; present is who pinged, until `present_until`.
    """

    connection: str
    principal: Principal
    since: datetime
    expires: datetime
    present_until: datetime
    told: Told = Told.NOTHING


@dataclass(frozen=True, slots=True)
class NotePage:
    """Notes in order without holes, and the number of the last there is.

    `lost`: nothing can be given, because what follows is kept no longer, or the revision is none of this room's.
    """

    notes: tuple[NoteMessage, ...]
    head: int
    lost: bool = False


def note_message(room: NoteRoom, revision: int, note: Note) -> NoteMessage:
    kind: RoomKind = "user" if isinstance(room, PersonKey) else "tenant"
    return NoteMessage(room=kind, revision=revision, previous=revision - 1, note=note)


class Notes(Protocol):
    """What was told to a person or a tenant, numbered without gaps. Every read is consistent."""

    def head(self, room: NoteRoom) -> int: ...

    def after(self, room: NoteRoom, revision: int | None, *, limit: int, now: datetime) -> NotePage:
        """The notes that follow a revision; None: from the oldest that is kept."""

    def add(self, room: NoteRoom, note: Note, *, note_id: str) -> int:
        """Writes a note once, however often it is asked for with the same id; its number.

        CommandReusedError if the id came with another note, BusyError if too many others were first.
        """


@dataclass(frozen=True, slots=True)
class Span:
    """A part of any room: the connections whose hash (of 32 bits) is at least `first` and below `end`.

    The hash is a function of the connection alone, so spans that meet leave nobody out and name nobody twice, whoever
    comes and goes and however a room is divided.
    """

    first: int
    end: int

    def divided(self, count: int) -> tuple[Span, ...]:
        """Into so many of equal width, of which each is expected to hold as many connections as the next."""
        bounds = [self.first + (self.end - self.first) * number // count for number in range(count + 1)]
        return tuple(Span(first, end) for first, end in pairwise(bounds) if first < end)


EVERYONE = Span(0, 2**32)


@dataclass(frozen=True, slots=True)
class Online:
    """People with open sockets: for each the connections (without their rooms). `after` asks for who follows."""

    people: tuple[tuple[Connection, ...], ...]
    after: str | None


class Rooms(Protocol):
    """Every read is consistent and leaves out what has expired."""

    def open(self, connection: Connection) -> None:
        """Keeps a new connection."""

    def connection(self, connection_id: str, *, now: datetime) -> Connection:
        """UnauthenticatedError if it is unknown or expired."""

    def join(self, connection: Connection, room: Room, *, now: datetime) -> None:
        """Puts a connection in a room; UnauthenticatedError if it was closed meanwhile (then it is in no room)."""

    def leave(self, connection_id: str, room: Room) -> None: ...

    def close(self, connection_id: str) -> tuple[tuple[Room, Principal], ...]:
        """Removes exactly this connection from everywhere; says which rooms who was in, each only to one caller."""

    def online(self, tenant: str, *, now: datetime, limit: int, after: str | None = None) -> Online:
        """People of the tenant with open sockets, by id, at most `limit`; `after` a person."""

    def connected(self, principal: Principal, *, now: datetime) -> tuple[int, int]:
        """How many connections the tenant has, and how many of them the person."""

    def occupants(self, room: Room, *, now: datetime) -> tuple[Occupant, ...]:
        """Everyone in the room, however many."""

    def some(
        self, room: Room, span: Span, *, limit: int | None, now: datetime
    ) -> tuple[tuple[Occupant, ...], Span | None]:
        """The first of a part of the room, in the order of their hashes: about `limit` at most; and what is left of it.

        None: nothing is left. Without a limit that is so.
        """


class Attendance(Protocol):
    """What a room was told of who is in it. Writes are conditional, so that of several callers one has the word."""

    def renew(self, connection_id: str, room: ProjectKey, *, now: datetime) -> bool:
        """Prolongs the lease of an occupant, if it was not prolonged lately.

        Says whether the room has to be told that the occupant is (again) here: it never was, or the lease had ended.
        """

    def came(self, connection_id: str, room: ProjectKey) -> None:
        """The room was told of this occupant."""

    def went(self, connection_id: str, room: ProjectKey, *, ended_before: datetime) -> bool:
        """True to one caller, who tells the room; False if the lease ends later."""

    def stamp(self, room: ProjectKey, *, now: datetime) -> datetime:
        """Later than every stamp of this room before, whoever's clock is ahead; else `now`."""

    def announced(self, room: ProjectKey, count: int) -> int:
        """So many messages are about to be sent to the room; the number of the first."""

    def pulse(self, room: ProjectKey) -> Pulse: ...

    def take_sweep(self, room: ProjectKey, *, now: datetime, last_before: datetime) -> bool:
        """True to one caller, if the last sweep began before that."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last stamp of a room, how many messages about people were sent to it, and when it was swept last."""

    stamp: datetime | None = None
    announced: int = 0
    swept: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a socket shows of itself: what it looks at (said at `looked`), and its signals (given at `moved`).

    `before` are its signals before the last.
    """

    connection: str
    user: str
    looked: datetime | None = None
    looking: Looking | None = None
    moved: datetime | None = None
    pointer: Pointer | None = None
    before: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Who sends the signals of a room next. `last` is when they were sent before, to `sockets`."""

    id: str | None
    """Of the turn, to whom it was given just now; None: somebody else has it, and will read what is written by now."""
    last: datetime | None = None
    sockets: int = 0


class Board(Protocol):
    """What the sockets in a room show of themselves, and who came to a big one or left it. Reads are consistent."""

    def look(self, connection: Connection, room: ProjectKey, looking: Looking | None, *, now: datetime) -> None:
        """In place of what was said before."""

    def point(
        self, connection: Connection, room: ProjectKey, pointer: Pointer, *, number: int | None, now: datetime
    ) -> None:
        """In place of what was shown before; passed over if a higher number was given then."""

    def shown(self, room: ProjectKey, *, now: datetime) -> tuple[Shown, ...]:
        """Without signals older than `SIGNAL_FOR`."""

    def announce(self, room: ProjectKey, changes: Sequence[Presence], *, now: datetime) -> None:
        """Who came or left; kept for `ANNOUNCED_FOR`."""

    def announced(self, room: ProjectKey, *, since: datetime | None, now: datetime) -> tuple[Presence, ...]:
        """What was announced after that, or at any time, and is kept still; in the order in which it was written."""

    def take_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn:
        """Given if nobody has it, or had it for so long that something must have happened to them."""

    def end_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn | None:
        """Before the board is read: what is written from now on is for the next turn. None if it is not theirs now."""

    def sent(self, room: ProjectKey, sockets: int) -> None:
        """To how many; `take_turn` tells."""


class Flusher(Protocol):
    def wake(self, room: ProjectKey, turn: str, *, wait_ms: int) -> None:
        """Has the signals of the room sent after so long, by somebody else."""


class Sockets(Protocol):
    def post(self, connection_id: str, data: bytes) -> None:
        """Raises GoneError or NotDeliveredError."""

    def close(self, connection_id: str) -> None:
        """Ends a connection, if it is there still; NotDeliveredError."""


class NobodyFreeError(Exception):
    """No helper began the work."""


class Helpers(Protocol):
    def post(self, room: Room, span: Span, frames: Sequence[bytes], *, until: datetime) -> Posted:
        """Has the frames posted to those in a part of a room, and waits for it; NobodyFreeError if nothing was done.

        Waiting is what keeps the order: the next frames for the same room are not sent before.
        """


class Plans(Protocol):
    """The part of `planlog.service.PlanService` that rooms use."""

    def head(self, key: ProjectKey) -> int: ...
    def events(self, key: ProjectKey, *, after: int, limit: int = 100) -> EventPage: ...


class Directory(Protocol):
    """The part of `tenancy.directory.Directory` that rooms use."""

    def person(self, tenant: str, user: str) -> Person | None: ...
    def projects(self, principal: Principal, *, limit: int = 100, cursor: str | None = None) -> Page[ProjectCard]: ...
    def visible_among(self, principal: Principal, keys: Collection[ProjectKey]) -> frozenset[ProjectKey]: ...
    def names(self, keys: Collection[ProjectKey]) -> Mapping[ProjectKey, str]: ...

    def open(self, principal: Principal, project_id: str, permission: Permission = Permission.VIEW) -> Access: ...
    def viewers_among(self, key: ProjectKey, people: Collection[Principal]) -> frozenset[Principal]: ...
