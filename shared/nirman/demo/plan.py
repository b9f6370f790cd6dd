"""The demo plan put together from its calendars, resources and works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from nirman.demo.builder import Builder
from nirman.demo.calendars import SITE, demo_calendars
from nirman.demo.choices import INDIRECT_COST_PER_DAY, RAIN_DAYS, offer_choices, risks
from nirman.demo.resources import demo_resources
from nirman.demo.works import building
from nirman.planning.baselines import take_baseline
from nirman.planning.model import CalendarException, Plan, Project
from nirman.planning.schedule import schedule_plan

DEMO_YEARS = (2027, 2028, 2029)
"""The years whose holidays concern the demo plan."""
START = datetime(2027, 1, 3, 8, 0)


def demo_plan(holidays: Sequence[CalendarException] = ()) -> Plan:
    """The building from permits to occupancy, as contracted; `holidays` are those of `DEMO_YEARS`."""
    resources = demo_resources()
    builder = Builder(resources)
    building(builder)
    offer_choices(builder, resources)
    plan = Plan(
        project=Project(
            name="ধানমন্ডি দশতলা আবাসিক ভবন / Dhanmondi ten-storey residence",
            start=START,
            status_date=START,
            calendar_uid=SITE,
            critical_slack_minutes=480,
            rain_days=RAIN_DAYS,
            indirect_cost_per_day=INDIRECT_COST_PER_DAY,
        ),
        calendars={calendar.uid: calendar for calendar in demo_calendars(tuple(holidays))},
        tasks=builder.tasks,
        links=builder.links,
        resources={resource.uid: resource for resource in resources.values()},
        assignments=builder.assignments,
        risks=risks(builder),
    )
    contract = take_baseline(plan, schedule_plan(plan), 0, "চুক্তি / Contract", START)
    return replace(plan, baselines={0: contract})
