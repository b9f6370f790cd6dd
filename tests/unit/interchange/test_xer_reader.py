"""What XER files become: the project and its options, the outline, activities, links, resources, costs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from nirman.interchange.p6_report import MAX_SINGLE
from nirman.interchange.result import ImportResult
from nirman.interchange.xer_reader import read_xer
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Accrual,
    AssignmentBaseline,
    ConstraintKind,
    CriticalBy,
    EffortKind,
    LagCalendar,
    LinkKind,
    PercentKind,
    Plan,
    ProgressLogic,
    ResourceKind,
    Rules,
    SlackKind,
    Task,
    TaskKind,
)
from nirman.planning.outline import outline
from nirman.planning.schedule import schedule_plan
from tests.unit.interchange.p6_files import CALENDAR, PROJECT, WBS, activity, link, xer

PROGRESS = {"act_start_date": "2026-01-05 08:00", "status_code": "TK_Active"}


def plan_of(*tasks, **tables) -> Plan:
    result = read_xer(xer(tasks or [activity(1)], **tables))
    assert result.plan is not None, result.errors
    return result.plan


def task_of(**values) -> Task:
    return plan_of(activity(1, **values)).tasks[1]


def rules(result: ImportResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def findings(result: ImportResult, rule: str) -> list[str]:
    return [f"{finding.place}: {finding.text}" for finding in result.findings if finding.rule == rule]


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


def test_the_outline_follows_the_wbs_and_activities_stand_before_the_nodes_below():
    nodes = [
        WBS,
        {"wbs_id": 11, "proj_id": 1, "parent_wbs_id": 10, "seq_num": 20, "wbs_short_name": "B", "wbs_name": "Roof"},
        {"wbs_id": 12, "proj_id": 1, "parent_wbs_id": 10, "seq_num": 10, "wbs_short_name": "A", "wbs_name": "Walls"},
        {"wbs_id": 13, "proj_id": 1, "parent_wbs_id": 12, "seq_num": 5, "wbs_short_name": "A1", "wbs_name": "East"},
    ]
    tasks = [
        activity(101, wbs_id=13, task_code="Z"),
        activity(102, wbs_id=13, task_code="Y"),
        activity(103, wbs_id=12, task_code="X"),
        activity(104, wbs_id=11, task_code="W"),
        activity(105, wbs_id=10, task_code="V"),
    ]
    plan = plan_of(*tasks, PROJWBS=nodes)
    assert outline(plan.tasks).uids == (105, 12, 103, 13, 102, 101, 11, 104)
    assert (plan.tasks[12].name, plan.tasks[12].code) == ("Walls", "A")


def test_nodes_without_activities_are_left_out_and_counted():
    nodes = [WBS, *({"wbs_id": uid, "proj_id": 1, "parent_wbs_id": 10} for uid in (11, 12, 13))]
    result = read_xer(xer([activity(1, wbs_id=11)], PROJWBS=nodes))
    assert set(result.plan.tasks) == {1, 11}
    assert findings(result, "empty-wbs") == ["line 12: a WBS node without activities is left out (2 times)"]


def test_activities_keep_their_uid_and_a_node_that_has_the_same_gives_way():
    nodes = [WBS, {"wbs_id": 11, "proj_id": 1, "parent_wbs_id": 10, "wbs_name": "Walls"}]
    plan = plan_of(activity(11, wbs_id=11), PROJWBS=nodes)
    assert plan.tasks[11].name == "Activity 11"
    summary = plan.tasks[plan.tasks[11].parent_uid]
    assert (summary.name, summary.uid) == ("Walls", 12)


@pytest.mark.parametrize("parents", [{11: 12, 12: 11}, {uid: uid + 1 for uid in range(11, 300)}])
def test_nodes_in_a_circle_or_too_deep_refuse_the_file(parents):
    nodes = [{"wbs_id": uid, "proj_id": 1, "parent_wbs_id": parent} for uid, parent in parents.items()]
    result = read_xer(xer([activity(1, wbs_id=11)], PROJWBS=[WBS, *nodes]))
    assert result.plan is None
    assert "must not be below itself, nor more than 100 levels deep" in result.errors[0].text
    assert "WBS node 11" in {error.place.rpartition(", ")[2] for error in result.errors}


@pytest.mark.parametrize("kind", LinkKind)
def test_links_keep_their_kind_and_lag(kind):
    rows = [link(5, 1, 2, pred_type=f"PR_{kind}", lag_hr_cnt="-2.5")]
    plan = plan_of(activity(1), activity(2), TASKPRED=rows)
    found = plan.links[5]
    assert (found.predecessor_uid, found.successor_uid, found.kind, found.lag_minutes) == (1, 2, kind, -150)
    assert not found.lag_elapsed


def test_links_of_different_kinds_between_two_activities_are_all_kept_and_of_one_kind_the_longer():
    rows = [
        link(5, 1, 2, pred_type="PR_SS", lag_hr_cnt=8),
        link(6, 1, 2, pred_type="PR_FF", lag_hr_cnt=4),
        link(7, 1, 2, pred_type="PR_FF", lag_hr_cnt=16),
    ]
    result = read_xer(xer([activity(1), activity(2)], TASKPRED=rows))
    assert {(item.kind, item.lag_minutes) for item in result.plan.links.values()} == {
        (LinkKind.SS, 480),
        (LinkKind.FF, 960),
    }
    assert "double-link" in rules(result)


def test_links_to_activities_that_are_not_in_the_file_are_counted():
    result = read_xer(xer([activity(1)], TASKPRED=[link(uid, 1, 900 + uid) for uid in range(1, 40)]))
    assert result.plan.links == {}
    (told,) = findings(result, "link-to-other-project")
    assert told.startswith("line 16: ")
    assert told.endswith("(39 times)")


def test_a_link_to_itself_refuses_the_file_and_names_the_line():
    result = read_xer(xer([activity(1)], TASKPRED=[link(5, 1, 1)]))
    assert result.plan is None
    assert (result.errors[0].place, result.errors[0].uid) == ("line 16, TASKPRED 5", 1)


RESOURCES = {
    "RSRC": [
        {"rsrc_id": 7, "rsrc_name": "Crews", "rsrc_short_name": "CR", "rsrc_type": "RT_Labor"},
        {
            "rsrc_id": 8,
            "parent_rsrc_id": 7,
            "clndr_id": 1,
            "rsrc_name": "Masons",
            "rsrc_short_name": "MAS",
            "rsrc_type": "RT_Labor",
            "ot_flag": "Y",
            "ot_factor": "1.5",
            "email_addr": "masons@example.com",
        },
        {"rsrc_id": 9, "rsrc_name": "Crane", "rsrc_type": "RT_Equip"},
        {"rsrc_id": 10, "rsrc_name": "Cement", "rsrc_type": "RT_Mat", "unit_id": 3},
    ],
    "RSRCRATE": [
        {"rsrc_rate_id": 1, "rsrc_id": 8, "max_qty_per_hr": 4, "cost_per_qty": 300, "start_date": "2027-01-01 00:00"},
        {"rsrc_rate_id": 2, "rsrc_id": 8, "max_qty_per_hr": 3, "cost_per_qty": 200, "start_date": "2025-01-01 00:00"},
    ],
    "UMEASURE": [{"unit_id": 3, "unit_abbrev": "bag"}],
}


def test_resources_have_their_kind_group_and_the_rate_at_the_data_date():
    result = read_xer(xer([activity(1)], **RESOURCES))
    resources = result.plan.resources
    masons = resources[8]
    assert (masons.name, masons.code, masons.group, masons.calendar_uid) == ("Masons", "MAS", "Crews", 1)
    assert (masons.max_units, masons.standard_rate, masons.overtime_rate) == (3.0, 200, 300)
    assert masons.email == "masons@example.com"
    assert resources[9].kind is ResourceKind.WORK
    assert (resources[10].kind, resources[10].material_label) == (ResourceKind.MATERIAL, "bag")
    assert "rates-over-time" in rules(result)


ASSIGNMENT = {
    "taskrsrc_id": 70,
    "task_id": 1,
    "proj_id": 1,
    "rsrc_id": 8,
    "target_qty": 40,
    "remain_qty": 30,
    "act_reg_qty": 8,
    "act_ot_qty": 2,
    "target_qty_per_hr": 2,
    "remain_qty_per_hr": "1.5",
    "target_lag_drtn_hr_cnt": 4,
    "target_cost": "8000.50",
    "remain_cost": 6000,
    "act_reg_cost": 1600,
    "act_ot_cost": 600,
    "target_start_date": "2026-01-05 12:00",
    "target_end_date": "2026-01-09 17:00",
}


def test_assignments_keep_quantities_units_lag_and_costs():
    plan = plan_of(activity(1), TASKRSRC=[ASSIGNMENT], **RESOURCES)
    found = plan.assignments[70]
    assert (found.task_uid, found.resource_uid, found.units, found.delay_minutes) == (1, 8, 1.5, 240)
    assert (found.work_minutes, found.actual_work_minutes, found.remaining_work_minutes) == (2400, 600, 1800)
    assert (found.cost, found.actual_cost) == (8200, 2200)
    assert plan.tasks[1].actual_cost == 2200
    assert plan.baselines == {}


def test_planned_dates_quantities_and_costs_are_the_baseline_of_a_project_without_one():
    dates = {"target_start_date": "2026-01-05 08:00", "target_end_date": "2026-01-09 17:00"}
    nodes = [WBS, {"wbs_id": 11, "proj_id": 1, "parent_wbs_id": 10, "wbs_name": "Walls"}]
    tasks = [activity(1, wbs_id=11, target_work_qty=40, **dates), activity(2)]
    plan = plan_of(*tasks, PROJWBS=nodes, TASKRSRC=[ASSIGNMENT], **RESOURCES)
    baseline = plan.baselines[0]
    assert [(t.uid, t.start, t.finish, t.duration_minutes, t.work_minutes, t.cost) for t in baseline.tasks] == [
        (uid, datetime(2026, 1, 5, 8), datetime(2026, 1, 9, 17), minutes, 2400, Decimal("8000.50"))
        for uid, minutes in ((1, 480), (11, 0))
    ]
    assert baseline.assignments == (
        AssignmentBaseline(
            uid=70,
            start=datetime(2026, 1, 5, 12),
            finish=datetime(2026, 1, 9, 17),
            work_minutes=2400,
            cost=Decimal("8000.50"),
        ),
    )


def test_a_baseline_that_is_elsewhere_is_told():
    result = read_xer(xer([activity(1)], PROJECT=[PROJECT | {"sum_base_proj_id": 55}]))
    assert "baseline-elsewhere" in rules(result)
    assert result.plan.baselines == {}


def test_roles_without_a_resource_and_assignments_to_nowhere_are_counted():
    rows = [
        ASSIGNMENT | {"taskrsrc_id": 71, "rsrc_id": "", "role_id": 3},
        ASSIGNMENT | {"taskrsrc_id": 72, "rsrc_id": 999},
        ASSIGNMENT | {"taskrsrc_id": 73, "task_id": 999},
    ]
    result = read_xer(xer([activity(1)], TASKRSRC=rows, **RESOURCES))
    assert result.plan.assignments == {}
    assert len(findings(result, "role-assignment")) == 1
    assert len(findings(result, "assignment-to-nowhere")) == 2


def test_expenses_are_fixed_costs():
    rows = [
        {"cost_item_id": 1, "task_id": 1, "act_cost": 100, "remain_cost": 50, "cost_load_type": "CL_End"},
        {"cost_item_id": 2, "task_id": 1, "act_cost": 0, "remain_cost": "25.5", "cost_load_type": "CL_End"},
    ]
    task = plan_of(activity(1), PROJCOST=rows).tasks[1]
    assert (task.fixed_cost, task.fixed_cost_accrual, task.actual_cost) == (Decimal("175.5"), Accrual.END, 100)


def test_notes_lose_their_markup_but_not_their_lines():
    notes = [
        {
            "memo_id": 1,
            "task_id": 1,
            "task_memo": "<html><head><style>p{}</style></head><p>Wait &amp; see</p>two</html>",
        },
        {"memo_id": 2, "task_id": 1, "task_memo": "Plain\x7f\x7ftext"},
    ]
    assert task_of().notes == ""
    assert plan_of(activity(1), TASKMEMO=notes).tasks[1].notes == "Wait & see\ntwo\n\nPlain\ntext"


TWO = {
    "PROJECT": [PROJECT, PROJECT | {"proj_id": 2, "proj_short_name": "BRIDGE", "last_recalc_date": "2026-03-01 08:00"}],
    "PROJWBS": [WBS, WBS | {"wbs_id": 20, "proj_id": 2, "wbs_short_name": "BRIDGE", "wbs_name": "Bridge"}],
}


def test_of_several_projects_each_is_a_summary_and_what_differs_is_told():
    result = read_xer(xer([activity(1), activity(2, proj_id=2, wbs_id=20)], TASKPRED=[link(5, 1, 2)], **TWO))
    plan = result.plan
    assert outline(plan.tasks).uids == (10, 1, 20, 2)
    assert (plan.tasks[10].name, plan.tasks[20].name) == ("Tower in Dhaka", "Bridge")
    assert plan.project.name == "Tower in Dhaka, Bridge"
    assert list(plan.links) == [5]
    assert "data-dates-differ" in rules(result)


def test_work_of_each_of_several_projects_begins_at_its_own_data_date():
    first, second = TWO["PROJECT"]
    for projects in ([first, second], [second, first]):
        tasks = [activity(1), activity(2, proj_id=2, wbs_id=20)]
        plan = read_xer(xer(tasks, PROJECT=projects, PROJWBS=TWO["PROJWBS"])).plan
        schedule = schedule_plan(plan)
        assert [schedule[uid].start.date() for uid in (1, 2)] == [date(2026, 1, 5), date(2026, 3, 2)]


@pytest.mark.parametrize(("own", "minutes"), [("Y", (0, 0)), ("N", (19200, 0))])
def test_float_is_counted_from_the_finish_of_each_project_if_the_options_say_so(own, minutes):
    """The one ends on 5 January, the other on 2 March: forty days of work later."""
    options = [{"schedoptions_id": 1, "proj_id": 1, "sched_use_project_end_date_for_float": own}]
    tasks = [activity(1), activity(2, proj_id=2, wbs_id=20)]
    schedule = schedule_plan(plan_of(*tasks, SCHEDOPTIONS=options, **TWO))
    assert (schedule[1].total_slack_minutes, schedule[2].total_slack_minutes) == minutes


def test_each_of_several_projects_must_finish_by_its_own_date():
    first, second = TWO["PROJECT"]
    projects = [first | {"plan_end_date": "2026-01-06 17:00"}, second | {"plan_end_date": "2026-02-27 17:00"}]
    tasks = [activity(1), activity(2, proj_id=2, wbs_id=20)]
    schedule = schedule_plan(plan_of(*tasks, PROJECT=projects, PROJWBS=TWO["PROJWBS"]))
    assert (schedule[1].total_slack_minutes, schedule[2].total_slack_minutes) == (480, -480)


def test_a_project_that_was_not_exported_is_left_out_with_its_activities():
    projects = [TWO["PROJECT"][0], TWO["PROJECT"][1] | {"export_flag": "N"}]
    result = read_xer(xer([activity(1), activity(2, proj_id=2, wbs_id=20)], PROJECT=projects, PROJWBS=TWO["PROJWBS"]))
    assert set(result.plan.tasks) == {1}
    assert "not-exported" in rules(result)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bengali_names_come_as_they_are(encoding):
    data = xer([activity(1, task_name="ভিত্তি ঢালাই ১ম তলা")]).decode().encode(encoding)
    assert read_xer(data).plan.tasks[1].name == "ভিত্তি ঢালাই ১ম তলা"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Gründung – façade"),
        ("cp1251", "Устройство фундамента и монтаж стен"),
        ("cp1256", "حفر حتى منسوب التأسيس"),
        ("cp1253", "Εκσκαφές και θεμελίωση του κτιρίου"),
        ("gbk", "土方开挖与基础施工"),
        ("cp932", "掘削工事と基礎コンクリート"),
        ("cp949", "토공사 및 기초공사"),
    ],
)
def test_the_code_page_of_the_machine_that_wrote_the_file_is_found_and_told(encoding, name):
    result = read_xer(xer([activity(1, task_name=name)]).decode().encode(encoding))
    assert result.plan.tasks[1].name == name
    assert encoding in findings(result, "code-page")[0]


def test_the_encoding_can_be_said():
    data = xer([activity(1, task_name="Žižkov")]).decode().encode("cp1250")
    assert read_xer(data, encoding="cp1250").plan.tasks[1].name == "Žižkov"


@pytest.mark.parametrize("hours", ["7.5", "7,5", "7,50", "1.007,5", "1,007.5"])
def test_numbers_are_read_as_the_machine_wrote_them(hours):
    minutes = 450 if len(hours) < 6 else 60_450
    assert task_of(remain_drtn_hr_cnt=hours).duration_minutes == minutes


def test_the_files_currency_says_what_a_comma_before_three_digits_is():
    currency = {"curr_id": 1, "curr_short_name": "EUR", "decimal_symbol": ",", "digit_group_symbol": "."}
    tables = {"CURRTYPE": [currency]}
    with_comma = read_xer(xer([activity(1, remain_drtn_hr_cnt="7,250")], header="EUR", **tables))
    assert with_comma.plan.tasks[1].duration_minutes == 435
    assert with_comma.plan.project.currency == "EUR"
    assert task_of(remain_drtn_hr_cnt="7,250").duration_minutes == 7250 * 60


def test_a_line_break_inside_a_cell_and_doubled_quotes_do_not_break_rows():
    tasks = [activity(1, task_name='Pour\nthe ""slab""'), activity(2)]
    plan = plan_of(*tasks)
    assert plan.tasks[1].name == 'Pour\nthe "slab"'
    assert plan.tasks[2].name == "Activity 2"


def test_rows_that_are_short_or_long_are_read_as_far_as_they_go():
    data = xer([activity(1), activity(2)]).replace(b"Activity 2\t8\t8", b"Activity 2\t8\t8\tmore\tand more")
    plan = read_xer(data.replace(b"Activity 1\t8\t8", b"Activity 1")).plan
    assert (plan.tasks[1].duration_minutes, plan.tasks[2].duration_minutes) == (0, 480)


def test_values_that_the_plan_has_no_place_for_are_told_by_table():
    result = read_xer(xer([activity(1, location_id=4, est_wt=1, guid="x")], TASKACTV=[{"task_id": 1}, {"task_id": 2}]))
    assert findings(result, "not-kept") == [
        "TASK: not kept, with how many values: location_id 1",
        "tables: not kept, with how many values: TASKACTV 2",
    ]


def test_a_word_that_is_not_known_is_told_and_read_as_empty():
    result = read_xer(xer([activity(1, task_type="TT_New"), activity(2, task_type="TT_New")]))
    assert result.plan.tasks[1].kind is TaskKind.TASK
    (told,) = findings(result, "unknown-word")
    assert told == 'line 13, TASK 1: task_type "TT_New" is not known: it is read as if it were empty (2 times)'


@pytest.mark.parametrize(
    ("column", "value", "must"),
    [
        ("remain_drtn_hr_cnt", "eight", "a number"),
        ("remain_drtn_hr_cnt", "1e99", "a number"),
        ("remain_drtn_hr_cnt", "NaN", "a number"),
        ("remain_drtn_hr_cnt", "9000000", "at most 876000 hours"),
        ("act_start_date", "yesterday", "a date and time such as 2026-01-31 08:00"),
        ("act_start_date", "2026-02-30 08:00", "a date and time such as 2026-01-31 08:00"),
        ("act_start_date", "0026-02-03 08:00", "a date and time of the years 1700 to 2399"),
        ("task_id", "99999999999", "from 0 to 2147483647"),
        ("task_id", "-4", "from 0 to 2147483647"),
    ],
)
def test_a_value_that_cannot_be_refuses_the_file_and_names_line_table_and_column(column, value, must):
    result = read_xer(xer([activity(1, **{column: value})]))
    assert result.plan is None
    first = result.errors[0]
    assert first.place.startswith("line 13, TASK")
    assert first.text == f'{column} is "{value}" but must be {must}'


def test_errors_are_told_one_by_one_only_up_to_a_number():
    result = read_xer(xer([activity(uid, remain_drtn_hr_cnt="x") for uid in range(1, 101)]))
    assert len(result.errors) == MAX_SINGLE + 1
    assert result.errors[-1].text == "80 more of this rule"


def test_an_activity_that_is_there_twice_refuses_the_file():
    result = read_xer(xer([activity(1), activity(1)]))
    assert result.errors[0].rule == "duplicate-uid"


def test_a_file_without_a_project_is_refused():
    result = read_xer(xer([activity(1)], PROJECT=[]))
    assert [error.rule for error in result.errors] == ["no-project"]


@pytest.mark.parametrize("calendars", [[], [CALENDAR | {"clndr_id": 3}]])
def test_a_project_whose_calendar_is_not_there_takes_another_and_says_so(calendars):
    result = read_xer(xer([activity(1)], CALENDAR=calendars))
    assert result.plan.project.calendar_uid in result.plan.calendars
    assert result.plan.tasks[1].calendar_uid in (None, result.plan.project.calendar_uid)
    told = [finding for finding in result.findings if finding.rule == "calendar-to-nowhere"]
    assert [finding.severity for finding in told] == [Severity.WARNING] * (1 + len(calendars))
