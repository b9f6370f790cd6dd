"""Leaving after each of 200 revisions and coming back in every way: what was applied is the log, or it is `reload`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from nirman.collaboration import rooms
from nirman.collaboration.messages import Burst, EventMessage, Join, Joined, Reload
from nirman.collaboration.ports import GoneError
from nirman.collaboration.relay import frames_by_room
from nirman.collaboration.replica import Replica
from nirman.errors import NotFoundError
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey
from tests.fakes.rooms import KEY, Stage

LAST = 200
LEFT_AFTER = range(LAST + 1)
THEIRS = ProjectKey("sylhet", KEY.project)


@dataclass
class Reader:
    """Applies what comes, as the protocol says; `applied` starts with what was applied before leaving."""

    stage: Stage
    revision: int | None
    connection: str = "amina"
    applied: list[Event] = field(default_factory=list)
    reloads: int = 0

    def __post_init__(self) -> None:
        self.replica = Replica(self.revision)
        self._ids = itertools.count(1)
        self._heard = 0

    def comes_back(self) -> None:
        """Joins, and again as long as it is told that there is more or sees that something is missing."""
        for _ in range(LAST):
            connection = self.stage.service.connection(self.connection)
            message = Join(str(next(self._ids)), KEY.project, revision=self.replica.revision)
            answer = self.stage.service.join(connection, message)
            more = self._takes(answer)
            if not (more or self.replica.gap):
                return
        raise AssertionError("it never ends")

    def _takes(self, answer: Joined | Reload) -> bool:
        if isinstance(answer, Reload) or self.replica.revision is None:
            self.reloads += isinstance(answer, Reload)
            assert not getattr(answer, "events", ()), "nothing partial comes with it"
            self.applied = list(self.stage.plans.log[KEY])  # the plan by REST
            self.replica.start(len(self.applied))
        else:
            revisions = [one.revision for one in answer.events]
            first = self.replica.revision + 1
            assert revisions == list(range(first, first + len(revisions)))
            assert answer.more == (first + len(revisions) <= answer.head)
            for one in answer.events:
                self.replica.offer(one)
        self.hears()
        return isinstance(answer, Joined) and answer.more

    def hears(self) -> None:
        """What was sent to the room meanwhile."""
        heard = self.stage.sockets.heard(self.connection)
        for message in heard[self._heard :]:
            for one in message.events if isinstance(message, Burst) else [message]:
                if isinstance(one, EventMessage):
                    self.replica.offer(one)
        self._heard = len(heard)
        while (one := self.replica.next()) is not None:
            whole = self.stage.plans.log[KEY][one.revision - 1]
            self.applied.append(one.event if isinstance(one.event, Event) else whole)
            self.replica.applied(one)


@pytest.fixture(scope="module")
def stage() -> Stage:
    made = Stage(GoneError)
    made.plans.append(KEY, LAST)
    made.plans.append(THEIRS, LAST, user="somebody")
    return made


@pytest.fixture
def reader(stage: Stage) -> Callable[[int | None], Reader]:
    """Whoever applied the events up to a revision, on a new connection, in no room."""

    def of(revision: int | None) -> Reader:
        connection = next(_CONNECTIONS)
        stage.connect(connection, "amina")
        return Reader(stage, revision, connection, applied=list(stage.plans.log[KEY][: revision or 0]))

    return of


_CONNECTIONS = (f"c{number}" for number in itertools.count(1))


def leave(stage: Stage, reader: Reader) -> None:
    stage.service.disconnect(reader.connection)


def test_whoever_left_after_any_revision_has_the_log(stage: Stage, reader: Callable[[int | None], Reader]) -> None:
    for revision in LEFT_AFTER:
        one = reader(revision)
        one.comes_back()
        assert (one.applied, one.reloads) == (stage.plans.log[KEY], 0), revision
        leave(stage, one)


def test_whoever_applied_nothing_yet_gets_the_plan(stage: Stage, reader: Callable[[int | None], Reader]) -> None:
    one = reader(None)
    one.comes_back()
    assert one.applied == stage.plans.log[KEY]
    leave(stage, one)


def test_whoever_comes_from_the_future_reloads(stage: Stage, reader: Callable[[int | None], Reader]) -> None:
    for ahead in (1, 2, 99, 10_000):
        one = reader(LAST + ahead)
        one.comes_back()
        assert (one.applied, one.reloads) == (stage.plans.log[KEY], 1), ahead
        leave(stage, one)


def test_whoever_missed_too_much_reloads_and_the_others_do_not(
    stage: Stage, reader: Callable[[int | None], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MAX_MISSED", 120)
    for revision in LEFT_AFTER:
        one = reader(revision)
        one.comes_back()
        assert (one.applied, one.reloads) == (stage.plans.log[KEY], int(LAST - revision > 120)), revision
        leave(stage, one)


def test_whoever_left_before_what_is_kept_reloads_and_the_others_do_not(
    stage: Stage, reader: Callable[[int | None], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept_from in (2, 90, LAST, LAST + 1):
        monkeypatch.setattr(stage.plans, "kept_from", kept_from)
        for revision in LEFT_AFTER:
            one = reader(revision)
            one.comes_back()
            reloads = int(revision + 1 < kept_from)
            assert (one.applied, one.reloads) == (stage.plans.log[KEY], reloads), (kept_from, revision)
            leave(stage, one)


def test_the_room_of_the_same_name_in_another_tenant_is_none(stage: Stage) -> None:
    stage.connect("rival", "somebody", key=THEIRS)
    stage.connect("nobody", "nobody", key=ProjectKey("sylhet", "elsewhere"))
    for revision in LEFT_AFTER:
        connection = stage.service.connection("rival")
        theirs = stage.service.join(connection, Join("1", THEIRS.project, revision=revision))
        assert isinstance(theirs, Joined)
        assert {one.event.tenant for one in theirs.events} <= {"sylhet"}
        with pytest.raises(NotFoundError):
            stage.service.join(stage.service.connection("nobody"), Join("1", THEIRS.project, revision=revision))


@pytest.mark.parametrize("revision", [0, 1, 99, 100, 101, LAST - 1, LAST])
def test_a_commit_between_reading_the_events_and_the_head_is_not_missed(revision: int) -> None:
    """The page says then that there is more, though it may be empty."""
    stage = Stage(GoneError)
    stage.plans.append(KEY, LAST)
    stage.connect("amina", "amina")
    read, reads = stage.plans.events, itertools.count()

    def torn(key: ProjectKey, *, after: int, limit: int) -> object:
        page = read(key, after=after, limit=limit)
        if next(reads) == 0:
            stage.plans.append(KEY)
            page.head += 1
        return page

    stage.plans.events = torn
    one = Reader(stage, revision, applied=list(stage.plans.log[KEY][:revision]))
    one.comes_back()
    assert one.applied == stage.plans.log[KEY]


@pytest.mark.parametrize("revision", [None, *range(0, LAST + 1, 20), LAST - 1])
@pytest.mark.parametrize("told", [True, False], ids=["and is sent", "and is lost on the way"])
def test_what_is_committed_while_one_comes_back_is_not_missed(revision: int | None, told: bool) -> None:
    """Before each of the reads that a join makes; where the frame is lost, the next ping shows it."""
    for read in range(1, 4):
        stage = Stage(GoneError)
        stage.plans.append(KEY, LAST)
        stage.connect("amina", "amina")
        one = Reader(stage, revision, applied=list(stage.plans.log[KEY][: revision or 0]))
        reads = itertools.count(1)

        def committed(stage: Stage = stage, reads: itertools.count[int] = reads, read: int = read) -> None:
            if next(reads) == read:
                made = stage.plans.append(KEY)
                if told:
                    for room, frames in frames_by_room(made, ()).items():
                        stage.broadcast.send(room, frames)

        stage.plans.before_read = committed
        one.comes_back()
        one.hears()
        stage.plans.before_read = lambda: None
        if (one.replica.revision or 0) < stage.plans.head(KEY):
            assert not told
            one.comes_back()
        assert one.applied == stage.plans.log[KEY], read
