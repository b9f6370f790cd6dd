"""The published contract is that of the code: schemas and decoder agree, every message is in the document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from nirman.collaboration import contract, messages
from nirman.collaboration.contract import MESSAGES, REPLIES, tag
from nirman.collaboration.messages import CLIENT_MESSAGES, SERVER_MESSAGES, decode_client
from nirman.errors import InvalidInputError
from tests.fakes.rooms import Stage

DOCUMENT = contract.asyncapi("wss://abc123.execute-api.ap-south-1.amazonaws.com/live")
OPERATION = {"op": "update", "kind": "task", "uid": 1, "values": {"name": "ছাদ"}}
CLAIM = {"kind": "task", "uid": 1, "field": None, "token": 7}
COMMAND = {"command_id": "c", "base_revision": 0, "operations": [OPERATION], "locks": [CLAIM]}
FULL: dict[str, dict[str, Any]] = {
    "join": {"project": "tower", "room": "project", "revision": 3},
    "leave": {"project": "tower", "room": "project"},
    "ping": {"project": "tower", "room": "project"},
    "edit": {"project": "tower", "command": COMMAND},
    "undo": {"project": "tower", "command_id": "c", "revision": 4, "locks": [CLAIM]},
    "redo": {"project": "tower", "command_id": "c", "locks": [CLAIM]},
    "look": {"project": "tower", "looking": {"area": "gantt", "tasks": [1, 2]}},
    "signal": {
        "project": "tower",
        "cursor": {"area": "gantt", "task": 1, "field": "name", "x": 0.25, "y": 0.5},
        "selection": [1, 2],
        "typing": {"task": 1, "field": "name"},
        "n": 1,
    },
    "lock": {"project": "tower", "kind": "task", "uid": 1, "field": "name", "wait": True},
    "unlock": {"project": "tower", "kind": "task", "uid": 1, "field": "name"},
    "take_over": {"project": "tower", "kind": "task", "uid": 1, "field": None, "reason": "left for the day"},
    "beat": {"project": "tower"},
    "search": {"text": "pile", "kinds": ["task"], "project": "tower", "limit": 5},
}
"""A message of each type with all that it can have."""
ODD: list[Any] = [
    *(None, True, -1, 0, 1, 51, 101, 2**31, 10**12, 0.5, 1.5, -0.5),
    *(
        "",
        "a b",
        "tower",
        "tower\n",
        "user",
        "tenant",
        "project",
        "task",
        "nonsense",
        "পাইল",
        "x" * 65,
        "x" * 129,
        "x" * 501,
    ),
    *([], [1], [-1], ["task"], [None], [1] * 201, {}, {"area": ""}, {"area": "x", "more": 1}, {"task": 1}),
]
"""No whole number is written as `1.0`: schemas take that for an integer, the decoder does not."""


def test_there_is_a_full_example_of_each_message_of_a_client() -> None:
    assert FULL.keys() == {tag(message) for message in CLIENT_MESSAGES}
    for kind, fields in FULL.items():
        assert {"id", "v", *fields} == set(MESSAGES[kind].__struct_fields__)


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(contract.schema(kind))


def decodes(message: dict[str, Any]) -> bool:
    try:
        decode_client(msgspec.json.encode(message).decode())
    except InvalidInputError:
        return False
    return True


def damaged(value: Any, draw: st.DrawFn) -> Any:
    """The value with one thing in it, at any depth, another, gone or too many."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(value)))
        how = draw(st.sampled_from(["into", "gone", "more"]))
        if how == "gone":
            return {key: one for key, one in value.items() if key != name}
        return {**value, "unheard_of": 1} if how == "more" else {**value, name: damaged(value[name], draw)}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [damaged(value[0], draw), *value[1:]]
    return draw(st.sampled_from(ODD))


@st.composite
def client_messages(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(FULL)))
    fields = {name: value for name, value in FULL[kind].items() if draw(st.integers(0, 4))}
    message = {"type": kind, "id": "1", "v": 1, **fields}
    for _ in range(draw(st.integers(0, 2))):
        changed = damaged(message, draw)
        message = {**changed, "type": kind} if isinstance(changed, dict) else message
    return message


@settings(max_examples=400)
@given(client_messages())
def test_schemas_and_decoder_take_and_refuse_the_same_messages(message: dict[str, Any]) -> None:
    assert validator(message["type"]).is_valid(message) == decodes(message)


