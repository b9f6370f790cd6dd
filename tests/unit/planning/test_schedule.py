"""Schedules by hand: links, lags, slack, constraints."""

from __future__ import annotations

import pytest

from nirman.planning.model import Calendar, ConstraintKind, LinkKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week
from tests.builders.schedules import at, linked, span


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
