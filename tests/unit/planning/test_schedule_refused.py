"""Plans that cannot be scheduled, and what an edit moved."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.errors import InvalidPlanError
from nirman.planning.model import Assignment, Calendar, ConstraintKind
from nirman.planning.moves import moved_tasks
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task, working_week


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
