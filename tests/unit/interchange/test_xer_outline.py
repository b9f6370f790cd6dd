"""The outline and the links of an XER file."""

from __future__ import annotations

import pytest

from nirman.interchange.xer_reader import read_xer
from nirman.planning.model import LinkKind
from nirman.planning.outline import outline
from tests.unit.interchange.p6_files import WBS, activity, link, xer
from tests.unit.interchange.xer_plans import findings, plan_of, rules


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
