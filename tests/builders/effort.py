"""A task and who works on it, and edits of both."""

from __future__ import annotations

from typing import Any, NamedTuple

from nirman.planning.change import apply, apply_changes
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.model import Assignment, EffortKind, Kind, Plan, Resource, ResourceKind
from tests.builders.plans import make_plan, make_task

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
