"""What sockets show of themselves, in the connections table, and the function that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from nirman.aws import keys
from nirman.aws.rooms import instant, milliseconds
from nirman.collaboration.messages import Looking, Pointer, Presence
from nirman.collaboration.ports import ANNOUNCED_FOR, SIGNAL_FOR, Connection, Shown, Turn
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

TURN_FOR = timedelta(seconds=5)
"""Whoever has not sent by then will not: the longest wait is two seconds."""
_KEPT = timedelta(days=1)
_CHANGES = 200
"""In one item, which has at most 400 KB."""


class DynamoBoard:
    """Port: `collaboration.ports.Board`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def look(self, connection: Connection, room: ProjectKey, looking: Looking | None, *, now: datetime) -> None:
        values = _person(connection) | {":looked": milliseconds(now)}
        change = "SET who = :who, expires = :expires, looked = :looked"
        if looking is None:
            change += " REMOVE looking"
        else:
            change += ", looking = :looking"
            values[":looking"] = {"B": msgspec.json.encode(looking)}
        self._update(_mine(connection, room), change, values)

    def point(
        self, connection: Connection, room: ProjectKey, pointer: Pointer, *, number: int | None, now: datetime
    ) -> None:
        values = _person(connection) | {":moved": milliseconds(now), ":pointer": {"B": msgspec.json.encode(pointer)}}
        change = "SET who = :who, expires = :expires, moved = :moved"
        change += ", pointer_before = if_not_exists(pointer, :pointer), pointer = :pointer"
        options = {}
        if number is not None:
            change += ", nth = :nth"
            values[":nth"] = {"N": str(number)}
            options["ConditionExpression"] = "attribute_not_exists(nth) OR nth < :nth"
        try:
            self._update(_mine(connection, room), change, values, **options)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return  # a later one was faster

    def shown(self, room: ProjectKey, *, now: datetime) -> tuple[Shown, ...]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :connections)",
            ExpressionAttributeValues={":pk": {"S": keys.board(room)}, ":connections": {"S": keys.CONNECTION_PREFIX}},
        )
        return tuple(_shown(item, now) for page in pages for item in page["Items"])

    def announce(self, room: ProjectKey, changes: Sequence[Presence], *, now: datetime) -> None:
        expires = {"N": str(int((now + ANNOUNCED_FOR).timestamp()))}
        for first in range(0, len(changes), _CHANGES):
            some = changes[first : first + _CHANGES]
            place = {"S": keys.announced(_ms(now), some[0].number)}
            item = {"pk": {"S": keys.board(room)}, "sk": place, "expires": expires}
            self._dynamodb.put_item(TableName=self._table, Item=item | {"changes": {"B": msgspec.json.encode(some)}})

    def announced(self, room: ProjectKey, *, since: datetime | None, now: datetime) -> tuple[Presence, ...]:
        oldest = now - ANNOUNCED_FOR
        after = oldest if since is None else max(since, oldest)
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": keys.board(room)},
                ":first": {"S": keys.announced(_ms(after) + 1)},
                ":last": {"S": keys.announced(10**16 - 1)},
            },
        )
        written = [item["changes"]["B"] for page in pages for item in page["Items"]]
        return tuple(change for some in written for change in msgspec.json.decode(some, type=list[Presence]))

    def take_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn:
        try:
            answer = self._update(
                _turn(room),
                "SET turn = :turn, turn_until = :until, expires = :kept",
                {
                    ":turn": {"S": turn},
                    ":until": milliseconds(now + TURN_FOR),
                    ":now": milliseconds(now),
                    ":kept": {"N": str(int((now + _KEPT).timestamp()))},
                },
                ConditionExpression="attribute_not_exists(turn) OR turn_until <= :now",
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as exc:
            found: Any = exc.response.get("Item", {})
            return _as_turn(None, found)
        return _as_turn(turn, answer["Attributes"])

    def end_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn | None:
        try:
            answer = self._update(
                _turn(room),
                "SET last_sent = :now REMOVE turn, turn_until",
                {":turn": {"S": turn}, ":now": milliseconds(now)},
                ConditionExpression="turn = :turn",
                ReturnValues="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return _as_turn(turn, answer["Attributes"])

    def sent(self, room: ProjectKey, sockets: int) -> None:
        self._update(_turn(room), "SET sockets = :sockets", {":sockets": {"N": str(sockets)}})

    def _update(self, key: dict[str, Any], change: str, values: dict[str, Any], **options: Any) -> Any:
        return self._dynamodb.update_item(
            TableName=self._table, Key=key, UpdateExpression=change, ExpressionAttributeValues=values, **options
        )


class LambdaFlusher:
    """Port: `collaboration.ports.Flusher`. The function is started, not waited for."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def wake(self, room: ProjectKey, turn: str, *, wait_ms: int) -> None:
        event = {"tenant": room.tenant, "project": room.project, "turn": turn, "wait_ms": wait_ms}
        self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=msgspec.json.encode(event))


def _mine(connection: Connection, room: ProjectKey) -> dict[str, Any]:
    return {"pk": {"S": keys.board(room)}, "sk": {"S": keys.connection(connection.id)}}


def _turn(room: ProjectKey) -> dict[str, Any]:
    return {"pk": {"S": keys.board(room)}, "sk": {"S": keys.TURN}}


def _person(connection: Connection) -> dict[str, Any]:
    return {
        ":who": {"S": connection.principal.user},
        ":expires": {"N": str(int(connection.expires.timestamp()))},
    }


def _as_turn(turn: str | None, item: dict[str, Any]) -> Turn:
    last = instant(item["last_sent"]) if "last_sent" in item else None
    return Turn(turn, last, int(item["sockets"]["N"]) if "sockets" in item else 0)


def _ms(at: datetime) -> int:
    return int(milliseconds(at)["N"])


def _shown(item: dict[str, Any], now: datetime) -> Shown:
    moved = instant(item["moved"]) if "moved" in item else None
    is_live = moved is not None and moved > now - SIGNAL_FOR
    return Shown(
        connection=item["sk"]["S"].removeprefix(keys.CONNECTION_PREFIX),
        user=item["who"]["S"],
        looked=instant(item["looked"]) if "looked" in item else None,
        looking=msgspec.json.decode(item["looking"]["B"], type=Looking) if "looking" in item else None,
        moved=moved if is_live else None,
        pointer=msgspec.json.decode(item["pointer"]["B"], type=Pointer) if is_live else None,
        before=msgspec.json.decode(item["pointer_before"]["B"], type=Pointer) if is_live else None,
    )
