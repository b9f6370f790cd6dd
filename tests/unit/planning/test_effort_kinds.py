"""Delays, and kinds of tasks: which of them take part in units times duration."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.change import apply
from nirman.planning.commands import Create
from nirman.planning.model import Kind, Split, TaskKind
from tests.builders.effort import DURATION, FASTER, LONGER, MORE, assign, crew, edited, numbers, share, task, work_of


def test_a_delay_makes_the_task_longer_and_leaves_the_work():
    plan = edited(crew({}), share(delay_minutes=240))
    assert numbers(plan) == (720, 1.0, 480)
    assert numbers(edited(plan, share(delay_minutes=0))) == (480, 1.0, 480)


def test_what_comes_after_a_delay_is_what_changes_with_the_duration():
    plan = edited(crew({"delay_minutes": 240, "work_minutes": 480}, duration_minutes=720), task(duration_minutes=1200))
    assert numbers(plan) == (1200, 1.0, 960)
    with pytest.raises(InvalidInputError, match="longer than the delays"):
        apply(plan, [task(duration_minutes=200)])


def test_of_fixed_duration_a_delay_changes_nothing():
    assert numbers(edited(crew({}, effort=DURATION), share(delay_minutes=240))) == (480, 1.0, 480)


def test_one_who_joins_late_makes_the_task_longer():
    plan = edited(crew({}), assign(2, delay_minutes=240))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(720, 1.0, 480), (720, 1.0, 480)]


def test_an_elapsed_duration_is_worked_on_day_and_night():
    plan = edited(crew({}, duration_elapsed=True), task(duration_minutes=1440))
    assert numbers(plan) == (1440, 1.0, 1440)


def test_pauses_are_no_part_of_the_duration():
    plan = crew({}, splits=(Split(after_minutes=240, pause_minutes=480),))
    assert numbers(edited(plan, FASTER)) == (240, 2.0, 480)


def test_a_milestone_has_no_work_and_gets_it_with_a_duration():
    plan = edited(crew({"work_minutes": 480}), task(duration_minutes=0))
    assert numbers(plan) == (0, 1.0, 0)
    assert numbers(edited(plan, LONGER)) == (960, 1.0, 960)
    assert numbers(edited(plan, MORE)) == (960, 1.0, 960)


@pytest.mark.parametrize(
    "kind", [TaskKind.LEVEL_OF_EFFORT, TaskKind.WBS_SUMMARY, TaskKind.START_MILESTONE, TaskKind.FINISH_MILESTONE]
)
def test_kinds_without_a_duration_of_their_own_take_no_part(kind):
    plan = crew({"work_minutes": 480}, kind=kind)
    assert edited(plan, LONGER).assignments == plan.assignments
    assert edited(plan, FASTER).tasks == plan.tasks


def test_a_resource_dependent_task_takes_part():
    assert numbers(edited(crew({}, kind=TaskKind.RESOURCE_DEPENDENT), FASTER)) == (240, 2.0, 480)


def test_a_summary_takes_no_part():
    plan = crew({"work_minutes": 480})
    plan = edited(plan, Create(Kind.TASK, {"parent_uid": 1}, 2))
    assert edited(plan, FASTER).tasks == plan.tasks


def test_a_manual_task_with_dates_keeps_its_duration():
    dates = {"manual_start": datetime(2026, 1, 4, 8), "manual_finish": datetime(2026, 1, 4, 17)}
    assert numbers(edited(crew({}, manual=True, **dates), FASTER)) == (480, 2.0, 960)
    assert numbers(edited(crew({}, manual=True), FASTER)) == (240, 2.0, 480)


def test_a_finished_task_takes_no_part():
    done = {"actual_start": datetime(2026, 1, 4, 8), "actual_finish": datetime(2026, 1, 4, 17), "percent_complete": 100}
    plan = crew({"work_minutes": 480}, **done)
    assert edited(plan, FASTER).tasks == plan.tasks
    plan = edited(plan, LONGER)
    assert (work_of(plan), plan.tasks[1].percent_complete) == (480, 100)
