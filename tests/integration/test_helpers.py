"""Parts of big rooms by the poster function, with rooms in a table in memory and sockets that record."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

import functions.poster.handler
from nirman.aws.container import Container
from nirman.aws.helpers import LambdaHelpers
from nirman.aws.settings import BroadcasterSettings
from nirman.collaboration.ports import LIFE, Connection, GoneError, NobodyFreeError, Span
from nirman.collaboration.posting import Posted
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.fakes.helpers import Invoked
from tests.fakes.rooms import RecordingSockets

TOWER = ProjectKey("dhaka", "tower")


@pytest.fixture
def container(plan_table: str, connections_table: str, monkeypatch: pytest.MonkeyPatch) -> Container:
    settings = BroadcasterSettings(
        plan_table=plan_table,
        connections_table=connections_table,
        websocket_api_id="api",
        websocket_stage="live",
        websocket_url="https://api.example/live",
        poster_function="poster",
    )
    made = Container(settings)
    made.__dict__["sockets"] = RecordingSockets(GoneError)
    made.__dict__["invoked"] = Invoked(functions.poster.handler.handler)
    made.__dict__["helpers"] = LambdaHelpers(made.__dict__["invoked"], "poster")
    monkeypatch.setattr(functions.poster.handler, "container", lambda: made)
    monkeypatch.setattr("nirman.aws.container.time.sleep", lambda _: None)
    return made


def recording(container: Container) -> RecordingSockets:
    return container.sockets  # type: ignore[return-value]


def refuse(container: Container, error: Exception) -> None:
    def raising(**_: object) -> None:
        raise error

    container.__dict__["invoked"].invoke = raising


def later() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=5)


def owner(user: str) -> Principal:
    return Principal("dhaka", user, user, Role.OWNER)


def fill(container: Container, count: int) -> list[str]:
    now = datetime.now(UTC)
    names = [f"connection-{n}=" for n in range(count)]
    for name in names:
        made = Connection(name, owner(name), now + LIFE)
        container.rooms.open(made)
        container.rooms.join(made, TOWER, now=now)
    return names


def test_a_part_is_posted_by_the_function_and_its_answer_comes_back(container: Container) -> None:
    names = fill(container, 6)
    sockets = recording(container)
    sockets.gone.add(names[0])
    whole = Span(0, 2**32)
    posted = container.helpers.post(TOWER, whole, ['{"ভিত্তি":1}'.encode(), b"{}"], until=later())
    assert posted == Posted(delivered=10, failed=0, gone=(names[0],))
    assert sockets.posted[names[1]] == ['{"ভিত্তি":1}'.encode(), b"{}"]
    assert container.rooms.connection(names[0], now=datetime.now(UTC)).rooms == {TOWER}, "the broadcaster prunes"


def test_a_helper_that_is_too_late_posts_nothing(container: Container) -> None:
    fill(container, 3)
    assert container.helpers.post(TOWER, Span(0, 2**32), [b"1"], until=datetime.now(UTC)) == Posted(failed=3)
    assert recording(container).tried == []


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke"),
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "Invoke"),
        ConnectTimeoutError(endpoint_url="lambda"),
    ],
)
def test_a_helper_that_was_not_started_is_told_apart(container: Container, error: Exception) -> None:
    refuse(container, error)
    with pytest.raises(NobodyFreeError):
        container.helpers.post(TOWER, Span(0, 2**32), [b"1"], until=later())


def test_a_helper_that_does_not_answer_may_have_posted_so_nothing_is_posted_again(container: Container) -> None:
    refuse(container, ReadTimeoutError(endpoint_url="lambda"))
    assert container.helpers.post(TOWER, Span(0, 2**32), [b"1", b"2"], until=later()) == Posted(failed=2)


def test_a_helper_that_crashed_is_counted(container: Container) -> None:
    answer = {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage":"no"}')}
    helpers = LambdaHelpers(SimpleNamespace(invoke=lambda **_: answer), "poster")  # type: ignore[arg-type]
    assert helpers.post(TOWER, Span(0, 2**32), [b"1"], until=later()) == Posted(failed=1)
