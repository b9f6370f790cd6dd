"""Somebody else does it: a resource with the skills, or of the group, with units free when the task is worked on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nirman.optimization.alternatives.eligibility import Eligibility, why_kept
from nirman.optimization.alternatives.proposals import Case, Proposal
from nirman.optimization.alternatives.result import Impossible, Way
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.demand import UNIT, Interval, capacity
from nirman.optimization.load import load
from nirman.planning.commands import Create, Operation, Update
from nirman.planning.effort_values import planned_work
from nirman.planning.model import Assignment, Kind, Resource, Task
from nirman.planning.words import named

MOST = 12


def substitutes(case: Case) -> Iterator[Proposal | Impossible]:
    """By task and by resource, all of the units or as many as are too many; at most `MOST`, the cheapest first."""
    standing_in = Eligibility(case.situation.plan).of(case.resource)
    if not standing_in:
        needed = ", ".join(case.resource.skills)
        rule = (
            f"no other resource has the skills {needed}"
            if needed
            else "no other resource without skills is of its group"
        )
        yield case.impossible(Way.SUBSTITUTE, rule)
        return
    kept = {task.uid: why_kept(task, case.situation.schedule.outline.children) for task in case.tasks}
    free = [task for task in case.tasks if kept[task.uid] is None]
    if not free:
        yield case.impossible(Way.SUBSTITUTE, "; ".join(sorted({str(rule) for rule in kept.values()})), kept)
        return
    found = [one for task in free for one in _of_task(case, task, standing_in)]
    if not found:
        yield case.impossible(
            Way.SUBSTITUTE, "those who could do it have no units free then", (one.uid for one in free)
        )
    yield from (one.proposal for one in sorted(found, key=lambda one: one.key)[:MOST])


@dataclass(frozen=True, slots=True)
class _Found:
    key: tuple[float, int, int, bool]
    proposal: Proposal


def _of_task(case: Case, task: Task, standing_in: Sequence[Resource]) -> Iterator[_Found]:
    of_task = case.situation.by_task[task.uid]
    there = {assignment.resource_uid for assignment in of_task}
    for assignment in of_task:
        if assignment.resource_uid != case.resource.uid:
            continue
        own = [use for use in case.situation.uses_of(case.resource.uid) if use.assignment_uid == assignment.uid]
        if not own:
            continue
        for other in standing_in:
            free = free_units(case.situation, other, own[0].left)
            if other.uid in there or free <= 0:
                continue
            rank = (float(other.standard_rate), task.uid, other.uid)
            if free >= own[0].units:
                yield _Found((*rank, False), _whole(task, assignment, other))
            some = min(own[0].units, case.worst.overload)
            if some < own[0].units and some <= free and _is_even(task, assignment):
                yield _Found((*rank, True), _part(task, assignment, other, some))


def free_units(situation: Situation, resource: Resource, span: Sequence[Interval]) -> int:
    """Ten-thousandths of a unit that nobody asks for in any of the intervals."""
    asked = [(use.left, use.units) for use in situation.uses_of(resource.uid)]
    stretches = load([*asked, (span, UNIT)], [capacity(resource)])
    starts = iter(span)
    current = next(starts, None)
    least: int | None = None
    for stretch in stretches:
        while current is not None and current[1] <= stretch.start:
            current = next(starts, None)
        if current is not None and current[0] < stretch.finish:
            free = stretch.capacity - (stretch.demand - UNIT)
            least = free if least is None else min(least, free)
    return max(0, least or 0)


def _is_even(task: Task, assignment: Assignment) -> bool:
    """Work is units times duration, so that a share of the units is a share of the work."""
    usual = round(task.duration_minutes * assignment.units)
    return not assignment.delay_minutes and planned_work(task, assignment) == usual


def _whole(task: Task, assignment: Assignment, other: Resource) -> Proposal:
    return Proposal(
        way=Way.SUBSTITUTE,
        key=f"{assignment.uid}-{other.uid}",
        text=f"Let {other.name} ({other.uid}) do {named(task)}",
        operations=(Update(Kind.ASSIGNMENT, assignment.uid, {"resource_uid": other.uid}),),
    )


def _part(task: Task, assignment: Assignment, other: Resource, some: int) -> Proposal:
    """The duration is named, so that by the rules of effort work follows the units."""
    units = some / UNIT
    operations: tuple[Operation, ...] = (
        Update(Kind.TASK, task.uid, {"duration_minutes": task.duration_minutes}),
        Update(Kind.ASSIGNMENT, assignment.uid, {"units": round(assignment.units - units, 4)}),
        Create(Kind.ASSIGNMENT, {"task_uid": task.uid, "resource_uid": other.uid, "units": units}),
    )
    return Proposal(
        way=Way.SUBSTITUTE,
        key=f"{assignment.uid}-{other.uid}-part",
        text=f"Let {other.name} ({other.uid}) do {named(task)} with {units:g} of the {assignment.units:g} units",
        operations=operations,
    )
