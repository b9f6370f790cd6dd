"""What happened: one event a revision, small facts, versioned, each chained to the one before by its digest."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from nirman.planning.model import Kind

FORMAT = 1
"""Raised when the shape of events changes; readers keep reading the older ones."""


class Change(Struct, frozen=True, omit_defaults=True):
    """One record made, changed or deleted: `fields` has `[before, after]` of each field that changed."""

    kind: Kind
    uid: int
    op: Literal["created", "updated", "deleted"]
    fields: dict[str, tuple[Any, Any]] = {}


_UNDONE: dict[str, Literal["created", "updated", "deleted"]] = {
    "created": "deleted",
    "updated": "updated",
    "deleted": "created",
}


def inverted(change: Change) -> Change:
    """The change that takes a change back."""
    swapped = {name: (after, before) for name, (before, after) in change.fields.items()}
    return Change(kind=change.kind, uid=change.uid, op=_UNDONE[change.op], fields=swapped)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same fact; one that was stored has lists where a new one has tuples."""
    return bool(one == other) or msgspec.json.encode(one) == msgspec.json.encode(other)


class Moved(Struct, frozen=True, omit_defaults=True):
    """A task that other dates than before were computed for; ISO wall times, None where the task was not there.

    `driver` is the uid of the task that now decides the start, if one does.
    """

    uid: int
    start: tuple[str | None, str | None]
    finish: tuple[str | None, str | None]
    driver: int | None = None


EventType = Literal["project.created", "plan.changed", "plan.replaced", "project.deleted"]


class Event(Struct, frozen=True, omit_defaults=True):
    """One committed revision. `body` names the object that holds `changes` and `moved` when they are too large."""

    format: int
    tenant: str
    project: str
    revision: int
    type: EventType
    command_id: str
    user: str
    user_name: str
    at: str
    """UTC, ISO 8601."""
    previous_digest: str
    changes: tuple[Change, ...] = ()
    moved: tuple[Moved, ...] = ()
    moved_count: int = 0
    project_finish: str | None = None
    source: str = ""
    undoes: int | None = None
    """The revision that this one takes back: an edit of the same person."""
    redoes: int | None = None
    """The revision that this one takes back: an undo of the same person."""
    body: str | None = None
    digest: str = ""
