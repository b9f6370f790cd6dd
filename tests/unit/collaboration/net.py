"""A net in memory between the product's client and the service, which loses what it is told to."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from nirman.collaboration.client import RoomClient
from nirman.collaboration.frames import event_frames
from nirman.collaboration.messages import encode
from nirman.planning.commands import Command, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind
from tests.fakes.rooms import KEY, Stage
from tests.support.waiting import WAIT_S


def command(name: str, base: int = 0) -> Command:
    return Command(name, base, (Update(Kind.TASK, 1, {"name": name}),))


class Wire:
    """One connection: what the client says is answered by the rooms; frames can be put on it."""

    def __init__(self, net: Net, connection: str) -> None:
        self.net = net
        self.id = connection
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        await asyncio.sleep(0)
        said = msgspec.json.decode(text)
        self.net.said.append(said)
        reply = encode(self.net.stage.dialogue.answer(self.id, text))
        self.net.deliver()
        if self.net.lose_replies > 0 and self.net.losing in ("", said["type"]):
            self.net.lose_replies -= 1
        else:
            self.inbox.put_nowait(reply)

    async def receive(self) -> bytes:
        data = await self.inbox.get()
        if data is None:
            raise ConnectionError("cut")
        return data


class Net:
    """Sockets in memory around a stage; posts reach the wires when `deliver`ed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.wires: dict[str, Wire] = {}
        self.said: list[dict[str, Any]] = []
        self.lose_replies = 0
        self.losing = ""
        """Type of the messages to which replies are lost; if empty, to any."""
        self.delivered: dict[str, int] = {}
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[Wire]:
        wire = Wire(self, f"w{next(self._numbers)}")
        self.stage.connect(wire.id, "amina")
        self.wires[wire.id] = wire
        try:
            yield wire
        finally:
            self.wires.pop(wire.id)
            self.stage.service.disconnect(wire.id)

    def deliver(self) -> None:
        for connection, frames in self.stage.sockets.posted.items():
            if wire := self.wires.get(connection):
                for frame in frames:
                    wire.inbox.put_nowait(frame)
        self.stage.sockets.posted.clear()

    def cut(self) -> None:
        for wire in self.wires.values():
            wire.inbox.put_nowait(None)

    def commit(self, count: int = 1, *, lose: bool = False, **values: Any) -> None:
        """Commits of others, and what the broadcaster makes of them."""
        made = self.stage.plans.append(KEY, count, **values)
        if not lose:
            self.stage.broadcast.send(KEY, [encode(message) for message in event_frames(made)])
        self.deliver()


class Reader:
    """A client and everything it applied."""

    def __init__(self, net: Net, **options: Any) -> None:
        self.net = net
        self.applied: list[int] = []
        self.loads = 0
        self.fetched: list[int] = []
        settings = {"revision": 0, "jitter": lambda: 0.0, "ping_every_s": 0.02, "resend_after_s": 0.05, **options}
        self.client = RoomClient(
            project="tower",
            dial=net.dial,
            load=self.load,
            fetch=self.fetch,
            apply=lambda event: self.applied.append(event.revision),
            **settings,
        )

    async def load(self) -> int:
        self.loads += 1
        return len(self.net.stage.plans.log.get(KEY, ()))

    async def fetch(self, after: int) -> Event:
        self.fetched.append(after)
        return self.net.stage.plans.log[KEY][after]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.client.run())
        try:
            await self.until(lambda: self.client.joined.is_set() or task.done())
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while not holds():
                await asyncio.sleep(0.001)

    async def reaches(self, revision: int) -> None:
        await self.until(lambda: self.client.revision == revision)


@pytest.fixture
def net(stage: Stage) -> Net:
    return Net(stage)
