"""`nirman schedule`: what the engine makes of a plan, as JSON for programs or a table for people."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from nirman.cli import earned_value
from nirman.cli.files import is_psplib, load, told_of
from nirman.cli.output import finding, in_days, line, show, when
from nirman.cli.table import table
from nirman.errors import InvalidInputError
from nirman.interchange.result import ImportResult
from nirman.planning.findings import Finding, Severity
from nirman.planning.float_paths import FloatPath, RankedBy, float_paths, longest_path
from nirman.planning.model import Plan
from nirman.planning.quality import schedule_findings
from nirman.planning.schedule import Schedule, TaskDates


def run(arguments: Namespace) -> int:
    """Errors as of `files.load`; `InvalidInputError` too where `--end` names no task that paths lead to."""
    if is_psplib(arguments.plan):
        from nirman.cli import psplib  # noqa: PLC0415  # the solver only where needed

        return psplib.schedule(arguments.plan, as_json=arguments.json)
    plan, schedule, result = load(arguments.plan)
    ranked = _ranked(plan, schedule, arguments) if arguments.paths else None

    def programs() -> dict[str, Any]:
        found = document(plan, schedule, result)
        if ranked is not None:
            found |= {"float_paths": ranked, "longest_path": longest_path(plan, schedule)}
        return found | earned_value.sections(plan, schedule, arguments.series)

    def people() -> Iterator[str]:
        yield from _report(plan, schedule, result)
        if ranked is not None:
            yield from ("", *_paths(plan, schedule, ranked))
        yield from earned_value.lines(plan, schedule, arguments.series)

    with told_of(arguments.plan):
        show(programs, people, as_json=arguments.json)
    return 0


def _ranked(plan: Plan, schedule: Schedule, arguments: Namespace) -> Sequence[FloatPath]:
    ranked_by = RankedBy.TOTAL_FLOAT if arguments.by_total_float else RankedBy.FREE_FLOAT
    try:
        return float_paths(plan, schedule, end_uid=arguments.end, limit=arguments.paths, ranked_by=ranked_by)
    except InvalidInputError as error:
        raise InvalidInputError(error.rule, place=f"{arguments.plan}: --end") from error


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


def _report(plan: Plan, schedule: Schedule, result: ImportResult) -> Iterator[str]:
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
    yield f"{plan.project.name or 'Plan'}: {when(schedule.project_start)} to {when(schedule.project_finish)}"
    hours = plan.project.minutes_per_day / 60
    yield f"{tasks} tasks, {critical} of them critical (*); slack in days of {hours:g} hours"
    yield ""
    yield from table(head, rows, right=frozenset({"id", "slack", "driver"}))
    notes = [found for found in _findings(plan, schedule, result) if found.severity is not Severity.INFO]
    if notes:
        yield from ("", *(line(note) for note in notes))


def _paths(plan: Plan, schedule: Schedule, paths: Sequence[FloatPath]) -> Iterator[str]:
    yield "Float paths: slack in days, then tasks by row"
    for path in paths:
        slack = in_days(path.float_minutes, plan.project.minutes_per_day)
        rows = " -> ".join(str(schedule[uid].id) for uid in path.uids)
        joins = "" if path.joins is None else f" -> {schedule[path.joins].id} (of a path above)"
        yield f"{path.number}. {slack}d: {rows}{joins}"
