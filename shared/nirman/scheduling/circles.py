"""Links in a circle, through summaries too: which tasks, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from nirman.errors import InvalidPlanError
from nirman.planning.model import Plan, TaskKind
from nirman.scheduling.columns import active_of

_Node = tuple[int, bool]
"""A task by uid; True: the gate that holds a summary's children back."""


def refuse_circle(plan: Plan) -> NoReturn:
    """`InvalidPlanError` with the tasks of a circle; the plan must have one."""
    following = _following(plan)
    waits: dict[_Node, int] = dict.fromkeys(following, 0)
    for targets in following.values():
        for target in targets:
            waits[target] += 1
    free = [node for node, count in waits.items() if count == 0]
    for node in free:
        for target in following[node]:
            waits[target] -= 1
            if waits[target] == 0:
                free.append(target)
    circle = _circle(following, {node for node, count in waits.items() if count})
    uids = list(_distinct(circle))
    first = uids.index(min(uids))
    uids = uids[first:] + uids[:first]
    named = " -> ".join(f'"{plan.tasks[uid].name}" ({uid})' for uid in (*uids, uids[0]))
    raise InvalidPlanError(f"links must not lead in a circle: {named}", uids=tuple(uids))


def _following(plan: Plan) -> dict[_Node, list[_Node]]:
    """What has to wait for each node."""
    parents = {task.parent_uid for task in plan.tasks.values()}
    following: dict[_Node, list[_Node]] = {}
    for uid in plan.tasks:
        following[uid, False] = []
        if uid in parents:
            following[uid, True] = []
    for task in plan.tasks.values():
        if task.parent_uid is not None:
            following[task.uid, False].append((task.parent_uid, False))
            following[task.parent_uid, True].append((task.uid, task.uid in parents))
    kinds = (TaskKind.LEVEL_OF_EFFORT, TaskKind.WBS_SUMMARY)
    follows = {task.uid for task in plan.tasks.values() if task.kind in kinds and task.uid not in parents}
    active = active_of(plan.tasks.values(), plan.tasks)
    idle = {uid for uid, is_active in zip(plan.tasks, active, strict=True) if not is_active}
    for link in sorted(plan.links.values(), key=lambda link: link.uid):
        source, target = link.predecessor_uid, link.successor_uid
        if idle.isdisjoint((source, target)):
            if source in follows and target not in follows:
                following[target, False].append((source, False))
            else:
                following[source, False].append((target, target in parents))
    return following


def _circle(following: dict[_Node, list[_Node]], stuck: set[_Node]) -> list[_Node]:
    # Every stuck node waits for another stuck one: walking backwards must come round.
    waits_for: dict[_Node, _Node] = {}
    for node in sorted(stuck, reverse=True):
        for target in following[node]:
            if target in stuck:
                waits_for[target] = node
    path: list[_Node] = []
    node = min(waits_for)
    while node not in path:
        path.append(node)
        node = waits_for[node]
    return path[path.index(node) :][::-1]


def _distinct(circle: list[_Node]) -> Iterator[int]:
    """A summary's gate and span count once where they follow each other."""
    previous = circle[-1][0] if len(circle) > 1 else None
    for uid, _ in circle:
        if uid != previous or len(circle) == 1:
            yield uid
        previous = uid
