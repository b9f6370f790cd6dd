"""Two people changed the plan from the same revision."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.errors import ConflictError
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.model import Assignment, Kind, Plan, Resource
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.two_people import pair


def task(uid: int = 1, **parts: Any) -> Update:
    return Update(Kind.TASK, uid, **parts)


def crew(**values: Any) -> Plan:
    return make_plan(
        [make_task(1, **values), make_task(2), make_task(3)],
        [make_link(1, 1, 2)],
        resources=[Resource(uid=uid, name=f"Crew {uid}") for uid in (1, 2, 3)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)],
    )


def assignees(plan: Plan, uid: int = 1) -> set[int]:
    return {a.resource_uid for a in plan.assignments.values() if a.task_uid == uid}


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (task(add={"labels": ["wet"]}), task(add={"labels": ["late"]}), {"labels": ("late", "old", "wet")}),
        (task(add={"labels": ["wet"]}), task(add={"labels": ["wet"]}), {"labels": ("old", "wet")}),
        (task(add={"labels": ["wet"]}), task(remove={"labels": ["old"]}), {"labels": ("wet",)}),
        (task(remove={"labels": ["old"]}), task(remove={"labels": ["old"]}), {"labels": ()}),
        (task(values={"labels": ["new"]}), task(add={"labels": ["wet"]}), {"labels": ("new", "wet")}),
        (task(increase={"percent_complete": 20}), task(increase={"percent_complete": 30}), {"percent_complete": 60}),
        (task(values={"duration_minutes": 960}), task(increase={"duration_minutes": 60}), {"duration_minutes": 1020}),
    ],
)
def test_sets_and_amounts_of_two_both_stand(first: Operation, second: Operation, outcome: dict[str, Any]) -> None:
    both = pair(crew(labels=("old",), percent_complete=10))
    base = both.head
    both.rahim(first, base=base)
    done = both.karim(second, base=base)
    assert done.merged
    assert {name: getattr(done.state.plan.tasks[1], name) for name in outcome} == outcome


def test_two_who_add_and_remove_assignees_at_once_both_succeed() -> None:
    both = pair(crew(effort_driven=True, work_minutes=480))
    base = both.head
    both.rahim(task(add={"assignees": [2]}), base=base)
    both.karim(task(add={"assignees": [3, 2]}), base=base)
    assert assignees(both.plan) == {1, 2, 3}
    both.rahim(task(remove={"assignees": [1]}), base=base)
    both.karim(task(remove={"assignees": [1]}), base=base)
    assert assignees(both.plan) == {2, 3}


def test_the_adding_wins_over_a_removal_that_cannot_have_seen_it() -> None:
    both = pair(crew(labels=("old",)))
    base = both.head
    both.rahim(task(remove={"labels": ["old"]}, add={"labels": ["wet"]}))
    both.rahim(task(add={"labels": ["old"], "assignees": [2]}))
    both.karim(task(remove={"labels": ["old", "wet"], "assignees": [2]}), base=base)
    assert both.plan.tasks[1].labels == ("old", "wet")
    assert assignees(both.plan) == {1, 2}
    both.karim(task(remove={"labels": ["old", "wet"], "assignees": [2]}))
    assert (both.plan.tasks[1].labels, assignees(both.plan)) == ((), {1})


def test_adding_wins_in_the_other_order_too() -> None:
    both = pair(crew(labels=("old",)))
    base = both.head
    both.rahim(task(remove={"labels": ["old"]}), base=base)
    both.karim(task(add={"labels": ["old"]}), base=base)
    assert both.plan.tasks[1].labels == ("old",)


@pytest.mark.parametrize(
    ("first", "second", "field", "values"),
    [
        (task(add={"labels": ["wet"]}), task(values={"labels": ["x"]}), "labels", (("old",), ("x",), ("old", "wet"))),
        (task(increase={"percent_complete": 5}), task(values={"percent_complete": 9}), "percent_complete", (0, 9, 5)),
        (task(values={"name": "A"}), task(values={"name": "B"}, add={"labels": ["x"]}), "name", ("Task 1", "B", "A")),
    ],
)
def test_saying_what_it_is_conflicts_with_what_another_did_meanwhile(
    first: Operation, second: Operation, field: str, values: tuple[Any, Any, Any]
) -> None:
    both = pair(crew(labels=("old",)))
    base = both.head
    both.rahim(first, base=base)
    with pytest.raises(ConflictError) as refused:
        both.karim(second, base=base)
    [conflict] = refused.value.conflicts
    assert (conflict.field, conflict.by, conflict.revision) == (field, "Rahim", base + 1)
    assert (conflict.base, conflict.yours, conflict.theirs) == values
    assert both.head == base + 1


@pytest.mark.parametrize(
    ("second", "uid", "yours"),
    [
        (task(2, add={"labels": ["x"]}), 2, {"add": {"labels": ["x"]}}),
        (task(2, values={"name": "B"}, increase={"percent_complete": 5}), 2, None),
        (Create(Kind.LINK, {"predecessor_uid": 3, "successor_uid": 2}), 2, "named by the link"),
        (task(3, values={"parent_uid": 2}), 2, "named by the task"),
    ],
)
def test_what_another_deleted_is_told_with_who_and_when(second: Operation, uid: int, yours: Any) -> None:
    both = pair(crew())
    base = both.head
    both.rahim(Delete(Kind.TASK, 2))
    with pytest.raises(ConflictError) as refused:
        both.karim(second, base=base)
    [conflict] = refused.value.conflicts
    assert (conflict.kind, conflict.uid, conflict.field, conflict.theirs) == (Kind.TASK, uid, "*", None)
    assert (conflict.by, conflict.revision, conflict.at) == ("Rahim", base + 1, both.plans.read(both.key).tail[-1].at)
    assert yours is None or conflict.yours == yours


def test_an_assignee_that_another_deleted_is_told() -> None:
    both = pair(crew())
    base = both.head
    both.rahim(Delete(Kind.RESOURCE, 2))
    with pytest.raises(ConflictError, match="resource 2"):
        both.karim(task(add={"assignees": [2]}), base=base)


def test_what_both_made_with_one_uid_is_a_conflict() -> None:
    both = pair(crew())
    base = both.head
    both.rahim(Create(Kind.TASK, {"name": "Hers"}, 9))
    with pytest.raises(ConflictError) as refused:
        both.karim(Create(Kind.TASK, {"name": "His"}, 9), base=base)
    [conflict] = refused.value.conflicts
    assert (conflict.uid, conflict.field, conflict.yours, conflict.theirs) == (9, "*", {"name": "His"}, "created")
    assert conflict.by == "Rahim"


def test_what_both_deleted_is_deleted() -> None:
    both = pair(crew())
    base = both.head
    both.rahim(Delete(Kind.TASK, 2))
    done = both.karim(Delete(Kind.TASK, 2), Delete(Kind.LINK, 1), task(values={"name": "A"}), base=base)
    assert (sorted(both.plan.tasks), [change.op for change in done.event.changes]) == ([1, 3], ["updated"])


def test_what_another_changed_and_changed_back_is_no_conflict() -> None:
    both = pair(crew(labels=("old",)))
    base = both.head
    for label in ("new", "old"):
        both.rahim(task(values={"name": f"{label} name", "labels": [label]}))
    both.rahim(task(values={"name": "Task 1"}))
    assert both.karim(task(values={"name": "B", "labels": []}), base=base).merged


def test_who_says_what_it_is_and_adds_to_it_said_what_it_is() -> None:
    both = pair(crew(labels=("old",)))
    base = both.head
    both.rahim(task(add={"labels": ["wet"]}))
    with pytest.raises(ConflictError, match="labels"):
        both.karim(task(values={"labels": ["x"]}), task(add={"labels": ["y"]}), base=base)
