from __future__ import annotations

import threading
import time

import pytest

from nirman.collaboration.broadcast import Sent
from nirman.collaboration.frames import event_message
from nirman.collaboration.messages import Burst, Presence, decode_server
from nirman.collaboration.ports import LIFE, NotDeliveredError
from nirman.collaboration.relay import frames_by_room
from nirman.tenancy.identity import ProjectKey, Role
from tests.fakes.rooms import KEY, Stage, event
from tests.support.waiting import WAIT_S


def room(stage: Stage, *users: str) -> None:
    """Everybody in the room by a socket of their name, the announcements forgotten."""
    for user in users:
        stage.connect(user, user)
        stage.join(user)
    stage.sockets.posted.clear()
    stage.sockets.tried.clear()


def throttled(times: int) -> list[Exception]:
    return [NotDeliveredError("LimitExceededException", again=True)] * times


def test_everyone_in_the_room_gets_every_frame_in_order(stage: Stage) -> None:
    room(stage, "amina", "bashir", "chitra")
    frames = [b'{"n":%d}' % n for n in range(20)]
    assert stage.broadcast.send(KEY, frames) == Sent(delivered=60)
    assert stage.sockets.posted == {"amina": frames, "bashir": frames, "chitra": frames}


def test_only_the_room_gets_it(stage: Stage) -> None:
    room(stage, "amina")
    bridge = ProjectKey("dhaka", "bridge")
    stage.connect("b", "bashir", key=bridge)
    stage.join("b", project="bridge")
    stage.broadcast.send(KEY, [b"{}"])
    assert set(stage.sockets.posted) == {"amina"}


def test_an_empty_room_costs_nothing(stage: Stage) -> None:
    assert stage.broadcast.send(KEY, [b"{}"]) == Sent()


def test_posts_to_different_connections_go_side_by_side(stage: Stage) -> None:
    room(stage, "amina", "bashir", "chitra")
    together = threading.Barrier(3, timeout=WAIT_S)
    stage.sockets.before_post = lambda _: together.wait()
    assert stage.broadcast.send(KEY, [b"{}"]) == Sent(delivered=3)


def test_frames_for_one_connection_go_one_after_the_other(stage: Stage) -> None:
    room(stage, "amina", "bashir")
    running: dict[str, int] = {"amina": 0, "bashir": 0}
    most = dict(running)

    def watch(connection: str) -> None:
        running[connection] += 1
        most[connection] = max(most[connection], running[connection])
        time.sleep(0.001)
        running[connection] -= 1

    stage.sockets.before_post = watch
    stage.broadcast.send(KEY, [b"1", b"2", b"3", b"4"])
    assert most == {"amina": 1, "bashir": 1}


def test_a_person_shut_out_of_the_project_is_sent_nothing_more(stage: Stage) -> None:
    room(stage, "amina", "bashir")
    del stage.directory.granted[KEY]["bashir"]
    stage.broadcast.send(KEY, [b"{}"])
    assert set(stage.sockets.posted) == {"amina"}
    assert [person.user for person in stage.join("amina").presence] == ["amina"]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_owners_and_admins_see_all_without_being_members(stage: Stage, role: Role) -> None:
    room(stage, "amina")
    stage.connect("o", "omar", role)
    stage.join("o")
    del stage.directory.granted[KEY]["omar"]
    stage.sockets.posted.clear()
    stage.broadcast.send(KEY, [b"{}"])
    assert set(stage.sockets.posted) == {"amina", "o"}


def test_exactly_the_gone_connection_is_removed_and_its_person_announced_as_left(stage: Stage) -> None:
    room(stage, "amina", "bashir", "chitra")
    stage.sockets.gone.add("bashir")
    sent = stage.broadcast.send(KEY, [b'{"type":"other"}', b'{"type":"other"}'])
    assert sent == Sent(delivered=6, gone=1)  # two frames and one announcement to each of two
    assert set(stage.rooms.connections) == {"amina", "chitra"}
    assert set(stage.rooms.inside[KEY]) == {"amina", "chitra"}
    for user in ("amina", "chitra"):
        [left] = stage.sockets.heard(user)
        assert isinstance(left, Presence)
        assert (left.change, left.user) == ("left", "bashir")
    assert stage.sockets.tried.count("bashir") == 1


