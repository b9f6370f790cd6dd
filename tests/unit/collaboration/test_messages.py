from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from nirman.collaboration import messages
from nirman.collaboration.messages import Join, Ping, decode_client, decode_server, encode, id_of
from nirman.errors import InvalidInputError, LimitExceededError
from nirman.jobs.job import JobKind, JobState
from nirman.planning.model import Kind
from tests.fakes.rooms import event

EDIT = {
    "type": "edit",
    "id": "1",
    "project": "tower",
    "command": {
        "command_id": "c",
        "base_revision": 1,
        "operations": [{"op": "update", "kind": "task", "uid": 1, "values": {"name": "ভিত্তি"}}],
    },
}


def refused(text: str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        decode_client(text)
    return caught.value


def test_a_message_is_told_apart_by_its_type() -> None:
    assert decode_client('{"type":"join","id":"7","project":"tower","revision":3}') == Join("7", "tower", revision=3)
    assert decode_client('{"type":"join","id":"7","room":"user"}') == Join("7", room="user")
    assert decode_client('{"type":"ping","id":"8"}') == Ping("8")


def test_every_client_message_goes_there_and_back() -> None:
    project = {"room": "project", "project": "tower"}
    samples = [
        {"type": "join", "id": "1", "revision": None} | project,
        {"type": "join", "id": "1", "room": "tenant", "project": None, "revision": 7},
        {"type": "leave", "id": "1"} | project,
        EDIT,
        {
            "type": "undo",
            "id": "1",
            "project": "tower",
            "command_id": "c",
            "revision": 7,
            "locks": [{"kind": "task", "uid": 4, "token": 9, "field": None}],
        },
        {"type": "redo", "id": "1", "project": "tower", "command_id": "c", "locks": []},
        {"type": "ping", "id": "1", "room": "project", "project": None},
        {"type": "look", "id": "1", "project": "tower", "looking": {"area": "gantt", "tasks": [1, 2]}},
        {
            "type": "signal",
            "id": "1",
            "project": "tower",
            "n": 7,
            "cursor": {"area": "gantt", "task": 4, "field": "name", "x": 0.5, "y": 0.25},
            "selection": [4, 5],
            "typing": {"task": 4, "field": "name"},
        },
        {"type": "lock", "id": "1", "project": "tower", "kind": "task", "uid": 4, "field": "name", "wait": True},
        {"type": "unlock", "id": "1", "project": "tower", "kind": "task", "uid": 4, "field": None},
        {"type": "take_over", "id": "1", "project": "tower", "kind": "link", "uid": 4, "field": None, "reason": "জরুরি"},
        {"type": "beat", "id": "1", "project": "tower"},
        {"type": "search", "id": "1", "text": "পাইল", "kinds": ["task", "person"], "project": None, "limit": 5},
    ]
    assert {sample["type"] for sample in samples} == {kind.__struct_config__.tag for kind in messages.CLIENT_MESSAGES}
    for sample in samples:
        decoded = decode_client(msgspec.json.encode(sample).decode())
        assert decode_client(encode(decoded).decode()) == decoded
        assert msgspec.json.decode(encode(decoded)) == sample | {"v": 1}


def test_the_registry_lists_every_message() -> None:
    assert set(get_args(messages.ClientMessage)) == set(messages.CLIENT_MESSAGES)
    assert set(get_args(messages.ServerMessage)) == set(messages.SERVER_MESSAGES)


def test_every_server_message_goes_there_and_back() -> None:
    people = (messages.Person("amina", "Amina", 2),)
    at = "2026-11-01T09:00:00.000+00:00"
    frame = messages.EventMessage("tower", 4, 3, event(4))
    note = messages.NoteMessage(
        "user", 3, 2, messages.Note("membership", at, by="Amina", project="tower", role="viewer")
    )
    locked = messages.Locked(Kind.TASK, 4, "name", "amina", "Amina", at, ("bashir",))
    samples = [
        messages.Joined("1", 4, True, people, 1, at, project="tower", events=(frame,), more=True),
        messages.Joined("1", 4, True, (), 0, at, room="user", notes=(note,)),
        messages.Reload("1", 4, people, 1, at, project="tower"),
        messages.Left("1", project="tower"),
        frame,
        messages.Burst("tower", 4, 3, (frame,)),
        note,
        messages.CardMessage("tower", 4, "টাওয়ার", "2026-12-24T17:00:00", at, "Amina"),
        messages.EventMessage("tower", 4, 3, fetch=True),
        messages.Presence("tower", "left", "amina", "Amina", at, 3),
        messages.Presences("tower", tuple(messages.Presence("tower", "left", user, user, at, 3) for user in "ab")),
        messages.Ack("1", "tower", "c", 4, merged=True, repeated=False),
        messages.Pong("1"),
        messages.Pong("1", 4),
        messages.Pong("1", 4, cards="0f9a3c5d7e1b2846"),
        messages.Noted("1", 100),
        messages.Lease("1", "tower", Kind.TASK, 4, "name", token=7, until=at),
        messages.Lease(None, "tower", Kind.TASK, 4, None, position=1),
        messages.Leases("1", "tower", (messages.Own(Kind.TASK, 4, None, token=7),), at),
        messages.LockMessage("tower", "taken_over", 9, 7, locked, "rahim", "Rahim", at, "জরুরি"),
        messages.Signals(
            "tower",
            at,
            100,
            (
                messages.Pointer(
                    "amina", "1f", messages.Cursor("gantt", 4, "name", 0.5, 1.0), (4, 5), messages.Typing(4, "name")
                ),
                messages.Pointer("bashir", "2e"),
            ),
            (messages.Looks("amina", (messages.Looking("gantt", (1, 2)),)),),
        ),
        messages.JobMessage("tower", "j", JobKind.IMPORT, JobState.RUNNING, 10, "amina", datetime.now(UTC)),
        messages.Found("1", "পাইল", (messages.Hit("task", "পাইলিং", 0.9, "tower", "Tower", 4, "A1020"),)),
        messages.Error("1", "invalid", "no", {"place": "x"}),
    ]
    assert {type(sample) for sample in samples} == set(messages.SERVER_MESSAGES)
    for sample in samples:
        assert decode_server(encode(sample)) == sample


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ('{"type":"join","id":"1","project":"tower","revision":-1}', "revision", ">= 0"),
        ('{"type":"join","id":"1","project":"../else"}', "project", "regex"),
        ('{"type":"join","id":"1","project":"tower\\n"}', "project", "regex"),
        ('{"type":"join","id":"","project":"tower"}', "id", "length >= 1"),
        ('{"type":"join","id":"1","project":"tower","v":2}', "v", "Invalid enum value 2"),
        ('{"type":"shout","id":"1"}', "type", "Invalid value 'shout'"),
        ('{"type":"join","id":"1"}', "", "needs `project`"),
        ('{"type":"leave","id":"1","project":"tower","room":"tenant"}', "", "others have none"),
        ('{"type":"ping","id":"1","project":"tower","room":"user"}', "", "only the room of a project"),
        ('{"type":"join","id":"1","room":"somebody"}', "room", "Invalid enum value"),
        ('{"type":"ping","id":"1","extra":1}', "", "unknown field `extra`"),
        ('{"id":"1"}', "", "missing required field `type`"),
        ("[]", "", "Expected `object`"),
        ("", "", "truncated"),
        ('{"type":"ping","id":"\\ud800"}', "", "truncated"),
    ],
)
def test_an_ill_formed_message_is_refused_with_place_and_rule(text: str, place: str, rule: str) -> None:
    error = refused(text)
    assert error.place == place
    assert rule in error.rule


