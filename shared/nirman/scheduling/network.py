"""The plan as columns of integers by row, with links on summary tasks turned into links between nodes.

Rows are tasks in outline order. A leaf is one node. A summary is two: its *gate*, which holds its children back (links
and constraints that lead into it), and its *span*, from the first start to the last finish of its children (links out
of it, and the dates it shows). So a link between summaries of a thousand tasks stays one link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nirman.errors import InvalidPlanError
from nirman.planning.model import (
    Assignment,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    Plan,
    Resource,
    ResourceKind,
    ScheduleFrom,
    Task,
)
from nirman.planning.outline import Outline
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime

NONE = -1
"""No row."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one assignment of a task does: so many minutes of its own calendar, that long after the task's start."""

    calendar: WorkingTime
    minutes: int
    delay: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between nodes; `lag` in minutes of `calendar`."""

    source: int
    target: int
    kind: LinkKind
    lag: int
    calendar: WorkingTime


@dataclass(frozen=True, slots=True)
class Network:
    """Columns by row; gates are nodes from `len(tasks)` on. Instants are minutes since 1970."""

    tasks: Sequence[Task]
    parent: Sequence[int]
    children: Sequence[Sequence[int]]
    """Empty: a leaf."""
    gate: Sequence[int]
    """Node that holds the children of a summary back; NONE for a leaf."""
    active: Sequence[bool]
    calendar: Sequence[WorkingTime]
    """What the task's duration is counted in."""
    slack_calendar: Sequence[WorkingTime]
    """The task's calendar, or the project's, or elapsed time if the duration is: what slack is counted in."""
    duration: Sequence[int]
    parts: dict[int, tuple[Part, ...]]
    """Rows whose assignments work in different calendars, or elsewhere and longer or shorter than the duration says."""
    constraint_at: Sequence[int | None]
    incoming: Sequence[Sequence[Edge]]
    outgoing: Sequence[Sequence[Edge]]
    order: Sequence[int]
    """Nodes, each after all that it waits for."""
    start: int
    finish: int | None
    """Set when the plan is scheduled back from its finish."""
    honor_constraints: bool


def network(plan: Plan, tree: Outline) -> Network:
    """`InvalidPlanError` names what is missing, or the tasks of a circle in order."""
    tasks = [plan.tasks[uid] for uid in tree.uids]
    rows = {uid: row for row, uid in enumerate(tree.uids)}
    parent = [NONE if task.parent_uid is None else rows[task.parent_uid] for task in tasks]
    children = [tuple(rows[child] for child in tree.children.get(task.uid, ())) for task in tasks]
    gates = iter(range(len(tasks), 2 * len(tasks)))
    gate = [next(gates) if below else NONE for below in children]
    active = _active(tasks, parent)

    project = plan.project
    calendars = Calendars(plan.calendars)
    base = calendars.working_time(project.calendar_uid)
    own = [base if task.calendar_uid is None else calendars.working_time(task.calendar_uid) for task in tasks]
    slack_calendar = [
        ELAPSED if task.duration_elapsed and not below else working
        for task, below, working in zip(tasks, children, own, strict=True)
    ]
    calendar = list(slack_calendar)
    parts: dict[int, tuple[Part, ...]] = {}
    for row, assigned in _worked_by(plan, rows).items():
        task = tasks[row]
        if children[row] or task.duration_elapsed or task.effort is EffortKind.FIXED_DURATION:
            continue
        found = tuple(
            Part(
                _assigned_calendar(calendars, task, resource, project.calendar_uid),
                _assigned_minutes(task, assignment),
                assignment.delay_minutes,
            )
            for assignment, resource in assigned
        )
        only = found[0].calendar if all(part.calendar is found[0].calendar for part in found) else None
        as_long = max(part.delay + part.minutes for part in found) == task.duration_minutes
        if only is not None and (as_long or only is own[row]):
            calendar[row] = only
        elif task.duration_minutes:
            parts[row] = found

    nodes = len(tasks) + sum(1 for node in gate if node != NONE)
    incoming: list[list[Edge]] = [[] for _ in range(nodes)]
    outgoing: list[list[Edge]] = [[] for _ in range(nodes)]
    for link in sorted(plan.links.values(), key=lambda link: link.uid):
        edge = _edge(link, plan, rows, gate, own)
        if active[edge.source] and active[rows[link.successor_uid]]:
            incoming[edge.target].append(edge)
            outgoing[edge.source].append(edge)
    return Network(
        tasks=tasks,
        parent=parent,
        children=children,
        gate=gate,
        active=active,
        calendar=calendar,
        slack_calendar=slack_calendar,
        duration=[task.duration_minutes for task in tasks],
        parts=parts,
        constraint_at=[None if task.constraint_date is None else to_minutes(task.constraint_date) for task in tasks],
        incoming=incoming,
        outgoing=outgoing,
        order=_order(tasks, parent, children, gate, outgoing),
        start=to_minutes(project.start),
        finish=(
            to_minutes(project.finish)
            if project.finish is not None and project.schedule_from is ScheduleFrom.FINISH
            else None
        ),
        honor_constraints=project.honor_constraints,
    )


