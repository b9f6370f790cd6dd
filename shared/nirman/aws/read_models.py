"""The read models in DynamoDB, as the projector keeps them: each step is one transaction, conditional on the last."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError
from msgspec.structs import replace

from nirman.activity.entry import Entry
from nirman.aws import keys
from nirman.projection.catalogue import Catalogue, Ends, TaskName
from nirman.projection.ports import BrokenModelError, OvertakenError
from nirman.projection.standing import Standing
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PART_BYTES = 300_000
"""Of an item, that may have 400 KB."""
_MOST_PARTS = {keys.TASKS_PREFIX: 6, keys.REST_PREFIX: 5}
"""With the entries of a step these stay within the 4 MB and the 100 items of a transaction."""
_NAME_LENGTHS = (1_000, 40, 16, 6, 0)
"""Names are cut to the first of these with which they fit: real ones never are."""
_RACES = {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_BATCH_GET = 100
_BATCH_WRITE = 25


class _Tasks(msgspec.Struct, frozen=True, array_like=True):
    """Columns, ascending by uid."""

    uids: list[int]
    names: list[str]
    codes: list[str]
    labels: dict[int, tuple[str, ...]]


class _Rest(msgspec.Struct, frozen=True, array_like=True):
    resources: dict[int, str]
    calendars: dict[int, str]
    baselines: dict[int, str]
    links: dict[int, Ends]
    assignments: dict[int, Ends]
    risks: dict[int, str] = {}
    """Last, and with a default: what was kept before there were any is read as well."""


def read_tasks(parts: Iterable[bytes]) -> dict[int, TaskName]:
    kept = msgspec.msgpack.decode(zlib.decompress(b"".join(parts)), type=_Tasks)
    columns = zip(kept.uids, kept.names, kept.codes, strict=True)
    return {uid: TaskName(name, code, kept.labels.get(uid, ())) for uid, name, code in columns}


def names_of(item: dict[str, Any] | None) -> dict[str, str]:
    """The people of the item that keeps them."""
    return msgspec.msgpack.decode(zlib.decompress(item["data"]["B"]), type=dict[str, str]) if item else {}


def users_of(item: dict[str, Any] | None) -> frozenset[str]:
    """The members of the item that keeps them."""
    return frozenset(names_of(item))


class DynamoReadModels:
    """Port: `projection.ports.Models`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def standing(self, key: ProjectKey) -> Standing:
        item = self._get(keys.project(key), keys.STANDING)
        return msgspec.json.decode(item["standing"]["S"], type=Standing) if item else Standing()

    def catalogue(self, key: ProjectKey, standing: Standing) -> Catalogue:
        tasks = self._parts(key, keys.TASKS_PREFIX, standing.tasks_parts, standing.tasks_revision)
        rest = self._parts(key, keys.REST_PREFIX, standing.rest_parts, standing.rest_revision)
        if tasks is None or rest is None:
            raise BrokenModelError if self.standing(key) == standing else OvertakenError
        found = Catalogue(tasks_revision=standing.tasks_revision, rest_revision=standing.rest_revision)
        if tasks:
            found.tasks = read_tasks(tasks)
        if rest:
            kept = msgspec.msgpack.decode(zlib.decompress(b"".join(rest)), type=_Rest)
            found.resources, found.calendars, found.baselines = kept.resources, kept.calendars, kept.baselines
            found.links, found.assignments, found.risks = kept.links, kept.assignments, kept.risks
        return found

    def advance(
        self, key: ProjectKey, before: Standing, after: Standing, catalogue: Catalogue, entries: Sequence[Entry]
    ) -> Standing:
        pk = keys.project(key)
        items: list[TransactWriteItemTypeDef] = []
        if after.tasks_revision != before.tasks_revision:
            parts = _tasks(catalogue)
            items += self._parts_written(pk, keys.TASKS_PREFIX, parts, after.tasks_revision, before.tasks_parts)
            after = replace(after, tasks_parts=len(parts))
        if after.rest_revision != before.rest_revision:
            parts = _rest(catalogue)
            items += self._parts_written(pk, keys.REST_PREFIX, parts, after.rest_revision, before.rest_parts)
            after = replace(after, rest_parts=len(parts))
        for entry in entries:
            items += self._entry_written(key, entry)
        item = _key(pk, keys.STANDING) | {
            "revision": {"N": str(after.revision)},
            "standing": {"S": msgspec.json.encode(after).decode()},
        }
        first = before.revision == 0
        put: Any = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)" if first else "revision = :before",
        }
        if not first:
            put["ExpressionAttributeValues"] = {":before": {"N": str(before.revision)}}
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Put": put}, *items])
        except self._dynamodb.exceptions.TransactionCanceledException as exc:
            codes = {reason.get("Code") for reason in exc.response["CancellationReasons"]}
            if codes & _RACES:
                raise OvertakenError from exc
            raise
        return after

    def members(self, key: ProjectKey) -> tuple[frozenset[str], int]:
        item = self._get(keys.project(key), keys.MEMBERS)
        return users_of(item), _version(item)

    def put_members(self, key: ProjectKey, users: frozenset[str], *, version: int) -> None:
        self._replace(keys.project(key), keys.MEMBERS, dict.fromkeys(sorted(users), ""), version)

    def people(self, tenant: str) -> tuple[dict[str, str], int]:
        item = self._get(keys.tenant(tenant), keys.PEOPLE)
        return names_of(item), _version(item)

    def put_people(self, tenant: str, names: dict[str, str], *, version: int) -> None:
        self._replace(keys.tenant(tenant), keys.PEOPLE, dict(sorted(names.items())), version)

    def forget(self, key: ProjectKey) -> None:
        pk = keys.project(key)
        standing: list[str] = []
        gone: list[dict[str, Any]] = []
        names: list[dict[str, Any]] = []
        for item in self._all(pk):
            sk = item["sk"]["S"]
            if sk == keys.STANDING:
                standing.append(sk)
            elif sk.startswith(keys.ACTIVITY_PREFIX):
                entry = msgspec.json.decode(item["entry"]["S"], type=Entry)
                gone += [_key(place, sk) for place in (pk, *_elsewhere(key.tenant, entry.user))]
            else:
                names.append(_key(pk, sk))
        # Without its names a standing is seen to be broken, should this end half-way.
        self._delete([*names, *gone])
        self._delete([_key(pk, sk) for sk in standing])

    def forget_people(self, tenant: str) -> None:
        self._delete([_key(keys.tenant(tenant), keys.PEOPLE)])

    def _parts(self, key: ProjectKey, prefix: str, count: int, revision: int) -> list[bytes] | None:
        """None when they are not those of the revision."""
        if not count:
            return []
        wanted = [_key(keys.project(key), keys.part(prefix, number)) for number in range(count)]
        found = sorted(
            batch_get(self._dynamodb, self._table, wanted, consistent=True), key=lambda item: item["sk"]["S"]
        )
        if len(found) < count or any(int(item["revision"]["N"]) != revision for item in found):
            return None
        return [item["data"]["B"] for item in found]

    def _parts_written(
        self, pk: str, prefix: str, parts: Sequence[bytes], revision: int, before: int
    ) -> Iterator[TransactWriteItemTypeDef]:
        for number, data in enumerate(parts):
            item = _key(pk, keys.part(prefix, number)) | {"revision": {"N": str(revision)}, "data": {"B": data}}
            yield {"Put": {"TableName": self._table, "Item": item}}
        for number in range(len(parts), before):
            yield {"Delete": {"TableName": self._table, "Key": _key(pk, keys.part(prefix, number))}}

    def _entry_written(self, key: ProjectKey, entry: Entry) -> Iterator[TransactWriteItemTypeDef]:
        sk = keys.activity(entry.ordered_at, entry.project, entry.revision)
        content = {"entry": {"S": msgspec.json.encode(entry).decode()}}
        for pk in (keys.project(key), *_elsewhere(key.tenant, entry.user)):
            yield {"Put": {"TableName": self._table, "Item": _key(pk, sk) | content}}

    def _replace(self, pk: str, sk: str, names: dict[str, str], version: int) -> None:
        data = zlib.compress(msgspec.msgpack.encode(names))
        while len(data) > PART_BYTES:  # more than about ten thousand
            names = dict(list(names.items())[: len(names) * 9 // 10])
            data = zlib.compress(msgspec.msgpack.encode(names))
        item = _key(pk, sk) | {"version": {"N": str(version + 1)}, "data": {"B": data}}
        try:
            if version:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="version = :version",
                    ExpressionAttributeValues={":version": {"N": str(version)}},
                )
            else:
                self._dynamodb.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
        except ClientError as exc:
            if exc.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise OvertakenError from exc
            raise

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        return self._dynamodb.get_item(TableName=self._table, Key=_key(pk, sk), ConsistentRead=True).get("Item")

    def _all(self, pk: str) -> Iterator[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        for page in pages:
            yield from page["Items"]

    def _delete(self, gone: list[dict[str, Any]]) -> None:
        for start in range(0, len(gone), _BATCH_WRITE):
            pending: Any = {
                self._table: [{"DeleteRequest": {"Key": key}} for key in gone[start : start + _BATCH_WRITE]]
            }
            while pending:
                pending = self._dynamodb.batch_write_item(RequestItems=pending).get("UnprocessedItems")


def batch_get(
    dynamodb: DynamoDBClient, table: str, wanted: Sequence[dict[str, Any]], *, consistent: bool = False
) -> list[dict[str, Any]]:
    """Those of the items that exist, in no order."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(wanted), _BATCH_GET):
        pending: Any = {table: {"Keys": wanted[start : start + _BATCH_GET], "ConsistentRead": consistent}}
        while pending:
            answer = dynamodb.batch_get_item(RequestItems=pending)
            found += answer["Responses"].get(table, [])
            pending = answer.get("UnprocessedKeys")
    return found


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _elsewhere(tenant: str, user: str) -> tuple[str, str]:
    """The other partitions that have an entry too."""
    return keys.tenant(tenant), keys.user(tenant, user)


def _version(item: dict[str, Any] | None) -> int:
    return int(item["version"]["N"]) if item else 0


def _tasks(catalogue: Catalogue) -> list[bytes]:
    rows = sorted(catalogue.tasks.items())
    for length in _NAME_LENGTHS:
        kept = _Tasks(
            uids=[uid for uid, _ in rows],
            names=[task.name[:length] for _, task in rows],
            codes=[task.code[:length] for _, task in rows],
            labels={uid: task.labels for uid, task in rows if task.labels and length >= _NAME_LENGTHS[0]},
        )
        if parts := _fitting(kept, keys.TASKS_PREFIX):
            break
    return parts


def _rest(catalogue: Catalogue) -> list[bytes]:
    for length in _NAME_LENGTHS:
        kept = _Rest(
            _shortened(catalogue.resources, length),
            _shortened(catalogue.calendars, length),
            _shortened(catalogue.baselines, length),
            dict(sorted(catalogue.links.items())) if length else {},
            dict(sorted(catalogue.assignments.items())) if length else {},
            _shortened(catalogue.risks, length),
        )
        if parts := _fitting(kept, keys.REST_PREFIX):
            break
    return parts


def _shortened(names: dict[int, str], length: int) -> dict[int, str]:
    return {uid: name[:length] for uid, name in sorted(names.items())}


def _fitting(kept: msgspec.Struct, prefix: str) -> list[bytes]:
    """The parts, none when they are too many."""
    data = zlib.compress(msgspec.msgpack.encode(kept))
    parts = [data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES)]
    return parts if len(parts) <= _MOST_PARTS[prefix] else []
