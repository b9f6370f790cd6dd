"""Sixteen people edit one project at once while their sockets are cut: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from nirman.collaboration.client import RefusedError, RoomClient
from nirman.collaboration.dialing import WebSocket
from nirman.errors import FieldConflict
from nirman.local import people
from nirman.planning.commands import Command, Operation, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind
from tests.stack.conftest import Person, Stack
from tests.support.room_client import room_client
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack

WRITERS = 16
EDITS = 10
CUTS = 12
SHARED_TASKS = (1, 2, 3)
"""A third of the edits change the name of one of these."""


@dataclass
class Seen:
    """What one client saw and was told."""

    applied: list[Event] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    cuts: int = 0


class Cutting:
    """Dials as a client does, and can cut the line that is open."""

    def __init__(self, dial: Callable[[], Any], seen: Seen) -> None:
        self._dial = dial
        self._seen = seen
        self._open: WebSocket | None = None

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[WebSocket]:
        async with self._dial() as socket:
            self._open = socket
            try:
                yield socket
            finally:
                self._open = None

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def cut(self) -> None:
        """As when a train enters a tunnel: no closing words."""
        assert self._open is not None
        self._seen.cuts += 1
        self._open._connection.transport.abort()


async def write(
    client: RoomClient, seen: Seen, writer: int, choose: random.Random, *, times: int, together: asyncio.Barrier
) -> None:
    """One edit after the other, each based on what this client has applied; the first by all at once."""
    for number in range(EDITS):
        await asyncio.wait_for(client.joined.wait(), 240)
        command_id = f"w{writer}-{number}"
        command = Command(command_id, client.revision or 0, (operation(writer, number, choose),))
        if number == 0:
            await together.wait()  # so that all are based on the same revision, and of those of one task one is taken
        answers = await asyncio.gather(
            *(asyncio.wait_for(client.edit(command), 240) for _ in range(times)), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, RefusedError):
                seen.refused[command_id] = {"code": answer.error.code, **answer.error.details}
            elif isinstance(answer, BaseException):
                raise answer
            else:
                revision = seen.acknowledged.setdefault(command_id, answer.revision)
                assert revision == answer.revision, "one command, two revisions"
        assert (command_id in seen.acknowledged) != (command_id in seen.refused), "one command, two verdicts"


def operation(writer: int, number: int, choose: random.Random) -> Operation:
    if number % 3 == 0:
        return Update(Kind.TASK, choose.choice(SHARED_TASKS), {"name": f"Writer {writer}, edit {number}"})
    mine = 10 + writer
    if number % 3 == 1:
        return Update(Kind.TASK, mine, {"duration_minutes": 480 + 60 * number})
    return Update(Kind.TASK, mine, {"notes": f"edit {number}"})


async def cut_lines(
    lines: list[Cutting], choose: random.Random, answers: Callable[[], int], *, cuts: int, of: int
) -> None:
    """Cuts a line now and then until there are `of` answers; by the answers, so as often however fast they come."""
    for number in range(1, cuts + 1):
        while answers() < of * number // (cuts + 1):
            await asyncio.sleep(0.02)
        await asyncio.sleep(choose.uniform(0.0, 0.2))
        while not (still := [line for line in lines if line.is_open]):
            await asyncio.sleep(0.02)
        choose.choice(still).cut()


async def edit_together(person: Person, project: str, *, times: int, seed: int) -> list[Seen]:
    choose = random.Random(seed)
    everybody = [Seen() for _ in range(WRITERS)]
    clients, lines = [], []
    for seen in everybody:
        client = room_client(person, project, apply=seen.applied.append, ping_every_s=2.0, resend_after_s=20.0)
        line = Cutting(client._dial, seen)
        client._dial = line
        clients.append(client)
        lines.append(line)
    running = [asyncio.create_task(client.run()) for client in clients]
    together = asyncio.Barrier(WRITERS)

    def answers() -> int:
        return sum(len(seen.acknowledged) + len(seen.refused) for seen in everybody)

    cutting = asyncio.create_task(cut_lines(lines, choose, answers, cuts=CUTS, of=WRITERS * EDITS))
    try:
        await asyncio.gather(
            *(
                write(client, seen, writer, random.Random(seed + writer), times=times, together=together)
                for writer, (client, seen) in enumerate(zip(clients, everybody, strict=True))
            )
        )
        await cutting
        head = max(max(seen.acknowledged.values()) for seen in everybody)
        async with asyncio.timeout(WAIT_S):
            while not all((client.revision or 0) >= head for client in clients):
                await asyncio.sleep(0.1)
    finally:
        for task in (cutting, *running):
            task.cancel()
        for task in (cutting, *running):
            with suppress(asyncio.CancelledError):
                await task
    return everybody


def make_project(person: Person) -> str:
    """Thirty tasks in a chain."""
    project = person.post("/projects", {"name": "বহুতল / Tower", "start": "2026-01-04T08:00:00"})["project"]
    tasks = [{"op": "create", "kind": "task", "uid": uid, "values": {"name": f"Task {uid}"}} for uid in range(1, 31)]
    links = [
        {"op": "create", "kind": "link", "values": {"predecessor_uid": uid, "successor_uid": uid + 1}}
        for uid in range(1, 30)
    ]
    person.post(f"/projects/{project}/commands", {"operations": tasks + links}, base_revision=1)
    return str(project)


def head_of(person: Person, project: str) -> int:
    return int(person.get(f"/projects/{project}")["revision"])


def whole_log(person: Person, project: str) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = []
    while True:
        page = person.get(f"/projects/{project}/events", after=len(log), limit=100)
        log += page["events"]
        if page["complete"]:
            return log


@pytest.mark.parametrize("times", [1, 2], ids=["each command once", "each command twice"])
def test_sixteen_writers_lose_nothing(stack: Stack, times: int) -> None:
    person = stack.person(f"writers-{times}", "owner")
    people.subscribe(stack.deployed, person.principal.tenant, people.FOR_LOAD)
    project = make_project(person)
    first = head_of(person, project)
    everybody = asyncio.run(edit_together(person, project, times=times, seed=7 * times))
    log = whole_log(person, project)
    by_command = {event["command_id"]: event for event in log}

    assert [event["revision"] for event in log] == list(range(1, len(log) + 1))
    assert max(Counter(event["command_id"] for event in log).values()) == 1
    acknowledged = {command: at for seen in everybody for command, at in seen.acknowledged.items()}
    refused = {command: why for seen in everybody for command, why in seen.refused.items()}
    assert len(acknowledged) + len(refused) == WRITERS * EDITS
    # Every acknowledged edit is the revision it was said to be; every refused one is in no revision.
    assert {command: by_command[command]["revision"] for command in acknowledged} == acknowledged
    assert not refused.keys() & by_command.keys()
    assert len(log) == first + len(acknowledged)
    # Only the shared fields can be refused, and every refusal says both values, who and when.
    for command, why in refused.items():
        assert why["code"] == "conflict", why
        [conflict] = why["conflicts"]
        assert FieldConflict(**conflict).field == "name"
        assert int(command.partition("-")[2]) % 3 == 0
        assert conflict["yours"] != conflict["theirs"]
        assert conflict["by"] == person.account.name
        assert log[conflict["revision"] - 1]["at"] == conflict["at"]
    # Each client applied every revision after the one it began with, once and in order, with the log's own content.
    for seen in everybody:
        revisions = [event.revision for event in seen.applied]
        assert revisions == list(range(revisions[0], revisions[-1] + 1))
        assert revisions[-1] == log[-1]["revision"]
        assert [event.digest for event in seen.applied] == [e["digest"] for e in log[revisions[0] - 1 :]]
    # The plan is what the log says: the last acknowledged value of each field.
    last: dict[tuple[int, str], Any] = {}
    for event in log[first:]:
        for change in event["changes"]:
            for name, (_, after) in change["fields"].items():
                last[change["uid"], name] = after
    tasks = {task["uid"]: task for task in person.get(f"/projects/{project}/tasks", limit=100)["items"]}
    assert {(uid, name): tasks[uid][name] for uid, name in last} == last
    cuts = sum(seen.cuts for seen in everybody)
    print(f"{len(acknowledged)} acknowledged, {len(refused)} refused with both values, {cuts} cuts, head {len(log)}")
    assert cuts == CUTS
    assert len(refused) >= WRITERS - len(SHARED_TASKS)
