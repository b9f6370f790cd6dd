"""A room of people who lock, and what they hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nirman.collaboration.locks import LEASE, SKEW
from nirman.collaboration.messages import Lease, LockMessage
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change
from nirman.planning.model import Kind
from nirman.tenancy.identity import Role
from tests.fakes.rooms import KEY, Stage, person

NAME = {"kind": "task", "uid": 1, "field": "name"}


RECORD = {"kind": "task", "uid": 1}


OVER = LEASE + SKEW + timedelta(seconds=1)


@pytest.fixture
def room(stage: Stage) -> Stage:
    """Amina, Bashir and Chitra are in the room of the tower; Chitra manages it."""
    for connection, user, role in (
        ("a", "amina", Role.PLANNER),
        ("b", "bashir", Role.MEMBER),
        ("c", "chitra", Role.ADMIN),
    ):
        stage.connect(connection, user, role)
        stage.join(connection)
    stage.sockets.posted.clear()
    return stage


def lock(room: Stage, connection: str, place: dict[str, Any] = NAME, **more: Any) -> Any:
    return room.say(connection, type="lock", project="tower", **place, **more)


def unlock(room: Stage, connection: str, place: dict[str, Any] = NAME) -> Any:
    return room.say(connection, type="unlock", project="tower", **place)


def beat(room: Stage, connection: str) -> Any:
    return room.say(connection, type="beat", project="tower")


def heard(room: Stage, connection: str) -> list[tuple[str, str, str | None]]:
    """What was said of locks, and to whom one came."""
    found = []
    for message in room.sockets.heard(connection):
        if isinstance(message, LockMessage):
            found.append((message.change, message.lock.user, message.lock.field))
        elif isinstance(message, Lease):
            found.append(("yours", "", message.field))
    return found


def holders(room: Stage) -> list[tuple[str, str | None]]:
    return [(held.connection, held.target.field) for held in room.locks.read(KEY).locks.held]


def permit(room: Stage, user: str, *changes: Change, claims: tuple[LockClaim, ...] = ()) -> int:
    return room.lock_book.permit(KEY, person(user), claims, changes)


def renamed(uid: int = 1) -> Change:
    return Change(Kind.TASK, uid, "updated", {"name": ("a", "b")})
