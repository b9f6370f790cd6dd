"""Locks of records or of single fields: leases, with a token that the commit checks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from nirman.collaboration.messages.base import FromClient, Message, ProjectId
from nirman.collaboration.messages.signals import FieldName
from nirman.planning.model import Kind, Uid


class Locked(Struct, frozen=True, omit_defaults=True):
    """Who has what, until when (UTC, unless the lease is renewed), and who waits for it, first come first."""

    kind: Kind
    uid: int
    field: str | None
    user: str
    name: str
    until: str
    waiting: tuple[str, ...] = ()


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

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Beat(FromClient, frozen=True, tag="beat"):
    """Renews the lease of all locks that this socket has in the project."""

    project: ProjectId


class Lease(Message, frozen=True, tag="lease"):
    """Answer to `lock`, `take_over`, `unlock`; and said by itself to whom a lock comes from the line.

    `token` goes with edits (`command.locks`); None: not yours, `position` is the place in the line (1 is next; None:
    not in line). `id` is None when it was not asked for now.
    """

    id: str | None
    project: str
    kind: Kind
    uid: int
    field: str | None
    token: int | None = None
    position: int | None = None
    until: str | None = None


class Leases(Message, frozen=True, tag="leases"):
    """Answer to `beat`: locks that this socket still has, until when. What is not named is lost."""

    id: str
    project: str
    locks: tuple[Locked, ...]
    until: str | None


class LockMessage(Message, frozen=True, tag="locking"):
    """A lock in the room changed hands, or who waits for it did. Of two, the later `revision` is right."""

    project: str
    change: Literal["locked", "unlocked", "taken_over", "waiting"]
    revision: int
    lock: Locked
    at: str
    reason: str = ""
