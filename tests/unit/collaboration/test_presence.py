from __future__ import annotations

from datetime import timedelta

import pytest

from nirman.collaboration.messages import Presence
from nirman.collaboration.ports import PRESENT_FOR, NotDeliveredError, Told
from nirman.collaboration.presence import SKEW, SWEEP_EVERY
from tests.fakes.rooms import KEY, Stage


def come(stage: Stage, *sockets: str) -> None:
    """Sockets named `person` or `person-2` join, one after the other."""
    for socket in sockets:
        stage.connect(socket, socket.partition("-")[0])
        stage.join(socket)


def wait(stage: Stage, time: timedelta) -> None:
    stage.clock.time += time


def ping(stage: Stage, *sockets: str) -> None:
    for socket in sockets:
        stage.say(socket, type="ping", project=KEY.project)


def ping_on(stage: Stage, *sockets: str, time: timedelta) -> None:
    """These ping every 25 seconds, the others do not."""
    until = stage.clock.time + time
    while stage.clock.time < until:
        wait(stage, timedelta(seconds=25))
        ping(stage, *sockets)


def told(stage: Stage, socket: str) -> list[tuple[str, str]]:
    """What the socket was told of others since the last time."""
    heard = [(one.change, one.user) for one in stage.sockets.heard(socket) if isinstance(one, Presence)]
    stage.sockets.posted.pop(socket, None)
    return heard


def listed(stage: Stage) -> list[str]:
    return [person.user for person in stage.presence.people(KEY).people]


def test_who_stops_pinging_is_announced_as_left_once(stage: Stage) -> None:
    come(stage, "amina", "bashir", "chitra")
    told(stage, "amina")
    ping_on(stage, "amina", "chitra", time=PRESENT_FOR + SKEW + 3 * SWEEP_EVERY)
    assert told(stage, "amina") == [("left", "bashir")]
    assert listed(stage) == ["amina", "chitra"]


def test_a_newcomer_is_not_told_of_somebody_whose_lease_ended_though_nobody_swept(stage: Stage) -> None:
    come(stage, "amina")
    wait(stage, PRESENT_FOR + SKEW)
    come(stage, "bashir")
    assert listed(stage) == ["bashir"]


def test_two_lost_pings_make_nobody_absent(stage: Stage) -> None:
    come(stage, "amina", "bashir")
    told(stage, "amina")
    for _ in range(10):
        ping_on(stage, "amina", time=timedelta(seconds=75))
        ping(stage, "bashir")
    assert told(stage, "amina") == []


def test_who_pings_again_is_announced_as_joined_again(stage: Stage) -> None:
    come(stage, "amina", "bashir")
    ping_on(stage, "amina", time=PRESENT_FOR + SKEW + SWEEP_EVERY)
    told(stage, "amina")
    ping(stage, "bashir")
    assert told(stage, "amina") == [("joined", "bashir")]
    ping(stage, "bashir")
    assert told(stage, "amina") == []
    assert listed(stage) == ["amina", "bashir"]


def test_who_pings_again_before_a_sweep_is_announced_for_those_who_came_meanwhile(stage: Stage) -> None:
    come(stage, "amina")
    wait(stage, PRESENT_FOR + SKEW)
    come(stage, "chitra")
    ping(stage, "amina")
    assert ("joined", "amina") in told(stage, "chitra")


def test_whose_lease_ended_still_gets_what_is_sent_to_the_room(stage: Stage) -> None:
    come(stage, "amina", "bashir")
    ping_on(stage, "amina", time=PRESENT_FOR + SKEW + SWEEP_EVERY)
    stage.sockets.posted.clear()
    stage.broadcast.send(KEY, [b"{}"])
    assert set(stage.sockets.posted) == {"amina", "bashir"}


def test_a_person_is_present_while_one_of_their_sockets_pings(stage: Stage) -> None:
    come(stage, "amina", "bashir", "bashir-2")
    told(stage, "amina")
    ping_on(stage, "amina", "bashir-2", time=PRESENT_FOR + SKEW + 2 * SWEEP_EVERY)
    stage.service.disconnect("bashir")
    assert told(stage, "amina") == []
    ping_on(stage, "amina", time=PRESENT_FOR + SKEW + SWEEP_EVERY)
    assert told(stage, "amina") == [("left", "bashir")]


