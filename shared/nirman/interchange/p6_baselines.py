"""Baselines of Primavera P6: whole projects as they were, or, where a project has none, its own planned dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from nirman.interchange.p6_activity import read_planned
from nirman.interchange.p6_gathering import Gathering
from nirman.interchange.p6_project import ProjectRecord, read_project
from nirman.interchange.p6_report import Report
from nirman.interchange.p6_resources import read_planned_assignment
from nirman.interchange.p6_row import MAX_MINUTES, Row
from nirman.planning.findings import Severity
from nirman.planning.model import AssignmentBaseline, Baseline, Task, TaskBaseline

_MAX_BASELINES = 10
"""Beside the one that counts, which is 0."""
_Record = TypeVar("_Record")


class SavedBaseline:
    """A baseline project of a file. Its activities are known by the codes they share with those of the project."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.project: ProjectRecord | None = None
        self.codes: dict[int, str] = {}
        self.tasks: dict[str, TaskBaseline] = {}
        self.costs: dict[int, Decimal] = {}
        self.assignments: list[tuple[int, int, AssignmentBaseline]] = []

    def name_it(self, row: Row) -> None:
        self.project = read_project(row)

    def take(self, kind: str, row: Row) -> None:
        activity = row.uid if kind == "Activity" else row.reference("activity")
        if activity is None:
            return
        if kind == "Activity":
            planned = read_planned(row, activity)
            self.codes[activity] = row.text("code")
            if planned is not None:
                self.tasks[self.codes[activity]] = planned
        elif kind == "ActivityExpense":
            self.costs[activity] = self.costs.get(activity, Decimal(0)) + (row.money("planned") or Decimal(0))
        elif kind == "ResourceAssignment":
            planned_work = read_planned_assignment(row, 0)
            self.costs[activity] = self.costs.get(activity, Decimal(0)) + planned_work.cost
            resource = row.reference("resource")
            if resource is not None:
                self.assignments.append((activity, resource, planned_work))

    def of(
        self, uids: Mapping[str, int], works: Mapping[tuple[int, int], Sequence[int]]
    ) -> tuple[dict[int, TaskBaseline], dict[int, AssignmentBaseline]]:
        """By uids of the project: `uids` of activities by code, `works` of assignments by activity and resource."""
        by_code = {self.codes[activity]: cost for activity, cost in self.costs.items() if activity in self.codes}
        tasks = {
            uids[code]: replace(planned, uid=uids[code], cost=by_code.get(code, Decimal(0)))
            for code, planned in self.tasks.items()
            if code in uids
        }
        gone = len(self.tasks) - len(tasks)
        if gone:
            self.report.add(
                Severity.INFO, "baseline-only", f"{gone} activities of a baseline are no longer in the project"
            )
        used: Counter[tuple[int, int]] = Counter()
        kept: dict[int, AssignmentBaseline] = {}
        for activity, resource, planned_work in self.assignments:
            ends = uids.get(self.codes.get(activity, ""), -1), resource
            same = works.get(ends, ())
            if used[ends] < len(same):
                uid = same[used[ends]]
                used[ends] += 1
                kept[uid] = replace(planned_work, uid=uid)
        return tasks, kept


def make_baselines(
    gathered: Gathering, saved: Iterable[SavedBaseline], tasks: Mapping[int, Task], assignments: Iterable[int]
) -> dict[int, Baseline]:
    """0 is the one that the project names, or else its planned dates; the others follow in the file's order."""
    projects = gathered.projects
    first = next(iter(projects))
    codes = _codes(gathered, first)
    works = _works(gathered, assignments)
    slots: dict[int, list[Baseline]] = {}
    following = dict.fromkeys(projects, 1)
    named: set[int] = set()
    for baseline in saved:
        record = baseline.project
        if record is None:
            continue
        original = first if record.original is None or record.original not in projects else record.original
        slot = 0 if record.uid == projects[original].baseline and original not in named else following[original]
        if slot == 0:
            named.add(original)
        else:
            following[original] += 1
        if slot > _MAX_BASELINES:
            record.row.count(Severity.WARNING, "too-many-baselines", f"only {_MAX_BASELINES + 1} baselines are kept")
            continue
        kept, kept_works = baseline.of(codes.get(original, {}), works)
        slots.setdefault(slot, []).append(_baseline(slot, record, kept, kept_works))
    unnamed = _without_baseline(gathered, named)
    if unnamed:
        slots.setdefault(0, []).append(_planned(gathered, unnamed, works, first))
    return {slot: made for slot, parts in sorted(slots.items()) if (made := _joined(parts, tasks)).tasks}


