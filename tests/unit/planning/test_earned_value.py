"""Earned value by hand, and where it must say why it cannot be measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.baselines import take_baseline
from nirman.planning.earned_figures import Sums, figures
from nirman.planning.earned_schedule import earned_periods, earned_schedule
from nirman.planning.earned_value import Performance, earned_value
from nirman.planning.model import Accrual, PercentKind, Plan, Task
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

TUESDAY_NOON = datetime(2026, 1, 6, 12)


def approved(tasks: list[Task], *links: Any, status_date: datetime = TUESDAY_NOON) -> Plan:
    """The baseline is taken before anything else is known, so work not done is not behind the status date in it."""
    plan = make_plan(tasks, list(links))
    baseline = take_baseline(plan, schedule_plan(plan), 0)
    return replace(plan, baselines={0: baseline}, project=replace(plan.project, status_date=status_date))


def changed(plan: Plan, uid: int, **values: Any) -> Plan:
    return replace(plan, tasks={**plan.tasks, uid: replace(plan.tasks[uid], **values)})


def measured(plan: Plan) -> Performance:
    return earned_value(plan, schedule_plan(plan))


def cost(amount: int, **values: Any) -> dict[str, Any]:
    return {"fixed_cost": Decimal(amount)} | values


def test_planned_value_accrues_in_working_time():
    # Sunday 8:00 to Thursday 17:00: by Tuesday noon two days and a half of five.
    plan = approved([make_task(1, duration_minutes=5 * 480, **cost(1000))])
    assert measured(plan).total.pv == 500


@pytest.mark.parametrize(("status", "planned"), [(datetime(2026, 1, 9, 12), 1000), (datetime(2026, 1, 1), 0)])
def test_planned_value_stands_still_on_days_off_and_begins_with_the_baseline(status: datetime, planned: int):
    plan = approved([make_task(1, duration_minutes=5 * 480, **cost(1000))], status_date=status)
    assert measured(plan).total.pv == planned


@pytest.mark.parametrize(
    ("accrual", "planned", "earned"),
    [(Accrual.START, 1000, 1000), (Accrual.PRORATED, 500, 400), (Accrual.END, 0, 0)],
)
def test_what_accrues_at_the_start_or_end_is_planned_and_earned_there(accrual: Accrual, planned: int, earned: int):
    task = make_task(1, duration_minutes=5 * 480, fixed_cost_accrual=accrual, **cost(1000))
    plan = changed(approved([task]), 1, percent_complete=40)
    total = measured(plan).total
    assert (total.pv, total.ev) == (planned, earned)


def test_a_physical_percent_earns_that_share_whatever_the_accrual():
    task = make_task(1, fixed_cost_accrual=Accrual.END, **cost(1000))
    plan = changed(approved([task]), 1, percent_kind=PercentKind.PHYSICAL, percent_complete=90, physical_percent=30)
    assert measured(plan).total.ev == 300


def test_summaries_have_the_sums_and_their_own_budget():
    tasks = [make_task(1, **cost(100)), make_task(2, parent_uid=1, **cost(40)), make_task(3, parent_uid=1, **cost(60))]
    plan = changed(approved(tasks, make_link(1, 2, 3)), 2, percent_complete=100)
    found = measured(plan).tasks
    assert [found[uid].bac for uid in (1, 2, 3)] == [200, 40, 60]
    assert found[1].ev == 40 + 50, "half of the duration below it is done"
    assert found[1].pv == 40 + 60 + 100
    assert found[1].ac == 40 + 50


def test_a_task_broken_down_later_keeps_its_budget():
    plan = approved([make_task(1, **cost(100))])
    parts = {uid: make_task(uid, parent_uid=1, percent_complete=50) for uid in (2, 3)}
    plan = replace(plan, tasks={1: replace(plan.tasks[1], fixed_cost=Decimal(0)), **parts})
    found = measured(plan)
    assert (found.total.bac, found.total.ev) == (100, 50)
    assert [finding.rule for finding in found.findings] == ["not-in-baseline"]


def test_the_budget_of_a_deleted_task_is_not_taken_for_its_summarys():
    tasks = [make_task(1, **cost(5)), make_task(2, parent_uid=1, **cost(40)), make_task(3, parent_uid=1, **cost(60))]
    plan = approved(tasks)
    plan = replace(plan, tasks={uid: task for uid, task in plan.tasks.items() if uid != 3})
    found = measured(plan)
    assert found.total.bac == 45
    assert [(finding.rule, finding.place) for finding in found.findings] == [("baseline-of-deleted-task", "baseline")]


def test_a_task_that_was_made_inactive_has_no_budget_any_more():
    plan = changed(approved([make_task(1), make_task(2, parent_uid=1, **cost(40))]), 2, active=False)
    assert measured(plan).total.bac == 0


def test_an_added_task_costs_without_a_budget_and_is_named():
    plan = approved([make_task(1, **cost(100))])
    plan = replace(plan, tasks={**plan.tasks, 2: make_task(2, percent_complete=50, **cost(30))})
    found = measured(plan)
    assert (found.total.bac, found.total.ac) == (100, 15)
    assert [(finding.rule, finding.text) for finding in found.findings] == [
        ("not-in-baseline", "tasks 2 are not in the baseline: without a budget, their actual cost counts")
    ]


def test_a_baseline_other_than_0_can_be_measured_against():
    plan = approved([make_task(1, **cost(100))])
    other = replace(plan.baselines[0], uid=3, tasks=(replace(plan.baselines[0].tasks[0], cost=Decimal(70)),))
    plan = replace(plan, baselines={**plan.baselines, 3: other})
    assert earned_value(plan, schedule_plan(plan), baseline_uid=3).total.bac == 70


def test_without_a_status_date_or_baseline_it_says_which_is_missing():
    plan = approved([make_task(1)])
    with pytest.raises(InvalidInputError, match="status date"):
        measured(replace(plan, project=replace(plan.project, status_date=None)))
    with pytest.raises(InvalidInputError, match="no baseline 0"):
        measured(replace(plan, baselines={}))


def test_nothing_planned_earned_or_spent_divides_by_nothing():
    found = figures(Sums())
    assert (found.spi, found.cpi, found.eac, found.eac_combined, found.etc, found.vac) == (None,) * 6
    assert (found.tcpi_bac, found.tcpi_eac, found.eac_atypical) == (None, None, 0)
    empty = measured(approved([]))
    assert (empty.schedule, empty.finish, empty.total.bac) == (None, None, 0)


def test_the_three_estimates_and_what_they_ask_of_the_rest():
    found = figures(Sums(bac=Decimal(1000), pv=Decimal(500), ev=Decimal(400), ac=Decimal(500)))
    assert (found.sv, found.cv, found.spi, found.cpi) == (-100, -100, 0.8, 0.8)
    assert (found.eac, found.eac_atypical, found.eac_combined) == (1250, 1100, Decimal("1437.5"))
    assert (found.etc, found.vac) == (750, -250)
    assert (found.tcpi_bac, found.tcpi_eac) == (1.2, 0.8)


def test_figures_are_shown_in_hundredths():
    found = figures(Sums(bac=Decimal(1), ev=Decimal(1) / 3, ac=Decimal(1) / 7)).rounded()
    assert (found.ev, found.cv, found.bac, found.cpi) == (Decimal("0.33"), Decimal("0.19"), Decimal("1.00"), 7 / 3)
    assert found.eac == Decimal("0.43")


def test_earned_schedule_forecasts_the_finish_in_working_days():
    # Ten days planned; by the evening of the third two are earned: at that pace fifteen.
    tasks = [make_task(1, duration_minutes=10 * 480, **cost(1000))]
    plan = changed(approved(tasks, status_date=datetime(2026, 1, 6, 17)), 1, percent_complete=20)
    found = measured(plan)
    assert found.schedule is not None
    assert (found.schedule.earned, found.schedule.actual, found.schedule.planned) == (2, 3, 10)
    assert found.schedule.estimate_at_completion == pytest.approx(15)
    assert found.finish == datetime(2026, 1, 22, 17)


def test_a_baseline_that_ends_within_a_day_is_earned_to_its_end_and_no_further():
    plan = changed(approved([make_task(1, duration_minutes=720, **cost(90))]), 1, percent_complete=100)
    found = measured(plan).schedule
    assert found is not None
    assert (found.earned, found.planned) == (1.5, 1.5)


def test_time_stops_when_everything_is_finished():
    done = {"actual_start": datetime(2026, 1, 4, 8), "actual_finish": datetime(2026, 1, 5, 17)}
    plan = changed(approved([make_task(1, **cost(90))], status_date=datetime(2026, 3, 1)), 1, **done)
    found = measured(plan)
    assert found.schedule is not None
    assert (found.schedule.earned, found.schedule.actual, found.schedule.variance) == (1, 2, -1)


def test_a_finish_beyond_all_calendars_is_none():
    tasks = [make_task(1, duration_minutes=480 * 9000, **cost(1)), make_task(2, **cost(10**9))]
    plan = approved(tasks, make_link(1, 1, 2), status_date=datetime(2060, 1, 1))
    found = measured(changed(plan, 1, percent_complete=1))
    assert found.schedule is not None
    assert found.schedule.estimate_at_completion is not None
    assert found.finish is None


def test_earned_schedule_before_anything_is_earned_or_any_time_has_gone():
    assert earned_periods([Decimal(0), Decimal(0), Decimal(10)], Decimal(0)) == 0
    assert earned_periods([Decimal(0), Decimal(0), Decimal(10)], Decimal(5)) == 1.5
    assert earned_periods([Decimal(0), Decimal(0)], Decimal(0)) == 0
    assert earned_periods(list(map(Decimal, (0, 10, 10, 20))), Decimal(10)) == 2, "a period without work is earned too"
    nothing = earned_schedule(earned=0, actual=0, planned=5)
    assert (nothing.performance_index, nothing.estimate_at_completion) == (None, None)
    assert earned_schedule(earned=0, actual=2, planned=5).estimate_at_completion is None
