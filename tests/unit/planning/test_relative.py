"""Changes said relative to what is there: labels, assignees, amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from nirman.errors import InvalidInputError
from nirman.planning.change import apply, apply_changes
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Assignment, Kind, Plan, Resource
from nirman.planning.records import defaults
from nirman.planning.relative import COUNTERS, SETS
from tests.builders.plans import make_plan, make_task


def update(kind: Kind = Kind.TASK, uid: int = 1, **parts: Any) -> Update:
    """As it comes from outside."""
    sent = {"op": "update", "kind": kind, "uid": uid, **parts}
    return msgspec.json.decode(msgspec.json.encode(sent), type=Operation)


def crew(**task: Any) -> Plan:
    return make_plan(
        [make_task(1, **task)],
        resources=[Resource(uid=1, name="Mason"), Resource(uid=2, name="Crane", max_units=0.1)],
        assignments=[Assignment(uid=5, task_uid=1, resource_uid=1)],
    )


def assignees(plan: Plan) -> list[tuple[int, int]]:
    return [(a.uid, a.resource_uid) for a in plan.assignments.values()]


def test_labels_are_a_set_however_they_are_sent():
    after, changes = apply(crew(), [update(values={"labels": ["wet", "concrete", "wet"]})])
    assert after.tasks[1].labels == ("concrete", "wet")
    assert changes[0].fields == {"labels": ((), ("concrete", "wet"))}
    assert apply(after, [update(values={"labels": ["wet", "concrete"]})])[1] == ()


def test_members_are_added_to_and_removed_from_what_is_there():
    plan = crew(labels=("a", "b"))
    after, changes = apply(plan, [update(add={"labels": ["c", "b"]}, remove={"labels": ["a", "z"]})])
    assert after.tasks[1].labels == ("b", "c")
    assert changes[0].fields == {"labels": (("a", "b"), ("b", "c"))}
    assert apply_changes(plan, changes) == after


def test_amounts_grow_and_shrink_from_what_they_are():
    plan = crew(percent_complete=40, fixed_cost=Decimal("0.10"))
    edits = [
        update(increase={"percent_complete": 15, "fixed_cost": "0.20"}),
        update(increase={"duration_minutes": -60}),
    ]
    task = apply(plan, edits)[0].tasks[1]
    assert (task.percent_complete, task.fixed_cost, task.duration_minutes) == (55, Decimal("0.30"), 420)
    assert apply(plan, [update(Kind.RESOURCE, 2, increase={"max_units": 0.2})])[0].resources[2].max_units == 0.3


def test_what_follows_from_a_value_follows_from_an_increase_too():
    plan = crew()
    said = apply(plan, [update(values={"duration_minutes": 960})])[0]
    grown = apply(plan, [update(increase={"duration_minutes": 480})])[0]
    assert grown == said


def test_assignees_come_and_go_as_assignments():
    plan, changes = apply(crew(), [update(add={"assignees": [2, 1]})])
    assert assignees(plan) == [(5, 1), (6, 2)]
    assert [(c.kind, c.op) for c in changes] == [(Kind.ASSIGNMENT, "created")]
    plan, changes = apply(plan, [update(remove={"assignees": [1, 3]})])
    assert assignees(plan) == [(6, 2)]
    assert apply(plan, [update(add={"assignees": [2]})])[1] == ()


@pytest.mark.parametrize(
    ("operation", "place", "rule"),
    [
        (update(add={"name": ["x"]}), "add.name", "is no set"),
        (update(Kind.LINK, add={"labels": ["x"]}), "add.labels", "is no set"),
        (update(Kind.RESOURCE, add={"assignees": [1]}), "add.assignees", "is no set"),
        (update(increase={"position": 1}), "increase.position", "is no amount"),
        (update(increase={"percent_complete": 61}), "increase.percent_complete", "<= 100"),
        (update(increase={"percent_complete": 0.5}), "increase.percent_complete", "int"),
        (update(increase={"duration_minutes": -481}), "increase.duration_minutes", ">= 0"),
        (update(increase={"remaining_minutes": 5}), "increase.remaining_minutes", "not set"),
        (update(increase={"fixed_cost": "NaN"}), "increase.fixed_cost", "must be a number"),
        (update(increase={"percent_complete": "1e999999999"}), "increase.percent_complete", "must be a number"),
        (update(add={"labels": [3]}), "add.labels[0]", "str"),
        (update(add={"labels": [" x"]}), "add", "begins nor ends"),
        (update(add={"labels": [str(n) for n in range(51)]}), "add.labels", "50"),
        (update(add={"labels": ["x"]}, remove={"labels": ["x"]}), "remove.labels", "at once"),
        (update(values={"labels": []}, add={"labels": ["x"]}), "add.labels", "either"),
        (update(add={"assignees": [1, 9]}), "add.assignees[1]", "no resource 9"),
        (update(add={"assignees": ["rahim"]}), "add.assignees[0]", "no resource rahim"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(operation, place, rule):
    with pytest.raises(InvalidInputError, match=rule) as refused:
        apply(crew(percent_complete=40), [operation])
    assert refused.value.place == f"operations[0].{place}"


def test_every_set_and_amount_is_a_field_that_can_be_one():
    for kind, names in SETS.items():
        assert all(defaults(kind)[name] == () for name in names)
    for kind, names in COUNTERS.items():
        assert all(isinstance(defaults(kind)[name], int | float | str | None) for name in names)
