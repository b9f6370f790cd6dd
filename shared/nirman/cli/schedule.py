"""`nirman schedule`: what the engine makes of a plan, as JSON for programs or a table for people."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import msgspec

from nirman.cli.files import load
from nirman.cli.table import table
from nirman.interchange.result import ImportResult
from nirman.planning.findings import Finding, Severity
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule, TaskDates


def run(path: str, *, as_json: bool) -> int:
    plan, schedule, result = load(path)
    if as_json:
        data = msgspec.json.encode(document(plan, schedule, result))
        sys.stdout.write(msgspec.json.format(data, indent=1).decode())
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_report(plan, schedule, result))
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
        "findings": [_finding(finding) for finding in (*result.findings, *schedule.findings)],
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


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "text": finding.text,
        "place": finding.place,
        "uid": finding.uid,
    }


def _report(plan: Plan, schedule: Schedule, result: ImportResult) -> str:
    head = ("!", "id", "WBS", "task", "start", "finish", "slack", "driver")
    ids = {dates.uid: str(dates.id) for dates in schedule}
    rows = [
        (
            "*" if dates.critical else "",
            str(dates.id),
            dates.wbs,
            "  " * dates.wbs.count(".") + (plan.tasks[dates.uid].name or "-") + (" (milestone)" * dates.milestone),
            _when(dates.start),
            _when(dates.finish),
            _days(dates.total_slack_minutes, plan.project.minutes_per_day),
            "" if dates.driver is None else ids[dates.driver],
        )
        for dates in schedule
    ]
    tasks = sum(1 for dates in schedule if not dates.summary)
    critical = sum(1 for dates in schedule if dates.critical and not dates.summary)
    lines = [
        f"{plan.project.name or 'Plan'}: {_when(schedule.project_start)} to {_when(schedule.project_finish)}",
        f"{tasks} tasks, {critical} of them critical (*); slack in days of {plan.project.minutes_per_day / 60:g} hours",
        "",
        *table(head, rows, right=frozenset({"id", "slack", "driver"})),
    ]
    notes = [finding for finding in (*result.findings, *schedule.findings) if finding.severity is not Severity.INFO]
    lines += ["", *(f"{note.severity.value}: {note.place + ': ' if note.place else ''}{note.text}" for note in notes)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _when(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M")


def _days(minutes: int, minutes_per_day: int) -> str:
    return f"{minutes / minutes_per_day:.2f}".rstrip("0").rstrip(".")
