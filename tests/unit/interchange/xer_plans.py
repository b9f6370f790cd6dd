"""What is read of small XER files."""

from __future__ import annotations

from nirman.interchange.result import ImportResult
from nirman.interchange.xer_reader import read_xer
from nirman.planning.model import Plan, Task
from tests.unit.interchange.p6_files import activity, xer

PROGRESS = {"act_start_date": "2026-01-05 08:00", "status_code": "TK_Active"}


def plan_of(*tasks, **tables) -> Plan:
    result = read_xer(xer(tasks or [activity(1)], **tables))
    assert result.plan is not None, result.errors
    return result.plan


def task_of(**values) -> Task:
    return plan_of(activity(1, **values)).tasks[1]


def rules(result: ImportResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def findings(result: ImportResult, rule: str) -> list[str]:
    return [f"{finding.place}: {finding.text}" for finding in result.findings if finding.rule == rule]
