"""Opening a socket with the `websockets` package, which no Lambda function needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException


class WebSocket:
    """Port: `client.Socket`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except WebSocketException as exc:
            raise ConnectionError(str(exc)) from exc

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except WebSocketException as exc:
            raise ConnectionError(str(exc)) from exc


@asynccontextmanager
async def dial(address: str, ticket: Callable[[], Awaitable[str]]) -> AsyncIterator[WebSocket]:
    """A socket opened with a new ticket; ConnectionError if it is refused."""
    url = urlsplit(address)
    # Names under localhost are this machine, but not every resolver knows.
    here: dict[str, Any] = (
        {"host": "127.0.0.1", "port": url.port} if (url.hostname or "").endswith(".localhost") else {}
    )
    try:
        async with connect(f"{address}?ticket={await ticket()}", max_size=2**20, **here) as connection:
            yield WebSocket(connection)
    except InvalidHandshake as exc:
        raise ConnectionError(str(exc)) from exc