@pytest.mark.parametrize("kind", sorted(FULL))
def test_both_take_the_full_example_and_refuse_a_field_more(kind: str) -> None:
    message = {"type": kind, "id": "1", "v": 1, **FULL[kind]}
    assert validator(kind).is_valid(message)
    assert decodes(message)
    assert not validator(kind).is_valid(message | {"more": 1})
    assert not decodes(message | {"more": 1})


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_every_schema_is_one_and_complete_in_itself(kind: str) -> None:
    schema = contract.schema(kind)
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    assert {reference.partition("/")[0] for reference in references(schema)} <= {"#"}
    for reference in references(schema):
        assert found(schema, reference)


def test_there_is_no_schema_of_a_message_that_there_is_not() -> None:
    assert contract.schema("shout") is None


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def found(document: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_everything_the_document_refers_to_is_in_it() -> None:
    names = list(references(DOCUMENT))
    assert len(names) > 50
    for name in names:
        assert name.startswith("#/")
        assert found(DOCUMENT, name)


def test_the_document_has_the_parts_that_asyncapi_asks_for() -> None:
    """The rules of AsyncAPI 3.0.0 for the objects that are used here."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert DOCUMENT["servers"]["live"].keys() >= {"host", "protocol"}
    assert DOCUMENT["servers"]["live"]["host"] == "abc123.execute-api.ap-south-1.amazonaws.com"
    assert DOCUMENT["servers"]["live"]["pathname"] == "/live"
    assert DOCUMENT["components"]["securitySchemes"]["ticket"]["type"] == "httpApiKey"
    channel = DOCUMENT["channels"]["live"]
    for name, operation in DOCUMENT["operations"].items():
        assert operation["action"] == ("send" if name == "say" else "receive")
        said = [*operation["messages"], *operation.get("reply", {}).get("messages", ())]
        for message in said:
            assert message["$ref"].startswith("#/channels/live/messages/")
    for message in channel["messages"].values():
        payload = found(DOCUMENT, message["payload"]["$ref"])
        Draft7Validator.check_schema(payload)
        assert payload["type"] == "object"


def test_every_message_is_in_an_operation_and_says_how_large_it_may_be() -> None:
    used = {name.rpartition("/")[2] for name in references(DOCUMENT["operations"]) if "/messages/" in name}
    assert used == MESSAGES.keys()
    sizes = {kind: message["x-max-bytes"] for kind, message in DOCUMENT["channels"]["live"]["messages"].items()}
    assert sizes["edit"] == messages.MAX_MESSAGE_BYTES
    assert sizes["joined"] == messages.MAX_FRAME_BYTES


def test_draft_7_has_no_words_of_later_dialects() -> None:
    def words(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from part
            for value in part.values():
                yield from words(value)
        elif isinstance(part, list):
            for value in part:
                yield from words(value)

    assert not {"prefixItems", "$defs", "discriminator"} & set(words(DOCUMENT["components"]["schemas"]))


def test_a_tuple_in_draft_7_means_the_same() -> None:
    event = {"project": "p", "revision": 2, "previous": 1, "type": "event"}
    moved = {"uid": 1, "start": ["a", "b"], "finish": [None, "b"]}
    sample: dict[str, Any] = {
        **event,
        "event": {
            **dict.fromkeys(("tenant", "project", "command_id", "user", "user_name", "at", "previous_digest"), "x"),
            "format": 1,
            "revision": 2,
            "type": "plan.changed",
            "moved": [moved],
        },
    }
    whole = Draft7Validator({"$ref": "#/components/schemas/EventMessage", "components": DOCUMENT["components"]})
    assert whole.is_valid(sample)
    assert validator("event").is_valid(sample)
    for wrong in (["a", "b", "c"], ["a", 5], ["a"]):
        moved["start"] = wrong
        assert not whole.is_valid(sample)
        assert not validator("event").is_valid(sample)


def test_every_error_code_is_told() -> None:
    codes = DOCUMENT["channels"]["live"]["messages"]["error"]["x-codes"]
    assert {"conflict", "internal", "not-found", "locked"} <= codes.keys()
    assert all(codes.values())


def test_the_answers_that_are_told_are_those_that_services_give(stage: Stage) -> None:
    answers = stage.dialogue._answers
    told = {message: set(REPLIES[message]) for message in answers}
    given_ = {}
    for message, method in answers.items():
        kind = get_type_hints(method)["return"]
        given_[message] = set(get_args(kind)) if isinstance(kind, UnionType) else {kind}
    assert given_ == told


def test_every_message_of_a_client_has_its_answers_told() -> None:
    assert REPLIES.keys() == set(CLIENT_MESSAGES)
    assert {answer for answers in REPLIES.values() for answer in answers} | {messages.Error} == set(
        get_args(messages.Answer)
    )
    assert set(SERVER_MESSAGES) == set(get_args(messages.Answer)) | set(get_args(messages.RoomMessage))
