"""What happened, as small facts: enough to write a sentence in any language without reading the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from nirman.planning.events import Change, Event, EventType
from nirman.planning.model import Kind
from nirman.projection.catalogue import Catalogue, cut
from nirman.projection.standing import Standing

Op = Literal["created", "updated", "deleted"]
MAX_FACTS = 10
MAX_ENTRY_BYTES = 8_000
_MAX_FIELDS = 8
_TEXT_LENGTH = 100
LARGE = "…"
"""Stands for a value that is too large to tell."""
_REFERS: Mapping[str, Kind] = {
    "parent_uid": Kind.TASK,
    "task_uid": Kind.TASK,
    "predecessor_uid": Kind.TASK,
    "successor_uid": Kind.TASK,
    "resource_uid": Kind.RESOURCE,
    "calendar_uid": Kind.CALENDAR,
    "base_uid": Kind.CALENDAR,
}
_ENDS: Mapping[Kind, tuple[Kind, Kind]] = {
    Kind.LINK: (Kind.TASK, Kind.TASK),
    Kind.ASSIGNMENT: (Kind.RESOURCE, Kind.TASK),
}
_TELLING = (
    *(Kind.BASELINE, Kind.TASK, Kind.PROJECT, Kind.RISK, Kind.RESOURCE),
    *(Kind.CALENDAR, Kind.LINK, Kind.ASSIGNMENT),
)


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record that changed. `name` as it was called before (a new one: after); `ends` are the names of a link's
    predecessor and successor, of an assignment's resource and task.

    `fields` has `[before, after]` of what was changed; `names` the same for fields that refer to other records.
    """

    kind: Kind
    uid: int
    op: Op
    name: str = ""
    ends: tuple[str, str] | None = None
    fields: dict[str, tuple[Any, Any]] = {}
    names: dict[str, tuple[str, str]] = {}


class Count(Struct, frozen=True):
    """How many records of a kind a commit made, changed or deleted."""

    kind: Kind
    op: Op
    records: int


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of a project. `facts` are the most telling ones, `counts` counts all.

    `ordered_at` is `at`, or that of the revision before if that is later: clocks differ, and feeds go by revision.
    `finish` is that of the project before and after, `moved` how many tasks got other dates. `undoes` is the revision
    taken back; `redoes` the one, an undo, that was.
    """

    project: str
    revision: int
    at: str
    ordered_at: str
    user: str
    user_name: str
    type: EventType
    project_name: str
    minutes_per_day: int
    facts: tuple[Fact, ...] = ()
    counts: tuple[Count, ...] = ()
    moved: int = 0
    finish: tuple[str | None, str | None] = (None, None)
    source: str = ""
    undoes: int | None = None
    redoes: int | None = None


def entry_of(event: Event, standing: Standing, before: Catalogue) -> Entry:
    """`before` is as of the revision before the event, and `standing` too."""
    project = _of_project(event)
    created = {
        (change.kind, change.uid): cut(change.fields["name"][1])
        for change in event.changes
        if change.op != "deleted" and "name" in change.fields
    }
    telling = sorted(event.changes, key=lambda change: _TELLING.index(change.kind))
    names = _Names(before, created)
    entry = Entry(
        project=event.project,
        revision=event.revision,
        at=event.at,
        ordered_at=max(event.at, standing.ordered_at),
        user=event.user,
        user_name=event.user_name,
        type=event.type,
        project_name=cut(project["name"][1]) if "name" in project else standing.name,
        minutes_per_day=project["minutes_per_day"][1] if "minutes_per_day" in project else standing.minutes_per_day,
        facts=tuple(_fact(change, names) for change in telling[:MAX_FACTS]),
        counts=tuple(_counts(event)),
        moved=event.moved_count,
        finish=(standing.finish, event.project_finish),
        source=cut(event.source),
        undoes=event.undoes,
        redoes=event.redoes,
    )
    while len(entry.facts) > 1 and len(msgspec.json.encode(entry)) > MAX_ENTRY_BYTES:
        entry = replace(entry, facts=entry.facts[:-1])
    return entry


def _of_project(event: Event) -> Mapping[str, tuple[Any, Any]]:
    changes = (change for change in event.changes if change.kind is Kind.PROJECT)
    return {name: values for change in changes for name, values in change.fields.items()}


class _Names:
    """What things are called before the event; what was not there before, after it."""

    def __init__(self, before: Catalogue, after: Mapping[tuple[Kind, int], str]) -> None:
        self._before = before
        self._after = after

    def of(self, kind: Kind, uid: int | None) -> str:
        if uid is None:
            return ""
        return self._before.called(kind, uid) or self._after.get((kind, uid), "")

    def ends(self, change: Change) -> tuple[str, str] | None:
        kinds = _ENDS.get(change.kind)
        if kinds is None:
            return None
        ends = self._before.ends(change.kind, change.uid)
        if ends is None:
            fields = ("predecessor_uid", "successor_uid") if change.kind is Kind.LINK else ("resource_uid", "task_uid")
            ends = tuple(change.fields[name][1] if name in change.fields else 0 for name in fields)  # type: ignore[assignment]
        assert ends is not None
        return self.of(kinds[0], ends[0]), self.of(kinds[1], ends[1])


def _fact(change: Change, names: _Names) -> Fact:
    told = change.fields if change.op == "updated" else {}
    chosen = dict(list(told.items())[:_MAX_FIELDS])
    return Fact(
        kind=change.kind,
        uid=change.uid,
        op=change.op,
        name=names.of(change.kind, change.uid),
        ends=names.ends(change),
        fields={name: (_small(was), _small(now)) for name, (was, now) in chosen.items()},
        names={
            name: (names.of(_REFERS[name], was), names.of(_REFERS[name], now))
            for name, (was, now) in chosen.items()
            if name in _REFERS
        },
    )


def _small(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _TEXT_LENGTH:
        return value[: _TEXT_LENGTH - 1] + LARGE
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return _small(", ".join(value))
    return LARGE if isinstance(value, list | tuple | dict) else value


def _counts(event: Event) -> Iterator[Count]:
    counted = Counter((change.kind, change.op) for change in event.changes)
    for kind in _TELLING:
        for op in ("created", "updated", "deleted"):
            if records := counted[kind, op]:
                yield Count(kind, op, records)
