"""What the plan log needs of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from nirman.planning.commands import LockClaim
from nirman.planning.events import Change, Event
from nirman.planning.model import Plan
from nirman.tenancy.identity import Principal, ProjectKey


class RevisionTakenError(Exception):
    """Somebody else committed that revision first; nothing was written."""


class CommandDoneError(Exception):
    """A command with that id is in the log already; nothing was written."""


class StoreUnsureError(Exception):
    """Throttled, in conflict, or no answer: it was written or it was not. Reading the log tells."""


class Done(Struct, frozen=True):
    """A command that is in the log: its revision, and the fingerprint of what it asked for."""

    revision: int
    fingerprint: str


class Snapshot(Struct, frozen=True):
    """The plan as of a revision, and the digest of that revision's event."""

    revision: int
    digest: str
    plan: Plan


class PlanLog(Protocol):
    """The log of one project is append-only: revision n exists exactly once and follows n-1."""

    def head(self, key: ProjectKey) -> int:
        """The newest revision; 0 where there is no project."""

    def after(self, key: ProjectKey, revision: int, *, limit: int) -> list[Event]:
        """At most `limit` events later than `revision`, ascending, whole (large bodies fetched), read consistently."""

    def append(self, key: ProjectKey, event: Event, *, fingerprint: str, locks_revision: int | None = None) -> None:
        """Write the event of the revision after the head, in one transaction with the head and the command's id.

        With `locks_revision` the transaction also needs the project's locks to be those that were asked for leave.
        Raises RevisionTakenError (also when the locks changed), CommandDoneError, StoreUnsureError.
        """

    def done(self, key: ProjectKey, command_id: str) -> Done | None: ...

    def snapshot(self, key: ProjectKey) -> Snapshot | None:
        """The newest snapshot; any earlier one would serve as well, only slower."""

    def save_snapshot(self, key: ProjectKey, snapshot: Snapshot) -> None:
        """Keep the snapshot unless there is a newer one; raises StoreUnsureError."""


class Locks(Protocol):
    """Who may write what at this moment, as far as edit locks go."""

    def permit(self, key: ProjectKey, author: Principal, claims: Sequence[LockClaim], changes: Sequence[Change]) -> int:
        """The revision of the locks that lets the author write the changes; 0 where there never were any.

        Raises LockedError, LockLostError, and BusyError.
        """
