"""How far an optimization is: what people in the project's room see while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known at this moment. `finish` and `cost` are those of the best plan found so far.

    `done` is the share of the work, 0 to 1; None of a search that goes on until its time is over. No plan can finish
    before `bound`, and so the best may be too late by at most the share `gap` of its duration.
    """

    phase: str = ""
    done: float | None = None
    finish: datetime | None = None
    cost: Decimal | None = None
    bound: datetime | None = None
    gap: float | None = None


OnProgress = Callable[[Progress], None]
"""Answers at once and may be called from any thread, however often."""


def silent(_: Progress) -> None:
    """For whoever does not want to hear."""
