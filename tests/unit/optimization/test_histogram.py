"""Demand, capacity and overload of resources by day, week and month; by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from nirman.errors import InvalidInputError
from nirman.optimization.histogram import TaskWork, histogram
from nirman.planning.estimates import Availability
from nirman.planning.model import Assignment, Plan, Resource, ResourceKind
from nirman.planning.periods import Period
from nirman.planning.schedule import schedule_plan
from tests.builders.crowded_plans import crowded_plans
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.levelling_checker import overloads, worked_quarters

SUNDAY = date(2026, 1, 4)


def masons(*, max_units: float = 2.0, **values: object) -> Plan:
    """Two tasks of two days, one after the other, of two masons each; then one of three."""
    tasks = [make_task(uid, duration_minutes=960) for uid in (1, 2, 3)]
    return make_plan(
        tasks,
        [make_link(1, 1, 2), make_link(2, 2, 3)],
        resources=[Resource(uid=1, name="Masons", max_units=max_units, **values)],
        assignments=[Assignment(uid=u, task_uid=u, resource_uid=1, units=3.0 if u == 3 else 2.0) for u in (1, 2, 3)],
    )


def told(plan: Plan, period: Period = Period.DAY, **options: object):
    return histogram(plan, schedule_plan(plan), period, **options)


def test_each_day_has_its_work_and_what_could_be_done():
    (found,) = told(masons())
    assert [bar.start for bar in found.bars] == [SUNDAY + timedelta(days=day) for day in range(8)]
    assert [bar.demand_minutes for bar in found.bars] == [960, 960, 960, 960, 1440, 0, 0, 1440]
    assert [bar.capacity_minutes for bar in found.bars] == [960, 960, 960, 960, 960, 0, 0, 960]


def test_overload_is_the_work_beyond_what_there_is():
    (found,) = told(masons())
    assert sum(bar.overload_minutes for bar in found.bars) == 2 * 480
    assert max(bar.peak_units for bar in found.bars) == 3.0
    assert {bar.capacity_units for bar in found.bars} == {2.0, 0.0}


def test_weeks_and_months_add_up_the_days():
    by_day, by_week, by_month = (told(masons(), period)[0] for period in Period)
    for bars in (by_week.bars, by_month.bars):
        assert sum(bar.demand_minutes for bar in bars) == sum(bar.demand_minutes for bar in by_day.bars)
        assert sum(bar.overload_minutes for bar in bars) == sum(bar.overload_minutes for bar in by_day.bars)
    assert by_week.bars[0].utilization_percent == 110.0
    assert by_month.bars[0].capacity_minutes == 2 * 480 * 21, "working days of January 2026, Sunday to Thursday"


def test_fewer_are_there_while_some_are_away():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 6), units=1.0)
    (found,) = told(masons(availability=(away,)))
    assert [bar.capacity_minutes for bar in found.bars[:4]] == [960, 480, 480, 960]
    assert [bar.overload_minutes for bar in found.bars[:4]] == [0, 480, 480, 0]


def test_work_by_task_adds_up_to_the_demand():
    (found,) = told(masons(), Period.WEEK, by_task=True)
    assert found.bars[0].tasks == (TaskWork(1, 1920), TaskWork(2, 1920), TaskWork(3, 1440))


def test_what_is_done_is_told_apart():
    begun = make_task(1, duration_minutes=960, percent_complete=50, actual_start=datetime(2026, 1, 4, 8))
    plan = make_plan([begun], resources=[Resource(uid=1)], assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)])
    (found,) = told(plan)
    assert [(bar.demand_minutes, bar.done_minutes) for bar in found.bars] == [(480, 480), (480, 0)]


def test_a_resource_with_nothing_to_do_is_told_too():
    plan = make_plan(
        1, resources=[Resource(uid=1), Resource(uid=2)], assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)]
    )
    _, idle = told(plan)
    assert [bar.demand_minutes for bar in idle.bars] == [0]
    assert idle.utilization_percent == 0.0


def test_a_plan_without_assignments_has_no_bars():
    (found,) = told(make_plan(1, resources=[Resource(uid=1)]))
    assert (found.bars, found.utilization_percent) == ((), None)


def test_only_people_and_machines_can_be_asked_for():
    plan = make_plan(1, resources=[Resource(uid=1, kind=ResourceKind.MATERIAL)])
    assert told(plan) == ()
    with pytest.raises(InvalidInputError, match="there is no resource 1 that works"):
        told(plan, resource_uids=[1])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowded_plans())
def test_demand_and_overload_are_what_counting_gives(plan):
    schedule = schedule_plan(plan)
    demand, overload = Counter(), Counter()
    for assignment in plan.assignments.values():
        for quarter in worked_quarters(plan, schedule, assignment):
            demand[assignment.resource_uid, quarter.date()] += 15 * assignment.units
    for uid, quarters in overloads(plan, schedule).items():
        for quarter, (asked, there) in quarters.items():
            overload[uid, quarter.date()] += 15 * (asked - there)
    for found in histogram(plan, schedule, Period.DAY):
        for bar in found.bars:
            key = (found.resource_uid, bar.start)
            left = bar.demand_minutes - bar.done_minutes
            assert left == round(demand[key])
            if not bar.done_minutes:
                assert bar.overload_minutes == round(overload[key])
