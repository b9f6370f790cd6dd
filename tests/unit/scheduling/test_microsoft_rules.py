"""Rules of MS Project that a plan meets seldom. Plans start on Sunday 4 January 2026; Friday and Saturday are off."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.planning.model import Calendar, ConstraintKind, LinkKind, Split, TaskKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task, working_week

NIGHTS = Calendar(uid=2, name="Nights", week=(((0, 360), (1320, 1440)),) * 7)


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour)


def span(dates) -> tuple[datetime, datetime]:
    return dates.start, dates.finish


def after_one_day(kind: LinkKind, lag: int, minutes: int = 480):
    """The dates of a task linked to one of a day that starts with the project."""
    plan = make_plan(
        [make_task(1), make_task(2, duration_minutes=minutes)], [make_link(1, 1, 2, kind=kind, lag_minutes=lag)]
    )
    return schedule_plan(plan)[2]


@pytest.mark.parametrize(
    ("kind", "lag", "minutes", "start"),
    [
        (LinkKind.FS, -960, 480, at(1)),
        (LinkKind.SS, -480, 480, at(1)),
        (LinkKind.SF, 0, 480, at(1)),
        (LinkKind.FF, 0, 960, at(4)),
        (LinkKind.FF, -480, 480, at(4)),
    ],
)
def test_links_may_ask_for_a_start_before_the_project_but_finish_finish_does_not(kind, lag, minutes, start):
    """Thursday 1 January is the working day before the project's start."""
    assert after_one_day(kind, lag, minutes).start == start


@pytest.mark.parametrize(
    ("constraint", "when", "start"),
    [
        (ConstraintKind.SNET, at(1), at(1)),
        (ConstraintKind.FNET, at(1, 17), at(1)),
        (ConstraintKind.SNLT, at(5), at(4)),
        (ConstraintKind.FNLT, at(5, 17), at(4)),
    ],
)
def test_a_date_may_ask_for_a_start_before_the_project_where_there_are_no_links(constraint, when, start):
    task = make_task(1, constraint=constraint, constraint_date=when)
    assert schedule_plan(make_plan([task]))[1].start == start


def test_a_link_into_its_summary_frees_a_task_from_the_start_of_the_project():
    tasks = [make_task(1, position=1.0), make_task(2, position=2.0), make_task(3, parent_uid=2)]
    links = [make_link(1, 1, 2, lag_minutes=-960)]
    assert schedule_plan(make_plan(tasks, links))[3].start == at(1)


def test_a_finish_asked_for_in_the_morning_stays_there_for_start_finish_only():
    tasks = [make_task(1, duration_minutes=960), make_task(2), make_task(3), make_task(4, calendar_uid=2), make_task(5)]
    links = [
        make_link(1, 1, 2),
        make_link(2, 2, 3, kind=LinkKind.SF),
        make_link(3, 1, 4),
        make_link(4, 4, 5, kind=LinkKind.FF),
    ]
    schedule = schedule_plan(make_plan(tasks, links, calendars=[working_week(), NIGHTS]))
    assert schedule[2].start == at(6)
    assert span(schedule[3]) == (at(5), at(6))
    assert schedule[4].finish == at(6, 6)
    assert span(schedule[5]) == (at(5), at(5, 17))


def test_a_milestone_with_a_calendar_of_its_own_waits_for_its_working_time():
    tasks = [make_task(1, duration_minutes=0), make_task(2, duration_minutes=0, calendar_uid=2)]
    schedule = schedule_plan(make_plan(tasks, calendars=[working_week(), NIGHTS]))
    assert schedule[1].start == at(4)
    assert schedule[2].start == at(4, 22)


def test_of_children_that_start_together_the_first_holds_the_start_of_their_summary():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1),
        make_task(3, parent_uid=1),
        make_task(4, position=2.0, duration_minutes=5 * 480),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 4, kind=LinkKind.SS)]))
    assert schedule[2].total_slack_minutes == 0
    assert schedule[3].total_slack_minutes == 4 * 480


def test_a_started_task_finishes_no_earlier_than_its_constraint_asks():
    task = make_task(
        1, actual_start=at(4), percent_complete=50, constraint=ConstraintKind.FNET, constraint_date=at(7, 17)
    )
    assert span(schedule_plan(make_plan([task]))[1]) == (at(4), at(7, 17))


def test_a_split_task_pauses():
    splits = (Split(after_minutes=480, pause_minutes=960), Split(after_minutes=720, pause_minutes=240))
    tasks = [make_task(1, duration_minutes=960, splits=splits), make_task(2, duration_minutes=10 * 480)]
    dates = schedule_plan(make_plan(tasks))[1]
    assert span(dates) == (at(4), at(8, 12))
    assert dates.total_slack_minutes == 10 * 480 - 960 - 960 - 240


def test_what_remains_of_a_started_split_task_pauses_too():
    splits = (Split(after_minutes=480, pause_minutes=480), Split(after_minutes=960, pause_minutes=480))
    task = make_task(
        1, duration_minutes=1440, splits=splits, actual_start=at(4), percent_complete=50, remaining_minutes=720
    )
    assert span(schedule_plan(make_plan([task]))[1]) == (at(4), at(8, 17))


