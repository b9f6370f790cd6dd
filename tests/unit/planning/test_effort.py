"""Units times duration is work, by hand for each rule, and after any edits."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidInputError
from nirman.planning.change import apply, apply_changes
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.events import Event
from nirman.planning.merge import Since
from nirman.planning.model import (
    Assignment,
    Calendar,
    EffortKind,
    Kind,
    Plan,
    Resource,
    ResourceKind,
    Rules,
    Split,
    TaskKind,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan, make_task, working_week

UNITS, DURATION, WORK = EffortKind.FIXED_UNITS, EffortKind.FIXED_DURATION, EffortKind.FIXED_WORK
MATERIAL, MONEY, NIGHTS = 8, 9, 7
PEOPLE = [Resource(uid=uid) for uid in (1, 2, 3)]
OTHERS = [Resource(uid=MATERIAL, kind=ResourceKind.MATERIAL), Resource(uid=MONEY, kind=ResourceKind.COST)]


class Numbers(NamedTuple):
    duration: int
    units: float
    work: int


def crew(*assignments: dict[str, Any], **task: Any) -> Plan:
    """Task 1, and assignment n of person n to it."""
    return make_plan(
        [make_task(1, **task)],
        resources=PEOPLE + OTHERS,
        assignments=[
            Assignment(**{"uid": uid, "task_uid": 1, "resource_uid": uid} | values)
            for uid, values in enumerate(assignments, 1)
        ],
    )


def task(**values: Any) -> Update:
    return Update(Kind.TASK, 1, values)


def share(uid: int = 1, /, **values: Any) -> Update:
    return Update(Kind.ASSIGNMENT, uid, values)


def assign(resource: int, /, **values: Any) -> Create:
    return Create(Kind.ASSIGNMENT, {"task_uid": 1, "resource_uid": resource} | values, resource)


def remove(uid: int) -> Delete:
    return Delete(Kind.ASSIGNMENT, uid)


def edited(plan: Plan, *operations: Operation) -> Plan:
    """The plan after one command; whoever follows by the facts has the same."""
    after, changes = apply(plan, operations)
    assert apply_changes(plan, changes) == after
    return after


def work_of(plan: Plan, uid: int = 1) -> int:
    assignment = plan.assignments[uid]
    duration = plan.tasks[assignment.task_uid].duration_minutes
    return round(duration * assignment.units) if assignment.work_minutes is None else assignment.work_minutes


def numbers(plan: Plan, uid: int = 1) -> Numbers:
    return Numbers(plan.tasks[1].duration_minutes, plan.assignments[uid].units, work_of(plan, uid))


LONGER = task(duration_minutes=960)
MORE = share(work_minutes=960)
MORE_IN_ALL = task(work_minutes=960)
FASTER = share(units=2.0)


@pytest.mark.parametrize("stated", [None, 480], ids=["open", "stated"])
@pytest.mark.parametrize(
    ("effort", "edit", "expected"),
    [
        (UNITS, LONGER, Numbers(960, 1.0, 960)),
        (UNITS, MORE, Numbers(960, 1.0, 960)),
        (UNITS, MORE_IN_ALL, Numbers(960, 1.0, 960)),
        (UNITS, FASTER, Numbers(240, 2.0, 480)),
        (DURATION, LONGER, Numbers(960, 1.0, 960)),
        (DURATION, MORE, Numbers(480, 2.0, 960)),
        (DURATION, MORE_IN_ALL, Numbers(480, 2.0, 960)),
        (DURATION, FASTER, Numbers(480, 2.0, 960)),
        (WORK, LONGER, Numbers(960, 0.5, 480)),
        (WORK, MORE, Numbers(960, 1.0, 960)),
        (WORK, MORE_IN_ALL, Numbers(960, 1.0, 960)),
        (WORK, FASTER, Numbers(240, 2.0, 480)),
    ],
)
def test_what_follows_an_edit_of_one(effort, edit, expected, stated):
    assert numbers(edited(crew({"work_minutes": stated}, effort=effort), edit)) == expected


@pytest.mark.parametrize("effort", EffortKind)
def test_work_that_was_left_open_stays_open_where_it_is_the_product(effort):
    for edit in (LONGER, FASTER):
        assert edited(crew({}, effort=effort), edit).assignments[1].work_minutes is None


def test_work_that_rounding_parts_from_the_product_is_written_down():
    plan = edited(crew({}, duration_minutes=500, effort=WORK), share(units=3.0))
    assert (plan.tasks[1].duration_minutes, plan.assignments[1].work_minutes) == (167, 500)


def test_work_takes_a_minute_at_least():
    assert numbers(edited(crew({"units": 5.0}), share(work_minutes=1))) == (1, 5.0, 1)


def test_units_follow_to_a_hundredth_of_a_percent():
    plan = edited(crew({}, effort=WORK), task(duration_minutes=700))
    assert (plan.assignments[1].units, work_of(plan)) == (0.6857, 480)


@pytest.mark.parametrize("effort", EffortKind)
@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((task(duration_minutes=960), share(units=2.0)), Numbers(960, 2.0, 1920)),
        ((task(duration_minutes=960), share(work_minutes=480)), Numbers(960, 0.5, 480)),
        ((task(duration_minutes=960, work_minutes=480),), Numbers(960, 0.5, 480)),
        ((share(units=2.0, work_minutes=480),), Numbers(240, 2.0, 480)),
        ((share(units=2.0), task(work_minutes=1920)), Numbers(960, 2.0, 1920)),
        ((task(duration_minutes=960), share(units=2.0, work_minutes=1920)), Numbers(960, 2.0, 1920)),
    ],
)
def test_of_two_edited_at_once_the_third_follows_whatever_the_kind(effort, edits, expected):
    for order in (edits, edits[::-1]):
        assert numbers(edited(crew({}, effort=effort), *order)) == expected


def test_the_kind_that_a_command_sets_is_the_one_that_counts():
    assert numbers(edited(crew({}, effort=UNITS), task(effort="fixed_work", duration_minutes=960))).units == 0.5
    assert numbers(edited(crew({}), task(effort="fixed_work"))) == (480, 1.0, 480)


@pytest.mark.parametrize(
    ("edits", "place", "rule"),
    [
        (
            (task(duration_minutes=960), share(units=1.0, work_minutes=480)),
            "operations[1].values.work_minutes",
            "units times duration must be work: 1 x 960 minutes is not 480",
        ),
        (
            (share(units=2.0, work_minutes=2000), task(duration_minutes=480)),
            "operations[0].values.work_minutes",
            "units times duration must be work: 2 x 480 minutes is not 2000",
        ),
        (
            (task(duration_minutes=480, work_minutes=960), share(units=1.0)),
            "operations[1].values.units",
            "units times duration must be work: 1 x 480 minutes is not 960",
        ),
        (
            (task(work_minutes=960), share(work_minutes=480)),
            "operations[0].values.work_minutes",
            "the work of a task must be that of its assignments, what is done included",
        ),
        ((share(units=0.0, work_minutes=480),), "operations[0].values.units", "work needs units above 0"),
        (
            (share(work_minutes=480, remaining_work_minutes=100, actual_work_minutes=100),),
            "operations[0].values.work_minutes",
            "work must be what is done and what remains",
        ),
        (
            (share(work_minutes=100, actual_work_minutes=200),),
            "operations[0].values.work_minutes",
            "work must not be less than what is done of it",
        ),
    ],
)
def test_a_command_that_contradicts_itself_is_refused(edits, place, rule):
    with pytest.raises(InvalidInputError) as refused:
        apply(crew({}), edits)
    assert (refused.value.place, refused.value.rule) == (place, rule)


def test_fixed_work_needs_time():
    with pytest.raises(InvalidInputError, match="work that is left needs time"):
        apply(crew({}, effort=WORK), [task(duration_minutes=0)])


@pytest.mark.parametrize(
    ("plan", "edit", "rule"),
    [
        (crew({"units": 0.01}), share(work_minutes=52_000_000), "over a hundred years"),
        (crew({}, effort=DURATION, duration_minutes=1), share(work_minutes=50_000_000), "over 1000000"),
    ],
)
def test_what_would_follow_stays_within_bounds(plan, edit, rule):
    with pytest.raises(InvalidInputError, match=rule):
        apply(plan, [edit])


def test_a_value_said_again_is_no_edit():
    plan = crew({"units": 1 / 3, "work_minutes": 160}, {"work_minutes": 100})
    again = (task(duration_minutes=480), share(units=1 / 3, work_minutes=160), share(2, work_minutes=100, units=1.0))
    assert apply(plan, again)[1] == ()
    assert apply(plan, again[:1])[1] == ()


def test_all_three_said_again_are_no_contradiction_where_a_file_has_them_so():
    plan = crew({"work_minutes": 100})
    assert apply(plan, [task(duration_minutes=480), share(units=1.0, work_minutes=100)])[1] == ()


def test_all_three_said_agree_when_the_delay_is_counted():
    said = (task(duration_minutes=720), share(units=1.0, work_minutes=480))
    assert numbers(edited(crew({"delay_minutes": 240}), *said)) == (720, 1.0, 480)


def test_units_that_agree_are_not_rounded():
    plan = crew({"units": 1 / 3, "work_minutes": 160}, effort=WORK)
    assert apply(plan, [task(duration_minutes=480)])[1] == ()


def test_the_least_of_units_is_a_hundredth_of_a_percent():
    plan = edited(crew({}, effort=DURATION, duration_minutes=48_000), share(work_minutes=1))
    assert plan.assignments[1].units == 0.0001


# Several assignments.


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


# Who works on it.


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


# Delays.


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


# Kinds of tasks.


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


# Progress.

HALF_DONE = {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 50}


def progress(plan: Plan) -> tuple[int, int, int | None]:
    return plan.tasks[1].duration_minutes, plan.tasks[1].percent_complete, plan.tasks[1].remaining_minutes


def work_done(plan: Plan, uid: int = 1) -> int:
    actual = plan.assignments[uid].actual_work_minutes
    return round(work_of(plan, uid) * plan.tasks[1].percent_complete / 100) if actual is None else actual


def test_what_is_done_stays_when_the_duration_changes():
    plan = edited(crew({}, **HALF_DONE), LONGER)
    assert progress(plan) == (960, 25, None)
    assert plan.assignments[1] == crew({}).assignments[1]
    plan = edited(crew(**HALF_DONE), task(duration_minutes=1000))
    assert progress(plan) == (1000, 24, None)
    plan = edited(crew(**HALF_DONE), task(duration_minutes=1100))
    assert progress(plan) == (1100, 21, 860)
    assert progress(edited(crew(**HALF_DONE), task(duration_minutes=200))) == (200, 100, None)


@pytest.mark.parametrize(
    ("effort", "edit", "expected", "done"),
    [
        (UNITS, FASTER, Numbers(360, 2.0, 480), 67),
        (UNITS, MORE, Numbers(960, 1.0, 960), 25),
        (DURATION, FASTER, Numbers(480, 2.0, 720), 50),
        (DURATION, MORE, Numbers(480, 3.0, 960), 50),
        (WORK, LONGER, Numbers(960, 0.3333, 480), 25),
        (WORK, FASTER, Numbers(360, 2.0, 480), 67),
    ],
)
def test_of_a_started_task_only_what_remains_changes(effort, edit, expected, done):
    """240 of 480 minutes are done."""
    plan = edited(crew({}, effort=effort, **HALF_DONE), edit)
    assert numbers(plan) == expected
    assert (plan.tasks[1].percent_complete, work_done(plan)) in {(done, 240), (done - 1, 240)}


def test_a_delay_of_what_has_started_is_past():
    plan = crew({"delay_minutes": 100, "work_minutes": 480}, **HALF_DONE)
    assert numbers(edited(plan, FASTER)) == (360, 2.0, 480)


def test_what_remains_is_shared_with_those_who_join():
    plan = edited(crew({}, effort_driven=True, **HALF_DONE), assign(2))
    assert plan.tasks[1].duration_minutes == 240 + 120
    assert [(work_of(plan, uid), work_done(plan, uid)) for uid in (1, 2)] == [(360, 240), (120, 0)]


def test_the_first_to_be_assigned_have_done_what_is_done():
    plan = edited(crew(**HALF_DONE), assign(1))
    assert (work_of(plan), work_done(plan), progress(plan)) == (480, 240, (480, 50, None))
    plan = edited(crew(work_minutes=960, **HALF_DONE), assign(1))
    assert (work_of(plan), work_done(plan), plan.tasks[1].duration_minutes) == (960, 480, 240 + 480)


def test_work_done_and_left_that_is_stated_follows_too():
    stated = {"work_minutes": 480, "actual_work_minutes": 200, "remaining_work_minutes": 280}
    plan = edited(crew(stated, **HALF_DONE, remaining_minutes=280), task(duration_minutes=800))
    assert progress(plan)[2] == 560
    after = plan.assignments[1]
    assert (after.work_minutes, after.actual_work_minutes, after.remaining_work_minutes) == (760, 200, 560)


def test_a_report_changes_neither_work_nor_units():
    plan = crew({}, **HALF_DONE)
    after = edited(plan, task(percent_complete=75))
    assert (after.assignments, after.tasks[1].duration_minutes) == (plan.assignments, 480)
    after = edited(plan, task(remaining_minutes=300))
    assert (after.assignments, after.tasks[1].duration_minutes) == (plan.assignments, 480)


def test_work_that_is_stated_follows_a_report():
    """300 minutes are done of 480; with 60 left, another 120 are."""
    stated = {"actual_work_minutes": 300, "remaining_work_minutes": 180}
    plan = crew(stated, {}, **HALF_DONE, remaining_minutes=180)
    after = edited(plan, task(remaining_minutes=60))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (420, 60)
    assert after.assignments[2] == plan.assignments[2]
    after = edited(plan, task(percent_complete=75))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (360, 120)
    after = edited(plan, task(remaining_minutes=60), share(remaining_work_minutes=100, actual_work_minutes=310))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (310, 100)
    less = crew(stated | {"remaining_work_minutes": 90}, **HALF_DONE, remaining_minutes=180)
    assert edited(less, task(remaining_minutes=60)).assignments[1].remaining_work_minutes == 30
    after = edited(edited(plan, task(work_minutes=960)), task(remaining_minutes=400))
    assert (work_of(after), after.assignments[1].actual_work_minutes) == (700, 300)
    assert after.tasks[1].work_minutes == 960 + 220


def test_a_report_of_percent_complete_says_what_is_left():
    plan = crew({}, **HALF_DONE, remaining_minutes=300)
    assert progress(edited(plan, task(percent_complete=75))) == (480, 75, None)
    assert progress(edited(plan, task(percent_complete=75, remaining_minutes=200))) == (480, 75, 200)


def test_percent_complete_said_again_leaves_what_remains():
    assert progress(edited(crew({}, **HALF_DONE, remaining_minutes=300), task(percent_complete=50, name="x"))) == (
        480,
        50,
        300,
    )


def test_what_a_command_says_of_progress_stands():
    plan = edited(crew({}, **HALF_DONE), task(duration_minutes=960, percent_complete=50))
    assert (progress(plan), numbers(plan)) == ((960, 50, None), (960, 1.0, 960))
    assert plan.assignments[1] == crew({}).assignments[1]
    plan = edited(crew({}, {"work_minutes": 120}, **HALF_DONE), task(duration_minutes=960, percent_complete=50))
    assert (work_of(plan, 2), plan.assignments[2].actual_work_minutes) == (180, 60)
    stated = {"work_minutes": 480, "actual_work_minutes": 240, "remaining_work_minutes": 240}
    plan = edited(crew(stated, **HALF_DONE), FASTER, task(percent_complete=75))
    assert (progress(plan), work_of(plan), work_done(plan)) == ((420, 75, 60), 480, 360)
    plan = edited(crew({}, **HALF_DONE), FASTER, task(percent_complete=75))
    assert (progress(plan), work_of(plan), work_done(plan)) == ((420, 75, 60), 480, 360)


# Primavera's rules.


def activity(effort: EffortKind, /, begun: bool = False, **values: Any) -> Plan:
    """Of 4800 minutes planned, 1200 are left in one that has begun."""
    stated = {"work_minutes": 4800, "actual_work_minutes": 0, "remaining_work_minutes": 4800}
    if begun:
        stated = {"work_minutes": 4800, "actual_work_minutes": 3600, "remaining_work_minutes": 1200}
        values = {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 75, "remaining_minutes": 1200} | values
    plan = crew(stated, effort=effort, duration_minutes=4800, **values)
    return make_plan(
        list(plan.tasks.values()),
        resources=PEOPLE,
        assignments=list(plan.assignments.values()),
        rules=Rules.PRIMAVERA,
    )


def test_fixed_duration_and_units_of_p6_is_fixed_duration_that_effort_drives():
    longer = task(duration_minutes=9600)
    assert numbers(edited(activity(DURATION), longer)) == (9600, 1.0, 9600)
    assert numbers(edited(activity(DURATION, effort_driven=True), longer)) == (9600, 0.5, 4800)
    assert numbers(edited(activity(DURATION, effort_driven=True), assign(2))) == (4800, 0.5, 2400)


def test_an_activity_whose_remaining_duration_is_open_gets_one():
    plan = edited(activity(UNITS, begun=True, remaining_minutes=None), FASTER)
    assert (progress(plan), plan.assignments[1].remaining_work_minutes) == ((4800, 75, 600), 1200)
    assert progress(edited(plan, task(percent_complete=80))) == (4800, 80, None)


def test_an_edited_duration_changes_work_by_microsoft_s_rules_also_where_effort_drives():
    assert numbers(edited(crew({}, effort=DURATION, effort_driven=True), LONGER)) == (960, 1.0, 960)


def test_a_begun_activity_keeps_its_planned_duration_and_what_remains_follows():
    plan = edited(activity(UNITS, begun=True), FASTER)
    assert progress(plan) == (4800, 75, 600)
    assert (work_of(plan), work_done(plan), plan.assignments[1].remaining_work_minutes) == (4800, 3600, 1200)
    plan = edited(activity(UNITS, begun=True), task(duration_minutes=9600))
    assert (progress(plan), work_of(plan)) == ((9600, 75, 1200), 4800)


# Facts and merging.


def test_what_follows_is_told_in_the_same_facts():
    _, changes = apply(crew({"work_minutes": 480}, {}), [LONGER])
    assert [(change.kind, change.uid, change.fields) for change in changes] == [
        (Kind.TASK, 1, {"duration_minutes": (480, 960)}),
        (Kind.ASSIGNMENT, 1, {"work_minutes": (480, 960)}),
    ]


@pytest.mark.parametrize("effort", [UNITS, WORK])
def test_of_two_who_edit_units_and_duration_at_once_the_second_is_told(effort):
    """What followed from the one edit is what the other says."""
    seen = crew({}, effort=effort)
    for first, second in ((FASTER, LONGER), (LONGER, FASTER)):
        head, committed = apply(seen, [first])
        conflicts = Since([event(committed)]).conflicts(apply(head, [second])[1])
        assert "duration_minutes" in {conflict.field for conflict in conflicts}


def test_of_two_who_edit_units_and_duration_of_fixed_duration_both_stand():
    seen = crew({}, effort=DURATION)
    for first, second in ((FASTER, LONGER), (LONGER, FASTER)):
        head, committed = apply(seen, [first])
        after, changes = apply(head, [second])
        assert not Since([event(committed)]).conflicts(changes)
        assert numbers(after) == (960, 2.0, 1920)
    stated = crew({"work_minutes": 480}, effort=DURATION)
    head, committed = apply(stated, [FASTER])
    [conflict] = Since([event(committed)]).conflicts(apply(head, [LONGER])[1])
    assert (conflict.field, conflict.base, conflict.theirs, conflict.yours) == ("work_minutes", 480, 960, 1920)


def test_the_values_before_take_an_edit_back():
    for effort in EffortKind:
        before = crew({"work_minutes": 480}, {"units": 0.5}, effort=effort)
        for edit in (LONGER, MORE, FASTER, remove(2)):
            after, changes = apply(before, [edit])
            back = [
                Update(change.kind, change.uid, {name: was for name, (was, _) in change.fields.items()})
                if change.op == "updated"
                else Create(change.kind, {name: was for name, (was, _) in change.fields.items()}, change.uid)
                for change in changes
            ]
            assert apply(after, back)[0].tasks == before.tasks
            assert apply(after, back)[0].assignments == before.assignments


def event(changes: Any) -> Event:
    return Event(
        format=1,
        tenant="t",
        project="p",
        revision=2,
        type="plan.changed",
        command_id="c",
        user="u",
        user_name="U",
        at="2026-01-04T00:00:00.000+00:00",
        previous_digest="",
        changes=changes,
    )


# Any edits.

_MINUTES = st.integers(1, 20_000)
_UNITS = st.integers(1, 500).map(lambda percent: percent / 100)
_ONE_EDIT = st.one_of(
    st.builds(lambda minutes: [task(duration_minutes=minutes)], _MINUTES),
    st.builds(lambda minutes: [task(work_minutes=minutes)], _MINUTES),
    st.builds(lambda minutes: [share(work_minutes=minutes)], _MINUTES),
    st.builds(lambda units: [share(units=units)], _UNITS),
    st.builds(lambda minutes, units: [task(duration_minutes=minutes), share(units=units)], _MINUTES, _UNITS),
    st.builds(lambda minutes, work: [task(duration_minutes=minutes, work_minutes=work)], _MINUTES, _MINUTES),
    st.builds(lambda kind: [task(effort=kind)], st.sampled_from(EffortKind)),
)


def rounded(plan: Plan, uid: int) -> float:
    """What work may be off by: a minute of each unit, and a hundredth of a percent of the time."""
    assignment = plan.assignments[uid]
    return max(1.0, assignment.units) + plan.tasks[1].duration_minutes * 0.0001


@settings(max_examples=200, deadline=None)
@given(st.lists(_ONE_EDIT, max_size=12), st.sampled_from(EffortKind), st.booleans())
def test_units_times_duration_is_work_after_any_edits(edits, effort, stated):
    plan = crew({"work_minutes": 480 if stated else None}, effort=effort, work_minutes=480 if stated else 0)
    for operations in edits:
        with suppress(InvalidInputError):  # what would follow is out of bounds
            plan = edited(plan, *operations)
        assert abs(numbers(plan).units * numbers(plan).duration - numbers(plan).work) <= rounded(plan, 1)
        assert plan.tasks[1].work_minutes in (0, work_of(plan))
        if stated:
            assert plan.assignments[1].work_minutes is not None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("units"), st.sampled_from((1, 2, 3)), _UNITS),
            st.tuples(st.just("work"), st.sampled_from((1, 2, 3)), _MINUTES),
            st.tuples(st.just("member"), st.sampled_from((1, 2, 3)), _UNITS),
            st.tuples(st.just("duration"), st.just(0), _MINUTES),
        ),
        max_size=12,
    ),
    st.sampled_from([UNITS, WORK]),
)
def test_a_task_is_as_long_as_its_longest_assignment_after_any_edits(edits, effort):
    plan = crew({}, {"units": 0.5}, effort=effort, effort_driven=True)
    for what, uid, value in edits:
        there = uid in plan.assignments
        if what == "duration":
            with suppress(InvalidInputError):  # what would follow is out of bounds
                plan = edited(plan, task(duration_minutes=value))
        elif what == "member":
            if not there:
                plan = keeping_work(plan, assign(uid, units=value))
            elif len(plan.assignments) > 1:
                plan = keeping_work(plan, remove(uid))
        elif there:
            plan = edited(plan, share(uid, **{"units": value} if what == "units" else {"work_minutes": value}))
        duration = plan.tasks[1].duration_minutes
        over = [work_of(plan, uid) - one.units * duration for uid, one in plan.assignments.items()]
        # Half a hundredth of the units is as good as none, and what several edits round off adds up.
        off = [duration * 0.01 + len(edits) * rounded(plan, uid) for uid in plan.assignments]
        assert all(more <= most for more, most in zip(over, off, strict=True))
        assert any(more >= -most for more, most in zip(over, off, strict=True))


def keeping_work(plan: Plan, operation: Operation) -> Plan:
    after = edited(plan, operation)
    before = sum(work_of(plan, uid) for uid in plan.assignments)
    assert before in (0, sum(work_of(after, uid) for uid in after.assignments))
    return after


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((1, 2, 3)), _UNITS), max_size=10), _MINUTES, st.sampled_from(EffortKind))
def test_the_work_of_a_task_that_effort_drives_is_constant_whoever_joins_and_leaves(edits, duration, effort):
    plan = crew({}, duration_minutes=duration, effort=effort, effort_driven=True)
    for uid, units in edits:
        if uid not in plan.assignments:
            plan = keeping_work(plan, assign(uid, units=units))
        elif len(plan.assignments) > 1:
            plan = keeping_work(plan, remove(uid))
        if effort is DURATION:
            assert plan.tasks[1].duration_minutes == duration
