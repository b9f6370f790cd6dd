"""Conflicts and histograms say what counting quarter of an hour by quarter of an hour says."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from nirman.optimization.demand import uses
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_datetime
from tests.builders.crowded_plans import crowded_plans
from tests.support.levelling_checker import worked_quarters

slow = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(crowded_plans())
def test_every_assignment_works_when_its_calendars_let_it(plan):
    schedule = schedule_plan(plan)
    for use in uses(plan, schedule):
        found = []
        for start, finish in use.left:
            found += [to_datetime(minute) for minute in range(start, finish, 15)]
        assert found == worked_quarters(plan, schedule, plan.assignments[use.assignment_uid]), use
