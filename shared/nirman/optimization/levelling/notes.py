"""What somebody should know who reads a levelling, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.optimization.levelling.locks import Lock, lock_of
from nirman.optimization.levelling.shop import working_resources
from nirman.planning.model import Plan

_MOST_NAMES = 5


def notes(plan: Plan) -> tuple[str, ...]:
    """`plan` is the plan as it was."""
    return (*notes_of_resources(plan), *_of_earlier_delays(plan))


def notes_of_resources(plan: Plan) -> Iterator[str]:
    """Which resources are levelled against what they say, and which are left alone."""
    working = sorted(working_resources(plan))
    left_alone = [uid for uid in working if not plan.resources[uid].can_level]
    if left_alone and left_alone == working:
        yield "no resource of the plan lets itself be levelled (can_level), so all of them are"
    elif left_alone:
        yield f"not levelled, as can_level says: {_named(plan.resources[uid].name or str(uid) for uid in left_alone)}"


def _of_earlier_delays(plan: Plan) -> Iterator[str]:
    summaries = {task.parent_uid for task in plan.tasks.values()}
    moving = (None, Lock.LATE)
    delayed = [t for t in plan.tasks.values() if t.leveling_delay_minutes and lock_of(t, summaries) in moving]
    if delayed:
        tasks = "1 task" if len(delayed) == 1 else f"{len(delayed)} tasks"
        yield f"delays that {tasks} had by levelling before were taken back first"


def _named(names: Iterator[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(found[:_MOST_NAMES]) + more
