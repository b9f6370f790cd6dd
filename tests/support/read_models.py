"""Read models in a table in memory, fed as a stream feeds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from functions.projector.records import read
from nirman.aws import keys
from nirman.aws.directory import DynamoDirectory
from nirman.aws.plan_log import DynamoPlanLog
from nirman.aws.read_models import DynamoReadModels
from nirman.projection.projector import Projector
from nirman.tenancy.identity import ProjectKey
from tests.support.faults import three_tries

Record = dict[str, Any]


def record(pk: str, sk: str, number: int = 1, name: str = "INSERT") -> Record:
    stored = {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": f"{number:021d}"}
    return {"eventName": name, "dynamodb": stored}


def event_record(key: ProjectKey, revision: int) -> Record:
    return record(keys.project(key), keys.event(revision), revision)


def projector_of(dynamodb: Any, s3: Any, plans: str, bucket: str, models: str) -> Projector:
    log = DynamoPlanLog(dynamodb, s3, table=plans, bucket=bucket)
    return Projector(log, DynamoDirectory(dynamodb, plans), DynamoReadModels(dynamodb, models), pauses=three_tries)


def feed(projector: Projector, records: Iterable[Record]) -> int:
    """One batch, as the function takes it; how many events were taken in."""
    return sum(task.run(projector) for task in read(records).tasks)


def contents(dynamodb: Any, table: str) -> dict[tuple[str, str], Any]:
    """Every item of the table, without what counts the changes of a set of people."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    return {
        (item.pop("pk")["S"], item.pop("sk")["S"]): {name: value for name, value in item.items() if name != "version"}
        for item in items
    }
