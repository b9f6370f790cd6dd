from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.aws.rooms import DynamoRooms
from nirman.collaboration.ports import EVERYONE, LIFE, Connection, Span
from nirman.errors import BusyError, UnauthenticatedError
from nirman.tenancy.identity import Principal, ProjectKey, Role

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
TOWER = ProjectKey("dhaka", "tower")
BRIDGE = ProjectKey("dhaka", "bridge")


@pytest.fixture
def rooms(dynamodb: DynamoDBClient, connections_table: str) -> DynamoRooms:
    return DynamoRooms(dynamodb, connections_table)


@pytest.fixture
def items(dynamodb: DynamoDBClient, connections_table: str) -> Callable[[], set[tuple[str, str]]]:
    """What the table holds, as (pk, sk)."""

    def read() -> set[tuple[str, str]]:
        found = dynamodb.scan(TableName=connections_table)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]) for item in found}

    return read


def opened(rooms: DynamoRooms, connection_id: str, user: str = "amina", expires: datetime = NOW + LIFE) -> Connection:
    connection = Connection(connection_id, Principal("dhaka", user, "আমিনা", Role.PLANNER), expires)
    rooms.open(connection)
    return connection


def test_a_connection_is_found_again_with_its_person_and_rooms(rooms: DynamoRooms) -> None:
    connection = opened(rooms, "a1=")
    rooms.join(connection, TOWER, now=NOW)
    rooms.join(connection, BRIDGE, now=NOW)
    found = rooms.connection("a1=", now=NOW)
    assert found.principal == connection.principal
    assert found.expires == connection.expires
    assert found.rooms == {TOWER, BRIDGE}


def test_a_connection_unknown_or_expired_must_connect_again(rooms: DynamoRooms) -> None:
    opened(rooms, "a")
    for connection_id, now in (("b", NOW), ("a", NOW + LIFE)):
        with pytest.raises(UnauthenticatedError):
            rooms.connection(connection_id, now=now)


def test_a_room_knows_who_is_in_it_since_when(rooms: DynamoRooms) -> None:
    rooms.join(opened(rooms, "a"), TOWER, now=NOW + timedelta(milliseconds=7))
    rooms.join(opened(rooms, "b", "bashir"), TOWER, now=NOW)
    rooms.join(opened(rooms, "c", "chitra"), BRIDGE, now=NOW)
    occupants = {occupant.connection: occupant for occupant in rooms.occupants(TOWER, now=NOW)}
    assert set(occupants) == {"a", "b"}
    assert occupants["a"].since == NOW + timedelta(milliseconds=7)
    assert occupants["a"].principal == Principal("dhaka", "amina", "আমিনা", Role.PLANNER)


def test_the_same_project_name_in_another_tenant_is_another_room(rooms: DynamoRooms) -> None:
    rooms.join(opened(rooms, "a"), TOWER, now=NOW)
    assert rooms.occupants(ProjectKey("dhaka-2", "tower"), now=NOW) == ()


def test_what_has_expired_is_not_in_the_room_though_the_table_still_has_it(rooms: DynamoRooms) -> None:
    rooms.join(opened(rooms, "a", expires=NOW + timedelta(minutes=1)), TOWER, now=NOW)
    assert len(rooms.occupants(TOWER, now=NOW)) == 1
    assert rooms.occupants(TOWER, now=NOW + timedelta(minutes=1)) == ()


def test_every_item_of_a_connection_expires_with_it(
    rooms: DynamoRooms, dynamodb: DynamoDBClient, connections_table: str
) -> None:
    connection = opened(rooms, "a")
    rooms.join(connection, TOWER, now=NOW)
    found = dynamodb.scan(TableName=connections_table)["Items"]
    assert [item["expires"]["N"] for item in found] == [str(int((NOW + LIFE).timestamp()))] * 4


