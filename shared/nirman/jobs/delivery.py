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
    """Carries the job out. Returns when the message has done its service: the job is over. Raises when it must come
    again: another worker holds the job, or something failed that may go well next time; on the `last` delivery the
    job fails then. NotFoundError: there is no such job.
    """
    try:
        run = Run.claim(store, tenant, job_id, now=now, lease_s=lease_s)
    except JobOverError:
        return
    try:
        work(run)
    except JobOverError:
        return
    except JobTakenError:
        raise
    except BusyError as exc:
        if not last:
            raise
        _fail(run, error_of(exc))
    except NirmanError as exc:
        _fail(run, error_of(exc))
    except Exception:
        if last:
            _fail(run, JobError(code="internal", text="something went wrong here; it was recorded"))
        raise


def error_of(exc: NirmanError) -> JobError:
    details = exc.details()
    if isinstance(exc, ConflictError):
        details |= {"conflicts": details["conflicts"][:_MAX_CONFLICTS], "conflict_count": len(exc.conflicts)}
    return JobError(code=exc.code, text=str(exc), details=details)


def _fail(run: Run, error: JobError) -> None:
    with suppress(JobOverError):
        run.fail(error)
