"""The rooms of people and of tenants."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from nirman.collaboration.messages import MAX_FRAME_BYTES, Error, Joined, Left, Pong, Reload, encode
from nirman.collaboration.rooms import MAX_MISSED, MAX_PAGES
from nirman.tenancy.identity import PersonKey, ProjectKey, Role, TenantKey
from tests.fakes.rooms import KEY, Stage

AMINA = PersonKey("dhaka", "amina")
DHAKA = TenantKey("dhaka")
ROOMS = pytest.mark.parametrize(("room", "key"), [("user", AMINA), ("tenant", DHAKA)])


def join(stage: Stage, room: str, revision: int | None = None, connection: str = "a") -> Any:
    return stage.say(connection, type="join", room=room, revision=revision)


def revisions(answer: Joined) -> list[int]:
    return [note.revision for note in answer.notes]


@ROOMS
def test_joining_gives_the_notes_that_were_missed(stage: Stage, room: str, key: Any) -> None:
    stage.notes.append(key, 5, text="কাল ছুটি")
    stage.connect("a", "amina")
    answer = join(stage, room, 2)
    assert isinstance(answer, Joined)
    assert (answer.room, answer.project, answer.head, answer.recovered, answer.more) == (room, None, 5, True, False)
    assert [(note.room, note.revision, note.previous) for note in answer.notes] == [
        (room, 3, 2),
        (room, 4, 3),
        (room, 5, 4),
    ]
    assert answer.notes[0].note.text == "কাল ছুটি"
    assert set(stage.rooms.inside[key]) == {"a"}


@ROOMS
def test_joining_without_a_revision_says_only_where_the_room_is(stage: Stage, room: str, key: Any) -> None:
    stage.notes.append(key, 5)
    stage.connect("a", "amina")
    answer = join(stage, room)
    assert isinstance(answer, Joined)
    assert (answer.head, answer.recovered, answer.notes, answer.more) == (5, False, (), False)


@ROOMS
@pytest.mark.parametrize("revision", [0, 1, 2, 6, 10**12 - 1])
def test_what_is_kept_no_longer_or_never_was_means_reload(stage: Stage, room: str, key: Any, revision: int) -> None:
    stage.notes.append(key, 5)
    stage.notes.forgotten[key] = 3
    stage.connect("a", "amina")
    answer = join(stage, room, revision)
    assert isinstance(answer, Reload)
    assert (answer.room, answer.head) == (room, 5)
    assert revisions(join(stage, room, 3)) == [4, 5]


def test_a_person_who_was_never_told_anything_is_at_the_head(stage: Stage) -> None:
    stage.connect("a", "amina")
    answer = join(stage, "user", 0)
    assert isinstance(answer, Joined)
    assert (answer.head, answer.recovered, answer.notes) == (0, True, ())


def test_page_after_page_every_note_arrives_and_too_many_mean_reload(stage: Stage) -> None:
    stage.notes.append(AMINA, 150, text="ন" * 1_000)
    stage.connect("a", "amina")
    seen: list[int] = []
    while True:
        answer = join(stage, "user", seen[-1] if seen else 0)
        assert isinstance(answer, Joined)
        assert len(encode(answer)) <= MAX_FRAME_BYTES
        seen += revisions(answer)
        if not answer.more:
            break
    assert seen == list(range(1, 151))
    stage.notes.append(AMINA, len(revisions(join(stage, "user", 0))) * MAX_PAGES - 150, text="ন" * 1_000)
    assert isinstance(join(stage, "user", 0), Joined)
    stage.notes.append(AMINA, text="ন" * 1_000)
    assert isinstance(join(stage, "user", 0), Reload)


def test_whoever_missed_more_notes_than_the_limit_reloads(stage: Stage) -> None:
    stage.notes.append(AMINA, MAX_MISSED + 1)
    stage.connect("a", "amina")
    assert isinstance(join(stage, "user", 0), Reload)
    assert isinstance(join(stage, "user", 1), Joined)


@ROOMS
def test_the_log_is_read_when_the_room_is_entered_already(stage: Stage, room: str, key: Any) -> None:
    stage.connect("a", "amina")
    inside: list[bool] = []
    stage.notes.before_read = lambda: inside.append("a" in stage.rooms.inside.get(key, {}))
    join(stage, room, 0)
    assert inside == [True]


def test_nobody_can_name_the_room_of_somebody_else(stage: Stage) -> None:
    for key in (AMINA, PersonKey("khulna", "kamal"), DHAKA, TenantKey("khulna")):
        stage.notes.append(key, text=str(key))
    stage.connect("k", "kamal", key=ProjectKey("khulna", "bridge"))
    assert join(stage, "user", 0, "k").notes[0].note.text == str(PersonKey("khulna", "kamal"))
    assert join(stage, "tenant", 0, "k").notes[0].note.text == str(TenantKey("khulna"))
    for more in ({"user": "amina"}, {"tenant": "dhaka"}, {"project": "amina"}):
        for kind in ("join", "leave", "ping"):
            answer = stage.say("k", type=kind, room="user", **more)
            assert isinstance(answer, Error)
            assert answer.code == "invalid"
    assert stage.rooms.inside.keys() == {PersonKey("khulna", "kamal"), TenantKey("khulna")}


def test_a_viewer_without_a_project_may_enter_the_dashboard(stage: Stage) -> None:
    stage.connect("v", "vasanti", Role.VIEWER, key=None)
    assert isinstance(join(stage, "tenant", 0, "v"), Joined)


@ROOMS
def test_coming_and_going_is_told_to_nobody(stage: Stage, room: str, key: Any) -> None:
    for connection, user in (("a", "amina"), ("a2", "amina"), ("b", "bashir")):
        stage.connect(connection, user)
        join(stage, room, 0, connection)
    assert stage.say("a", type="leave", room=room) == Left("1", room=room)  # type: ignore[arg-type]
    stage.service.disconnect("b")
    assert stage.sockets.tried == []
    assert set(stage.rooms.inside[key]) == {"a2"}


def test_a_pong_tells_the_head_of_the_room(stage: Stage) -> None:
    stage.notes.append(AMINA, 3)
    stage.connect("a", "amina")
    assert stage.say("a", type="ping", room="user") == Pong("1", 3)


def digest(*cards: str) -> str:
    return hashlib.sha256("".join(f"{card}\n" for card in cards).encode()).hexdigest()[:16]


def test_a_pong_of_the_dashboard_has_the_digest_of_the_cards_that_one_may_see(stage: Stage) -> None:
    bridge = ProjectKey("dhaka", "bridge")
    stage.directory.grant(bridge, "bashir")
    stage.directory.grant(ProjectKey("khulna", "jetty"), "kamal")
    stage.connect("a", "amina", key=KEY)
    stage.connect("o", "omar", Role.OWNER, key=None)
    assert stage.say("a", type="ping", room="tenant") == Pong("1", 0, cards=digest("tower 1"))
    assert stage.say("o", type="ping", room="tenant") == Pong("1", 0, cards=digest("bridge 1", "tower 1"))
    stage.directory.listed["omar"] = Role.VIEWER
    assert stage.say("o", type="ping", room="tenant") == Pong("1", 0, cards=digest())


def test_a_connection_lost_leaves_these_rooms_too(stage: Stage) -> None:
    stage.connect("a", "amina")
    for room in ("user", "tenant"):
        join(stage, room, 0)
    stage.join("a")
    stage.service.disconnect("a")
    assert not any(stage.rooms.inside.values())
