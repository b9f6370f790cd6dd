"""Tables and buckets in memory, built from the template; nothing here reaches a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.loaders import Loader, create_loader
from moto import mock_aws

from tests.support import examples
from tests.support.groups import Groups, sort_longest_first
from tests.support.template import create_table_arguments

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

__all__ = ["examples"]  # imported for what it does to hypothesis

REGION = "us-east-1"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    config.option.loadscopereorder = False  # the order is that of `sort_longest_first`
    return Groups(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of xdist's processes; who runs the tests alone has them in order
        sort_longest_first(items)


@cache
def _service_models(search_path: str | None = None) -> Loader:
    """Read once: each test has a session of its own, which else reads them again for half a second."""
    return create_loader(search_path)


@cache
def _client(service: str) -> Any:
    """Made once, for that takes longer than many a test; what it reaches is new for each test."""
    return boto3.client(service)  # type: ignore[call-overload]


@pytest.fixture(autouse=True)
def event_loop() -> Iterator[None]:
    """Mangum runs the HTTP API on the current event loop and would else make one that nobody closes."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in memory, for clients made while the test runs; never the account of whoever runs the tests."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr("botocore.session.create_loader", _service_models)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> DynamoDBClient:
    return _client("dynamodb")


@pytest.fixture
def s3(aws: None) -> S3Client:
    return _client("s3")


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    return _client("sqs")


@pytest.fixture
def plan_table(dynamodb: DynamoDBClient) -> str:
    """Name of an empty plan table, as the template declares it."""
    dynamodb.create_table(**create_table_arguments("PlanTable", "plans"))
    return "plans"


@pytest.fixture
def connections_table(dynamodb: DynamoDBClient) -> str:
    """Name of an empty connections table, as the template declares it."""
    dynamodb.create_table(**create_table_arguments("ConnectionsTable", "connections"))
    return "connections"


@pytest.fixture
def read_models_table(dynamodb: DynamoDBClient) -> str:
    """Name of an empty table of read models, as the template declares it."""
    dynamodb.create_table(**create_table_arguments("ReadModelsTable", "read-models"))
    return "read-models"


@pytest.fixture
def plan_bucket(s3: S3Client) -> str:
    s3.create_bucket(Bucket="plan-bucket")
    return "plan-bucket"


@pytest.fixture
def files_bucket(s3: S3Client) -> str:
    s3.create_bucket(Bucket="files-bucket")
    return "files-bucket"


@pytest.fixture
def jobs_queue(sqs: SQSClient) -> str:
    """Address of an empty job queue."""
    return sqs.create_queue(QueueName="jobs")["QueueUrl"]


@pytest.fixture
def optimization_queue(sqs: SQSClient) -> str:
    """Address of an empty queue of optimizations."""
    return sqs.create_queue(QueueName="optimizations")["QueueUrl"]