def test_a_gone_connection_is_removed_from_its_other_rooms_too(stage: Stage) -> None:
    bridge = ProjectKey("dhaka", "bridge")
    room(stage, "amina", "bashir")
    for user in ("amina", "bashir"):
        stage.directory.grant(bridge, user)
        stage.join(user, project="bridge")
    stage.sockets.posted.clear()
    stage.sockets.gone.add("bashir")
    stage.broadcast.send(KEY, [b'{"type":"other"}'])
    assert sorted(left.project for left in stage.sockets.heard("amina")) == ["bridge", "tower"]
    assert set(stage.rooms.inside[bridge]) == {"amina"}


def test_a_room_of_ghosts_is_emptied(stage: Stage) -> None:
    users = [f"u{n}" for n in range(30)]
    room(stage, "amina", *users)
    stage.sockets.gone.update(users)
    assert stage.broadcast.send(KEY, [b"{}"]).gone == 30
    assert set(stage.rooms.inside[KEY]) == {"amina"}
    assert {left.user for left in stage.sockets.heard("amina")} == set(users)
    assert len(stage.sockets.posted["amina"]) == 2, "one frame tells of all of them"


def test_a_ghost_found_while_another_is_announced_is_removed_too(stage: Stage) -> None:
    room(stage, "amina", "bashir", "chitra")
    stage.sockets.gone.add("bashir")

    def chitra_gets_one_frame_only(connection: str) -> None:
        if connection == "chitra" and stage.sockets.posted.get("chitra"):
            stage.sockets.gone.add("chitra")

    stage.sockets.before_post = chitra_gets_one_frame_only
    assert stage.broadcast.send(KEY, [b'{"type":"other"}']).gone == 2
    assert set(stage.rooms.inside[KEY]) == {"amina"}
    assert [left.user for left in stage.sockets.heard("amina")] == ["bashir", "chitra"]


def test_the_other_socket_of_a_person_whose_one_is_gone_keeps_them_present(stage: Stage) -> None:
    room(stage, "amina", "bashir")
    stage.connect("bashir-2", "bashir")
    stage.join("bashir-2")
    stage.sockets.posted.clear()
    stage.sockets.gone.add("bashir")
    stage.broadcast.send(KEY, [b'{"type":"other"}'])
    assert stage.sockets.heard("amina") == []
    assert set(stage.rooms.inside[KEY]) == {"amina", "bashir-2"}


def test_a_throttled_post_is_tried_again(stage: Stage) -> None:
    room(stage, "amina", "bashir")
    stage.sockets.fail["bashir"] = throttled(2)
    assert stage.broadcast.send(KEY, [b"1", b"2"]) == Sent(delivered=4)
    assert stage.sockets.posted["bashir"] == [b"1", b"2"]


def test_after_some_tries_the_frame_is_left_to_the_client_to_miss(stage: Stage) -> None:
    room(stage, "amina", "bashir")
    stage.sockets.fail["bashir"] = throttled(3)
    assert stage.broadcast.send(KEY, [b"1", b"2"]) == Sent(delivered=3, failed=1)
    assert stage.sockets.posted == {"amina": [b"1", b"2"], "bashir": [b"2"]}
    assert "bashir" in stage.rooms.connections


def test_what_will_not_get_better_is_not_tried_again(stage: Stage) -> None:
    room(stage, "bashir")
    stage.sockets.fail["bashir"] = [NotDeliveredError("PayloadTooLargeException", again=False)]
    assert stage.broadcast.send(KEY, [b"1"]) == Sent(failed=1)
    assert stage.sockets.tried == ["bashir"]


def test_expired_connections_are_not_posted_to(stage: Stage) -> None:
    room(stage, "amina")
    stage.clock.time += LIFE
    assert stage.broadcast.send(KEY, [b"1"]) == Sent()


def test_events_come_ascending_and_once_however_they_were_batched() -> None:
    bridge = ProjectKey("dhaka", "bridge")
    mixed = [event(3), event(2, bridge), event(1), event(3), event(2), event(1, bridge)]
    frames = frames_by_room(mixed, [])
    assert {key: decode_server(*each) for key, each in frames.items()} == {
        KEY: burst(1, 2, 3),
        bridge: burst(1, 2, key=bridge),
    }


def burst(*revisions: int, key: ProjectKey = KEY) -> Burst:
    events = tuple(event_message(event(revision, key)) for revision in revisions)
    return Burst(project=key.project, revision=revisions[-1], previous=revisions[0] - 1, events=events)
