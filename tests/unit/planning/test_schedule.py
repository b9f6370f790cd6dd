"""What the engine makes of a plan, rule by rule. Plans start on Sunday 4 January 2026; Friday and Saturday are off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from nirman.errors import InvalidPlanError
from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    EffortKind,
    LinkKind,
    Resource,
    ResourceKind,
    ScheduleFrom,
)
from nirman.planning.moves import moved_tasks
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour)


def span(dates) -> tuple[datetime, datetime]:
    return dates.start, dates.finish


def linked(kind: LinkKind = LinkKind.FS, *, first: int = 480, second: int = 480, **link):
    tasks = [make_task(1, duration_minutes=first), make_task(2, duration_minutes=second)]
    return schedule_plan(make_plan(tasks, [make_link(1, 1, 2, kind=kind, **link)]))


def test_a_task_alone_starts_with_the_project():
    dates = schedule_plan(make_plan(1))[1]
    assert span(dates) == (at(4), at(4, 17))
    assert (dates.total_slack_minutes, dates.critical, dates.driver, dates.wbs, dates.id) == (0, True, None, "1", 1)


def test_a_plan_without_tasks_has_a_schedule():
    schedule = schedule_plan(make_plan())
    assert list(schedule) == []
    assert schedule.project_start == schedule.project_finish == at(4)


@pytest.mark.parametrize(
    ("kind", "lag", "start", "finish"),
    [
        (LinkKind.FS, 0, at(5), at(5, 17)),
        (LinkKind.FS, 480, at(6), at(6, 17)),
        (LinkKind.FS, -240, at(4, 13), at(5, 12)),
        (LinkKind.SS, 0, at(4), at(4, 17)),
        (LinkKind.SS, 240, at(4, 13), at(5, 12)),
        (LinkKind.FF, 480, at(5), at(5, 17)),
        (LinkKind.SF, 960, at(5), at(5, 17)),
    ],
)
def test_links_hold_the_successor_back(kind, lag, start, finish):
    schedule = linked(kind, lag_minutes=lag)
    assert span(schedule[2]) == (start, finish)
    assert schedule[2].driver == 1


def test_a_finish_that_a_link_asks_for_in_the_morning_stays_in_the_morning():
    """As MS Project shows it: not the evening before, though no work lies between."""
    tasks = [make_task(1, duration_minutes=960), make_task(2), make_task(3)]
    links = [make_link(1, 1, 2), make_link(2, 2, 3, kind=LinkKind.SF)]
    assert span(schedule_plan(make_plan(tasks, links))[3]) == (at(5), at(6))


def test_an_elapsed_lag_runs_through_nights_and_days_off():
    assert span(linked(lag_minutes=4 * 1440, lag_elapsed=True)[2]) == (at(11), at(11, 17))


def test_a_percent_lag_is_a_share_of_the_predecessor():
    assert linked(first=960, lag_percent=50.0)[2].start == at(7)
    assert linked(first=960, lag_percent=-50.0)[2].start == at(5)


def test_lag_runs_in_the_calendar_of_the_successor():
    every_day = Calendar(uid=2, name="Every day", week=(DAY,) * 7)
    tasks = [make_task(1, duration_minutes=5 * 480), make_task(2, calendar_uid=2)]
    plan = make_plan(tasks, [make_link(1, 1, 2, lag_minutes=480)], calendars=[working_week(), every_day])
    assert schedule_plan(plan)[2].start == at(10)  # Friday is a working day for the lag, Saturday for the task


def test_slack_and_the_critical_path_follow_the_longest_chain():
    tasks = [make_task(1), make_task(2, duration_minutes=960), make_task(3), make_task(4)]
    links = [make_link(1, 1, 2), make_link(2, 1, 3), make_link(3, 2, 4), make_link(4, 3, 4)]
    schedule = schedule_plan(make_plan(tasks, links))
    assert [dates.total_slack_minutes for dates in schedule] == [0, 0, 480, 0]
    assert [dates.free_slack_minutes for dates in schedule] == [0, 0, 480, 0]
    assert [dates.critical for dates in schedule] == [True, True, False, True]
    assert schedule[4].driver == 2
    assert (schedule[3].late_start, schedule[3].late_finish) == (at(6), at(6, 17))


def test_the_project_says_how_much_slack_is_critical():
    tasks = [make_task(1, duration_minutes=960), make_task(2)]
    assert schedule_plan(make_plan(tasks))[2].critical is False
    assert schedule_plan(make_plan(tasks, critical_slack_minutes=480))[2].critical is True


def test_a_milestone_stands_at_the_end_of_the_day_and_its_successor_starts_the_next():
    tasks = [make_task(1), make_task(2, duration_minutes=0), make_task(3)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)]))
    assert span(schedule[2]) == (at(4, 17), at(4, 17))
    assert schedule[2].milestone
    assert schedule[3].start == at(5)


@pytest.mark.parametrize(
    ("kind", "when", "start", "slack"),
    [
        (ConstraintKind.SNET, at(6), at(6), 480),
        (ConstraintKind.SNET, at(9), at(11), None),
        (ConstraintKind.FNET, at(6, 17), at(6), 480),
        (ConstraintKind.MSO, at(6), at(6), 0),
        (ConstraintKind.MFO, at(7, 17), at(7), 0),
        (ConstraintKind.SNLT, at(5), at(4), 480),
        (ConstraintKind.FNLT, at(5, 17), at(4), 480),
        (ConstraintKind.ALAP, None, at(7), 0),
    ],
)
def test_constraints_of_a_task_beside_four_days_of_work(kind, when, start, slack):
    tasks = [make_task(1, duration_minutes=4 * 480), make_task(2, constraint=kind, constraint_date=when)]
    dates = schedule_plan(make_plan(tasks))[2]
    assert dates.start == start
    if slack is not None:
        assert dates.total_slack_minutes == slack


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        (ConstraintKind.MSO, at(5)),
        (ConstraintKind.SNLT, at(5)),
        (ConstraintKind.MFO, at(5, 17)),
        (ConstraintKind.FNLT, at(5, 17)),
    ],
)
def test_a_constraint_that_links_cannot_keep_wins_and_shows_negative_slack(kind, when):
    tasks = [make_task(1, duration_minutes=960), make_task(2, constraint=kind, constraint_date=when), make_task(3)]
    plan = make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)])
    schedule = schedule_plan(plan)
    assert schedule[2].start == at(5)
    assert schedule[2].total_slack_minutes == -480
    assert schedule[1].total_slack_minutes == -480
    assert schedule[1].critical
    assert schedule[3].start == at(6)


def test_links_win_where_the_project_does_not_honor_constraints_and_the_slack_is_negative_all_the_same():
    tasks = [make_task(1, duration_minutes=960), make_task(2, constraint=ConstraintKind.SNLT, constraint_date=at(5))]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)], honor_constraints=False))
    assert schedule[2].start == at(6)
    assert schedule[1].total_slack_minutes == schedule[2].total_slack_minutes == -480


def test_a_missed_deadline_shows_negative_slack_and_moves_nothing():
    tasks = [make_task(1), make_task(2, deadline=at(4, 17))]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))
    assert schedule[2].start == at(5)
    assert [dates.total_slack_minutes for dates in schedule] == [-480, -480]


def test_what_follows_a_task_that_goes_as_late_as_possible_waits_for_it():
    tasks = [make_task(1, duration_minutes=4 * 480), make_task(2, constraint=ConstraintKind.ALAP), make_task(3)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 2, 3)]))
    assert schedule[2].start == at(6)
    assert schedule[3].start == at(7)
    assert schedule.project_finish == at(7, 17)


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


def test_a_plan_can_be_scheduled_back_from_its_finish():
    tasks = [make_task(1, constraint=ConstraintKind.ALAP), make_task(2, constraint=ConstraintKind.ALAP)]
    plan = make_plan(tasks, [make_link(1, 1, 2)], schedule_from=ScheduleFrom.FINISH, finish=at(15, 17))
    schedule = schedule_plan(plan)
    assert span(schedule[1]) == (at(14), at(14, 17))
    assert span(schedule[2]) == (at(15), at(15, 17))
    assert (schedule.project_start, schedule.project_finish) == (at(14), at(15, 17))


def from_finish(*constraints: ConstraintKind):
    """A day, then three days and a day side by side, to be done by the evening of the 15th."""
    tasks = [make_task(uid, constraint=constraint) for uid, constraint in enumerate(constraints, 1)]
    tasks[1] = replace(tasks[1], duration_minutes=3 * 480)
    links = [make_link(1, 1, 2), make_link(2, 1, 3)]
    return schedule_plan(make_plan(tasks, links, schedule_from=ScheduleFrom.FINISH, finish=at(15, 17)))


def test_from_the_finish_slack_is_how_much_earlier_a_task_could_be():
    schedule = from_finish(*(ConstraintKind.ALAP,) * 3)
    assert [dates.start for dates in schedule] == [at(12), at(13), at(15)]
    assert [dates.total_slack_minutes for dates in schedule] == [0, 0, 2 * 480]
    assert [dates.critical for dates in schedule] == [True, True, False]


def test_from_the_finish_a_task_that_goes_as_soon_as_possible_is_critical():
    schedule = from_finish(ConstraintKind.ALAP, ConstraintKind.ALAP, ConstraintKind.ASAP)
    assert schedule[3].start == at(13)
    assert (schedule[3].total_slack_minutes, schedule[3].critical) == (0, True)


def test_from_the_finish_too_what_goes_as_late_as_possible_pushes_what_follows():
    tasks = [make_task(1, constraint=ConstraintKind.ALAP), make_task(2), make_task(3, duration_minutes=5 * 480)]
    plan = make_plan(tasks, [make_link(1, 1, 2)], schedule_from=ScheduleFrom.FINISH, finish=at(15, 17))
    schedule = schedule_plan(plan)
    assert (schedule[1].start, schedule[2].start, schedule[3].start) == (at(14), at(15), at(11))


def test_a_task_that_can_never_be_done_is_named():
    never = Calendar(uid=2, name="Never")
    with pytest.raises(InvalidPlanError, match=r'task "Task 2" \(2\): its calendar has no working time') as refused:
        schedule_plan(make_plan([make_task(1), make_task(2, calendar_uid=2)], calendars=[working_week(), never]))
    assert refused.value.uids == (2,)


def test_a_plan_that_leaves_the_years_is_refused():
    links = [make_link(uid, uid, uid + 1, lag_minutes=52_560_000, lag_elapsed=True) for uid in range(1, 5)]
    with pytest.raises(InvalidPlanError, match="2400"):
        schedule_plan(make_plan(5, links))


def test_a_circle_of_links_is_refused_with_its_tasks_in_order():
    links = [make_link(1, 1, 2), make_link(2, 2, 3), make_link(3, 3, 1), make_link(4, 3, 4)]
    with pytest.raises(
        InvalidPlanError, match=r'"Task 1" \(1\) -> "Task 2" \(2\) -> "Task 3" \(3\) -> "Task 1"'
    ) as refused:
        schedule_plan(make_plan(4, links))
    assert refused.value.uids == (1, 2, 3)


def test_a_link_from_a_summary_to_its_own_child_is_a_circle():
    tasks = [make_task(1), make_task(2, parent_uid=1)]
    with pytest.raises(InvalidPlanError, match="circle"):
        schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))


def test_ends_of_links_and_assignments_must_be_there():
    with pytest.raises(InvalidPlanError, match="link 1: task 9 is not in the plan"):
        schedule_plan(make_plan(1, [make_link(1, 9, 1)]))
    plan = make_plan(1, assignments=[Assignment(uid=1, task_uid=1, resource_uid=5)])
    with pytest.raises(InvalidPlanError, match="assignment 1: resource 5 is not in the plan"):
        schedule_plan(plan)


def test_moves_name_what_an_edit_moved_and_its_driver():
    before = schedule_plan(make_plan(2, [make_link(1, 1, 2)]))
    after = schedule_plan(
        make_plan([make_task(1, duration_minutes=960), make_task(2), make_task(3)], [make_link(1, 1, 2)])
    )
    moved = {move.uid: move for move in moved_tasks(before, after)}
    assert set(moved) == {1, 2, 3}
    assert moved[1].finish == ("2026-01-04T17:00:00", "2026-01-05T17:00:00")
    assert (moved[2].start, moved[2].driver) == (("2026-01-05T08:00:00", "2026-01-06T08:00:00"), 1)
    assert moved[3].start == (None, "2026-01-04T08:00:00")
    gone = moved_tasks(after, before)
    assert [(move.uid, move.start) for move in gone if move.start[1] is None] == [(3, ("2026-01-04T08:00:00", None))]
    assert moved_tasks(None, after) == ()


@pytest.mark.parametrize(("elapsed", "first_beyond"), [(False, 1), (True, 4)])
def test_work_beyond_the_time_of_plans_is_refused_with_the_task(elapsed, first_beyond):
    tasks = [make_task(uid, duration_minutes=50_000_000, duration_elapsed=elapsed) for uid in range(1, 90)]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, 89)]
    with pytest.raises(InvalidPlanError, match=r"between the years 1700 and 2400") as refused:
        schedule_plan(make_plan(tasks, links))
    assert refused.value.uids == (first_beyond,)


def test_a_date_beyond_the_time_of_plans_is_refused_with_its_field():
    late = make_task(1, constraint=ConstraintKind.SNET, constraint_date=datetime(9999, 1, 1))
    with pytest.raises(InvalidPlanError, match="between the years 1700 and 2400") as refused:
        schedule_plan(make_plan([late, make_task(2)]))
    assert refused.value.place == 'constraint_date of task "Task 1" (1)'
