"""Rooms of more connections than are posted to from one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from nirman.collaboration.broadcast import SEND_FOR, Sent
from nirman.collaboration.ports import LIFE, Connection, GoneError, NobodyFreeError, Room, Span
from nirman.collaboration.posting import Posted
from nirman.tenancy.identity import ProjectKey
from tests.fakes.rooms import KEY, START, Stage, person

BRIDGE = ProjectKey("dhaka", "bridge")


class RecordingHelpers:
    """Do the work at once, as `do` says; keep what they were given."""

    def __init__(self) -> None:
        self.given: list[Span] = []
        self.until: list[datetime] = []
        self.do: Callable[[Room, Span, Sequence[bytes], datetime], Posted]

    def post(self, room: Room, span: Span, frames: Sequence[bytes], *, until: datetime) -> Posted:
        self.given.append(span)
        self.until.append(until)
        return self.do(room, span, frames, until)


@pytest.fixture
def helpers() -> RecordingHelpers:
    return RecordingHelpers()


@pytest.fixture
def stage(helpers: RecordingHelpers) -> Stage:
    stage = Stage(GoneError, helpers=helpers, part=10)
    helpers.do = lambda room, span, frames, until: stage.fan_out.send_part(room, span, frames, until=until)
    return stage


def crowd(stage: Stage, count: int, key: ProjectKey = KEY) -> list[str]:
    """So many connections in a room, without a word about them."""
    connections = [f"{key.project}-{n}" for n in range(count)]
    for connection in connections:
        stage.directory.grant(key, connection)
        made = Connection(connection, person(connection), START + LIFE)
        stage.rooms.open(made)
        stage.rooms.join(made, key, now=START)
    return connections


@pytest.mark.parametrize("count", [9, 10])
def test_a_small_room_needs_no_helper(stage: Stage, helpers: RecordingHelpers, count: int) -> None:
    crowd(stage, count)
    assert stage.broadcast.send(KEY, [b"1"]) == Sent(delivered=count)
    assert helpers.given == []


def test_a_big_room_is_shared_and_everyone_gets_every_frame_once_and_in_order(
    stage: Stage, helpers: RecordingHelpers
) -> None:
    everyone = crowd(stage, 100)
    frames = [b"1", b"2", b"3"]
    assert stage.broadcast.send(KEY, frames) == Sent(delivered=300)
    assert stage.sockets.posted == dict.fromkeys(everyone, frames)
    assert 5 <= len(helpers.given) <= 20


def test_the_call_ends_when_all_helpers_have(stage: Stage, helpers: RecordingHelpers) -> None:
    """Else the next frames could overtake these."""
    crowd(stage, 40)
    work, done = helpers.do, Counter[str]()

    def counting(room: Room, span: Span, frames: Sequence[bytes], until: datetime) -> Posted:
        posted = work(room, span, frames, until)
        done["parts"] += 1
        return posted

    helpers.do = counting
    stage.broadcast.send(KEY, [b"1"])
    assert done["parts"] == len(helpers.given) > 0


def test_a_part_that_nobody_is_free_for_is_posted_from_here(stage: Stage, helpers: RecordingHelpers) -> None:
    everyone = crowd(stage, 60)

    def refuse(*_: object) -> Posted:
        raise NobodyFreeError("TooManyRequestsException")

    helpers.do = refuse
    assert stage.broadcast.send(KEY, [b"1"]) == Sent(delivered=60)
    assert set(stage.sockets.posted) == set(everyone)


def test_a_helper_that_was_not_heard_of_again_is_counted_and_nothing_sent_twice(
    stage: Stage, helpers: RecordingHelpers
) -> None:
    crowd(stage, 60)
    helpers.do = lambda *_: Posted(failed=1)
    sent = stage.broadcast.send(KEY, [b"1"])
    assert sent == Sent(delivered=10, failed=len(helpers.given))
    assert max(Counter(stage.sockets.tried).values()) == 1


def test_who_is_found_gone_in_any_part_is_removed_and_nobody_else(stage: Stage) -> None:
    everyone = crowd(stage, 80)
    gone = set(everyone[::8])
    stage.sockets.gone.update(gone)
    assert stage.broadcast.send(KEY, [b'{"type":"other"}']).gone == 10
    assert set(stage.rooms.connections) == set(stage.rooms.inside[KEY]) == set(everyone) - gone


def test_in_every_part_membership_is_asked_for_at_delivery(stage: Stage) -> None:
    everyone = crowd(stage, 50)
    for out in everyone[:25]:
        del stage.directory.granted[KEY][out]
    stage.broadcast.send(KEY, [b"1"])
    assert set(stage.sockets.posted) == set(everyone[25:])


def test_a_helper_has_no_more_time_than_its_room(stage: Stage, helpers: RecordingHelpers) -> None:
    crowd(stage, 20)
    until = START + timedelta(minutes=5)
    stage.broadcast.send(KEY, [b"1"], until=until)
    assert set(helpers.until) == {until}


def test_a_slow_room_takes_its_share_of_the_time_and_no_more(stage: Stage) -> None:
    slow = crowd(stage, 5)
    crowd(stage, 5, BRIDGE)

    def wait(connection: str) -> None:
        if connection in slow:
            stage.clock.time += SEND_FOR / 4

    stage.sockets.before_post = wait
    sent = stage.broadcast.send_all([(KEY, [b"1"] * 4), (BRIDGE, [b"1"])], until=stage.clock() + SEND_FOR)
    posted = Counter({connection: len(frames) for connection, frames in stage.sockets.posted.items()})
    assert sum(posted[connection] for connection in slow) < 20
    assert all(posted[f"bridge-{n}"] == 1 for n in range(5))
    assert sent.failed == 20 - sum(posted[connection] for connection in slow)
