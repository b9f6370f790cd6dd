"""What a plan comes to, and the days that could be saved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nirman.optimization.compression.result import Figures
from nirman.optimization.days import Days
from nirman.planning.costs import plan_costs
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import DAY

_NOTHING = Decimal(0)


def figures(plan: Plan, schedule: Schedule, days: Days, *, rework: Decimal = _NOTHING) -> Figures:
    finish = schedule.project_finish
    return Figures(
        finish=finish,
        direct=plan_costs(plan, schedule).total.cost,
        indirect=days.indirect(finish),
        damages=days.damages(finish),
        rework=rework,
    )


def ends_of_days(first: int, last: int) -> Iterator[int]:
    """Midnights from the first after an instant (or it) until before another: whole days that could be saved."""
    at = -(-first // DAY) * DAY
    while at < last:
        yield at
        at += DAY
