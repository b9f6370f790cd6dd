"""Which tasks levelling leaves where they are, and why."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum

from nirman.planning.logic import SPANNING
from nirman.planning.model import ConstraintKind, Task

HIGHEST_PRIORITY = 1000
_FIXED = frozenset({ConstraintKind.MSO, ConstraintKind.MFO})


class Lock(StrEnum):
    """Why a task is not delayed."""

    BEGUN = "has begun"
    MANUAL = "is scheduled by hand"
    PRIORITY = "has priority 1000: not to be levelled"
    DATE = "must start or finish on a date"
    LATE = "goes as late as possible"
    SPANS = "spans what it is linked to, or what is below it"


def lock_of(task: Task, summaries: Container[int | None]) -> Lock | None:
    """None: levelling may delay it; the first reason that holds."""
    if task.uid in summaries or task.kind in SPANNING:
        return Lock.SPANS
    if task.actual_start is not None or task.actual_finish is not None:
        return Lock.BEGUN
    if task.manual and (task.manual_start is not None or task.manual_finish is not None):
        return Lock.MANUAL
    if task.priority == HIGHEST_PRIORITY:
        return Lock.PRIORITY
    if task.constraint in _FIXED or task.second_constraint in _FIXED:
        return Lock.DATE
    if task.constraint is ConstraintKind.ALAP:
        return Lock.LATE
    return None
