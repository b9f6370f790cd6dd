"""A history over real sockets, functions and streams, held against the log by the same checker as the long ones."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import msgspec
import pytest

from nirman.collaboration.client import RefusedError, RoomClient
from nirman.collaboration.messages import Ping, encode
from nirman.planning.change import apply_changes
from nirman.planning.commands import Command, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind, Plan, Project
from nirman.tenancy.identity import ProjectKey
from tests.history.checker import check
from tests.history.history import Applied, Asked, History, Loaded, Reading, Received, Said
from tests.stack.conftest import Person, Stack
from tests.stack.test_many_writers import Cutting, Seen, cut_lines, head_of, make_project, whole_log
from tests.support.room_client import room_client
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack

WRITERS, READERS, COMMANDS, TASKS = 3, 3, 8, 4
CUTS = 4
FIRST = 2
"""Revision of a project as it is made; everybody begins there."""


class Client:
    """A client whose sockets are written down."""

    def __init__(self, person: Person, key: ProjectKey, who: str, plan: Plan) -> None:
        self.reading = Reading(who, key, [Loaded(FIRST, plan)], plan=plan)
        self.seen = Seen()
        self._connections = 0
        self.client: RoomClient = room_client(
            person, key.project, apply=self._apply, revision=FIRST, ping_every_s=2.0, resend_after_s=20.0
        )
        self._dial = self.client._dial
        self.client._dial = self._written_down
        self.line = Cutting(self._dial, self.seen)

    @asynccontextmanager
    async def _written_down(self) -> AsyncIterator[Any]:
        self._connections += 1
        connection, steps = f"{self.reading.who} {self._connections}", self.reading.steps
        async with self.line() as socket:
            send, receive = socket.send, socket.receive

            async def sent(text: str) -> None:
                steps.append(Said(connection, text, time.monotonic()))
                await send(text)

            async def received() -> bytes:
                data = await receive()
                data = data.encode() if isinstance(data, str) else data
                steps.append(Received(connection, data, time.monotonic(), open_until=float("inf")))
                return data

            socket.send, socket.receive = sent, received
            yield socket

    def _apply(self, event: Event) -> None:
        self.reading.steps.append(Applied(event))
        self.reading.plan = apply_changes(self.reading.plan, event.changes)

    async def write(self, history: History, choose: random.Random) -> None:
        for number in range(COMMANDS):
            uid = choose.randint(1, TASKS)
            values = choose.choice(
                [{"name": f"{self.reading.who} {number}"}, {"duration_minutes": 60 * choose.randint(1, 99)}]
            )
            command = Command(
                f"{self.reading.who}-{number}", self.client.revision or FIRST, (Update(Kind.TASK, uid, values),)
            )
            asked = Asked(self.reading.who, self.reading.key, command, time.monotonic())
            history.asked.append(asked)
            twice = (asyncio.wait_for(self.client.edit(command), WAIT_S) for _ in range(1 + (number % 4 == 0)))
            for answer in await asyncio.gather(*twice, return_exceptions=True):
                if isinstance(answer, RefusedError):
                    asked.outcome, asked.code = "refused", answer.error.code
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    asked.outcome = "acked"
                    asked.revisions.append(answer.revision)
                    asked.answered_at = asked.answered_at or time.monotonic()

    async def read(self, choose: random.Random) -> None:
        for number in range(COMMANDS):
            await asyncio.sleep(choose.uniform(0.1, 0.6))
            if self.client._socket is not None:
                ping = Ping(f"by hand {number}", self.reading.key.project)
                with suppress(ConnectionError):
                    await self.client._socket.send(encode(ping).decode())


async def act(clients: list[Client], history: History, seed: int) -> None:
    choose = random.Random(seed)
    running = [asyncio.create_task(one.client.run()) for one in clients]

    def answers() -> int:
        return sum(asked.outcome != "unknown" for asked in history.asked)

    writers = sum("writer" in one.reading.who for one in clients)
    lines = [one.line for one in clients]
    cutting = asyncio.create_task(cut_lines(lines, choose, answers, cuts=CUTS, of=writers * COMMANDS))
    try:
        await asyncio.gather(
            *(
                one.read(random.Random(f"{seed} {number}"))
                if "reader" in one.reading.who
                else one.write(history, random.Random(f"{seed} {number}"))
                for number, one in enumerate(clients)
            )
        )
        await cutting
        heads = {asked.key: 0 for asked in history.asked}
        for asked in history.asked:
            heads[asked.key] = max([heads[asked.key], *asked.revisions])
        async with asyncio.timeout(WAIT_S):
            while not all((one.client.revision or 0) >= heads[one.reading.key] for one in clients):
                await asyncio.sleep(0.1)
    finally:
        for task in (cutting, *running):
            task.cancel()
        await asyncio.gather(cutting, *running, return_exceptions=True)


def founded(log: list[Event]) -> Plan:
    plan = Plan(project=Project(start=datetime(1970, 1, 1)))
    for event in log[:FIRST]:
        plan = apply_changes(plan, event.changes)
    return plan


def test_a_history_over_real_sockets_breaks_no_promise(stack: Stack) -> None:
    history = History(seed=11)
    clients, owners = [], {}
    for tenant in ("history-padma", "history-meghna"):
        owner = stack.person(tenant, "owner")
        key = ProjectKey(tenant, make_project(owner))
        owners[key] = owner
        plan = founded(msgspec.convert(whole_log(owner, key.project), list[Event]))
        for number in range(WRITERS + READERS):
            role = "writer" if number < WRITERS else "reader"
            person = stack.person(tenant, "planner")
            path = f"/projects/{key.project}/members/{person.principal.user}"
            owner.http.put(path, json={"role": "planner"}).raise_for_status()
            clients.append(Client(person, key, f"{tenant}-{role}-{number}", plan))
    asyncio.run(act(clients, history, history.seed))
    for key, owner in owners.items():
        history.log[key] = tuple(msgspec.convert(whole_log(owner, key.project), list[Event]))
        history.heads[key] = head_of(owner, key.project)
    for one in clients:
        one.reading.revision = one.client.revision
        history.readings.append(one.reading)
    assert check(history) == []
    assert sum(one.seen.cuts for one in clients) == CUTS
    assert any(asked.outcome == "acked" for asked in history.asked)
