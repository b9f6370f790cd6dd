"""What the days of a project cost, beside its tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from nirman.optimization.compression.result import Figures
from nirman.planning.costs import plan_costs
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import DAY

_NOTHING = Decimal(0)
_MINUTE = timedelta(minutes=1)


class Days:
    """Calendar days, since contracts and sites count them so."""

    def __init__(self, plan: Plan, start: datetime) -> None:
        project = plan.project
        self._first = start.date()
        self._indirect, self._damages = project.indirect_cost_per_day, project.delay_damages_per_day
        self._due = None if project.must_finish is None else _last_day(project.must_finish)

    @property
    def cost_anything(self) -> bool:
        return bool(self._indirect or (self._damages and self._due is not None))

    def indirect(self, finish: datetime) -> Decimal:
        return self._indirect * ((_last_day(finish) - self._first).days + 1)

    def damages(self, finish: datetime) -> Decimal:
        if self._due is None:
            return _NOTHING
        return self._damages * max(0, (_last_day(finish) - self._due).days)

    def both(self, finish: datetime) -> Decimal:
        return self.indirect(finish) + self.damages(finish)


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


def _last_day(finish: datetime) -> date:
    """A finish at midnight belongs to the day before."""
    return (finish - _MINUTE).date()
