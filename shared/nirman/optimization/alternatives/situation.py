"""A plan as it is, or would be: its schedule, what is asked of its resources, and where that is too much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from nirman.optimization.conflicts import Conflict, conflicts_of
from nirman.optimization.demand import Use, capacity, uses
from nirman.optimization.levelling.shop import levelled_resources
from nirman.optimization.load import Stretch, load
from nirman.planning.change import apply
from nirman.planning.commands import Operation
from nirman.planning.events import Change
from nirman.planning.model import Assignment, Kind, Plan, ResourceKind
from nirman.planning.moves import moved_tasks
from nirman.planning.schedule import Schedule, reschedule, schedule_plan


class Situation:
    """Never changed; `after` makes another, which computes again what the operations bear upon."""

    def __init__(
        self,
        plan: Plan,
        schedule: Schedule | None = None,
        known: Mapping[int, tuple[Conflict, ...]] | None = None,
        *,
        all_level: bool | None = None,
    ) -> None:
        """`known`: conflicts of resources, by uid, that were found before. `all_level`: resources are levelled whatever
        they say; None: where none of the plan lets itself be, as levelling has it.
        """
        self.plan = plan
        if all_level is None:
            all_level = not any(plan.resources[uid].can_level for uid in levelled_resources(plan))
        self._all_level = all_level
        self.schedule = schedule_plan(plan) if schedule is None else schedule
        self._conflicts = dict(known or {})
        self._uses: dict[int, tuple[Use, ...]] = {}

    def after(self, operations: Sequence[Operation]) -> Situation:
        """Errors as of `planning.change.apply`, and of the schedule."""
        plan, changes = apply(self.plan, operations)
        schedule = reschedule(self.schedule, plan, changes)
        concerned = self._concerned(plan, schedule, changes)
        known = {uid: found for uid, found in self._conflicts.items() if uid not in concerned}
        return Situation(plan, schedule, known, all_level=self._all_level)

    def levels(self, resource_uid: int) -> bool:
        """Whether tasks may wait for the resource."""
        return self._all_level or self.plan.resources[resource_uid].can_level

    @cached_property
    def by_task(self) -> Mapping[int, tuple[Assignment, ...]]:
        """Assignments that work, of each task that has some, by uid."""
        found: dict[int, list[Assignment]] = {}
        for assignment in self.plan.assignments.values():
            if self.plan.resources[assignment.resource_uid].kind is ResourceKind.WORK and assignment.units > 0:
                found.setdefault(assignment.task_uid, []).append(assignment)
        return {uid: tuple(sorted(some, key=lambda one: one.uid)) for uid, some in found.items()}

    def resources_of(self, task_uid: int) -> list[int]:
        return sorted({assignment.resource_uid for assignment in self.by_task.get(task_uid, ())})

    def uses_of(self, resource_uid: int) -> tuple[Use, ...]:
        if resource_uid not in self._uses:
            self._lay_out([resource_uid])
        return self._uses[resource_uid]

    def uses_by(self, task_uid: int, resource_uid: int) -> list[Use]:
        return [use for use in self.uses_of(resource_uid) if use.task_uid == task_uid]

    def loads(self, resource_uid: int, *, without: int | None = None) -> list[Stretch]:
        """What is asked of a resource over time, that of one task left out."""
        asked = ((use.left, use.units) for use in self.uses_of(resource_uid) if use.task_uid != without)
        return list(load(asked, [capacity(self.plan.resources[resource_uid])]))

    def overloads(self, resource_uid: int) -> list[Stretch]:
        return [stretch for stretch in self.loads(resource_uid) if stretch.overload]

    def conflicts_of(self, resource_uid: int) -> tuple[Conflict, ...]:
        if resource_uid not in self._conflicts:
            of_resource = self.uses_of(resource_uid)
            self._conflicts[resource_uid] = tuple(conflicts_of(self.plan, resource_uid, of_resource))
        return self._conflicts[resource_uid]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Of all resources, as `optimization.conflicts` has them; by resource, then by start."""
        working = sorted(uid for uid, one in self.plan.resources.items() if one.kind is ResourceKind.WORK)
        self._lay_out([uid for uid in working if uid not in self._conflicts and uid not in self._uses])
        return tuple(conflict for uid in working for conflict in self.conflicts_of(uid))

    def _lay_out(self, resource_uids: Sequence[int]) -> None:
        """Only the assignments of tasks that these work on are laid out: all of them, for one decides about another."""
        chosen = set(resource_uids)
        tasks = [
            assignments
            for assignments in self.by_task.values()
            if any(assignment.resource_uid in chosen for assignment in assignments)
        ]
        some = {assignment.uid: assignment for assignments in tasks for assignment in assignments}
        found: dict[int, list[Use]] = {uid: [] for uid in resource_uids}
        for use in uses(replace(self.plan, assignments=some), self.schedule):
            if use.resource_uid in chosen and use.left:
                found[use.resource_uid].append(use)
        self._uses.update((uid, tuple(of_resource)) for uid, of_resource in found.items())

    def _concerned(self, plan: Plan, schedule: Schedule, changes: Iterable[Change]) -> set[int]:
        """Resources of which something else may be asked, or of which there may be more or less."""
        if any(change.kind in (Kind.PROJECT, Kind.CALENDAR) and change.op != "created" for change in changes):
            return set(plan.resources) | set(self.plan.resources)
        tasks = {moved.uid for moved in moved_tasks(self.schedule, schedule)}
        found: set[int] = set()
        for change in changes:
            if change.kind is Kind.TASK:
                tasks.add(change.uid)
            elif change.kind is Kind.RESOURCE:
                found.add(change.uid)
            elif change.kind is Kind.ASSIGNMENT:
                there = [self.plan.assignments.get(change.uid), plan.assignments.get(change.uid)]
                found |= {one.resource_uid for one in there if one is not None}
                tasks |= {one.task_uid for one in there if one is not None}
        for assignments in (self.plan.assignments, plan.assignments):
            found |= {one.resource_uid for one in assignments.values() if one.task_uid in tasks}
        return found
