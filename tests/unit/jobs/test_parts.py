"""A job in parts: each counts once, and one worker alone puts them together, whoever dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nirman.errors import BusyError, InvalidPlanError
from nirman.jobs.job import Job, JobKind, JobOverError, JobState, JobTakenError
from nirman.jobs.parts import Part, deliver_part
from nirman.jobs.service import Run
from nirman.tenancy.identity import Principal, Role
from tests.fakes.jobs import MemoryJobStore

START = datetime(2026, 1, 4, tzinfo=UTC)


class Desk:
    """A job of three parts; what workers do is noted."""

    def __init__(self) -> None:
        self.time = START
        self.store = MemoryJobStore()
        self.computed: list[int] = []
        self.joined = 0
        author = Principal("padma", "rahim", "Rahim", Role.PLANNER)
        job = Job(
            id="01",
            tenant="padma",
            project="tower",
            kind=JobKind.SIMULATE,
            created_by=author,
            created_at=START,
            updated_at=START,
        )
        self.store.add(job, idempotency_key=None)
        Run.claim(self.store, "padma", "01", now=self.now, lease_s=60).split(3)

    def now(self) -> datetime:
        return self.time

    @property
    def job(self) -> Job:
        return self.store.get("padma", "01")

    def put_together(self, run: Run) -> None:
        self.joined += 1
        try:
            run.succeed({"parts": run.job.parts_from_first})
        except JobOverError:
            run.keep({"parts": run.job.parts_from_first})

    def deliver(
        self,
        part: int,
        *,
        compute: Callable[[Part], None] = lambda _: None,
        put_together: Callable[[Run], None] | None = None,
        last: bool = False,
    ) -> None:
        def noted(held: Part) -> None:
            self.computed.append(part)
            compute(held)

        deliver_part(
            self.store,
            "padma",
            "01",
            part,
            compute=noted,
            put_together=put_together or self.put_together,
            now=self.now,
            lease_s=60,
            last=last,
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def failing(exc: Exception) -> Callable[..., None]:
    def work(_: object) -> None:
        raise exc

    return work


def test_whoever_does_the_last_part_puts_them_together(desk: Desk) -> None:
    for part in (2, 0):
        desk.deliver(part)
        assert (desk.job.state, desk.joined) == (JobState.RUNNING, 0)
    desk.deliver(1)
    assert (desk.job.state, desk.job.result, desk.joined) == (JobState.SUCCEEDED, {"parts": 3}, 1)


def test_a_part_that_comes_again_is_not_computed_again_and_counts_once(desk: Desk) -> None:
    for part in (0, 0, 1, 0):
        desk.deliver(part)
    assert (desk.computed, desk.job.parts_done) == ([0, 1], (0, 1))


def test_a_part_computed_by_two_at_once_counts_once(desk: Desk) -> None:
    desk.deliver(0, compute=lambda _: desk.deliver(0))
    assert desk.job.parts_done == (0,)


def test_when_two_end_the_last_two_parts_at_once_one_of_them_puts_all_together(desk: Desk) -> None:
    desk.deliver(0)
    desk.deliver(1, compute=lambda _: desk.deliver(2))
    assert (desk.job.state, desk.joined) == (JobState.SUCCEEDED, 1)


def test_who_dies_putting_them_together_is_followed_when_the_lease_has_run_out(desk: Desk) -> None:
    desk.deliver(0)
    desk.deliver(1)

    class DiedError(BaseException):
        pass

    def dying(_: Run) -> None:
        raise DiedError

    with pytest.raises(DiedError):
        desk.deliver(2, put_together=dying)
    with pytest.raises(JobTakenError):
        desk.deliver(2)
    desk.time += timedelta(seconds=61)
    desk.deliver(2)
    assert (desk.job.state, desk.joined, desk.computed) == (JobState.SUCCEEDED, 1, [0, 1, 2])


def test_a_part_of_a_cancelled_job_sees_it_and_is_dropped(desk: Desk) -> None:
    def cancelled(held: Part) -> None:
        desk.store.save(desk.job.cancelled(START))
        held.report(50)

    desk.deliver(0, compute=cancelled)
    desk.deliver(1)
    assert (desk.job.state, desk.computed) == (JobState.CANCELLED, [0])


def test_of_a_cancelled_job_the_parts_from_the_first_on_are_put_together_once(desk: Desk) -> None:
    desk.deliver(0)
    desk.deliver(2)
    desk.store.save(desk.job.cancelled(START))
    for part in (1, 2, 0):
        desk.deliver(part)
    assert (desk.job.state, desk.job.result, desk.joined) == (JobState.CANCELLED, {"parts": 1}, 1)
    assert desk.computed == [0, 2]


def test_of_a_cancelled_job_without_its_first_part_nothing_is_kept(desk: Desk) -> None:
    desk.deliver(1)
    desk.store.save(desk.job.cancelled(START))
    desk.deliver(0)
    assert (desk.job.result, desk.joined) == (None, 0)


def test_what_the_rules_refuse_fails_the_job_and_the_other_parts_are_dropped(desk: Desk) -> None:
    desk.deliver(0, compute=failing(InvalidPlanError("a cycle")))
    desk.deliver(1)
    assert desk.job.error is not None
    assert (desk.job.error.code, desk.computed) == ("invalid-plan", [0])


@pytest.mark.parametrize("exc", [RuntimeError("out of luck"), BusyError("too many at once")], ids=["bug", "busy"])
def test_what_may_go_well_next_time_comes_again_and_fails_the_job_on_the_last_delivery(
    desk: Desk, exc: Exception
) -> None:
    with pytest.raises(type(exc)):
        desk.deliver(0, compute=failing(exc))
    assert desk.job.state is JobState.RUNNING
    if isinstance(exc, BusyError):
        desk.deliver(0, compute=failing(exc), last=True)
    else:
        with pytest.raises(RuntimeError):
            desk.deliver(0, compute=failing(exc), last=True)
    assert desk.job.state is JobState.FAILED
    assert "luck" not in str(desk.job.error)