def test_each_room_of_a_socket_has_a_lease_of_its_own(stage: Stage) -> None:
    come(stage, "amina", "bashir")
    bridge = type(KEY)(KEY.tenant, "bridge")
    for user in ("amina", "bashir"):
        stage.directory.grant(bridge, user)
        stage.join(user, project="bridge")
    stage.sockets.posted.clear()
    for _ in range(8):
        wait(stage, timedelta(seconds=25))
        ping(stage, "amina", "bashir")
        stage.say("amina", type="ping", project="bridge")
    left = [one for one in stage.sockets.heard("amina") if isinstance(one, Presence)]
    assert [(one.project, one.change, one.user) for one in left] == [("bridge", "left", "bashir")]


def test_pings_write_a_lease_at_most_every_twenty_seconds(stage: Stage) -> None:
    come(stage, "amina")
    before = stage.rooms.inside[KEY]["amina"].present_until
    wait(stage, timedelta(seconds=15))
    ping(stage, "amina")
    assert stage.rooms.inside[KEY]["amina"].present_until == before
    wait(stage, timedelta(seconds=6))
    ping(stage, "amina")
    assert stage.rooms.inside[KEY]["amina"].present_until > before


def test_one_ping_of_many_sweeps(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    users = [f"u{number}" for number in range(10)]
    come(stage, *users)
    wait(stage, SWEEP_EVERY)
    reads = 0
    occupants = stage.rooms.occupants

    def counted(*args, **options):
        nonlocal reads
        reads += 1
        return occupants(*args, **options)

    monkeypatch.setattr(stage.rooms, "occupants", counted)
    ping(stage, *users)
    assert reads == 1


def test_a_ping_without_a_room_or_in_a_room_one_has_not_joined_makes_nobody_present(stage: Stage) -> None:
    stage.connect("amina", "amina")
    stage.say("amina", type="ping")
    ping(stage, "amina")
    assert listed(stage) == []


def test_an_announcement_that_a_crash_swallowed_is_made_up_by_the_next_ping(stage: Stage) -> None:
    come(stage, "amina")
    come(stage, "bashir")
    occupant = stage.rooms.inside[KEY]["bashir"]
    object.__setattr__(occupant, "told", Told.NOTHING)  # as if the function had ended before it told the room
    told(stage, "amina")
    ping(stage, "bashir")
    assert told(stage, "amina") == [("joined", "bashir")]


def test_stamps_rise_whatever_the_clocks_say(stage: Stage) -> None:
    come(stage, "amina", "bashir")
    stage.clock.time += timedelta(seconds=3)
    stage.service.disconnect("bashir")  # by a function whose clock is ahead
    stage.clock.time -= timedelta(seconds=3)
    come(stage, "bashir")
    heard = [one for one in stage.sockets.heard("amina") if isinstance(one, Presence)]
    assert [one.change for one in heard] == ["joined", "left", "joined"]
    assert [one.at for one in heard] == sorted({one.at for one in heard})


def test_a_pong_tells_of_an_announcement_that_was_lost(stage: Stage) -> None:
    come(stage, "amina")
    stage.sockets.fail["amina"] = [NotDeliveredError("ServiceUnavailable", again=False)]
    come(stage, "bashir")
    assert told(stage, "amina") == []
    pong = stage.say("amina", type="ping", project=KEY.project)
    joined = stage.join("amina")
    assert pong.announced == joined.announced == 2
    assert [person.user for person in joined.presence] == ["amina", "bashir"]


def test_what_sockets_look_at_is_listed_with_their_person(stage: Stage) -> None:
    come(stage, "amina", "amina-2", "bashir")
    stage.say("amina", type="look", project=KEY.project, looking={"area": "gantt", "tasks": [1, 2]})
    stage.say("amina-2", type="look", project=KEY.project, looking={"area": "board"})
    stage.say("bashir", type="look", project=KEY.project, looking={"area": "gantt"})
    stage.say("bashir", type="look", project=KEY.project, looking=None)
    amina, bashir = stage.join("bashir").presence
    assert [(look.area, look.tasks) for look in amina.looking] == [("board", ()), ("gantt", (1, 2))]
    assert bashir.looking == ()
    stage.service.disconnect("amina-2")
    assert [look.area for look in stage.join("bashir").presence[0].looking] == ["gantt"]


def test_people_are_named_before_what_they_look_at(stage: Stage) -> None:
    users = [f"u{number}" for number in range(100)]
    come(stage, *users)
    for user in users:
        stage.say(user, type="look", project=KEY.project, looking={"area": "gantt", "tasks": list(range(200))})
    joined = stage.join("u0")
    assert len(joined.presence) == 100
    assert joined.presence[0].looking
    assert not joined.presence[-1].looking
