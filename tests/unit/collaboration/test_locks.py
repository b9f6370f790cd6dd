"""Locks as those in a room have them: given, waited for, taken over, given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from nirman.collaboration.lock_book import WITHOUT_SOCKET, LocksChangedError
from nirman.collaboration.lock_service import without_socket
from nirman.collaboration.locks import LEASE, MAX_LINE, MAX_LOCKS, MAX_OWN, Claimant, Locks, Target, acquire
from nirman.collaboration.messages import Beat, Error, Lease, Leases, Lock, LockMessage, Own, Presence
from nirman.errors import LimitExceededError
from nirman.planning.commands import LockClaim
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, ProjectKey, Role
from tests.fakes.rooms import KEY, START, Stage, person
from tests.unit.collaboration.lock_room import (
    NAME,
    OVER,
    RECORD,
    beat,
    heard,
    holders,
    lock,
    permit,
    renamed,
    room,
    unlock,
)

__all__ = ["room"]


def test_a_lock_is_given_with_a_token_and_everybody_in_the_room_learns_of_it(room: Stage) -> None:
    lease = lock(room, "a")
    assert isinstance(lease, Lease)
    assert lease.token
    assert lease.until is not None
    assert timedelta(0) <= room.clock.time + LEASE - datetime.fromisoformat(lease.until) < timedelta(seconds=1)
    for connection in "abc":
        assert heard(room, connection) == [("locked", "amina", "name")]


def test_asking_again_gives_the_same_lock_and_says_nothing_new(room: Stage) -> None:
    first = lock(room, "a")
    assert lock(room, "a").token == first.token
    assert len(heard(room, "b")) == 1


def test_whoever_comes_second_is_told_who_has_it(room: Stage) -> None:
    lock(room, "a")
    answer = lock(room, "b")
    assert isinstance(answer, Error)
    assert (answer.code, answer.details["locks"][0]["user"]) == ("locked", "amina")
    assert answer.text == "locked by Amina: task 1 name"


def test_a_second_window_of_the_same_person_is_somebody_else(room: Stage) -> None:
    room.connect("a2", "amina")
    room.join("a2")
    lock(room, "a")
    assert lock(room, "a2").code == "locked"


@pytest.mark.parametrize(("first", "second"), [(NAME, RECORD), (RECORD, NAME), (RECORD, RECORD)])
def test_a_record_and_its_fields_are_in_each_others_way(room: Stage, first: Any, second: Any) -> None:
    lock(room, "a", first)
    assert lock(room, "b", second).code == "locked"


@pytest.mark.parametrize("other", [{"field": "notes"}, {"uid": 2}, {"kind": "link", "field": None}])
def test_other_fields_and_records_are_not(room: Stage, other: dict[str, Any]) -> None:
    lock(room, "a")
    assert isinstance(lock(room, "b", NAME | other), Lease)


def test_who_waits_gets_it_in_turn_and_is_told(room: Stage) -> None:
    lock(room, "a")
    assert (lock(room, "b", wait=True).position, lock(room, "c", wait=True).position) == (1, 2)
    assert unlock(room, "a").token is None
    assert holders(room) == [("b", "name")]
    assert heard(room, "b")[-2:] == [("locked", "bashir", "name"), ("yours", "", "name")]
    told = [message for message in room.sockets.heard("b") if isinstance(message, Lease)]
    assert told[0].id is None
    assert told[0].token == beat(room, "b").locks[0].token
    assert beat(room, "c").locks == (Own(Kind.TASK, 1, "name", position=1),)


def test_a_wish_for_the_whole_record_is_not_starved_by_wishes_for_its_fields(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", RECORD, wait=True)
    assert lock(room, "c", NAME | {"field": "notes"}).code == "locked"
    assert lock(room, "c", NAME | {"field": "notes"}, wait=True).position == 2
    unlock(room, "a")
    assert holders(room) == [("b", None)]
    unlock(room, "b", RECORD)
    assert holders(room) == [("c", "notes")]


def test_one_release_lets_all_in_who_are_not_in_each_others_way(room: Stage) -> None:
    lock(room, "a", RECORD)
    lock(room, "b", NAME, wait=True)
    lock(room, "c", NAME | {"field": "notes"}, wait=True)
    unlock(room, "a", RECORD)
    assert holders(room) == [("b", "name"), ("c", "notes")]


def test_waiting_for_each_other_is_refused_to_whoever_comes_last(room: Stage) -> None:
    two = RECORD | {"uid": 2}
    lock(room, "a")
    lock(room, "b", two)
    assert lock(room, "a", two, wait=True).position == 1
    answer = lock(room, "b", wait=True)
    assert (answer.code, answer.details["locks"][0]["user"]) == ("locked", "amina")


def test_leaving_the_line_is_unlocking(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    assert unlock(room, "b").position is None
    unlock(room, "a")
    assert holders(room) == []
    waiting = [message.lock.waiting for message in room.sockets.heard("c") if isinstance(message, LockMessage)]
    assert waiting == [(), ("bashir",), (), ()]


def test_nobody_unlocks_for_another(room: Stage) -> None:
    lock(room, "a")
    unlock(room, "b")
    assert holders(room) == [("a", "name")]


def test_a_beat_keeps_all_locks_of_the_socket_and_no_others(room: Stage) -> None:
    lock(room, "a")
    lock(room, "a", RECORD | {"uid": 2})
    lock(room, "b", RECORD | {"uid": 3})
    for _ in range(3):
        room.clock.time += LEASE * 2 / 3
        answer = beat(room, "a")
    assert isinstance(answer, Leases)
    assert [(own.uid, own.field, own.token is not None) for own in answer.locks] == [(1, "name", True), (2, None, True)]
    assert ("unlocked", "bashir", None) in heard(room, "c")
    assert beat(room, "b").locks == ()


def test_renewing_a_lease_is_no_change_of_hands(room: Stage) -> None:
    lock(room, "a")
    before = room.locks.read(KEY)
    beat(room, "a")
    after = room.locks.read(KEY)
    assert after.version == before.version + 1
    assert after.locks.revision == before.locks.revision


def test_a_holder_who_is_gone_without_a_word_keeps_it_no_longer_than_the_lease(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    room.clock.time += OVER - timedelta(seconds=30)
    assert beat(room, "b").locks[0].token is None
    room.clock.time += timedelta(seconds=30)
    assert beat(room, "b").locks[0].token is not None
    assert ("unlocked", "amina", "name") in heard(room, "c")


def test_whoever_slept_has_the_lock_still_if_nobody_wanted_it(room: Stage) -> None:
    token = lock(room, "a").token
    room.clock.time += OVER
    assert permit(room, "amina", renamed(), claims=(LockClaim(Kind.TASK, 1, token, "name"),))
    assert beat(room, "a").locks[0].token == token


@pytest.mark.parametrize("way", ["disconnect", "leave", "gone"])
def test_whoever_leaves_gives_everything_back(room: Stage, way: str) -> None:
    lock(room, "a")
    lock(room, "a", RECORD | {"uid": 2})
    lock(room, "b", wait=True)
    if way == "disconnect":
        room.service.disconnect("a")
    elif way == "leave":
        room.say("a", type="leave", project="tower")
    else:
        room.sockets.gone.add("a")
        room.broadcast.send(KEY, [b'{"type":"pong","id":"1"}'])
    assert holders(room) == [("b", "name")]
    assert ("yours", "", "name") in heard(room, "b")


def test_whoever_leaves_in_a_crowd_leaves_all_the_same(room: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(room, "a")

    def somebody_else_was_first(*_: Any, **__: Any) -> None:
        raise LocksChangedError

    monkeypatch.setattr(room.locks, "save", somebody_else_was_first)
    room.service.disconnect("a")
    assert [message.change for message in room.sockets.heard("b") if isinstance(message, Presence)] == ["left"]
    assert lock(room, "b", RECORD | {"uid": 2}).code == "busy"


def test_whoever_waits_and_is_gone_is_passed_over(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    lock(room, "c", wait=True)
    room.sockets.gone.add("b")
    unlock(room, "a")
    assert holders(room) == [("c", "name")]
    assert "b" not in room.rooms.connections


def test_whoever_waits_and_is_no_member_any_more_is_passed_over(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    lock(room, "c", wait=True)
    del room.directory.granted[KEY]["bashir"]
    unlock(room, "a")
    assert holders(room) == [("c", "name")]
    assert ("yours", "", "name") not in heard(room, "b")


def test_a_manager_takes_over_and_everybody_learns_why(room: Stage) -> None:
    first = lock(room, "a")
    lock(room, "b", wait=True)
    lease = room.say("c", type="take_over", project="tower", reason="concrete arrives at six", **RECORD)
    assert lease.token > first.token
    assert holders(room) == [("c", None)]
    for connection in "abc":
        said = [message for message in room.sockets.heard(connection) if isinstance(message, LockMessage)]
        taken, given = said[-2:]
        assert (taken.change, taken.lock.user, taken.lock.field, taken.by) == ("taken_over", "amina", "name", "chitra")
        assert taken.reason == "concrete arrives at six"
        assert (given.change, given.lock.user, given.lock.waiting) == ("locked", "chitra", ("bashir",))
    [kept] = room.locks.taken_over(KEY, limit=9)
    assert (kept.by, kept.holders, kept.reason) == ("chitra", ("amina",), "concrete arrives at six")
    assert (kept.token, kept.uid, kept.field) == (lease.token, 1, None)


def test_whoever_takes_over_stops_waiting_for_those_who_now_wait_for_them(room: Stage) -> None:
    two = RECORD | {"uid": 2}
    lock(room, "a")
    lock(room, "b", two)
    lock(room, "b", wait=True)
    lock(room, "c", two, wait=True)
    room.say("c", type="take_over", project="tower", reason="x", **NAME)
    assert [(own.uid, own.position) for own in beat(room, "c").locks] == [(1, None)]
    assert [(own.uid, own.position) for own in beat(room, "b").locks] == [(2, None), (1, 1)]


def test_taking_over_what_nobody_has_is_plain_locking(room: Stage) -> None:
    room.say("c", type="take_over", project="tower", reason="mine", **NAME)
    assert heard(room, "a") == [("locked", "chitra", "name")]
    assert room.locks.taken_over(KEY, limit=9) == ()


def test_who_may_not(room: Stage) -> None:
    room.connect("v", "vasanti", Role.VIEWER)
    room.join("v")
    lock(room, "a")
    assert lock(room, "v", RECORD | {"uid": 2}).code == "forbidden"
    assert room.say("b", type="take_over", project="tower", reason="want it", **NAME).code == "forbidden"
    room.connect("s", "sumon", key=None)
    for answer in (lock(room, "s"), unlock(room, "s"), beat(room, "s")):
        assert (answer.code, answer.text) == ("not-found", "there is no project 'tower'")
    assert holders(room) == [("a", "name")]


def test_only_those_in_the_room_lock_with_a_socket(room: Stage) -> None:
    room.connect("out", "amina")
    assert lock(room, "out").details["place"] == "project"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (NAME | {"field": "colour"}, "invalid"),
        (NAME | {"field": "uid"}, "invalid"),
        (NAME | {"uid": 5_000}, "not-found"),
    ],
)
def test_what_is_not_there_is_not_locked(room: Stage, place: dict[str, Any], code: str) -> None:
    assert lock(room, "a", place).code == code
    assert holders(room) == []


def test_messages_of_the_room_follow_one_another_without_a_hole(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    lock(room, "b", RECORD | {"uid": 2})
    unlock(room, "a")
    room.say("c", type="take_over", project="tower", reason="x", **RECORD)
    room.service.disconnect("c")
    said = [message for message in room.sockets.heard("a") if isinstance(message, LockMessage)]
    assert len(said) >= 7
    assert [message.previous for message in said] == [0, *(message.revision for message in said[:-1])]
    assert said[-1].revision == room.locks.read(KEY).locks.revision


def test_numbers_rise_also_after_all_was_forgotten(room: Stage) -> None:
    first = lock(room, "a").token
    room.locks.stored.clear()
    room.clock.time += timedelta(hours=1)
    assert lock(room, "b").token > first + 3_000_000


def test_by_rest_a_person_holds_without_a_socket_and_nobody_is_posted_to(room: Stage) -> None:
    caller = without_socket(person("dina", Role.OWNER), KEY)
    lock(room, "a")
    waiting = room.lock_service.lock(caller, Lock(id="1", project="tower", kind=Kind.TASK, uid=1, wait=True))
    assert waiting.position == 1
    unlock(room, "a")
    answer = room.lock_service.beat(caller, Beat(id="1", project="tower"))
    assert answer.locks[0].token
    assert not [tried for tried in room.sockets.tried if tried.startswith(WITHOUT_SOCKET)]


def test_what_stands_is_listed_without_what_has_run_out(room: Stage) -> None:
    lock(room, "a")
    lock(room, "b", wait=True)
    access = Access(KEY, person("amina"), Role.PLANNER)
    standing = room.lock_service.standing(access)
    assert [(held.user, held.waiting) for held in standing.locks] == [("amina", ("bashir",))]
    assert standing.revision == room.locks.read(KEY).locks.revision
    room.clock.time += OVER
    assert room.lock_service.standing(access).locks == ()


def claimant(name: str) -> Claimant:
    return Claimant(name, name, name)


def test_a_project_a_line_and_a_socket_have_limits() -> None:
    one = Locks()
    for uid in range(MAX_OWN):
        one = acquire(one, Target(Kind.TASK, uid), claimant("a"), START).locks
    with pytest.raises(LimitExceededError, match=f"at most {MAX_OWN} locks") as refused:
        acquire(one, Target(Kind.TASK, MAX_OWN), claimant("a"), START)
    assert refused.value.details() == {"what": "locks", "limit": MAX_OWN}
    line = acquire(Locks(), Target(Kind.TASK, 1), claimant("a"), START).locks
    for number in range(MAX_LINE):
        line = acquire(line, Target(Kind.TASK, 1), claimant(f"w{number}"), START, wait=True).locks
    with pytest.raises(LimitExceededError, match=f"at most {MAX_LINE} wait"):
        acquire(line, Target(Kind.TASK, 1), claimant("late"), START, wait=True)
    many = Locks()
    for number in range(MAX_LOCKS):
        many = acquire(many, Target(Kind.TASK, number), claimant(f"h{number}"), START).locks
    with pytest.raises(LimitExceededError, match=f"at most {MAX_LOCKS} locks"):
        acquire(many, Target(Kind.TASK, MAX_LOCKS), claimant("late"), START)


def test_other_projects_of_the_same_name_are_other_locks(room: Stage) -> None:
    bridge = ProjectKey("khulna", "tower")
    room.connect("k", "kamal", key=bridge)
    room.join("k")
    lock(room, "a")
    assert isinstance(lock(room, "k"), Lease)
    assert heard(room, "k") == [("locked", "kamal", "name")]
