"""Locks of a project's records and fields, as pure functions of what stands and the time.

A lock is a lease of one socket. Two places overlap when they are of one record and either is the whole record or both
are the same field; overlapping places have one holder. Who waits stands in one line a record, first come first: a lock
goes to whoever overlaps no holder and nobody who came before, so a wish for the whole record is not starved by wishes
for its fields.

Time alone decides nothing: that a lease ran out holds once it is written (`settle`), and whoever relies on it writes it
first. So clocks that differ delay a lock but never give it to two, and whoever slept through the end of a lease still
has the lock as long as nobody needed it.

`revision` is what a commit is checked against: it rises with each change of hands, not with a renewed lease. A lock's
token is the revision that gave it, so tokens rise with each lock (M. Kleppmann, How to do distributed locking, 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, takewhile
from typing import Literal

from msgspec import Struct, structs

from nirman.errors import LimitExceededError, LockedError, LockHeld, LockLostError
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change
from nirman.planning.model import Kind

LEASE = timedelta(seconds=45)
"""From the last beat of its socket."""
BEAT_EVERY_S = 15.0
"""What clients are told: two beats may be lost."""
SKEW = timedelta(seconds=5)
"""By which the clocks of two functions may differ without a lock being taken from a socket that beats."""
MAX_LOCKS = 500
"""Held and waited for in one project: some 300 KB at most, and an item has 400."""
MAX_OWN = 50
"""Of these, by one socket."""
MAX_LINE = 50
"""Waiting for one record."""
_NAME_LENGTH = 100

Happening = Literal["locked", "unlocked", "taken_over", "waiting"]


class Target(Struct, frozen=True, array_like=True):
    """What is locked; `field` None is the whole record."""

    kind: Kind
    uid: int
    field: str | None = None

    def overlaps(self, other: Target) -> bool:
        same_record = self.kind == other.kind and self.uid == other.uid
        return same_record and (self.field is None or other.field is None or self.field == other.field)


class Claimant(Struct, frozen=True, array_like=True):
    """Who holds or waits. `connection` is the socket, or a person's stand-in for one when they call without."""

    user: str
    name: str
    connection: str


class Lock(Struct, frozen=True, array_like=True):
    """`token` None: waits for it. `until` is when the lease ends, in milliseconds since 1970."""

    target: Target
    claimant: Claimant
    until: int
    token: int | None = None

    @property
    def connection(self) -> str:
        return self.claimant.connection

    @property
    def record(self) -> tuple[Kind, int]:
        return self.target.kind, self.target.uid

    def blocks(self, wish: Lock) -> bool:
        return self.connection != wish.connection and self.target.overlaps(wish.target)


class Locks(Struct, frozen=True):
    """What stands in a project; `waiting` in the order they came."""

    revision: int = 0
    held: tuple[Lock, ...] = ()
    waiting: tuple[Lock, ...] = ()


class Changed(Struct, frozen=True):
    """One thing that happened to a lock: `revision` follows `previous`. `waiting` are the people in the record's line.

    `unlocked` and `taken_over` show the lock as it was, the others as it is; `by` did it.
    """

    happening: Happening
    revision: int
    previous: int
    lock: Lock
    by: Claimant
    waiting: tuple[str, ...] = ()
    reason: str = ""


class Step(Struct, frozen=True):
    """What stands now, what happened, in order, and the locks that came to somebody from the line."""

    locks: Locks
    changes: tuple[Changed, ...] = ()
    granted: tuple[Lock, ...] = ()


def acquire(locks: Locks, target: Target, who: Claimant, now: datetime, *, wait: bool = False) -> Step:
    """The lock for `who`, or with `wait` a place in the line; whoever has it already keeps it, renewed.

    LockedError where somebody else has it, or where waiting would never end because those before wait for `who`;
    LimitExceededError.
    """
    draft = _Draft(locks, now)
    draft.renew(who.connection)
    draft.settle()
    if draft.has(target, who) or (wait and draft.waits(target, who)):
        return draft.step()
    wish = draft.wish(target, who)
    blockers = draft.blockers(wish)
    if not blockers:
        draft.leave_line(target, who)
        draft.give(wish)
    elif wait and not draft.waits_for(blockers, who.connection):
        draft.stand_in_line(wish)
    else:
        raise LockedError(tuple(as_held(lock) for lock in blockers))
    return draft.step()


def release(locks: Locks, target: Target, who: Claimant, now: datetime) -> Step:
    """Gives the lock back, or leaves the line; nothing happens where there is neither."""
    draft = _Draft(locks, now)
    draft.renew(who.connection)
    draft.remove(lambda lock: lock.target == target and lock.connection == who.connection)
    return draft.step()


