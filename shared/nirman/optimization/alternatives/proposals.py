"""What may be done about a conflict, before it is tried; and the conflict with what is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nirman.optimization.alternatives.result import Impossible, Way
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.alternatives.waiting import never_enough, sets_to_delay, why_not_delayed
from nirman.optimization.conflicts import Conflict
from nirman.optimization.demand import capacity
from nirman.optimization.load import Stretch
from nirman.planning.commands import Operation
from nirman.planning.model import Resource, Task
from nirman.planning.words import named
from nirman.scheduling.instants import to_minutes

_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`key` tells it from others of the same way and conflict, and stays the same while the plan does."""

    way: Way
    key: str
    text: str
    operations: tuple[Operation, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A conflict of one resource in the situation that has it."""

    situation: Situation
    conflict: Conflict

    @property
    def resource(self) -> Resource:
        return self.situation.plan.resources[self.conflict.resource_uids[0]]

    @property
    def window(self) -> tuple[int, int]:
        return to_minutes(self.conflict.start), to_minutes(self.conflict.finish)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """Where the resource is overloaded within the conflict."""
        start, finish = self.window
        every = self.situation.overloads(self.resource.uid)
        return tuple(stretch for stretch in every if stretch.start < finish and stretch.finish > start)

    @cached_property
    def worst(self) -> Stretch:
        return max(self.stretches, key=lambda stretch: stretch.overload)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(self.situation.plan.tasks[share.uid] for share in self.conflict.tasks)

    @cached_property
    def staying(self) -> Mapping[int, str]:
        """The tasks that may not wait, and why."""
        rules = {task.uid: why_not_delayed(self.situation, task) for task in self.tasks}
        steps = capacity(self.resource)
        for task in self.tasks:
            units = sum(use.units for use in self.situation.uses_by(task.uid, self.resource.uid))
            if rules[task.uid] is None and never_enough(steps, units):
                rules[task.uid] = "a task that asks for more than there ever is waits for nothing"
        return {uid: rule for uid, rule in rules.items() if rule is not None}

    @cached_property
    def may_wait(self) -> tuple[int, ...]:
        return tuple(task.uid for task in self.tasks if task.uid not in self.staying)

    @cached_property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """Which tasks might wait so that the worst of it is over."""
        return tuple(sets_to_delay(self.situation, self.resource.uid, self.worst, self.may_wait))

    def impossible(self, way: Way, rule: str, task_uids: Iterable[int] = ()) -> Impossible:
        return Impossible(way=way, rule=rule, resource_uid=self.resource.uid, task_uids=tuple(task_uids))

    def named(self, uids: Iterable[int]) -> str:
        tasks = [named(self.situation.plan.tasks[uid]) for uid in uids]
        more = f" and {len(tasks) - _NAMED} more" if len(tasks) > _NAMED else ""
        return ", ".join(tasks[:_NAMED]) + more


def joined(uids: Iterable[int]) -> str:
    return "-".join(map(str, uids))
