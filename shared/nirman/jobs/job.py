"""Work that a request only asks for: its record, and the states it passes through.

    queued ──> running ──> succeeded
       │          ├──────> failed
       └──────────┴──────> cancelled

A final state is never left. While running, one worker holds a lease; when it dies the lease runs out and the next
delivery of the message takes over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from nirman.tenancy.identity import Principal, ProjectKey


class JobKind(StrEnum):
    IMPORT = "import"
    EXPORT = "export"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


class JobOverError(Exception):
    """The job is in a final state."""


class JobTakenError(Exception):
    """Another worker holds the job."""


class JobError(Struct, frozen=True, kw_only=True):
    """Why a job failed: `code` and `details` as in the API's problems, `text` for people."""

    code: str
    text: str
    details: dict[str, Any] = {}


class Output(Struct, frozen=True, kw_only=True):
    """A file that the job made; `name` is what to save it as, `object` where the store has it."""

    object: str
    name: str
    media_type: str
    size_bytes: int


class Author(Struct, frozen=True):
    user: str
    name: str


class JobView(Struct, frozen=True, kw_only=True):
    """A job as people see it; `cancellable` until its last step begins."""

    id: str
    project: str
    kind: JobKind
    state: JobState
    progress: int
    cancellable: bool
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    error: JobError | None
    created_by: Author
    created_at: datetime
    updated_at: datetime


class Job(Struct, frozen=True, kw_only=True):
    """`progress` is 0 to 100; `version` counts the writes of the record; instants are UTC."""

    id: str
    tenant: str
    project: str
    kind: JobKind
    created_by: Principal
    created_at: datetime
    updated_at: datetime
    parameters: dict[str, Any] = {}
    state: JobState = JobState.QUEUED
    progress: int = 0
    cancellable: bool = True
    result: dict[str, Any] | None = None
    error: JobError | None = None
    output: Output | None = None
    lease_until: datetime | None = None
    version: int = 1

    @property
    def key(self) -> ProjectKey:
        return ProjectKey(self.tenant, self.project)

    def claimed(self, now: datetime, *, lease_s: float) -> Job:
        """Held by a worker for `lease_s` seconds; JobOverError, or JobTakenError while another worker's lease runs."""
        if self.state is JobState.RUNNING and self.lease_until is not None and self.lease_until > now:
            raise JobTakenError(self.id)
        return self._then(now, state=JobState.RUNNING, lease_until=now + timedelta(seconds=lease_s))

    def progressed(self, percent: int, now: datetime, *, last_step: bool = False) -> Job:
        """Further along; from the last step on the job can no longer be cancelled."""
        return self._then(now, progress=max(self.progress, percent), cancellable=self.cancellable and not last_step)

    def succeeded(self, result: dict[str, Any], now: datetime, *, output: Output | None = None) -> Job:
        return self._over(now, JobState.SUCCEEDED, progress=100, result=result, output=output)

    def failed(
        self, error: JobError, now: datetime, *, result: dict[str, Any] | None = None, output: Output | None = None
    ) -> Job:
        return self._over(now, JobState.FAILED, error=error, result=result, output=output)

    def cancelled(self, now: datetime) -> Job:
        """Also JobOverError when the last step has begun."""
        if not self.cancellable:
            raise JobOverError(self.id)
        return self._over(now, JobState.CANCELLED)

    def view(self) -> JobView:
        return JobView(
            id=self.id,
            project=self.project,
            kind=self.kind,
            state=self.state,
            progress=self.progress,
            cancellable=self.cancellable,
            parameters=self.parameters,
            result=self.result,
            error=self.error,
            created_by=Author(self.created_by.user, self.created_by.name),
            created_at=self.created_at,
            updated_at=self.updated_at,
        )

    def _over(self, now: datetime, state: JobState, **values: Any) -> Job:
        return self._then(now, state=state, cancellable=False, lease_until=None, **values)

    def _then(self, now: datetime, **values: Any) -> Job:
        if self.state in FINAL:
            raise JobOverError(self.id)
        return replace(self, updated_at=now, version=self.version + 1, **values)