def test_closing_removes_every_item_of_that_connection_and_no_other(rooms: DynamoRooms, items) -> None:
    rooms.join(opened(rooms, "b", "bashir"), TOWER, now=NOW)
    others = items()
    connection = opened(rooms, "a")
    rooms.join(connection, TOWER, now=NOW)
    rooms.join(connection, BRIDGE, now=NOW)
    left = rooms.close("a")
    assert set(left) == {(TOWER, connection.principal), (BRIDGE, connection.principal)}
    assert items() == others
    assert rooms.close("a") == ()


def test_a_tenant_lists_the_people_who_have_sockets_open(rooms: DynamoRooms) -> None:
    for connection_id, user in (("a1=", "amina"), ("b", "amina-2"), ("a2=", "amina"), ("c", "chitra")):
        opened(rooms, connection_id, user)
    opened(rooms, "old", "omar", expires=NOW)
    rooms.open(Connection("k", Principal("dhaka-2", "kamal", "Kamal", Role.OWNER), NOW + LIFE))

    def online(limit: int, after: str | None = None) -> tuple[list[list[str]], str | None]:
        page = rooms.online("dhaka", now=NOW, limit=limit, after=after)
        return [sorted(connection.id for connection in person) for person in page.people], page.after

    assert online(9) == ([["a1=", "a2="], ["b"], ["c"]], None)
    assert online(2) == ([["a1=", "a2="], ["b"]], "amina-2")
    assert online(2, "amina-2") == ([["c"]], None)
    assert online(1) == ([["a1=", "a2="]], "amina")
    assert online(1, "amina") == ([["b"]], "amina-2")
    rooms.close("a1=")
    assert online(1) == ([["a2="]], "amina")


