"""Feeds in the read models table. Reads need not be consistent: what was kept a moment ago comes with the next."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec

from nirman.activity.entry import Entry
from nirman.activity.ports import Position
from nirman.aws import keys
from nirman.aws.read_models import batch_get
from nirman.projection.standing import Standing
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoFeeds:
    """Port: `activity.ports.Feeds`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def of_project(self, key: ProjectKey, *, below: Position | None, limit: int) -> list[Entry]:
        return self._newest(keys.project(key), below, limit)

    def of_person(self, tenant: str, user: str, *, below: Position | None, limit: int) -> list[Entry]:
        return self._newest(keys.user(tenant, user), below, limit)

    def of_tenant(self, tenant: str, *, below: Position | None, limit: int) -> list[Entry]:
        return self._newest(keys.tenant(tenant), below, limit)

    def newest(self, projects: Collection[ProjectKey]) -> dict[ProjectKey, str]:
        wanted = {keys.project(key): key for key in projects}
        found = batch_get(self._dynamodb, self._table, [{"pk": {"S": pk}, "sk": {"S": keys.STANDING}} for pk in wanted])
        standings = {item["pk"]["S"]: msgspec.json.decode(item["standing"]["S"], type=Standing) for item in found}
        return {wanted[pk]: standing.ordered_at for pk, standing in standings.items()}

    def _newest(self, pk: str, below: Position | None, limit: int) -> list[Entry]:
        last = keys.activity("~") if below is None else keys.activity(below.ordered_at, below.project, below.revision)
        query: dict[str, Any] = {
            "TableName": self._table,
            # A sort key condition has one comparison, so the entry at the position itself is read too, and left out.
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": pk},
                ":first": {"S": keys.ACTIVITY_PREFIX},
                ":last": {"S": last},
            },
            "ScanIndexForward": False,
        }
        found: list[Entry] = []
        while len(found) < limit:
            page = self._dynamodb.query(**query, Limit=limit + 1 - len(found))
            found += [
                msgspec.json.decode(item["entry"]["S"], type=Entry) for item in page["Items"] if item["sk"]["S"] != last
            ]
            if "LastEvaluatedKey" not in page:
                break
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found[:limit]