def drop(locks: Locks, connections: Collection[str], now: datetime) -> Step:
    """Gives back all that these sockets have and wait for: they are gone."""
    draft = _Draft(locks, now)
    draft.remove(lambda lock: lock.connection in connections)
    return draft.step()


def beat(locks: Locks, connection: str, now: datetime) -> Step:
    """Renews the leases of all that a socket has and waits for."""
    draft = _Draft(locks, now)
    draft.renew(connection)
    return draft.step()


def settle(locks: Locks, now: datetime) -> Step:
    """What has run out is over, and goes to whoever is next."""
    return _Draft(locks, now).step()


def take_over(locks: Locks, target: Target, who: Claimant, now: datetime, *, reason: str) -> Step:
    """The lock for `who`, before everybody in line and from whoever has it or overlaps it."""
    draft = _Draft(locks, now)
    draft.renew(who.connection)
    draft.settle()
    if not draft.has(target, who):
        wish = draft.wish(target, who)
        draft.rob(wish, reason)
        draft.leave_line(target, who)
        draft.give(wish)
        draft.leave_endless_lines(who.connection)
    return draft.step()


def living(locks: Locks, now: datetime) -> Locks:
    """Without what has run out, for those who only look."""
    held, waiting = ([lock for lock in some if not expired(lock, now)] for some in (locks.held, locks.waiting))
    return Locks(locks.revision, tuple(held), tuple(waiting))


def check(locks: Locks, user: str, claims: Sequence[LockClaim], changes: Iterable[Change]) -> None:
    """Whether `user` may write these changes while these locks stand.

    LockLostError for a claim that is not of the lock as it stands; LockedError where another person has a lock on what
    changes. Making and deleting a record concerns all its fields. A person's own locks are in the way of none of their
    sockets unless these claim them.
    """
    standing = {(lock.target, lock.token) for lock in locks.held if lock.claimant.user == user}
    for claim in claims:
        if (Target(claim.kind, claim.uid, claim.field), claim.token) not in standing:
            raise LockLostError(kind=claim.kind, uid=claim.uid, field=claim.field)
    if in_the_way := tuple(in_the_way_of(locks, user, changes)):
        raise LockedError(tuple(as_held(lock) for lock in in_the_way))


def in_the_way_of(locks: Locks, user: str, changes: Iterable[Change]) -> Iterator[Lock]:
    """Locks of other people on what changes."""
    others: dict[tuple[Kind, int], list[Lock]] = {}
    for lock in locks.held:
        if lock.claimant.user != user:
            others.setdefault((lock.target.kind, lock.target.uid), []).append(lock)
    if not others:
        return
    for change in changes:
        for lock in others.get((change.kind, change.uid), ()):
            if change.op != "updated" or lock.target.field is None or lock.target.field in change.fields:
                yield lock


def expired(lock: Lock, now: datetime) -> bool:
    return _ms(now) > lock.until + SKEW // timedelta(milliseconds=1)


def position(locks: Locks, target: Target, connection: str) -> int | None:
    """Place in the line of the record: 1 is next; None: not in it."""
    line = (lock for lock in locks.waiting if lock.record == (target.kind, target.uid))
    places = (n for n, lock in enumerate(line, 1) if (lock.target, lock.connection) == (target, connection))
    return next(places, None)


def as_held(lock: Lock) -> LockHeld:
    target = lock.target
    return LockHeld(
        kind=target.kind,
        uid=target.uid,
        field=target.field,
        user=lock.claimant.user,
        name=lock.claimant.name,
        until=instant(lock.until),
    )


