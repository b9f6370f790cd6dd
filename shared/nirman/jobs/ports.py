"""What jobs need of a store and of a queue."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from msgspec import Struct

from nirman.jobs.job import Job, JobKind
from nirman.tenancy.identity import ProjectKey


class JobChangedError(Exception):
    """Somebody else wrote the job first; nothing was written."""


class AtOnce(Struct, frozen=True, kw_only=True):
    """How many optimizations may be queued or running."""

    of_project: int
    of_tenant: int


class JobStore(Protocol):
    def add(self, job: Job, *, idempotency_key: str | None, at_once: AtOnce | None = None) -> Job:
        """Keeps a new job; the one kept before when the same key came before in the same project.

        `at_once`: only if so few are unfinished, however many ask at the same time; TooManyAtOnceError. BusyError when
        too many do.
        """

    def get(self, tenant: str, job_id: str) -> Job:
        """Read consistently; NotFoundError."""

    def save(self, job: Job) -> None:
        """Writes `job` over the version before it; JobChangedError if another version is there."""

    def of_project(
        self, key: ProjectKey, *, limit: int, before: str | None, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> tuple[Job, ...]:
        """At most `limit` jobs of these kinds, newest first, all older than the job `before`."""


class JobQueue(Protocol):
    def send(self, job: Job, *, part: int | None = None) -> None:
        """Asks a worker to do the job, or a part of it; it may be asked more than once."""


class Receipt(Protocol):
    """A message in a worker's hands."""

    def hide(self, seconds: int) -> None:
        """Nobody else gets the message for so long from now on; then it comes again, if it is still there."""
