"""A job's message has come: do the job once, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from nirman.errors import BusyError, ConflictError, NirmanError
from nirman.jobs.job import JobError, JobOverError, JobTakenError
from nirman.jobs.ports import JobStore
from nirman.jobs.service import Run

_MAX_CONFLICTS = 20
"""Told of a conflict; a job's record is one item of the table."""
INTERNAL = JobError(code="internal", text="something went wrong here; it was recorded")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5, 120
_DIED = JobError(
    code="worker-died",
    text="whoever worked on it ended before it was done, again and again: it needs more memory or time than there is",
)


def deliver(
    store: JobStore,
    tenant: str,
    job_id: str,
    work: Callable[[Run], None],
    *,
    now: Callable[[], datetime],
    lease_s: float,
    last: bool,
) -> None:
    """Carries the job out. Returns when the message has done its service: the job is over, or left to its parts.

    Raises when the message must come again: another worker holds the job, or something failed that may go well next
    time. On the `last` delivery the job fails then; also when the worker before died with it, which it would do again.
    NotFoundError: there is no such job.
    """
    try:
        abandoned = store.get(tenant, job_id).abandoned
        run = Run.claim(store, tenant, job_id, now=now, lease_s=lease_s)
    except JobOverError:
        return
    if last and abandoned:
        _fail(run, _DIED)
        return
    try:
        work(run)
    except JobOverError:
        return
    except JobTakenError:
        raise
    except BusyError as exc:
        if not last:
            _release(run)
            raise
        _fail(run, error_of(exc))
    except NirmanError as exc:
        _fail(run, error_of(exc))
    except Exception:
        if last:
            _fail(run, INTERNAL)
        else:
            _release(run)
        raise


def come_again_after_s(receives: int) -> int:
    """Seconds until a message that was not done is given out again: longer each time."""
    return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S << min(receives - 1, 10))


def error_of(exc: NirmanError) -> JobError:
    details = exc.details()
    if isinstance(exc, ConflictError):
        details |= {"conflicts": details["conflicts"][:_MAX_CONFLICTS], "conflict_count": len(exc.conflicts)}
    return JobError(code=exc.code, text=str(exc), details=details)


def _release(run: Run) -> None:
    with suppress(JobOverError, JobTakenError):
        run.release()


def _fail(run: Run, error: JobError) -> None:
    with suppress(JobOverError):
        run.fail(error)
