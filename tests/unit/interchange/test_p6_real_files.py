"""Files saved by Primavera P6 itself: they import, and the engine gives the dates and float that they hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from nirman.interchange import read_plan
from nirman.planning.model import Plan, Rules
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from tests.support.p6_dates import stored_dates

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "primavera"
FILES = sorted(FOLDER.glob("*.*"))
SAME_DATES, SAME_FLOAT = 0.99, 0.98

pytestmark = pytest.mark.skipif(not FILES, reason="the files of Primavera P6 are not beside this checkout")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def plan_of(path: Path) -> Plan:
    plan = read_plan(path.read_bytes(), path.name).plan
    assert plan is not None
    return plan


@each_file
def test_every_file_imports_with_every_activity_under_its_own_uid(path):
    plan = plan_of(path)
    assert plan.project.rules is Rules.PRIMAVERA
    assert set(stored_dates(path)) <= set(plan.tasks)


@each_file
def test_starts_finishes_and_float_are_those_of_p6(path):
    plan = plan_of(path)
    schedule, calendars = schedule_plan(plan), Calendars(plan.calendars)
    dates, floats = [], []
    for stored in stored_dates(path).values():
        found, task = schedule[stored.uid], plan.tasks[stored.uid]
        working = calendars.working_time(plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid)

        def same(one: datetime, other: datetime | None, working=working, task=task) -> bool:
            """Work ends in the evening; only what takes no time may as well stand at the next morning."""
            nothing = task.duration_minutes == 0 and other is not None
            return one == other or (nothing and working.between(to_minutes(one), to_minutes(other)) == 0)

        dates += [same(found.start, stored.start), same(found.finish, stored.finish)]
        if stored.total_float_minutes is not None:
            floats.append(found.total_slack_minutes == stored.total_float_minutes)
    assert sum(dates) >= SAME_DATES * len(dates), f"{sum(dates)} of {len(dates)} dates"
    assert sum(floats) >= SAME_FLOAT * len(floats), f"{sum(floats)} of {len(floats)} floats"


def test_both_formats_of_one_project_give_the_same_plan():
    plans = [plan_of(FOLDER / f"percent-complete-8.4.{extension}") for extension in ("xer", "pmxml")]
    assert plans[0].tasks == plans[1].tasks
    assert plans[0].calendars == plans[1].calendars
    assert plans[0].links == plans[1].links
    assert plans[0].baselines == plans[1].baselines
