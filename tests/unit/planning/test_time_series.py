"""The S-curve and the cash flow, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.baselines import take_baseline
from nirman.planning.model import Plan, Task
from nirman.planning.periods import Period
from nirman.planning.schedule import schedule_plan
from nirman.planning.time_series import Point, time_series
from tests.builders.plans import make_link, make_plan, make_task


def approved(plan: Plan) -> Plan:
    return replace(plan, baselines={0: take_baseline(plan, schedule_plan(plan), 0)})


def two_weeks(**project: Any) -> Plan:
    """Ten days of work for 1000, from Sunday 4 January to Thursday 15 January 2026."""
    return make_plan([make_task(1, duration_minutes=10 * 480, fixed_cost=Decimal(1000))], **project)


def with_task(plan: Plan, **values: Any) -> Plan:
    return replace(plan, tasks={1: replace(plan.tasks[1], **values)})


def series(plan: Plan, period: Period = Period.WEEK) -> tuple[Point, ...]:
    return time_series(plan, schedule_plan(plan), period)


def amounts(points: tuple[Point, ...], name: str) -> list[int | None]:
    return [None if (flow := getattr(point, name)) is None else int(flow.amount) for point in points]


def totals(points: tuple[Point, ...], name: str) -> list[int | None]:
    return [None if (flow := getattr(point, name)) is None else int(flow.total) for point in points]


def test_weeks_begin_on_sunday_and_a_period_ends_before_its_end():
    points = series(two_weeks(start=datetime(2026, 1, 6, 8)))
    assert [(point.start, point.end) for point in points] == [
        (date(2026, 1, 4), date(2026, 1, 11)),
        (date(2026, 1, 11), date(2026, 1, 18)),
        (date(2026, 1, 18), date(2026, 1, 25)),
    ]
    assert amounts(points, "planned_early") == [300, 500, 200]
    assert totals(points, "planned_early") == [300, 800, 1000]


def test_months_and_days():
    plan = two_weeks(start=datetime(2026, 1, 25, 8))
    months = series(plan, Period.MONTH)
    assert [point.start for point in months] == [date(2026, 1, 1), date(2026, 2, 1)]
    assert amounts(months, "planned_early") == [500, 500]
    days = series(plan, Period.DAY)
    assert len(days) == 12
    assert amounts(days, "planned_early") == [100] * 5 + [0, 0] + [100] * 5


def test_late_dates_pay_later():
    tasks = [make_task(1, duration_minutes=10 * 480), make_task(2, duration_minutes=5 * 480, fixed_cost=Decimal(500))]
    points = series(make_plan(tasks))
    assert amounts(points, "planned_early") == [500, 0]
    assert amounts(points, "planned_late") == [0, 500]
    longer = make_plan([*tasks, make_task(3, fixed_cost=Decimal(1))], [make_link(1, 1, 3)])
    points = series(longer)
    assert amounts(points, "planned_early") == [500, 0, 1]
    assert amounts(points, "planned_late") == [0, 400, 101]


def test_without_baseline_or_status_date_what_needs_them_is_none():
    [first, *_] = series(two_weeks())
    assert (first.planned_value, first.earned_value, first.actual_cost) == (None, None, None)
    assert first.forecast == first.planned_early
    [first, *_] = series(approved(two_weeks()))
    assert first.planned_value == first.planned_early
    assert (first.earned_value, first.actual_cost) == (None, None)
    [first, *_] = series(two_weeks(status_date=datetime(2026, 1, 8, 17), work_after_status_date=False))
    assert (first.planned_value, first.earned_value) == (None, None)
    assert first.actual_cost is not None


def test_what_was_done_is_laid_out_until_the_status_date_and_the_rest_after_it():
    plan = approved(two_weeks())
    plan = replace(plan, project=replace(plan.project, status_date=datetime(2026, 1, 15, 17)))
    started = with_task(
        plan,
        percent_complete=50,
        actual_start=datetime(2026, 1, 4, 8),
        actual_cost=Decimal(900),
        remaining_minutes=2400,
    )
    points = series(started)
    assert amounts(points, "planned_value")[:2] == [500, 500]
    assert totals(points, "earned_value")[:2] == [250, 500]
    assert totals(points, "actual_cost")[:2] == [450, 900]
    assert totals(points, "forecast")[-1] == 1400
    assert amounts(points, "actual_cost")[2:] == amounts(points, "earned_value")[2:] == [None] * (len(points) - 2)


def test_nothing_is_forecast_before_the_status_date():
    plan = two_weeks(status_date=datetime(2026, 1, 18, 8), work_after_status_date=False)
    points = series(plan)
    assert amounts(points, "forecast")[:2] == [0, 0]
    assert totals(points, "forecast")[-1] == 1000


def test_a_plan_that_costs_nothing_has_no_series():
    assert series(make_plan(3)) == ()


def test_a_milestone_pays_on_its_day():
    points = series(make_plan([make_task(1, duration_minutes=0, fixed_cost=Decimal(70))]), Period.DAY)
    assert amounts(points, "planned_early") == [70]


def test_too_many_periods_are_refused_with_what_to_do():
    tasks: list[Task] = [make_task(1, duration_minutes=480 * 5 * 52 * 30, fixed_cost=Decimal(70))]
    plan = make_plan(tasks)
    with pytest.raises(InvalidInputError, match="5000 periods: ask for longer"):
        series(plan, Period.DAY)
    assert len(series(plan, Period.MONTH)) == 359


def test_rounding_on_the_way_does_not_change_where_it_ends():
    plan = make_plan([make_task(1, duration_minutes=420, fixed_cost=Decimal("0.025"))])
    assert series(plan)[-1].planned_early.total == Decimal("0.03")


def test_what_was_made_inactive_is_planned_no_more():
    plan = approved(two_weeks())
    assert series(with_task(plan, active=False)) == ()


def test_what_is_done_while_the_calendar_rests_accrues_by_the_minute():
    friday, rest = datetime(2026, 1, 9, 0), {"manual": True, "duration_minutes": 1440}
    task = make_task(1, manual_start=friday, manual_finish=datetime(2026, 1, 11), fixed_cost=Decimal(10), **rest)
    assert amounts(series(make_plan([task]), Period.DAY), "planned_early")[-2:] == [5, 5]