def test_a_connection_and_its_place_in_the_list_come_and_go_together(
    rooms: DynamoRooms, dynamodb: DynamoDBClient, items, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = dynamodb.transact_write_items

    def crash(**_: object) -> None:
        raise ConnectionError("crash")

    monkeypatch.setattr(dynamodb, "transact_write_items", crash)
    with pytest.raises(ConnectionError):
        opened(rooms, "a")
    assert items() == set()
    monkeypatch.setattr(dynamodb, "transact_write_items", transact)
    opened(rooms, "a")
    both = items()
    assert len(both) == 2
    monkeypatch.setattr(dynamodb, "transact_write_items", crash)
    with pytest.raises(ConnectionError):
        rooms.close("a")
    assert items() == both
    monkeypatch.setattr(dynamodb, "transact_write_items", transact)
    rooms.close("a")
    assert items() == set()


def test_leaving_one_room_keeps_the_others(rooms: DynamoRooms) -> None:
    connection = opened(rooms, "a")
    rooms.join(connection, TOWER, now=NOW)
    rooms.join(connection, BRIDGE, now=NOW)
    rooms.leave("a", TOWER)
    assert rooms.connection("a", now=NOW).rooms == {BRIDGE}
    assert rooms.occupants(TOWER, now=NOW) == ()


def test_a_connection_closed_while_it_joins_is_in_no_room(rooms: DynamoRooms, items) -> None:
    connection = opened(rooms, "a")
    rooms.close("a")
    with pytest.raises(UnauthenticatedError):
        rooms.join(connection, TOWER, now=NOW)
    assert items() == set()


def test_what_a_crashed_close_left_the_next_one_removes(
    rooms: DynamoRooms, dynamodb: DynamoDBClient, items, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail each delete in turn; whichever it is, closing again leaves nothing."""
    delete = dynamodb.delete_item
    for call in range(1, 6):
        connection = opened(rooms, "a")
        rooms.join(connection, TOWER, now=NOW)
        rooms.join(connection, BRIDGE, now=NOW)
        calls = iter(range(1, 100))

        def failing(*, call=call, calls=calls, **arguments):
            if next(calls) == call:
                raise ConnectionError("crash")
            return delete(**arguments)

        monkeypatch.setattr(dynamodb, "delete_item", failing)
        with pytest.raises(ConnectionError):
            rooms.close("a")
        monkeypatch.setattr(dynamodb, "delete_item", delete)
        rooms.close("a")
        assert items() == set(), call


def test_a_room_larger_than_a_page_of_the_table_is_read_whole(rooms: DynamoRooms, dynamodb, connections_table) -> None:
    """A query answers at most 1 MB: made here by padding, in life by some thousand people."""
    rooms.join(opened(rooms, "a"), TOWER, now=NOW)
    room = {
        "TableName": connections_table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "T#dhaka#R#tower"}},
    }
    [item] = dynamodb.query(**room)["Items"]
    for n in range(6):
        copy = item | {"sk": {"S": f"C#0000000{n}#b{n}"}, "padding": {"S": "x" * 300_000}}
        dynamodb.put_item(TableName=connections_table, Item=copy)
    assert "LastEvaluatedKey" in dynamodb.query(**room)
    assert {occupant.connection for occupant in rooms.occupants(TOWER, now=NOW)} == {"a"} | {f"b{n}" for n in range(6)}


def test_transactions_in_each_others_way_are_tried_again_and_then_called_busy(
    rooms: DynamoRooms, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = opened(rooms, "a")
    transact = dynamodb.transact_write_items
    conflicts = 2

    def contended(**arguments):
        nonlocal conflicts
        if conflicts:
            conflicts -= 1
            reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]}
            raise dynamodb.exceptions.TransactionCanceledException(reasons, "TransactWriteItems")
        return transact(**arguments)

    monkeypatch.setattr(dynamodb, "transact_write_items", contended)
    rooms.join(connection, TOWER, now=NOW)
    assert rooms.connection("a", now=NOW).rooms == {TOWER}
    conflicts = 99
    with pytest.raises(BusyError):
        rooms.join(connection, BRIDGE, now=NOW)


def test_parts_of_a_room_have_everyone_once_however_it_is_divided(rooms: DynamoRooms) -> None:
    everyone = [f"connection-{n}=" for n in range(60)]
    for connection in everyone:
        rooms.join(opened(rooms, connection), TOWER, now=NOW)
    for limit in (1, 7, 30, 59):
        first, rest = rooms.some(TOWER, EVERYONE, limit=limit, now=NOW)
        assert len(first) == limit
        assert rest is not None
        for count in (1, 3, 8):
            others = [rooms.some(TOWER, span, limit=None, now=NOW) for span in rest.divided(count)]
            assert all(left is None for _, left in others)
            found = [occupant.connection for part in (first, *(part for part, _ in others)) for occupant in part]
            assert sorted(found) == sorted(everyone)


@pytest.mark.parametrize("limit", [60, 61])
def test_nothing_is_left_of_a_room_that_fits_in_a_part(rooms: DynamoRooms, limit: int) -> None:
    for n in range(60):
        rooms.join(opened(rooms, f"c{n}"), TOWER, now=NOW)
    first, rest = rooms.some(TOWER, EVERYONE, limit=limit, now=NOW)
    assert (len(first), rest) == (60, None)


def test_connections_of_one_hash_are_never_parted(rooms: DynamoRooms) -> None:
    """Two ids of one CRC-32; a part that ended between them would lose the second."""
    same = ("plumless", "buckeroo")
    assert zlib.crc32(same[0].encode()) == zlib.crc32(same[1].encode())
    for connection in (*same, "a", "b"):
        rooms.join(opened(rooms, connection), TOWER, now=NOW)
    for limit in (1, 2, 3):
        first, rest = rooms.some(TOWER, EVERYONE, limit=limit, now=NOW)
        assert rest is not None
        others, _ = rooms.some(TOWER, rest, limit=None, now=NOW)
        assert sorted(occupant.connection for occupant in (*first, *others)) == ["a", "b", "buckeroo", "plumless"]


@given(first=st.integers(0, 2**32 - 1), width=st.integers(1, 2**32), count=st.integers(1, 40))
def test_a_divided_span_has_no_hole_and_no_overlap(first: int, width: int, count: int) -> None:
    whole = Span(first, first + width)
    parts = whole.divided(count)
    assert (parts[0].first, parts[-1].end) == (whole.first, whole.end)
    assert all(one.end == next_one.first for one, next_one in itertools.pairwise(parts))
    assert max(part.end - part.first for part in parts) - min(part.end - part.first for part in parts) <= 1
