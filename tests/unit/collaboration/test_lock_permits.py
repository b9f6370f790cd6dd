"""Which edits a lock is in the way of."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.collaboration.locks import LEASE
from nirman.errors import LockedError, LockLostError
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change
from nirman.planning.model import Kind
from tests.fakes.rooms import KEY, Stage
from tests.unit.collaboration.lock_room import beat, heard, lock, permit, renamed, room, unlock

__all__ = ["room"]


def test_a_lock_is_in_the_way_of_others_only(room: Stage) -> None:
    lock(room, "a")
    revision = permit(room, "amina", renamed())
    assert revision == room.locks.read(KEY).locks.revision
    with pytest.raises(LockedError) as refused:
        permit(room, "bashir", renamed())
    assert refused.value.locks[0].name == "Amina"
    assert permit(room, "bashir", renamed(2), Change(Kind.TASK, 1, "updated", {"notes": ("", "x")}))


@pytest.mark.parametrize("op", ["created", "deleted"])
def test_deleting_and_making_a_record_concerns_all_its_fields(room: Stage, op: Any) -> None:
    lock(room, "a")
    with pytest.raises(LockedError):
        permit(room, "bashir", Change(Kind.TASK, 1, op))


def test_a_claim_is_good_for_its_own_lock_only(room: Stage) -> None:
    token = lock(room, "a").token
    good = LockClaim(Kind.TASK, 1, token, "name")
    assert permit(room, "amina", renamed(), claims=(good,))
    for claim in (
        LockClaim(Kind.TASK, 1, token - 1, "name"),
        LockClaim(Kind.TASK, 1, token),
        LockClaim(Kind.TASK, 2, token),
    ):
        with pytest.raises(LockLostError):
            permit(room, "amina", renamed(), claims=(claim,))
    with pytest.raises(LockLostError):
        permit(room, "bashir", renamed(), claims=(good,))
    unlock(room, "a")
    with pytest.raises(LockLostError):
        permit(room, "amina", renamed(), claims=(good,))


def test_where_nothing_was_ever_locked_there_is_nothing_to_check(room: Stage) -> None:
    assert permit(room, "amina", renamed()) == 0
    with pytest.raises(LockLostError):
        permit(room, "amina", claims=(LockClaim(Kind.TASK, 1, 7),))


def test_an_edit_that_relies_on_the_end_of_a_lease_passes_the_lock_on_first(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    room.clock.time += LEASE * 2 / 3
    beat(room, "b")
    room.clock.time += LEASE * 2 / 3
    with pytest.raises(LockedError, match="Bashir"):
        permit(room, "chitra", renamed())
    assert heard(room, "b")[-1] == ("yours", "", "name")
