"""Names in the read models table, for searching. Reads need not be consistent: the next letter typed reads again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nirman.aws import keys
from nirman.aws.read_models import batch_get, names_of, read_tasks, users_of
from nirman.projection.catalogue import TaskName
from nirman.projection.standing import Standing
from nirman.search.ports import Kept
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoNames:
    """Port: `search.ports.Names`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def kept(self, projects: Collection[ProjectKey]) -> dict[ProjectKey, Kept]:
        found = self._read((keys.project(key), sk) for key in projects for sk in (keys.STANDING, keys.MEMBERS))
        return {
            key: Kept(standing.tasks_revision, standing.tasks_parts, users_of(found.get((pk, keys.MEMBERS))))
            for key in projects
            for pk in (keys.project(key),)
            if (item := found.get((pk, keys.STANDING)))
            for standing in (msgspec.json.decode(item["standing"]["S"], type=Standing),)
        }

    def tasks(self, wanted: Mapping[ProjectKey, Kept]) -> dict[ProjectKey, Mapping[int, TaskName]]:
        found = self._read(
            (keys.project(key), keys.part(keys.TASKS_PREFIX, number))
            for key, kept in wanted.items()
            for number in range(kept.tasks_parts)
        )
        read: dict[ProjectKey, Mapping[int, TaskName]] = {}
        for key, kept in wanted.items():
            names = [keys.part(keys.TASKS_PREFIX, number) for number in range(kept.tasks_parts)]
            parts = [item for name in names if (item := found.get((keys.project(key), name)))]
            if len(parts) == len(names) and {int(part["revision"]["N"]) for part in parts} == {kept.tasks_revision}:
                read[key] = read_tasks(part["data"]["B"] for part in parts)
        return read

    def people(self, tenant: str) -> dict[str, str]:
        found = self._read([(keys.tenant(tenant), keys.PEOPLE)])
        return names_of(found.get((keys.tenant(tenant), keys.PEOPLE)))

    def _read(self, wanted: Any) -> dict[tuple[str, str], dict[str, Any]]:
        items = batch_get(self._dynamodb, self._table, [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in wanted])
        return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
