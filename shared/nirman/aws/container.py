"""The one place where ports meet adapters. Clients are built once, when first needed."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})


class Container:
    """Collaborators of a function; `settings` is one of `aws.settings`, asked only for what is used."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return boto3.client("dynamodb", config=_CONFIG)

    @cached_property
    def s3(self) -> S3Client:
        # Path style where buckets have no DNS name of their own; SigV4 so that presigned posts carry the size limit.
        local = "AWS_ENDPOINT_URL" in os.environ
        config = Config(signature_version="s3v4", s3={"addressing_style": "path" if local else "auto"})
        return boto3.client("s3", config=_CONFIG.merge(config))

    @cached_property
    def sqs(self) -> SQSClient:
        return boto3.client("sqs", config=_CONFIG)
