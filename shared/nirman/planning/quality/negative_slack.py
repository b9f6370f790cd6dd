"""Which constraint, deadline or required finish makes slack negative, and for how many tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nirman.planning.findings import Finding, Severity
from nirman.planning.logic import Logic, is_finished
from nirman.planning.model import ConstraintKind, Task
from nirman.planning.words import about, days, instant
from nirman.scheduling.instants import to_minutes

_PROJECT = -1
"""Stands for the project's own required finish among the causes."""
_NO_LATER = {
    ConstraintKind.SNLT: False,
    ConstraintKind.MSO: False,
    ConstraintKind.SO: False,
    ConstraintKind.FNLT: True,
    ConstraintKind.MFO: True,
    ConstraintKind.FO: True,
}
"""Constraints that bound late dates; whether it is the finish that they bound."""


def negative_slack(logic: Logic) -> Iterator[Finding]:
    """One finding for each cause, at the task that has it: how many tasks it presses, and by how much at worst."""
    pressed: dict[int, list[int]] = {}
    causes: dict[int, int] = {}
    for dates in logic.schedule:
        if dates.total_slack_minutes < 0 and not dates.summary and dates.uid in logic.active:
            pressed.setdefault(_cause(logic, dates.uid, causes), []).append(dates.uid)
    for uid, tasks in pressed.items():
        worst = min(logic.schedule[task].total_slack_minutes for task in tasks)
        yield _finding(logic, uid, len(tasks), days(-worst, logic.plan.project.minutes_per_day))


def _finding(logic: Logic, uid: int, count: int, worst: str) -> Finding:
    tasks = "1 task has" if count == 1 else f"{count} tasks have"
    pressing = f"{tasks} up to {worst} too little time for it"
    must_finish = logic.plan.project.must_finish
    if uid == _PROJECT and must_finish is not None:
        text = f"the project must finish {instant(must_finish)}: {pressing}"
        return Finding(severity=Severity.WARNING, rule="negative-slack", text=text, place="project")
    task = logic.plan.tasks[uid]
    bounds = [text for text, _, _ in _bounds(task)]
    said = " and ".join(bounds) if bounds else "what it is linked to"
    return about(task, "negative-slack", f"{said}: {pressing}")


def _cause(logic: Logic, uid: int, known: dict[int, int]) -> int:
    """Follows the most pressed successor until a task whose own bound explains its slack."""
    path: dict[int, None] = {}
    found = uid
    while found not in known:
        path[found] = None
        following = _following(logic, found)
        if following is None or following in path:
            known[found] = found
        elif following == _PROJECT:
            known[found] = _PROJECT
        else:
            found = following
            continue
        break
    cause = known[found]
    known.update(dict.fromkeys(path, cause))
    return cause


def _following(logic: Logic, uid: int) -> int | None:
    """None: the cause is the task's own."""
    own = logic.schedule[uid].total_slack_minutes
    task = logic.plan.tasks[uid]
    violated = _violation(logic, task)
    if violated is not None and violated <= own:
        return None
    least, following = 0, None
    for above in (uid, *logic.ancestors(uid)):
        if above != uid and (pressure := _violation(logic, logic.plan.tasks[above])) is not None and pressure < least:
            least, following = pressure, above
        for link in logic.outgoing.get(above, ()):
            slack = logic.schedule[link.successor_uid].total_slack_minutes
            if slack < least and not is_finished(logic.plan.tasks[link.successor_uid]):
                least, following = slack, link.successor_uid
    if following is not None and (least <= own or not _bounds(task)):
        return following
    if _bounds(task) or logic.plan.project.must_finish is None:
        return None
    return _PROJECT


def _violation(logic: Logic, task: Task) -> int | None:
    """Working minutes from where the task is to its own tightest bound; None without one."""
    gaps = [
        logic.gap(task.uid, logic.finish(task.uid) if of_finish else logic.start(task.uid), to_minutes(at))
        for _, at, of_finish in _bounds(task)
    ]
    return min(gaps, default=None)


def _bounds(task: Task) -> list[tuple[str, datetime, bool]]:
    """What of the task itself bounds its late dates: in words, when, and whether it bounds the finish."""
    found = [
        (f"{kind} {instant(at)}", at, _NO_LATER[kind])
        for kind, at in (
            (task.constraint, task.constraint_date),
            (task.second_constraint, task.second_constraint_date),
        )
        if kind in _NO_LATER and at is not None
    ]
    if task.deadline is not None:
        found.append((f"deadline {instant(task.deadline)}", task.deadline, True))
    if task.external_late_finish is not None:
        at = task.external_late_finish
        found.append((f"another project needs it by {instant(at)}", at, True))
    return found