def _active(tasks: Sequence[Task], parent: Sequence[int]) -> list[bool]:
    """A task below an inactive summary takes no part either."""
    active: list[bool] = []
    for row, task in enumerate(tasks):
        active.append(task.active and (parent[row] == NONE or active[parent[row]]))
    return active


def _worked_by(plan: Plan, rows: dict[int, int]) -> dict[int, list[tuple[Assignment, Resource]]]:
    """Assignments that decide when a task is worked on: of people and machines, not of material or cost."""
    found: dict[int, list[tuple[Assignment, Resource]]] = {}
    for assignment in sorted(plan.assignments.values(), key=lambda assignment: assignment.uid):
        row = rows.get(assignment.task_uid)
        resource = plan.resources.get(assignment.resource_uid)
        if row is None or resource is None:
            missing = f"task {assignment.task_uid}" if row is None else f"resource {assignment.resource_uid}"
            raise InvalidPlanError(f"{missing} is not in the plan", place=f"assignment {assignment.uid}")
        if resource.kind is ResourceKind.WORK and assignment.units > 0:
            found.setdefault(row, []).append((assignment, resource))
    return found


def _assigned_calendar(calendars: Calendars, task: Task, resource: Resource, project_uid: int) -> WorkingTime:
    """The resource's, within the task's if it has one of its own and does not ignore the resource's."""
    if task.calendar_uid is None:
        return calendars.working_time(project_uid if resource.calendar_uid is None else resource.calendar_uid)
    if resource.calendar_uid is None or task.ignore_resource_calendar:
        return calendars.working_time(task.calendar_uid)
    return calendars.common(task.calendar_uid, resource.calendar_uid)


def _assigned_minutes(task: Task, assignment: Assignment) -> int:
    """How long the assignment's work takes; the task's duration when that is what it comes to.

    Files keep units to a hundredth, so 160 minutes at 0.33 of a worker are still the 480 minutes they were entered as.
    """
    work, units = assignment.work_minutes, assignment.units
    if work is None or abs(work - task.duration_minutes * units) <= task.duration_minutes * 0.005 + 0.5:
        return task.duration_minutes
    return round(work / units)


def _edge(
    link: Link, plan: Plan, rows: dict[int, int], gate: Sequence[int], lag_calendar: Sequence[WorkingTime]
) -> Edge:
    for uid in (link.predecessor_uid, link.successor_uid):
        if uid not in rows:
            raise InvalidPlanError(f"task {uid} is not in the plan", place=f"link {link.uid}")
    source, target = rows[link.predecessor_uid], rows[link.successor_uid]
    lag, elapsed = link.lag_minutes, link.lag_elapsed
    if link.lag_percent is not None:
        predecessor = plan.tasks[link.predecessor_uid]
        lag = round(predecessor.duration_minutes * link.lag_percent / 100)
        elapsed = elapsed or predecessor.duration_elapsed
    return Edge(
        source=source,
        target=target if gate[target] == NONE else gate[target],
        kind=link.kind,
        lag=lag,
        calendar=ELAPSED if elapsed else lag_calendar[target],
    )


def _order(
    tasks: Sequence[Task],
    parent: Sequence[int],
    children: Sequence[Sequence[int]],
    gate: Sequence[int],
    outgoing: Sequence[Sequence[Edge]],
) -> list[int]:
    """Kahn's algorithm over tasks and gates."""
    rows = range(len(tasks))
    owner = {gate[row]: row for row in rows if gate[row] != NONE}
    following: list[list[int]] = [[edge.target for edge in edges] for edges in outgoing]
    for row in rows:
        if parent[row] != NONE:
            following[row].append(parent[row])
        for child in children[row]:
            following[gate[row]].append(child if gate[child] == NONE else gate[child])
    waits = [0] * len(following)
    for targets in following:
        for target in targets:
            waits[target] += 1
    order = [node for node, count in enumerate(waits) if count == 0]
    for node in order:
        for target in following[node]:
            waits[target] -= 1
            if waits[target] == 0:
                order.append(target)
    if len(order) < len(following):
        _refuse_circle(tasks, owner, following, {node for node, count in enumerate(waits) if count})
    return order


def _refuse_circle(
    tasks: Sequence[Task], owner: dict[int, int], following: Sequence[Sequence[int]], stuck: set[int]
) -> None:
    # Every stuck node waits for another stuck one: walking backwards must come round.
    waits_for: dict[int, int] = {}
    for node in sorted(stuck, reverse=True):
        for target in following[node]:
            if target in stuck:
                waits_for[target] = node
    path: list[int] = []
    node = min(waits_for)
    while node not in path:
        path.append(node)
        node = waits_for[node]
    circle = path[path.index(node) :][::-1]
    uids: list[int] = []
    for member in circle:
        uid = tasks[owner.get(member, member)].uid
        if not uids or uids[-1] != uid:
            uids.append(uid)
    if len(uids) > 1 and uids[0] == uids[-1]:
        uids.pop()
    names = {task.uid: task.name for task in tasks}
    first = uids.index(min(uids))
    uids = uids[first:] + uids[:first]
    named = " -> ".join(f'"{names[uid]}" ({uid})' for uid in (*uids, uids[0]))
    raise InvalidPlanError(f"links must not lead in a circle: {named}", uids=tuple(uids))


__all__ = ["NONE", "ConstraintKind", "Edge", "Network", "Part", "network"]
