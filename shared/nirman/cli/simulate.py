"""`nirman simulate`: how likely each finish and cost is, what decides it, and what to keep in reserve."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import monotonic
from typing import Any

import msgspec

from nirman.cli.files import load, told_of
from nirman.cli.output import in_days, show, when
from nirman.cli.table import table
from nirman.errors import InvalidInputError
from nirman.optimization.options import SimulateOptions
from nirman.optimization.risk import RiskAssessment, assessment
from nirman.optimization.simulation.monte_carlo import simulate
from nirman.optimization.simulation.result import Method, Simulation, Source
from nirman.optimization.stop import Deadline
from nirman.planning.model import Plan

_TOLD = (5, 10, 25, 50, 75, 80, 90, 95)
_MOST_LINES = 10


def run(arguments: Namespace) -> int:
    """Errors as of `files.load`, and as of `simulate`; `InvalidInputError` also names an option that cannot be."""
    options = _options(arguments)
    plan, _, _ = load(arguments.plan)
    endless = Deadline(math.inf, monotonic)  # whoever does not want to wait presses Ctrl-C
    with told_of(arguments.plan), ThreadPoolExecutor(1) as executor:
        found = simulate(plan, options, stop=endless, beside=executor)
        assessed = assessment(plan, options, found)
    show(lambda: _document(found, assessed), lambda: _report(plan, found, assessed), as_json=arguments.json)
    return 0


def _options(arguments: Namespace) -> SimulateOptions:
    values = {
        "iterations": arguments.iterations,
        "seed": arguments.seed,
        "confidence_percent": arguments.confidence,
        "spread_below_percent": arguments.spread_below,
        "spread_above_percent": arguments.spread_above,
        "correlation": arguments.correlation,
        "finish_by": None if arguments.by is None else _instant(arguments.by),
        "risks": not arguments.no_risks,
        "rain": not arguments.no_rain,
        "levelled": arguments.levelled,
    }
    try:
        return msgspec.convert(values, SimulateOptions)
    except msgspec.ValidationError as error:
        raise InvalidInputError(str(error).replace("`$.", "`"), place="options") from error


def _instant(text: str) -> datetime:
    """A day is meant to its end."""
    whole = f"{text}T23:59" if len(text) == len("2026-01-01") else text
    try:
        return datetime.fromisoformat(whole)
    except ValueError as error:
        raise InvalidInputError("must be a date, or a date and time, as in 2026-12-31T17:00", place="--by") from error


def _document(found: Simulation, assessed: RiskAssessment) -> dict[str, Any]:
    """The simulation's own fields, and `risk`."""
    document: dict[str, Any] = msgspec.to_builtins(found, str_keys=True)
    del document["operations"]
    return document | {"risk": msgspec.to_builtins(assessed)}


def _report(plan: Plan, found: Simulation, assessed: RiskAssessment) -> Iterator[str]:
    finish, cost = found.finish, found.cost
    asked = f" of {found.iterations_asked:,} asked for" if found.iterations < found.iterations_asked else ""
    yield f"{plan.project.name or 'Plan'}: {found.iterations:,} samples{asked}, seed {found.seed}"
    yield (
        f"{found.varying_tasks} tasks vary, {found.open_risks} open risks, rain stops {found.wet_tasks} tasks; "
        + _method(found)
    )
    yield from (f"note: {note}" for note in found.notes)
    yield ""
    yield f"planned finish {when(finish.planned)}: met in {finish.planned_percentile:.1f} % of the samples"
    yield from (
        f"{target.kind.replace('_', ' ')} {when(target.date)}{f' of {target.name}' if target.name else ''}: "
        f"met in {100 * target.probability:.1f} %"
        for target in found.targets
    )
    yield ""
    head = ("of 100", "finish", f"cost {found.currency}")
    rows = [(f"P{number}", when(finish.percentiles[number]), f"{cost.percentiles[number]:,.2f}") for number in _TOLD]
    rows.append(("mean", when(finish.mean), f"{cost.mean:,.2f}"))
    rows.append(("plan", when(finish.planned), f"{cost.planned:,.2f}"))
    yield from table(head, rows, right=frozenset(head[2:]))
    yield ""
    yield from _reserve(found, assessed)
    yield from _tornado(plan, found)
    yield from _risky(assessed)


def _method(found: Simulation) -> str:
    if found.method is not Method.NODE_BY_NODE:
        return "each sample levelled" if found.method is Method.LEVELLED else "each sample scheduled whole"
    return f"{found.nodes_at_once:,} of {found.nodes:,} tasks scheduled for eight samples at once"


def _reserve(found: Simulation, assessed: RiskAssessment) -> Iterator[str]:
    reserve = assessed.contingency
    yield f"risk score {assessed.score} of 100 ({assessed.level})"
    yield (
        f"in reserve for {assessed.confidence_percent} %: {reserve.working_days:g} working days "
        f"(finish {when(reserve.finish)}) and {found.currency} {reserve.cost:,.2f}"
    )


def _tornado(plan: Plan, found: Simulation) -> Iterator[str]:
    if not found.tornado:
        return
    of = {figures.uid: figures for figures in found.tasks}
    head = ("what the finish depends on", "rank correlation", "critical", "low", "high", "swing, days")
    rows = [
        (
            f"{'risk: ' if bar.source is Source.RISK else ''}{bar.name or bar.uid}",
            f"{bar.rank_correlation:.2f}",
            f"{of[bar.uid].criticality:.0%}" if bar.source is Source.TASK else "",
            when(bar.low_finish),
            when(bar.high_finish),
            in_days(bar.swing_minutes, plan.project.minutes_per_day),
        )
        for bar in found.tornado[:_MOST_LINES]
    ]
    yield ""
    yield from table(head, rows, right=frozenset({"rank correlation", "critical", "swing, days"}))


def _risky(assessed: RiskAssessment) -> Iterator[str]:
    if not assessed.tasks:
        return
    yield ""
    yield "tasks at risk:"
    for task in assessed.tasks[:_MOST_LINES]:
        yield f"  {task.name or task.uid}: {'; '.join(reason.text for reason in task.reasons)}"
