"""What `nirman schedule` adds for a plan that is measured: earned value, and money by period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from nirman.cli.output import finding, when
from nirman.cli.table import table
from nirman.planning.earned_value import Performance, earned_value
from nirman.planning.model import Plan
from nirman.planning.periods import Period
from nirman.planning.schedule import Schedule
from nirman.planning.time_series import Flow, Point, time_series


def sections(plan: Plan, schedule: Schedule, series: str | None) -> dict[str, Any]:
    """`earned_value` when there are a baseline and a status date, `series` when it is asked for (a period)."""
    found: dict[str, Any] = {}
    if (measured := _measured(plan, schedule)) is not None:
        found["earned_value"] = {
            "baseline": measured.baseline_uid,
            "status_date": measured.status_date,
            "currency": plan.project.currency,
            "project": measured.total.rounded(),
            "schedule": measured.schedule,
            "finish": measured.finish,
            "tasks": [{"uid": uid, "figures": figures.rounded()} for uid, figures in measured.tasks.items()],
            "findings": [finding(one) for one in measured.findings],
        }
    if series is not None:
        found["series"] = _series(plan, schedule, series)
    return found


def lines(plan: Plan, schedule: Schedule, series: str | None) -> Iterator[str]:
    """The same for people."""
    if (measured := _measured(plan, schedule)) is not None:
        yield ""
        yield from _figures(plan, measured)
    if series is not None:
        yield ""
        yield from _periods(_series(plan, schedule, series))


def _measured(plan: Plan, schedule: Schedule) -> Performance | None:
    """Against baseline 0, or the first there is."""
    if plan.project.status_date is None or not plan.baselines:
        return None
    return earned_value(plan, schedule, baseline_uid=min(plan.baselines))


def _series(plan: Plan, schedule: Schedule, period: str) -> Sequence[Point]:
    return time_series(plan, schedule, Period(period), baseline_uid=min(plan.baselines, default=0))


def _figures(plan: Plan, measured: Performance) -> Iterator[str]:
    total = measured.total.rounded()
    yield (
        f"Earned value at {when(measured.status_date)} against baseline {measured.baseline_uid}, "
        f"in {plan.project.currency}"
    )
    amounts = (total.bac, total.pv, total.ev, total.ac, total.sv, total.cv, total.eac, total.vac)
    indices = (total.spi, total.cpi, total.tcpi_bac)
    head = ("BAC", "PV", "EV", "AC", "SV", "CV", "EAC", "VAC", "SPI", "CPI", "TCPI")
    row = (*map(_money, amounts), *map(_ratio, indices))
    yield from table(head, [row], right=frozenset(head))
    if measured.schedule is not None:
        reached = measured.schedule
        forecast = "" if measured.finish is None else f"; at that pace it ends at {when(measured.finish)}"
        yield (
            f"Earned schedule: {reached.earned:.1f} of {reached.planned:.1f} working days after {reached.actual:.1f}, "
            f"SPI(t) {_ratio(reached.performance_index)}{forecast}"
        )


def _periods(points: Sequence[Point]) -> Iterator[str]:
    head = ("from", "PV", "EV", "AC", "early", "late", "forecast", "total PV", "total EV", "total AC")
    rows = []
    for point in points:
        measured = (point.planned_value, point.earned_value, point.actual_cost)
        flows = (*measured, point.planned_early, point.planned_late, point.forecast)
        rows.append((point.start.isoformat(), *map(_amount, flows), *map(_total, measured)))
    yield from table(head, rows, right=frozenset(head[1:]))


def _amount(flow: Flow | None) -> str:
    return _money(None if flow is None else flow.amount)


def _total(flow: Flow | None) -> str:
    return _money(None if flow is None else flow.total)


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.2f}"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"
