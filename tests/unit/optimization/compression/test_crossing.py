"""Positions in one calendar's work, seen from another's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.compression.crossing import Crossing, at_once, crossing, standing
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime
from tests.builders.faster import CALENDARS, START

_TIMES: list[WorkingTime] = [
    ELAPSED,
    *(Calendars({one.uid: one for one in CALENDARS}).working_time(uid) for uid in range(1, 6)),
]
_WEEKS = 3 * 7 * 1440


def reach(time: WorkingTime) -> tuple[int, int]:
    return time.worked(to_minutes(START)), time.worked(to_minutes(START) + _WEEKS)


def made(source: WorkingTime, target: WorkingTime, evening: bool, lag: int, floor: int | None) -> Crossing:
    delay: Callable[[int], int] | None = None
    if lag:
        delay = lambda instant: instant + lag  # noqa: E731
    return crossing(source, target, reach(source), evening=evening, delay=delay, floor=floor)


times, flags = st.sampled_from(_TIMES), st.booleans()
lags = st.sampled_from((0, 45, 7 * 1440))
floors = st.none() | st.integers(0, _WEEKS // 3).map(lambda minutes: to_minutes(START) + minutes)


@settings(max_examples=60, deadline=None)
@given(times, times, flags, lags, floors)
def test_pieces_say_the_value_at_every_position(source, target, evening, lag, floor):
    seen = made(source, target, evening, lag, floor)
    for piece in seen.pieces:
        for position in {piece.first, (piece.first + piece.last) // 2, piece.last}:
            assert piece.value + (position - piece.first if piece.rises else 0) == seen.value(position)
    low, high = reach(source)
    assert [piece.first for piece in seen.pieces[1:]] == [piece.last + 1 for piece in seen.pieces[:-1]]
    assert (seen.pieces[0].first, seen.pieces[-1].last) == (low, high)


@settings(max_examples=60, deadline=None)
@given(times, times, flags, lags, floors, st.data())
def test_the_least_gain_is_that_of_the_worst_position(source, target, evening, lag, floor, data):
    seen = made(source, target, evening, lag, floor)
    low, high = reach(source)
    first = data.draw(st.integers(low, high))
    last = min(high, first + data.draw(st.integers(0, 4000)))
    least = min(seen.value(position) - position for position in range(first, last + 1))
    assert seen.least_gain(first, last) <= least
    assert seen.least_gain(low, high) == min(seen.value(p) - p for p in range(low, high + 1))


@pytest.mark.parametrize("number", [1, 3, 5])
def test_what_takes_no_time_stands_where_somebody_works_or_just_did(number):
    time = _TIMES[number]
    stands, steady_until = standing(time)
    instant = to_minutes(START)
    for at in range(instant, instant + 3 * 1440, 7):
        place = stands(at)
        assert time.worked(place) == time.worked(at)
        assert place == at or (place == time.next_start(at) and time.previous_finish(at) != at)
        for later in {at, (at + steady_until(at)) // 2, min(steady_until(at), at + 3000)}:
            assert stands(later) - place in (0, later - at)


def test_a_delay_that_leaps_at_any_minute_is_looked_at_minute_by_minute():
    time = _TIMES[1]
    low, _ = reach(time)
    seen = crossing(time, time, (low, low + 500), evening=True, delay=lambda v: v // 60 * 60, steady_until=at_once)
    assert [seen.value(piece.first) for piece in seen.pieces] == [piece.value for piece in seen.pieces]
    assert len(seen.pieces) == 501


def test_hours_that_two_calendars_share_are_one_piece():
    """Sunday to Thursday within seven days: four hours at a time, and Friday and Saturday between them."""
    five, seven = _TIMES[1], _TIMES[2]
    low, _ = reach(five)
    pieces = crossing(five, seven, (low + 1, low + 5 * 480), evening=True).pieces
    assert [(piece.last - piece.first + 1, piece.rises) for piece in pieces] == [(240, True)] * 10
    back = crossing(seven, five, (reach(seven)[0] + 1, reach(seven)[0] + 7 * 480), evening=True).pieces
    assert [piece.rises for piece in back] == [True] * 10 + [False] * 4
