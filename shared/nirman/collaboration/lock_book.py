"""The locks of each project as they are kept: read, changed if nobody else did meanwhile, told to the room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from nirman.collaboration import locks as rules
from nirman.collaboration.locks import Changed, Lock, Locks, Step
from nirman.collaboration.messages import Lease, Locked, LockMessage, encode
from nirman.collaboration.ports import Clock, Occupant
from nirman.errors import BusyError
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change
from nirman.planning.model import Kind
from nirman.tenancy.identity import Principal, ProjectKey

WITHOUT_SOCKET = "~"
"""Begins what stands for the socket of a person who calls without one; no id of a connection has it."""


class LocksChangedError(Exception):
    """Somebody else wrote first, or it is not known whether this was written. Reading tells."""


class Stored(Struct, frozen=True):
    """`version` rises with each write, a renewed lease too; 0: nothing is stored."""

    version: int = 0
    locks: Locks = Locks()


class TakenOver(Struct, frozen=True):
    """Kept for good: who took a lock from whom, when (UTC) and why; `token` is the new lock's."""

    token: int
    at: str
    by: str
    by_name: str
    kind: Kind
    uid: int
    field: str | None
    holders: tuple[str, ...]
    reason: str


class LockStore(Protocol):
    def read(self, key: ProjectKey) -> Stored:
        """Consistent."""

    def save(
        self, key: ProjectKey, before: Stored, locks: Locks, *, now: datetime, taken_over: TakenOver | None = None
    ) -> None:
        """Writes both or neither; LocksChangedError unless what is stored is still `before`."""

    def taken_over(self, key: ProjectKey, *, limit: int) -> tuple[TakenOver, ...]:
        """The latest, newest first."""


class Telling(Protocol):
    """The part of `collaboration.broadcast.Broadcast` that locks use."""

    def audience(self, room: ProjectKey) -> tuple[Occupant, ...]: ...
    def send_to(self, audience: Sequence[Occupant], frames: Sequence[bytes]) -> object: ...


class LockBook:
    """`pauses` yields for each try of a change, having waited, and ends when to give up. Port: `planlog.ports.Locks`.

    `telling` None: where no socket is reached from. Then the room learns of it by the hole before the next message.
    """

    def __init__(
        self, store: LockStore, *, now: Clock, pauses: Callable[[], Iterator[None]], telling: Telling | None = None
    ) -> None:
        self._store = store
        self._now = now
        self._pauses = pauses
        self._telling = telling

    def read(self, key: ProjectKey) -> Locks:
        """As they are now, without what has run out."""
        return rules.living(self._store.read(key).locks, self._now())

    def taken_over(self, key: ProjectKey, *, limit: int) -> tuple[TakenOver, ...]:
        return self._store.taken_over(key, limit=limit)

    def change(self, key: ProjectKey, step: Callable[[Locks, datetime], Step]) -> Step:
        """Carries a step out and tells the room; BusyError when too many change locks at once."""
        for _ in self._pauses():
            before, now = self._store.read(key), self._now()
            made = step(before.locks, now)
            if made.locks == before.locks:
                return made
            try:
                self._store.save(key, before, made.locks, now=now, taken_over=_taken_over(made, now))
            except LocksChangedError:
                continue
            self._tell(key, made, now)
            return made
        raise BusyError("too many lock and unlock in this project at once; send the same again")

    def drop(self, key: ProjectKey, connections: Collection[str]) -> None:
        """These have left the room: they give back what they have, now or, in a crowd, when their leases end."""
        locks = self._store.read(key).locks
        if any(lock.connection in connections for lock in (*locks.held, *locks.waiting)):
            with suppress(BusyError):
                self.change(key, lambda locks, now: rules.drop(locks, connections, now))

    def permit(self, key: ProjectKey, author: Principal, claims: Sequence[LockClaim], changes: Sequence[Change]) -> int:
        locks = self._store.read(key).locks
        if any(rules.expired(lock, self._now()) for lock in rules.in_the_way_of(locks, author.user, changes)):
            # That a lease ran out is written before anybody relies on it: a late beat then finds the lock lost.
            locks = self.change(key, rules.settle).locks
        rules.check(locks, author.user, claims, changes)
        return locks.revision

    def _tell(self, key: ProjectKey, made: Step, now: datetime) -> None:
        if self._telling is None or not made.changes:
            return
        audience = self._telling.audience(key)
        self._telling.send_to(audience, [encode(_message(key, changed, now)) for changed in made.changes])
        gone = []
        for lock in made.granted:
            theirs = [occupant for occupant in audience if occupant.connection == lock.connection]
            self._telling.send_to(theirs, [encode(lease(key, lock, message_id=None))])
            if not theirs and not lock.connection.startswith(WITHOUT_SOCKET):
                gone.append(lock.connection)
        if gone:  # those who waited are not in the room any more, or may not see it: the next one has it
            self.drop(key, gone)


def lease(key: ProjectKey, lock: Lock, *, message_id: str | None) -> Lease:
    """The word that the lock is one's own."""
    return Lease(
        id=message_id,
        project=key.project,
        kind=lock.target.kind,
        uid=lock.target.uid,
        field=lock.target.field,
        token=lock.token,
        until=rules.instant(lock.until),
    )


def shown(lock: Lock, waiting: tuple[str, ...]) -> Locked:
    return Locked(
        kind=lock.target.kind,
        uid=lock.target.uid,
        field=lock.target.field,
        user=lock.claimant.user,
        name=lock.claimant.name,
        until=rules.instant(lock.until),
        waiting=waiting,
    )


def _message(key: ProjectKey, changed: Changed, now: datetime) -> LockMessage:
    return LockMessage(
        project=key.project,
        change=changed.happening,
        revision=changed.revision,
        previous=changed.previous,
        lock=shown(changed.lock, changed.waiting),
        by=changed.by.user,
        by_name=changed.by.name,
        at=now.isoformat(timespec="milliseconds"),
        reason=changed.reason,
    )


def _taken_over(made: Step, now: datetime) -> TakenOver | None:
    robbed = [changed for changed in made.changes if changed.happening == "taken_over"]
    if not robbed:
        return None
    given = next(changed for changed in made.changes if changed.revision > robbed[-1].revision)
    target = given.lock.target
    return TakenOver(
        token=given.revision,
        at=now.isoformat(timespec="milliseconds"),
        by=given.by.user,
        by_name=given.by.name,
        kind=target.kind,
        uid=target.uid,
        field=target.field,
        holders=tuple(changed.lock.claimant.user for changed in robbed),
        reason=robbed[0].reason,
    )
