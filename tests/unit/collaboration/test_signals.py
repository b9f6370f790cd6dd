"""Cursors, and what each socket looks at: told soon, to those who can see it, and forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.collaboration.messages import MAX_FRAME_BYTES, Cursor, Error, Looking, Noted, Pointer, Presence, Typing
from nirman.collaboration.ports import SIGNAL_FOR, NotDeliveredError
from nirman.collaboration.signals import is_in_sight
from nirman.collaboration.turns import LONGEST_MS, interval_ms
from tests.fakes.rooms import KEY
from tests.unit.collaboration.signal_room import Room, room

__all__ = ["room"]


def test_others_see_the_cursor_and_its_own_socket_does_not(room: Room) -> None:
    room.come("amina", "bashir", "amina-2")
    assert isinstance(room.signal("amina", 4), Noted)
    room.run()
    assert room.seen("bashir") == {"amina": 4}
    assert room.seen("amina-2") == {"amina": 4}
    assert room.heard("amina") == []


def test_a_flood_is_few_frames_and_the_last_position_wins(room: Room) -> None:
    room.come("amina", "bashir")
    for number in range(200):
        room.signal("amina", number, n=number)
        if number % 50 == 0:
            room.run()
    room.run()
    frames = room.heard("bashir")
    assert len(frames) <= 5
    [pointer] = frames[-1].pointers
    assert pointer.cursor == Cursor("gantt", 199)


def test_signals_of_many_go_in_one_frame(room: Room) -> None:
    users = [f"u{number}" for number in range(20)]
    room.come(*users)
    room.signal("u0", 0)
    room.run()
    for user in users:
        room.heard(user)
    for number, user in enumerate(users):
        room.signal(user, number)
    room.run()
    [frame] = room.heard("u0")
    assert {pointer.user for pointer in frame.pointers} == set(users) - {"u0"}


def test_what_is_written_while_another_has_the_turn_is_read_by_them(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    room.signal("bashir", 2)
    assert len(room.stage.flusher.woken) == 1
    room.run()
    assert room.seen("amina") == {"bashir": 2}


def test_what_is_written_once_the_board_is_being_read_has_a_turn_of_its_own(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.come("amina", "bashir")
    shown = room.stage.board.shown

    def read_slowly(*args: Any, **options: Any) -> Any:
        found = shown(*args, **options)
        monkeypatch.setattr(room.stage.board, "shown", shown)
        room.signal("amina", 2)  # after it was read
        return found

    monkeypatch.setattr(room.stage.board, "shown", read_slowly)
    room.signal("amina", 1)
    room.run()
    assert room.seen("bashir") == {"amina": 2}


def test_a_signal_of_a_function_whose_clock_is_behind_is_sent_too(room: Room) -> None:
    room.come("amina", "bashir", "chitra")
    room.signal("amina", 1)
    room.run()
    room.heard("chitra")
    room.pass_time(-0.5)
    room.signal("bashir", 2)
    room.pass_time(0.5)
    room.run()
    assert room.seen("chitra")["bashir"] == 2


def test_the_next_frame_waits_for_the_end_of_the_interval(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    [(_, _, first)] = room.stage.flusher.woken
    room.run()
    room.signal("amina", 2)
    [(_, _, second)] = room.stage.flusher.woken
    room.run()
    room.pass_time(1)
    room.signal("amina", 3)
    [(_, _, third)] = room.stage.flusher.woken
    assert (first, third) == (0, 0)
    assert 80 < second <= 100


@pytest.mark.parametrize("skew_s", [-30, 30])
def test_no_clock_makes_anyone_wait_longer_than_the_interval(room: Room, skew_s: int) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    room.run()
    room.pass_time(skew_s)
    room.signal("amina", 2)
    [(_, _, wait_ms)] = room.stage.flusher.woken
    assert 0 <= wait_ms <= 100


def test_the_interval_widens_with_the_room_and_is_told(room: Room) -> None:
    assert [interval_ms(sockets) for sockets in (0, 1, 10, 11, 50, 200, 5_000)] == [100, 100, 100, 110, 500, 2000, 2000]
    users = [f"u{number}" for number in range(30)]
    room.come(*users)
    assert room.signal("u0").interval_ms == 100
    room.run()
    assert room.signal("u1").interval_ms == 300
    assert room.heard("u2")[0].interval_ms == 300


def test_a_turn_that_was_never_used_is_given_again(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    lost = room.stage.flusher.woken.pop()
    room.signal("amina", 2)
    assert room.stage.flusher.woken == []
    room.pass_time(6)
    room.signal("amina", 3)
    room.run()
    assert room.seen("bashir") == {"amina": 3}
    room.flush(lost[0], lost[1], wait_ms=0)  # it wakes up after all
    assert room.heard("bashir") == []


def test_an_earlier_signal_that_arrives_later_is_passed_over(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 2, n=2)
    room.signal("amina", 1, n=1)
    room.run()
    assert room.seen("bashir") == {"amina": 2}


def test_who_looks_elsewhere_is_not_sent_it(room: Room) -> None:
    room.come("amina", "bashir", "chitra", "dalia")
    room.look("bashir", {"area": "gantt", "tasks": [3, 4, 5]})
    room.look("chitra", {"area": "gantt", "tasks": [7]})
    room.look("dalia", {"area": "board"})
    room.run()
    for user in ("amina", "bashir", "chitra", "dalia"):
        room.heard(user)
    room.pass_time(5)
    room.signal("amina", 4)
    room.run()
    assert room.seen("bashir") == {"amina": 4}
    assert room.seen("chitra") == room.seen("dalia") == {}


def test_a_cursor_that_goes_out_of_sight_is_told_to_those_who_saw_it(room: Room) -> None:
    room.come("amina", "bashir")
    room.look("bashir", {"area": "gantt", "tasks": [4]})
    room.run()
    room.pass_time(5)
    room.signal("amina", 4)
    room.run()
    room.heard("bashir")
    room.signal("amina", 400)
    room.run()
    assert room.seen("bashir") == {"amina": 400}
    room.pass_time(5)
    room.signal("amina", 500)
    room.run()
    assert room.heard("bashir") == []


def test_who_shut_out_of_the_project_neither_sends_nor_gets_signals(room: Room) -> None:
    room.come("amina", "bashir", "chitra")
    del room.stage.directory.granted[KEY]["chitra"]
    room.signal("amina", 1)
    room.signal("chitra", 2)
    room.run()
    assert room.seen("bashir") == {"amina": 1}
    assert room.heard("chitra") == []


def test_nothing_of_somebody_who_left_is_sent_after_the_left(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    room.stage.service.disconnect("amina")
    assert [type(one) for one in room.stage.sockets.heard("bashir")] == [Presence]
    room.run()
    assert room.heard("bashir") == []


def test_nothing_of_somebody_who_leaves_while_the_board_is_read_is_sent(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.come("amina", "bashir")
    shown = room.stage.board.shown

    def read(*args: Any, **options: Any) -> Any:
        found = shown(*args, **options)
        room.stage.service.disconnect("amina")
        return found

    monkeypatch.setattr(room.stage.board, "shown", read)
    room.signal("amina", 1)
    room.run()
    assert room.heard("bashir") == []


def test_signals_are_forgotten_and_what_one_looks_at_is_not(room: Room) -> None:
    room.come("amina", "bashir")
    room.signal("amina", 1)
    room.look("amina", {"area": "gantt"})
    room.pass_time(SIGNAL_FOR.total_seconds())
    [shown] = room.stage.board.shown(KEY, now=room.stage.clock())
    assert shown.pointer is None
    assert shown.looking == Looking("gantt")


def test_what_somebody_looks_at_is_told_to_the_others_once_an_interval(room: Room) -> None:
    room.come("amina", "amina-2", "bashir")
    for task in range(50):
        room.look("amina", {"area": "gantt", "tasks": [task]})
    room.look("amina-2", {"area": "board"})
    room.run()
    frames = room.heard("bashir")
    assert len(frames) == 1
    [looks] = frames[0].looks
    assert looks.user == "amina"
    assert looks.looking == (Looking("board"), Looking("gantt", (49,)))
    assert room.heard("amina") == room.heard("amina-2") == []
    room.pass_time(5)
    room.look("amina", None)
    room.run()
    assert room.heard("bashir")[0].looks[0].looking == (Looking("board"),)


def test_frames_are_split_below_the_limit_and_nothing_is_left_out(room: Room) -> None:
    users = [f"u{number}" for number in range(60)]
    room.come(*users)
    for user in users:
        room.signal(user, 1, selection=[2_000_000_000 + n for n in range(100)])
        room.look(user, {"area": "gantt"})
    room.run()
    sizes = [len(data) for data in room.stage.sockets.posted["u0"]]
    assert len(sizes) > 1
    assert max(sizes) <= MAX_FRAME_BYTES
    frames = room.heard("u0")
    assert [pointer.user for frame in frames for pointer in frame.pointers] == [u for u in users if u != "u0"]
    assert {looks.user for frame in frames for looks in frame.looks} == set(users) - {"u0"}


def test_a_frame_is_tried_once_and_a_gone_socket_is_removed(room: Room) -> None:
    room.come("amina", "bashir", "chitra")
    room.stage.sockets.tried.clear()
    room.stage.sockets.fail["bashir"] = [NotDeliveredError("LimitExceededException", again=True)]
    room.stage.sockets.gone.add("chitra")
    room.signal("amina", 1)
    room.run()
    assert room.stage.sockets.tried.count("bashir") == 2  # the signal, and that chitra left
    assert set(room.stage.rooms.connections) == {"amina", "bashir"}


@pytest.mark.parametrize("kind", ["look", "signal"])
def test_a_room_must_be_joined_first(room: Room, kind: str) -> None:
    room.stage.connect("amina", "amina")
    answer = room.stage.say("amina", type=kind, project=KEY.project)
    assert isinstance(answer, Error)
    assert answer.code == "not-found"
    assert room.stage.board.items == {}


tasks = st.integers(1, 6)


areas = st.sampled_from(["gantt", "board"])


pointers = st.builds(
    Pointer,
    user=st.just("amina"),
    socket=st.just("1"),
    cursor=st.none() | st.builds(Cursor, area=areas, task=st.none() | tasks),
    selection=st.lists(tasks, max_size=3).map(tuple),
    typing=st.none() | st.builds(Typing, task=tasks, field=st.just("name")),
)


@given(pointers, areas, st.sets(tasks, max_size=4))
def test_what_is_in_sight_is_any_part_of_it(pointer: Pointer, area: str, on_screen: set[int]) -> None:
    parts = [Pointer("amina", "1", cursor=pointer.cursor), Pointer("amina", "1", typing=pointer.typing)]
    parts += [Pointer("amina", "1", selection=(task,)) for task in pointer.selection]
    sight = Looking(area, tuple(on_screen))
    assert is_in_sight(pointer, sight) == any(is_in_sight(part, sight) for part in parts)
    if pointer.cursor and pointer.cursor.area != area and not pointer.selection and not pointer.typing:
        assert not is_in_sight(pointer, sight)
    if on_screen and pointer.cursor and pointer.cursor.area == area and pointer.cursor.task in on_screen:
        assert is_in_sight(pointer, sight)


def test_the_longest_wait_is_bounded_whatever_is_asked(room: Room) -> None:
    room.come("amina")
    before = room.stage.clock.time
    room.flush(KEY, "nobody's", wait_ms=60_000)
    assert room.stage.clock.time - before < timedelta(milliseconds=LONGEST_MS + 100)
