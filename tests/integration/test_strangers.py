"""Every message there is, about another's project: the answer is that for what does not exist, and nothing is written.

Generated from the registry: a new message is in it by itself, and fails here until it keeps to this. Routes have the
same in `tests/unit/api/test_access.py`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import pytest

from nirman.aws.container import Container
from nirman.aws.settings import WebSocketSettings
from nirman.collaboration.messages import CLIENT_MESSAGES, ClientMessage, Error, Join, Joined, encode
from nirman.collaboration.ports import GoneError
from nirman.tenancy.identity import Principal
from tests.fakes.presence import RecordingFlusher
from tests.fakes.rooms import RecordingSockets
from tests.support.made_up import message
from tests.support.operations import operations
from tests.support.world import OWNER, RIVAL, STRANGER, World

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""A project that nobody has."""
OTHER_NAMES = ("job", "optimization", "import_id")
TRIES = 6
OF_A_PROJECT = [kind for kind in CLIENT_MESSAGES if "project" in kind.__struct_fields__]


@dataclass
class Room:
    """The owner is in the room of a project; a stranger and a rival are connected."""

    world: World
    container: Container
    sockets: RecordingSockets

    def say(self, who: Principal, message: ClientMessage) -> Any:
        return self.container.dialogue.answer(_socket(who), encode(message).decode())

    def heard(self, who: Principal) -> int:
        return len(self.sockets.posted.get(_socket(who), ()))


@pytest.fixture
def room(world: World) -> Room:
    known = world.container.settings
    settings = {field.name: getattr(known, field.name, f"no-{field.name}") for field in fields(WebSocketSettings)}
    container = Container(WebSocketSettings(**settings))
    made = Room(world, container, RecordingSockets(GoneError))
    container.__dict__ |= {"sockets": made.sockets, "flusher": RecordingFlusher()}
    for who in (OWNER, STRANGER, RIVAL):
        container.room_service.connect(_socket(who), who)
    assert isinstance(made.say(OWNER, Join("1", world.project)), Joined)
    return made


def _socket(who: Principal) -> str:
    return f"{who.tenant}-{who.user}="


def written(world: World, who: Principal) -> Any:
    """All that is kept, but for what counts the messages of the one who asks, and their own connection."""
    tables = {}
    settings = world.container.settings
    for table in (settings.plan_table, settings.connections_table, settings.read_models_table):
        items = world.container.dynamodb.scan(TableName=table)["Items"]
        tables[table] = [item for item in items if not _own(item, who)]
    return tables


def _own(item: Any, who: Principal) -> bool:
    key = f"{item['pk']['S']} {item['sk']['S']}"
    return _socket(who) in key or f"U#{who.user}" in key or (who is RIVAL and f"T#{who.tenant}" in key)


@pytest.mark.slow
@pytest.mark.parametrize("who", [STRANGER, RIVAL], ids=["of the same tenant", "of another tenant"])
def test_a_message_about_anothers_project_is_answered_as_about_none(world: World, room: Room, who: Principal) -> None:
    aim = {"project": lambda _: world.project, "uid": lambda choose: choose.randint(0, 4)}
    before, heard = written(world, who), room.heard(OWNER)
    for kind in OF_A_PROJECT:
        choose = random.Random(f"{kind} {who}")
        about = [one for one in (message(kind, choose, aim) for _ in range(TRIES)) if one.project == world.project]
        assert about, kind
        for one in about:
            there, nowhere = (
                encode(room.say(who, asked)).decode() for asked in (one, msgspec.structs.replace(one, project=NOWHERE))
            )
            assert there.replace(world.project, NOWHERE) == nowhere
            assert "rate-limited" not in there, "then nothing would be seen of what else is answered"
        assert written(world, who) == before, kind
    assert (room.heard(OWNER), room.heard(who)) == (heard, 0)


def test_the_owner_is_answered_by_the_very_messages_that_strangers_are_refused(world: World, room: Room) -> None:
    """So what is told apart above is who asks, and not an ill-formed message."""
    choose = random.Random("owner")
    aim = {"project": lambda _: world.project, "uid": lambda _: 1}
    for kind in OF_A_PROJECT:
        for made in (message(kind, choose, aim) for _ in range(TRIES)):
            answer = room.say(OWNER, made)
            if made.project == world.project and isinstance(answer, Error):
                assert "there is no project" not in answer.text, made


def test_a_route_tells_no_stranger_whether_a_project_exists(world: World) -> None:
    from functions.api.app import create_app  # noqa: PLC0415 - loads the whole API

    inside = [one for one in operations(create_app(world.container).openapi()) if "{project}" in one.path]
    for who in (STRANGER, RIVAL):
        for asked in inside:
            there, nowhere = (
                world.api.as_(who)(
                    asked.method,
                    asked.address({"project": project, "user": "salma", **dict.fromkeys(OTHER_NAMES, NOWHERE)}),
                    asked.sample.body,
                    headers=asked.headers(world.revision),
                    **asked.sample.query,
                )
                for project in (world.project, NOWHERE)
            )
            assert there.status == nowhere.status == 404, asked.id
            assert there.body.decode().replace(world.project, NOWHERE) == nowhere.body.decode(), asked.id
