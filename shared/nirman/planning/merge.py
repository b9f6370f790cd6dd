"""Two people changed the plan from the same revision: other fields merge, the same field is a conflict.

Sets and amounts that a command changes from what they are (`add`, `remove`, `increase`) are changed from what they are
at the head, and never conflict. Of a member added by one and removed by another at the same time the adding wins: a
removal takes away only what its author can have seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from nirman.errors import FieldConflict
from nirman.planning.commands import ASSIGNEES, Create, Delete, Operation, TakeBaseline, Update
from nirman.planning.events import Change, Event, same
from nirman.planning.model import Kind
from nirman.planning.relative import SETS

WHOLE = "*"
"""Stands for the record itself in a conflict: one side made or deleted it."""
REFERENCES: Mapping[str, Kind] = {
    **dict.fromkeys(("parent_uid", "predecessor_uid", "successor_uid", "task_uid"), Kind.TASK),
    **dict.fromkeys(("calendar_uid", "base_uid"), Kind.CALENDAR),
    "resource_uid": Kind.RESOURCE,
}
"""Fields that name another record, and its kind."""


@dataclass(slots=True)
class _Touch:
    """What others did to a record; `fields` has the value at the base revision and the event that last set it;
    `members` those that they added to a set field.
    """

    last: Event
    op: str
    fields: dict[str, tuple[Any, Event]] = field(default_factory=dict)
    members: dict[str, set[Any]] = field(default_factory=dict)


class Since:
    """What was committed after the revision that a command saw."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = tuple(events)
        self._touched: dict[tuple[Kind, int], _Touch] = {}
        self._assigned: set[tuple[Any, Any]] = set()
        for event in self.events:
            for change in event.changes:
                self._note(event, change)

    def _note(self, event: Event, change: Change) -> None:
        touch = self._touched.setdefault((change.kind, change.uid), _Touch(event, change.op))
        touch.last = event
        if not (touch.op == "created" and change.op == "updated"):
            touch.op = change.op
        for name, (before, after) in change.fields.items():
            base = touch.fields[name][0] if name in touch.fields else before
            touch.fields[name] = (base, event)
            if name in SETS.get(change.kind, ()):
                touch.members.setdefault(name, set()).update(set(after or ()) - set(before or ()))
        if change.kind is Kind.ASSIGNMENT and change.op == "created":
            self._assigned.add((change.fields["task_uid"][1], change.fields["resource_uid"][1]))

    def whole(self, kind: Kind, uid: int, yours: Any, theirs: Any) -> FieldConflict:
        """A conflict about the record itself, which somebody touched."""
        return _conflict(self._touched[kind, uid].last, kind, uid, WHOLE, base=None, yours=yours, theirs=theirs)

    def last(self, kind: Kind, uid: int, name: str) -> Event | None:
        """The event that last changed a field of the record, else the one that last touched it."""
        touch = self._touched.get((kind, uid))
        if touch is None:
            return None
        return touch.fields[name][1] if name in touch.fields else touch.last

    def touched(self, kind: Kind, uid: int | None) -> str | None:
        """What others did with the record: it is `created`, `updated` or `deleted`."""
        touch = None if uid is None else self._touched.get((kind, uid))
        return touch.op if touch else None

    def deleted(self) -> frozenset[tuple[Kind, int]]:
        """What is not there any more."""
        return frozenset(key for key, touch in self._touched.items() if touch.op == "deleted")

    def seen(self, operations: Sequence[Operation]) -> tuple[Operation, ...]:
        """The operations, removing only what their author can have seen."""
        return tuple(map(self._seen, operations)) if self._touched else tuple(operations)

    def _seen(self, operation: Operation) -> Operation:
        if not (isinstance(operation, Update) and operation.remove):
            return operation
        touch = self._touched.get((operation.kind, operation.uid))
        added = dict(touch.members) if touch else {}
        added[ASSIGNEES] = {resource for task, resource in self._assigned if task == operation.uid}
        remove = {
            name: tuple(member for member in members if member not in added.get(name, ()))
            for name, members in operation.remove.items()
        }
        return msgspec.structs.replace(operation, remove=remove)

    def gone(self, operations: Sequence[Operation]) -> tuple[FieldConflict, ...]:
        """Conflicts of operations on records that others deleted, that name such, or that make what others made."""
        made = {(one.kind, one.uid) for one in operations if isinstance(one, Create)}
        found = []
        for operation in operations:
            if isinstance(operation, Update) and self.touched(operation.kind, operation.uid) == "deleted":
                found.append(self.whole(operation.kind, operation.uid, _asked(operation), None))
            elif isinstance(operation, Create) and self.touched(operation.kind, operation.uid) == "created":
                found.append(self.whole(operation.kind, operation.uid or 0, operation.values, "created"))
            found += [
                self.whole(kind, uid, f"named by the {operation.kind}", None)  # type: ignore[union-attr]
                for kind, uid in _named(operation)
                if (kind, uid) not in made and self.touched(kind, uid) == "deleted"
            ]
        return tuple(found)

    def conflicts(self, changes: Iterable[Change], operations: Sequence[Operation] = ()) -> tuple[FieldConflict, ...]:
        """Conflicts of the changes that the operations would make at the head.

        Equal values do not conflict, nor does what others changed and changed back.
        """
        relative = _relative(operations)
        found = []
        for change in changes:
            touch = self._touched.get((change.kind, change.uid))
            if touch is None:
                continue
            if change.op != "updated":
                theirs = "created" if touch.op == "created" else "changed"
                found.append(self.whole(change.kind, change.uid, change.op, theirs))
                continue
            found += [
                self.field(change.kind, change.uid, name, base=touch.fields[name][0], yours=yours, theirs=theirs)
                for name, (theirs, yours) in change.fields.items()
                if name in touch.fields
                and not same(touch.fields[name][0], theirs)
                and not (relative is None or (change.kind, change.uid, name) in relative)
            ]
        return tuple(found)

    def field(self, kind: Kind, uid: int, name: str, *, base: Any, yours: Any, theirs: Any) -> FieldConflict:
        """A conflict about one field of a record that somebody touched."""
        event = self.last(kind, uid, name)
        assert event is not None
        return _conflict(event, kind, uid, name, base=base, yours=yours, theirs=theirs)


