"""XER files of several projects."""

from __future__ import annotations

from datetime import date

import pytest

from nirman.interchange.xer_reader import read_xer
from nirman.planning.outline import outline
from nirman.planning.schedule import schedule_plan
from tests.unit.interchange.p6_files import PROJECT, WBS, activity, link, xer
from tests.unit.interchange.xer_plans import plan_of, rules

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
