"""What the rooms need of others: where connections are kept, how they are reached, plans, memberships."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from nirman.planning.commands import Command
from nirman.tenancy.identity import Access, PersonKey, Principal, ProjectKey, TenantKey

if TYPE_CHECKING:  # the broadcaster plans nothing and need not load what does
    from nirman.planlog.service import CommitResult, EventPage

Clock = Callable[[], datetime]
"""Now; aware, UTC."""

Room = ProjectKey | PersonKey | TenantKey
"""Where things are told: to everyone in a project, to one person on all sockets, to a whole tenant."""

LIFE = timedelta(hours=2, minutes=10)
"""API Gateway ends a connection after two hours; what is older is a ghost."""


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


@dataclass(frozen=True, slots=True)
class Occupant:
    """A connection in a room; `since` is when it came."""

    connection: str
    principal: Principal
    since: datetime
    expires: datetime


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

    def occupants(self, room: Room, *, now: datetime) -> tuple[Occupant, ...]:
        """Everyone in the room, however many."""


class Sockets(Protocol):
    def post(self, connection_id: str, data: bytes) -> None:
        """Raises GoneError or NotDeliveredError."""


class Plans(Protocol):
    """The part of `planlog.service.PlanService` that rooms use."""

    def head(self, key: ProjectKey) -> int: ...
    def events(self, key: ProjectKey, *, after: int, limit: int = 100) -> EventPage: ...
    def commit(self, access: Access, command: Command) -> CommitResult: ...


class Directory(Protocol):
    """The part of `tenancy.directory.Directory` that rooms use."""

    def open(self, principal: Principal, project_id: str) -> Access: ...
    def viewers_among(self, key: ProjectKey, people: Collection[Principal]) -> frozenset[Principal]: ...
