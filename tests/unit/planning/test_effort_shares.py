"""What several who work on a task do, and what becomes of the work when they join and leave."""

from __future__ import annotations

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.change import apply
from nirman.planning.commands import Create, Delete
from nirman.planning.model import Assignment, Calendar, EffortKind, Kind, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.effort import (
    DURATION,
    FASTER,
    LONGER,
    MATERIAL,
    MONEY,
    MORE,
    NIGHTS,
    PEOPLE,
    UNITS,
    WORK,
    assign,
    crew,
    edited,
    numbers,
    remove,
    share,
    task,
    work_of,
)
from tests.builders.plans import make_plan, make_task, working_week


def test_each_assignment_keeps_its_units_when_the_duration_of_all_changes():
    plan = edited(crew({"units": 2.5}, {"units": 0.5}), LONGER)
    assert (work_of(plan, 1), work_of(plan, 2)) == (2400, 480)
    plan = edited(crew({"units": 2.5}, {"units": 0.5}, effort=WORK), LONGER)
    assert (plan.assignments[1].units, plan.assignments[2].units) == (1.25, 0.25)


def test_the_work_of_a_task_is_divided_as_the_work_of_its_assignments_was():
    plan = edited(crew({"units": 2.0}, {"units": 1.0}), task(work_minutes=2880))
    assert (work_of(plan, 1), work_of(plan, 2), plan.tasks[1].duration_minutes) == (1920, 960, 960)


def test_work_said_of_one_leaves_the_rest_of_the_task_s_to_the_others():
    plan = edited(crew({}, {}), task(work_minutes=1500), share(2, work_minutes=900))
    assert (work_of(plan, 1), work_of(plan, 2), plan.tasks[1].duration_minutes) == (600, 900, 900)


def test_a_task_lasts_as_long_as_the_longest_of_its_assignments():
    plan = edited(crew({}, {}), MORE)
    assert (numbers(plan, 1), numbers(plan, 2)) == ((960, 1.0, 960), (960, 1.0, 480))
    plan = edited(crew({}, {}), FASTER)
    assert (numbers(plan, 1), numbers(plan, 2)) == ((480, 2.0, 480), (480, 1.0, 480))


def test_units_that_a_file_rounded_are_those_that_it_meant():
    """A third and two thirds of 480 minutes."""
    third, two_thirds = {"units": 0.33, "work_minutes": 160}, {"units": 0.67, "work_minutes": 320}
    assert work_of(edited(crew(third), LONGER)) == 320
    assert edited(crew(two_thirds, {}), share(2, units=2.0)).tasks[1].duration_minutes == 480


def test_a_part_of_the_duration_stays_that_part_of_it():
    plan = edited(crew({}, {"work_minutes": 120}), LONGER)
    assert (work_of(plan, 1), work_of(plan, 2)) == (960, 240)
    plan = edited(crew({}, {"work_minutes": 120}, effort=DURATION), share(2, units=2.0))
    assert numbers(plan, 2) == (480, 2.0, 240)


def test_work_of_zero_is_an_edit_only_of_a_task_that_states_some():
    assert numbers(edited(crew({}), task(work_minutes=0, name="x"))) == (480, 1.0, 480)
    assert numbers(edited(crew({}, work_minutes=480), task(work_minutes=0))) == (0, 1.0, 0)


def test_the_work_a_task_states_is_the_sum_of_its_assignments():
    plan = edited(crew({}, {"units": 0.5}, work_minutes=720), LONGER)
    assert plan.tasks[1].work_minutes == 1440
    assert edited(crew({}), LONGER).tasks[1].work_minutes == 0


def test_work_that_a_task_states_beyond_what_is_assigned_stays():
    assert edited(crew({}, work_minutes=960), LONGER).tasks[1].work_minutes == 1440
    assert edited(crew({}, work_minutes=960, effort_driven=True), remove(1)).tasks[1].work_minutes == 960


def test_work_of_a_task_that_nobody_works_on_gives_units():
    assert numbers(edited(crew({"units": 0.0}, effort=DURATION), task(work_minutes=480))) == (480, 1.0, 480)


