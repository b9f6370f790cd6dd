"""What moved and why, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.planning.explain import Cause, Explanation, MovedTask, Step
from nirman.planning.words import days, instant


def lines(explanation: Explanation) -> Iterator[str]:
    """The project's finish, the causes with what each moved, then a line for each task."""
    was, now = explanation.project_finish
    per_day = explanation.minutes_per_day
    if was == now:
        yield f"Finish {instant(now)}, as before"
    else:
        yield f"Finish {instant(was)} -> {instant(now)}"
    if not explanation.tasks:
        yield "No task moved."
        return
    yield from ("", "Why")
    yield from (f"  {_cause(cause, per_day)}" for cause in explanation.causes)
    if explanation.causes_left_out:
        yield f"  and {explanation.causes_left_out} more"
    if explanation.unexplained:
        yield f"  {_tasks(explanation.unexplained)} moved for no reason found in the edits"
    yield from ("", "What moved")
    yield from (f"  {_task(task, per_day)}" for task in explanation.tasks)
    if explanation.tasks_left_out:
        yield f"  and {_tasks(explanation.tasks_left_out)} more"


def _cause(cause: Cause, per_day: int) -> str:
    moved = f"moved {_tasks(cause.moved)}"
    if cause.largest is not None and cause.largest.minutes:
        moved += f", at most {_step(cause.largest, per_day)}"
    return f"{cause.text}; {moved}"


def _task(task: MovedTask, per_day: int) -> str:
    was, now = task.finish
    if was is None or now is None:
        new = task.finish[1] is not None
        return f'"{task.name}" ({task.uid}) {"is new" if new else "is gone"}'
    half = len(task.chain) // 2 + 1 if task.chain_left_out else len(task.chain)
    steps = [_step(step, per_day) for step in task.chain]
    if task.chain_left_out:
        steps.insert(half, f"({task.chain_left_out} more)")
    return f"{' -> '.join(steps)}: finishes {instant(was)} -> {instant(now)}"


def _step(step: Step, per_day: int) -> str:
    if not step.minutes:
        return f'"{step.name}"'
    return f'"{step.name}" {"+" if step.minutes > 0 else ""}{days(step.minutes, per_day)}'


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"
