"""Jobs in memory."""

from __future__ import annotations

from collections.abc import Collection

from nirman.errors import NotFoundError, TooManyAtOnceError
from nirman.jobs.job import FINAL, OPTIMIZATIONS, Job, JobKind
from nirman.jobs.ports import AtOnce, JobChangedError, JobQueue, JobStore
from nirman.tenancy.identity import ProjectKey


class MemoryJobStore(JobStore):
    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], Job] = {}
        self._by_key: dict[tuple[ProjectKey, str], Job] = {}

    def add(self, job: Job, *, idempotency_key: str | None, at_once: AtOnce | None = None) -> Job:
        if at_once is not None and (job.key, idempotency_key) not in self._by_key:
            self._check(job, at_once)
        if idempotency_key is not None:
            made = self._by_key.setdefault((job.key, idempotency_key), job)
            if made is not job:
                return self.get(made.tenant, made.id)
        self.jobs[job.tenant, job.id] = job
        return job

    def _check(self, job: Job, at_once: AtOnce) -> None:
        unfinished = [
            one
            for one in self.jobs.values()
            if one.tenant == job.tenant and one.kind in OPTIMIZATIONS and one.state not in FINAL
        ]
        of_project = sum(one.project == job.project for one in unfinished)
        for count, limit in ((of_project, at_once.of_project), (len(unfinished), at_once.of_tenant)):
            if count >= limit:
                raise TooManyAtOnceError("too many", what="optimizations", limit=limit)

    def get(self, tenant: str, job_id: str) -> Job:
        try:
            return self.jobs[tenant, job_id]
        except KeyError:
            raise NotFoundError(job_id) from None

    def save(self, job: Job) -> None:
        if self.jobs[job.tenant, job.id].version != job.version - 1:
            raise JobChangedError(job.id)
        self.jobs[job.tenant, job.id] = job

    def of_project(
        self, key: ProjectKey, *, limit: int, before: str | None, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> tuple[Job, ...]:
        asked = [job for job in self.jobs.values() if job.key == key and job.kind in kinds]
        found = [job for job in asked if before is None or job.id < before]
        return tuple(sorted(found, key=lambda job: job.id, reverse=True)[:limit])


class MemoryJobQueue(JobQueue):
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.parts: list[int] = []

    def send(self, job: Job, *, part: int | None = None) -> None:
        self.sent.append((job.tenant, job.id))
        self.parts += [] if part is None else [part]
