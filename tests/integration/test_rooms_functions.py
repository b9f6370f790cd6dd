"""The websocket and broadcaster functions on their sample events, with tables in memory and sockets that record."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import functions.broadcaster.handler
import functions.websocket.handler
from nirman.aws.container import Container
from nirman.aws.settings import WebSocketSettings
from nirman.collaboration.ports import GoneError
from nirman.planning.model import Project
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.builders.plans import working_week
from tests.fakes.rooms import RecordingSockets

ROOT = Path(__file__).parents[2]
AMINA = Principal("dhaka", "amina", "আমিনা রহমান", Role.PLANNER)
TOWER = ProjectKey("dhaka", "tower")
SAMPLE = "JKJaXd0BvHcCJqg="
"""The connection of the sample events."""


def sample(function: str, name: str) -> dict[str, Any]:
    return json.loads((ROOT / "events" / function / f"{name}.json").read_text())


@pytest.fixture
def container(plan_table: str, connections_table: str, plan_bucket: str, monkeypatch: pytest.MonkeyPatch) -> Container:
    """Where both functions find their collaborators; the tower is a project that Amina made."""
    settings = WebSocketSettings(
        plan_table=plan_table,
        plan_bucket=plan_bucket,
        connections_table=connections_table,
        websocket_api_id="api",
        websocket_stage="live",
        websocket_url="https://api.example/live",
        signals_function="signals",
        read_models_table="read-models",
    )
    made = Container(settings)
    made.__dict__["sockets"] = RecordingSockets(GoneError)
    for module in (functions.websocket.handler, functions.broadcaster.handler):
        monkeypatch.setattr(module, "container", lambda: made)
    made.directory.put_user("dhaka", Person("amina", "আমিনা রহমান", "amina@example.com", Role.PLANNER))
    project = Project(name="টাওয়ার", start=datetime(2026, 11, 22, 8, 0))
    made.plans.create(AMINA, "tower", project, [working_week()], command_id="made")
    return made


@pytest.fixture
def sockets(container: Container) -> RecordingSockets:
    return container.sockets  # type: ignore[return-value]


def socket(name: str, connection: str = SAMPLE, **body: Any) -> dict[str, Any]:
    """What the websocket function returns for a sample, from another connection or with another body if given."""
    event = sample("websocket", name)
    event["requestContext"]["connectionId"] = connection
    if body:
        event["body"] = json.dumps(body)
    return functions.websocket.handler.handler(event, None)


def said(name: str, connection: str = SAMPLE, **body: Any) -> dict[str, Any]:
    return json.loads(socket(name, connection, **body)["body"])


def test_connect_join_edit_ping_leave_disconnect(container: Container) -> None:
    assert socket("connect") == {"statusCode": 200}
    joined = said("join")
    assert (joined["type"], joined["head"], joined["recovered"], joined["events"]) == ("joined", 1, True, [])
    assert joined["presence"] == [{"user": "amina", "name": "আমিনা রহমান", "connections": 1}]
    ack = said("edit")
    assert (ack["type"], ack["id"], ack["revision"], ack["repeated"]) == ("ack", "3", 2, False)
    assert [record["kind"] for record in ack["created"]] == ["task"]
    assert said("edit")["repeated"] is True
    assert said("ping") == {"type": "pong", "v": 1, "id": "4", "head": 2, "announced": 1}
    [missed] = said("join", type="join", id="6", project="tower", revision=1)["events"]
    assert (missed["revision"], missed["previous"]) == (2, 1)
    assert missed["event"]["changes"][0]["fields"]["name"] == [None, "পাইলিং"]
    assert said("leave") == {"type": "left", "v": 1, "id": "2", "room": "project", "project": "tower"}
    assert socket("disconnect") == {"statusCode": 200}
    assert said("ping")["code"] == "unauthenticated"


def test_an_ill_formed_message_gets_a_typed_error(container: Container) -> None:
    socket("connect")
    answer = said("ill_formed")
    assert (answer["type"], answer["code"], answer["id"]) == ("error", "invalid", None)


def test_what_goes_wrong_here_is_said_so_and_logged(
    container: Container, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    socket("connect")
    monkeypatch.setattr(container.rooms, "connection", lambda *_, **__: 1 / 0)
    answer = said("join")
    assert (answer["type"], answer["code"], answer["id"]) == ("error", "internal", "1")
    assert "division" not in json.dumps(answer)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("name", ["connect", "join", "ping", "edit", "leave", "ill_formed", "disconnect"])
def test_every_call_writes_one_line(container: Container, caplog: pytest.LogCaptureFixture, name: str) -> None:
    socket("connect")
    caplog.clear()
    socket(name)
    assert [record.message for record in caplog.records] == ["socket"]


def test_a_commit_reaches_every_socket_in_the_room(container: Container, sockets: RecordingSockets) -> None:
    for connection in ("a=", "b="):
        socket("connect", connection)
        socket("join", connection)
    assert functions.broadcaster.handler.handler(sample("broadcaster", "commit"), None) == {"batchItemFailures": []}
    for connection in ("a=", "b="):
        [message] = sockets.heard(connection)
        assert (message.project, message.revision, message.previous) == ("tower", 2, 1)
        assert message.event.changes[0].fields["name"] == ("Piling", "পাইলিং")
        assert message.event.moved[0].uid == 2


def test_records_out_of_order_and_repeated_are_sent_once_and_ascending(
    container: Container, sockets: RecordingSockets
) -> None:
    socket("connect")
    socket("join")
    functions.broadcaster.handler.handler(sample("broadcaster", "several_projects_out_of_order"), None)
    [burst] = sockets.heard(SAMPLE)
    assert [message.revision for message in burst.events] == [2, 3]


def test_an_unreadable_record_is_reported_and_holds_up_nothing(container: Container, sockets: RecordingSockets) -> None:
    socket("connect")
    socket("join")
    answer = functions.broadcaster.handler.handler(sample("broadcaster", "unreadable_record"), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "000000000000000000002"}]}
    assert [message.revision for message in sockets.heard(SAMPLE)] == [2, 4]


def test_the_progress_of_a_job_reaches_the_room(container: Container, sockets: RecordingSockets) -> None:
    socket("connect")
    socket("join")
    functions.broadcaster.handler.handler(sample("broadcaster", "job_progress"), None)
    [message] = sockets.heard(SAMPLE)
    assert (message.job, message.kind, message.state, message.progress) == ("01JDJOB", "export", "running", 40)


def test_of_several_states_of_a_job_only_the_latest_is_sent(container: Container, sockets: RecordingSockets) -> None:
    socket("connect")
    socket("join")
    event = sample("broadcaster", "job_progress")
    done = copy.deepcopy(event["Records"][0])
    image = done["dynamodb"]["NewImage"]
    image["job"]["S"] = json.dumps(
        json.loads(image["job"]["S"]) | {"state": "succeeded", "progress": 100, "version": 4}
    )
    event["Records"] = [done, event["Records"][0]]
    functions.broadcaster.handler.handler(event, None)
    assert [message.state for message in sockets.heard(SAMPLE)] == ["succeeded"]


def test_notes_reach_the_rooms_they_were_written_in(container: Container, sockets: RecordingSockets) -> None:
    socket("connect")
    assert said("join", type="join", id="1", room="user", revision=0)["head"] == 0
    functions.broadcaster.handler.handler(sample("broadcaster", "notes"), None)
    [mine] = sockets.heard(SAMPLE)
    assert (mine.room, mine.revision, mine.previous) == ("user", 3, 2)
    assert (mine.note.kind, mine.note.project, mine.note.role) == ("membership", "tower", "viewer")
    said("join", type="join", id="2", room="tenant", revision=0)
    functions.broadcaster.handler.handler(sample("broadcaster", "notes"), None)
    assert [(note.room, note.note.text) for note in sockets.heard(SAMPLE)[-1:]] == [("tenant", "আগামীকাল কাজ বন্ধ")]


def test_a_dashboard_gets_one_card_of_a_project_as_the_last_event_left_it(
    container: Container, sockets: RecordingSockets
) -> None:
    socket("connect")
    said("join", type="join", id="1", room="tenant", revision=0)
    functions.broadcaster.handler.handler(sample("broadcaster", "several_projects_out_of_order"), None)
    [card] = sockets.heard(SAMPLE)
    assert (card.project, card.revision, card.name, card.by) == ("tower", 3, "টাওয়ার", "আমিনা রহমান")
    assert said("ping", type="ping", id="2", room="tenant")["cards"] == hashlib.sha256(b"tower 1\n").hexdigest()[:16]


def test_a_gone_socket_is_removed_and_the_commit_still_reaches_the_others(
    container: Container, sockets: RecordingSockets
) -> None:
    for connection in ("a=", "b="):
        socket("connect", connection)
        socket("join", connection)
    sockets.gone.add("b=")
    functions.broadcaster.handler.handler(sample("broadcaster", "commit"), None)
    assert len(sockets.heard("a=")) == 1
    assert said("ping", "b=")["code"] == "unauthenticated"
    assert said("ping", "a=")["type"] == "pong"


@pytest.mark.parametrize("function", ["websocket", "broadcaster"])
def test_every_sample_event_is_accepted(container: Container, function: str) -> None:
    module: ModuleType = getattr(functions, function).handler
    socket("connect")
    for path in sorted((ROOT / "events" / function).glob("*.json")):
        answer = module.handler(json.loads(path.read_text()), None)
        assert answer.get("statusCode") == 200 or "batchItemFailures" in answer, path.name
