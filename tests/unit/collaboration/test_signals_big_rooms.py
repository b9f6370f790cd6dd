"""Those in a big room hear of who comes and goes with the signals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nirman.collaboration.broadcast import FEW
from nirman.collaboration.messages import Presence
from nirman.collaboration.presence import SKEW
from tests.fakes.rooms import KEY
from tests.unit.collaboration.signal_room import Room, room

__all__ = ["room"]


def come_at_once(room: Room, people: int) -> int:
    """So many people enter a room in which as many are; the posts that it took."""
    room.come(*(f"a{n}" for n in range(people)))
    room.run()
    room.stage.sockets.tried.clear()
    for n in range(people):
        room.stage.connect(f"b{n}", f"b{n}")
        room.stage.join(f"b{n}")
        if n % 10 == 9:
            room.run()
    room.run()
    return len(room.stage.sockets.tried)


def test_those_in_a_big_room_hear_of_newcomers_in_a_frame_an_interval(room: Room) -> None:
    assert come_at_once(room, FEW + 10) <= 2 * (FEW + 10) * (FEW + 10) / 10
    heard = [one for one in room.stage.sockets.heard("a0") if isinstance(one, Presence)]
    assert {(one.change, one.user) for one in heard} >= {("joined", f"b{n}") for n in range(FEW + 10)}
    assert {one.number for one in heard} >= set(range(FEW + 11, 2 * FEW + 20 + 1))


def test_those_in_a_small_room_hear_of_a_newcomer_at_once(room: Room) -> None:
    room.come(*(f"a{n}" for n in range(FEW - 1)))
    room.stage.connect("b", "b")
    room.stage.join("b")
    assert [one.user for one in room.stage.sockets.heard("a0") if isinstance(one, Presence)] == ["b"]
    assert room.stage.flusher.woken == []


def test_who_leaves_a_big_room_is_told_with_the_next_frame_and_who_is_found_gone_after_it(room: Room) -> None:
    room.come(*(f"a{n}" for n in range(FEW + 5)))
    room.run()
    room.stage.sockets.posted.clear()
    room.stage.sockets.gone |= {"a1", "a2"}
    room.stage.service.disconnect("a3")
    assert room.stage.sockets.heard("a0") == []
    room.run()
    heard = [one for one in room.stage.sockets.heard("a0") if isinstance(one, Presence)]
    assert {one.user for one in heard if one.change == "left"} == {"a1", "a2", "a3"}  # a frame may repeat the last one
    assert {occupant.connection for occupant in room.stage.broadcast.audience(KEY)}.isdisjoint({"a1", "a2", "a3"})


def test_an_announcement_by_a_clock_that_is_behind_is_sent(room: Room) -> None:
    room.come(*(f"a{n}" for n in range(FEW + 1)))
    room.run()
    room.stage.clock.time += timedelta(seconds=10)
    room.signal("a1", 4)
    room.run()
    room.stage.sockets.posted.clear()
    room.stage.clock.time -= SKEW
    room.stage.connect("b", "b")
    room.stage.join("b")
    room.stage.clock.time += SKEW
    room.run()
    assert "b" in [one.user for one in room.stage.sockets.heard("a0") if isinstance(one, Presence)]


def test_a_join_in_a_big_room_looks_at_it_once_and_whoever_comes_just_after_that_is_announced(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = room.stage
    room.come(*(f"a{n}" for n in range(FEW + 1)))
    room.run()
    look, looked = stage.rooms.occupants, []

    def look_while_another_comes(key: Any, *, now: Any) -> Any:
        seen = look(key, now=now)
        looked.append(key)
        if len(looked) == 1:
            stage.connect("c", "chitra")
            stage.join("c")
        return seen

    monkeypatch.setattr(stage.rooms, "occupants", look_while_another_comes)
    stage.connect("b", "bashir")
    answer = stage.join("b")
    assert len(looked) == 2, "one look each"
    assert "chitra" not in {one.user for one in answer.presence}
    room.run()
    heard = {one.user: one for one in stage.sockets.heard("b") if isinstance(one, Presence)}
    assert heard["chitra"].number > answer.announced
    assert heard["chitra"].at > answer.at
