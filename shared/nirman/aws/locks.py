"""Locks in the connections table: one item a project, so that one condition speaks for all of them.

`revision` has a number of its own in the item: the transaction of a commit checks it. Take-overs are kept in the plan
table, where they stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from nirman.aws import keys
from nirman.collaboration.lock_book import LocksChangedError, Stored, TakenOver
from nirman.collaboration.locks import Locks
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FORGOTTEN = timedelta(days=1)
"""After the last write: a lease has run out long before. Numbers come from the clock, so they rise all the same."""
_RACES = {
    "ConditionalCheckFailedException",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_locks = msgspec.json.Decoder(Locks)
_taken_over = msgspec.json.Decoder(TakenOver)


class DynamoLockStore:
    """Port: `collaboration.lock_book.LockStore`."""

    def __init__(self, dynamodb: DynamoDBClient, *, table: str, plan_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._plan_table = plan_table

    def read(self, key: ProjectKey) -> Stored:
        item = self._dynamodb.get_item(TableName=self._table, Key=_key(key), ConsistentRead=True).get("Item")
        if item is None:
            return Stored()
        return Stored(int(item["version"]["N"]), _locks.decode(item["locks"]["S"]))

    def save(
        self, key: ProjectKey, before: Stored, locks: Locks, *, now: datetime, taken_over: TakenOver | None = None
    ) -> None:
        item = _key(key) | {
            "version": {"N": str(before.version + 1)},
            "revision": {"N": str(locks.revision)},
            "locks": {"S": msgspec.json.encode(locks).decode()},
            "expires": {"N": str(round((now + _FORGOTTEN).timestamp()))},
        }
        put: dict[str, Any] = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if before.version:
            put["ConditionExpression"] = "#version = :before"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = {":before": {"N": str(before.version)}}
        try:
            if taken_over is None:
                self._dynamodb.put_item(**put)
            else:
                record = {"TableName": self._plan_table, "Item": _record(key, taken_over)}
                self._dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Put": record}])  # type: ignore[typeddict-item]
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _RACES:
                raise
            raise LocksChangedError from exc
        except BotoCoreError as exc:  # no answer: it was written or it was not
            raise LocksChangedError from exc

    def taken_over(self, key: ProjectKey, *, limit: int) -> tuple[TakenOver, ...]:
        page = self._dynamodb.query(
            TableName=self._plan_table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": keys.project(key)}, ":prefix": {"S": keys.TAKE_OVER_PREFIX}},
        )
        return tuple(_taken_over.decode(item["taken_over"]["S"]) for item in page["Items"])


def _key(key: ProjectKey) -> dict[str, Any]:
    return {"pk": {"S": keys.locks(key)}, "sk": {"S": keys.LOCKS}}


def _record(key: ProjectKey, taken_over: TakenOver) -> dict[str, Any]:
    return {
        "pk": {"S": keys.project(key)},
        "sk": {"S": keys.take_over(taken_over.token)},
        "taken_over": {"S": msgspec.json.encode(taken_over).decode()},
    }
