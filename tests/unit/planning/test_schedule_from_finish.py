"""Schedules by hand: back from the project's finish."""

from __future__ import annotations

from dataclasses import replace

from nirman.planning.model import ConstraintKind, ScheduleFrom
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.schedules import at, span


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
