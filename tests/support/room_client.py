"""The product's own room client, dialled and fed by a person of a stack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from nirman.collaboration.client import RoomClient
from nirman.collaboration.dialing import dial
from nirman.planning.events import Event

if TYPE_CHECKING:
    from tests.stack.conftest import Person


def room_client(person: Person, project: str, *, apply: Callable[[Event], None], **options: Any) -> RoomClient:
    """Loads and fetches by REST; whatever fails on the way is an OSError, so it is tried again."""

    async def call(method: Callable[..., Any], path: str, **query: Any) -> Any:
        try:
            return await asyncio.to_thread(partial(method, path, **query))
        except httpx.HTTPError as exc:
            raise ConnectionError(str(exc)) from exc

    async def ticket() -> str:
        return str((await call(person.post, "/ws-ticket"))["ticket"])

    async def load() -> int:
        return int((await call(person.get, f"/projects/{project}"))["revision"])

    async def fetch(after: int) -> Event:
        page = await call(person.get, f"/projects/{project}/events", after=after, limit=1)
        return msgspec.convert(page["events"][0], Event)

    return RoomClient(
        project=project,
        dial=lambda: dial(person.deployed.socket_url, ticket),
        load=load,
        fetch=fetch,
        apply=apply,
        **options,
    )
