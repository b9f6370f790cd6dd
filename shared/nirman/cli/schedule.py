"""`nirman schedule`: what the engine makes of a plan, as JSON for programs or a table for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from nirman.cli import earned_value
from nirman.cli.files import load
from nirman.cli.output import finding, in_days, line, print_json, when
from nirman.cli.table import plain, table
from nirman.errors import InvalidInputError
from nirman.interchange.result import ImportResult
from nirman.planning.findings import Finding, Severity
from nirman.planning.float_paths import FloatPath, RankedBy, float_paths, longest_path
from nirman.planning.model import Plan
from nirman.planning.quality import schedule_findings
from nirman.planning.schedule import Schedule, TaskDates


def run(
    path: str,
    *,
    as_json: bool,
    paths: int = 0,
    end_uid: int | None = None,
    by_total_float: bool = False,
    series: str | None = None,
) -> int:
    """`paths`: so many float paths too, into `end_uid` (None: the task that finishes last); `series`: a period."""
    plan, schedule, result = load(path)
    ranked_by = RankedBy.TOTAL_FLOAT if by_total_float else RankedBy.FREE_FLOAT
    try:
        ranked = float_paths(plan, schedule, end_uid=end_uid, limit=paths, ranked_by=ranked_by) if paths else None
    except InvalidInputError as error:
        raise InvalidInputError(error.rule, place=f"{path}: --end") from error
    if as_json:
        found = document(plan, schedule, result)
        if ranked is not None:
            found |= {"float_paths": ranked, "longest_path": longest_path(plan, schedule)}
        print_json(found | earned_value.sections(plan, schedule, series))
    else:
        lines = _report(plan, schedule, result) + ([] if ranked is None else ["", *_paths(plan, schedule, ranked)])
        lines += earned_value.lines(plan, schedule, series)
        sys.stdout.writelines(f"{plain(text)}\n" for text in lines)
    return 0


def document(plan: Plan, schedule: Schedule, result: ImportResult) -> dict[str, Any]:
    """The keys that programs rely on. Times are ISO, local to the project; slack is in working minutes."""
    return {
        "project": {
            "start": schedule.project_start,
            "finish": schedule.project_finish,
            "status_date": plan.project.status_date,
        },
        "tasks": [_task(plan, dates) for dates in schedule],
        "findings": [finding(found) for found in _findings(plan, schedule, result)],
    }


def _task(plan: Plan, dates: TaskDates) -> dict[str, Any]:
    return {
        "uid": dates.uid,
        "id": dates.id,
        "wbs": dates.wbs,
        "name": plan.tasks[dates.uid].name,
        "summary": dates.summary,
        "milestone": dates.milestone,
        "start": dates.start,
        "finish": dates.finish,
        "early_start": dates.early_start,
        "early_finish": dates.early_finish,
        "late_start": dates.late_start,
        "late_finish": dates.late_finish,
        "total_slack_minutes": dates.total_slack_minutes,
        "free_slack_minutes": dates.free_slack_minutes,
        "critical": dates.critical,
        "driver": dates.driver,
    }


def _findings(plan: Plan, schedule: Schedule, result: ImportResult) -> Sequence[Finding]:
    return (*result.findings, *schedule_findings(plan, schedule))


def _report(plan: Plan, schedule: Schedule, result: ImportResult) -> list[str]:
    head = ("!", "id", "WBS", "task", "start", "finish", "slack", "driver")
    ids = {dates.uid: str(dates.id) for dates in schedule}
    rows = [
        (
            "*" if dates.critical else "",
            str(dates.id),
            dates.wbs,
            "  " * dates.wbs.count(".") + (plan.tasks[dates.uid].name or "-") + (" (milestone)" * dates.milestone),
            when(dates.start),
            when(dates.finish),
            in_days(dates.total_slack_minutes, plan.project.minutes_per_day),
            "" if dates.driver is None else ids[dates.driver],
        )
        for dates in schedule
    ]
    tasks = sum(1 for dates in schedule if not dates.summary)
    critical = sum(1 for dates in schedule if dates.critical and not dates.summary)
    lines = [
        f"{plan.project.name or 'Plan'}: {when(schedule.project_start)} to {when(schedule.project_finish)}",
        f"{tasks} tasks, {critical} of them critical (*); slack in days of {plan.project.minutes_per_day / 60:g} hours",
        "",
        *table(head, rows, right=frozenset({"id", "slack", "driver"})),
    ]
    notes = [found for found in _findings(plan, schedule, result) if found.severity is not Severity.INFO]
    if notes:
        lines += ["", *(line(note) for note in notes)]
    return lines


def _paths(plan: Plan, schedule: Schedule, paths: Sequence[FloatPath]) -> Iterator[str]:
    yield "Float paths: slack in days, then tasks by row"
    for path in paths:
        slack = in_days(path.float_minutes, plan.project.minutes_per_day)
        rows = " -> ".join(str(schedule[uid].id) for uid in path.uids)
        joins = "" if path.joins is None else f" -> {schedule[path.joins].id} (of a path above)"
        yield f"{path.number}. {slack}d: {rows}{joins}"
