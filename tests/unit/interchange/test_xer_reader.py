"""An XER file's project, calendars and options of scheduling."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.planning.model import CriticalBy, LagCalendar, ProgressLogic, Rules, SlackKind
from tests.unit.interchange.p6_files import CALENDAR, PROJECT
from tests.unit.interchange.xer_plans import plan_of


def test_the_project_has_its_dates_its_calendar_and_the_rules_of_p6():
    project = plan_of(PROJECT=[PROJECT | {"plan_end_date": "2026-06-30 17:00", "critical_drtn_hr_cnt": "16"}]).project
    assert project.name == "Tower in Dhaka"
    assert project.rules is Rules.PRIMAVERA
    assert (project.start, project.status_date) == (datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 8))
    assert project.must_finish == datetime(2026, 6, 30, 17)
    assert (project.calendar_uid, project.minutes_per_day) == (1, 480)
    assert (project.default_start_minute, project.default_finish_minute) == (480, 1020)
    assert project.critical_slack_minutes == 960
    assert project.currency == "USD"


def test_a_calendar_that_does_not_say_its_hours_has_those_of_its_longest_day():
    assert plan_of(CALENDAR=[CALENDAR | {"day_hr_cnt": ""}]).project.minutes_per_day == 480


@pytest.mark.parametrize(
    ("column", "text", "field", "value"),
    [
        ("sched_calendar_on_relationship_lag", "rcal_Predecessor", "lag_calendar", LagCalendar.PREDECESSOR),
        ("sched_calendar_on_relationship_lag", "rcal_Successor", "lag_calendar", LagCalendar.SUCCESSOR),
        ("sched_calendar_on_relationship_lag", "rcal_ProjDefault", "lag_calendar", LagCalendar.PROJECT),
        ("sched_calendar_on_relationship_lag", "rcal_24Hour", "lag_calendar", LagCalendar.ELAPSED),
        ("sched_float_type", "FT_SS", "slack_kind", SlackKind.START),
        ("sched_float_type", "FT_FF", "slack_kind", SlackKind.FINISH),
        ("sched_float_type", "FT_Min", "slack_kind", SlackKind.LEAST),
        ("sched_open_critical_flag", "Y", "open_ends_critical", True),
        ("sched_lag_early_start_flag", "N", "start_lag_from_early_start", False),
        ("sched_use_expect_end_flag", "N", "use_expected_finish", False),
    ],
)
def test_options_of_scheduling_are_the_files(column, text, field, value):
    project = plan_of(SCHEDOPTIONS=[{"schedoptions_id": 1, "proj_id": 1, column: text}]).project
    assert getattr(project, field) == value


@pytest.mark.parametrize(
    ("retained", "override", "logic"),
    [
        ("Y", "N", ProgressLogic.RETAINED_LOGIC),
        ("N", "Y", ProgressLogic.PROGRESS_OVERRIDE),
        ("N", "N", ProgressLogic.ACTUAL_DATES),
        ("", "", ProgressLogic.RETAINED_LOGIC),
    ],
)
def test_progress_logic_is_told_by_two_flags(retained, override, logic):
    row = {"proj_id": 1, "sched_retained_logic": retained, "sched_progress_override": override}
    assert plan_of(SCHEDOPTIONS=[row]).project.progress_logic is logic


def test_without_options_those_of_p6_count():
    project = plan_of().project
    assert project.lag_calendar is None
    assert project.slack_kind is None
    assert project.progress_logic is ProgressLogic.RETAINED_LOGIC
    assert project.use_expected_finish
    assert project.start_lag_from_early_start
    assert not project.open_ends_critical
    assert project.critical_by is CriticalBy.TOTAL_SLACK


def test_the_longest_path_can_make_activities_critical():
    assert plan_of(PROJECT=[PROJECT | {"critical_path_type": "CT_DrivPath"}]).project.critical_by is (
        CriticalBy.LONGEST_PATH
    )
