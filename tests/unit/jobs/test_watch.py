"""The eye on a job while a long step runs, on a clock that can be set."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from nirman.jobs.job import Job, JobKind, JobOverError, JobState, JobTakenError
from nirman.jobs.service import Run
from nirman.jobs.watch import LEASE_S, RENEW_S, Watch
from nirman.optimization.progress import Progress
from nirman.tenancy.identity import Principal, Role
from tests.fakes.jobs import MemoryJobStore

START = datetime(2026, 1, 4, tzinfo=UTC)
FINISH, BOUND = datetime(2027, 3, 1, 17), datetime(2027, 2, 20, 17)


class Desk:
    """A worker at a job of 100 seconds; `seconds` have passed."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.held: list[int] = []
        self.store = MemoryJobStore()
        author = Principal("padma", "rahim", "Rahim", Role.PLANNER)
        job = Job(
            id="01",
            tenant="padma",
            project="tower",
            kind=JobKind.LEVEL,
            created_by=author,
            created_at=START,
            updated_at=START,
        )
        self.store.add(job, idempotency_key=None)
        self.run = Run.claim(self.store, "padma", "01", now=self.now, lease_s=LEASE_S)
        self.watch = Watch(self.run, clock=lambda: self.seconds, limit_s=100, holding=self.held.append)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    @property
    def job(self) -> Job:
        return self.store.get("padma", "01")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_is_found_is_told_with_how_far_the_time_is(desk: Desk) -> None:
    desk.seconds = 50
    desk.watch.hear(Progress(phase="search", finish=FINISH, bound=BOUND, gap=0.043219))
    desk.watch.beat()
    assert desk.job.progress == 50
    headway = desk.job.headway
    assert headway is not None
    assert (headway.phase, headway.finish, headway.bound, headway.gap) == ("search", FINISH, BOUND, 0.0432)


def test_who_knows_how_much_is_done_is_as_far_as_that(desk: Desk) -> None:
    desk.seconds = 90
    desk.watch.hear(Progress(done=0.2))
    desk.watch.beat()
    assert desk.job.progress == 5 + 18


def test_the_same_is_not_written_twice_but_the_lease_is_renewed(desk: Desk) -> None:
    desk.watch.hear(Progress(done=0.5))
    desk.watch.beat()
    version = desk.job.version
    desk.seconds = RENEW_S - 1
    desk.watch.beat()
    assert desk.job.version == version
    desk.seconds = RENEW_S
    desk.watch.beat()
    assert desk.job.version == version + 1
    assert desk.job.lease_until == desk.now() + timedelta(seconds=LEASE_S)
    assert desk.held == [LEASE_S, LEASE_S]


def test_a_cancellation_is_seen_by_a_beat_that_has_nothing_to_say(desk: Desk) -> None:
    desk.watch.hear(Progress(done=0.5))
    desk.watch.beat()
    desk.store.save(desk.job.cancelled(desk.now()))
    assert not desk.watch.ended()
    desk.watch.beat()
    assert desk.watch.ended()
    assert isinstance(desk.watch.over, JobOverError)


def test_a_worker_that_was_replaced_sees_that_it_was(desk: Desk) -> None:
    desk.watch.hear(Progress(done=0.5))
    desk.watch.beat()
    desk.seconds = LEASE_S + 1
    Run.claim(desk.store, "padma", "01", now=desk.now, lease_s=LEASE_S)
    desk.watch.beat()
    assert isinstance(desk.watch.over, JobTakenError)


def test_while_it_is_entered_it_beats_by_itself_whatever_fails_and_ends_with_the_step() -> None:
    desk, failures = Desk(), []
    told, recovered = threading.Event(), threading.Event()
    look = desk.store.save

    def failing(job: Job) -> None:
        if not failures:
            raise OSError("no answer")
        look(job)
        recovered.set()

    desk.store.save = failing  # type: ignore[method-assign]

    def trouble(exc: Exception) -> None:
        failures.append(exc)
        told.set()

    watch = Watch(desk.run, clock=lambda: 0.0, limit_s=100, trouble=trouble, every_s=0.01)
    with watch:
        assert told.wait(5)
        assert recovered.wait(5)
    assert desk.job.progress == 5
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]


def test_the_best_answer_is_kept_with_a_cancelled_job_once(desk: Desk) -> None:
    desk.store.save(desk.job.cancelled(desk.now()))
    desk.run.keep({"finish": "2027-03-01"}, proposal="p")
    assert (desk.job.state, desk.job.result, desk.job.view().applicable) == (
        JobState.CANCELLED,
        {"finish": "2027-03-01"},
        True,
    )
    with pytest.raises(JobOverError):
        desk.run.keep({"finish": "2027-04-01"})


def test_nothing_is_kept_with_a_job_that_was_not_cancelled(desk: Desk) -> None:
    with pytest.raises(JobOverError):
        desk.run.keep({})
    desk.run.succeed({})
    with pytest.raises(JobOverError):
        desk.run.keep({"finish": "2027-03-01"})


def test_a_write_whose_answer_was_lost_is_not_taken_for_anothers(desk: Desk) -> None:
    save = desk.store.save

    def answer_lost(job: Job) -> None:
        save(job)
        save(job)  # the client tries again, and finds what it wrote itself

    desk.store.save = answer_lost  # type: ignore[method-assign]
    desk.run.report(40)
    assert desk.job.progress == 40
