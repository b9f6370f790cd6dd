"""What changes that were computed rest on, and whether somebody changed that meanwhile.

Two people who change different fields merge. But a levelling that delays a task by two days has counted with the task's
duration, its links and its crew: when one of these is another since, the delay may be wrong though nobody touched it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nirman.errors import FieldConflict
from nirman.planning.commands import Create, Delete, Operation, TakeBaseline
from nirman.planning.events import Change, Event, same
from nirman.planning.merge import WHOLE
from nirman.planning.model import Kind, Plan

_IDLE: Mapping[Kind, frozenset[str]] = {
    Kind.TASK: frozenset({"name", "notes", "code", "labels", "position", "milestone", "physical_percent", "deadline"}),
    Kind.RESOURCE: frozenset({"name", "notes", "code", "labels", "initials", "email", "material_label"}),
    Kind.CALENDAR: frozenset({"name"}),
    Kind.PROJECT: frozenset({"name", "time_zone", "currency", "new_tasks_effort_driven"}),
}
"""Fields that nothing is computed from."""
_TASKS_OF = ("task_uid", "predecessor_uid", "successor_uid")


def changed_grounds(plan: Plan, operations: Sequence[Operation], since: Iterable[Event]) -> tuple[FieldConflict, ...]:
    """What was changed since that the operations rest on: the tasks that they change, with their links, assignments and
    resources; calendars; and the project. `plan` is as it is now. `yours` is the value that was computed with.

    What was changed and changed back is as it was.
    """
    grounds = _Grounds(plan, operations)
    first: dict[tuple[Kind, int, str], Any] = {}
    last: dict[tuple[Kind, int, str], tuple[Any, Event]] = {}
    for event in since:
        for change in event.changes:
            for name, (before, after) in grounds.touched(change):
                key = (change.kind, change.uid, name)
                first.setdefault(key, before)
                last[key] = (after, event)
    return tuple(
        FieldConflict(
            kind=kind,
            uid=uid,
            field=name,
            base=first[kind, uid, name],
            yours=first[kind, uid, name],
            theirs=after,
            by=event.user_name,
            at=event.at,
            revision=event.revision,
        )
        for (kind, uid, name), (after, event) in last.items()
        if not same(first[kind, uid, name], after)
    )


class _Grounds:
    def __init__(self, plan: Plan, operations: Sequence[Operation]) -> None:
        self._plan = plan
        self._tasks = {uid for operation in operations for uid in _tasks_of(plan, operation)}
        self._resources = {
            assignment.resource_uid for assignment in plan.assignments.values() if assignment.task_uid in self._tasks
        }
        for operation in operations:
            if not isinstance(operation, TakeBaseline) and operation.kind is Kind.RESOURCE and operation.uid:
                self._resources.add(operation.uid)

    def touched(self, change: Change) -> Iterator[tuple[str, tuple[Any, Any]]]:
        """Fields of the change that count, with their values before and after; a record made or gone is one."""
        if not self._counts(change):
            return
        if change.op != "updated":
            there, gone = ("created", None) if change.op == "created" else (None, "deleted")
            yield WHOLE, (gone and "there", there or gone)
            return
        idle = _IDLE.get(change.kind, frozenset())
        yield from ((name, values) for name, values in change.fields.items() if name not in idle)

    def _counts(self, change: Change) -> bool:
        match change.kind:
            case Kind.TASK:
                return change.uid in self._tasks
            case Kind.RESOURCE:
                return change.uid in self._resources
            case Kind.LINK:
                return not self._tasks.isdisjoint(self._ends(change, "predecessor_uid", "successor_uid"))
            case Kind.ASSIGNMENT:
                own = not self._tasks.isdisjoint(self._ends(change, "task_uid"))
                return own or not self._resources.isdisjoint(self._ends(change, "resource_uid"))
            case Kind.CALENDAR:
                return change.op == "updated"
            case Kind.PROJECT:
                return True
            case _:
                return False

    def _ends(self, change: Change, *names: str) -> set[int]:
        """Whom a link or an assignment joins, before and after."""
        record = self._plan.records(change.kind).get(change.uid)
        found = {getattr(record, name) for name in names} if record else set()
        return found | {uid for name in names if name in change.fields for uid in change.fields[name] if uid}


def _tasks_of(plan: Plan, operation: Operation) -> Iterator[int]:
    """Tasks that it changes, or whose links or assignments it does."""
    if isinstance(operation, TakeBaseline):
        return
    if operation.kind is Kind.TASK and operation.uid is not None:
        yield operation.uid
    if operation.kind not in (Kind.LINK, Kind.ASSIGNMENT):
        return
    if not isinstance(operation, Create):
        record = plan.records(operation.kind).get(operation.uid)
        yield from (getattr(record, name) for name in _TASKS_OF if hasattr(record, name))
    if not isinstance(operation, Delete):
        named = (operation.values.get(name) for name in _TASKS_OF)
        yield from (uid for uid in named if isinstance(uid, int))
