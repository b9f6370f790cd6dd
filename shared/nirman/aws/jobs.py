"""Jobs in the plan table and their messages on SQS."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from nirman.aws import keys
from nirman.aws.unfinished import Unfinished
from nirman.errors import BusyError, NotFoundError, TooManyAtOnceError
from nirman.jobs.job import Job, JobKind
from nirman.jobs.ports import AtOnce, JobChangedError
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_decoder = msgspec.json.Decoder(Job)
_TRIES = 8
"""Of keeping a new job while others of the tenant ask for some."""


class JobMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """All a worker is told; the rest is in the table."""

    tenant: str
    job: str
    part: int | None = None
    """Of a job in parts."""


def job_from_image(image: Mapping[str, Any]) -> Job:
    """The job of an item, as the table gives it or its stream."""
    return _decoder.decode(image["job"]["S"])


class DynamoJobStore:
    """Port: `jobs.ports.JobStore`. Ids ascend with time, so the sort key is the order of making."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._unfinished = Unfinished(dynamodb, table, self.get)

    def add(self, job: Job, *, idempotency_key: str | None, at_once: AtOnce | None = None) -> Job:
        for _ in range(_TRIES):
            try:
                puts = [_new(_item(job))]
                if idempotency_key is not None:
                    puts.append(_new(_idempotency_key(job.key, idempotency_key) | {"job": {"S": job.id}}))
                if at_once is not None:
                    puts.append(self._unfinished.place_for(job, at_once))
                items: list[Any] = [{"Put": put | {"TableName": self._table}} for put in puts]
                self._dynamodb.transact_write_items(TransactItems=items)
            except (self._dynamodb.exceptions.TransactionCanceledException, TooManyAtOnceError) as exc:
                if made_before := self._made_before(job, idempotency_key):
                    return made_before
                if isinstance(exc, TooManyAtOnceError):
                    raise
            else:
                return job
        raise BusyError("too many jobs are being asked for at this moment; ask again")

    def _made_before(self, job: Job, idempotency_key: str | None) -> Job | None:
        item = self._get(_idempotency_key(job.key, idempotency_key)) if idempotency_key else None
        return self.get(job.tenant, item["job"]["S"]) if item else None

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

    def of_project(
        self, key: ProjectKey, *, limit: int, before: str | None, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> tuple[Job, ...]:
        jobs = (job_from_image(item) for item in self._newest_first(key, before))
        return tuple(islice((job for job in jobs if job.kind in kinds), limit))

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
    """Port: `jobs.ports.JobQueue`. `urls` has the queue of each kind of job."""

    def __init__(self, sqs: SQSClient, urls: Mapping[JobKind, str]) -> None:
        self._sqs = sqs
        self._urls = urls

    def send(self, job: Job, *, part: int | None = None) -> None:
        message = JobMessage(job.tenant, job.id, part)
        self._sqs.send_message(QueueUrl=self._urls[job.kind], MessageBody=msgspec.json.encode(message).decode())


class SqsReceipt:
    """Port: `jobs.ports.Receipt`, of one message as a function got it."""

    def __init__(self, sqs: SQSClient, url: str, handle: str) -> None:
        self._sqs = sqs
        self._url = url
        self._handle = handle

    def hide(self, seconds: int) -> None:
        # Only when the message comes again depends on it: what is done is guarded by the job's lease.
        with suppress(ClientError):
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=self._handle, VisibilityTimeout=seconds
            )


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _new(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}


def _idempotency_key(key: ProjectKey, value: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{key.project}#{value}".encode()).hexdigest()
    return _key(keys.jobs(key.tenant), keys.job_key(digest))


def _item(job: Job) -> dict[str, Any]:
    return _key(keys.jobs(job.tenant), keys.job(job.id)) | {
        "job": {"S": msgspec.json.encode(job).decode()},
        "project": {"S": job.project},
        "version": {"N": str(job.version)},
    }
