"""Resources, assignments, costs, baselines and notes of an XER file."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from nirman.interchange.xer_reader import read_xer
from nirman.planning.model import Accrual, AssignmentBaseline, ResourceKind
from tests.unit.interchange.p6_files import PROJECT, WBS, activity, xer
from tests.unit.interchange.xer_plans import findings, plan_of, rules, task_of

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


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"remain_qty_per_hr": -1}, "units are negative and count as 0"),
        ({"remain_qty_per_hr": 10**7}, "units over 1000000 are taken to be 1000000"),
        ({"act_reg_qty": -48, "remain_qty": 0, "target_qty": 0}, "a quantity is negative and counts as 0 (2 times)"),
    ],
)
def test_quantities_that_count_as_others_are_told_with_their_place(value, told):
    result = read_xer(xer([activity(1)], TASKRSRC=[ASSIGNMENT | value], **RESOURCES))
    assert (told, "line 16, TASKRSRC 70") in [(found.text, found.place) for found in result.findings]


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


TWO_LARGE_EXPENSES = [
    {"cost_item_id": uid, "task_id": 1, "act_cost": 0, "remain_cost": 9 * 10**14, "cost_load_type": "CL_End"}
    for uid in (1, 2)
]


def test_expenses_are_fixed_costs():
    rows = [
        {"cost_item_id": 1, "task_id": 1, "act_cost": 100, "remain_cost": 50, "cost_load_type": "CL_End"},
        {"cost_item_id": 2, "task_id": 1, "act_cost": 0, "remain_cost": "25.5", "cost_load_type": "CL_End"},
    ]
    task = plan_of(activity(1), PROJCOST=rows).tasks[1]
    assert (task.fixed_cost, task.fixed_cost_accrual, task.actual_cost) == (Decimal("175.5"), Accrual.END, 100)


@pytest.mark.parametrize(
    ("tables", "told", "place"),
    [
        ({"PROJCOST": TWO_LARGE_EXPENSES}, "expenses of an activity must come to at most 10^15", "activity 1"),
        (
            {"TASKRSRC": [ASSIGNMENT | {"act_reg_cost": 9 * 10**14, "act_ot_cost": 9 * 10**14}]},
            "costs of an assignment must come to at most 10^15",
            "line 29, TASKRSRC 70",
        ),
        (
            {"RSRC": [RESOURCES["RSRC"][1] | {"parent_rsrc_id": "", "ot_factor": 10**14}]},
            "an overtime rate must come to at most 10^15",
            "resource 8",
        ),
    ],
)
def test_what_comes_to_more_than_a_plan_can_say_is_refused_with_place_and_rule(tables, told, place):
    result = read_xer(xer([activity(1)], **{**RESOURCES, **tables}))
    assert result.plan is None
    assert {(finding.text, finding.place) for finding in result.errors} == {(told, place)}


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