def test_the_place_leads_into_the_command() -> None:
    broken = EDIT["command"] | {"operations": [{"op": "update", "kind": "task", "uid": "one", "values": {}}]}
    error = refused(msgspec.json.encode(EDIT | {"command": broken}).decode())
    assert error.place == "command.operations[0].uid"


def test_values_nested_without_end_are_refused() -> None:
    deep = "[" * 20_000 + "]" * 20_000
    text = msgspec.json.encode(EDIT).decode().replace('"ভিত্তি"', deep)
    assert "nested" in refused(text).rule


def test_a_message_of_more_bytes_than_the_limit_is_refused_however_few_its_characters() -> None:
    name = "ভ" * 22_000
    text = msgspec.json.encode(EDIT).decode().replace("ভিত্তি", name)
    assert len(text) < messages.MAX_MESSAGE_BYTES < len(text.encode())
    with pytest.raises(LimitExceededError, match="65536") as refused:
        decode_client(text)
    assert refused.value.details() == {"what": "bytes", "limit": messages.MAX_MESSAGE_BYTES}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"shout","id":"9"}', "9"),
        ('{"id":9}', None),
        ('{"id":"' + "9" * 129 + '"}', None),
        ("nonsense", None),
        ("[" * 60_000, None),
    ],
)
def test_the_id_is_found_in_an_ill_formed_message_too(text: str, expected: str | None) -> None:
    assert id_of(text) == expected


def test_a_client_passes_over_messages_newer_than_itself() -> None:
    assert decode_server('{"type":"cursor","x":1}') is None
    assert decode_server('{"message":"Endpoint request timed out"}') is None
    with pytest.raises(msgspec.ValidationError):
        decode_server('{"type":"pong"}')
