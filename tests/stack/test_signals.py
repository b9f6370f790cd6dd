"""Cursors and presence over real sockets, by functions with their own roles."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from nirman.collaboration.ports import SIGNAL_FOR
from tests.stack.conftest import Person, Stack
from tests.stack.test_rooms import Socket, connected, play
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack

_tenants = itertools.count(1)


class Site:
    def __init__(self, stack: Stack) -> None:
        self.owner = stack.person(f"signals-{next(_tenants)}", "owner")
        self.project = self.owner.post("/projects", {"name": "সেতু / Bridge", "start": "2026-11-22T08:00:00"})["project"]
        self.stack = stack

    def member(self) -> Person:
        person = self.stack.person(self.owner.principal.tenant, "planner")
        path = f"/projects/{self.project}/members/{person.principal.user}"
        self.owner.http.put(path, json={"role": "planner"}).raise_for_status()
        return person

    async def signal(self, socket: Socket, task: int, **more: Any) -> dict[str, Any]:
        cursor = {"area": "gantt", "task": task}
        return await socket.say(type="signal", project=self.project, cursor=cursor, **more)

    async def show(self, speaker: Socket, person: Person, task: int, *, to: Socket) -> None:
        """The person's cursor on the task is seen there. Said again where it was so slow that it had become old."""
        async with asyncio.timeout(WAIT_S):
            while True:
                await self.signal(speaker, task)
                with suppress(TimeoutError):
                    await to.next(cursor_of(person, task), within_s=SIGNAL_FOR.total_seconds())
                    return

    async def look(self, socket: Socket, *tasks: int) -> dict[str, Any]:
        return await socket.say(type="look", project=self.project, looking={"area": "gantt", "tasks": tasks})


def cursor_of(person: Person, task: int) -> Any:
    """Whether a frame shows the person's cursor on the task."""

    def shows(heard: dict[str, Any]) -> bool:
        return heard["type"] == "signals" and any(
            pointer["user"] == person.principal.user and pointer["cursor"]["task"] == task
            for pointer in heard.get("pointers", ())
        )

    return shows


def pointers(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [pointer for frame in heard if frame["type"] == "signals" for pointer in frame["pointers"]]


@pytest.fixture
def site(stack: Stack) -> Site:
    return Site(stack)


def test_two_see_each_others_cursor_and_who_looks_elsewhere_does_not(site: Site) -> None:
    amina, bashir, chitra = site.owner, site.member(), site.member()

    async def story() -> None:
        async with connected(amina) as one, connected(bashir) as other, connected(chitra) as third:
            for socket in (one, other, third):
                await socket.join(site.project)
            noted = await site.look(third, 50, 51)
            assert (noted["type"], noted["interval_ms"]) == ("noted", 100)
            looks = await one.next(lambda heard: heard["type"] == "signals" and bool(heard["looks"]))
            assert looks["looks"] == [
                {"user": chitra.principal.user, "looking": [{"area": "gantt", "tasks": [50, 51]}]}
            ]
            await site.show(one, amina, 4, to=other)
            await site.show(other, bashir, 5, to=one)
            assert pointers(await third.silent(0.5)) == []
            await site.show(one, amina, 51, to=third)
            assert all(pointer["user"] != amina.principal.user for pointer in pointers(await one.silent(0.5)))

    play(story)


def test_a_flood_of_two_hundred_is_few_frames_and_the_last_position_wins(site: Site) -> None:
    bashir = site.member()

    async def story() -> None:
        async with connected(site.owner) as one, connected(bashir) as other:
            for socket in (one, other):
                await socket.join(site.project)
            begin = time.monotonic()
            for task in range(200):
                text = msgspec.json.encode(
                    {
                        "type": "signal",
                        "id": f"s{task}",
                        "project": site.project,
                        "n": task,
                        "cursor": {"area": "gantt", "task": task},
                    }
                )
                await one._socket.send(text.decode())
                if task % 20 == 19:  # more at once would keep the gateway here from answering the socket's own pings
                    await one.next(lambda heard, last=f"s{task}": heard.get("id") == last)  # type: ignore[misc]
            await other.next(cursor_of(site.owner, 199))
            took = time.monotonic() - begin
            frames = [heard for heard in other.heard if heard["type"] == "signals"]  # less the last
            # The gateway here takes a socket's messages one after the other, so the flood lasts as long as it does.
            print(f"200 signals in {took:.1f} s: {len(frames)} frames")
            assert len(frames) <= took / 0.1 + 2

    play(story)


def test_signals_do_not_hold_up_edits(site: Site) -> None:
    """Of one socket that sends both: what it says after a signal is answered before the signal's interval is over."""
    bashir = site.member()

    async def story() -> None:
        async with connected(site.owner) as one, connected(bashir) as other:
            for socket in (one, other):
                await socket.join(site.project)
            for task in range(20):
                await site.signal(one, task)
            operation = {"op": "create", "kind": "task", "uid": 1, "values": {"name": "পাইলিং"}}
            command = {"command_id": "c1", "base_revision": 1, "operations": [operation]}
            ack = await one.say(type="edit", project=site.project, command=command)
            assert ack["revision"] == 2
            await other.event(2)
            await other.next(cursor_of(site.owner, 19))

    play(story)


def test_who_leaves_takes_the_cursor_along(site: Site) -> None:
    bashir = site.member()

    async def story() -> None:
        async with connected(site.owner) as one, connected(bashir) as other:
            for socket in (one, other):
                await socket.join(site.project)
            await site.show(one, site.owner, 4, to=other)
            await one.say(type="leave", project=site.project)
            await other.presence("left", site.owner.principal.user)
            other.heard.clear()
            await site.signal(other, 5)  # has the board sent once more
            await other.say(type="ping", project=site.project)
            assert pointers(await other.silent(0.5)) == []
            again = await other.join(site.project)
            assert [person["user"] for person in again["presence"]] == [bashir.principal.user]

    play(story)


def test_a_pong_says_how_many_were_announced(site: Site) -> None:
    bashir = site.member()

    async def story() -> None:
        async with connected(site.owner) as one:
            joined = await one.join(site.project)
            assert joined["announced"] == 1
            async with connected(bashir) as other:
                await other.join(site.project)
                assert (await one.presence("joined", bashir.principal.user))["number"] == 2
                assert (await one.say(type="ping", project=site.project))["announced"] == 2
            assert (await one.presence("left", bashir.principal.user))["number"] == 3

    play(story)
