"""Overlaps: how far, at what risk, and together with shorter durations."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from nirman.optimization.compression import Compression, Status, compress
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.estimates import Overlap
from nirman.planning.model import Assignment, LagCalendar, Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.faster import WORKDAY, crash
from tests.builders.plans import make_link, make_plan, make_task


def asked(plan: Plan, method: Method = Method.FAST_TRACK, **options) -> Compression:
    return compress(plan, CompressOptions(method=method, **options), stop=Deadline(60, time.monotonic))


def chain(*overlaps: Overlap | None, lag: int = 0, **project) -> Plan:
    """Tasks of four days one after the other, with these overlaps; the first ends on 7 January."""
    tasks = [make_task(uid, duration_minutes=4 * WORKDAY) for uid in range(1, len(overlaps) + 2)]
    links = [make_link(uid, uid, uid + 1, overlap=overlap, lag_minutes=lag) for uid, overlap in enumerate(overlaps, 1)]
    return make_plan(tasks, links, **project)


def test_a_link_overlaps_no_further_than_its_share_of_the_predecessor():
    plan = chain(Overlap(max_percent=25))
    result = asked(plan, budget=Decimal(0))
    assert result.status is Status.OPTIMAL
    (overlapped,) = result.overlapped
    assert (overlapped.overlap_minutes, overlapped.lag_minutes) == (WORKDAY, -WORKDAY)
    changed, _ = apply(plan, result.operations)
    assert changed.links[1].lag_minutes == -WORKDAY
    assert schedule_plan(changed).project_finish == result.after.finish == datetime(2026, 1, 12, 17, 0)
    assert asked(plan, finish=datetime(2026, 1, 11, 17, 0)).status is Status.INFEASIBLE


def test_a_lag_stays_and_counts_from_earlier():
    (overlapped,) = asked(chain(Overlap(max_percent=50), lag=WORKDAY), budget=Decimal(0)).overlapped
    assert (overlapped.overlap_minutes, overlapped.lag_minutes) == (2 * WORKDAY, -WORKDAY)


def test_what_overlaps_already_counts():
    (overlapped,) = asked(chain(Overlap(max_percent=50), lag=-WORKDAY), budget=Decimal(0)).overlapped
    assert (overlapped.overlap_minutes, overlapped.lag_minutes) == (WORKDAY, -2 * WORKDAY)


def test_the_overlap_with_the_least_expected_rework_is_chosen():
    risky = Overlap(max_percent=50, rework_probability=0.5, rework_percent=50, rework_cost=Decimal(1000))
    safer = replace(risky, rework_probability=0.25)
    result = asked(chain(risky, safer), finish=datetime(2026, 1, 18, 17, 0))
    assert result.status is Status.OPTIMAL
    (overlapped,) = result.overlapped
    assert (overlapped.uid, overlapped.overlap_minutes) == (2, WORKDAY)
    assert (overlapped.rework_minutes, overlapped.expected_minutes) == (240, 60.0)
    assert result.cost == overlapped.expected_cost == result.after.rework == 250
    assert result.after.direct == result.before.direct


def test_rework_also_costs_the_people_who_do_it():
    overlap = Overlap(max_percent=50, rework_probability=0.5, rework_percent=50)
    plan = replace(
        chain(overlap),
        resources={1: Resource(uid=1, standard_rate=Decimal(120))},
        assignments={1: Assignment(uid=1, task_uid=2, resource_uid=1, units=2.0)},
    )
    # A day's overlap: half a day more of two people at 120 an hour, 960, with an even chance.
    assert asked(plan, finish=datetime(2026, 1, 12, 17, 0)).cost == 480


def test_the_risk_of_rework_is_that_of_all_combinations():
    one = Overlap(max_percent=50, rework_probability=0.5, rework_percent=50)
    other = replace(one, rework_probability=0.2)
    result = asked(chain(one, other), budget=Decimal(0))
    assert [overlapped.overlap_minutes for overlapped in result.overlapped] == [2 * WORKDAY, 2 * WORKDAY]
    rework = result.rework
    assert rework is not None
    assert rework.exact
    assert rework.scenarios == 4
    # Each lengthens its successor, and so the chain, by a day.
    assert rework.most_delay_minutes == 2 * WORKDAY
    assert rework.expected_delay_minutes == pytest.approx(0.5 * WORKDAY + 0.2 * WORKDAY)
    assert rework.none_probability == pytest.approx(0.4)


def test_with_many_overlaps_scenarios_are_drawn_by_the_seed():
    overlaps = [Overlap(max_percent=50, rework_probability=0.5, rework_percent=50)] * 9
    first, again, other = (asked(chain(*overlaps), budget=Decimal(0), seed=seed).rework for seed in (1, 1, 2))
    assert first == again != other
    assert first is not None
    assert not first.exact
    assert first.expected_delay_minutes == pytest.approx(9 * 0.5 * WORKDAY, rel=0.1)


def test_the_chance_to_keep_the_date_is_told():
    result = asked(
        chain(Overlap(max_percent=25, rework_probability=0.3, rework_percent=100)), finish=datetime(2026, 1, 12, 17, 0)
    )
    assert result.rework is not None
    assert result.rework.on_time_probability == pytest.approx(0.7)


def test_a_shorter_predecessor_leaves_less_to_overlap():
    plan = chain(Overlap(max_percent=50))
    faster = replace(plan.tasks[1], crash=crash((2 * WORKDAY, 1000)))
    plan = replace(plan, tasks={**plan.tasks, 1: faster})
    result = asked(plan, Method.BOTH, budget=Decimal(1000))
    assert result.status is Status.OPTIMAL
    assert result.after.finish == datetime(2026, 1, 8, 17, 0)
    assert [(one.uid, one.overlap_minutes) for one in result.overlapped] == [(1, WORKDAY)]
    assert [(one.uid, one.to_minutes) for one in result.shortened] == [(1, 2 * WORKDAY)]


def test_both_together_take_whichever_is_cheaper():
    plan = chain(Overlap(max_percent=25, rework_probability=0.5, rework_percent=10, rework_cost=Decimal(900)))
    faster = replace(plan.tasks[2], crash=crash((2 * WORKDAY, 800)))
    plan = replace(plan, tasks={**plan.tasks, 2: faster})
    day = asked(plan, Method.BOTH, finish=datetime(2026, 1, 12, 17, 0))
    assert (day.cost, day.overlapped, [one.uid for one in day.shortened]) == (400, (), [2])
    three = asked(plan, Method.BOTH, finish=datetime(2026, 1, 8, 17, 0))
    assert (three.cost, three.after.rework) == (1250, 450)


def test_what_cannot_overlap_says_why():
    overlap = Overlap(max_percent=50)
    tasks = [make_task(uid, duration_minutes=0 if uid == 4 else WORKDAY) for uid in range(1, 6)]
    tasks[1] = replace(tasks[1], actual_start=datetime(2026, 1, 4, 8, 0))
    links = [
        make_link(1, 1, 2, overlap=overlap),
        make_link(2, 1, 3, overlap=overlap, lag_percent=50.0),
        make_link(3, 3, 4, overlap=overlap),
        make_link(4, 3, 5, overlap=overlap, lag_minutes=60, lag_elapsed=True),
    ]
    result = asked(make_plan(tasks, links), curve=True)
    elapsed = "its lag is a percentage or in elapsed time: an overlap in working time would be another lag"
    assert {one.uid: one.why for one in result.left_out} == {
        1: "its successor has begun",
        2: elapsed,
        3: "what takes no time overlaps with nothing",
        4: elapsed,
    }
    other = make_plan(2, [make_link(1, 1, 2, overlap=overlap)], lag_calendar=LagCalendar.ELAPSED)
    (left,) = asked(other, curve=True).left_out
    assert "other hours than its tasks" in left.why
