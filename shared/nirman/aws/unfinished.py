"""Which optimizations of a tenant are not over, so that no more than a few are asked for at a time.

Only those who ask write the list, in the transaction that keeps the new job: what is over is taken out when the list is
full, and not by the worker that ends it. So no job can be missing, none that is over keeps a place for good, and the
worker writes nothing but its job. One whose message was lost keeps its place until somebody cancels it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from nirman.aws import keys
from nirman.errors import TooManyAtOnceError
from nirman.jobs.job import FINAL, Job
from nirman.jobs.ports import AtOnce

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class _Place(Struct, frozen=True, array_like=True):
    project: str
    job: str


_Places = tuple[_Place, ...]


class Unfinished:
    """`get` reads a job consistently, by tenant and id."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, get: Callable[[str, str], Job]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._get = get

    def place_for(self, job: Job, at_once: AtOnce) -> dict[str, Any]:
        """The list with the job, to be put beside it; TooManyAtOnceError where there is no place."""
        version, places = self._listed(job.tenant)
        if _too_many(places, job, at_once):
            places = tuple(one for one in places if self._get(job.tenant, one.job).state not in FINAL)
        if refused := _too_many(places, job, at_once):
            raise refused
        item = _key(job.tenant) | {
            "places": {"S": msgspec.json.encode((*places, _Place(job.project, job.id))).decode()},
            "version": {"N": str(version + 1)},
        }
        if not version:
            return {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        return {
            "Item": item,
            "ConditionExpression": "#version = :before",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":before": {"N": str(version)}},
        }

    def _listed(self, tenant: str) -> tuple[int, _Places]:
        found = self._dynamodb.get_item(TableName=self._table, Key=_key(tenant), ConsistentRead=True).get("Item")
        if found is None:
            return 0, ()
        return int(found["version"]["N"]), msgspec.json.decode(found["places"]["S"], type=_Places)


def _too_many(places: _Places, job: Job, at_once: AtOnce) -> TooManyAtOnceError | None:
    of_project = sum(place.project == job.project for place in places)
    for count, limit, whose in (
        (of_project, at_once.of_project, "the project"),
        (len(places), at_once.of_tenant, "the tenant"),
    ):
        if count >= limit:
            text = f"{whose} has {limit} optimizations that are not over, and may have no more: wait, or cancel one"
            return TooManyAtOnceError(text, what="optimizations", limit=limit)
    return None


def _key(tenant: str) -> dict[str, Any]:
    return {"pk": {"S": keys.jobs(tenant)}, "sk": {"S": keys.UNFINISHED}}
