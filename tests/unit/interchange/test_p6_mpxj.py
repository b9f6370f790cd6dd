"""Projects that MPXJ wrote as XER and as PMXML come out as MPXJ holds them, and the same from both.

Needs Java and an interpreter with the packages mpxj and JPype1: this one, or the one that MPXJ_PYTHON names.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from nirman.interchange import read_plan
from nirman.planning.model import ConstraintKind, CriticalBy, LagCalendar, Plan, ProgressLogic, SlackKind, TaskKind
from tests.support.mpxj import run_mpxj

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("mpxj_p6_projects.py")
CONSTRAINTS = {
    None: ConstraintKind.ASAP,
    "START_ON": ConstraintKind.SO,
    "FINISH_ON": ConstraintKind.FO,
    "START_NO_EARLIER_THAN": ConstraintKind.SNET,
    "START_NO_LATER_THAN": ConstraintKind.SNLT,
    "FINISH_NO_EARLIER_THAN": ConstraintKind.FNET,
    "FINISH_NO_LATER_THAN": ConstraintKind.FNLT,
    "AS_LATE_AS_POSSIBLE": ConstraintKind.ALAP,
    "MUST_START_ON": ConstraintKind.MSO,
    "MUST_FINISH_ON": ConstraintKind.MFO,
}
KINDS = {"TASK_DEPENDENT": TaskKind.TASK} | {kind.name: kind for kind in TaskKind}
LINKS = {"FINISH_START": "FS", "START_START": "SS", "FINISH_FINISH": "FF", "START_FINISH": "SF"}
LAG_CALENDARS = {"PROJECT_DEFAULT": LagCalendar.PROJECT, "TWENTY_FOUR_HOUR": LagCalendar.ELAPSED}
SLACK = {"SMALLEST_SLACK": SlackKind.LEAST, "START_SLACK": SlackKind.START, "FINISH_SLACK": SlackKind.FINISH}
CRITICAL = {"LONGEST_PATH": CriticalBy.LONGEST_PATH, "TOTAL_FLOAT": CriticalBy.TOTAL_SLACK}


@pytest.fixture(scope="module", params=[1, 2])
def made(request, tmp_path_factory) -> tuple[dict, dict[str, Plan]]:
    """What MPXJ holds, and the plans of the two files it wrote of that."""
    folder = tmp_path_factory.mktemp("p6")
    files = {extension: folder / f"project.{extension}" for extension in ("xer", "pmxml")}
    held = run_mpxj(PROGRAM, request.param, 150, *files.values())
    plans = {}
    for extension, path in files.items():
        result = read_plan(path.read_bytes(), path.name)
        assert result.plan is not None, result.errors
        plans[extension] = result.plan
    return json.loads(held), plans


@pytest.fixture(params=["xer", "pmxml"])
def pair(request, made) -> tuple[dict, Plan]:
    held, plans = made
    return held, plans[request.param]


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def minutes(hours: float) -> int:
    return round(hours * 60)


def test_the_project_has_its_settings(pair):
    held, plan = pair
    project = plan.project
    assert project.name == "সেতু Bridge"
    assert (project.start, project.status_date) == (datetime(2026, 1, 5, 8), datetime(2026, 2, 4, 8))
    assert project.must_finish == datetime(2027, 2, 9, 8)
    assert project.critical_slack_minutes == 960
    assert project.calendar_uid == held["calendars"][0]["uid"]
    lag = held["lag_calendar"]
    assert project.lag_calendar is (LAG_CALENDARS.get(lag) or LagCalendar[lag])
    assert project.slack_kind is SLACK[held["slack"]]
    assert project.progress_logic is ProgressLogic[held["logic"]]
    assert project.critical_by is CRITICAL[held["critical"]]
    assert project.open_ends_critical == held["open_ends"]
    assert project.start_lag_from_early_start == held["start_lag"]
    assert project.use_expected_finish == held["expected"]


def test_calendars_have_their_weeks_and_every_exception(pair):
    held, plan = pair
    assert set(plan.calendars) == {row["uid"] for row in held["calendars"]}
    for row in held["calendars"]:
        calendar = plan.calendars[row["uid"]]
        # MPXJ writes what a calendar is based on into the calendar itself.
        assert (calendar.name, calendar.base_uid) == (row["name"], None)
        assert [[list(shift) for shift in day] for day in calendar.week] == row["week"]
        days: dict[str, list] = {}
        for exception in calendar.exceptions:
            day: date = exception.start
            while day <= exception.finish:
                days[str(day)] = [list(shift) for shift in exception.shifts]
                day += timedelta(days=1)
        assert days == row["exceptions"]


def test_activities_have_what_the_scheduler_looks_at(pair):
    held, plan = pair
    names = {task.uid: task.name for task in plan.tasks.values()}
    for row in held["activities"]:
        task = plan.tasks[row["uid"]]
        assert (task.name, task.code, names[task.parent_uid]) == (row["name"], row["code"], row["node"])
        assert task.kind is KINDS[row["kind"]]
        assert task.calendar_uid == row["calendar"]
        assert (task.actual_start, task.actual_finish) == (instant(row["actual_start"]), instant(row["actual_finish"]))
        if task.actual_start is None:
            assert (task.duration_minutes, task.remaining_minutes) == (minutes(row["remaining"]), None)
        else:
            assert (task.duration_minutes, task.remaining_minutes) == (
                minutes(row["planned"]),
                minutes(row["remaining"]),
            )
        assert (task.constraint, task.constraint_date) == (
            CONSTRAINTS[row["constraint"]],
            instant(row["constraint_date"]),
        )
        assert (task.second_constraint, task.second_constraint_date) == (
            CONSTRAINTS[row["constraint2"]],
            instant(row["constraint_date2"]),
        )
        assert task.expected_finish == instant(row["expected_finish"])
        assert task.external_early_start == instant(row["external_start"])
        assert (task.stop, task.resume) == (instant(row["suspend"]), instant(row["resume"]))
        assert task.percent_kind.name == row["percent_kind"]
        assert task.physical_percent == row["physical"]


def test_every_link_has_its_kind_and_lag(pair):
    held, plan = pair
    found = [[n.predecessor_uid, n.successor_uid, n.kind.value, n.lag_minutes] for n in plan.links.values()]
    assert sorted(found) == sorted([a, b, LINKS[kind], minutes(lag)] for a, b, kind, lag in held["links"])


def test_resources_and_assignments_have_their_amounts(pair):
    held, plan = pair
    for row in held["resources"]:
        resource = plan.resources[row["uid"]]
        assert (resource.name, resource.code, resource.kind.name) == (row["name"], row["code"], row["kind"])
        assert resource.calendar_uid == row["calendar"]
    found = [
        (a.task_uid, a.resource_uid, a.units, a.actual_work_minutes, a.remaining_work_minutes, a.cost)
        for a in plan.assignments.values()
    ]
    assert sorted(found) == sorted(
        (
            row["activity"],
            row["resource"],
            row["units"],
            minutes(row["actual"]),
            minutes(row["remaining"]),
            10 * (row["actual"] + row["remaining"]),
        )
        for row in held["assignments"]
    )


def test_both_formats_give_the_same_plan(made):
    _, plans = made
    one, other = plans["xer"], plans["pmxml"]
    # MPXJ writes no currency code in PMXML.
    assert replace(one.project, currency="BDT") == replace(other.project, currency="BDT")
    assert one.calendars == other.calendars
    assert one.tasks == other.tasks
    assert one.resources == other.resources
    assert one.assignments == other.assignments
    assert one.baselines == other.baselines
    assert set(one.links.values()) == set(other.links.values())
