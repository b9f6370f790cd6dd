"""Writes tasks, links and assignments of the demo in the order in which a planner would type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nirman.planning.model import Assignment, Link, LinkKind, Resource, Task

DAY = 480


@dataclass(frozen=True, slots=True)
class After:
    """A predecessor by its short name; lag in days of eight working hours, of 24 hours when elapsed."""

    task: str
    kind: LinkKind = LinkKind.FS
    lag_days: float = 0
    elapsed: bool = False


class Builder:
    """Phases hold groups, groups hold tasks; a short name stands for a task where links are made."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self.tasks: dict[int, Task] = {}
        self.links: dict[int, Link] = {}
        self.assignments: dict[int, Assignment] = {}
        self._resources = resources
        self._uids: dict[str, int] = {}
        self._phase: int | None = None
        self._group: int | None = None

    def phase(self, name: str) -> None:
        self._phase = self._add(name, None)

    def group(self, name: str) -> None:
        self._group = self._add(name, self._phase)

    def milestone(self, key: str, name: str, *after: str | After, **values: Any) -> None:
        self.task(key, name, 0, *after, milestone=True, **values)

    def task(
        self,
        key: str,
        name: str,
        days: float,
        *after: str | After,
        crew: Mapping[str, float] | None = None,
        **values: Any,
    ) -> None:
        """A leaf of the group begun last; `crew` is units by resource, `values` are fields of the task."""
        uid = self._uids[key] = self._add(name, self._group, duration_minutes=round(days * DAY), **values)
        for predecessor in after:
            self._link(uid, predecessor if isinstance(predecessor, After) else After(predecessor))
        for resource, units in (crew or {}).items():
            self._assign(uid, self._resources[resource].uid, units)

    def uid(self, key: str) -> int:
        return self._uids[key]

    def _add(self, name: str, parent_uid: int | None, **values: Any) -> int:
        uid = len(self.tasks) + 1
        self.tasks[uid] = Task(uid=uid, name=name, parent_uid=parent_uid, position=float(uid), **values)
        return uid

    def _link(self, uid: int, after: After) -> None:
        link_uid = len(self.links) + 1
        self.links[link_uid] = Link(
            uid=link_uid,
            predecessor_uid=self._uids[after.task],
            successor_uid=uid,
            kind=after.kind,
            lag_minutes=round(after.lag_days * (1440 if after.elapsed else DAY)),
            lag_elapsed=after.elapsed,
        )

    def _assign(self, uid: int, resource_uid: int, units: float) -> None:
        assignment_uid = len(self.assignments) + 1
        self.assignments[assignment_uid] = Assignment(
            uid=assignment_uid, task_uid=uid, resource_uid=resource_uid, units=float(units)
        )