def _relative(operations: Sequence[Operation]) -> frozenset[tuple[Kind, int, str]] | None:
    """Fields that the operations change from what they are; None: they say nothing else, so all that follows is such.

    A duration that follows from one more assignee is as relative as the assignee.
    """
    updates = [operation for operation in operations if isinstance(operation, Update)]
    if operations and len(updates) == len(operations) and not any(update.values for update in updates):
        return None
    said = {(update.kind, update.uid, name) for update in updates for name in update.values}
    return frozenset((update.kind, update.uid, name) for update in updates for name in update.relative) - said


def _named(operation: Operation) -> Iterator[tuple[Kind, int]]:
    """Other records that it names."""
    if isinstance(operation, Delete | TakeBaseline):
        return
    for name, value in operation.values.items():
        if name in REFERENCES and isinstance(value, int):
            yield REFERENCES[name], value
    if isinstance(operation, Update):
        for resource in operation.add.get(ASSIGNEES, ()):
            if isinstance(resource, int):
                yield Kind.RESOURCE, resource


def _asked(operation: Update) -> dict[str, Any]:
    """Of an update that only sets values, those; else its parts by their names."""
    parts: dict[str, Any] = {"add": operation.add, "remove": operation.remove, "increase": operation.increase}
    said = {name: msgspec.to_builtins(part) for name, part in parts.items() if part}
    return operation.values | said


def _conflict(event: Event, kind: Kind, uid: int, name: str, *, base: Any, yours: Any, theirs: Any) -> FieldConflict:
    """`event`: what others did, and when."""
    return FieldConflict(
        kind=kind,
        uid=uid,
        field=name,
        base=base,
        yours=yours,
        theirs=theirs,
        by=event.user_name,
        at=event.at,
        revision=event.revision,
    )