def _codes(gathered: Gathering, first: int) -> dict[int, dict[str, int]]:
    """Of each project its activities by code."""
    found: dict[int, dict[str, int]] = {}
    for uid, activity in gathered.activities.items():
        found.setdefault(first if activity.project is None else activity.project, {})[activity.task.code] = uid
    return found


def _works(gathered: Gathering, assignments: Iterable[int]) -> dict[tuple[int, int], list[int]]:
    """Assignments by activity and resource."""
    found: dict[tuple[int, int], list[int]] = {}
    for uid in assignments:
        assignment = gathered.assignments[uid].assignment
        found.setdefault((assignment.task_uid, assignment.resource_uid), []).append(uid)
    return found


def _without_baseline(gathered: Gathering, named: set[int]) -> set[int]:
    """Projects that have none at all; of those whose baseline is not in the file it is told."""
    found: set[int] = set()
    for uid, project in gathered.projects.items():
        if uid in named:
            continue
        if project.baseline is None:
            found.add(uid)
        else:
            project.row.count(
                Severity.INFO, "baseline-elsewhere", "a project's baseline is not in the file: it has none here"
            )
    return found


def _baseline(
    slot: int, record: ProjectRecord, tasks: Mapping[int, TaskBaseline], works: Mapping[int, AssignmentBaseline]
) -> Baseline:
    return Baseline(
        uid=slot,
        name=record.name or record.code,
        taken_at=record.taken_at or record.data_date,
        tasks=_ascending(tasks),
        assignments=_ascending(works),
    )


def _planned(
    gathered: Gathering, projects: set[int], works: Mapping[tuple[int, int], Sequence[int]], first: int
) -> Baseline:
    """P6 measures a project without a baseline against its own planned dates and costs."""
    costs = {uid: expense.planned for uid, expense in gathered.expenses.items()}
    for record in gathered.assignments.values():
        task = record.assignment.task_uid
        costs[task] = costs.get(task, Decimal(0)) + record.planned.cost
    planned = {
        uid: replace(activity.planned, cost=costs.get(uid, Decimal(0)))
        for uid, activity in gathered.activities.items()
        if activity.planned is not None and (first if activity.project is None else activity.project) in projects
    }
    kept = {
        uid: gathered.assignments[uid].planned for (task, _), uids in works.items() if task in planned for uid in uids
    }
    return Baseline(uid=0, name="Planned dates", tasks=_ascending(planned), assignments=_ascending(kept))


def _joined(parts: list[Baseline], tasks: Mapping[int, Task]) -> Baseline:
    """Of several projects one, with the summaries above the activities."""
    kept = {task.uid: task for part in parts for task in part.tasks}
    works = {work.uid: work for part in parts for work in part.assignments}
    return replace(parts[0], tasks=_rolled_up(kept, tasks), assignments=_ascending(works))


def _rolled_up(kept: Mapping[int, TaskBaseline], tasks: Mapping[int, Task]) -> tuple[TaskBaseline, ...]:
    """P6 keeps none of summaries: they span what is below them.

    Their duration stays 0: the working time between two dates is the schedule's to say.
    """
    found = dict(kept)
    for uid, baseline in kept.items():
        at = tasks[uid].parent_uid
        while at is not None:
            found[at] = _together(found.get(at), replace(baseline, uid=at, duration_minutes=0))
            at = tasks[at].parent_uid
    return _ascending(found)


def _ascending(records: Mapping[int, _Record]) -> tuple[_Record, ...]:
    return tuple(records[uid] for uid in sorted(records))


def _together(one: TaskBaseline | None, other: TaskBaseline) -> TaskBaseline:
    if one is None:
        return other
    return replace(
        one,
        start=min(one.start, other.start),
        finish=max(one.finish, other.finish),
        work_minutes=min(one.work_minutes + other.work_minutes, MAX_MINUTES),
        cost=one.cost + other.cost,
    )
