"""Two people changed the plan from the same revision: other fields merge, the same field is a conflict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nirman.errors import FieldConflict
from nirman.planning.commands import Delete, Operation, Update
from nirman.planning.events import Change, Event
from nirman.planning.model import Kind

WHOLE = "*"
"""Stands for the record itself in a conflict: one side deleted it."""


@dataclass(slots=True)
class _Touch:
    """What others did to a record; `fields` has the value at the base revision and the event that last set it."""

    last: Event
    deleted: bool = False
    fields: dict[str, tuple[Any, Event]] = field(default_factory=dict)


class Since:
    """What was committed after the revision that a command saw."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._touched: dict[tuple[Kind, int], _Touch] = {}
        for event in events:
            for change in event.changes:
                touch = self._touched.setdefault((change.kind, change.uid), _Touch(event))
                touch.last, touch.deleted = event, change.op == "deleted"
                for name, (before, _) in change.fields.items():
                    base = touch.fields[name][0] if name in touch.fields else before
                    touch.fields[name] = (base, event)

    def gone(self, operations: Sequence[Operation]) -> tuple[FieldConflict, ...]:
        """Conflicts of operations on records that others deleted."""
        found = []
        for operation in operations:
            if isinstance(operation, Update | Delete):
                touch = self._touched.get((operation.kind, operation.uid))
                if touch and touch.deleted and isinstance(operation, Update):
                    found.append(_whole(operation.kind, operation.uid, touch, operation.values, None))
        return tuple(found)

    def conflicts(self, changes: Iterable[Change]) -> tuple[FieldConflict, ...]:
        """Conflicts of the changes that a command would make at the head; equal values do not conflict."""
        found = []
        for change in changes:
            touch = self._touched.get((change.kind, change.uid))
            if touch is None:
                continue
            if change.op != "updated":
                found.append(_whole(change.kind, change.uid, touch, change.op, "changed"))
                continue
            found += [
                FieldConflict(
                    kind=change.kind,
                    uid=change.uid,
                    field=name,
                    base=touch.fields[name][0],
                    yours=yours,
                    theirs=theirs,
                    by=touch.fields[name][1].user_name,
                    at=touch.fields[name][1].at,
                    revision=touch.fields[name][1].revision,
                )
                for name, (theirs, yours) in change.fields.items()
                if name in touch.fields
            ]
        return tuple(found)


def _whole(kind: Kind, uid: int, touch: _Touch, yours: Any, theirs: Any) -> FieldConflict:
    event = touch.last
    return FieldConflict(
        kind=kind,
        uid=uid,
        field=WHOLE,
        base=None,
        yours=yours,
        theirs=theirs,
        by=event.user_name,
        at=event.at,
        revision=event.revision,
    )
