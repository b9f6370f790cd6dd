from __future__ import annotations

from typing import Any

import pytest

from nirman.collaboration.messages import MAX_FRAME_BYTES, Ack, Error, Joined, Left, Pong, Presence, Reload, encode
from nirman.collaboration.ports import LIFE
from nirman.collaboration.rooms import MAX_MISSED, MAX_PAGES
from nirman.errors import ConflictError, FieldConflict
from nirman.tenancy.identity import ProjectKey, Role
from nirman.tenancy.limits import Limits
from tests.fakes.rooms import KEY, Stage

COMMAND: dict[str, Any] = {
    "command_id": "c-1",
    "base_revision": 0,
    "operations": [{"op": "update", "kind": "task", "uid": 1, "values": {"name": "ছাদ"}}],
}


def revisions(answer: Joined) -> list[int]:
    return [message.revision for message in answer.events]


def test_joining_gives_what_was_missed_in_order(stage: Stage) -> None:
    stage.plans.append(KEY, 7)
    stage.connect("a", "amina")
    answer = stage.join("a", 3)
    assert isinstance(answer, Joined)
    assert revisions(answer) == [4, 5, 6, 7]
    assert (answer.head, answer.recovered, answer.more) == (7, True, False)


def test_joining_at_the_head_gives_no_events(stage: Stage) -> None:
    stage.plans.append(KEY, 7)
    stage.connect("a", "amina")
    answer = stage.join("a", 7)
    assert isinstance(answer, Joined)
    assert (answer.events, answer.head, answer.recovered, answer.more) == ((), 7, True, False)


def test_joining_without_a_revision_is_not_passed_off_as_recovered(stage: Stage) -> None:
    stage.plans.append(KEY, 7)
    stage.connect("a", "amina")
    answer = stage.join("a")
    assert isinstance(answer, Joined)
    assert (answer.events, answer.head, answer.recovered, answer.more) == ((), 7, False, False)


@pytest.mark.parametrize("revision", [8, 999_999_999_999])
def test_a_revision_from_the_future_means_reload(stage: Stage, revision: int) -> None:
    stage.plans.append(KEY, 7)
    stage.connect("a", "amina")
    answer = stage.join("a", revision)
    assert isinstance(answer, Reload)
    assert answer.head == 7


def test_whoever_missed_more_events_than_the_limit_reloads(stage: Stage) -> None:
    stage.plans.append(KEY, MAX_MISSED + 1)
    stage.connect("a", "amina")
    assert isinstance(stage.join("a", 0), Reload)
    assert isinstance(stage.join("a", 1), Joined)


