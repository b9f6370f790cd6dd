"""Schedules by hand: delays, and what has happened already."""

from __future__ import annotations

from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.schedules import at, span


def test_a_leveling_delay_is_elapsed_time_before_the_start():
    tasks = [make_task(1), make_task(2, leveling_delay_minutes=1440)]
    assert schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))[2].start == at(6)


def test_what_has_happened_stays_and_what_follows_follows_it():
    tasks = [
        make_task(1, actual_start=at(6), percent_complete=50, duration_minutes=960),
        make_task(2, actual_start=at(4), actual_finish=at(7, 17), percent_complete=100),
        make_task(3),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 3)]))
    assert span(schedule[1]) == (at(6), at(7, 17))
    assert span(schedule[2]) == (at(4), at(7, 17))
    assert not schedule[2].critical
    assert schedule[3].start == at(8)


def test_what_precedes_a_started_task_may_be_as_late_as_its_remaining_work():
    tasks = [
        make_task(1, duration_minutes=480),
        make_task(2, duration_minutes=4 * 480, actual_start=at(4), percent_complete=75),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))
    assert (schedule[1].late_finish, schedule[1].total_slack_minutes) == (at(6, 17), 2 * 480)
    assert schedule[2].late_start == at(4)


def test_remaining_work_continues_at_the_resume_date():
    task = make_task(1, actual_start=at(4), percent_complete=50, duration_minutes=960, resume=at(7))
    assert span(schedule_plan(make_plan([task]))[1]) == (at(4), at(7, 17))
