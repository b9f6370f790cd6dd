"""What tasks cost, how much of it is spent, and how it adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from nirman.planning.costs import Accrued, plan_costs
from nirman.planning.fields import Percent
from nirman.planning.model import Accrual, Assignment, PercentKind, Plan, Resource, ResourceKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan, make_task

MASON = Resource(uid=1, name="Mason", standard_rate=Decimal(60), cost_per_use=Decimal(100))
CEMENT = Resource(
    uid=2, name="Cement", kind=ResourceKind.MATERIAL, standard_rate=Decimal(500), cost_per_use=Decimal(70)
)
PERMIT = Resource(uid=3, name="Permit", kind=ResourceKind.COST)


def costs(plan: Plan):
    return plan_costs(plan, schedule_plan(plan))


def one(assignment: Assignment, **task):
    plan = make_plan([make_task(1, **task)], resources=[MASON, CEMENT, PERMIT], assignments=[assignment])
    return costs(plan)[1]


def test_work_costs_its_hours_at_the_rate_and_its_use_for_each_unit():
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1, units=2.0))
    assert (found.work_minutes, found.cost) == (960, 16 * 60 + 2 * 100)


def test_a_material_costs_its_quantity_at_the_rate_and_its_use_once():
    found = one(Assignment(uid=1, task_uid=1, resource_uid=2, units=2.5))
    assert (found.work_minutes, found.cost) == (0, Decimal("2.5") * 500 + 70)


def test_material_whose_quantity_is_said_as_work_counts_sixty_minutes_a_unit():
    assert one(Assignment(uid=1, task_uid=1, resource_uid=2, work_minutes=240)).cost == 4 * 500 + 70


def test_a_cost_resource_costs_what_is_said():
    assert one(Assignment(uid=1, task_uid=1, resource_uid=3)).cost == 0
    assert one(Assignment(uid=1, task_uid=1, resource_uid=3, cost=Decimal("1234.50"))).cost == Decimal("1234.50")


def test_a_cost_that_is_said_counts_instead_of_rates():
    assert one(Assignment(uid=1, task_uid=1, resource_uid=1, cost=Decimal(5))).cost == 5


def test_progress_spends_in_proportion():
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1), percent_complete=25)
    assert (found.actual_cost, found.remaining_cost) == (145, 435)
    assert (found.actual_work_minutes, found.remaining_work_minutes) == (120, 360)
    assert (found.percent_complete, found.percent_work_complete) == (25, 25)


def test_actual_work_counts_before_percent_complete():
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1, actual_work_minutes=600), percent_complete=50)
    assert (found.actual_work_minutes, found.remaining_work_minutes) == (600, 0)
    assert (found.actual_cost, found.remaining_cost) == (700, 0)


def test_more_work_than_planned_costs_more_and_the_budget_stays():
    assignment = Assignment(uid=1, task_uid=1, resource_uid=1, actual_work_minutes=240, remaining_work_minutes=480)
    found = one(assignment, percent_complete=50)
    assert found.work_minutes == 720
    assert round(found.cost, 2) == 12 * 60 + 100
    assert found.own_budget.total == 8 * 60 + 100


def test_actual_costs_that_are_said_count():
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1, actual_cost=Decimal(999)), percent_complete=50)
    assert (found.actual_cost, found.remaining_cost) == (999, 290)
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1), percent_complete=50, actual_cost=Decimal(7))
    assert (found.actual_cost, found.remaining_cost) == (7, 290)


def test_a_finished_task_has_nothing_left_to_do():
    done = {"actual_start": datetime(2026, 1, 4, 8), "actual_finish": datetime(2026, 1, 4, 17)}
    found = one(Assignment(uid=1, task_uid=1, resource_uid=1), **done)
    assert (found.remaining_cost, found.remaining_work_minutes, found.percent_complete) == (0, 0, 100)


@pytest.mark.parametrize(
    ("accrual", "percent", "spent"),
    [
        (Accrual.START, 0, 0),
        (Accrual.START, 1, 400),
        (Accrual.PRORATED, 50, 200),
        (Accrual.END, 99, 0),
        (Accrual.END, 100, 400),
    ],
)
def test_fixed_costs_are_incurred_at_the_start_as_it_goes_or_at_the_end(accrual: Accrual, percent: Percent, spent: int):
    task = make_task(1, fixed_cost=Decimal(400), fixed_cost_accrual=accrual, percent_complete=percent)
    assert costs(make_plan([task]))[1].actual_cost == spent


def test_what_resources_cost_accrues_as_the_resource_says():
    crane = replace(MASON, accrual=Accrual.START)
    assignment = Assignment(uid=1, task_uid=1, resource_uid=1)
    plan = make_plan([make_task(1, percent_complete=10)], resources=[crane], assignments=[assignment])
    assert costs(plan)[1].actual_cost == 580


def test_a_summary_has_the_sums_of_what_is_below_it_and_its_own():
    tasks = [
        make_task(1, fixed_cost=Decimal(1000)),
        make_task(2, parent_uid=1, duration_minutes=480, fixed_cost=Decimal(10), percent_complete=100),
        make_task(3, parent_uid=1, duration_minutes=1440, fixed_cost=Decimal(20), work_minutes=60),
        make_task(4, parent_uid=1, duration_minutes=9600, fixed_cost=Decimal(5000), active=False),
    ]
    found = costs(make_plan(tasks))
    assert found[1].percent_complete == 25, "by duration; what is inactive counts for nothing"
    assert (found[1].actual_cost, found[1].cost, found[1].own_budget.total) == (260, 1030, 1000)
    assert found[1].work_minutes == 60
    assert found.total.cost == 1030


def test_the_percent_of_work_complete_is_weighted_by_work():
    tasks = [
        make_task(1),
        make_task(2, parent_uid=1, work_minutes=300, percent_complete=100),
        make_task(3, parent_uid=1, work_minutes=100),
    ]
    found = costs(make_plan(tasks))[1]
    assert (found.percent_complete, found.percent_work_complete) == (50, 75)


def test_a_summary_whose_actual_cost_is_said_leaves_its_children_theirs():
    tasks = [
        make_task(1, actual_cost=Decimal(100)),
        make_task(2, parent_uid=1, fixed_cost=Decimal(30), percent_complete=100),
    ]
    found = costs(make_plan(tasks))
    assert (found[1].actual_cost, found[1].own_actual_cost, found[2].actual_cost) == (100, 70, 30)


def test_milestones_make_a_summary_complete_only_when_all_are():
    tasks = [make_task(1), *(make_task(uid, parent_uid=1, duration_minutes=0) for uid in (2, 3))]
    tasks[1] = replace(tasks[1], percent_complete=100)
    assert costs(make_plan(tasks))[1].percent_complete == 0
    tasks[2] = replace(tasks[2], percent_complete=100)
    assert costs(make_plan(tasks))[1].percent_complete == 100


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        (PercentKind.DURATION, Decimal("0.5")),
        (PercentKind.PHYSICAL, Decimal("0.3")),
        (PercentKind.UNITS, Decimal("0.25")),
    ],
)
def test_a_task_earns_by_the_kind_of_percent_complete_it_has(kind: PercentKind, share: Decimal):
    assignment = Assignment(uid=1, task_uid=1, resource_uid=1, actual_work_minutes=120)
    assert one(assignment, percent_kind=kind, percent_complete=50, physical_percent=30).earned_share == share


def test_proportions_of_nothing_are_prorated_and_rounding_loses_nothing():
    assert Accrued().scaled(Decimal(9)) == Accrued(prorated=Decimal(9))
    third = Accrued(Decimal(1), Decimal(1), Decimal(1)).scaled(Decimal(10))
    assert third.total == 10
    assert (third.start, third.end) == (Decimal(10) / 3, Decimal(10) / 3)


def test_of_costs_at_the_ends_rounding_prorates_nothing():
    """16 as 9 to 4: both parts are rounded up, and what is done of the task must not be worth less than nothing."""
    ends = Accrued(start=Decimal(9), end=Decimal(4)).scaled(Decimal(16))
    assert (ends.prorated, ends.total) == (0, 16)
    assert Accrued(start=Decimal(9)).scaled(Decimal(16)) == Accrued(start=Decimal(16))
