"""Schedules by hand: calendars of tasks and of those who work on them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nirman.errors import InvalidPlanError
from nirman.planning.model import Assignment, Calendar, EffortKind, Resource, ResourceKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week
from tests.builders.schedules import at, span


def test_an_elapsed_duration_runs_through_nights_and_days_off_and_so_does_its_slack():
    """Nine elapsed hours on a Thursday beside a day of work: the slack is the weekend (Microsoft, Q87301)."""
    tasks = [
        make_task(1, duration_minutes=480),
        make_task(2, duration_minutes=540, duration_elapsed=True),
        make_task(3),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 3), make_link(2, 2, 3)], start=at(8))
    schedule = schedule_plan(plan)
    assert span(schedule[2]) == (at(8), at(8, 17))
    assert schedule[1].total_slack_minutes == 0
    assert schedule[2].total_slack_minutes == 63 * 60


def test_an_elapsed_task_starts_when_its_predecessor_ends_also_in_the_evening():
    tasks = [make_task(1), make_task(2, duration_minutes=1440, duration_elapsed=True)]
    assert span(schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))[2]) == (at(4, 17), at(5, 17))


def test_a_task_works_in_its_own_calendar():
    nights = Calendar(uid=2, name="Nights", week=(((0, 240), (1200, 1440)),) * 7)
    tasks = [make_task(1, calendar_uid=2)]
    dates = schedule_plan(make_plan(tasks, calendars=[working_week(), nights]))[1]
    assert span(dates) == (at(4, 20), at(5, 4))


def crew(*calendars: int | None, **task):
    """Task 1 of two days, worked on by one resource a calendar; calendar 2 works Fridays and Saturdays, mornings."""
    weekend = Calendar(uid=2, name="Weekend", week=((), (), (), (), ((480, 720),), ((480, 720),), ()))
    uids = range(1, len(calendars) + 1)
    plan = make_plan(
        [make_task(1, **{"duration_minutes": 480} | task)],
        calendars=[working_week(), weekend, working_week(3)],
        resources=[Resource(uid=uid, calendar_uid=calendar) for uid, calendar in zip(uids, calendars, strict=True)],
        assignments=[Assignment(uid=uid, task_uid=1, resource_uid=uid) for uid in uids],
    )
    return schedule_plan(plan)[1]


def test_an_assigned_task_works_in_the_calendar_of_its_resource():
    assert span(crew(2)) == (at(9), at(10, 12))


def test_each_of_several_resources_works_in_its_own_calendar_and_the_task_spans_them():
    assert span(crew(None, 2)) == (at(4), at(10, 12))


def shared_work(first: dict, second: dict, **task):
    """A task of 8 hours by two resources, the second in calendar 2: Fridays and Saturdays."""
    weekend = Calendar(uid=2, name="Weekend", week=((), (), (), (), DAY, DAY, ()))
    return make_plan(
        [make_task(1, **task), make_task(2, duration_minutes=20 * 480)],
        calendars=[working_week(), weekend],
        resources=[Resource(uid=1), Resource(uid=2, calendar_uid=2)],
        assignments=[
            Assignment(uid=1, task_uid=1, resource_uid=1, **first),
            Assignment(uid=2, task_uid=1, resource_uid=2, **second),
        ],
    )


def test_an_assignment_takes_its_work_divided_by_its_units_after_its_delay():
    plan = shared_work({}, {"work_minutes": 480, "units": 2.0, "delay_minutes": 120})
    assert span(schedule_plan(plan)[1]) == (at(4), at(9, 15))


def test_where_all_work_in_one_calendar_the_duration_counts_whatever_the_work():
    """Duration is when anybody works (Microsoft): overtime or an uneven contour makes the work another number."""
    alone = shared_work({}, {"work_minutes": 960})
    alone = replace(alone, assignments={2: alone.assignments[2]})
    assert span(schedule_plan(alone)[1]) == (at(9), at(9, 17))


def test_time_in_which_all_wait_for_one_who_comes_late_is_no_part_of_the_duration():
    plan = shared_work({"work_minutes": 240}, {"work_minutes": 240, "delay_minutes": 960})
    plan = replace(plan, resources={1: Resource(uid=1), 2: Resource(uid=2)})
    assert span(schedule_plan(plan)[1]) == (at(4), at(6, 12))


def test_one_who_has_nothing_to_do_on_a_task_does_not_decide_when_it_is_worked_on():
    alone = shared_work({}, {"work_minutes": 0})
    alone = replace(alone, assignments={2: alone.assignments[2]})
    assert span(schedule_plan(alone)[1]) == (at(4), at(4, 17))


@pytest.mark.parametrize(
    ("effort", "finish"), [(EffortKind.FIXED_UNITS, at(16, 17)), (EffortKind.FIXED_WORK, at(10, 17))]
)
def test_who_comes_late_to_fixed_work_has_until_the_others_are_done(effort, finish):
    plan = shared_work({}, {"delay_minutes": 480}, duration_minutes=960, effort=effort)
    assert schedule_plan(plan)[1].finish == finish


STARTED = at(8)


"""A Thursday: the crew of the weekend does nothing before Friday."""


@pytest.mark.parametrize(
    ("progress", "finish"),
    [
        ({}, at(16, 17)),
        ({"remaining_minutes": 720}, at(16, 17)),
        ({"remaining_minutes": 720, "resume": at(14)}, at(17, 12)),
        ({"remaining_minutes": 720, "stop": at(9, 12), "resume": at(10, 13)}, at(17, 17)),
        ({"remaining_minutes": 1440}, at(23, 12)),
    ],
    ids=["percent", "remaining", "resumed", "paused", "longer"],
)
def test_those_who_work_on_a_started_task_go_on_in_their_own_calendars(progress, finish):
    plan = shared_work({}, {}, duration_minutes=1440, actual_start=STARTED, percent_complete=50)
    plan = replace(plan, tasks={1: replace(plan.tasks[1], **progress)})
    assert span(schedule_plan(plan)[1]) == (STARTED, finish)


def test_what_is_left_of_work_of_several_crews_is_done_by_each_after_the_status_date():
    """Sunday 11 January: the crew of the weekend has a day and a half left, which it can begin on Friday."""
    plan = shared_work({}, {}, duration_minutes=1440, actual_start=STARTED, percent_complete=50)
    plan = replace(plan, project=replace(plan.project, status_date=at(11)))
    assert schedule_plan(plan)[1].finish == at(17, 12)


NOTHING_LEFT = {"remaining_work_minutes": 0}


@pytest.mark.parametrize(
    ("first", "second", "finish"),
    [
        (NOTHING_LEFT, {"remaining_work_minutes": 960}, at(10, 17)),
        (NOTHING_LEFT, {"actual_work_minutes": 960}, at(9, 17)),
        (NOTHING_LEFT, {"work_minutes": 2880, "remaining_work_minutes": 1440, "units": 2.0}, at(10, 12)),
        ({"remaining_work_minutes": 240}, NOTHING_LEFT, at(11, 12)),
    ],
    ids=["left", "done", "by two", "the other's"],
)
def test_from_the_resume_date_each_does_what_is_left_of_the_assignment(first, second, finish):
    """Friday 9 January: the crew of the weekend goes on at once, the other on Sunday."""
    progress = {"actual_start": STARTED, "percent_complete": 50, "remaining_minutes": 720, "resume": at(9)}
    plan = shared_work(first, second, duration_minutes=1440, **progress)
    assert span(schedule_plan(plan)[1]) == (STARTED, finish)


def test_work_that_is_the_duration_to_a_hundredth_of_the_units_is_the_duration():
    plan = shared_work({}, {"work_minutes": 160, "units": 0.33})
    assert schedule_plan(plan)[1].finish == at(9, 17)


def test_the_late_start_leaves_room_for_every_assignment():
    dates = schedule_plan(shared_work({}, {}, deadline=at(15, 17)))[1]
    assert (dates.late_start, dates.late_finish) == (at(10), at(15, 17))


def test_a_task_may_ignore_the_calendars_of_its_resources():
    assert span(crew(2, calendar_uid=3, ignore_resource_calendar=True)) == (at(4), at(4, 17))


def test_a_task_with_a_calendar_works_when_its_resource_does_too():
    with pytest.raises(InvalidPlanError, match="no working time"):
        crew(2, calendar_uid=3)


def test_a_task_of_fixed_duration_keeps_to_its_own_calendar():
    assert span(crew(2, effort=EffortKind.FIXED_DURATION)) == (at(4), at(4, 17))


def test_material_does_not_decide_when_a_task_is_worked_on():
    weekend = Calendar(uid=2, name="Weekend", week=((), (), (), (), DAY, DAY, ()))
    plan = make_plan(
        1,
        calendars=[working_week(), weekend],
        resources=[Resource(uid=1, kind=ResourceKind.MATERIAL, calendar_uid=2)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)],
    )
    assert schedule_plan(plan)[1].start == at(4)
