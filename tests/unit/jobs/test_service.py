"""Asking for jobs, cancelling them, and doing each once however often its message comes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nirman.errors import (
    BusyError,
    CommandReusedError,
    ConflictError,
    FieldConflict,
    InvalidPlanError,
    NotFoundError,
)
from nirman.jobs.delivery import deliver
from nirman.jobs.job import Job, JobKind, JobOverError, JobState, JobTakenError
from nirman.jobs.service import Jobs, Run
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from nirman.tenancy.limits import TenantLimits
from tests.fakes.jobs import MemoryJobQueue, MemoryJobStore
from tests.fakes.limits import MemoryPlanStore

KEY = ProjectKey("padma", "tower")
ACCESS = Access(KEY, Principal("padma", "rahim", "Rahim", Role.PLANNER), Role.PLANNER)


class Office:
    """A store, a queue, a clock that can be set, and workers."""

    def __init__(self) -> None:
        self.store = MemoryJobStore()
        self.queue = MemoryJobQueue()
        self.time = datetime(2026, 1, 4, tzinfo=UTC)
        ids = itertools.count(1)
        limits = TenantLimits(MemoryPlanStore(), now=lambda: self.time)
        self.jobs = Jobs(self.store, self.queue, limits, now=lambda: self.time, new_id=lambda: f"{next(ids):026d}")

    def submit(self, format_: str = "pdf", key: str | None = None) -> Job:
        return self.jobs.submit(ACCESS, JobKind.EXPORT, {"format": format_}, idempotency_key=key)

    def deliver(self, job: Job, work: Callable[[Run], None], *, last: bool = False) -> None:
        deliver(self.store, job.tenant, job.id, work, now=lambda: self.time, lease_s=60, last=last)

    def state(self, job: Job) -> Job:
        return self.store.get(job.tenant, job.id)


@pytest.fixture
def office() -> Office:
    return Office()


def done(run: Run) -> None:
    run.step(50)
    run.succeed({"revision": 1})


def test_a_submitted_job_waits_in_the_queue(office: Office) -> None:
    job = office.submit()
    assert office.state(job).state is JobState.QUEUED
    assert office.queue.sent == [("padma", job.id)]


def test_asked_again_with_the_same_key_it_is_the_same_job_and_its_message_is_sent_again(office: Office) -> None:
    first = office.submit(key="k")
    assert office.submit(key="k") == first
    assert office.queue.sent == [("padma", first.id)] * 2


def test_a_job_that_runs_or_is_over_is_not_sent_again(office: Office) -> None:
    job = office.submit(key="k")
    office.deliver(job, done)
    assert office.submit(key="k").state is JobState.SUCCEEDED
    assert len(office.queue.sent) == 1


def test_the_same_key_for_something_else_is_refused(office: Office) -> None:
    office.submit("pdf", key="k")
    with pytest.raises(CommandReusedError):
        office.submit("xlsx", key="k")


def test_a_message_that_comes_twice_does_nothing_twice(office: Office) -> None:
    job, worked = office.submit(), []

    def work(run: Run) -> None:
        worked.append(run.job.id)
        done(run)

    office.deliver(job, work)
    office.deliver(job, work)
    assert len(worked) == 1
    assert office.state(job).result == {"revision": 1}


def test_a_message_that_comes_while_a_worker_is_at_it_must_come_again(office: Office) -> None:
    job = office.submit()

    def work(run: Run) -> None:
        with pytest.raises(JobTakenError):
            office.deliver(job, done)
        done(run)

    office.deliver(job, work)
    assert office.state(job).state is JobState.SUCCEEDED


def test_a_worker_that_was_too_slow_and_replaced_cannot_finish_the_job(office: Office) -> None:
    job = office.submit()

    def slow(run: Run) -> None:
        office.time += timedelta(seconds=61)
        office.deliver(job, lambda second: second.succeed({"by": "second"}))
        run.succeed({"by": "first"})

    office.deliver(job, slow)
    assert office.state(job).result == {"by": "second"}


def test_a_worker_replaced_by_one_that_still_works_leaves_the_message_to_that_one(office: Office) -> None:
    job = office.submit()

    def slow(run: Run) -> None:
        office.time += timedelta(seconds=61)
        Run.claim(office.store, job.tenant, job.id, now=lambda: office.time, lease_s=60)
        run.step(50)

    with pytest.raises(JobTakenError):
        office.deliver(job, slow)


def test_a_cancelled_job_is_not_begun(office: Office) -> None:
    job = office.submit()
    assert office.jobs.cancel(job).state is JobState.CANCELLED
    office.deliver(job, lambda _: pytest.fail("it was cancelled"))


def test_a_running_job_stops_at_its_next_step_when_it_is_cancelled(office: Office) -> None:
    job, reached = office.submit(), []

    def work(run: Run) -> None:
        run.step(20)
        office.jobs.cancel(office.state(job))
        reached.append("before")
        run.step(40)
        reached.append("after")

    office.deliver(job, work)
    assert reached == ["before"]
    assert office.state(job).state is JobState.CANCELLED


def test_a_cancellation_that_comes_beside_a_progress_report_is_not_lost(office: Office) -> None:
    job = office.submit()

    def work(run: Run) -> None:
        stale = office.state(job)
        run.step(20)
        assert office.jobs.cancel(stale).state is JobState.CANCELLED

    office.deliver(job, work)
    assert office.state(job).state is JobState.CANCELLED


def test_in_its_last_step_a_job_goes_on(office: Office) -> None:
    job = office.submit()

    def work(run: Run) -> None:
        run.step(80, last=True)
        assert office.jobs.cancel(office.state(job)).state is JobState.RUNNING
        run.succeed({})

    office.deliver(job, work)
    assert office.state(job).state is JobState.SUCCEEDED


def failing(exc: Exception) -> Callable[[Run], None]:
    def work(_: Run) -> None:
        raise exc

    return work


def test_what_the_rules_refuse_fails_the_job_with_place_and_rule(office: Office) -> None:
    job = office.submit()
    office.deliver(job, failing(InvalidPlanError("a cycle", place="link 3", uids=(1, 2))))
    error = office.state(job).error
    assert error is not None
    assert (error.code, error.details) == ("invalid-plan", {"rule": "a cycle", "place": "link 3", "uids": [1, 2]})


def test_a_large_conflict_is_told_in_part_with_its_count(office: Office) -> None:
    job = office.submit()
    conflict: Any = FieldConflict("task", 1, "name", "a", "b", "c", "Salma", "2026-01-04", 2)
    office.deliver(job, failing(ConflictError((conflict,) * 3000, head=9)))
    error = office.state(job).error
    assert error is not None
    assert (len(error.details["conflicts"]), error.details["conflict_count"]) == (20, 3000)


@pytest.mark.parametrize("exc", [RuntimeError("out of luck"), BusyError("too many at once")], ids=["bug", "busy"])
def test_what_may_go_well_next_time_is_tried_again_and_fails_on_the_last_delivery(
    office: Office, exc: Exception
) -> None:
    job = office.submit()
    with pytest.raises(type(exc)):
        office.deliver(job, failing(exc))
    assert office.state(job).state is JobState.RUNNING
    office.time += timedelta(seconds=61)
    with suppress(RuntimeError):  # it goes to the dead letters too, for whoever looks after the product
        office.deliver(job, failing(exc), last=True)
    assert office.state(job).state is JobState.FAILED
    assert "luck" not in str(office.state(job).error)


def test_a_job_that_was_cancelled_meanwhile_stays_cancelled_when_it_also_fails(office: Office) -> None:
    job = office.submit()

    def work(_: Run) -> None:
        office.jobs.cancel(office.state(job))
        raise InvalidPlanError("a cycle")

    office.deliver(job, work)
    assert office.state(job).state is JobState.CANCELLED


def test_a_message_about_no_job_is_said_to_be_so(office: Office) -> None:
    with pytest.raises(NotFoundError):
        deliver(office.store, "padma", "none", done, now=lambda: office.time, lease_s=60, last=False)


def test_a_step_of_a_job_that_is_over_stops_the_worker(office: Office) -> None:
    job = office.submit()
    run = Run.claim(office.store, job.tenant, job.id, now=lambda: office.time, lease_s=60)
    office.jobs.cancel(office.state(job))
    with pytest.raises(JobOverError):
        run.succeed({})
