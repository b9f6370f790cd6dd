"""An activity of Primavera P6 as a task.

A P6 activity keeps three durations: planned (original), remaining and, derived, at completion. The scheduler places the
remaining one. So a task that has not started takes the remaining duration; one that has keeps the planned duration,
which its percent complete is counted from, and its remaining minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nirman.interchange.p6_row import MAX_MINUTES, Row
from nirman.interchange.p6_vocabulary import (
    CONSTRAINTS,
    EFFORT_DRIVEN,
    EFFORT_KINDS,
    PERCENT_KINDS,
    PRIORITIES,
    STATUSES,
    TASK_KINDS,
    Status,
)
from nirman.planning.findings import Severity
from nirman.planning.model import ConstraintKind, EffortKind, PercentKind, Task, TaskBaseline, TaskKind

MILESTONES = frozenset({TaskKind.START_MILESTONE, TaskKind.FINISH_MILESTONE})
_UNDATED = frozenset({ConstraintKind.ASAP, ConstraintKind.ALAP})


@dataclass(frozen=True, slots=True)
class Activity:
    """A task without its place in the outline; `project` and `wbs` are where the file puts it, `planned` its dates."""

    task: Task
    project: int | None
    wbs: int | None
    planned: TaskBaseline | None
    line: int


@dataclass(frozen=True, slots=True)
class _Progress:
    actual_start: datetime | None
    actual_finish: datetime | None
    planned: int
    remaining: int

    @property
    def duration(self) -> int:
        return self.remaining if self.actual_start is None else self.planned

    @property
    def percent(self) -> int:
        if self.actual_finish is not None:
            return 100
        if self.actual_start is None or self.remaining >= self.planned:
            return 0
        return round(100 * (self.planned - self.remaining) / self.planned)


def read_activity(row: Row, uid: int) -> Activity:
    kind = row.choice("kind", TASK_KINDS, TaskKind.TASK)
    progress = _progress(row, uid, is_milestone=kind in MILESTONES)
    started, finished = progress.actual_start, progress.actual_finish
    first, first_date = _constraint(row, "constraint", "constraint_date")
    second, second_date = _constraint(row, "constraint2", "constraint_date2")
    percent = row.percent("physical_percent")
    task = Task(
        uid=uid,
        name=row.text("name"),
        code=row.text("code"),
        kind=kind,
        milestone=kind in MILESTONES,
        duration_minutes=progress.duration,
        calendar_uid=row.reference("calendar"),
        ignore_resource_calendar=kind is not TaskKind.RESOURCE_DEPENDENT,
        effort=row.choice("effort", EFFORT_KINDS, EffortKind.FIXED_DURATION),
        effort_driven=row.text("effort") in EFFORT_DRIVEN,
        work_minutes=_work(row),
        percent_kind=row.choice("percent_kind", PERCENT_KINDS, PercentKind.DURATION),
        percent_complete=progress.percent,
        physical_percent=percent,
        actual_start=started,
        actual_finish=finished,
        remaining_minutes=None if started is None else progress.remaining,
        expected_finish=row.instant("expected_finish"),
        stop=None if started is None else row.instant("suspend"),
        resume=None if started is None or finished is not None else row.instant("resume"),
        constraint=first,
        constraint_date=first_date,
        second_constraint=second,
        second_constraint_date=second_date,
        external_early_start=row.instant("external_start"),
        external_late_finish=row.instant("external_finish"),
        priority=row.choice("priority", PRIORITIES, 500),
        notes=row.text("notes", 32_000),
    )
    return Activity(task, row.reference("project"), row.reference("wbs"), read_planned(row, uid), row.line)


def read_planned(row: Row, uid: int) -> TaskBaseline | None:
    """None without planned dates."""
    start, finish = row.instant("planned_start"), row.instant("planned_finish")
    if start is None or finish is None:
        return None
    work = (row.minutes("planned_labor") or 0) + (row.minutes("planned_other") or 0)
    return TaskBaseline(
        uid=uid,
        start=start,
        finish=max(start, finish),
        duration_minutes=row.minutes("planned") or 0,
        work_minutes=min(work, MAX_MINUTES),
    )


def _progress(row: Row, uid: int, *, is_milestone: bool) -> _Progress:
    """What was done when; where status and dates of the file contradict each other, the dates count."""
    status = row.choice("status", STATUSES, Status.NOT_STARTED)
    started, finished = row.instant("actual_start"), row.instant("actual_finish")
    if status is Status.COMPLETED and finished is None:
        finished = row.instant("planned_finish") or started
        _contradiction(row, uid, "it is completed without an actual finish: its planned finish is taken")
    if finished is not None and started is None:
        started = finished if is_milestone else min(row.instant("planned_start") or finished, finished)
    if status is Status.IN_PROGRESS and started is None:
        started = row.instant("planned_start")
        _contradiction(row, uid, "it is in progress without an actual start: its planned start is taken")
    if started is not None and finished is not None and finished < started:
        _contradiction(row, uid, "its actual finish precedes its actual start: the start is taken for both")
        finished = started
    planned, remaining = row.minutes("planned"), row.minutes("remaining")
    if is_milestone:
        planned = remaining = 0
    elif finished is not None:
        remaining = 0
    elif remaining is None:
        remaining = planned or 0
    elif started is None and planned is not None and planned != remaining:
        row.count(
            Severity.INFO,
            "planned-duration",
            "not started, and its planned duration is not what remains: what remains is taken",
        )
    return _Progress(started, finished, remaining if planned is None else planned, remaining)


def _contradiction(row: Row, uid: int, text: str) -> None:
    row.finding(Severity.WARNING, "progress-contradiction", text, uid=uid)


def _constraint(row: Row, kind_name: str, date_name: str) -> tuple[ConstraintKind, datetime | None]:
    kind = row.choice(kind_name, CONSTRAINTS, ConstraintKind.ASAP)
    at = row.instant(date_name)
    if kind in _UNDATED:
        return kind, None
    if at is None:
        row.count(Severity.WARNING, "no-constraint-date", f"a constraint without {row.own_name(date_name)} is left out")
        return ConstraintKind.ASAP, None
    return kind, at


def _work(row: Row) -> int:
    """Labour and non-labour, done and left."""
    names: tuple[str, ...] = ("actual_labor", "remaining_labor", "actual_other", "remaining_other")
    if not any(row.has(name) for name in names):
        names = ("planned_labor", "planned_other")
    return min(sum(row.minutes(name) or 0 for name in names), MAX_MINUTES)
