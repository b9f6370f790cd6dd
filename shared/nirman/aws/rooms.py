"""Connections and rooms in the connections table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nirman.aws import keys
from nirman.collaboration.ports import EVERYONE, PRESENT_FOR, Connection, Occupant, Online, Room, Span, Told
from nirman.errors import BusyError, UnauthenticatedError
from nirman.tenancy.identity import Principal, ProjectKey, Role

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
        person = _person(connection.principal) | _expiry(connection.expires)
        mine = _key(keys.connection(connection.id), keys.CONNECTION)
        puts = ({"TableName": self._table, "Item": key | person} for key in (mine, _listing(connection)))
        self._transact([{"Put": put} for put in puts])

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
        occupant = _person(connection.principal) | {
            "since": milliseconds(now),
            "present_until": milliseconds(now + PRESENT_FOR),
        }
        check = {
            "TableName": self._table,
            "Key": _key(mine, keys.CONNECTION),
            "ConditionExpression": "attribute_exists(pk)",
        }
        inside = {
            "TableName": self._table,
            "Item": _key(keys.room(room), keys.occupant(connection.id)) | occupant | expiry,
        }
        joined = {"TableName": self._table, "Item": _key(mine, keys.joined_room(room)) | expiry}
        self._transact([{"ConditionCheck": check}, {"Put": inside}, {"Put": joined}])

    def leave(self, connection_id: str, room: Room) -> None:
        mine = keys.connection(connection_id)
        self._clear_board(room, mine)
        self._delete(keys.room(room), keys.occupant(connection_id))
        self._delete(mine, keys.joined_room(room))

    def close(self, connection_id: str) -> tuple[tuple[Room, Principal], ...]:
        self._forget(connection_id)
        mine = keys.connection(connection_id)
        left = []
        for item in self._query(mine):
            room = keys.room_joined(item["sk"]["S"])
            # The room's items go first: a crash in between leaves the other, by which the next close finds it.
            self._clear_board(room, mine)
            occupant = self._delete(keys.room(room), keys.occupant(connection_id))
            self._delete(mine, item["sk"]["S"])
            if occupant is not None:
                left.append((room, _principal(occupant)))
        return tuple(left)

    def occupants(self, room: Room, *, now: datetime) -> tuple[Occupant, ...]:
        return self.some(room, EVERYONE, limit=None, now=now)[0]

    def some(
        self, room: Room, span: Span, *, limit: int | None, now: datetime
    ) -> tuple[tuple[Occupant, ...], Span | None]:
        found = self._query(keys.room(room), keys.occupants(span), at_most=None if limit is None else limit + 1)
        items, rest = list(found), None
        if limit is not None and len(items) > limit:
            # Where several have one hash, all of them are in the rest.
            begin = keys.occupant_hash(items[limit]["sk"]["S"])
            items = [item for item in items if keys.occupant_hash(item["sk"]["S"]) < begin]
            rest = Span(begin, span.end)
        return tuple(occupant for occupant in map(_occupant, items) if occupant.expires > now), rest

    def online(self, tenant: str, *, now: datetime, limit: int, after: str | None = None) -> Online:
        listed: dict[str, list[Connection]] = {}
        for item in self._query(keys.tenant_connections(tenant), (keys.connections_after(after or ""), "~")):
            principal, expires = _principal(item), _expires(item)
            if expires <= now:
                continue
            if len(listed) == limit and principal.user not in listed:
                return Online(tuple(map(tuple, listed.values())), next(reversed(listed)))
            connection = Connection(keys.listed_connection(item["sk"]["S"]), principal, expires)
            listed.setdefault(principal.user, []).append(connection)
        return Online(tuple(map(tuple, listed.values())), None)

    def connected(self, principal: Principal, *, now: datetime) -> tuple[int, int]:
        listed = [
            item["user"]["S"] for item in self._query(keys.tenant_connections(principal.tenant)) if _expires(item) > now
        ]
        return len(listed), listed.count(principal.user)

    def _forget(self, connection_id: str) -> None:
        """The connection goes first, so that it can enter no room any more, and with it its place in the list."""
        key = _key(keys.connection(connection_id), keys.CONNECTION)
        found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if found is None:
            return
        listing = _listing(Connection(connection_id, _principal(found), _expires(found)))
        self._transact([{"Delete": {"TableName": self._table, "Key": one}} for one in (key, listing)])

    def _query(self, pk: str, between: tuple[str, str] = (" ", "~"), *, at_most: int | None = None) -> Iterator[Item]:
        """By sort key, both bounds inclusive."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": {"S": pk}, ":first": {"S": between[0]}, ":last": {"S": between[1]}},
            PaginationConfig={} if at_most is None else {"MaxItems": at_most, "PageSize": at_most},
        )
        for page in pages:
            yield from page["Items"]

    def _delete(self, pk: str, sk: str) -> Item | None:
        """What was there; None if somebody else removed it."""
        answer = self._dynamodb.delete_item(TableName=self._table, Key=_key(pk, sk), ReturnValues="ALL_OLD")
        return answer.get("Attributes") or None

    def _clear_board(self, room: Room, mine: str) -> None:
        if isinstance(room, ProjectKey):
            self._delete(keys.board(room), mine)

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


def _listing(connection: Connection) -> dict[str, Any]:
    """Where the tenant lists the connection."""
    principal = connection.principal
    return _key(keys.tenant_connections(principal.tenant), keys.connection_of(principal.user, connection.id))


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
        connection=keys.occupant_id(item["sk"]["S"]),
        principal=_principal(item),
        since=instant(item["since"]),
        expires=_expires(item),
        present_until=instant(item["present_until"]),
        told=Told(item["told"]["S"]) if "told" in item else Told.NOTHING,
    )


def milliseconds(at: datetime) -> dict[str, str]:
    """An attribute that holds an instant."""
    return {"N": str(round(at.timestamp() * 1000))}


def instant(attribute: Mapping[str, Any]) -> datetime:
    """What `milliseconds` made this of."""
    return datetime.fromtimestamp(int(attribute["N"]) / 1000, UTC)


def _expiry(at: datetime) -> dict[str, Any]:
    return {"expires": {"N": str(math.floor(at.timestamp()))}}


def _expires(item: Item) -> datetime:
    return datetime.fromtimestamp(int(item["expires"]["N"]), UTC)