def test_work_in_a_calendar_of_its_own_changes_in_proportion():
    """A night worker's 600 minutes take 600 of his calendar, which the task counts as 480."""
    nights = Calendar(uid=NIGHTS, name="Nights", week=(((0, 360),),) * 7)
    plan = make_plan(
        [make_task(1)],
        resources=[Resource(uid=1, calendar_uid=NIGHTS)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1, work_minutes=600)],
        calendars=[working_week(), nights],
    )
    assert numbers(edited(plan, LONGER)) == (960, 1.0, 1200)
    assert numbers(edited(plan, share(work_minutes=300))) == (240, 1.0, 300)
    assert numbers(edited(plan, task(duration_minutes=480), share(units=2.0, work_minutes=900))) == (480, 2.0, 900)
    ignoring = edited(plan, task(ignore_resource_calendar=True))
    with pytest.raises(InvalidInputError, match="2 x 480 minutes is not 1200"):
        apply(ignoring, [task(duration_minutes=480), share(units=2.0, work_minutes=1200)])
    assert schedule_plan(edited(plan, LONGER))[1].finish > schedule_plan(plan)[1].finish


def test_materials_and_costs_take_no_part():
    plan = crew({}, effort_driven=True)
    plan = edited(plan, assign(MATERIAL, units=5.0), assign(MONEY))
    assert numbers(plan) == (480, 1.0, 480)
    plan = edited(plan, share(MATERIAL, units=9.0), share(MATERIAL, work_minutes=60))
    assert numbers(plan) == (480, 1.0, 480)
    plan = edited(plan, LONGER, remove(MATERIAL))
    assert numbers(plan) == (960, 1.0, 960)
    assert plan.assignments[MONEY].work_minutes is None


@pytest.mark.parametrize(
    ("effort", "expected"),
    [(UNITS, [(240, 1.0, 240)] * 2), (WORK, [(240, 1.0, 240)] * 2), (DURATION, [(480, 0.5, 240)] * 2)],
)
def test_of_a_task_that_effort_drives_the_work_is_shared_with_those_who_join(effort, expected):
    plan = edited(crew({}, effort=effort, effort_driven=True), assign(2))
    assert [numbers(plan, 1), numbers(plan, 2)] == expected
    plan = edited(plan, remove(1))
    assert numbers(plan, 2) == (480, 1.0, 480)


def test_the_work_is_shared_in_proportion_to_units():
    plan = edited(crew({}, effort_driven=True), assign(2, units=3.0))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(120, 1.0, 120), (120, 3.0, 360)]
    plan = edited(crew({}, effort=DURATION, effort_driven=True), assign(2, units=3.0))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(480, 0.25, 120), (480, 0.75, 360)]


def test_work_said_of_one_is_not_shared():
    plan = edited(crew({}, {}, effort_driven=True), assign(3), share(work_minutes=600))
    assert [work_of(plan, uid) for uid in (1, 2, 3)] == [600, 240, 240]
    assert plan.tasks[1].duration_minutes == 600


def test_whoever_brings_work_adds_it():
    plan = edited(crew({}, effort_driven=True), assign(2, work_minutes=960))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(960, 1.0, 480), (960, 1.0, 960)]


@pytest.mark.parametrize("effort", EffortKind)
def test_of_other_tasks_the_work_is_more_or_less(effort):
    plan = edited(crew({}, effort=effort, work_minutes=480), assign(2, units=2.0))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(480, 1.0, 480), (480, 2.0, 960)]
    assert plan.tasks[1].work_minutes == 1440
    plan = edited(plan, remove(1))
    assert (numbers(plan, 2), plan.tasks[1].work_minutes) == ((480, 2.0, 960), 960)


def test_without_the_longest_a_task_is_shorter():
    assert numbers(edited(crew({}, {"work_minutes": 120}), remove(1)), 2) == (120, 1.0, 120)
    assert numbers(edited(crew({}, {"work_minutes": 120}, effort=DURATION), remove(1)), 2) == (480, 1.0, 120)


@pytest.mark.parametrize("change", [share(resource_uid=3), share(resource_uid=3, cost="5")])
def test_another_person_in_the_same_place_changes_no_number(change):
    assert numbers(edited(crew({}, {}, effort_driven=True), change)) == (480, 1.0, 480)


def test_whose_place_a_material_takes_is_gone():
    plan = edited(crew({}, {}, effort_driven=True), share(resource_uid=MATERIAL))
    assert numbers(plan, 2) == (960, 1.0, 960)


def test_with_a_person_go_the_assignments():
    plan = edited(crew({}, {}, effort_driven=True), Delete(Kind.RESOURCE, 1))
    assert numbers(plan, 2) == (960, 1.0, 960)