def instant(milliseconds: int) -> str:
    """UTC, ISO 8601."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def lines(waiting: Iterable[Lock]) -> dict[tuple[Kind, int], tuple[str, ...]]:
    """Who waits for each record or parts of it."""
    found: dict[tuple[Kind, int], tuple[str, ...]] = {}
    for lock in waiting:
        found[lock.record] = (*found.get(lock.record, ()), lock.claimant.user)
    return found


class _Draft:
    """Locks being changed at an instant."""

    def __init__(self, locks: Locks, now: datetime) -> None:
        self._now = now
        self._revision = locks.revision
        self._held = list(locks.held)
        self._waiting = list(locks.waiting)
        self._changes: list[Changed] = []
        self._granted: list[Lock] = []
        known = lines(locks.waiting)
        self._told = {(lock.target, lock.connection): known.get(lock.record, ()) for lock in locks.held}
        """The line of each lock as the room knows it."""

    def step(self) -> Step:
        self.settle()
        known = lines(self._waiting)
        for lock in self._held:
            if self._told[lock.target, lock.connection] != known.get(lock.record, ()):
                self._happened("waiting", lock, lock.claimant)
        locks = Locks(self._revision, tuple(self._held), tuple(self._waiting))
        return Step(locks, tuple(self._changes), tuple(self._granted))

    def wish(self, target: Target, who: Claimant) -> Lock:
        """What `who` would have; LimitExceededError where that is too much."""
        if len(self._held) + len(self._waiting) >= MAX_LOCKS:
            raise _too_many(f"at most {MAX_LOCKS} locks are held and waited for in a project", MAX_LOCKS)
        if sum(lock.connection == who.connection for lock in chain(self._held, self._waiting)) >= MAX_OWN:
            raise _too_many(f"one connection holds and waits for at most {MAX_OWN} locks in a project", MAX_OWN)
        short = structs.replace(who, name=who.name[:_NAME_LENGTH])
        return Lock(target, short, until=self._end())

    def has(self, target: Target, who: Claimant) -> bool:
        return any(lock.target == target and lock.connection == who.connection for lock in self._held)

    def waits(self, target: Target, who: Claimant) -> bool:
        return any(lock.target == target and lock.connection == who.connection for lock in self._waiting)

    def blockers(self, wish: Lock) -> list[Lock]:
        """Who has it, and who came before."""
        mine = (wish.target, wish.connection)
        before = takewhile(lambda lock: (lock.target, lock.connection) != mine, self._waiting)
        return [lock for lock in chain(self._held, before) if lock.blocks(wish)]

    def waits_for(self, blockers: Iterable[Lock], connection: str) -> bool:
        """Whether one of these can only go on once `connection` gives something back."""
        seen: set[str] = set()
        ahead = {lock.connection for lock in blockers}
        while ahead:
            if connection in ahead:
                return True
            seen |= ahead
            stuck = [lock for lock in self._waiting if lock.connection in ahead]
            ahead = {blocker.connection for lock in stuck for blocker in self.blockers(lock)} - seen
        return False

    def renew(self, connection: str) -> None:
        for locks in (self._held, self._waiting):
            for index, lock in enumerate(locks):
                if lock.connection == connection:
                    locks[index] = structs.replace(lock, until=max(lock.until, self._end()))

    def settle(self) -> None:
        """Ends what ran out, then goes down the lines."""
        self.remove(lambda lock: expired(lock, self._now))
        for wish in list(self._waiting):
            if not self.blockers(wish):
                self._waiting.remove(wish)
                self._granted.append(self.give(wish))

    def remove(self, which: Callable[[Lock], bool]) -> None:
        self._waiting = [lock for lock in self._waiting if not which(lock)]
        for lock in [lock for lock in self._held if which(lock)]:
            self._end_of("unlocked", lock, lock.claimant)

    def rob(self, wish: Lock, reason: str) -> None:
        """Ends all that is in the way of the wish."""
        for lock in [lock for lock in self._held if lock.blocks(wish)]:
            self._end_of("taken_over", lock, wish.claimant, reason)

    def give(self, wish: Lock) -> Lock:
        revision = self._next_revision()
        lock = structs.replace(wish, token=revision)
        self._held.append(lock)
        self._happened("locked", lock, lock.claimant, revision=revision)
        return lock

    def stand_in_line(self, wish: Lock) -> None:
        if len(lines(self._waiting).get(wish.record, ())) >= MAX_LINE:
            raise _too_many(f"at most {MAX_LINE} wait for one record", MAX_LINE)
        self._waiting.append(wish)

    def leave_line(self, target: Target, who: Claimant) -> None:
        self._waiting = [lock for lock in self._waiting if lock.target != target or lock.connection != who.connection]

    def leave_endless_lines(self, connection: str) -> None:
        """Whoever went to the front of one line may now be waited for by those they wait for."""
        for lock in [lock for lock in self._waiting if lock.connection == connection]:
            if self.waits_for(self.blockers(lock), connection):
                self._waiting.remove(lock)

    def _end_of(self, happening: Happening, lock: Lock, by: Claimant, reason: str = "") -> None:
        self._held.remove(lock)
        self._happened(happening, lock, by, reason=reason)

    def _happened(
        self, happening: Happening, lock: Lock, by: Claimant, *, revision: int | None = None, reason: str = ""
    ) -> None:
        waiting = lines(self._waiting).get(lock.record, ())
        previous = self._revision
        self._revision = self._next_revision() if revision is None else revision
        self._told[lock.target, lock.connection] = waiting
        self._changes.append(Changed(happening, self._revision, previous, lock, by, waiting, reason))

    def _next_revision(self) -> int:
        """After a day without locks they are forgotten: taken from the clock, numbers go on rising all the same."""
        return max(self._revision + 1, _ms(self._now))

    def _end(self) -> int:
        return _ms(self._now + LEASE)


def _too_many(text: str, limit: int) -> LimitExceededError:
    return LimitExceededError(text, what="locks", limit=limit)
