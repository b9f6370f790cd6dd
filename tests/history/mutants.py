"""The service and its client with one fault each, as somebody might make it; every one must be found in a history."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import msgspec

import functions.broadcaster.handler
from nirman.aws import container, keys, plan_log
from nirman.aws.plan_log import DynamoPlanLog
from nirman.aws.rooms import DynamoRooms
from nirman.collaboration import frames, rooms
from nirman.collaboration.fan_out import FanOut
from nirman.collaboration.messages import Burst, EventMessage, decode_server, encode
from nirman.collaboration.replica import Replica
from nirman.errors import LimitExceededError
from nirman.planlog.commits import Commits
from nirman.planlog.ports import StoreUnsureError
from nirman.planlog.service import PlanService
from nirman.planning.merge import Since
from nirman.tenancy.identity import ProjectKey
from tests.history.workload import TENANTS

Patches = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Mutant:
    """`kind` is what the checker must call it; `first_seed` that of the first history in which it is to be seen."""

    name: str
    kind: str
    plant: Patches
    tenants: int = 1
    first_seed: int = 1

    def __str__(self) -> str:
        return self.name


def _one(target: Any, name: str, make: Callable[[Any], Any]) -> Patches:
    """Replaces an attribute by what is made of it."""
    return lambda places: places.enter_context(patch.object(target, name, make(getattr(target, name))))


def _all(*patches: Patches) -> Patches:
    def plant(places: ExitStack) -> None:
        for one in patches:
            one(places)

    return plant


def _frames(change: Callable[[ProjectKey, list[Any]], Mapping[ProjectKey, list[Any]]]) -> Patches:
    """What the broadcaster sends for a project's events, changed."""

    def make(frames_by_room: Any) -> Any:
        def changed(events: Any, jobs: Any) -> dict[ProjectKey, list[bytes]]:
            by_room: dict[ProjectKey, list[bytes]] = {}
            for key, sent in frames_by_room(events, jobs).items():
                for other, messages in change(key, [decode_server(one) for one in sent]).items():
                    by_room.setdefault(other, []).extend(encode(message) for message in messages)
            return by_room

        return changed

    return _one(functions.broadcaster.handler, "frames_by_room", make)


def _dropping(key: ProjectKey, messages: list[Any]) -> Mapping[ProjectKey, list[Any]]:
    """Every third event."""
    return {key: [one for one in _single(messages) if one.revision % 3]}


def _single(messages: list[Any]) -> list[EventMessage]:
    return [event for one in messages for event in (one.events if isinstance(one, Burst) else (one,))]


def _backwards(key: ProjectKey, messages: list[Any]) -> Mapping[ProjectKey, list[Any]]:
    def turned(one: Any) -> Any:
        return msgspec.structs.replace(one, events=one.events[::-1]) if isinstance(one, Burst) else one

    return {key: [turned(one) for one in messages]}


def _to_both_tenants(key: ProjectKey, messages: list[Any]) -> Mapping[ProjectKey, list[Any]]:
    return {ProjectKey(tenant, key.project): messages for tenant in TENANTS}


def _whatever_comes(replica: Replica) -> EventMessage | None:
    """Of what is held the first, though something before it is missing."""
    held = replica._held
    return held[min(held)] if held and replica.revision is not None else None


def _taken_as_it_comes(replica: Replica, message: EventMessage) -> None:
    del replica._held[message.revision]
    replica.revision = message.revision


def _kept_though_known(replica: Replica, message: EventMessage) -> None:
    replica._held[message.revision] = message


def _said_to_be_done(append: Any) -> Any:
    def appended(*arguments: Any, **more: Any) -> None:
        try:
            append(*arguments, **more)
        except StoreUnsureError:
            return

    return appended


def _unconditional(advance: Any) -> Any:
    def advanced(*arguments: Any) -> Any:
        item = advance(*arguments)
        item["Update"].pop("ConditionExpression")
        item["Update"]["ExpressionAttributeValues"].pop(":old", None)
        return item

    return advanced


def _commands_unconditional(put: Any) -> Any:
    def made(log: Any, item: Any) -> Any:
        whole = put(log, item)
        if item["sk"]["S"].startswith(keys.command("")):
            whole["Put"].pop("ConditionExpression")
        return whole

    return made