def test_an_assignment_that_moves_to_another_task_leaves_one_and_joins_the_other():
    plan = make_plan(
        [make_task(1, effort_driven=True), make_task(2, duration_minutes=960)],
        resources=PEOPLE,
        assignments=[Assignment(uid=uid, task_uid=1, resource_uid=uid) for uid in (1, 2)],
    )
    after = edited(plan, share(2, task_uid=2))
    assert numbers(after, 1) == (960, 1.0, 960)
    assert work_of(after, 2) == 960


@pytest.mark.parametrize(
    ("effort", "work", "expected"),
    [
        (UNITS, 0, [(480, 1.0, 480), (480, 2.0, 960)]),
        (UNITS, 1440, [(480, 1.0, 480), (480, 2.0, 960)]),
        (UNITS, 2880, [(960, 1.0, 960), (960, 2.0, 1920)]),
        (WORK, 2880, [(960, 1.0, 960), (960, 2.0, 1920)]),
        (DURATION, 2880, [(480, 1.0, 480), (480, 2.0, 960)]),
    ],
)
@pytest.mark.parametrize("driven", [True, False])
def test_the_first_to_be_assigned_take_the_task_s_own_work_or_else_its_duration(effort, work, expected, driven):
    plan = edited(crew(effort=effort, work_minutes=work, effort_driven=driven), assign(1), assign(2, units=2.0))
    assert [numbers(plan, 1), numbers(plan, 2)] == expected


def test_of_fixed_duration_units_follow_the_task_s_own_work_unless_they_are_said():
    assert numbers(edited(crew(effort=DURATION, work_minutes=720), assign(1))) == (480, 1.5, 720)
    plan = edited(crew(effort=DURATION, work_minutes=720), assign(1, units=1.0))
    assert (numbers(plan), plan.tasks[1].work_minutes) == ((480, 1.0, 480), 480)


def test_a_duration_that_is_said_decides_before_the_task_s_own_work():
    plan = edited(crew(work_minutes=480), LONGER, assign(1))
    assert (numbers(plan), plan.tasks[1].work_minutes) == ((960, 1.0, 960), 960)


def test_a_task_and_its_assignments_may_come_in_one_command():
    created = Create(Kind.TASK, {"duration_minutes": 960, "work_minutes": 480}, 2)
    joined = Create(Kind.ASSIGNMENT, {"task_uid": 2, "resource_uid": 1}, 1)
    plan = edited(crew(), created, joined)
    assert (plan.tasks[2].duration_minutes, plan.assignments[1].units, work_of(plan)) == (960, 0.5, 480)
    plan = edited(crew(), Create(Kind.TASK, {"work_minutes": 960}, 2), joined)
    assert (plan.tasks[2].duration_minutes, plan.assignments[1].units, work_of(plan)) == (960, 1.0, 960)


def test_a_task_that_effort_drives_keeps_its_work_when_nobody_is_left():
    plan = edited(crew({"units": 2.0}, effort_driven=True), remove(1))
    assert (plan.tasks[1].duration_minutes, plan.tasks[1].work_minutes) == (480, 960)
    assert numbers(edited(plan, assign(2)), 2) == (960, 1.0, 960)
    plan = edited(crew({"units": 2.0}, work_minutes=960), remove(1))
    assert (plan.tasks[1].duration_minutes, plan.tasks[1].work_minutes) == (480, 0)


def test_without_assignments_duration_and_work_are_apart():
    plan = edited(crew(work_minutes=960), LONGER)
    assert (plan.tasks[1].duration_minutes, plan.tasks[1].work_minutes) == (960, 960)
    assert edited(crew(), task(work_minutes=960)).tasks[1].duration_minutes == 480


def test_who_joins_a_milestone_that_effort_drives_keeps_the_units():
    plan = edited(crew({}, effort=DURATION, effort_driven=True, duration_minutes=0), assign(2))
    assert [numbers(plan, 1), numbers(plan, 2)] == [(0, 1.0, 0)] * 2


def test_units_of_nobody_are_no_work():
    plan = edited(crew({}, {}), share(units=0.0))
    assert (numbers(plan, 1), numbers(plan, 2)) == ((480, 0.0, 0), (480, 1.0, 480))
    assert numbers(edited(plan, share(units=2.0))) == (480, 2.0, 960)
