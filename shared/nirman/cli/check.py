"""`nirman check`: the DCMA assessment of a plan, what is odd in it, and the holidays that may still move it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from nirman.cli.files import load, told_of
from nirman.cli.output import finding, in_days, line, show, when
from nirman.cli.table import table
from nirman.planning.estimated import HolidayRisk, ShiftEffect, holiday_risks
from nirman.planning.findings import Finding
from nirman.planning.model import Plan
from nirman.planning.quality import Check, Verdict, assess, schedule_findings
from nirman.planning.schedule import Schedule

FAILED = 1
_NAMED = 5
"""Tasks of a check, findings of a rule that the table names; JSON has all."""
_HOLIDAYS = 3
_INDEXES = ("critical_path_length_index", "baseline_execution_index")


def run(arguments: Namespace) -> int:
    """1 where a check fails and `--strict` is given, else 0. Errors as of `files.load`."""
    plan, schedule, result = load(arguments.plan)
    with told_of(arguments.plan):
        checks = assess(plan, schedule)
        findings = (*result.findings, *schedule_findings(plan, schedule))
        risks = holiday_risks(plan, schedule)
    found = (plan, schedule, checks, findings, risks)
    show(lambda: document(*found), lambda: _report(*found), as_json=arguments.json)
    failed = any(check.verdict is Verdict.FAIL for check in checks)
    return FAILED if arguments.strict and failed else 0


def document(
    plan: Plan,
    schedule: Schedule,
    checks: Sequence[Check],
    findings: Sequence[Finding],
    risks: Sequence[HolidayRisk],
) -> dict[str, Any]:
    """The keys that programs rely on. A check's `value` is null when it is not applicable; its `note` says why."""
    return {
        "project": {
            "start": schedule.project_start,
            "finish": schedule.project_finish,
            "status_date": plan.project.status_date,
        },
        **{verdict.value: sum(1 for check in checks if check.verdict is verdict) for verdict in Verdict},
        "checks": checks,
        "findings": [finding(found) for found in findings],
        "estimated_holidays": [
            {
                "name": risk.holiday.name,
                "start": risk.holiday.start,
                "finish": risk.holiday.finish,
                "delay_minutes": risk.delay_minutes,
                "a_day_earlier": risk.a_day_earlier,
                "a_day_later": risk.a_day_later,
            }
            for risk in risks
        ],
    }


def _report(
    plan: Plan,
    schedule: Schedule,
    checks: Sequence[Check],
    findings: Sequence[Finding],
    risks: Sequence[HolidayRisk],
) -> Iterator[str]:
    yield f"{plan.project.name or 'Plan'}: {when(schedule.project_start)} to {when(schedule.project_finish)}"
    counts = [f"{sum(1 for check in checks if check.verdict is verdict)} {_SAID[verdict]}" for verdict in Verdict]
    yield f"DCMA 14-point assessment: {', '.join(counts)}"
    yield ""
    head = ("no", "check", "result", "value", "must be", "of")
    rows = [(str(check.number), check.title, _SAID[check.verdict], *_figures(check)) for check in checks]
    yield from table(head, rows, right=frozenset({"no", "value"}))
    yield ""
    yield from _reasons(plan, schedule, checks)
    yield from _by_rule(findings)
    yield from _holidays(plan, risks)


_SAID = {Verdict.PASS: "passed", Verdict.FAIL: "FAILED", Verdict.NOT_APPLICABLE: "not applicable"}


def _figures(check: Check) -> tuple[str, str, str]:
    bound = f"at {'least' if check.at_least else 'most'} {_value(check, check.threshold)}"
    if check.value is None:
        return "", bound, ""
    return _value(check, check.value), bound, f"{check.numerator:g} of {check.denominator:g}"


def _value(check: Check, value: float) -> str:
    return f"{value:.2f}" if check.name in _INDEXES else f"{value:.1%}"


def _reasons(plan: Plan, schedule: Schedule, checks: Sequence[Check]) -> Iterator[str]:
    """Under the table: what fails, by row and name, and why a check does not apply."""
    for check in checks:
        named = [f'{schedule[uid].id} "{plan.tasks[uid].name}"' for uid in check.uids[:_NAMED]]
        if len(check.uids) > _NAMED:
            named.append(f"{len(check.uids) - _NAMED} more")
        said = "; ".join(part for part in (check.note, ", ".join(named)) if part)
        if check.verdict is not Verdict.PASS and said:
            yield f"{check.number}. {check.title}: {said}"


def _by_rule(findings: Sequence[Finding]) -> Iterator[str]:
    rules: dict[str, list[Finding]] = {}
    for found in findings:
        rules.setdefault(found.rule, []).append(found)
    if rules:
        yield from ("", "Findings")
    for same in rules.values():
        yield from (line(found) for found in same[:_NAMED])
        if len(same) > _NAMED:
            yield f"  and {len(same) - _NAMED} more of this kind ({same[0].rule})"


def _holidays(plan: Plan, risks: Sequence[HolidayRisk]) -> Iterator[str]:
    if risks:
        yield from ("", "Holidays that follow the moon, the riskiest first")
    for risk in risks[:_HOLIDAYS]:
        earlier, later = (_effect(plan, effect) for effect in (risk.a_day_earlier, risk.a_day_later))
        yield f"{risk.holiday.name} {risk.holiday.start}: a day earlier {earlier}; a day later {later}"
    if len(risks) > _HOLIDAYS:
        yield f"  and {len(risks) - _HOLIDAYS} more"


def _effect(plan: Plan, effect: ShiftEffect) -> str:
    if not effect.moved:
        return "nothing moves"
    tasks = "1 task moves" if effect.moved == 1 else f"{effect.moved} tasks move"
    if not effect.finish_minutes:
        return f"{tasks}, not the finish"
    days = in_days(effect.finish_minutes, plan.project.minutes_per_day)
    return f"{tasks}, the finish {'+' if effect.finish_minutes > 0 else ''}{days}d"