def test_whoever_missed_more_pages_than_the_limit_reloads(stage: Stage) -> None:
    stage.plans.append(KEY, MAX_PAGES + 1, fill=MAX_FRAME_BYTES * 2 // 3)
    stage.connect("a", "amina")
    assert isinstance(stage.join("a", 0), Reload)
    assert isinstance(stage.join("a", 1), Joined)


def test_page_after_page_the_whole_of_what_was_missed_arrives(stage: Stage) -> None:
    stage.plans.append(KEY, 40, fill=3_000)
    stage.connect("a", "amina")
    seen: list[int] = []
    while True:
        answer = stage.join("a", seen[-1] if seen else 0)
        assert isinstance(answer, Joined)
        assert len(encode(answer)) <= MAX_FRAME_BYTES
        seen += revisions(answer)
        if not answer.more:
            break
    assert seen == list(range(1, 41))


def test_a_commit_while_joining_is_in_the_answer_or_comes_by_itself_but_never_neither(stage: Stage) -> None:
    stage.plans.append(KEY, 3)
    stage.connect("a", "amina")
    inside: list[bool] = []
    stage.plans.before_read = lambda: inside.append("a" in stage.rooms.inside.get(KEY, {}))
    stage.join("a", 3)
    assert inside == [True]  # the log is read when the room is entered already


def test_a_stranger_is_told_what_somebody_asking_for_nothing_is_told(stage: Stage) -> None:
    stage.plans.append(KEY)
    stage.connect("a", "amina")
    stage.connect("s", "sumon", key=None)
    stage.connect("other", "amina", key=ProjectKey("khulna", "bridge"))
    for connection, project in (("s", "tower"), ("other", "tower"), ("a", "nowhere")):
        for message in (
            {"type": "join", "project": project, "revision": 0},
            {"type": "edit", "project": project, "command": COMMAND},
            {"type": "ping", "project": project},
        ):
            answer = stage.say(connection, **message)
            assert isinstance(answer, Error)
            assert (answer.code, answer.text) == ("not-found", f"there is no project '{project}'")
    assert stage.rooms.inside == {}
    assert stage.plans.head(KEY) == 1


def test_membership_is_asked_for_at_each_edit(stage: Stage) -> None:
    stage.plans.append(KEY)
    stage.connect("a", "amina")
    stage.join("a", 1)
    del stage.directory.granted[KEY]["amina"]
    answer = stage.say("a", type="edit", project="tower", command=COMMAND)
    assert isinstance(answer, Error)
    assert answer.code == "not-found"


def test_a_viewer_may_join_but_not_edit(stage: Stage) -> None:
    stage.plans.append(KEY)
    stage.connect("v", "vasanti", Role.VIEWER)
    assert isinstance(stage.join("v", 1), Joined)
    answer = stage.say("v", type="edit", project="tower", command=COMMAND)
    assert isinstance(answer, Error)
    assert (answer.id, answer.code) == ("1", "forbidden")


def test_an_edit_is_acknowledged_with_its_revision(stage: Stage) -> None:
    stage.plans.append(KEY, 4)
    stage.connect("a", "amina")
    answer = stage.say("a", type="edit", project="tower", command=COMMAND)
    assert isinstance(answer, Ack)
    assert (answer.id, answer.command_id, answer.revision, answer.merged, answer.repeated) == (
        "1",
        "c-1",
        5,
        True,
        False,
    )
    again = stage.say("a", type="edit", project="tower", command=COMMAND)
    assert isinstance(again, Ack)
    assert (again.revision, again.repeated) == (5, True)


def test_a_conflict_comes_back_with_both_values(stage: Stage) -> None:
    stage.plans.append(KEY, 4)
    stage.connect("a", "amina")
    conflict = FieldConflict("task", 1, "name", "old", "mine", "theirs", "bashir", "2026-11-01", 4)
    stage.plans.refuse = ConflictError((conflict,), head=4)
    answer = stage.say("a", type="edit", project="tower", command=COMMAND)
    assert isinstance(answer, Error)
    assert answer.code == "conflict"
    assert answer.details["head"] == 4
    assert (answer.details["conflicts"][0]["yours"], answer.details["conflicts"][0]["theirs"]) == ("mine", "theirs")


def test_the_tenant_is_the_connections_own_whatever_the_project_is_called(stage: Stage) -> None:
    bridge = ProjectKey("khulna", "tower")
    stage.plans.append(KEY, 3)
    stage.plans.append(bridge, 9)
    stage.connect("a", "amina")
    stage.connect("k", "kamal", key=bridge)
    assert stage.join("a").head == 3
    assert stage.join("k").head == 9
    assert set(stage.rooms.inside[KEY]) == {"a"}


def test_a_pong_tells_the_head_of_the_project_that_was_named(stage: Stage) -> None:
    stage.plans.append(KEY, 4)
    stage.connect("a", "amina")
    assert stage.say("a", type="ping", project="tower") == Pong("1", 4)
    assert stage.say("a", type="ping") == Pong("1")


def test_an_unknown_connection_and_one_too_old_must_connect_again(stage: Stage) -> None:
    stage.plans.append(KEY)
    stage.connect("a", "amina")
    stage.clock.time += LIFE
    for connection in ("a", "never"):
        answer = stage.join(connection, 1)
        assert isinstance(answer, Error)
        assert answer.code == "unauthenticated"


def test_a_connection_is_in_a_limited_number_of_rooms(stage: Stage) -> None:
    stage.connect("a", "amina")
    most = Limits().rooms_per_connection
    for n in range(most + 1):
        stage.directory.grant(ProjectKey("dhaka", f"p{n}"), "amina")
    answers = [stage.join("a", project=f"p{n}") for n in range(most + 1)]
    assert [type(answer) for answer in answers] == [Joined] * most + [Error]
    assert (answers[-1].code, answers[-1].details) == ("limit-exceeded", {"what": "rooms", "limit": most})
    assert isinstance(stage.join("a", project="p0"), Joined)  # one it is in already


def test_an_ill_formed_message_is_answered_and_disturbs_nobody(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.connect("b", "bashir")
    stage.join("b")
    answer = stage.say("a", type="join", project=7)
    assert isinstance(answer, Error)
    assert (answer.id, answer.code, answer.details["place"]) == ("1", "invalid", "project")
    assert stage.sockets.posted == {}


def test_people_are_told_who_comes_and_the_newcomer_who_is_there(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.connect("b", "bashir")
    stage.join("a")
    answer = stage.join("b")
    assert [(person.user, person.name, person.connections) for person in answer.presence] == [
        ("amina", "Amina", 1),
        ("bashir", "Bashir", 1),
    ]
    [heard] = stage.sockets.heard("a")
    assert isinstance(heard, Presence)
    assert (heard.change, heard.user, heard.name, heard.project) == ("joined", "bashir", "Bashir", "tower")
    assert stage.sockets.heard("b") == []


def test_joining_again_for_what_was_missed_is_not_announced_again(stage: Stage) -> None:
    stage.plans.append(KEY, 3)
    stage.connect("a", "amina")
    stage.connect("b", "bashir")
    stage.join("a")
    stage.join("b")
    stage.join("b", 1)
    assert len(stage.sockets.heard("a")) == 1


def test_a_second_socket_of_a_person_comes_and_goes_unannounced(stage: Stage) -> None:
    for connection, user in (("a", "amina"), ("b1", "bashir"), ("b2", "bashir")):
        stage.connect(connection, user)
        answer = stage.join(connection)
    assert [(person.user, person.connections) for person in answer.presence] == [("amina", 1), ("bashir", 2)]
    assert answer.present == 2
    stage.say("b1", type="leave", project="tower")
    assert [heard.change for heard in stage.sockets.heard("a")] == ["joined"]
    stage.service.disconnect("b2")
    assert [heard.change for heard in stage.sockets.heard("a")] == ["joined", "left"]


def test_leaving_is_announced_and_answered_also_when_one_was_not_there(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.connect("b", "bashir")
    stage.join("a")
    stage.join("b")
    assert stage.say("b", type="leave", project="tower") == Left("1", project="tower")
    assert stage.say("b", type="leave", project="tower") == Left("1", project="tower")
    assert [heard.change for heard in stage.sockets.heard("a")] == ["joined", "left"]


def test_a_disconnect_removes_the_connection_from_every_room_and_tells_each(stage: Stage) -> None:
    bridge = ProjectKey("dhaka", "bridge")
    stage.directory.grant(bridge, "amina")
    stage.directory.grant(bridge, "bashir")
    for connection, user in (("a", "amina"), ("b", "bashir")):
        stage.connect(connection, user)
        stage.join(connection, project="tower")
        stage.join(connection, project="bridge")
    stage.service.disconnect("b")
    left = [(heard.project, heard.user) for heard in stage.sockets.heard("a") if heard.change == "left"]
    assert sorted(left) == [("bridge", "bashir"), ("tower", "bashir")]
    assert "b" not in stage.rooms.connections
    stage.service.disconnect("b")
    assert len([heard for heard in stage.sockets.heard("a") if heard.change == "left"]) == 2


def test_whoever_disconnects_while_joining_is_in_no_room(stage: Stage) -> None:
    stage.plans.append(KEY)
    stage.connect("a", "amina")
    stage.rooms.before_join = lambda: stage.service.disconnect("a")
    answer = stage.join("a", 1)
    assert isinstance(answer, Error)
    assert answer.code == "unauthenticated"
    assert not stage.rooms.inside.get(KEY)


def test_a_ghost_is_found_when_somebody_joins_and_is_not_in_the_list(stage: Stage) -> None:
    stage.connect("g", "ghost")
    stage.connect("a", "amina")
    stage.join("g")
    stage.sockets.gone.add("g")
    answer = stage.join("a")
    assert [person.user for person in answer.presence] == ["amina"]
    assert "g" not in stage.rooms.connections


def test_what_has_expired_is_present_no_longer(stage: Stage) -> None:
    stage.connect("old", "omar")
    stage.join("old")
    stage.clock.time += LIFE
    stage.connect("a", "amina")
    assert [person.user for person in stage.join("a").presence] == ["amina"]
    assert stage.sockets.tried == []


def test_presence_carries_times_by_which_the_latest_word_on_a_person_is_known(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.connect("b", "bashir")
    first = stage.join("a").at
    stage.join("b")
    stage.service.disconnect("b")
    stage.connect("b2", "bashir")
    stage.join("b2")
    times = [heard.at for heard in stage.sockets.heard("a")]
    assert first < times[0] < times[1] < times[2]
