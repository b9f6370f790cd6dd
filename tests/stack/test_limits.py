"""Limits on the whole stack: shared by every way in, and a flood closes only the socket that it comes by."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from nirman.collaboration.gate import REFUSED_PER_WRITE
from nirman.local import people
from nirman.tenancy.limits import MAX_REFUSED, Limits
from tests.stack.conftest import Person, Stack
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack

_tenants = itertools.count(1)
SMALL = Limits(
    name="small", edits_per_minute=6, messages_per_minute=40, connections_per_user=2, connections_per_tenant=3
)


def owner_of(stack: Stack, limits: Limits = SMALL) -> tuple[Person, str]:
    """Somebody with a project of one task, at revision 2; making it took one of the edits."""
    owner = stack.person(f"limits-{next(_tenants)}", "owner")
    people.subscribe(stack.deployed, owner.principal.tenant, limits)
    project = owner.post("/projects", {"name": "টাওয়ার", "start": "2026-11-22T08:00:00"})["project"]
    made = {"op": "create", "kind": "task", "uid": 1, "values": {"name": "Piling"}}
    owner.post(f"/projects/{project}/commands", {"operations": [made]}, base_revision=1)
    return owner, project


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 5 * WAIT_S))  # type: ignore[arg-type]


async def said(socket: Any, **message: Any) -> dict[str, Any]:
    """The answer to it, whatever is told in between."""
    await socket.send(json.dumps({"id": "1", **message}))
    while True:
        answer: dict[str, Any] = json.loads(await socket.recv())
        if "id" in answer:
            return answer


def test_edits_by_socket_and_by_rest_at_once_share_one_allowance(stack: Stack) -> None:
    began = time.monotonic()
    owner, project = owner_of(stack)

    def notes_until_refused() -> int:
        """How many were let in."""
        body, seen = {"notes": "same"}, {"base_revision": 2}
        for count in range(100):
            answer = owner.http.patch(f"/projects/{project}/tasks/1", json=body, params=seen)
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.headers["ratelimit-policy"] == '"edits";q=6;w=60'
                return count
            assert answer.status_code == 200, answer.text
        raise AssertionError("nothing was refused")

    async def story() -> None:
        async with owner.connect() as socket:
            relabel = {"op": "update", "kind": "task", "uid": 1, "add": {"labels": ["wet"]}}
            command = {"command_id": "labels", "base_revision": 2, "operations": [relabel]}
            assert (await said(socket, type="edit", project=project, command=command))["type"] == "ack"
            notes = sum(await asyncio.gather(*(asyncio.to_thread(notes_until_refused) for _ in range(3))))
            # One was used to make the task, one for the label; a bucket of six, which fills meanwhile.
            assert 4 <= notes <= 4 + (time.monotonic() - began) / 10
            for number in range(20):  # there may be room for one again
                another = command | {"command_id": f"labels-{number}"}
                edit = await said(socket, type="edit", project=project, command=another)
                undo = await said(socket, type="undo", project=project, command_id=f"undo-{number}")
                if edit.get("code") == undo.get("code") == "rate-limited":
                    break
            assert [answer.get("details", {}).get("what") for answer in (edit, undo)] == ["edits"] * 2, (edit, undo)

    play(story)


PROCESSES = 20
"""More than the emulator keeps of the function; each may have a few messages that it has not written down yet."""


async def flood(socket: Any, heard: list[dict[str, Any]]) -> None:
    """Pings until the socket is closed; gives up after far more than any flood may have.

    Each waits for the answer to the one before: the emulator closes no socket that has sent something more meanwhile.
    """
    for number in range(5_000):
        await socket.send(json.dumps({"id": str(number), "type": "ping"}))
        answer: dict[str, Any] = {}
        while answer.get("id") != str(number):
            answer = json.loads(await socket.recv())
            heard.append(answer)


def test_a_flood_closes_the_socket_it_comes_by_and_no_other(stack: Stack) -> None:
    owner, _ = owner_of(stack)

    async def story() -> None:
        async with owner.connect() as quiet, owner.connect() as loud:
            heard: list[dict[str, Any]] = []
            began = time.monotonic()
            with pytest.raises(ConnectionClosed):
                await flood(loud, heard)
            minutes = (time.monotonic() - began) / 60  # buckets fill meanwhile, the more the slower the machine is
            refused = [answer for answer in heard if answer["type"] == "error"]
            assert {answer["code"] for answer in refused} == {"rate-limited"}
            assert [answer["text"].startswith("closed: ") for answer in refused if answer["id"] is None] == [True]
            answered = len(heard) - len(refused)
            assert SMALL.messages_per_minute <= answered <= SMALL.messages_per_minute * (1 + minutes) + PROCESSES
            assert len(refused) <= MAX_REFUSED * (1 + minutes) + PROCESSES * REFUSED_PER_WRITE
            assert (await said(quiet, type="ping"))["type"] == "pong"

    play(story)


def test_a_socket_too_many_is_not_opened(stack: Stack) -> None:
    owner, _ = owner_of(stack)
    other = stack.person(owner.principal.tenant, "viewer")

    async def story() -> None:
        async with owner.connect(), owner.connect() as last:
            with pytest.raises(InvalidStatus):
                await owner.connect()
            async with other.connect() as socket:
                assert (await said(socket, type="ping"))["type"] == "pong"
                with pytest.raises(InvalidStatus):
                    await other.connect()
            assert (await said(last, type="ping"))["type"] == "pong"

    play(story)


def test_an_undo_reaches_the_room_as_what_it_is(stack: Stack) -> None:
    owner, project = owner_of(stack)

    async def story() -> None:
        async with owner.connect() as mine, owner.connect() as other:
            await said(other, type="join", project=project, revision=2)
            undone = await said(mine, type="undo", project=project, command_id="u1")
            assert (undone["type"], undone["revision"], undone["undoes"]) == ("ack", 3, 2)
            while (told := json.loads(await other.recv()))["type"] != "event":
                pass
            assert (told["event"]["undoes"], told["event"]["changes"][0]["op"]) == (2, "deleted")

    play(story)
