"""A baseline is the plan as it was; variance is how far it is from that now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from nirman.planning.baselines import baseline_totals, rounded, take_baseline, variances
from nirman.planning.fields import MAX_MONEY
from nirman.planning.model import Assignment, Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task


def plan_of_two() -> Plan:
    tasks = [
        make_task(1),
        make_task(2, parent_uid=1, fixed_cost=Decimal("10.005")),
        make_task(3, parent_uid=1, fixed_cost=Decimal("10.005")),
        make_task(4, parent_uid=1, active=False, fixed_cost=Decimal(99)),
    ]
    mason = Resource(uid=1, standard_rate=Decimal(30))
    assignments = [Assignment(uid=7, task_uid=3, resource_uid=1), Assignment(uid=8, task_uid=4, resource_uid=1)]
    return make_plan(tasks, [make_link(1, 2, 3)], resources=[mason], assignments=assignments)


def baselined(plan: Plan, uid: int = 0) -> Plan:
    baseline = take_baseline(plan, schedule_plan(plan), uid, "Approved", datetime(2026, 1, 1, 12))
    return replace(plan, baselines={**plan.baselines, uid: baseline})


@pytest.mark.parametrize("uid", [0, 10])
def test_it_keeps_dates_duration_work_and_cost_of_what_is_active(uid: int):
    baseline = baselined(plan_of_two(), uid).baselines[uid]
    assert (baseline.uid, baseline.name, baseline.taken_at) == (uid, "Approved", datetime(2026, 1, 1, 12))
    summary, first, second = baseline.tasks
    assert [task.uid for task in baseline.tasks] == [1, 2, 3]
    assert (first.start, first.finish) == (datetime(2026, 1, 4, 8), datetime(2026, 1, 4, 17))
    assert (second.duration_minutes, second.work_minutes, second.cost) == (480, 480, Decimal("250.01"))
    assert (summary.start, summary.finish) == (first.start, second.finish)
    assert summary.duration_minutes == 960
    assert [(kept.uid, kept.work_minutes, kept.cost) for kept in baseline.assignments] == [(7, 480, 240)]


def test_its_money_adds_up_to_the_hundredth():
    summary, first, second = baselined(plan_of_two()).baselines[0].tasks
    assert first.cost == Decimal("10.01")
    assert summary.cost == first.cost + second.cost


def test_money_of_assignments_is_in_hundredths_too():
    third = Resource(uid=1, standard_rate=Decimal(10) / 3)
    plan = make_plan(1, resources=[third], assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)])
    assert baselined(plan).baselines[0].assignments[0].cost == Decimal("26.67")


def test_the_most_that_a_plan_can_cost_has_hundredths_too():
    dear = Resource(uid=1, standard_rate=MAX_MONEY - Decimal("0.01"), max_units=1_000_000)
    assignment = Assignment(uid=1, task_uid=1, resource_uid=1, units=1_000_000, work_minutes=52_560_000)
    cost = baselined(make_plan(1, resources=[dear], assignments=[assignment])).baselines[0].tasks[0].cost
    assert cost == (MAX_MONEY - Decimal("0.01")) * 52_560_000 / 60
    assert rounded(cost * 10**15).as_tuple().exponent == -2


def test_nothing_changed_is_no_variance():
    plan = baselined(plan_of_two())
    for found in variances(plan, schedule_plan(plan), plan.baselines[0]):
        assert (found.start_minutes, found.finish_minutes, found.duration_minutes) == (0, 0, 0)
        assert (found.work_minutes, round(found.cost, 1)) == (0, 0)


def test_later_longer_and_dearer_are_positive_in_working_minutes():
    plan = baselined(plan_of_two())
    longer = replace(plan.tasks[2], duration_minutes=480 * 5, fixed_cost=Decimal("30.01"))
    plan = replace(plan, tasks={**plan.tasks, 2: longer})
    summary, first, second = variances(plan, schedule_plan(plan), plan.baselines[0])
    assert (first.start_minutes, first.finish_minutes, first.duration_minutes) == (0, 1920, 1920)
    assert first.cost == 20
    # From Monday to the Sunday after: four working days, whatever the calendar says of Friday and Saturday.
    assert (second.start_minutes, second.finish_minutes, second.duration_minutes) == (1920, 1920, 0)
    assert (summary.start_minutes, summary.finish_minutes) == (0, 1920)


def test_earlier_is_negative():
    plan = baselined(plan_of_two())
    plan = replace(plan, tasks={**plan.tasks, 2: replace(plan.tasks[2], duration_minutes=240)})
    _, first, second = variances(plan, schedule_plan(plan), plan.baselines[0])
    assert (first.finish_minutes, first.duration_minutes) == (-240, -240)
    assert second.start_minutes == -240


def test_a_deleted_task_stays_in_the_baseline_and_is_named():
    plan = baselined(plan_of_two())
    plan = replace(plan, tasks={uid: task for uid, task in plan.tasks.items() if uid != 2}, links={})
    totals = baseline_totals(plan, schedule_plan(plan), plan.baselines[0])
    assert (totals.tasks, totals.gone) == (2, (2,))
    assert [found.uid for found in variances(plan, schedule_plan(plan), plan.baselines[0])] == [1, 3]


def test_totals_are_those_of_the_top():
    plan = baselined(plan_of_two())
    totals = baseline_totals(plan, schedule_plan(plan), plan.baselines[0])
    assert (totals.cost, totals.work_minutes) == (Decimal("260.02"), 480)
    assert (totals.start, totals.finish) == (datetime(2026, 1, 4, 8), datetime(2026, 1, 5, 17))


def test_the_whole_plan_has_a_variance_too():
    plan = baselined(plan_of_two())
    longer = replace(plan.tasks[3], duration_minutes=960, fixed_cost=Decimal(0))
    plan = replace(plan, tasks={**plan.tasks, 3: longer})
    found = baseline_totals(plan, schedule_plan(plan), plan.baselines[0]).variance
    assert found is not None
    assert (found.start_minutes, found.finish_minutes, found.work_minutes) == (0, 480, 480)
    assert round(found.cost) == 240 - 10


def test_an_empty_plan_has_an_empty_baseline():
    plan = baselined(make_plan())
    assert plan.baselines[0].tasks == ()
    assert baseline_totals(plan, schedule_plan(plan), plan.baselines[0]).start is None


def test_halves_round_away_from_zero():
    assert (rounded(Decimal("0.005")), rounded(Decimal("-0.005"))) == (Decimal("0.01"), Decimal("-0.01"))


def test_half_a_hundredth_is_half_whichever_way_it_was_added_up():
    parts = [Decimal("1088.345") / 15 for _ in range(15)]
    assert sum(parts) < Decimal("1088.345")
    assert rounded(sum(parts, Decimal(0))) == rounded(Decimal("1088.345")) == Decimal("1088.35")
    assert rounded(Decimal("1088.3449")) == Decimal("1088.34")
