"""Work that a request only asks for: its record, and the states it passes through.

    queued ──> running ──> succeeded
       │          ├──────> failed
       └──────────┴──────> cancelled

A final state is never left; of a cancelled job only the best answer found until then is added. While running, one
worker holds a lease; when it dies the lease runs out and the next delivery of the message takes over. A job in parts is
held by nobody until the last part is done.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from nirman.tenancy.identity import Principal, ProjectKey


class JobKind(StrEnum):
    IMPORT = "import"
    EXPORT = "export"
    LEVEL = "level"
    COMPRESS = "compress"
    SIMULATE = "simulate"
    ALLOCATE = "allocate"
    ALTERNATIVES = "alternatives"


OPTIMIZATIONS = frozenset({JobKind.LEVEL, JobKind.COMPRESS, JobKind.SIMULATE, JobKind.ALLOCATE, JobKind.ALTERNATIVES})


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


class Headway(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a running job knows already: the best plan found and how good it is at least.

    No plan can finish before `bound`: the best is too late by at most the share `gap` of its duration.
    """

    phase: str = ""
    finish: datetime | None = None
    cost: Decimal | None = None
    bound: datetime | None = None
    gap: float | None = None


class Author(Struct, frozen=True):
    user: str
    name: str


class JobView(Struct, frozen=True, kw_only=True):
    """A job as people see it; `cancellable` until its last step begins, `applicable` when it proposes changes."""

    id: str
    project: str
    kind: JobKind
    state: JobState
    progress: int
    headway: Headway | None
    cancellable: bool
    applicable: bool
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    error: JobError | None
    created_by: Author
    created_at: datetime
    updated_at: datetime


class Job(Struct, frozen=True, kw_only=True):
    """`progress` is 0 to 100; `version` counts the writes of the record; instants are UTC.

    `proposal` is the object in the store that holds the changes proposed. A job is done in `parts` where it has any;
    `parts_done` are those that are, by number from 0. `claims` counts the workers that took it up: two of them never
    write the same record.
    """

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
    proposal: str | None = None
    headway: Headway | None = None
    parts: int = 0
    parts_done: tuple[int, ...] = ()
    lease_until: datetime | None = None
    claims: int = 0
    version: int = 1

    @property
    def key(self) -> ProjectKey:
        return ProjectKey(self.tenant, self.project)

    @property
    def complete(self) -> bool:
        """All its parts are done."""
        return self.parts > 0 and len(self.parts_done) == self.parts

    @property
    def parts_from_first(self) -> int:
        """How many are done without a gap."""
        return next((number for number, part in enumerate(self.parts_done) if number != part), len(self.parts_done))

    @property
    def abandoned(self) -> bool:
        """Its worker neither finished it nor gave it back."""
        return self.state is JobState.RUNNING and self.lease_until is not None

    def claimed(self, now: datetime, *, lease_s: float) -> Job:
        """Held by a worker for `lease_s` seconds; JobOverError, or JobTakenError while another worker's lease runs."""
        if self.state is JobState.RUNNING and self.lease_until is not None and self.lease_until > now:
            raise JobTakenError(self.id)
        lease_until = now + timedelta(seconds=lease_s)
        return self._then(now, state=JobState.RUNNING, lease_until=lease_until, claims=self.claims + 1)

    def progressed(
        self,
        percent: int,
        now: datetime,
        *,
        last_step: bool = False,
        headway: Headway | None = None,
        lease_s: float | None = None,
    ) -> Job:
        """Further along, and held for another `lease_s`; from the last step on the job can no longer be cancelled."""
        return self._then(
            now,
            progress=max(self.progress, percent),
            headway=headway or self.headway,
            cancellable=self.cancellable and not last_step,
            lease_until=self.lease_until if lease_s is None else now + timedelta(seconds=lease_s),
        )

    def released(self, now: datetime) -> Job:
        """Given back by its worker: the next may begin at once."""
        return self._then(now, lease_until=None)

    def split(self, parts: int, now: datetime) -> Job:
        """To be done in so many parts by whoever gets them."""
        return self._then(now, parts=parts, lease_until=None)

    def part_done(self, part: int, now: datetime, *, lease_s: float) -> Job:
        """With one part more; who does the last one holds the job from now on."""
        done = tuple(sorted({*self.parts_done, part}))
        return self._then(
            now,
            parts_done=done,
            progress=max(self.progress, 95 * len(done) // self.parts),
            lease_until=now + timedelta(seconds=lease_s) if len(done) == self.parts else None,
        )

    def succeeded(
        self,
        result: dict[str, Any],
        now: datetime,
        *,
        output: Output | None = None,
        proposal: str | None = None,
        headway: Headway | None = None,
    ) -> Job:
        """`headway`: the last there was, which agrees with the result."""
        values = {"result": result, "output": output, "proposal": proposal, "headway": headway or self.headway}
        return self._over(now, JobState.SUCCEEDED, progress=100, **values)

    def failed(
        self, error: JobError, now: datetime, *, result: dict[str, Any] | None = None, output: Output | None = None
    ) -> Job:
        return self._over(now, JobState.FAILED, error=error, result=result, output=output)

    def kept(
        self,
        result: dict[str, Any],
        now: datetime,
        *,
        output: Output | None = None,
        proposal: str | None = None,
        headway: Headway | None = None,
    ) -> Job:
        """Cancelled, with the best answer that there was by then; JobOverError when it has one or ended otherwise."""
        if self.state is not JobState.CANCELLED or self.result is not None:
            raise JobOverError(self.id)
        values = {"result": result, "output": output, "proposal": proposal, "headway": headway or self.headway}
        return replace(self, updated_at=now, version=self.version + 1, **values)

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
            headway=self.headway,
            cancellable=self.cancellable,
            applicable=self.proposal is not None,
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
