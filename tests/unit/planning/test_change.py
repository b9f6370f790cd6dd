from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.planning.change import apply, apply_changes, differences
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.model import Assignment, Kind, Plan, Resource
from tests.builders.plans import make_link, make_plan, make_task


def update(uid: int, /, **values: Any) -> Update:
    return Update(Kind.TASK, uid, values)


def create(kind: Kind = Kind.TASK, /, uid: int | None = None, **values: Any) -> Create:
    return Create(kind, values, uid)


def test_an_update_changes_the_named_fields_and_says_what_they_were() -> None:
    plan, changes = apply(make_plan(2), [update(2, name="ছাদ ঢালাই", duration_minutes=960)])
    assert (plan.tasks[2].name, plan.tasks[2].duration_minutes) == ("ছাদ ঢালাই", 960)
    [change] = changes
    assert change.fields == {"name": ("Task 2", "ছাদ ঢালাই"), "duration_minutes": (480, 960)}


def test_the_plan_that_was_changed_stays_as_it_was() -> None:
    before = make_plan(1)
    apply(before, [update(1, name="other"), create(name="new")])
    assert before == make_plan(1)


def test_a_field_set_back_to_its_default_is_told_with_both_values() -> None:
    _, changes = apply(make_plan([make_task(1, priority=900)]), [update(1, priority=500)])
    assert changes[0].fields == {"priority": (900, 500)}


def test_dates_come_as_text_and_are_told_as_text() -> None:
    plan, changes = apply(make_plan(1), [update(1, deadline="2026-02-01T17:00:00")])
    assert plan.tasks[1].deadline == datetime(2026, 2, 1, 17, 0)
    assert changes[0].fields == {"deadline": (None, "2026-02-01T17:00:00")}


def test_an_update_to_the_same_value_is_no_change() -> None:
    assert apply(make_plan(1), [update(1, name="Task 1")])[1] == ()


def test_a_created_task_comes_last_among_its_siblings_with_a_free_uid() -> None:
    plan, [change] = apply(make_plan(3), [create(name="new")])
    assert change.uid == 4
    assert plan.tasks[4].position > plan.tasks[3].position


def test_operations_build_on_those_before_them() -> None:
    plan, _ = apply(make_plan(1), [create(uid=7, name="new"), create(Kind.LINK, predecessor_uid=1, successor_uid=7)])
    assert plan.links[1].successor_uid == 7


def test_a_uid_does_not_return_after_its_record_is_deleted() -> None:
    plan, _ = apply(make_plan(3), [Delete(Kind.TASK, 3)])
    _, [change] = apply(plan, [create(name="new")])
    assert change.uid == 4


def test_with_a_task_go_its_children_links_and_assignments() -> None:
    plan = make_plan(
        [make_task(1), make_task(2, parent_uid=1), make_task(3, parent_uid=2), make_task(4)],
        [make_link(1, 3, 4), make_link(2, 4, 1)],
        resources=[Resource(uid=1)],
        assignments=[Assignment(uid=1, task_uid=3, resource_uid=1)],
    )
    after, changes = apply(plan, [Delete(Kind.TASK, 1)])
    assert list(after.tasks) == [4]
    assert not after.links
    assert not after.assignments
    assert {(change.kind, change.uid, change.op) for change in changes} == {
        (Kind.TASK, 1, "deleted"),
        (Kind.TASK, 2, "deleted"),
        (Kind.TASK, 3, "deleted"),
        (Kind.LINK, 1, "deleted"),
        (Kind.LINK, 2, "deleted"),
        (Kind.ASSIGNMENT, 1, "deleted"),
    }


