"""States of a job, and who may move it between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nirman.jobs.job import FINAL, Job, JobError, JobKind, JobOverError, JobState, JobTakenError
from nirman.tenancy.identity import Principal, Role

NOW = datetime(2026, 1, 4, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)
ERROR = JobError(code="invalid", text="no")


def queued() -> Job:
    author = Principal("padma", "rahim", "Rahim", Role.PLANNER)
    return Job(
        id="01", tenant="padma", project="tower", kind=JobKind.EXPORT, created_by=author, created_at=NOW, updated_at=NOW
    )


def running() -> Job:
    return queued().claimed(NOW, lease_s=60)


MOVES: dict[str, Callable[[Job], Job]] = {
    "claim": lambda job: job.claimed(LATER, lease_s=60),
    "progress": lambda job: job.progressed(50, LATER),
    "succeed": lambda job: job.succeeded({}, LATER),
    "fail": lambda job: job.failed(ERROR, LATER),
    "cancel": lambda job: job.cancelled(LATER),
}
OVER = [running().succeeded({}, NOW), running().failed(ERROR, NOW), running().cancelled(NOW), queued().cancelled(NOW)]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("over", OVER, ids=lambda job: job.state)
def test_a_final_state_is_never_left(over: Job, move: Callable[[Job], Job]) -> None:
    assert over.state in FINAL
    with pytest.raises(JobOverError):
        move(over)


def test_while_one_worker_holds_the_lease_no_other_takes_the_job() -> None:
    with pytest.raises(JobTakenError):
        running().claimed(NOW + timedelta(seconds=59), lease_s=60)


def test_when_the_lease_has_run_out_another_worker_takes_over() -> None:
    assert running().claimed(LATER, lease_s=60).lease_until == LATER + timedelta(seconds=60)


def test_progress_never_goes_back_when_a_job_is_done_again() -> None:
    again = running().progressed(80, NOW).claimed(LATER, lease_s=60).progressed(20, LATER)
    assert again.progress == 80


def test_from_its_last_step_on_a_job_cannot_be_cancelled_not_even_by_another_worker() -> None:
    last = running().progressed(80, NOW, last_step=True).claimed(LATER, lease_s=60).progressed(20, LATER)
    with pytest.raises(JobOverError):
        last.cancelled(LATER)
    assert last.succeeded({}, LATER).state is JobState.SUCCEEDED


def test_what_people_see_of_a_job_has_nothing_of_its_machinery() -> None:
    shown = running().view()
    assert {"tenant", "version", "lease_until"}.isdisjoint(shown.__struct_fields__)
    assert (shown.created_by.user, shown.state, shown.cancellable) == ("rahim", JobState.RUNNING, True)
