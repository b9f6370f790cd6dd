"""What the days of a project cost is the same whoever asks: simulation, compression, ways out of conflicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from nirman.optimization.alternatives.figures import Figures
from nirman.optimization.compression.money import figures
from nirman.optimization.days import Days
from nirman.optimization.simulation.money import planned_cost
from nirman.planning.model import Calendar, Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan, make_task

MIDNIGHT = datetime(2026, 1, 7)
"""The end of the second day."""


def costs(plan: Plan) -> set[Decimal]:
    """As each of the three has it."""
    schedule = schedule_plan(plan)
    days = Days(plan, schedule.project_start)
    return {
        Figures(plan, schedule).money.total,
        figures(plan, schedule, days).total,
        planned_cost(plan, schedule),
    }


@pytest.fixture
def plan() -> Plan:
    """Two days and nights, from midnight to midnight; a day costs 100, a late one 1,000 more."""
    around_the_clock = Calendar(uid=1, name="24 hours", week=(((0, 1440),),) * 7)
    plan = make_plan(
        [make_task(1, duration_minutes=2 * 1440)],
        calendars=[around_the_clock],
        start=MIDNIGHT - timedelta(days=2),
        must_finish=MIDNIGHT,
        indirect_cost_per_day=Decimal(100),
        delay_damages_per_day=Decimal(1000),
    )
    assert schedule_plan(plan).project_finish == MIDNIGHT
    return plan


def test_a_finish_at_midnight_belongs_to_the_day_before(plan):
    assert costs(plan) == {Decimal(200)}


def test_a_minute_after_midnight_is_another_day_and_late(plan):
    later = replace(plan, tasks={1: make_task(1, duration_minutes=2 * 1440 + 1)})
    assert costs(later) == {Decimal(1300)}


def test_a_contract_that_ends_at_noon_is_kept_until_that_evening(plan):
    by_noon = replace(plan, project=replace(plan.project, must_finish=MIDNIGHT - timedelta(hours=12)))
    assert costs(by_noon) == {Decimal(200)}
