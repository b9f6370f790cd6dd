"""Rooms of more connections than are posted to from one place, on the tables and functions of the stack."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

import functions.poster.handler
from nirman.aws import keys
from nirman.aws.directory import DynamoDirectory
from nirman.aws.helpers import LambdaHelpers
from nirman.aws.presence import DynamoAttendance
from nirman.aws.rooms import DynamoRooms
from nirman.collaboration.broadcast import MAX_PRUNED, Broadcast
from nirman.collaboration.fan_out import FanOut
from nirman.collaboration.frames import event_message
from nirman.collaboration.messages import EventMessage, encode
from nirman.collaboration.ports import LIFE, Connection, GoneError, NotDeliveredError
from nirman.collaboration.posting import Posting
from nirman.collaboration.replica import Replica
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.fakes.helpers import Invoked
from tests.fakes.rooms import RecordingSockets, event, three_tries
from tests.stack.conftest import Stack
from tests.stack.test_rooms import Site, connected, play, site
from tests.support.waiting import eventually

__all__ = ["site"]
pytestmark = [pytest.mark.stack, pytest.mark.slow]


def fill(stack: Stack, key: ProjectKey, names: Sequence[str]) -> DynamoRooms:
    """Puts connections in a room; all but the first as copies of its items, which is quicker than joining."""
    dynamodb, table = stack.deployed.client("dynamodb"), stack.deployed.outputs["ConnectionsTable"]
    rooms = DynamoRooms(dynamodb, table)
    now = utc_now()
    first = Connection(names[0], Principal(key.tenant, names[0], names[0], Role.OWNER), now + LIFE)
    rooms.open(first)
    rooms.join(first, key, now=now)
    found = [
        *_items(dynamodb, table, keys.connection(first.id)),
        *(item for item in _items(dynamodb, table, keys.room(key)) if item["sk"]["S"] == keys.occupant(first.id)),
    ]
    copies = [_renamed(item, first.id, name) for name in names[1:] for item in found]
    for start in range(0, len(copies), 25):
        puts = [{"PutRequest": {"Item": item}} for item in copies[start : start + 25]]
        assert not dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]
    return rooms


def _items(dynamodb: Any, table: str, pk: str) -> list[dict[str, Any]]:
    values = {":pk": {"S": pk}}
    return list(
        dynamodb.query(TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)["Items"]
    )


def _renamed(item: dict[str, Any], before: str, name: str) -> dict[str, Any]:
    renamed = {
        keys.connection(before): keys.connection(name),
        keys.occupant(before): keys.occupant(name),
        before: name,
    }
    texts = {attribute: value["S"] for attribute, value in item.items() if "S" in value}
    return item | {attribute: {"S": renamed.get(text, text)} for attribute, text in texts.items()}


def utc_now() -> datetime:
    return datetime.now(UTC)


def test_a_thousand_sockets_of_which_a_tenth_is_gone_and_a_twentieth_throttled(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every live one has each event or sees the gap at the next one; only the gone are pruned."""
    key = ProjectKey("crowd", "tower")
    everyone = [f"connection-{n}=" for n in range(1_000)]
    rooms = fill(stack, key, everyone)
    chosen = random.Random(7).sample(everyone, 150)
    gone, throttled = set(chosen[:100]), set(chosen[100:])
    sockets = RecordingSockets(GoneError)
    sockets.gone.update(gone)
    busy = set(throttled)

    def throttle(name: str) -> None:
        if name in busy:
            raise NotDeliveredError("LimitExceededException", again=True)

    sockets.before_post = throttle
    now = utc_now()  # and no later while the test runs: how much there is time for is not what it is about
    fan_out = FanOut(
        rooms=rooms,
        directory=DynamoDirectory(stack.deployed.client("dynamodb"), stack.deployed.outputs["PlanTable"]),
        posting=Posting(sockets, pauses=three_tries, now=lambda: now),
        now=lambda: now,
        helpers=LambdaHelpers(invoked := Invoked(functions.poster.handler.handler), "poster"),  # type: ignore[arg-type]
    )
    monkeypatch.setattr(functions.poster.handler, "container", lambda: SimpleNamespace(fan_out=fan_out))
    attendance = DynamoAttendance(stack.deployed.client("dynamodb"), stack.deployed.outputs["ConnectionsTable"])
    broadcast = Broadcast(rooms=rooms, attendance=attendance, fan_out=fan_out, now=lambda: now)
    first = broadcast.send(key, [encode(event_message(event(2, key)))])
    assert first.gone == 100
    assert len(invoked.calls) >= 3
    busy.clear()
    second = broadcast.send(key, [encode(event_message(event(3, key)))])
    assert (second.delivered, second.failed, second.gone) == (900, 0, 0)

    for name in set(everyone) - gone:
        heard = [message for message in sockets.heard(name) if isinstance(message, EventMessage)]
        replica = Replica(1)
        for message in heard:
            replica.offer(message)
        assert [message.revision for message in heard] == ([3] if name in throttled else [2, 3])
        assert replica.gap == (name in throttled)
    assert {occupant.connection for occupant in rooms.occupants(key, now=now)} == set(everyone) - gone
    assert {name for name in chosen if _is_known(rooms, name, key)} == throttled


def _is_known(rooms: DynamoRooms, connection: str, key: ProjectKey) -> bool:
    try:
        return rooms.connection(connection, now=utc_now()).rooms == {key}
    except UnauthenticatedError:
        return False


def test_the_poster_takes_its_parts_of_a_big_room(site: Site) -> None:
    """Among hundreds whose sockets the gateway does not know any more, the few that are open get the event.

    Of the others no more are removed at once than the function has time for.
    """
    key = ProjectKey(site.owner.principal.tenant, site.project)

    async def story() -> None:
        async with connected(site.owner) as one, connected(site.owner) as two, connected(site.owner) as three:
            for socket in (one, two, three):
                await socket.join(site.project, 2)
            rooms = await asyncio.to_thread(fill, site.stack, key, [f"Z2hvc3Q{n}=" for n in range(400)])
            await asyncio.to_thread(site.rename, 2, 1, "পাইলিং")
            for socket in (one, two, three):
                assert (await socket.event(3))["previous"] == 2
            left = 403 - MAX_PRUNED
            count = partial(_count, rooms, key)
            assert await asyncio.to_thread(eventually, count, lambda found: found <= left) == left

    play(story)
    room = f"ROOM#{key.tenant}#P#{key.project}"
    eventually(lambda: _log(site.stack, "poster"), lambda lines: any(room in line for line in lines))


def _count(rooms: DynamoRooms, key: ProjectKey) -> int:
    return len(rooms.occupants(key, now=utc_now()))


def _log(stack: Stack, service: str) -> list[str]:
    """What the functions of a service wrote, from all log groups."""
    logs = stack.deployed.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return [
        found["message"]
        for group in groups
        for found in logs.filter_log_events(logGroupName=group, filterPattern="")["events"]
        if f'"service":"{service}"' in found["message"]
    ]
