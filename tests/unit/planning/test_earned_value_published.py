"""Worked examples that others published, from the plan to the printed figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from nirman.planning.baselines import take_baseline
from nirman.planning.earned_schedule import earned_periods, earned_schedule
from nirman.planning.earned_value import Performance, earned_value
from nirman.planning.model import Assignment, PercentKind, Plan, Resource, Task
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

EVENING = 17


def in_a_row(count: int, cost: int, **values: Any) -> Plan:
    """Tasks of a day, one after the other, from Sunday 4 January 2026; the approved plan is its own baseline 0."""
    tasks = [make_task(uid, fixed_cost=Decimal(cost), **values) for uid in range(1, count + 1)]
    return make_plan(tasks, [make_link(uid, uid, uid + 1) for uid in range(1, count)])


def approved(plan: Plan) -> Plan:
    return replace(plan, baselines={0: take_baseline(plan, schedule_plan(plan), 0)})


def measured(plan: Plan, status: datetime, progress: Sequence[Task], **parts: Any) -> Performance:
    plan = replace(plan, project=replace(plan.project, status_date=status), **parts)
    plan = replace(plan, tasks={**plan.tasks, **{task.uid: task for task in progress}})
    return earned_value(plan, schedule_plan(plan))


def test_the_fence_of_four_sides():
    """From "Earned Value Exercise", studylib.net/doc/5898152: four sides, a day and $1,000 a side, at the end of day
    three. EAC and what follows from it are printed from a CPI that was rounded to .893, hence the tolerance.
    """
    plan = approved(in_a_row(4, 1000))
    one, two, three, _ = plan.tasks.values()
    progress = [
        replace(one, percent_complete=100, actual_start=datetime(2026, 1, 4, 8), actual_cost=Decimal(1000)),
        replace(two, percent_complete=100, actual_start=datetime(2026, 1, 5, 8), actual_cost=Decimal(1200)),
        replace(three, percent_complete=50, actual_start=datetime(2026, 1, 6, 8), actual_cost=Decimal(600)),
    ]
    total = measured(plan, datetime(2026, 1, 6, EVENING), progress).total
    assert (total.pv, total.ev, total.ac, total.bac) == (3000, 2500, 2800, 4000)
    assert (total.cv, total.sv) == (-300, -500)
    assert total.cpi == pytest.approx(0.893, abs=0.0005)
    assert total.spi == pytest.approx(0.833, abs=0.0005)
    assert total.eac is not None
    assert total.etc is not None
    assert total.vac is not None
    assert float(total.eac) == pytest.approx(4479, abs=1)
    assert float(total.etc) == pytest.approx(1679, abs=1)
    assert float(total.vac) == pytest.approx(-479, abs=1)


def test_the_task_of_four_days_in_microsofts_own_article():
    """From "Applying earned value analysis to your project" (Microsoft Office Project 2003, HA001021179): $100 over
    four days from a Monday; on Wednesday evening $70 are spent and 60 percent of the work is done.
    """
    monday = datetime(2026, 1, 5, 8)
    task = make_task(1, duration_minutes=4 * 480, fixed_cost=Decimal(100))
    plan = approved(make_plan([task], start=monday))
    progress = [replace(task, percent_complete=60, actual_start=monday, actual_cost=Decimal(70))]
    found = measured(plan, datetime(2026, 1, 7, EVENING), progress)
    assert (found.tasks[1].pv, found.tasks[1].ac, found.tasks[1].ev) == (75, 70, 60)


PLANNED = (200, 400, 600, 800, 1000, 1000, 1000)
EARNED = (192, 367, 561, 747, 902, 977, 1000)
SPENT = (203, 391, 599, 804, 986, 1045, 1112)
ES = (0.96, 1.835, 2.805, 3.735, 4.51, 4.885, 5.00)
SV_T = (-0.04, -0.165, -0.195, -0.265, -0.49, -1.115, -2.00)
"""January is printed as -0.4, against its own ES of .96 after one month."""
SPI_T = (0.96, 0.9175, 0.935, 0.934, 0.902, 0.814, 0.714)
"""K. T. Crumrine, "A Comparison of Earned Value Management and Earned Schedule as Schedule Predictors on DoD ACAT I
Programs", AFIT-ENV-13-M-36, 2013, table 4 as corrected in the addendum: January to July, cumulative.
"""
MONTHS = range(7)


@pytest.mark.parametrize("month", MONTHS)
def test_earned_schedule_of_a_typical_program(month: int):
    periods = earned_periods([Decimal(0), *map(Decimal, PLANNED)], Decimal(EARNED[month]))
    found = earned_schedule(earned=periods, actual=month + 1, planned=5)
    assert found.earned == pytest.approx(ES[month], abs=1e-9)
    assert found.variance == pytest.approx(SV_T[month], abs=1e-9)
    assert found.performance_index == pytest.approx(SPI_T[month], abs=0.0006)


@pytest.mark.parametrize("month", MONTHS)
def test_the_typical_program_as_a_plan_of_five_periods(month: int):
    """The same through tasks, baseline and working time: a period is a working day, and a task's work its value."""
    crew = Resource(uid=1, standard_rate=Decimal(60))
    plan = in_a_row(5, 0, percent_kind=PercentKind.UNITS)
    assignments = {
        uid: Assignment(uid=uid, task_uid=uid, resource_uid=1, units=200 / 480, work_minutes=200) for uid in plan.tasks
    }
    plan = approved(replace(plan, resources={1: crew}, assignments=assignments))
    done = [min(200, max(0, EARNED[month] - 200 * index)) for index in range(5)]
    reported = {
        uid: replace(assignment, actual_work_minutes=worked)
        for (uid, assignment), worked in zip(assignments.items(), done, strict=True)
    }
    started = [
        replace(task, actual_start=plan.baselines[0].tasks[index].start, actual_cost=Decimal(0))
        for index, task in enumerate(plan.tasks.values())
    ]
    started[0] = replace(started[0], actual_cost=Decimal(SPENT[month]))
    evenings = [datetime(2026, 1, day, EVENING) for day in (4, 5, 6, 7, 8, 11, 12)]
    found = measured(plan, evenings[month], started, assignments=reported)
    assert (found.total.pv, found.total.ev, found.total.ac) == (PLANNED[month], EARNED[month], SPENT[month])
    assert found.schedule is not None
    assert found.schedule.earned == pytest.approx(ES[month], abs=1e-9)
    assert found.schedule.actual == month + 1
    assert found.schedule.planned == 5
    assert found.schedule.variance == pytest.approx(SV_T[month], abs=1e-9)
    assert found.schedule.performance_index == pytest.approx(SPI_T[month], abs=0.0006)