def test_a_levelling_delay_counts_from_when_the_task_could_begin():
    """Not from Thursday evening, when its predecessor ends: a day later is then still the weekend."""
    tasks = [make_task(1, duration_minutes=5 * 480), make_task(2, leveling_delay_minutes=1440)]
    assert schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))[2].start == at(12)


@pytest.mark.parametrize(
    ("constraint", "when"), [(ConstraintKind.SNET, at(11)), (ConstraintKind.FNET, at(11, 17))], ids=["start", "finish"]
)
def test_a_levelling_delay_counts_from_the_date_that_a_constraint_asks_for(constraint, when):
    task = make_task(1, constraint=constraint, constraint_date=when, leveling_delay_minutes=1440)
    assert schedule_plan(make_plan([task]))[1].start == at(12)


@pytest.mark.parametrize("kind", [LinkKind.FS, LinkKind.SS, LinkKind.FF])
def test_a_levelling_delay_is_no_slack_of_predecessors(kind):
    """Two elapsed days of delay before the last task: who is one working day late moves it."""
    tasks = [make_task(1), make_task(2, leveling_delay_minutes=2880)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2, kind=kind)]))
    assert (schedule[1].total_slack_minutes, schedule[1].free_slack_minutes) == (0, 0)
    assert schedule.network.link_slack(1) == 0


def test_a_task_that_must_start_on_a_day_is_not_held_back_by_levelling():
    must = {"constraint": ConstraintKind.MSO, "constraint_date": at(11)}
    tasks = [make_task(1), make_task(2, leveling_delay_minutes=2880, **must)]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))
    assert schedule[2].start == at(11)
    assert schedule[1].total_slack_minutes == 4 * 480


def test_what_is_left_of_started_work_is_not_asked_for_before_it_goes_on():
    """It goes on after its predecessor, and its deadline has passed by then: that is its slack, not the other's."""
    begun = {"actual_start": at(4), "percent_complete": 50, "remaining_minutes": 480, "resume": at(6)}
    tasks = [
        make_task(1, duration_minutes=960),
        make_task(2, duration_minutes=960, deadline=at(4, 17), **begun),
    ]
    schedule = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))
    assert span(schedule[2]) == (at(4), at(6, 17))
    assert schedule[2].total_slack_minutes == -960
    assert schedule[1].total_slack_minutes == 0


@pytest.mark.parametrize(
    ("constraint", "when"), [(ConstraintKind.MSO, at(6)), (ConstraintKind.MFO, at(6, 17))], ids=["start", "finish"]
)
def test_a_task_that_must_be_on_a_day_has_that_day_as_its_latest(constraint, when):
    """Also where a successor that starts with it has to be earlier."""
    tasks = [make_task(1, constraint=constraint, constraint_date=when), make_task(2, deadline=at(4, 17))]
    dates = schedule_plan(make_plan(tasks, [make_link(1, 1, 2, kind=LinkKind.SS)]))[1]
    assert (dates.late_start, dates.late_finish) == (at(6), at(6, 17))


def test_a_link_into_a_summary_leaves_room_for_its_manual_children_too():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, position=2.0),
        make_task(3, parent_uid=2, manual=True, manual_start=at(7), manual_finish=at(7, 17), deadline=at(7, 17)),
        make_task(4, position=3.0, duration_minutes=10 * 480),
    ]
    dates = schedule_plan(make_plan(tasks, [make_link(1, 1, 2)]))[1]
    assert dates.late_finish == at(6, 17)


def hammock(*links, **values):
    """Task 3 hangs between a day and what follows it, four days; task 4 takes ten beside them."""
    tasks = [
        make_task(1),
        make_task(2, duration_minutes=4 * 480),
        make_task(3, kind=TaskKind.LEVEL_OF_EFFORT, **values),
        make_task(4, duration_minutes=10 * 480),
        make_task(5),
    ]
    return schedule_plan(make_plan(tasks, [make_link(9, 1, 2), *links]))


def test_a_hammock_spans_what_it_is_linked_to_early_and_late():
    schedule = hammock(make_link(1, 1, 3, kind=LinkKind.SS), make_link(2, 2, 3, kind=LinkKind.FF))
    assert span(schedule[3]) == (at(4), at(8, 17))
    assert schedule[3].late_finish == schedule[2].late_finish == at(15, 17)
    assert schedule[3].total_slack_minutes == 5 * 480


def test_a_hammock_may_hang_on_what_follows_it_and_drives_nothing():
    schedule = hammock(make_link(1, 1, 3), make_link(2, 3, 2, kind=LinkKind.FF), make_link(3, 3, 5))
    assert span(schedule[3]) == (at(4, 17), at(8, 17))
    assert schedule[5].start == at(4)
    assert schedule[5].driver is None


def test_a_hammock_that_has_begun_keeps_its_start():
    links = (make_link(1, 1, 3, kind=LinkKind.SS), make_link(2, 2, 3, kind=LinkKind.FF))
    assert span(hammock(*links, actual_start=at(5))[3]) == (at(5), at(8, 17))
