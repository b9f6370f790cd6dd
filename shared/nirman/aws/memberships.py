"""Letting people into projects and shutting them out, in the plan table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nirman.aws import keys
from nirman.aws.notes import staged
from nirman.collaboration.messages import Note
from nirman.errors import BusyError, NotFoundError
from nirman.tenancy.identity import PersonKey, ProjectKey, Role, checked_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_TRIES = 3


class DynamoMemberships:
    """Port: `tenancy.directory.Memberships`. Apart from the directory, because who only reads needs no rooms."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def put(self, key: ProjectKey, user: str, role: Role, *, by: str, at: datetime) -> None:
        person = _key(keys.tenant(key.tenant), keys.user_card(checked_id(user, place="user")))
        head = _key(keys.project(key), keys.HEAD)
        living = "attribute_exists(pk) AND (attribute_not_exists(deleted) OR deleted = :no)"
        before = self._granted(key, user)
        if before is role:
            return
        details = {"user": {"S": user}, "project": {"S": key.project}, "role": {"S": role.value}}
        checks: list[TransactWriteItemTypeDef] = [
            {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": person,
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
            {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": head,
                    "ConditionExpression": living,
                    "ExpressionAttributeValues": {":no": {"BOOL": False}},
                }
            },
        ]
        put: Any = {"TableName": self._table, "Item": _membership(key, user) | details} | _unchanged(before)
        puts: list[TransactWriteItemTypeDef] = [
            {"Put": put},
            {"Put": {"TableName": self._table, "Item": _membership_of_person(key, user) | details}},
        ]
        codes = self._change(key, user, role, [*checks, *puts], by=by, at=at)
        if "ConditionalCheckFailed" in codes[: len(checks)]:
            raise NotFoundError(f"there is no such person as {user!r}, or no such project")
        if codes:
            raise BusyError("the membership is being changed by somebody else")

    def remove(self, key: ProjectKey, user: str, *, by: str, at: datetime) -> None:
        before = self._granted(key, checked_id(user, place="user"))
        if before is None:
            return
        delete: Any = {"TableName": self._table, "Key": _membership(key, user)} | _unchanged(before)
        deletes: list[TransactWriteItemTypeDef] = [
            {"Delete": delete},
            {"Delete": {"TableName": self._table, "Key": _membership_of_person(key, user)}},
        ]
        if self._change(key, user, None, deletes, by=by, at=at):
            raise BusyError("the membership is being changed by somebody else")

    def _granted(self, key: ProjectKey, user: str) -> Role | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=_membership(key, user), ConsistentRead=True)
        return Role(found["Item"]["role"]["S"]) if "Item" in found else None

    def _change(
        self,
        key: ProjectKey,
        user: str,
        role: Role | None,
        changes: list[TransactWriteItemTypeDef],
        *,
        by: str,
        at: datetime,
    ) -> list[str | None]:
        """Changes the membership and writes the note, both or neither; why not, by change, else nothing.

        The person may be told something else at the same time, so it is tried more than once.
        """
        said = Note("membership", at.isoformat(timespec="milliseconds"), by=by, project=key.project, role=role or "")
        note_id = f"{said.project} {said.role} {said.at}"
        codes: list[str | None] = []
        for _ in range(_TRIES):
            note, _ = staged(self._dynamodb, self._table, PersonKey(key.tenant, user), said, note_id)
            try:
                self._dynamodb.transact_write_items(TransactItems=[*changes, *note])
            except self._dynamodb.exceptions.TransactionCanceledException as exc:
                codes = [reason.get("Code") for reason in exc.response.get("CancellationReasons", [])]
                if "ConditionalCheckFailed" in codes[: len(changes)]:
                    break
            else:
                return []
        return codes


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _membership(key: ProjectKey, user: str) -> dict[str, Any]:
    return _key(keys.project(key), keys.member(user))


def _membership_of_person(key: ProjectKey, user: str) -> dict[str, Any]:
    """The same membership, found from the person."""
    return _key(keys.user(key.tenant, user), keys.project_card(key.project))


def _unchanged(role: Role | None) -> dict[str, Any]:
    """That a membership still is as it was read."""
    if role is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#role = :before",
        "ExpressionAttributeNames": {"#role": "role"},
        "ExpressionAttributeValues": {":before": {"S": role.value}},
    }