def _as_of_the_head_read_later(read: Any) -> Any:
    def made(plans: PlanService, key: ProjectKey) -> Any:
        state = read(plans, key)
        container.time.sleep(0.5)
        return replace(state, revision=plans.head(key))

    return made


def _now_and_then_one_too_late(events: Any) -> Any:
    calls = itertools.count()

    def made(plans: PlanService, key: ProjectKey, *, after: int, limit: int = 100) -> Any:
        return events(plans, key, after=after + (next(calls) % 4 == 0), limit=limit)

    return made


def _as_it_was_the_last_time(head: Any) -> Any:
    last: dict[Any, int] = {}

    def made(log: Any, key: ProjectKey) -> int:
        now = head(log, key)
        before, last[key] = last.get(key, now), now
        return before

    return made


def _and_the_one_opened_before(close: Any) -> Any:
    def made(self: DynamoRooms, connection_id: str) -> Any:
        number = int(connection_id.strip("c="))
        close(self, f"c{number + 1}=")
        return close(self, connection_id)

    return made


def _of_the_one_before(ack: Any) -> Any:
    return lambda *arguments: msgspec.structs.replace(ack(*arguments), revision=ack(*arguments).revision - 1)


MUTANTS = (
    Mutant(
        "events get lost and the client sees no gaps",
        "gap",
        _all(
            _frames(_dropping),
            _one(Replica, "next", lambda _: _whatever_comes),
            _one(Replica, "applied", lambda _: _taken_as_it_comes),
        ),
    ),
    Mutant(
        "the head is advanced without its condition",
        "lost",
        _all(
            _one(DynamoPlanLog, "_advance_head", _unconditional),
            _one(DynamoPlanLog, "_put", lambda _: lambda log, item: {"Put": {"TableName": log._table, "Item": item}}),
        ),
    ),
    Mutant(
        "an edit is acknowledged though nobody knows if it was written",
        "lost",
        _one(DynamoPlanLog, "append", _said_to_be_done),
        first_seed=2,
    ),
    Mutant(
        "what was missed begins one too late",
        "gap",
        _one(PlanService, "events", _now_and_then_one_too_late),
    ),
    Mutant(
        "the first of what was missed is said to be all",
        "gap",
        _all(
            _one(frames, "event_page", lambda page: lambda *arguments: page(*arguments)[:1]),
            _one(rooms, "_more", lambda _: lambda *_: False),
        ),
    ),
    Mutant(
        "a command that came before is not recognized",
        "carried out twice",
        _all(
            _one(Commits, "done", lambda _: lambda *_: None),
            _one(DynamoPlanLog, "_put", _commands_unconditional),
            _one(Since, "conflicts", lambda _: lambda *_, **__: ()),
        ),
    ),
    Mutant(
        "events that came before are applied again",
        "duplicate",
        _all(
            _one(Replica, "offer", lambda _: _kept_though_known),
            _one(Replica, "next", lambda _: _whatever_comes),
            _one(Replica, "applied", lambda _: _taken_as_it_comes),
        ),
    ),
    Mutant("several events in one frame stand backwards", "out of order", _frames(_backwards)),
    Mutant(
        "whoever is in the room gets what is sent",
        "foreign",
        _one(FanOut, "seeing", lambda _: lambda _self, _room, all_: all_),
        first_seed=7,
    ),
    Mutant("rooms of the same name are one", "foreign", _frames(_to_both_tenants), tenants=2),
    Mutant(
        "the plan is older than the revision it is given with",
        "divergent",
        _one(PlanService, "read", _as_of_the_head_read_later),
    ),
    Mutant(
        "no answer in time is told as a refusal",
        "phantom",
        _one(plan_log, "_unsure", lambda _: lambda _exc: LimitExceededError("it did not work")),
    ),
    Mutant(
        "another connection goes with the one that is gone",
        "dropped",
        _one(DynamoRooms, "close", _and_the_one_opened_before),
    ),
    Mutant(
        "what others changed meanwhile is not looked at",
        "overwritten",
        _one(Since, "conflicts", lambda _: lambda *_, **__: ()),
    ),
    Mutant(
        "the head is read from a copy that is behind", "stale", _one(DynamoPlanLog, "head", _as_it_was_the_last_time)
    ),
    Mutant("the revision acknowledged is the one before", "wrong ack", _one(frames, "ack", _of_the_one_before)),
)
