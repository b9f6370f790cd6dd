"""Asking for jobs, and doing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any

from nirman.errors import CommandReusedError
from nirman.jobs.job import (
    OPTIMIZATIONS,
    Headway,
    Job,
    JobError,
    JobKind,
    JobOverError,
    JobState,
    JobTakenError,
    Output,
)
from nirman.jobs.ports import AtOnce, JobChangedError, JobQueue, JobStore
from nirman.tenancy.identity import Access
from nirman.tenancy.limits import TenantLimits

MAX_RECEIVES = 5
"""Deliveries of a job's message before it goes to the dead-letter queue; the template says the same."""


class Jobs:
    """`now` is the clock (aware), `new_id` gives ids that ascend with time; `limits` are those of tenants."""

    def __init__(
        self,
        store: JobStore,
        queue: JobQueue,
        limits: TenantLimits,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._queue = queue
        self._limits = limits
        self._now = now
        self._new_id = new_id

    def submit(
        self, access: Access, kind: JobKind, parameters: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Job:
        """A queued job. The same key again gives the same job and sends its message again, should it have been lost;
        CommandReusedError if something else was asked for then. TooManyAtOnceError where as many optimizations as the
        tenant's plan allows are not over yet.
        """
        now = self._now()
        job = self._store.add(
            Job(
                id=self._new_id(),
                tenant=access.key.tenant,
                project=access.key.project,
                kind=kind,
                parameters=dict(parameters),
                created_by=access.principal,
                created_at=now,
                updated_at=now,
            ),
            idempotency_key=idempotency_key,
            at_once=self._at_once(access.key.tenant) if kind in OPTIMIZATIONS else None,
        )
        if (job.kind, job.parameters) != (kind, parameters):
            raise CommandReusedError(f"key {idempotency_key} came before with other content")
        if job.state is JobState.QUEUED:
            self._queue.send(job)
        return job

    def _at_once(self, tenant: str) -> AtOnce:
        limits = self._limits.of(tenant)
        return AtOnce(of_project=limits.optimizations_per_project, of_tenant=limits.optimizations_per_tenant)

    def cancel(self, job: Job) -> Job:
        """The job as it is afterwards: cancelled, unless it was over or in its last step."""
        while True:
            try:
                cancelled = job.cancelled(self._now())
                self._store.save(cancelled)
            except JobOverError:
                return job
            except JobChangedError:
                job = self._store.get(job.tenant, job.id)
            else:
                return cancelled


class Run:
    """A job in the hands of one worker. Every method raises JobOverError or JobTakenError when the job was cancelled
    or another worker took it over: then nothing more is to be done. Threads of the worker may call it at once.
    """

    def __init__(self, store: JobStore, job: Job, *, now: Callable[[], datetime], lease_s: float) -> None:
        self._store = store
        self._now = now
        self._lease_s = lease_s
        self._writing = RLock()
        self.job = job

    @classmethod
    def claim(cls, store: JobStore, tenant: str, job_id: str, *, now: Callable[[], datetime], lease_s: float) -> Run:
        """Also raises NotFoundError."""
        run = cls(store, store.get(tenant, job_id), now=now, lease_s=lease_s)
        run._write(lambda job: job.claimed(now(), lease_s=lease_s))
        return run

    def step(self, percent: int, *, last: bool = False) -> None:
        """Between two steps: says how far it is, and stops here if it shall. The `last` step is not cancelled."""
        self._write(lambda job: job.progressed(percent, self._now(), last_step=last))

    def report(self, percent: int, headway: Headway | None = None) -> None:
        """Says how far it is within a long step, and holds the job for another lease."""
        self._write(lambda job: job.progressed(percent, self._now(), headway=headway, lease_s=self._lease_s))

    def look(self) -> None:
        """Reads whether the job is still this worker's to do, and writes nothing."""
        with self._writing:
            stored = self._store.get(self.job.tenant, self.job.id)
            if stored.version != self.job.version:
                raise _lost(stored)

    def release(self) -> None:
        """Gives the job back: the next worker may begin at once."""
        self._write(lambda job: job.released(self._now()))

    def split(self, parts: int) -> None:
        """Leaves the job to whoever does its parts."""
        self._write(lambda job: job.split(parts, self._now()))

    def succeed(
        self,
        result: dict[str, Any],
        *,
        output: Output | None = None,
        proposal: str | None = None,
        headway: Headway | None = None,
    ) -> None:
        self._write(lambda job: job.succeeded(result, self._now(), output=output, proposal=proposal, headway=headway))

    def fail(self, error: JobError, *, result: dict[str, Any] | None = None, output: Output | None = None) -> None:
        self._write(lambda job: job.failed(error, self._now(), result=result, output=output))

    def keep(
        self,
        result: dict[str, Any],
        *,
        output: Output | None = None,
        proposal: str | None = None,
        headway: Headway | None = None,
    ) -> None:
        """The job was cancelled: the best answer found until then is kept with it."""
        with self._writing:
            self.job = self._store.get(self.job.tenant, self.job.id)
            self._write(lambda job: job.kept(result, self._now(), output=output, proposal=proposal, headway=headway))

    def _write(self, change: Callable[[Job], Job]) -> None:
        with self._writing:
            job = change(self.job)
            try:
                self._store.save(job)
            except JobChangedError:
                stored = self._store.get(job.tenant, job.id)
                if stored != job:  # else it was written, and the answer to that was lost
                    raise _lost(stored) from None
            self.job = job


def _lost(stored: Job) -> JobOverError | JobTakenError:
    """Only a cancellation or a second worker writes beside the holder of the lease."""
    return (JobTakenError if stored.state is JobState.RUNNING else JobOverError)(stored.id)
