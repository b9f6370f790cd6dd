"""What several answers of the optimizer have in common: plain values, which become JSON as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Completion(StrEnum):
    """`stopped`: the time was over, or somebody said so; the answer is of what was tried until then."""

    COMPLETE = "complete"
    STOPPED = "stopped"


class Status(StrEnum):
    """How good a levelled plan is. `optimal`: no other is better, and that is proven. `partial`: conflicts remain."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTask:
    """`minutes` of wall time from the old finish to the new."""

    uid: int
    name: str
    start_before: datetime
    start_after: datetime
    finish_before: datetime
    finish_after: datetime
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """In the project's currency.

    `direct`: all tasks, as `planning.costs` has them. `indirect` and `damages`: as `days.Days` counts them.
    """

    direct: Decimal
    indirect: Decimal
    damages: Decimal

    @property
    def total(self) -> Decimal:
        return self.direct + self.indirect + self.damages
