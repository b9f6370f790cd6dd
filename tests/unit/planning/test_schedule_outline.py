"""Schedules by hand: summaries, and tasks that are manual or inactive."""

from __future__ import annotations

from nirman.planning.model import ConstraintKind, LinkKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.schedules import at, span


def test_a_summary_spans_its_children():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1),
        make_task(3, parent_uid=1, duration_minutes=960),
        make_task(4, position=2.0),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 2, 3)]))
    summary = schedule[1]
    assert summary.summary
    assert not summary.milestone
    assert span(summary) == (at(4), at(6, 17))
    assert summary.duration_minutes == 3 * 480
    assert [dates.wbs for dates in schedule] == ["1", "1.1", "1.2", "2"]


def test_links_between_summaries_hold_all_children():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1),
        make_task(3, parent_uid=1, duration_minutes=960),
        make_task(4, position=2.0),
        make_task(5, parent_uid=4),
        make_task(6, parent_uid=4, duration_minutes=960),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 4)]))
    assert schedule[5].start == schedule[6].start == at(6)
    assert schedule[5].driver == 1
    assert schedule[2].total_slack_minutes == 480
    assert schedule[3].total_slack_minutes == 0
    assert schedule[3].critical


def test_a_link_from_the_start_of_a_summary_follows_its_first_child():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1, constraint=ConstraintKind.SNET, constraint_date=at(6)),
        make_task(3, parent_uid=1, constraint=ConstraintKind.SNET, constraint_date=at(5)),
        make_task(4, position=2.0),
    ]
    assert schedule_plan(make_plan(tasks, [make_link(1, 1, 4, kind=LinkKind.SS)]))[4].start == at(5)


def test_a_link_from_the_start_of_a_summary_holds_only_its_first_child():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1),
        make_task(3, parent_uid=1, constraint=ConstraintKind.SNET, constraint_date=at(5)),
        make_task(4, position=2.0, duration_minutes=5 * 480),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 4, kind=LinkKind.SS)]))
    assert schedule[2].total_slack_minutes == 0
    assert schedule[3].total_slack_minutes == 3 * 480


def test_a_constraint_on_a_summary_holds_its_children_back():
    tasks = [
        make_task(1, constraint=ConstraintKind.SNET, constraint_date=at(7)),
        make_task(2, parent_uid=1),
    ]
    assert schedule_plan(make_plan(tasks))[2].start == at(7)


def test_a_manual_task_keeps_its_dates_and_its_successors_follow_them():
    tasks = [
        make_task(1),
        make_task(2, manual=True, manual_start=at(4), manual_finish=at(6, 17)),
        make_task(3),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)]))
    assert span(schedule[2]) == (at(4), at(6, 17))
    assert schedule[3].start == at(7)


def test_a_manual_task_without_dates_is_scheduled():
    tasks = [make_task(1), make_task(2, manual=True)]
    assert schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))[2].start == at(5)


def test_an_inactive_task_takes_no_part():
    tasks = [make_task(1), make_task(2, active=False, duration_minutes=9600), make_task(3)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)]))
    assert schedule[3].start == at(4)
    assert schedule.project_finish == at(4, 17)
    assert not schedule[2].critical


def test_tasks_below_an_inactive_summary_take_no_part_either():
    tasks = [make_task(1, active=False), make_task(2, parent_uid=1, duration_minutes=9600), make_task(3)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 2, 3)]))
    assert schedule[3].start == at(4)
