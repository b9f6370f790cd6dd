"""Jobs in the plan table and their messages on SQS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nirman.aws import keys
from nirman.errors import BusyError, NotFoundError
from nirman.jobs.job import Job
from nirman.jobs.ports import JobChangedError
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_decoder = msgspec.json.Decoder(Job)


class JobMessage(msgspec.Struct, frozen=True):
    """All a worker is told; the rest is in the table."""

    tenant: str
    job: str


def job_from_image(image: Mapping[str, Any]) -> Job:
    """The job of an item, as the table gives it or its stream."""
    return _decoder.decode(image["job"]["S"])


class DynamoJobStore:
    """Port: `jobs.ports.JobStore`. Ids ascend with time, so the sort key is the order of making."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def add(self, job: Job, *, idempotency_key: str | None) -> Job:
        items = [_item(job)]
        if idempotency_key is not None:
            items.append(_idempotency_key(job.key, idempotency_key) | {"job": {"S": job.id}})
        try:
            self._dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
                    for item in items
                ]
            )
        except self._dynamodb.exceptions.TransactionCanceledException as exc:
            made_before = self._get(_idempotency_key(job.key, idempotency_key)) if idempotency_key else None
            if made_before is None:
                raise BusyError("the same job is being asked for at this moment; ask again") from exc
            return self.get(job.tenant, made_before["job"]["S"])
        return job

    def get(self, tenant: str, job_id: str) -> Job:
        item = self._get(_key(keys.jobs(tenant), keys.job(job_id)))
        if item is None:
            raise NotFoundError(f"there is no job {job_id!r}")
        return job_from_image(item)

    def save(self, job: Job) -> None:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=_item(job),
                ConditionExpression="#version = :before",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":before": {"N": str(job.version - 1)}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as exc:
            raise JobChangedError(job.id) from exc

    def of_project(self, key: ProjectKey, *, limit: int, before: str | None) -> tuple[Job, ...]:
        found = []
        for item in self._newest_first(key, before):
            found.append(job_from_image(item))
            if len(found) == limit:
                break
        return tuple(found)

    def _newest_first(self, key: ProjectKey, before: str | None) -> Iterator[Mapping[str, Any]]:
        start: Any = {"ExclusiveStartKey": _key(keys.jobs(key.tenant), keys.job(before))} if before else {}
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            FilterExpression="#project = :project",
            ExpressionAttributeNames={"#project": "project"},
            ExpressionAttributeValues={
                ":pk": {"S": keys.jobs(key.tenant)},
                ":prefix": {"S": keys.JOB_PREFIX},
                ":project": {"S": key.project},
            },
            **start,
        )
        for page in pages:
            yield from page["Items"]

    def _get(self, key: dict[str, Any]) -> Mapping[str, Any] | None:
        return self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")


class SqsJobQueue:
    """Port: `jobs.ports.JobQueue`."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, tenant: str, job_id: str) -> None:
        self._sqs.send_message(QueueUrl=self._url, MessageBody=msgspec.json.encode(JobMessage(tenant, job_id)).decode())


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _idempotency_key(key: ProjectKey, value: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{key.project}#{value}".encode()).hexdigest()
    return _key(keys.jobs(key.tenant), keys.job_key(digest))


def _item(job: Job) -> dict[str, Any]:
    return _key(keys.jobs(job.tenant), keys.job(job.id)) | {
        "job": {"S": msgspec.json.encode(job).decode()},
        "project": {"S": job.project},
        "version": {"N": str(job.version)},
    }
