"""Connections and rooms in the connections table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nirman.aws import keys
from nirman.collaboration.ports import Connection, Occupant, Room
from nirman.errors import BusyError, UnauthenticatedError
from nirman.tenancy.identity import Principal, Role

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
_TRIES = 3


class DynamoRooms:
    """Port: `collaboration.ports.Rooms`.

    A room is entered in one transaction that needs the connection's own item, and closing removes that item first: so
    whichever of a late join and a disconnect wins, nobody stays in a room whose connection is not there.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def open(self, connection: Connection) -> None:
        item = _key(keys.connection(connection.id), keys.CONNECTION)
        item |= _person(connection.principal) | _expiry(connection.expires)
        self._dynamodb.put_item(TableName=self._table, Item=item)

    def connection(self, connection_id: str, *, now: datetime) -> Connection:
        items = {item["sk"]["S"]: item for item in self._query(keys.connection(connection_id))}
        found = items.pop(keys.CONNECTION, None)
        if found is None or _expires(found) <= now:
            raise _unknown()
        rooms = frozenset(map(keys.room_joined, items))
        return Connection(connection_id, _principal(found), _expires(found), rooms)

    def join(self, connection: Connection, room: Room, *, now: datetime) -> None:
        mine = keys.connection(connection.id)
        expiry = _expiry(connection.expires)
        occupant = _person(connection.principal) | {"since": {"N": str(round(now.timestamp() * 1000))}}
        check = {
            "TableName": self._table,
            "Key": _key(mine, keys.CONNECTION),
            "ConditionExpression": "attribute_exists(pk)",
        }
        inside = {"TableName": self._table, "Item": _key(keys.room(room), mine) | occupant | expiry}
        joined = {"TableName": self._table, "Item": _key(mine, keys.joined_room(room)) | expiry}
        self._transact([{"ConditionCheck": check}, {"Put": inside}, {"Put": joined}])

    def leave(self, connection_id: str, room: Room) -> None:
        mine = keys.connection(connection_id)
        self._delete(keys.room(room), mine)
        self._delete(mine, keys.joined_room(room))

    def close(self, connection_id: str) -> tuple[tuple[Room, Principal], ...]:
        mine = keys.connection(connection_id)
        self._delete(mine, keys.CONNECTION)
        left = []
        for item in self._query(mine):
            room = keys.room_joined(item["sk"]["S"])
            # The room's item goes first: a crash in between leaves the other, by which the next close finds it.
            occupant = self._delete(keys.room(room), mine)
            self._delete(mine, item["sk"]["S"])
            if occupant is not None:
                left.append((room, _principal(occupant)))
        return tuple(left)

    def occupants(self, room: Room, *, now: datetime) -> tuple[Occupant, ...]:
        occupants = map(_occupant, self._query(keys.room(room)))
        return tuple(occupant for occupant in occupants if occupant.expires > now)

    def _query(self, pk: str) -> Iterator[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        for page in pages:
            yield from page["Items"]

    def _delete(self, pk: str, sk: str) -> Item | None:
        """What was there; None if somebody else removed it."""
        answer = self._dynamodb.delete_item(TableName=self._table, Key=_key(pk, sk), ReturnValues="ALL_OLD")
        return answer.get("Attributes") or None

    def _transact(self, items: list[Any]) -> None:
        """Two messages of one connection at once are in each other's way: then it is tried again."""
        for _ in range(_TRIES):
            try:
                self._dynamodb.transact_write_items(TransactItems=items)
            except self._dynamodb.exceptions.TransactionCanceledException as exc:
                codes = [reason.get("Code") for reason in exc.response.get("CancellationReasons", [])]
                if "ConditionalCheckFailed" in codes:
                    raise _unknown() from exc
            else:
                return
        raise BusyError("the room could not be entered; send the same message again")


def _unknown() -> UnauthenticatedError:
    return UnauthenticatedError("the connection is closed or too old; connect again")


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _person(principal: Principal) -> dict[str, Any]:
    return {
        "tenant": {"S": principal.tenant},
        "user": {"S": principal.user},
        "name": {"S": principal.name},
        "role": {"S": principal.role.value},
    }


def _principal(item: Item) -> Principal:
    return Principal(
        tenant=item["tenant"]["S"], user=item["user"]["S"], name=item["name"]["S"], role=Role(item["role"]["S"])
    )


def _occupant(item: Item) -> Occupant:
    return Occupant(
        connection=item["sk"]["S"].removeprefix(keys.CONNECTION_PREFIX),
        principal=_principal(item),
        since=datetime.fromtimestamp(int(item["since"]["N"]) / 1000, UTC),
        expires=_expires(item),
    )


def _expiry(at: datetime) -> dict[str, Any]:
    return {"expires": {"N": str(math.floor(at.timestamp()))}}


def _expires(item: Item) -> datetime:
    return datetime.fromtimestamp(int(item["expires"]["N"]), UTC)
