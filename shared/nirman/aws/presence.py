"""What a room was told of who is in it: with the occupants themselves, and on one item a room."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nirman.aws import keys
from nirman.aws.rooms import instant, milliseconds
from nirman.collaboration.ports import PRESENT_FOR, Pulse, Told
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RENEW_EVERY = timedelta(seconds=20)
"""Pings in between write nothing."""
_KEPT = timedelta(days=1)
"""Longer than any connection of the room lives."""


class DynamoAttendance:
    """Port: `collaboration.ports.Attendance`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def renew(self, connection_id: str, room: ProjectKey, *, now: datetime) -> bool:
        values = {":now": milliseconds(now), ":end": milliseconds(now + PRESENT_FOR)}
        recent = {":recent": milliseconds(now + PRESENT_FOR - RENEW_EVERY), ":came": {"S": Told.CAME}}
        try:
            self._update(
                _occupant(connection_id, room),
                "SET present_until = :end",
                "told = :came AND present_until > :now AND present_until <= :recent",
                values | recent,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._refused as exc:
            found = exc.response.get("Item")
            if not found or _is_known(found, now):
                return False
        else:
            return False
        try:
            self._update(
                _occupant(connection_id, room),
                "SET present_until = :end REMOVE told",
                "attribute_exists(pk)",
                {":end": values[":end"]},
            )
        except self._refused:
            return False
        return True

    def came(self, connection_id: str, room: ProjectKey) -> None:
        with suppress(self._refused):
            self._update(
                _occupant(connection_id, room),
                "SET told = :came",
                "attribute_exists(pk) AND attribute_not_exists(told)",
                {":came": {"S": Told.CAME}},
            )

    def went(self, connection_id: str, room: ProjectKey, *, ended_before: datetime) -> bool:
        try:
            self._update(
                _occupant(connection_id, room),
                "SET told = :went",
                "present_until <= :end AND (attribute_not_exists(told) OR told <> :went)",
                {":went": {"S": Told.WENT}, ":end": milliseconds(ended_before)},
            )
        except self._refused:
            return False
        return True

    def stamp(self, room: ProjectKey, *, now: datetime) -> datetime:
        kept = {":now": milliseconds(now), ":kept": _seconds(now + _KEPT)}
        try:
            answer = self._update(
                _about(room),
                "SET stamp = :now, expires = :kept",
                "attribute_not_exists(stamp) OR stamp < :now",
                kept,
                ReturnValues="UPDATED_NEW",
            )
        except self._refused:
            # Another function's clock is ahead of this one's: one millisecond after its stamp.
            answer = self._update(
                _about(room),
                "SET stamp = if_not_exists(stamp, :now) + :one, expires = :kept",
                None,
                kept | {":one": {"N": "1"}},
                ReturnValues="UPDATED_NEW",
            )
        return instant(answer["Attributes"]["stamp"])

    def announced(self, room: ProjectKey, count: int) -> int:
        answer = self._update(
            _about(room), "ADD announced :count", None, {":count": {"N": str(count)}}, ReturnValues="UPDATED_NEW"
        )
        return int(answer["Attributes"]["announced"]["N"]) - count + 1

    def pulse(self, room: ProjectKey) -> Pulse:
        answer = self._dynamodb.get_item(TableName=self._table, Key=_about(room), ConsistentRead=True)
        found = answer.get("Item", {})
        stamp, swept = (instant(found[name]) if name in found else None for name in ("stamp", "swept"))
        return Pulse(stamp, int(found["announced"]["N"]) if "announced" in found else 0, swept)

    def take_sweep(self, room: ProjectKey, *, now: datetime, last_before: datetime) -> bool:
        try:
            self._update(
                _about(room),
                "SET swept = :now, expires = :kept",
                "attribute_not_exists(swept) OR swept <= :before",
                {":now": milliseconds(now), ":before": milliseconds(last_before), ":kept": _seconds(now + _KEPT)},
            )
        except self._refused:
            return False
        return True

    @property
    def _refused(self) -> type[Any]:
        return self._dynamodb.exceptions.ConditionalCheckFailedException

    def _update(
        self, key: dict[str, Any], change: str, condition: str | None, values: dict[str, Any], **options: Any
    ) -> Any:
        if condition is not None:
            options["ConditionExpression"] = condition
        return self._dynamodb.update_item(
            TableName=self._table, Key=key, UpdateExpression=change, ExpressionAttributeValues=values, **options
        )


def _is_known(occupant: dict[str, Any], now: datetime) -> bool:
    return occupant.get("told", {}).get("S") == Told.CAME and instant(occupant["present_until"]) > now


def _occupant(connection_id: str, room: ProjectKey) -> dict[str, Any]:
    return {"pk": {"S": keys.room(room)}, "sk": {"S": keys.occupant(connection_id)}}


def _about(room: ProjectKey) -> dict[str, Any]:
    return {"pk": {"S": keys.board(room)}, "sk": {"S": keys.PRESENCE}}


def _seconds(at: datetime) -> dict[str, str]:
    return {"N": str(int(at.astimezone(UTC).timestamp()))}
