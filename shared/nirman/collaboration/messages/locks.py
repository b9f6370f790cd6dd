"""Locks of records or of single fields: leases, with a token that the commit checks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from nirman.collaboration.messages.base import FromClient, Message, ProjectId
from nirman.collaboration.messages.signals import FieldName
from nirman.planning.fields import Uid
from nirman.planning.model import Kind


class Locked(Struct, frozen=True, omit_defaults=True):
    """Who has what, until when (UTC, unless the lease is renewed), and who waits in the record's line, by user."""

    kind: Kind
    uid: int
    field: str | None
    user: str
    name: str
    until: str
    waiting: tuple[str, ...] = ()


Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class _OfLock(FromClient, frozen=True, kw_only=True):
    project: ProjectId
    kind: Kind
    uid: Uid
    field: FieldName | None = None
    """None: the whole record."""


class Lock(_OfLock, frozen=True, kw_only=True, tag="lock"):
    """Ask for a lock; with `wait` stand in line where somebody else has it."""

    wait: bool = False


class Unlock(_OfLock, frozen=True, kw_only=True, tag="unlock"):
    """Give a lock back, or leave the line."""


class TakeOver(_OfLock, frozen=True, kw_only=True, tag="take_over"):
    """Take a lock from whoever has it; for those who manage the project."""

    reason: Reason


class Beat(FromClient, frozen=True, tag="beat"):
    """Renews the leases of all locks that this socket has or waits for in the project."""

    project: ProjectId


class Lease(Message, frozen=True, tag="lease"):
    """Answer to `lock`, `take_over`, `unlock`; and said by itself to whom a lock comes from the line.

    `token` goes with edits (`command.locks`); None: not yours, `position` is the place in the record's line (1 is
    next; None: not in line). `id` is None when it was not asked for now.
    """

    id: str | None
    project: str
    kind: Kind
    uid: int
    field: str | None
    token: int | None = None
    position: int | None = None
    until: str | None = None


class Own(Struct, frozen=True, omit_defaults=True):
    """A lock that one has (`token`) or waits for (`position` in the record's line)."""

    kind: Kind
    uid: int
    field: str | None
    token: int | None = None
    position: int | None = None


class Leases(Message, frozen=True, tag="leases"):
    """Answer to `beat`: what this socket has and waits for, until when. What is not named is lost."""

    id: str
    project: str
    locks: tuple[Own, ...]
    until: str | None


class LockMessage(Message, frozen=True, tag="locking"):
    """A lock in the room changed hands, or who waits for it did; `revision` follows `previous`.

    `unlocked` and `taken_over` show the lock as it was, `locked` and `waiting` as it is. `by` did it, for `reason`.
    """

    project: str
    change: Literal["locked", "unlocked", "taken_over", "waiting"]
    revision: int
    previous: int
    lock: Locked
    by: str
    by_name: str
    at: str
    reason: str = ""
