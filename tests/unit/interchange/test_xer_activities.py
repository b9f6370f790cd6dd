"""Activities of an XER file: kinds, constraints, progress."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.interchange.xer_reader import read_xer
from nirman.planning.model import ConstraintKind, EffortKind, PercentKind, TaskKind
from tests.unit.interchange.p6_files import activity, xer
from tests.unit.interchange.xer_plans import PROGRESS, findings, plan_of, task_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("TT_Task", TaskKind.TASK),
        ("TT_Rsrc", TaskKind.RESOURCE_DEPENDENT),
        ("TT_LOE", TaskKind.LEVEL_OF_EFFORT),
        ("TT_WBS", TaskKind.WBS_SUMMARY),
        ("TT_Mile", TaskKind.START_MILESTONE),
        ("TT_FinMile", TaskKind.FINISH_MILESTONE),
    ],
)
def test_activities_are_of_the_kinds_that_p6_has(text, kind):
    task = task_of(task_type=text)
    milestone = kind in (TaskKind.START_MILESTONE, TaskKind.FINISH_MILESTONE)
    assert (task.kind, task.milestone) == (kind, milestone)
    assert task.duration_minutes == (0 if milestone else 480)
    assert task.ignore_resource_calendar == (kind is not TaskKind.RESOURCE_DEPENDENT)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CS_MSO", ConstraintKind.SO),
        ("CS_MEO", ConstraintKind.FO),
        ("CS_MSOA", ConstraintKind.SNET),
        ("CS_MSOB", ConstraintKind.SNLT),
        ("CS_MEOA", ConstraintKind.FNET),
        ("CS_MEOB", ConstraintKind.FNLT),
        ("CS_MANDSTART", ConstraintKind.MSO),
        ("CS_MANDFIN", ConstraintKind.MFO),
    ],
)
def test_both_constraints_keep_their_kind_and_date(text, kind):
    date, at = "2026-02-01 17:00", datetime(2026, 2, 1, 17)
    task = task_of(cstr_type=text, cstr_date=date)
    assert (task.constraint, task.constraint_date) == (kind, at)
    task = task_of(cstr_type2=text, cstr_date2=date)
    assert (task.second_constraint, task.second_constraint_date) == (kind, at)


def test_as_late_as_possible_has_no_date():
    task = task_of(cstr_type="CS_ALAP", cstr_date="2026-02-01 17:00")
    assert (task.constraint, task.constraint_date) == (ConstraintKind.ALAP, None)


def test_a_constraint_without_its_date_is_left_out_and_told():
    result = read_xer(xer([activity(1, cstr_type="CS_MSO")]))
    assert result.plan.tasks[1].constraint is ConstraintKind.ASAP
    assert findings(result, "no-constraint-date") == ["line 13, TASK 1: a constraint without cstr_date is left out"]


def test_what_has_not_started_takes_the_remaining_duration():
    task = task_of(target_drtn_hr_cnt="80", remain_drtn_hr_cnt="40")
    assert (task.duration_minutes, task.remaining_minutes, task.percent_complete) == (2400, None, 0)


def test_what_has_started_keeps_the_planned_duration_and_what_remains():
    task = task_of(target_drtn_hr_cnt="80", remain_drtn_hr_cnt="20.5", **PROGRESS)
    assert (task.duration_minutes, task.remaining_minutes, task.percent_complete) == (4800, 1230, 74)
    assert (task.actual_start, task.actual_finish) == (datetime(2026, 1, 5, 8), None)


def test_what_is_finished_leaves_nothing():
    task = task_of(**PROGRESS | {"status_code": "TK_Complete", "act_end_date": "2026-01-06 17:00"})
    assert (task.remaining_minutes, task.percent_complete) == (0, 100)
    assert task.actual_finish == datetime(2026, 1, 6, 17)


def test_what_remains_may_be_more_than_was_planned():
    task = task_of(remain_drtn_hr_cnt="100", **PROGRESS)
    assert (task.remaining_minutes, task.percent_complete) == (6000, 0)


@pytest.mark.parametrize(
    ("values", "started", "finished"),
    [
        ({"status_code": "TK_Complete"}, datetime(2026, 1, 5, 8), datetime(2026, 1, 7, 17)),
        ({"status_code": "TK_Active"}, datetime(2026, 1, 5, 8), None),
        (
            {"act_start_date": "2026-01-09 08:00", "act_end_date": "2026-01-08 17:00"},
            datetime(2026, 1, 9, 8),
            datetime(2026, 1, 9, 8),
        ),
    ],
)
def test_status_and_dates_that_contradict_each_other_are_told(values, started, finished):
    planned = {"target_start_date": "2026-01-05 08:00", "target_end_date": "2026-01-07 17:00"}
    result = read_xer(xer([activity(1, **planned, **values)]))
    task = result.plan.tasks[1]
    assert (task.actual_start, task.actual_finish) == (started, finished)
    assert [f.uid for f in result.findings if f.rule == "progress-contradiction"] == [1]


def test_suspended_work_and_expected_and_external_dates_are_kept():
    task = task_of(
        **PROGRESS,
        suspend_date="2026-01-07 08:00",
        resume_date="2026-01-12 08:00",
        expect_end_date="2026-01-30 17:00",
        external_early_start_date="2026-01-08 08:00",
        external_late_end_date="2026-02-28 17:00",
    )
    assert (task.stop, task.resume) == (datetime(2026, 1, 7, 8), datetime(2026, 1, 12, 8))
    assert task.expected_finish == datetime(2026, 1, 30, 17)
    assert task.external_early_start == datetime(2026, 1, 8, 8)
    assert task.external_late_finish == datetime(2026, 2, 28, 17)


def test_external_dates_do_not_count_when_links_to_other_projects_are_ignored():
    tables = {"SCHEDOPTIONS": [{"proj_id": 1, "sched_outer_depend_type": "SD_None"}]}
    assert (
        plan_of(activity(1, external_early_start_date="2026-01-08 08:00"), **tables).tasks[1].external_early_start
        is None
    )


def test_percent_types_efforts_priorities_and_work_are_kept():
    task = task_of(
        complete_pct_type="CP_Phys",
        phys_complete_pct="37.6",
        duration_type="DT_FixedQty",
        priority_type="PT_High",
        act_work_qty="4",
        remain_work_qty="12",
        act_equip_qty="0",
        remain_equip_qty="2",
        target_work_qty="99",
    )
    assert (task.percent_kind, task.physical_percent) == (PercentKind.PHYSICAL, 38)
    assert (task.effort, task.priority, task.work_minutes) == (EffortKind.FIXED_WORK, 700, 18 * 60)
