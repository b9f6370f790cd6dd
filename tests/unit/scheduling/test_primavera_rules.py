"""Rules of Primavera P6, each by an example reckoned by hand (docs/scheduling-primavera.md).

Plans start on Sunday 4 January 2026; Friday and Saturday are off; a day is 08:00-12:00 and 13:00-17:00.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    CriticalBy,
    LagCalendar,
    LinkKind,
    ProgressLogic,
    Resource,
    Rules,
    SlackKind,
    TaskKind,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week

EVERY_DAY = Calendar(uid=2, name="Every day", week=(DAY,) * 7)
AFTERNOONS = Calendar(uid=3, name="Afternoons", week=(((780, 1020),),) * 7)
FS, SS, FF, SF = LinkKind.FS, LinkKind.SS, LinkKind.FF, LinkKind.SF


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour)


def p6(tasks, links=(), **project):
    calendars = [working_week(), EVERY_DAY, AFTERNOONS]
    return schedule_plan(make_plan(tasks, list(links), calendars=calendars, rules=Rules.PRIMAVERA, **project))


def days(uid, count, **values):
    return make_task(uid, duration_minutes=round(count * 480), **values)


def done(uid, start, finish, **values):
    return days(uid, 1, actual_start=start, actual_finish=finish, remaining_minutes=0, percent_complete=100, **values)


def running(uid, start, left, **values):
    return days(uid, 2, actual_start=start, remaining_minutes=round(left * 480), **values)


def span(dates):
    return dates.start, dates.finish


# The data date.


def test_work_that_has_not_started_begins_at_the_data_date():
    assert span(p6([days(1, 1)], status_date=at(6))[1]) == (at(6), at(6, 17))


def test_what_remains_of_work_in_progress_begins_at_the_data_date():
    dates = p6([running(1, at(4), 1)], status_date=at(6))[1]
    assert span(dates) == (at(4), at(6, 17))
    assert (dates.early_start, dates.early_finish) == (at(6), at(6, 17))


def test_finished_work_keeps_its_dates_and_stands_at_the_data_date_without_float():
    dates = p6([done(1, at(4), at(4, 17)), days(2, 3)], status_date=at(6))[1]
    assert span(dates) == (at(4), at(4, 17))
    assert (dates.early_start, dates.early_finish) == (at(6), at(6))
    assert (dates.total_slack_minutes, dates.free_slack_minutes, dates.critical) == (0, 0, False)


def test_a_lead_takes_nothing_before_the_data_date():
    schedule = p6([days(1, 1), days(2, 1)], [make_link(1, 1, 2, lag_minutes=-960)], status_date=at(6))
    assert schedule[2].start == at(6)


def test_suspended_work_goes_on_when_it_is_resumed():
    task = running(1, at(4), 1, stop=at(5), resume=at(11))
    assert p6([task], status_date=at(6))[1].finish == at(11, 17)


def test_work_resumed_before_the_data_date_goes_on_from_there():
    task = running(1, at(4), 1, stop=at(5), resume=at(5, 13))
    assert p6([task], status_date=at(6))[1].finish == at(6, 17)


# Work that started before its predecessors finished.


@pytest.mark.parametrize(
    ("logic", "finish"),
    [
        (ProgressLogic.RETAINED_LOGIC, at(7, 17)),
        (ProgressLogic.PROGRESS_OVERRIDE, at(5, 17)),
        (ProgressLogic.ACTUAL_DATES, at(5, 17)),
    ],
)
def test_work_started_out_of_sequence_waits_only_by_retained_logic(logic, finish):
    schedule = p6([days(1, 2), running(2, at(4), 1)], [make_link(1, 1, 2)], status_date=at(5), progress_logic=logic)
    assert schedule[2].finish == finish


@pytest.mark.parametrize(
    ("logic", "finish"),
    [(ProgressLogic.PROGRESS_OVERRIDE, at(5, 17)), (ProgressLogic.ACTUAL_DATES, at(6, 17))],
)
def test_by_actual_dates_it_waits_for_predecessors_that_have_started(logic, finish):
    schedule = p6(
        [running(1, at(4), 1), running(2, at(4), 1)], [make_link(1, 1, 2)], status_date=at(5), progress_logic=logic
    )
    assert schedule[2].finish == finish


def test_by_progress_override_started_work_does_not_hold_back_late_dates_either():
    """Work in progress before work that has begun, and before work that begins on Thursday."""
    tasks = [
        running(1, at(4), 1),
        running(2, at(4), 1, constraint=ConstraintKind.FNLT, constraint_date=at(5, 17)),
        days(3, 1, constraint=ConstraintKind.SNET, constraint_date=at(8)),
    ]
    links = [make_link(1, 1, 2), make_link(2, 1, 3)]
    retained, override = (
        p6(tasks, links, status_date=at(4), progress_logic=logic)[1]
        for logic in (ProgressLogic.RETAINED_LOGIC, ProgressLogic.PROGRESS_OVERRIDE)
    )
    assert (retained.late_finish, retained.free_slack_minutes) == (at(4, 17), 0)
    assert (override.late_finish, override.free_slack_minutes) == (at(7, 17), 3 * 480)


def test_by_retained_logic_a_predecessor_holds_through_finished_work():
    tasks = [days(1, 2), done(2, at(4), at(4, 17)), days(3, 1)]
    schedule = p6(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)], status_date=at(5))
    assert schedule[2].early_finish == at(6, 17)
    assert schedule[3].start == at(7)


# Lags.


@pytest.mark.parametrize(
    ("calendar", "start"),
    [
        (None, at(12)),
        (LagCalendar.PREDECESSOR, at(12)),
        (LagCalendar.SUCCESSOR, at(10)),
        (LagCalendar.PROJECT, at(12)),
        (LagCalendar.ELAPSED, at(9)),
    ],
)
def test_a_lag_runs_in_the_calendar_that_the_project_says(calendar, start):
    tasks = [days(1, 5), days(2, 1, calendar_uid=2)]
    assert p6(tasks, [make_link(1, 1, 2, lag_minutes=480)], lag_calendar=calendar)[2].start == start


def test_of_the_lag_after_finished_work_counts_what_has_not_run():
    tasks = [done(1, at(4), at(4, 17)), days(2, 1)]
    assert p6(tasks, [make_link(1, 1, 2, lag_minutes=960)], status_date=at(6))[2].start == at(7)


def test_a_lag_that_has_run_since_holds_nothing():
    tasks = [done(1, at(4), at(4, 17)), days(2, 1)]
    assert p6(tasks, [make_link(1, 1, 2, lag_minutes=480)], status_date=at(6))[2].start == at(6)


def test_a_start_start_lag_runs_with_the_work_of_a_predecessor_in_progress():
    tasks = [running(1, at(4), 2), days(2, 1)]
    assert p6(tasks, [make_link(1, 1, 2, kind=SS, lag_minutes=960)], status_date=at(5))[2].start == at(6)


@pytest.mark.parametrize(("from_early_start", "start"), [(True, at(12)), (False, at(6))])
def test_a_start_start_lag_runs_with_the_rest_or_from_the_actual_start_as_the_project_says(from_early_start, start):
    """What is left of 2 waits for 1, which ends on Thursday the 8th; a day of the lag is spent by then."""
    tasks = [days(1, 4), running(2, at(4), 2), days(3, 1)]
    links = [make_link(1, 1, 2), make_link(2, 2, 3, kind=SS, lag_minutes=960)]
    schedule = p6(tasks, links, status_date=at(5), start_lag_from_early_start=from_early_start)
    assert schedule[3].start == start


def test_a_finish_finish_lag_runs_from_the_finish_and_the_work_is_done_by_then():
    tasks = [days(1, 2), days(2, 1)]
    schedule = p6(tasks, [make_link(1, 1, 2, kind=FF, lag_minutes=480)])
    assert span(schedule[2]) == (at(6), at(6, 17))


def test_a_finish_asked_for_on_a_day_off_is_shown_when_work_begins_again():
    """The first ends on Thursday noon and works on Friday too, the other does not: not on Thursday evening."""
    tasks = [days(1, 4.5, calendar_uid=2), days(2, 1)]
    found = p6(tasks, [make_link(1, 1, 2, kind=FF, lag_minutes=480)])
    assert span(found[2]) == (at(8), at(11))


def test_what_remains_ends_on_no_day_off_either():
    tasks = [days(1, 5.5, calendar_uid=2), running(2, at(4), 1)]
    found = p6(tasks, [make_link(1, 1, 2, kind=FF)], status_date=at(4))
    assert span(found[2]) == (at(4), at(11))


def test_a_link_that_asks_for_work_before_the_data_date_leaves_the_finish_to_the_one_that_does_not():
    tasks = [days(1, 1), days(2, 7, calendar_uid=2), days(3, 5)]
    links = [make_link(1, 1, 3, kind=FF, lag_minutes=480), make_link(2, 2, 3, kind=FF)]
    found = p6(tasks, links)[3]
    assert span(found) == (at(4), at(11))
    assert found.driver == 2


def test_a_start_finish_link_never_asks_for_work_before_the_data_date():
    assert p6([days(1, 1), days(2, 3)], [make_link(1, 1, 2, kind=SF)])[2].start == at(4)


# Constraints.


@pytest.mark.parametrize(
    ("kind", "date", "start"),
    [
        (ConstraintKind.SO, at(4), at(6)),
        (ConstraintKind.SO, at(8), at(8)),
        (ConstraintKind.MSO, at(4), at(4)),
        (ConstraintKind.FO, at(4, 17), at(6)),
        (ConstraintKind.FO, at(8, 17), at(8)),
        (ConstraintKind.MFO, at(4, 17), at(4)),
        (ConstraintKind.SNET, at(4), at(6)),
        (ConstraintKind.SNET, at(7), at(7)),
        (ConstraintKind.FNET, at(7, 17), at(7)),
        (ConstraintKind.SNLT, at(4), at(6)),
        (ConstraintKind.FNLT, at(4, 17), at(6)),
    ],
)
def test_only_mandatory_dates_win_over_links(kind, date, start):
    tasks = [days(1, 2), days(2, 1, constraint=kind, constraint_date=date)]
    assert p6(tasks, [make_link(1, 1, 2)])[2].start == start


@pytest.mark.parametrize("kind", [ConstraintKind.SO, ConstraintKind.SNLT])
def test_a_start_that_links_make_too_late_is_negative_float(kind):
    tasks = [days(1, 2), days(2, 1, constraint=kind, constraint_date=at(4))]
    schedule = p6(tasks, [make_link(1, 1, 2)])
    assert (schedule[2].late_start, schedule[2].total_slack_minutes) == (at(4), -960)
    assert schedule[1].total_slack_minutes == -960


def test_a_second_constraint_bounds_the_other_side():
    task = days(
        1,
        2,
        constraint=ConstraintKind.SNET,
        constraint_date=at(6),
        second_constraint=ConstraintKind.FNLT,
        second_constraint_date=at(6, 17),
    )
    dates = p6([task])[1]
    assert (dates.start, dates.total_slack_minutes) == (at(6), -480)


def test_a_second_constraint_puts_a_start_off():
    task = days(1, 1, second_constraint=ConstraintKind.SNET, second_constraint_date=at(7))
    assert p6([task])[1].start == at(7)


def test_a_date_without_a_time_takes_the_time_of_the_start_it_puts_off():
    late = {"constraint": ConstraintKind.SNET, "constraint_date": at(6, 0)}
    tasks = [days(1, 0.25), days(2, 1, **late), days(3, 1, **late)]
    schedule = p6(tasks, [make_link(1, 1, 2)])
    assert (schedule[2].start, schedule[3].start) == (at(6, 10), at(6, 8))


def test_a_date_on_the_day_of_the_predecessors_finish_does_not_pull_work_before_it():
    tasks = [days(1, 1.5), days(2, 1, constraint=ConstraintKind.SNET, constraint_date=at(5))]
    assert p6(tasks, [make_link(1, 1, 2)])[2].start == at(5, 13)


def test_work_as_late_as_possible_takes_its_free_float_and_moves_nobody():
    tasks = [days(1, 1, constraint=ConstraintKind.ALAP), days(2, 1), days(3, 3)]
    schedule = p6(tasks, [make_link(1, 1, 2), make_link(2, 3, 2)])
    assert span(schedule[1]) == (at(6), at(6, 17))
    assert schedule[2].start == at(7)
    assert schedule[1].total_slack_minutes == 0


def test_work_as_late_as_possible_is_never_earlier_than_its_predecessors_allow():
    tasks = [
        days(1, 1),
        days(2, 1, constraint=ConstraintKind.ALAP),
        days(3, 1, constraint=ConstraintKind.MSO, constraint_date=at(4)),
    ]
    assert p6(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)])[2].start == at(5)


def test_work_as_late_as_possible_without_successors_ends_with_the_project():
    assert span(p6([days(1, 1, constraint=ConstraintKind.ALAP), days(2, 3)])[1]) == (at(6), at(6, 17))


@pytest.mark.parametrize(("used", "finish"), [(True, at(8, 17)), (False, at(4, 17))])
def test_the_expected_finish_decides_what_remains_if_the_project_says_so(used, finish):
    schedule = p6([days(1, 1, expected_finish=at(8, 17))], use_expected_finish=used)
    assert span(schedule[1]) == (at(4), finish)


def test_an_expected_finish_before_the_data_date_is_none():
    task = running(1, at(4), 1, expected_finish=at(5, 17))
    assert p6([task], status_date=at(6))[1].finish == at(6, 17)


def test_dates_from_other_projects_bound_early_start_and_late_finish():
    schedule = p6([days(1, 1, external_early_start=at(6)), days(2, 1, external_late_finish=at(5, 17)), days(3, 5)])
    assert schedule[1].start == at(6)
    assert (schedule[2].late_finish, schedule[2].total_slack_minutes) == (at(5, 17), 480)


# Kinds of activity.


def test_a_start_milestone_stands_in_the_morning_and_a_finish_milestone_in_the_evening():
    tasks = [
        days(1, 1),
        days(2, 0, kind=TaskKind.START_MILESTONE),
        days(3, 0, kind=TaskKind.FINISH_MILESTONE),
    ]
    schedule = p6(tasks, [make_link(1, 1, 2), make_link(2, 1, 3)])
    assert span(schedule[2]) == (at(5), at(5))
    assert span(schedule[3]) == (at(4, 17), at(4, 17))


def test_a_resource_dependent_activity_takes_as_long_as_its_resource():
    plan = make_plan(
        [days(1, 1, kind=TaskKind.RESOURCE_DEPENDENT), days(2, 1)],
        calendars=[working_week(), AFTERNOONS],
        resources=[Resource(uid=1, calendar_uid=3)],
        assignments=[Assignment(uid=uid, task_uid=uid, resource_uid=1, work_minutes=480) for uid in (1, 2)],
        rules=Rules.PRIMAVERA,
    )
    schedule = schedule_plan(plan)
    assert span(schedule[1]) == (at(4, 13), at(5, 17))
    assert span(schedule[2]) == (at(4), at(4, 17))


def test_two_resources_each_at_their_units_and_delay_the_last_ends_the_activity():
    plan = make_plan(
        [days(1, 1, kind=TaskKind.RESOURCE_DEPENDENT)],
        resources=[Resource(uid=1), Resource(uid=2)],
        assignments=[
            Assignment(uid=1, task_uid=1, resource_uid=1, units=0.5, work_minutes=480),
            Assignment(uid=2, task_uid=1, resource_uid=2, work_minutes=480, delay_minutes=960),
        ],
        rules=Rules.PRIMAVERA,
    )
    assert schedule_plan(plan)[1].finish == at(6, 17)


def test_what_remains_of_resource_dependent_work_is_what_its_resources_have_left():
    plan = make_plan(
        [running(1, at(4), 1, kind=TaskKind.RESOURCE_DEPENDENT)],
        resources=[Resource(uid=1)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1, work_minutes=960, remaining_work_minutes=240)],
        rules=Rules.PRIMAVERA,
        status_date=at(6),
    )
    assert schedule_plan(plan)[1].finish == at(6, 12)


def effort(uid=4):
    return days(uid, 0, kind=TaskKind.LEVEL_OF_EFFORT)


def test_level_of_effort_spans_what_it_is_linked_to_and_drives_nobody():
    tasks = [days(1, 1), days(2, 2), days(3, 5), effort()]
    links = [make_link(1, 1, 2), make_link(2, 1, 4, kind=SS), make_link(3, 2, 4, kind=FF), make_link(4, 4, 3)]
    schedule = p6(tasks, links)
    assert span(schedule[4]) == (at(4), at(6, 17))
    assert (schedule[4].total_slack_minutes, schedule[4].driver) == (960, 1)
    assert schedule[3].start == at(4)


@pytest.mark.parametrize(("kind", "slack"), [(SlackKind.START, 960), (SlackKind.FINISH, 0), (SlackKind.LEAST, 0)])
def test_total_float_is_of_the_start_the_finish_or_the_lesser(kind, slack):
    """Level of effort from an activity with two days of float to one without any."""
    tasks = [days(1, 1), days(3, 3), effort()]
    links = [make_link(1, 1, 4, kind=SS), make_link(2, 3, 4, kind=FF)]
    assert p6(tasks, links, slack_kind=kind)[4].total_slack_minutes == slack


def test_level_of_effort_over_finished_work_is_finished():
    tasks = [done(1, at(4), at(4, 17)), done(2, at(5), at(5, 17)), days(3, 2), effort()]
    schedule = p6(tasks, [make_link(1, 1, 4, kind=SS), make_link(2, 2, 4, kind=FF)], status_date=at(6))
    assert span(schedule[4]) == (at(4), at(5, 17))
    assert schedule[4].total_slack_minutes == 0


def test_a_wbs_summary_activity_spans_its_summary():
    tasks = [
        make_task(1),
        days(2, 1, parent_uid=1),
        days(3, 3, parent_uid=1),
        days(4, 0, parent_uid=1, kind=TaskKind.WBS_SUMMARY),
    ]
    assert span(p6(tasks)[4]) == (at(4), at(6, 17))


def test_a_summary_shows_actual_dates_and_the_float_of_what_is_not_finished():
    tasks = [
        make_task(1),
        done(2, at(4), at(4, 17), parent_uid=1),
        days(3, 1, parent_uid=1),
        days(4, 3),
    ]
    dates = p6(tasks, status_date=at(6))[1]
    assert span(dates) == (at(4), at(6, 17))
    assert dates.total_slack_minutes == 960


def test_links_of_a_summary_hold_its_children_though_p6_has_none():
    tasks = [days(1, 2), make_task(2), days(3, 1, parent_uid=2)]
    assert p6(tasks, [make_link(1, 1, 2)])[3].start == at(6)


# Late dates and floats.


@pytest.mark.parametrize(("date", "slack"), [(at(8, 17), 1920), (at(4, 12), -240)])
def test_late_dates_are_counted_from_the_date_by_which_the_project_must_finish(date, slack):
    dates = p6([days(1, 1)], must_finish=date)[1]
    assert (dates.late_finish, dates.total_slack_minutes) == (date, slack)


@pytest.mark.parametrize(("open_ends", "slack"), [(False, 960), (True, 0)])
def test_open_ends_may_be_made_critical(open_ends, slack):
    assert p6([days(1, 1), days(2, 3)], open_ends_critical=open_ends)[1].total_slack_minutes == slack


def test_the_float_of_work_in_progress_is_that_of_its_finish():
    dates = p6([running(1, at(4), 1), days(2, 3)], status_date=at(5), slack_kind=SlackKind.LEAST)[1]
    assert dates.total_slack_minutes == 960


def test_free_float_is_the_gap_to_the_next_activity_or_to_the_end():
    tasks = [days(1, 1), days(2, 3), days(3, 1), days(4, 1)]
    schedule = p6(tasks, [make_link(1, 1, 3), make_link(2, 2, 3)])
    assert [schedule[uid].free_slack_minutes for uid in (1, 2, 3, 4)] == [960, 0, 0, 1440]


def test_the_longest_path_is_critical_whatever_its_float():
    tasks = [days(1, 2), days(2, 1), days(3, 1)]
    schedule = p6(
        tasks,
        [make_link(1, 1, 3), make_link(2, 2, 3)],
        must_finish=at(15, 17),
        critical_by=CriticalBy.LONGEST_PATH,
    )
    assert [schedule[uid].critical for uid in (1, 2, 3)] == [True, False, True]
