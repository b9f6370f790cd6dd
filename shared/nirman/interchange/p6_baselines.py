"""Baselines of summary tasks, which Primavera P6 does not keep: they span what the activities below them had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nirman.planning.model import Task, TaskBaseline


def rolled_up(kept: Mapping[int, TaskBaseline], tasks: Mapping[int, Task]) -> tuple[TaskBaseline, ...]:
    """Those of the activities, and of all summaries above them, ascending by uid.

    A summary's duration stays 0: the working time between its dates is the schedule's to say.
    """
    found = dict(kept)
    for uid, baseline in kept.items():
        at, seen = tasks[uid].parent_uid, set[int]()
        while at is not None and at not in seen:
            seen.add(at)
            found[at] = _together(found.get(at), replace(baseline, uid=at, duration_minutes=0))
            at = tasks[at].parent_uid
    return tuple(found[uid] for uid in sorted(found))


def _together(one: TaskBaseline | None, other: TaskBaseline) -> TaskBaseline:
    if one is None:
        return other
    return replace(
        one,
        start=min(one.start, other.start),
        finish=max(one.finish, other.finish),
        work_minutes=min(one.work_minutes + other.work_minutes, 52_560_000),
        cost=one.cost + other.cost,
    )
