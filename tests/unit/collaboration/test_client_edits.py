"""The room's client sends its edits until they are answered."""

from __future__ import annotations

import asyncio

import pytest

from nirman.collaboration.client import RefusedError
from nirman.collaboration.frames import event_frames, event_message
from nirman.collaboration.messages import Ack, encode
from nirman.errors import BusyError, ConflictError
from tests.fakes.rooms import KEY
from tests.support.waiting import WAIT_S
from tests.unit.collaboration.net import Net, Reader, command, net

__all__ = ["net"]


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
