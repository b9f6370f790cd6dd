"""The plan log in DynamoDB, large bodies and snapshots in S3."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from nirman.aws import keys
from nirman.planlog import snapshots
from nirman.planlog.ports import CommandDoneError, Done, RevisionTakenError, Snapshot, StoreUnsureError
from nirman.planning.events import Change, Event, Moved
from nirman.planning.model import Kind
from nirman.tenancy.identity import ProjectKey, Role

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ConditionCheckTypeDef, TransactWriteItemTypeDef, UpdateTypeDef
    from mypy_boto3_s3 import S3Client

MAX_INLINE_BYTES = 200_000
"""Of an event's JSON; what is larger goes to S3. An item may have 400 KB."""
_UNSURE = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_LOST_RACE = {None, "None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class _Body(msgspec.Struct, frozen=True):
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]


def event_from_image(image: Mapping[str, Any]) -> Event:
    """The event of a stored item or stream image; a large one comes without its changes, with `body` set."""
    return msgspec.json.decode(image["event"]["S"], type=Event)


class DynamoPlanLog:
    """PlanLog of one table and one bucket; locks are in another table."""

    def __init__(
        self, dynamodb: DynamoDBClient, s3: S3Client, *, table: str, bucket: str, locks_table: str = ""
    ) -> None:
        self._dynamodb = dynamodb
        self._s3 = s3
        self._table = table
        self._bucket = bucket
        self._locks_table = locks_table

    def head(self, key: ProjectKey) -> int:
        item = self._get(key, keys.HEAD)
        return int(item["revision"]["N"]) if item and not item["deleted"]["BOOL"] else 0

    def after(self, key: ProjectKey, revision: int, *, limit: int) -> list[Event]:
        found: list[Event] = []
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": keys.project(key)},
                ":first": {"S": keys.event(revision + 1)},
                ":last": {"S": keys.event(10**12 - 1)},
            },
            "ConsistentRead": True,
        }
        while len(found) < limit:
            page = self._dynamodb.query(**query, Limit=limit - len(found))
            found += [self._whole(event_from_image(item)) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found

    def append(self, key: ProjectKey, event: Event, *, fingerprint: str, locks_revision: int | None = None) -> None:
        pk = {"S": keys.project(key)}
        stored = self._stored(key, event)
        done = {"pk": pk, "sk": {"S": keys.command(event.command_id)}, "fingerprint": {"S": fingerprint}}
        # The command comes first: of several failed conditions it is the one that says most.
        items: list[TransactWriteItemTypeDef] = [
            self._put(done | {"revision": {"N": str(event.revision)}}),
            self._advance_head(pk, event),
            self._put({"pk": pk, "sk": {"S": keys.event(event.revision)}, "event": {"S": stored}}),
        ]
        if event.type == "project.created":
            items += self._registration(key, event)
        if event.type == "project.deleted":
            card = {"pk": {"S": keys.tenant(key.tenant)}, "sk": {"S": keys.project_card(key.project)}}
            items.append({"Delete": {"TableName": self._table, "Key": card}})
        if locks_revision is not None:
            items.append(self._locks_are(key, locks_revision))
        try:
            self._dynamodb.transact_write_items(TransactItems=items)
        except self._dynamodb.exceptions.TransactionCanceledException as exc:
            codes = [reason.get("Code") for reason in exc.response["CancellationReasons"]]
            if codes[0] == "ConditionalCheckFailed":
                raise CommandDoneError from exc
            if "ConditionalCheckFailed" in codes:
                raise RevisionTakenError from exc
            if any(code not in _LOST_RACE for code in codes):
                raise
            raise StoreUnsureError from exc
        except (ClientError, BotoCoreError) as exc:
            raise _unsure(exc) from exc

    def done(self, key: ProjectKey, command_id: str) -> Done | None:
        item = self._get(key, keys.command(command_id))
        return Done(int(item["revision"]["N"]), item["fingerprint"]["S"]) if item else None

    def snapshot(self, key: ProjectKey) -> Snapshot | None:
        item = self._get(key, keys.SNAPSHOT)
        return snapshots.decode(self._load(item["object"]["S"])) if item else None

    def save_snapshot(self, key: ProjectKey, snapshot: Snapshot) -> None:
        name = keys.snapshot_object(key, snapshot.revision)
        try:
            self._s3.put_object(Bucket=self._bucket, Key=name, Body=snapshots.encode(snapshot))
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": keys.project(key)},
                    "sk": {"S": keys.SNAPSHOT},
                    "revision": {"N": str(snapshot.revision)},
                    "object": {"S": name},
                },
                ConditionExpression="attribute_not_exists(pk) OR revision < :revision",
                ExpressionAttributeValues={":revision": {"N": str(snapshot.revision)}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return  # there is a newer one
        except (ClientError, BotoCoreError) as exc:
            raise _unsure(exc) from exc

    def _get(self, key: ProjectKey, sk: str) -> Mapping[str, Any] | None:
        item_key = {"pk": {"S": keys.project(key)}, "sk": {"S": sk}}
        return self._dynamodb.get_item(TableName=self._table, Key=item_key, ConsistentRead=True).get("Item")

    def _put(self, item: Mapping[str, Any]) -> TransactWriteItemTypeDef:
        condition = "attribute_not_exists(pk)"
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": condition}}

    def _locks_are(self, key: ProjectKey, revision: int) -> TransactWriteItemTypeDef:
        check: ConditionCheckTypeDef = {
            "TableName": self._locks_table,
            "Key": {"pk": {"S": keys.locks(key)}, "sk": {"S": keys.LOCKS}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if revision:
            check["ConditionExpression"] = "revision = :locks"
            check["ExpressionAttributeValues"] = {":locks": {"N": str(revision)}}
        return {"ConditionCheck": check}

    def _advance_head(self, pk: Mapping[str, str], event: Event) -> TransactWriteItemTypeDef:
        first = event.revision == 1
        values: dict[str, Any] = {
            ":new": {"N": str(event.revision)},
            ":digest": {"S": event.digest},
            ":at": {"S": event.at},
            ":deleted": {"BOOL": event.type == "project.deleted"},
        }
        if not first:
            values[":old"] = {"N": str(event.revision - 1)}
        update: UpdateTypeDef = {
            "TableName": self._table,
            "Key": {"pk": pk, "sk": {"S": keys.HEAD}},
            "UpdateExpression": "SET revision = :new, digest = :digest, updated_at = :at, deleted = :deleted",
            "ConditionExpression": "attribute_not_exists(pk)" if first else "revision = :old",
            "ExpressionAttributeValues": values,
        }
        if (name := _name_given(event)) is not None:
            # Lists of projects show it without reading the plans.
            values[":name"] = {"S": name}
            update["UpdateExpression"] += ", #name = :name"
            update["ExpressionAttributeNames"] = {"#name": "name"}
        return {"Update": update}

    def _registration(self, key: ProjectKey, event: Event) -> list[TransactWriteItemTypeDef]:
        """The project's card in its tenant, and its author as a member: they are there when the project is."""
        user, role, at = {"S": event.user}, {"S": Role.PLANNER}, {"S": event.at}
        project = {"S": key.project}
        return [
            self._put(
                {
                    "pk": {"S": keys.tenant(key.tenant)},
                    "sk": {"S": keys.project_card(key.project)},
                    "project": project,
                    "created_at": at,
                }
            ),
            self._put(
                {"pk": {"S": keys.project(key)}, "sk": {"S": keys.member(event.user)}, "user": user, "role": role}
            ),
            self._put(
                {
                    "pk": {"S": keys.user(key.tenant, event.user)},
                    "sk": {"S": keys.project_card(key.project)},
                    "project": project,
                    "role": role,
                }
            ),
        ]

    def _stored(self, key: ProjectKey, event: Event) -> str:
        text = msgspec.json.encode(event)
        if len(text) <= MAX_INLINE_BYTES:
            return text.decode()
        body = zlib.compress(msgspec.json.encode(_Body(event.changes, event.moved)), 1)
        name = keys.body_object(key, f"{event.revision:012d}-{hashlib.sha256(body).hexdigest()}")
        try:
            self._s3.put_object(Bucket=self._bucket, Key=name, Body=body)
        except (ClientError, BotoCoreError) as exc:
            raise _unsure(exc) from exc
        return msgspec.json.encode(msgspec.structs.replace(event, changes=(), moved=(), body=name)).decode()

    def _whole(self, event: Event) -> Event:
        if event.body is None:
            return event
        body = msgspec.json.decode(zlib.decompress(self._load(event.body)), type=_Body)
        return msgspec.structs.replace(event, changes=body.changes, moved=body.moved, body=None)

    def _load(self, name: str) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()


def _name_given(event: Event) -> str | None:
    """The project's name, when the event gives it one."""
    for change in event.changes:
        if change.kind is Kind.PROJECT and "name" in change.fields:
            return str(change.fields["name"][1] or "")
    return None


def _unsure(exc: ClientError | BotoCoreError) -> Exception:
    """StoreUnsureError where trying again can help; else the error itself: no permission, a wrong argument."""
    if isinstance(exc, ParamValidationError):
        return exc
    if isinstance(exc, ClientError) and exc.response["Error"]["Code"] not in _UNSURE:
        return exc
    return StoreUnsureError(str(exc))
