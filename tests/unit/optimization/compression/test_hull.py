"""What a linear program is told of calendars that meet: never too much, and enough to prove something."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.optimization.compression import compress
from nirman.optimization.compression.build import model_of
from nirman.optimization.compression.crossing import at_once, crossing, lagging
from nirman.optimization.compression.hull import PARTS, facets
from nirman.optimization.compression.linear import LinearProgram
from nirman.optimization.compression.market import market
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.result import Status
from nirman.optimization.compression.room import Room
from nirman.optimization.compression.search import Search
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.model import Calendar, Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes
from nirman.scheduling.working_time import ELAPSED
from tests.builders.faster import CALENDARS, START, WORKDAY, crash, every_choice, finishes, made_up
from tests.builders.plans import make_link, make_plan, make_task

_REACH = 10 * 1440


@st.composite
def shifts(draw):
    """Up to three spells of work of a day, in minutes of it."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


weeks = st.lists(st.one_of(st.just(()), shifts()), min_size=7, max_size=7).filter(any).map(tuple)
times = st.one_of(
    st.just(ELAPSED),
    weeks.map(lambda week: Calendars({1: Calendar(uid=1, name="Any", week=week)}).working_time(1)),
)
lags = st.sampled_from((0, 0, -3000, 45, 700, 7 * 1440))


def alternating(count: int) -> Plan:
    """A chain of tasks of five and of seven days a week, in turns, each with its own price of a minute less."""
    tasks = [
        make_task(
            uid,
            duration_minutes=4 * WORKDAY,
            calendar_uid=2 if uid % 2 else None,
            crash=crash((2 * WORKDAY, 100 * (uid * 7 % 11 + 1))),
        )
        for uid in range(1, count + 1)
    ]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, count)]
    return make_plan(tasks, links, calendars=CALENDARS)


@settings(max_examples=150, deadline=None)
@given(times, times, times, st.booleans(), lags, st.booleans(), st.data())
def test_no_facet_is_above_the_crossing_where_it_may_be_asked(source, target, other, evening, lag, leaps, data):
    delay, steady_until = lagging(other, lag) if lag else (None, None)
    if leaps:
        delay, steady_until = (lambda instant: instant // 60 * 60), at_once
    seen = crossing(source, target, evening=evening, delay=delay, steady_until=steady_until)
    start = source.worked(to_minutes(START))
    low = data.draw(st.integers(start, start + _REACH))
    high = low + data.draw(st.integers(0, _REACH))
    found = facets(seen, low, high)
    assert len(found) <= 8
    asked = {*range(low, high + 1, 1 + (high - low) // 400), high}
    asked |= {one.position + step for one in found for step in (-1, 0, 1, one.run) if one.position + step >= low}
    for position in asked:
        value = seen.value(position)
        for one in found:
            assert position > high or one.run * (value - one.value) >= one.rise * (position - one.position)
            slope, least = one.in_parts(low)
            assert position > high or PARTS * value - slope * position >= least


def test_a_hull_is_exact_where_it_bends():
    """Five days of eight hours in seven of them: from Monday on, seven minutes there for five here."""
    times_of = Calendars({one.uid: one for one in CALENDARS})
    five, seven = times_of.working_time(1), times_of.working_time(2)
    low = five.worked(to_minutes(START))
    seen = crossing(five, seven, evening=True)
    found = facets(seen, low, low + 20 * 5 * WORKDAY)
    assert all(seen.value(one.position) == one.value for one in found)
    longest = max(found, key=lambda one: one.run)
    assert longest.rise * 5 == longest.run * 7
    assert longest.run >= 18 * 5 * WORKDAY


@pytest.mark.parametrize(("count", "share", "proven"), [(6, 0.5, 0.75), (6, 0.7, 0.95), (10, 0.9, 0.95)])
def test_the_linear_program_alone_proves_most_of_what_two_calendars_cost(count, share, proven):
    """Of a date so much of the way from the plan as it is to its earliest finish."""
    plan = alternating(count)
    schedule = schedule_plan(plan)
    offered, _ = market(plan, schedule, Method.CRASH)
    everything = Choice(tuple(offer.shortest for offer in offered.offers), ())
    early = _finish_of(plan, everything)
    late = to_minutes(schedule.project_finish)
    finish = round(late + (early - late) * share)
    best = compress(
        plan, CompressOptions(finish=to_datetime(finish), time_limit_s=30, workers=1), stop=Deadline(30, time.monotonic)
    )
    model = model_of(plan, schedule, offered)
    relaxed = LinearProgram(model, room=Room(model, finish)).cheapest(finish)
    assert relaxed is not None
    assert best.status is Status.OPTIMAL
    assert proven * float(best.cost) < relaxed.bound <= best.cost


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(Method), st.floats(0, 1))
def test_the_linear_program_never_proves_more_than_the_cheapest_of_all_choices_costs(choose, method, share):
    plan = made_up(choose)
    try:
        schedule = schedule_plan(plan)
    except InvalidPlanError:
        assume(False)
    offered, _ = market(plan, schedule, method)
    choices = every_choice(offered)
    assume(choices is not None and len(choices) > 1)
    search = Search(plan, schedule, offered, CompressOptions(), Deadline(20, time.monotonic))
    assume(search.sound)
    at = finishes(plan, choices, method)
    early, late = min(at.values()), max(at.values())
    finish = round(late + (early - late) * share)
    hull, room = replace(search.model, market=offered.hull), Room(search.model, finish)
    relaxed = LinearProgram(hull, room=room).cheapest(finish)
    assert room.possible
    assert relaxed is not None
    assert relaxed.bound <= min(offered.cost(choice) for choice in choices if at[choice] <= finish)


def _finish_of(plan: Plan, choice: Choice) -> int:
    offered, _ = market(plan, schedule_plan(plan), Method.CRASH)
    model = model_of(plan, schedule_plan(plan), offered)
    starts = model.earliest(choice)
    return max(
        model.axes[one.axis].finish_at(starts[n] + model.minutes(n, choice)) for n, one in enumerate(model.activities)
    )
