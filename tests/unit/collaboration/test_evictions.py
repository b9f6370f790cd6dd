from __future__ import annotations

import pytest

from nirman.collaboration.messages import Error, Left, Presence
from nirman.collaboration.ports import NotDeliveredError
from nirman.tenancy.identity import ProjectKey, Role
from tests.fakes.rooms import KEY, Stage

BRIDGE = ProjectKey("dhaka", "bridge")


@pytest.fixture
def inside(stage: Stage) -> Stage:
    """Amina and Bashir, with two sockets, are in the tower."""
    for connection, user in (("a", "amina"), ("b1", "bashir"), ("b2", "bashir")):
        stage.connect(connection, user)
        stage.join(connection)
    stage.sockets.posted.clear()
    return stage


def shut_out(stage: Stage, user: str = "bashir", key: ProjectKey = KEY) -> None:
    del stage.directory.granted[key][user]
    stage.evictions.evict(key, user)


def test_all_sockets_of_the_person_leave_and_are_closed(inside: Stage) -> None:
    shut_out(inside)
    assert set(inside.rooms.inside[KEY]) == {"a"}
    assert sorted(inside.sockets.closed) == ["b1", "b2"]
    assert set(inside.rooms.connections) == {"a"}
    assert inside.sockets.heard("b1") == inside.sockets.heard("b2") == [Left(None, project="tower")]


def test_the_others_are_told_once(inside: Stage) -> None:
    shut_out(inside)
    heard = inside.sockets.heard("a")
    assert [(one.change, one.user) for one in heard if isinstance(one, Presence)] == [("left", "bashir")]
    assert len(heard) == 1


@pytest.mark.parametrize("other", [{"project": "bridge"}, {"room": "user"}, {"room": "tenant"}])
def test_a_socket_in_another_room_lives_on(inside: Stage, other: dict[str, str]) -> None:
    inside.directory.grant(BRIDGE, "bashir")
    inside.say("b1", type="join", **other)
    shut_out(inside)
    assert inside.sockets.closed == ["b2"]
    assert "b1" in inside.rooms.connections
    assert "b1" not in inside.rooms.inside[KEY]


def test_whoever_was_shut_out_cannot_come_back(inside: Stage) -> None:
    inside.say("b1", type="join", room="user")
    shut_out(inside)
    answer = inside.say("b1", type="join", project="tower")
    assert isinstance(answer, Error)
    assert answer.code == "not-found"


def test_an_admin_whose_membership_ends_stays(stage: Stage) -> None:
    stage.connect("o", "omar", Role.ADMIN)
    stage.join("o")
    shut_out(stage, "omar")
    assert set(stage.rooms.inside[KEY]) == {"o"}
    assert stage.sockets.closed == []


def test_nobody_else_is_put_out(inside: Stage) -> None:
    inside.directory.grant(BRIDGE, "bashir")
    inside.say("b1", type="join", project="bridge")
    shut_out(inside, key=BRIDGE)
    assert set(inside.rooms.inside[KEY]) == {"a", "b1", "b2"}
    assert inside.sockets.closed == []


def test_a_socket_that_cannot_be_closed_is_unknown_all_the_same(inside: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise NotDeliveredError("throttled", again=True)

    monkeypatch.setattr(inside.sockets, "close", refuse)
    shut_out(inside)
    answer = inside.say("b1", type="ping")
    assert isinstance(answer, Error)
    assert answer.code == "unauthenticated"


def test_somebody_who_is_not_there_is_put_out_without_a_word(inside: Stage) -> None:
    inside.directory.grant(KEY, "chitra")
    shut_out(inside, "chitra")
    assert inside.sockets.posted == {}
