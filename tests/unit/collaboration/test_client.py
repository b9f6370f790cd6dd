"""The room's client applies every event once and in order."""

from __future__ import annotations

import asyncio
import random

import pytest

from nirman.collaboration.client import RefusedError
from nirman.collaboration.messages import (
    MAX_FRAME_BYTES,
    Burst,
    CardMessage,
    Error,
    Note,
    NoteMessage,
    ServerMessage,
    encode,
)
from nirman.tenancy.identity import PersonKey
from tests.fakes.rooms import KEY, event
from tests.support.waiting import WAIT_S
from tests.unit.collaboration.net import Net, Reader, net

__all__ = ["net"]


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
