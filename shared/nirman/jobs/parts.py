"""A job done in parts by whoever gets them; who does the last one puts them together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nirman.errors import BusyError, NirmanError
from nirman.jobs.delivery import INTERNAL, error_of
from nirman.jobs.job import FINAL, Headway, Job, JobError, JobOverError, JobState, JobTakenError
from nirman.jobs.ports import JobChangedError, JobStore
from nirman.jobs.service import Run


class Part:
    """A part in the hands of a worker: others write the job meanwhile, only that it is over concerns it."""

    def __init__(self, store: JobStore, job: Job) -> None:
        self._store = store
        self.job = job

    def report(self, percent: int, headway: Headway | None = None) -> None:  # noqa: ARG002 - parts that are done are told
        self.look()

    def look(self) -> None:
        if self._store.get(self.job.tenant, self.job.id).state in FINAL:
            raise JobOverError(self.job.id)


def deliver_part(
    store: JobStore,
    tenant: str,
    job_id: str,
    part: int,
    *,
    compute: Callable[[Part], None],
    put_together: Callable[[Run], None],
    now: Callable[[], datetime],
    lease_s: float,
    last: bool,
) -> None:
    """Computes a part, unless that was done, and keeps it; then puts all together if it was the last that was missing.
    Of a cancelled job the parts from the first on that are done are put together.

    Returns and raises as `deliver` does. A part that comes twice may be computed twice, and counts once; that all are
    there is found by one worker alone, since each writes the job over the version that it read.
    """
    job = store.get(tenant, job_id)
    try:
        held = Part(store, job)
        held.look()
        if part not in job.parts_done:
            compute(held)
        if run := _noted(store, tenant, job_id, part, now=now, lease_s=lease_s):
            put_together(run)
    except JobOverError:
        if run := _left_over(store, tenant, job_id, now=now, lease_s=lease_s):
            put_together(run)
    except JobTakenError:
        raise
    except NirmanError as exc:
        if isinstance(exc, BusyError) and not last:
            raise
        _fail(store, job, now, error_of(exc))
    except Exception:
        if last:
            _fail(store, job, now, INTERNAL)
        raise


def _left_over(store: JobStore, tenant: str, job_id: str, *, now: Callable[[], datetime], lease_s: float) -> Run | None:
    """The job, if it was cancelled and something is there to be kept of it."""
    job = store.get(tenant, job_id)
    cancelled = job.state is JobState.CANCELLED and job.result is None
    return Run(store, job, now=now, lease_s=lease_s) if cancelled and job.parts_from_first else None


def _noted(
    store: JobStore, tenant: str, job_id: str, part: int, *, now: Callable[[], datetime], lease_s: float
) -> Run | None:
    """The part is done. The job, if it is now this worker's to finish; JobTakenError while another one is at that."""
    while True:
        job = store.get(tenant, job_id)
        if part in job.parts_done:
            # Whoever was to put them together may have died: their lease tells.
            return Run.claim(store, tenant, job_id, now=now, lease_s=lease_s) if job.complete else None
        noted = job.part_done(part, now(), lease_s=lease_s)
        try:
            store.save(noted)
        except JobChangedError:
            continue
        return Run(store, noted, now=now, lease_s=lease_s) if noted.complete else None


def _fail(store: JobStore, job: Job, now: Callable[[], datetime], error: JobError) -> None:
    while True:
        try:
            store.save(store.get(job.tenant, job.id).failed(error, now()))
        except JobOverError:
            return
        except JobChangedError:
            continue
        else:
            return
