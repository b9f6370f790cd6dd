"""Links joined to one, and what is given back of what was bought for nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.compression.chain import Chain, Step
from nirman.optimization.compression.crossing import crossing
from nirman.optimization.compression.market import market
from nirman.optimization.compression.search import Search
from nirman.optimization.compression.sparing import spared
from nirman.optimization.compression.tables import Tables, pieces_of
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED
from tests.builders.faster import CALENDARS, START, WORKDAY, crash
from tests.builders.plans import make_link, make_plan, make_task

_TIMES = [ELAPSED, *(Calendars({one.uid: one for one in CALENDARS}).working_time(uid) for uid in range(1, 6))]
_REACH = 6 * 7 * 1440


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(-900, 3000), st.none() | st.integers(0, _REACH // 2)), min_size=3, max_size=3),
    st.integers(0, _REACH),
    st.integers(0, 5000),
)
def test_a_chain_is_worth_what_its_links_are_one_after_the_other(hours, links, begins, count):
    steps = []
    for place, (shift, floor) in zip(range(len(hours) - 1), links, strict=False):
        source, target = _TIMES[hours[place]], _TIMES[hours[place + 1]]
        not_before = None if floor is None else source.worked(to_minutes(START) + floor)
        steps.append(Step(shift, not_before, crossing(source, target, evening=True)))
    chain = Chain(steps, Tables())
    first = _TIMES[hours[0]].worked(to_minutes(START)) + begins
    pieces = list(chain.pieces(first, first + count))
    assert pieces[0].first <= first
    assert [piece.first for piece in pieces[1:]] == [piece.last + 1 for piece in pieces[:-1]]
    values = chain.values(first, first + count)
    for piece in pieces:
        for position in {piece.first, (piece.first + piece.last) // 2, piece.last}:
            said = piece.value + (position - piece.first if piece.rises else 0)
            assert said == chain.value(position)
            if first <= position <= first + count:
                assert said == values[position - first]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((0, 0, 0, 1, 1, 1, 2, 9)), max_size=30))
def test_pieces_say_every_value_of_a_row(steps):
    values = np.cumsum([5, *steps])
    said = [
        piece.value + (position - piece.first if piece.rises else 0)
        for piece in pieces_of(values, 100)
        for position in range(piece.first, piece.last + 1)
    ]
    assert said == values.tolist()


@pytest.mark.parametrize("linear", [True, False])
def test_what_ends_in_a_weekend_is_given_back_until_the_next_minute_would_be_late(linear):
    tasks = [
        make_task(
            uid,
            duration_minutes=4 * WORKDAY,
            calendar_uid=2 if uid % 2 else None,
            crash=crash((3 * WORKDAY, 100 * uid), (2 * WORKDAY, 300 * uid), linear=linear),
        )
        for uid in range(1, 6)
    ]
    plan = make_plan(tasks, [make_link(uid, uid, uid + 1) for uid in range(1, 5)], calendars=CALENDARS)
    schedule = schedule_plan(plan)
    offered, _ = market(plan, schedule, Method.CRASH)
    stop = Deadline(20, time.monotonic)
    search = Search(plan, schedule, offered, CompressOptions(), stop)
    finish = (search.finish(offered.nothing) + search.finish(offered.everything)) // 2
    found = spared(search.model, offered.everything, finish, stop)
    assert search.finish(found) <= finish
    assert 0 < offered.cost(found) < offered.cost(offered.everything)
    for number, offer in enumerate(offered.offers):
        minutes = found.durations[number]
        longer = minutes + 1 if linear else min((m for m, _ in offer.points if m > minutes), default=minutes)
        if minutes < offer.longest:
            durations = (*found.durations[:number], longer, *found.durations[number + 1 :])
            assert search.finish(type(found)(durations, ())) > finish
