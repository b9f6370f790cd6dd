"""Who can stand in for whom.

A resource with skills is replaced by one that has all of them, whatever group it is of. One without skills is replaced
by another without, of the same group, since a group may be no more than a heading: a crane and a pump are both plant.
One with neither is nobody's equal. Only people and machines that let themselves be levelled stand in; where none does,
all, as levelling has it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cached_property

from nirman.planning.model import Plan, Resource, ResourceKind, Task, TaskKind

_WITHOUT_WORK_OF_ITS_OWN = frozenset(set(TaskKind) - {TaskKind.TASK, TaskKind.RESOURCE_DEPENDENT})


class Eligibility:
    """Answers for one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def of(self, resource: Resource) -> tuple[Resource, ...]:
        """Those that can do what it does, itself left out, by uid."""
        if resource.kind is not ResourceKind.WORK:
            return ()
        among = self._skilled if resource.skills else self._grouped.get(resource.group, ())
        needed = set(resource.skills)
        return tuple(one for one in among if one.uid != resource.uid and needed.issubset(one.skills))

    @cached_property
    def _skilled(self) -> tuple[Resource, ...]:
        return tuple(one for one in self._candidates if one.skills)

    @cached_property
    def _grouped(self) -> Mapping[str, tuple[Resource, ...]]:
        found: dict[str, tuple[Resource, ...]] = {}
        for one in self._candidates:
            if one.group and not one.skills:
                found[one.group] = (*found.get(one.group, ()), one)
        return found

    @cached_property
    def _candidates(self) -> tuple[Resource, ...]:
        resources = sorted(self._plan.resources.values(), key=lambda one: one.uid)
        working = tuple(one for one in resources if one.kind is ResourceKind.WORK)
        return tuple(one for one in working if one.can_level) or working


def has_begun(task: Task) -> bool:
    """What has begun keeps whom it has: what they did stays with them."""
    return (
        task.actual_start is not None
        or task.actual_finish is not None
        or task.percent_complete > 0
        or (task.remaining_minutes is not None and task.remaining_minutes < task.duration_minutes)
    )


def why_kept(task: Task, summaries: Container[int | None]) -> str | None:
    """The rule by which a task keeps its resources; None for one that others could do."""
    if not task.active:
        return "an inactive task is no part of the plan"
    if task.uid in summaries or task.kind in _WITHOUT_WORK_OF_ITS_OWN:
        return "a task whose duration is not its own keeps its resources"
    if has_begun(task):
        return "a task that has begun keeps its resources"
    return None
