"""MPXJ, an independent reader of MS Project XML, finds in our files what we meant.

Needs Java and an interpreter with the packages mpxj and JPype1: this one, or the one that MPXJ_PYTHON names.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.costs import plan_costs
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.model import ConstraintKind, DayShifts, Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.recurrence import occurrences
from tests.support.mpxj import run_mpxj
from tests.unit.interchange.examples import rich_plan, tracked_plan

pytestmark = pytest.mark.slow

DUMP = Path(__file__).with_name("mpxj_dump.py")
MINUTES = {
    "MINUTES": 1,
    "HOURS": 60,
    "DAYS": 480,
    "ELAPSED_MINUTES": 1,
    "ELAPSED_HOURS": 60,
    "ELAPSED_DAYS": 1440,
}
CONSTRAINTS = {
    ConstraintKind.ASAP: "AS_SOON_AS_POSSIBLE",
    ConstraintKind.ALAP: "AS_LATE_AS_POSSIBLE",
    ConstraintKind.SNET: "START_NO_EARLIER_THAN",
    ConstraintKind.FNLT: "FINISH_NO_LATER_THAN",
}
LINKS = {"FS": "FINISH_START", "SS": "START_START", "FF": "FINISH_FINISH", "SF": "START_FINISH"}


PLANS = {
    "rich": rich_plan,
    "demo": lambda: demo_plan(bangladesh_holidays(DEMO_YEARS)),
    "tracked": tracked_plan,
}


@pytest.fixture(scope="module", params=list(PLANS))
def pair(request, tmp_path_factory) -> tuple[Plan, dict]:
    """A plan, and what MPXJ reads in its file."""
    plan = PLANS[request.param]()
    path = tmp_path_factory.mktemp("mpxj") / "plan.xml"
    path.write_bytes(write_mspdi(plan, schedule_plan(plan)))
    return plan, json.loads(run_mpxj(DUMP, path))


def minutes(amount: list | None) -> int:
    """MPXJ counts in fractions of days and hours."""
    return 0 if amount is None else round(amount[0] * MINUTES[amount[1]])


def instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="minutes")


def clock(shifts: DayShifts) -> list[list[str]]:
    return [
        [f"{start // 60:02}:{start % 60:02}", f"{finish // 60 % 24:02}:{finish % 60:02}"] for start, finish in shifts
    ]


def test_tasks_have_their_names_places_and_dates(pair):
    plan, read = pair
    schedule = schedule_plan(plan)
    rows = {row["uid"]: row for row in read["tasks"]}
    assert rows.pop(0)["name"] == plan.project.name
    assert set(rows) == set(plan.tasks)
    for dates in schedule:
        row, task = rows[dates.uid], plan.tasks[dates.uid]
        assert (row["name"] or "") == task.name
        assert (row["id"], row["level"]) == (dates.id, dates.wbs.count(".") + 1)
        assert (row["start"], row["finish"]) == (instant(dates.start), instant(dates.finish))
        assert (row["late_start"], row["late_finish"]) == (instant(dates.late_start), instant(dates.late_finish))
        assert (row["summary"], row["milestone"], row["critical"]) == (dates.summary, dates.milestone, dates.critical)
        assert minutes(row["total_slack"]) == dates.total_slack_minutes
        assert minutes(row["free_slack"]) == dates.free_slack_minutes


def test_tasks_have_their_settings(pair):
    plan, read = pair
    summaries = {dates.uid for dates in schedule_plan(plan) if dates.summary}
    for row in read["tasks"]:
        if row["uid"] == 0:
            continue
        task = plan.tasks[row["uid"]]
        if task.uid not in summaries:
            assert minutes(row["duration"]) == task.duration_minutes
            assert row["percent"] == task.percent_complete
        assert row["constraint"] == CONSTRAINTS[task.constraint]
        assert row["constraint_date"] == instant(task.constraint_date)
        assert row["deadline"] == instant(task.deadline)
        assert row["calendar"] == task.calendar_uid
        assert (row["manual"], row["active"]) == (task.manual, task.active)
        assert minutes(row["leveling_delay"]) == task.leveling_delay_minutes
        assert row["fixed_cost"] == float(task.fixed_cost)
        assert (row["notes"] or "") == task.notes


def test_links_have_their_kind_and_lag(pair):
    plan, read = pair
    rows = {(link[0], row["uid"]): link[1:] for row in read["tasks"] for link in row["links"]}
    assert len(rows) == len(plan.links)
    for link in plan.links.values():
        kind, lag = rows[link.predecessor_uid, link.successor_uid]
        assert kind == LINKS[link.kind]
        if link.lag_percent is not None:
            assert lag == [link.lag_percent, "ELAPSED_PERCENT" if link.lag_elapsed else "PERCENT"]
        else:
            assert minutes(lag) == link.lag_minutes
            assert link.lag_minutes == 0 or lag[1].startswith("ELAPSED") == link.lag_elapsed


def test_calendars_have_their_weeks_and_exceptions(pair):
    plan, read = pair
    rows = {row["uid"]: row for row in read["calendars"]}
    for calendar in plan.calendars.values():
        row = rows[calendar.uid]
        assert (row["name"], row["base"]) == (calendar.name, calendar.base_uid)
        for shifts, hours in zip(calendar.week, row["week"], strict=True):
            assert hours == clock(shifts or ())
        assert [exception["name"] for exception in row["exceptions"]] == [e.name for e in sorted_exceptions(calendar)]
        for exception, found in zip(sorted_exceptions(calendar), row["exceptions"], strict=True):
            assert found["shifts"] == clock(exception.shifts)
            if exception.recurrence is None:
                assert (found["start"], found["finish"]) == (str(exception.start), str(exception.finish))
            else:
                days = occurrences(exception.recurrence, exception.start, exception.finish)
                assert found["days"] == [str(day) for day in days]
        for work_week, found in zip(calendar.work_weeks, row["work_weeks"], strict=True):
            assert (found["name"], found["start"]) == (work_week.name, str(work_week.start))
            for shifts, hours in zip(work_week.week, found["week"], strict=True):
                assert hours == clock(shifts or ())


def sorted_exceptions(calendar):
    """MPXJ keeps them by their first day."""
    return sorted(calendar.exceptions, key=first_day)


def first_day(exception) -> date:
    if exception.recurrence is None:
        return exception.start
    return next(occurrences(exception.recurrence, exception.start, exception.finish + timedelta(days=1)))


def test_resources_and_assignments_have_their_amounts(pair):
    plan, read = pair
    rows = {row["uid"]: row for row in read["resources"]}
    for resource in plan.resources.values():
        row = rows[resource.uid]
        assert (row["name"], row["type"].lower()) == (resource.name, resource.kind.value)
        assert row["rate"][0] == float(resource.standard_rate)
        assert row["max_units"] == resource.max_units * 100
        assert row["cost_per_use"] == float(resource.cost_per_use)
        assert row["calendar"] == resource.calendar_uid
    found = sorted((row["task"], row["resource"], row["units"] / 100) for row in read["assignments"])
    assert found == sorted((a.task_uid, a.resource_uid, a.units) for a in plan.assignments.values())


def test_the_project_has_its_settings(pair):
    plan, read = pair
    assert read["name"] == plan.project.name
    assert read["start"] == instant(plan.project.start)
    assert read["finish"] == instant(schedule_plan(plan).project_finish)
    assert (read["currency"], read["status_date"]) == (plan.project.currency, instant(plan.project.status_date))


def test_costs_and_accruals_are_those_of_the_plan(pair):
    plan, read = pair
    costs = plan_costs(plan, schedule_plan(plan))
    for row in read["tasks"]:
        if row["uid"]:
            found, task = costs[row["uid"]], plan.tasks[row["uid"]]
            assert row["cost"] == pytest.approx(float(found.cost), abs=0.01)
            assert row["actual_cost"] == pytest.approx(float(found.actual_cost), abs=0.01)
            assert row["fixed_cost_accrual"] == task.fixed_cost_accrual.name
    for row in read["resources"]:
        assert row["accrual"] == plan.resources[row["uid"]].accrual.name


def test_baselines_are_those_of_the_plan(pair):
    plan, read = pair
    ours = {
        (f"{kind} {kept.uid}", str(baseline.uid)): kept
        for baseline in plan.baselines.values()
        for kind, group in (("task", baseline.tasks), ("assignment", baseline.assignments))
        for kept in group
    }
    uids = {(one.task_uid, one.resource_uid): uid for uid, one in plan.assignments.items()}
    theirs = {
        (name, number): kept
        for name, row in (
            *((f"task {row['uid']}", row) for row in read["tasks"]),
            *((f"assignment {uids.get((row['task'], row['resource']))}", row) for row in read["assignments"]),
        )
        for number, kept in row["baselines"].items()
    }
    assert theirs.keys() == ours.keys()
    for key, kept in theirs.items():
        assert (kept["start"], kept["finish"]) == (instant(ours[key].start), instant(ours[key].finish))
        assert minutes(kept["work"]) == ours[key].work_minutes
        assert kept["cost"] == float(ours[key].cost)
