"""Positions in one calendar's work, seen from another's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.compression.build import model_of
from nirman.optimization.compression.crossing import Crossing, at_once, crossing, evening_before, lagging, standing
from nirman.optimization.compression.offers import Market
from nirman.planning.model import Assignment, Resource
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime
from tests.builders.faster import CALENDARS, START
from tests.builders.plans import make_plan, make_task

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
    return crossing(source, target, evening=evening, delay=delay, floor=floor)


places = st.sampled_from((None, standing, evening_before))
times, flags = st.sampled_from(_TIMES), st.booleans()
lags = st.sampled_from((0, 45, 7 * 1440))
floors = st.none() | st.integers(0, _WEEKS // 3).map(lambda minutes: to_minutes(START) + minutes)


@settings(max_examples=60, deadline=None)
@given(times, times, flags, lags, floors)
def test_pieces_say_the_value_at_every_position(source, target, evening, lag, floor):
    seen = made(source, target, evening, lag, floor)
    low, high = reach(source)
    pieces = list(seen.pieces(low, high))
    for piece in pieces:
        for position in {piece.first, (piece.first + piece.last) // 2, piece.last}:
            assert piece.value + (position - piece.first if piece.rises else 0) == seen.value(position)
    assert [piece.first for piece in pieces[1:]] == [piece.last + 1 for piece in pieces[:-1]]
    assert pieces[0].first <= low <= high <= pieces[-1].last


@settings(max_examples=60, deadline=None)
@given(times, times, flags, lags, floors, st.data())
def test_the_least_gain_is_that_of_the_worst_position_but_for_a_stride(source, target, evening, lag, floor, data):
    seen = made(source, target, evening, lag, floor)
    low, high = reach(source)
    first = data.draw(st.integers(low, high))
    last = min(high, first + data.draw(st.integers(0, 4000)))
    least = min(seen.value(position) - position for position in range(first, last + 1))
    assert seen.least_gain(first, last) <= least <= seen.least_gain(first, last) + (last - first) // 256
    assert seen.least_gain(low, high) <= least


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


@pytest.mark.parametrize("number", [0, 1, 3, 5])
def test_the_evening_before_is_the_first_instant_that_is_the_same_to_the_work(number):
    time = _TIMES[number]
    place_of, steady_until = evening_before(time)
    instant = to_minutes(START)
    for at in range(instant, instant + 3 * 1440, 7):
        place = place_of(at)
        assert time.worked(place) == time.worked(at)
        assert time.worked(place - 1) < time.worked(at)
        for later in {at, (at + steady_until(at)) // 2, min(steady_until(at), at + 3000)}:
            assert place_of(later) - place in (0, later - at)


def test_a_delay_that_leaps_at_any_minute_is_looked_at_minute_by_minute():
    time = _TIMES[1]
    low, _ = reach(time)
    seen = crossing(time, time, evening=True, delay=lambda v: v // 60 * 60, steady_until=at_once)
    pieces = list(seen.pieces(low, low + 500))
    assert [seen.value(piece.first) for piece in pieces] == [piece.value for piece in pieces]
    assert len(pieces) == 501
    assert seen.least_gain(low, low + 500) <= min(piece.value - piece.first for piece in pieces)


def test_hours_that_two_calendars_share_are_one_piece():
    """Sunday to Thursday within seven days: four hours at a time, and Friday and Saturday between them."""
    five, seven = _TIMES[1], _TIMES[2]
    low, _ = reach(five)
    pieces = crossing(five, seven, evening=True).pieces(low + 1, low + 5 * 480)
    assert [(piece.last - piece.first + 1, piece.rises) for piece in pieces] == [(240, True)] * 10
    low, _ = reach(seven)
    back = crossing(seven, five, evening=True).pieces(low + 1, low + 7 * 480)
    assert [piece.rises for piece in back] == [True] * 10 + [False] * 4


@settings(max_examples=30, deadline=None)
@given(times, times, times, flags, st.sampled_from((-3000, -60, 45, 700, 7 * 1440)), places)
def test_pieces_say_the_value_at_every_position_of_a_lag_in_other_hours(source, target, time, evening, lag, stands):
    delay, steady_until = lagging(time, lag, None if stands is None else stands(target))
    seen = crossing(source, target, evening=evening, delay=delay, steady_until=steady_until)
    low, high = reach(source)
    for piece in seen.pieces(low, low + (high - low) // 3):
        for position in range(piece.first, piece.last + 1):
            assert piece.value + (position - piece.first if piece.rises else 0) == seen.value(position)


@pytest.mark.parametrize(("one", "other"), [(2, 5), (3, 1), (4, 5), (1, 4)])
def test_pieces_say_when_a_task_of_several_calendars_ends(one, other):
    plan = make_plan(
        [make_task(1, duration_minutes=1500)],
        calendars=CALENDARS,
        resources=[Resource(uid=1, calendar_uid=one), Resource(uid=2, calendar_uid=other)],
        assignments=[
            Assignment(uid=1, task_uid=1, resource_uid=1),
            Assignment(uid=2, task_uid=1, resource_uid=2, delay_minutes=200),
        ],
    )
    schedule = schedule_plan(plan)
    model = model_of(plan, schedule, Market((), (), ()))
    (arc,) = model.arcs
    assert arc.crossing is not None
    start = to_minutes(START)
    for piece in arc.crossing.pieces(start, start + 10 * 1440):
        for position in range(piece.first, piece.last + 1):
            assert piece.value + (position - piece.first if piece.rises else 0) == arc.crossing.value(position)
    assert arc.crossing.value(start) == to_minutes(schedule.project_finish)
