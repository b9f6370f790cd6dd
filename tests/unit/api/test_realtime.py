"""What the sockets have to say by HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nirman.aws.container import Container
from nirman.collaboration.messages import MAX_MESSAGE_BYTES, Left
from nirman.collaboration.ports import LIFE, NOTES_KEPT, Connection, GoneError
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import PersonKey, Principal, Role, TenantKey
from tests.fakes.rooms import RecordingSockets
from tests.support.http import Answer
from tests.support.world import MEMBER, OWNER, PLANNER, RIVAL, STRANGER, VIEWER, World

SYSTEM = "/v1/realtime/notifications/system"


@pytest.fixture(autouse=True)
def sockets(container: Container) -> RecordingSockets:
    recording = RecordingSockets(GoneError)
    container.__dict__["sockets"] = recording
    return recording


def connect(world: World, connection_id: str, who: Principal, *rooms: Any) -> None:
    container = world.container
    container.rooms.open(Connection(connection_id, who, container.now() + LIFE))
    for room in rooms:
        container.rooms.join(container.rooms.connection(connection_id, now=container.now()), room, now=container.now())


def announce(world: World, text: str, who: Principal = OWNER, key: str = "k") -> Answer:
    return world.api.as_(who).post(SYSTEM, {"text": text}, headers={"Idempotency-Key": key})


def notes(world: World, who: Principal, room: str = "user", **query: Any) -> Any:
    answer = world.api.as_(who).get("/v1/realtime/notes", room=room, **query)
    assert answer.status == 200, answer.body
    return answer.json


def test_an_admins_word_is_read_by_everybody_in_the_tenant_and_nobody_else(world: World) -> None:
    made = announce(world, "কাল কাজ বন্ধ")
    assert made.status == 201, made.body
    assert (made.json["revision"], made.json["note"]["text"], made.json["note"]["by"]) == (1, "কাল কাজ বন্ধ", "করিম")
    for who in (OWNER, VIEWER, STRANGER):
        assert [one["note"]["text"] for one in notes(world, who, "tenant")["notes"]] == ["কাল কাজ বন্ধ"]
    assert notes(world, RIVAL, "tenant") == {"notes": [], "head": 0, "complete": True, "reload": False}


def test_said_twice_with_the_same_key_it_is_said_once_and_another_word_is_refused(world: World) -> None:
    first, again = announce(world, "Rain"), announce(world, "Rain")
    assert (first.status, again.status) == (201, 201)
    assert again.json["revision"] == 1
    other = announce(world, "Storm")
    assert (other.status, other.json["code"]) == (422, "command-reused")
    assert announce(world, "Storm", key="other").json["revision"] == 2


def test_a_word_has_1_to_1000_characters_and_is_an_admins(world: World) -> None:
    wrong: tuple[Any, ...] = ("", "x" * 1_001, None, 7)
    assert [announce(world, text).status for text in wrong] == [422] * 4
    assert [announce(world, "hello", who).status for who in (PLANNER, MEMBER, VIEWER)] == [403] * 3
    assert notes(world, OWNER, "tenant")["head"] == 0
    assert announce(world, "ন" * 1_000).status == 201


def test_notes_are_paged_by_the_number_one_has(world: World) -> None:
    for number in range(5):
        announce(world, f"note {number}", key=str(number))
    page = notes(world, VIEWER, "tenant", limit=2)
    assert ([one["revision"] for one in page["notes"]], page["head"], page["complete"]) == ([1, 2], 5, False)
    page = notes(world, VIEWER, "tenant", after=2)
    assert ([one["revision"] for one in page["notes"]], page["complete"], page["reload"]) == ([3, 4, 5], True, False)
    assert notes(world, VIEWER, "tenant", after=6)["reload"] is True


def test_notes_kept_no_longer_mean_reload_and_the_list_begins_where_it_can(world: World) -> None:
    announce(world, "old", key="1")
    now = world.container.now
    world.container.bridge.__dict__["_now"] = lambda: now() + NOTES_KEPT + timedelta(minutes=1)
    page = notes(world, OWNER, "tenant", after=0)
    assert (page["notes"], page["head"], page["complete"], page["reload"]) == ([], 1, False, True)
    assert notes(world, OWNER, "tenant") == {"notes": [], "head": 1, "complete": True, "reload": False}


def test_a_person_reads_of_their_memberships_in_a_room_of_their_own(world: World) -> None:
    path = f"{world.path}/members/{STRANGER.user}"
    for role in ("viewer", "viewer", "planner"):
        assert world.api.put(path, {"role": role}).status == 204
    assert world.api.delete(path).status == 204
    said = [one["note"] for one in notes(world, STRANGER)["notes"]]
    assert [(note["kind"], note["by"], note["project"], note.get("role")) for note in said] == [
        ("membership", "করিম", world.project, "viewer"),
        ("membership", "করিম", world.project, "planner"),
        ("membership", "করিম", world.project, None),
    ]


def test_whoever_is_shut_out_is_put_out_of_the_room_at_once(world: World, sockets: RecordingSockets) -> None:
    connect(world, "n1", VIEWER, world.key)
    connect(world, "n2", VIEWER, world.key, PersonKey("padma", VIEWER.user))
    connect(world, "p", PLANNER, world.key)
    assert world.api.delete(f"{world.path}/members/{VIEWER.user}").status == 204
    now = world.container.now()
    assert {one.connection for one in world.container.rooms.occupants(world.key, now=now)} == {"p"}
    assert sockets.closed == ["n1"]
    assert sockets.heard("n2") == [Left(None, project=world.project)]
    assert [one.change for one in sockets.heard("p")] == ["left"]  # type: ignore[union-attr]


def test_people_online_and_where_they_are(world: World) -> None:
    connect(world, "n", VIEWER, world.key)
    connect(world, "o", OWNER, TenantKey("padma"))
    connect(world, "r", RIVAL)
    everyone = [
        {"user": OWNER.user, "name": OWNER.name, "connections": 1, "projects": []},
        {"user": VIEWER.user, "name": VIEWER.name, "connections": 1, "projects": [world.project]},
    ]
    assert world.api.get("/v1/realtime/users/online").json == {"items": everyone, "next": None}
    first = world.api.get("/v1/realtime/users/online", limit=1).json
    assert (first["items"], first["next"]) == (everyone[:1], OWNER.user)
    assert world.api.get("/v1/realtime/users/online", limit=1, cursor=first["next"]).json["items"] == everyone[1:]
    wrong: tuple[dict[str, Any], ...] = ({"cursor": "a#b"}, {"cursor": "ভ" * 60}, {"limit": 0}, {"limit": 51})
    assert [world.api.get("/v1/realtime/users/online", **query).status for query in wrong] == [422] * 4
    unseen = world.api.as_(STRANGER).get("/v1/realtime/users/online").json["items"]
    assert [one["projects"] for one in unseen] == [[], []]
    assert [one["user"] for one in world.api.as_(RIVAL).get("/v1/realtime/users/online").json["items"]] == [RIVAL.user]


def test_projects_with_people_in_them(world: World) -> None:
    connect(world, "n", VIEWER, world.key)
    connect(world, "p", PLANNER, world.key)
    [active] = world.api.get("/v1/realtime/collaborations/active").json["items"]
    assert (active["project"], active["name"], active["revision"]) == (world.project, "Tower", world.revision)
    assert ([one["name"] for one in active["people"]], active["present"], active["locks"]) == (["Nadia", "Rahim"], 2, 0)
    for who in (STRANGER, RIVAL):
        assert world.api.as_(who).get("/v1/realtime/collaborations/active").json["items"] == []


def test_the_limits_and_the_contract_are_told(world: World) -> None:
    status = world.api.as_(VIEWER).get("/v1/realtime/status").json
    assert (status["version"], status["url"]) == (1, "wss://sockets.example/live")
    assert status["max_message_bytes"] == MAX_MESSAGE_BYTES
    document = world.api.as_(None).get("/v1/realtime/asyncapi.json").json
    assert document["servers"]["live"]["host"] == "sockets.example"
    for message in document["channels"]["live"]["messages"].values():
        schema = world.api.as_(None).get(message["x-json-schema"])
        assert (schema.status, schema.json["title"]) == (200, message["title"])
    assert world.api.as_(None).get("/v1/realtime/schemas/shout.json").status == 404


def test_an_owner_whom_the_list_calls_a_viewer_now_speaks_to_nobody_over_an_open_socket(world: World) -> None:
    """The role is as it was when the socket was opened; the list says less."""
    gone = Principal("padma", "olga", "Olga", Role.OWNER)
    connect(world, "g", gone, world.key)
    now = world.container.now()
    assert [one.connection for one in world.container.broadcast.audience(world.key)] == ["g"]
    world.container.directory.put_user("padma", Person("olga", "Olga", "o@example.com", Role.VIEWER))
    assert world.container.broadcast.audience(world.key) == ()
    assert len(world.container.rooms.occupants(world.key, now=now)) == 1
