"""The tree of tasks: outline order, row numbers, WBS numbers, children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nirman.errors import InvalidPlanError
from nirman.planning.model import Task


@dataclass(frozen=True, slots=True)
class Outline:
    """`uids` in outline order: each parent before its children, siblings by position, then uid."""

    uids: tuple[int, ...]
    children: Mapping[int | None, tuple[int, ...]]
    """Of each task that has any; of None: the tasks at the top."""
    rows: Mapping[int, int]
    """1-based row of each task."""
    wbs: Mapping[int, str]
    levels: Mapping[int, int]
    """1 at the top."""

    def is_summary(self, uid: int) -> bool:
        return uid in self.children


def outline(tasks: Mapping[int, Task]) -> Outline:
    """`InvalidPlanError` when a parent is not in the plan, or a task is below itself."""
    by_parent: dict[int | None, list[Task]] = {}
    for task in tasks.values():
        if task.parent_uid is not None and task.parent_uid not in tasks:
            raise InvalidPlanError(
                f"its parent {task.parent_uid} is not in the plan", place=f"task {task.uid}", uids=(task.uid,)
            )
        by_parent.setdefault(task.parent_uid, []).append(task)
    for siblings in by_parent.values():
        siblings.sort(key=lambda task: (task.position, task.uid))
    children = {parent: tuple(task.uid for task in siblings) for parent, siblings in by_parent.items()}

    order: list[int] = []
    wbs: dict[int, str] = {}
    levels: dict[int, int] = {}
    # Not by recursion: a tree may be deeper than Python's stack.
    waiting = [(uid, str(number), 1) for number, uid in enumerate(children.get(None, ()), 1)][::-1]
    while waiting:
        uid, code, level = waiting.pop()
        order.append(uid)
        wbs[uid] = code
        levels[uid] = level
        below = [(child, f"{code}.{number}", level + 1) for number, child in enumerate(children.get(uid, ()), 1)]
        waiting.extend(reversed(below))
    if len(order) != len(tasks):
        _refuse_circle(tasks, set(tasks).difference(order))
    rows = {uid: row for row, uid in enumerate(order, 1)}
    return Outline(uids=tuple(order), children=children, rows=rows, wbs=wbs, levels=levels)


def _refuse_circle(tasks: Mapping[int, Task], unreached: set[int]) -> None:
    uid: int | None = min(unreached)
    path: list[int] = []
    while uid is not None and uid not in path:
        path.append(uid)
        uid = tasks[uid].parent_uid
    assert uid is not None, "whatever the roots do not reach ends in a circle"
    circle = tuple(path[path.index(uid) :])
    named = " is below ".join(f'"{tasks[member].name}" ({member})' for member in (*circle, circle[0]))
    raise InvalidPlanError(f"a task must not be below itself: {named}", uids=circle)