@pytest.mark.parametrize(
    ("operation", "place", "rule"),
    [
        (update(9, name="x"), "operations[0].uid", "there is no task 9"),
        (Delete(Kind.TASK, 9), "operations[0].uid", "there is no task 9"),
        (update(1, colour="red"), "operations[0].values.colour", "a task has no such field"),
        (update(1, uid=5), "operations[0].values.uid", "a uid never changes"),
        (update(1, percent_complete=101), "operations[0].values.percent_complete", "Expected `int` <= 100"),
        (update(1, duration_minutes="long"), "operations[0].values.duration_minutes", "Expected `int`, got `str`"),
        (
            update(1, deadline="2026-01-01T00:00:00+06:00"),
            "operations[0].values.deadline",
            "Expected `datetime` with no timezone component",
        ),
        (update(1, constraint="SNET"), "operations[0].values", "constraint SNET needs a constraint_date"),
        (update(1, parent_uid=1), "operations[0].values", "a task must not be its own parent"),
        (update(1, parent_uid=9), "operations[0].parent_uid", "there is no task 9"),
        (update(1, calendar_uid=9), "operations[0].calendar_uid", "there is no calendar 9"),
        (create(uid=1, name="x"), "operations[0].uid", "there is a task 1 already"),
        (create(Kind.LINK, predecessor_uid=1), "operations[0].values", "a link needs predecessor_uid, successor_uid"),
        (
            create(Kind.LINK, predecessor_uid=1, successor_uid=1),
            "operations[0].values",
            "a task must not be linked to itself",
        ),
        (create(Kind.LINK, predecessor_uid=1, successor_uid=9), "operations[0].successor_uid", "there is no task 9"),
        (
            create(Kind.LINK, predecessor_uid=1, successor_uid=2),
            "operations[0]",
            "two tasks have at most one link of a kind in each direction",
        ),
        (create(Kind.ASSIGNMENT, task_uid=1, resource_uid=9), "operations[0].resource_uid", "there is no resource 9"),
        (create(uid=0, name="x"), "operations[0].uid", "uids begin with 1"),
        (update(1, fixed_cost="NaN"), "operations[0].values", "fixed_cost must be a finite number"),
        (update(1, fixed_cost="-1e16"), "operations[0].values", "fixed_cost must be at most 10^15"),
        (
            create(Kind.RESOURCE, standard_rate="Infinity"),
            "operations[0].values",
            "a rate must be a finite number",
        ),
        (create(Kind.PROJECT), "operations[0].kind", "a plan has one project, made with it"),
        (Delete(Kind.PROJECT, 0), "operations[0].kind", "a project is deleted whole, not by an operation"),
        (Delete(Kind.CALENDAR, 1), "operations[0]", "calendar 1 is in use"),
    ],
)
def test_a_refused_operation_names_the_place_and_the_rule(operation: Operation, place: str, rule: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        apply(make_plan(2, [make_link(1, 1, 2)]), [operation])
    assert (refused.value.place, refused.value.rule) == (place, rule)


def test_a_task_cannot_be_moved_below_its_own_child() -> None:
    plan = make_plan([make_task(1), make_task(2, parent_uid=1), make_task(3, parent_uid=2)])
    with pytest.raises(InvalidPlanError, match="below itself") as refused:
        apply(plan, [update(1, parent_uid=3)])
    assert set(refused.value.uids) == {1, 2, 3}


def operations() -> st.SearchStrategy[Operation]:
    uids = st.integers(1, 6)
    names = st.text(max_size=4)
    return st.one_of(
        st.builds(lambda uid, name: update(uid, name=name), uids, names),
        st.builds(lambda uid, days: update(uid, duration_minutes=480 * days), uids, st.integers(0, 9)),
        st.builds(lambda uid, parent: update(uid, parent_uid=parent), uids, st.none() | uids),
        st.builds(lambda name: create(name=name), names),
        st.builds(lambda a, b: create(Kind.LINK, predecessor_uid=a, successor_uid=b), uids, uids),
        st.builds(lambda uid: Delete(Kind.TASK, uid), uids),
    )


def apply_if_allowed(plan: Plan, wanted: list[Operation]) -> Plan:
    for operation in wanted:
        try:
            plan, _ = apply(plan, [operation])
        except InvalidInputError:
            continue
    return plan


@given(st.lists(operations(), max_size=12), st.lists(operations(), max_size=12))
def test_the_facts_lead_from_one_plan_to_the_other(first: list[Operation], second: list[Operation]) -> None:
    before = apply_if_allowed(make_plan(4), first)
    after = apply_if_allowed(before, second)
    assert apply_changes(before, differences(before, after)) == after
    assert apply_changes(make_plan(4), differences(make_plan(4), after)) == after


@given(st.lists(operations(), max_size=12))
def test_replaying_the_facts_of_each_operation_gives_the_same_plan(wanted: list[Operation]) -> None:
    plan = replayed = make_plan(4)
    for operation in wanted:
        try:
            plan, changes = apply(plan, [operation])
        except InvalidInputError:
            continue
        replayed = apply_changes(replayed, changes)
        assert replayed == plan
        assert replayed.next_uid(Kind.TASK) == plan.next_uid(Kind.TASK)
