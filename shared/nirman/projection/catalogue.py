"""What the things of a project are called, as of a revision: what sentences and searches need of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from nirman.planning.events import Change, Event
from nirman.planning.model import Kind

NAME_LENGTH = 100
"""Characters that are kept of a name."""


class TaskName(Struct, frozen=True, array_like=True):
    name: str
    code: str = ""
    labels: tuple[str, ...] = ()


Ends = tuple[int, int]


@dataclass
class Catalogue:
    """Every mapping is by uid. `links` lead from predecessor to successor, `assignments` from resource to task.

    `tasks_revision` and `rest_revision` are those that last changed the tasks here, and the rest.
    """

    tasks: dict[int, TaskName] = field(default_factory=dict)
    resources: dict[int, str] = field(default_factory=dict)
    calendars: dict[int, str] = field(default_factory=dict)
    baselines: dict[int, str] = field(default_factory=dict)
    risks: dict[int, str] = field(default_factory=dict)
    links: dict[int, Ends] = field(default_factory=dict)
    assignments: dict[int, Ends] = field(default_factory=dict)
    tasks_revision: int = 0
    rest_revision: int = 0

    def follow(self, event: Event) -> None:
        """Takes in the event after the last one."""
        for change in event.changes:
            records = self._records(change.kind)
            if records is None:
                continue
            before = records.get(change.uid)
            after = None if change.op == "deleted" else _KEPT[change.kind](before, _after(change))
            if after == before:
                continue
            if after is None:
                del records[change.uid]
            else:
                records[change.uid] = after
            if change.kind is Kind.TASK:
                self.tasks_revision = event.revision
            else:
                self.rest_revision = event.revision

    def called(self, kind: Kind, uid: int) -> str:
        """A record's name; empty for what has none."""
        if kind is Kind.TASK:
            task = self.tasks.get(uid)
            return task.name if task else ""
        found = (self._records(kind) or {}).get(uid, "")
        return found if isinstance(found, str) else ""

    def ends(self, kind: Kind, uid: int) -> Ends | None:
        """Of a link and of an assignment."""
        if kind is Kind.LINK:
            return self.links.get(uid)
        return self.assignments.get(uid) if kind is Kind.ASSIGNMENT else None

    def _records(self, kind: Kind) -> dict[int, Any] | None:
        return None if kind is Kind.PROJECT else getattr(self, f"{kind}s")


def cut(text: object) -> str:
    """A name, no longer than is kept; `…` says that there was more."""
    name = str(text or "")
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def _after(change: Change) -> Mapping[str, Any]:
    return {name: values[1] for name, values in change.fields.items()}


def _task(before: TaskName | None, after: Mapping[str, Any]) -> TaskName:
    was = before or TaskName("")
    return TaskName(
        cut(after.get("name", was.name)),
        cut(after.get("code", was.code)),
        tuple(map(cut, after.get("labels", was.labels) or ())),
    )


def _name(before: str | None, after: Mapping[str, Any]) -> str:
    return cut(after.get("name", before))


def _ends(first: str, second: str) -> Callable[[Ends | None, Mapping[str, Any]], Ends]:
    def kept(before: Ends | None, after: Mapping[str, Any]) -> Ends:
        was = before or (0, 0)
        return after.get(first, was[0]), after.get(second, was[1])

    return kept


_KEPT: Mapping[Kind, Callable[[Any, Mapping[str, Any]], Any]] = {
    Kind.TASK: _task,
    Kind.RESOURCE: _name,
    Kind.CALENDAR: _name,
    Kind.BASELINE: _name,
    Kind.RISK: _name,
    Kind.LINK: _ends("predecessor_uid", "successor_uid"),
    Kind.ASSIGNMENT: _ends("resource_uid", "task_uid"),
}
