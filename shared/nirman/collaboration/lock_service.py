"""Locks as clients ask for them, over a socket or by REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from nirman.collaboration import locks as rules
from nirman.collaboration import messages
from nirman.collaboration.dialogue import Answers
from nirman.collaboration.lock_book import WITHOUT_SOCKET, LockBook, TakenOver, lease, shown
from nirman.collaboration.locks import Claimant, Locks, Target
from nirman.collaboration.messages import Beat, Lease, Leases, Locked, Own, TakeOver, Unlock
from nirman.collaboration.ports import Connection, Directory
from nirman.errors import InvalidInputError, NotFoundError
from nirman.planning import records
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey

HISTORY = 50
"""Take-overs shown, the latest."""
_NEVER = datetime.max.replace(tzinfo=UTC)


class Standing(Struct, frozen=True):
    """All locks of a project as of `revision`; messages with a later one follow."""

    revision: int
    locks: tuple[Locked, ...]
    taken_over: tuple[TakenOver, ...]


class LockService:
    """`exists` says whether the project has such a record."""

    def __init__(
        self, *, book: LockBook, directory: Directory, exists: Callable[[ProjectKey, Kind, int], bool]
    ) -> None:
        self._book = book
        self._directory = directory
        self._exists = exists

    def answers(self) -> Answers:
        return {messages.Lock: self.lock, Unlock: self.unlock, TakeOver: self.take_over, Beat: self.beat}

    def lock(self, connection: Connection, message: messages.Lock) -> Lease:
        """LockedError where somebody else has it and `wait` is not asked for; InvalidInputError, NotFoundError."""
        access = self._open(connection, message.project, Permission.PROGRESS)
        target = self._target(access.key, message)
        who = _claimant(connection)
        step = self._book.change(
            access.key, lambda locks, now: rules.acquire(locks, target, who, now, wait=message.wait)
        )
        return _answer(access.key, step.locks, target, who, message.id)

    def unlock(self, connection: Connection, message: Unlock) -> Lease:
        access = self._directory.open(connection.principal, message.project)
        target = Target(message.kind, message.uid, message.field)
        who = _claimant(connection)
        step = self._book.change(access.key, lambda locks, now: rules.release(locks, target, who, now))
        return _answer(access.key, step.locks, target, who, message.id)

    def take_over(self, connection: Connection, message: TakeOver) -> Lease:
        access = self._open(connection, message.project, Permission.MANAGE)
        target = self._target(access.key, message)
        who = _claimant(connection)
        step = self._book.change(
            access.key, lambda locks, now: rules.take_over(locks, target, who, now, reason=message.reason)
        )
        return _answer(access.key, step.locks, target, who, message.id)

    def beat(self, connection: Connection, message: Beat) -> Leases:
        access = self._directory.open(connection.principal, message.project)
        locks = self._book.change(access.key, lambda locks, now: rules.beat(locks, connection.id, now)).locks
        held = [lock for lock in locks.held if lock.connection == connection.id]
        waiting = [lock for lock in locks.waiting if lock.connection == connection.id]
        own = [Own(lock.target.kind, lock.target.uid, lock.target.field, token=lock.token) for lock in held]
        for lock in waiting:
            place = rules.position(locks, lock.target, connection.id)
            own.append(Own(lock.target.kind, lock.target.uid, lock.target.field, position=place))
        until = min((lock.until for lock in (*held, *waiting)), default=None)
        return Leases(
            id=message.id,
            project=message.project,
            locks=tuple(own),
            until=None if until is None else rules.instant(until),
        )

    def standing(self, access: Access) -> Standing:
        locks = self._book.read(access.key)
        lines = rules.lines(locks.waiting)
        return Standing(
            revision=locks.revision,
            locks=tuple(shown(lock, lines.get(lock.record, ())) for lock in locks.held),
            taken_over=self._book.taken_over(access.key, limit=HISTORY),
        )

    def _open(self, connection: Connection, project: str, permission: Permission) -> Access:
        """Let in, and in the room: whoever leaves it, in whatever way, is found there and gives the locks back."""
        access = self._directory.open(connection.principal, project, permission)
        if access.key not in connection.rooms:
            raise InvalidInputError("join the project's room before you lock anything in it", place="project")
        return access

    def _target(self, key: ProjectKey, message: messages.Lock | TakeOver) -> Target:
        fields = records.field_types(message.kind).keys() - {"uid"}
        if message.field is not None and message.field not in fields:
            raise InvalidInputError(f"a {message.kind} has no such field", place="field")
        if not self._exists(key, message.kind, message.uid):
            raise NotFoundError(f"there is no {message.kind} {message.uid}")
        return Target(message.kind, message.uid, message.field)


def without_socket(principal: Principal, key: ProjectKey) -> Connection:
    """What stands for a socket where a person calls without one; its locks last as long as it beats, as others do."""
    return Connection(f"{WITHOUT_SOCKET}{principal.user}", principal, expires=_NEVER, rooms=frozenset({key}))


def _claimant(connection: Connection) -> Claimant:
    return Claimant(connection.principal.user, connection.principal.name, connection.id)


def _answer(key: ProjectKey, locks: Locks, target: Target, who: Claimant, message_id: str) -> Lease:
    for lock in locks.held:
        if (lock.target, lock.connection) == (target, who.connection):
            return lease(key, lock, message_id=message_id)
    place = rules.position(locks, target, who.connection)
    return Lease(
        id=message_id, project=key.project, kind=target.kind, uid=target.uid, field=target.field, position=place
    )
