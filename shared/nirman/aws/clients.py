"""Clients of AWS, built once, when first needed, and the addresses that depend on where the stack runs."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})


class Clients:
    """`settings` is one of `aws.settings`, asked only for what is used."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    @cached_property
    def _session(self) -> Session:
        # Not boto3's: what that adds (resources, transfers in parts) is not used, and loading it delays every start.
        return get_session()

    def _client(self, service: str, config: Config = _CONFIG, address: str | None = None) -> Any:
        return self._session.create_client(service, config=config, endpoint_url=address)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        client: DynamoDBClient = self._client("dynamodb")
        return client

    @cached_property
    def s3(self) -> S3Client:
        # Path style where buckets have no DNS name of their own; SigV4 so that presigned posts carry the size limit.
        local = "AWS_ENDPOINT_URL" in os.environ
        config = Config(signature_version="s3v4", s3={"addressing_style": "path" if local else "auto"})
        client: S3Client = self._client("s3", _CONFIG.merge(config))
        return client

    @cached_property
    def sqs(self) -> SQSClient:
        client: SQSClient = self._client("sqs")
        return client

    @cached_property
    def functions(self) -> LambdaClient:
        """For calls that nobody waits for."""
        client: LambdaClient = self._client("lambda")
        return client

    def patient_functions(self, *, read_timeout_s: int, connections: int) -> LambdaClient:
        """For calls whose answer is waited for."""
        client: LambdaClient = self._client("lambda", _one_try(read_timeout_s, connections))
        return client

    @cached_property
    def management(self) -> ApiGatewayManagementApiClient:
        """Of the connections of the sockets. Whether a post is tried again depends on why it failed: not here."""
        from nirman.collaboration.posting import THREADS

        config = _one_try(3, THREADS)
        client: ApiGatewayManagementApiClient = self._client("apigatewaymanagementapi", config, self.management_address)
        return client

    @property
    def management_address(self) -> str:
        settings = self.settings
        if emulator := os.environ.get("AWS_ENDPOINT_URL"):
            return f"{emulator}/_aws/execute-api/{settings.websocket_api_id}/{settings.websocket_stage}"
        return str(settings.websocket_url)

    @property
    def keys_address(self) -> str:
        """Where the issuer's keys are; those of a user pool that the emulator keeps are at the emulator."""
        if self.settings.oidc_jwks_url:
            return str(self.settings.oidc_jwks_url)
        issuer = urlsplit(self.settings.oidc_issuer)
        emulator = os.environ.get("AWS_ENDPOINT_URL")
        local = emulator and (issuer.hostname or "").startswith("cognito-idp.")
        base = f"{emulator}{issuer.path}" if local else issuer.geturl().rstrip("/")
        return f"{base}/.well-known/jwks.json"

    @property
    def socket_address(self) -> str:
        """Where clients open sockets; the emulator serves every API at its own port, by host name."""
        address = urlsplit(str(self.settings.websocket_address))
        if not (emulator := os.environ.get("AWS_ENDPOINT_URL")):
            return address.geturl()
        api_id = (address.hostname or "").partition(".")[0]
        return f"ws://{api_id}.execute-api.localhost:{urlsplit(emulator).port}{address.path}"


def _one_try(read_timeout_s: int, connections: int) -> Config:
    return Config(
        connect_timeout=1,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 1},
        max_pool_connections=connections,
    )
