"""Plans of tenants in the plan table, token buckets in the connections table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec

from nirman.aws import keys
from nirman.errors import BusyError
from nirman.tenancy.limits import Limits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SECOND = 1_000_000
"""Microseconds: times are whole numbers of them."""
_TRIES = 4
_MOST_SEEN = 10_000


class DynamoPlanStore:
    """Port: `tenancy.limits.PlanStore`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def plan(self, tenant: str) -> Limits | None:
        item = self._dynamodb.get_item(TableName=self._table, Key=_plan_key(tenant)).get("Item")
        return msgspec.json.decode(item["limits"]["S"], type=Limits) if item else None

    def put_plan(self, tenant: str, limits: Limits) -> None:
        item = _plan_key(tenant) | {"limits": {"S": msgspec.json.encode(limits).decode()}}
        self._dynamodb.put_item(TableName=self._table, Item=item)


class DynamoBuckets:
    """Port: `tenancy.limits.Buckets`.

    A bucket is one number: the time at which it is full again (the generic cell rate algorithm). To take is one
    conditional write, of two kinds: from a full bucket, or from one that is filling; which, is guessed from what this
    process saw last, and a wrong guess says what is right. What was seen is a lower bound: if already that is too late,
    nothing is written, and the wait told is the least that it can be.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._seen: dict[str, int] = {}

    def take(self, bucket: str, count: int, *, limit: int, window_s: int, now: datetime) -> float:
        now_us, window_us = round(now.timestamp() * _SECOND), window_s * _SECOND
        more = count * window_us // limit
        latest = now_us + window_us - more
        full_at = self._seen.get(bucket, 0)
        for _ in range(_TRIES):
            if full_at > latest:
                self._see(bucket, full_at)
                return (full_at - latest) / _SECOND
            try:
                written = self._write(bucket, full_at <= now_us, now_us, more, latest, window_s)
            except self._dynamodb.exceptions.ConditionalCheckFailedException as exc:
                full_at = _full_at(cast("Any", exc.response).get("Item"))
            else:
                self._see(bucket, _full_at(written))
                return 0
        raise BusyError("too many count at once; send the same again")

    def _write(
        self, bucket: str, is_full: bool, now_us: int, more: int, latest: int, window_s: int
    ) -> Mapping[str, Any]:
        values = {":now": now_us, ":more": more, ":expires": now_us // _SECOND + 2 * window_s}
        if is_full:
            update, condition = "full_at = :full_at", "attribute_not_exists(full_at) OR full_at <= :now"
            values[":full_at"] = now_us + more
            del values[":more"]
        else:
            update, condition = "full_at = full_at + :more", "full_at > :now AND full_at <= :latest"
            values[":latest"] = latest
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key=_key(keys.allowance(bucket), keys.ALLOWANCE),
            UpdateExpression=f"SET {update}, expires = :expires",
            ConditionExpression=condition,
            ExpressionAttributeValues={name: {"N": str(value)} for name, value in values.items()},
            ReturnValues="UPDATED_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return cast("Mapping[str, Any]", answer["Attributes"])

    def _see(self, bucket: str, full_at: int) -> None:
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[bucket] = full_at


def _full_at(item: Mapping[str, Any] | None) -> int:
    return int(item["full_at"]["N"]) if item else 0


def _plan_key(tenant: str) -> dict[str, Any]:
    return _key(keys.tenant(tenant), keys.PLAN)


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
