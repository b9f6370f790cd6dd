"""What the days of a project cost, beside its tasks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from nirman.planning.model import Plan

_NOTHING = Decimal(0)
_MINUTE = timedelta(minutes=1)


class Days:
    """Calendar days, since contracts and sites count them so; amounts are in the project's currency."""

    def __init__(self, plan: Plan, start: datetime) -> None:
        project = plan.project
        self._first = start.date()
        self._indirect, self._damages = project.indirect_cost_per_day, project.delay_damages_per_day
        self._due = None if project.must_finish is None else last_day(project.must_finish)

    @property
    def cost_anything(self) -> bool:
        return bool(self._indirect or (self._damages and self._due is not None))

    def indirect(self, finish: datetime) -> Decimal:
        """Of each day from the start to the finish, both counted."""
        return self._indirect * ((last_day(finish) - self._first).days + 1)

    def damages(self, finish: datetime) -> Decimal:
        """Of each day after the one by whose end the project must finish."""
        if self._due is None:
            return _NOTHING
        return self._damages * max(0, (last_day(finish) - self._due).days)

    def both(self, finish: datetime) -> Decimal:
        return self.indirect(finish) + self.damages(finish)


def last_day(finish: datetime) -> date:
    """A finish at midnight belongs to the day before."""
    return (finish - _MINUTE).date()
