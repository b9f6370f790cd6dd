"""Posting to connections by the management API of the WebSocket API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from nirman.collaboration.ports import GoneError, NotDeliveredError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class ManagementSockets:
    """Port: `collaboration.ports.Sockets`. The client makes one try a call; who calls decides about others."""

    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    def post(self, connection_id: str, data: bytes) -> None:
        with self._failures(connection_id):
            self._client.post_to_connection(ConnectionId=connection_id, Data=data)

    def close(self, connection_id: str) -> None:
        with suppress(GoneError), self._failures(connection_id):
            self._client.delete_connection(ConnectionId=connection_id)

    @contextmanager
    def _failures(self, connection_id: str) -> Iterator[None]:
        """Raises the port's errors for the client's."""
        try:
            yield
        except self._client.exceptions.GoneException as exc:
            raise GoneError(connection_id) from exc
        except ClientError as exc:
            status = exc.response["ResponseMetadata"]["HTTPStatusCode"]
            again = status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR
            raise NotDeliveredError(exc.response["Error"]["Code"], again=again) from exc
        except BotoCoreError as exc:
            # No answer in time: it may have arrived. A second one would cost as much time again.
            raise NotDeliveredError(str(exc), again=False) from exc
