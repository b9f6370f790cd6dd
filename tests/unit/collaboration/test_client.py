"""The client against the real rooms, over sockets in memory that cut, drop and repeat."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from nirman.collaboration.client import RefusedError, RoomClient
from nirman.collaboration.frames import event_frames, event_message
from nirman.collaboration.messages import (
    MAX_FRAME_BYTES,
    Ack,
    Burst,
    CardMessage,
    Error,
    Note,
    NoteMessage,
    ServerMessage,
    encode,
)
from nirman.errors import BusyError, ConflictError
from nirman.planning.commands import Command, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind
from nirman.tenancy.identity import PersonKey
from tests.fakes.rooms import KEY, Stage, event
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


def test_it_applies_what_it_missed_and_then_what_comes(net: Net) -> None:
    async def story() -> None:
        net.commit(3)
        reader = Reader(net)
        async with reader.running():
            await reader.reaches(3)
            net.commit(2)
            await reader.reaches(5)
        assert reader.applied == [1, 2, 3, 4, 5]

    asyncio.run(story())


def test_without_a_plan_it_loads_one_and_goes_on_from_there(net: Net) -> None:
    async def story() -> None:
        net.commit(3)
        reader = Reader(net, revision=None)
        async with reader.running():
            assert (reader.client.revision, reader.loads) == (3, 1)
            net.commit()
            await reader.reaches(4)
        assert reader.applied == [4]

    asyncio.run(story())


def test_several_commits_in_one_frame_are_applied_one_by_one(net: Net) -> None:
    async def story() -> None:
        heard: list[ServerMessage] = []
        reader = Reader(net, ping_every_s=60, notice=heard.append)
        async with reader.running():
            net.commit(5)
            await reader.reaches(5)
            net.commit(3, lose=True)
            net.commit(2)
            await reader.reaches(10)
        assert reader.applied == list(range(1, 11))
        assert [message.revision for message in heard if isinstance(message, Burst)] == [5, 10]

    asyncio.run(story())


def test_a_lost_frame_is_noticed_at_the_next_one(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, ping_every_s=60)
        async with reader.running():
            net.commit(2, lose=True)
            net.commit()
            await reader.reaches(3)
        assert reader.applied == [1, 2, 3]

    asyncio.run(story())


def test_a_lost_last_frame_is_noticed_at_the_next_ping(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            net.commit(lose=True)
            await reader.reaches(1)
        assert reader.applied == [1]

    asyncio.run(story())


def test_in_a_room_that_is_never_silent_a_join_without_an_answer_is_said_again(net: Net) -> None:
    async def story() -> None:
        net.commit(3)
        net.lose_replies = 1
        reader = Reader(net)

        async def chatter() -> None:
            while True:
                for wire in net.wires.values():
                    wire.inbox.put_nowait(encode(CardMessage("bridge", 1, "Bridge", None, "", "")))
                await asyncio.sleep(0.005)

        talking = asyncio.create_task(chatter())
        async with reader.running():
            await reader.reaches(3)
        talking.cancel()
        assert reader.applied == [1, 2, 3]

    asyncio.run(story())


def test_a_cut_connection_is_replaced_and_what_was_missed_follows(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            net.commit()
            await reader.reaches(1)
            net.cut()
            net.commit(4)
            await reader.reaches(5)
        assert reader.applied == [1, 2, 3, 4, 5]
        assert reader.loads == 0

    asyncio.run(story())


def test_what_was_missed_comes_page_by_page(net: Net) -> None:
    async def story() -> None:
        net.commit(30, fill=5_000)
        reader = Reader(net)
        async with reader.running():
            await reader.reaches(30)
        assert reader.applied == list(range(1, 31))
        assert len([message for message in net.said if message["type"] == "join"]) > 4

    asyncio.run(story())


def test_an_event_too_large_for_a_frame_is_fetched_in_its_turn(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, ping_every_s=60)
        async with reader.running():
            net.commit()
            net.commit(fill=MAX_FRAME_BYTES)
            net.commit()
            await reader.reaches(3)
        assert (reader.applied, reader.fetched) == ([1, 2, 3], [1])

    asyncio.run(story())


def test_whoever_is_too_far_behind_loads_the_plan_and_applies_nothing_of_what_it_holds(net: Net) -> None:
    async def story() -> None:
        net.commit(1_200)
        reader = Reader(net)
        async with reader.running():
            assert (reader.client.revision, reader.loads, reader.applied) == (1_200, 1, [])
            net.commit()
            await reader.reaches(1_201)

    asyncio.run(story())


def test_an_edit_is_acknowledged_and_its_event_applied_once(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            ack = await reader.client.edit(command("c1"))
            assert isinstance(ack, Ack)
            net.stage.broadcast.send(KEY, [encode(event_message(net.stage.plans.log[KEY][0]))])
            net.deliver()
            await reader.reaches(1)
        assert reader.applied == [1]

    asyncio.run(story())


def test_an_edit_says_which_of_ones_own_edits_it_knows_although_their_events_have_not_come(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, ping_every_s=60)  # a pong would tell of them
        async with reader.running():
            for command_id in ("c1", "c2"):
                await reader.client.edit(command(command_id))
            net.stage.broadcast.send(KEY, [encode(message) for message in event_frames(net.stage.plans.log[KEY])])
            net.deliver()
            await reader.reaches(2)
            await reader.client.edit(command("c3", base=2))
        assert [asked.known for asked in net.stage.plans.asked] == [(), (1,), ()]

    asyncio.run(story())


def test_an_edit_whose_answer_was_lost_is_sent_again_and_done_once(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, resend_after_s=0.03)
        async with reader.running():
            net.lose_replies, net.losing = 1, "edit"
            ack = await asyncio.wait_for(reader.client.edit(command("c1")), WAIT_S)
        assert (ack.revision, ack.repeated) == (1, True)
        assert len(net.stage.plans.log[KEY]) == 1

    asyncio.run(story())


def test_an_edit_under_way_when_the_connection_is_cut_goes_over_the_next(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, ping_every_s=60)
        async with reader.running():
            net.lose_replies = 1
            task = asyncio.create_task(reader.client.edit(command("c1")))
            await reader.until(lambda: net.lose_replies == 0)
            net.cut()
            ack = await asyncio.wait_for(task, WAIT_S)
        assert (ack.revision, ack.repeated) == (1, True)

    asyncio.run(story())


def test_a_busy_answer_is_tried_again_and_a_conflict_is_not(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            net.stage.plans.refuse = BusyError("too many at once")
            task = asyncio.create_task(reader.client.edit(command("c1")))
            await reader.until(lambda: len([m for m in net.said if m["type"] == "edit"]) > 2)
            net.stage.plans.refuse = ConflictError((), head=4)
            with pytest.raises(RefusedError) as caught:
                await task
            assert caught.value.error.code == "conflict"

    asyncio.run(story())


def test_a_room_that_may_not_be_entered_ends_the_client(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        reader.client.project = "nowhere"
        with pytest.raises(RefusedError) as caught:
            await asyncio.wait_for(reader.client.run(), WAIT_S)
        assert isinstance(caught.value.error, Error)
        assert caught.value.error.code == "not-found"

    asyncio.run(story())


def test_whoever_is_shut_out_while_inside_is_told_and_ends(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net, ping_every_s=60)
        task = asyncio.create_task(reader.client.run())
        await reader.until(reader.client.joined.is_set)
        [wire] = net.wires
        net.stage.say(wire, type="join", room="user")
        del net.stage.directory.granted[KEY]["amina"]
        net.stage.evictions.evict(KEY, "amina")
        net.deliver()
        with pytest.raises(RefusedError, match="not-found"):
            await asyncio.wait_for(task, WAIT_S)

    asyncio.run(story())


def test_notes_and_cards_are_noticed_and_change_nothing(net: Net) -> None:
    async def story() -> None:
        noticed: list[ServerMessage] = []
        reader = Reader(net, notice=noticed.append)
        net.stage.plans.append(KEY, 3)
        async with reader.running():
            [wire] = net.wires
            for room in ("user", "tenant"):
                net.stage.say(wire, type="join", room=room)
            at = "2026-11-01T09:00:00.000+00:00"
            note = NoteMessage("user", 1, 0, Note("system", at, "Rain"))
            net.stage.broadcast.send(PersonKey("dhaka", "amina"), [encode(note)])
            net.stage.dashboards.send([event(9)])
            net.deliver()
            await reader.until(lambda: any(isinstance(one, CardMessage) for one in noticed))
            assert note in noticed
            assert reader.applied == [1, 2, 3]

    asyncio.run(story())


def test_it_knows_who_is_there(net: Net) -> None:
    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            net.stage.connect("b", "bashir")
            net.stage.join("b")
            net.deliver()
            await reader.until(lambda: set(reader.client.presence) == {"amina", "bashir"})
            net.stage.service.disconnect("b")
            net.deliver()
            await reader.until(lambda: set(reader.client.presence) == {"amina"})

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(8))
def test_cut_and_lossy_it_applies_every_commit_once_and_in_order(net: Net, seed: int) -> None:
    chance = random.Random(seed)

    async def story() -> None:
        reader = Reader(net)
        async with reader.running():
            for _ in range(120):
                net.commit(chance.randint(1, 3), lose=chance.random() < 0.3, fill=chance.choice([0, 0, 0, 2_000]))
                if chance.random() < 0.1:
                    net.cut()
                if chance.random() < 0.2:
                    net.lose_replies = 1
                await asyncio.sleep(chance.choice([0, 0, 0.001]))
            net.lose_replies = 0
            last = len(net.stage.plans.log[KEY])
            await reader.reaches(last)
        assert reader.applied == list(range(1, last + 1))
        assert reader.loads == 0

    asyncio.run(story())
