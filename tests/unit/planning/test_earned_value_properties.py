"""What holds of money and time in any plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.planning.baselines import rounded, take_baseline
from nirman.planning.costs import Accrued, plan_costs
from nirman.planning.curves import Curve, Spread
from nirman.planning.earned_value import earned_value
from nirman.planning.model import Accrual, Assignment, PercentKind, Plan, Resource, ResourceKind, Task
from nirman.planning.periods import Period
from nirman.planning.schedule import schedule_plan
from nirman.planning.time_series import time_series
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.working_time import ELAPSED
from tests.builders.plans import make_link, make_plan, make_task, working_week

START = datetime(2026, 1, 4, 8)
money = st.integers(0, 1_000_000).map(lambda hundredths: Decimal(hundredths) / 100)
accruals = st.sampled_from(Accrual)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to a dozen tasks below up to three summaries, with resources of all kinds and progress; baseline 0 is taken
    before the progress.
    """
    summaries = [make_task(uid, fixed_cost=draw(money)) for uid in range(1, draw(st.integers(1, 3)) + 1)]
    leaves = [
        make_task(
            uid,
            parent_uid=draw(st.sampled_from([None, *(task.uid for task in summaries)])),
            duration_minutes=draw(st.sampled_from([0, 60, 480, 1000, 4800])),
            duration_elapsed=draw(st.booleans()),
            fixed_cost=draw(money),
            fixed_cost_accrual=draw(accruals),
            percent_kind=draw(st.sampled_from(PercentKind)),
        )
        for uid in range(11, 11 + draw(st.integers(1, 12)))
    ]
    resources = [
        Resource(uid=uid, kind=kind, standard_rate=draw(money), cost_per_use=draw(money), accrual=draw(accruals))
        for uid, kind in enumerate(ResourceKind, 1)
    ]
    assignments = [
        Assignment(
            uid=index,
            task_uid=leaf.uid,
            resource_uid=draw(st.integers(1, 3)),
            units=draw(st.sampled_from([0.5, 1.0, 3.0])),
            work_minutes=draw(st.none() | st.integers(0, 5000)),
        )
        for index, leaf in enumerate(leaves, 1)
        if draw(st.booleans())
    ]
    links = [make_link(uid, uid, uid + 1) for uid in range(11, 10 + len(leaves)) if draw(st.booleans())]
    parents = {leaf.parent_uid for leaf in leaves}
    used = [task for task in summaries if task.uid in parents]
    plan = make_plan([*used, *leaves], links, resources=resources, assignments=assignments)
    plan = replace(plan, baselines={0: take_baseline(plan, schedule_plan(plan), 0)})
    status = START + timedelta(hours=draw(st.integers(-48, 24 * 30)))
    progressed = {task.uid: _progressed(draw, task, plan) for task in leaves}
    return replace(plan, tasks={**plan.tasks, **progressed}, project=replace(plan.project, status_date=status))


def _progressed(draw: st.DrawFn, task: Task, plan: Plan) -> Task:
    percent = draw(st.sampled_from([0, 0, 30, 99, 100]))
    if not percent:
        return replace(task, physical_percent=draw(st.integers(0, 100)))
    return replace(
        task,
        percent_complete=percent,
        actual_start=next(kept.start for kept in plan.baselines[0].tasks if kept.uid == task.uid),
        actual_cost=draw(st.none() | money),
    )


@given(plans())
@settings(deadline=None, max_examples=150)
def test_earned_is_within_the_budget_and_all_adds_up(plan: Plan):
    schedule = schedule_plan(plan)
    found, costs = earned_value(plan, schedule), plan_costs(plan, schedule)
    for figures in (*found.tasks.values(), found.total):
        assert Decimal(0) <= figures.ev <= figures.bac + Decimal("1e-15")
        assert Decimal(0) <= figures.pv <= figures.bac + Decimal("1e-15")
    top = [uid for uid, task in plan.tasks.items() if task.parent_uid is None]
    for name in ("bac", "pv", "ev", "ac"):
        assert sum(getattr(found.tasks[uid], name) for uid in top) == pytest.approx(getattr(found.total, name))
    assert found.total.ac == pytest.approx(costs.total.actual_cost)
    assert found.total.bac == sum(kept.cost for kept in plan.baselines[0].tasks if kept.uid in top)
    for summary in (uid for uid in top if schedule[uid].summary):
        below = [found.tasks[uid] for uid, task in plan.tasks.items() if task.parent_uid == summary]
        own = costs[summary].own_budget.total
        assert found.tasks[summary].bac == pytest.approx(sum(figures.bac for figures in below) + own)
    assert found.schedule is not None
    assert 0 <= found.schedule.earned <= found.schedule.planned + 1e-9


@given(plans(), st.sampled_from(Period))
@settings(deadline=None, max_examples=100)
def test_series_ascend_and_end_at_what_they_are_of(plan: Plan, period: Period):
    schedule = schedule_plan(plan)
    points, costs, found = time_series(plan, schedule, period), plan_costs(plan, schedule), earned_value(plan, schedule)
    if not points:
        return
    for name, whole in (
        ("planned_value", found.total.bac),
        ("planned_early", costs.total.cost),
        ("planned_late", costs.total.cost),
        ("forecast", costs.total.cost),
        ("earned_value", found.total.ev),
        ("actual_cost", costs.total.actual_cost),
    ):
        flows = [flow for point in points if (flow := getattr(point, name)) is not None]
        if not flows:
            assert name in {"earned_value", "actual_cost"}
            continue
        assert [flow.total for flow in flows] == sorted(flow.total for flow in flows), name
        assert sum(flow.amount for flow in flows) == flows[-1].total == rounded(whole), name
    assert all(one.end == other.start for one, other in pairwise(points))


@given(plans())
@settings(deadline=None, max_examples=50)
def test_planned_value_is_the_budget_at_the_end_and_nothing_before_the_start(plan: Plan):
    for status, share in ((START - timedelta(days=1), 0), (START + timedelta(days=3000), 1)):
        late = replace(plan, project=replace(plan.project, status_date=status, work_after_status_date=False))
        total = earned_value(late, schedule_plan(late)).total
        assert total.pv == pytest.approx(total.bac * share)


calendar = Calendars({1: working_week()}).working_time(1)
instants = st.integers(29_000_000, 29_100_000)
spreads = st.builds(
    lambda start, length, amounts, time: Spread(Accrued(*amounts), start, start + length, time),
    instants,
    st.integers(0, 50_000),
    st.tuples(money, money, money),
    st.sampled_from([calendar, ELAPSED]),
)


@given(st.lists(spreads, max_size=12), st.lists(instants, min_size=1))
def test_a_curve_is_the_sum_of_its_spreads(found: list[Spread], asked: list[int]):
    curve = Curve(found)
    for instant in asked:
        assert curve.at(instant) == pytest.approx(sum(spread.until(instant) for spread in found))
