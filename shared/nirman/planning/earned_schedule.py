"""Earned schedule: how far into the plan the earned value reaches, in time.

W. Lipke, "Schedule is Different", The Measurable News, March 2003; the forecast is K. Henderson's, in "Further
Developments in Earned Schedule", The Measurable News, Spring 2004.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


def earned_periods(planned: Sequence[Decimal], earned: Decimal) -> float:
    """The periods that the earned value was planned to take: those whole, and a linear share of the one begun.

    `planned` is the cumulative planned value at the start and at the end of each period, ascending. Never more than
    it takes until the last of it is planned; 0 when nothing is earned.
    """
    end = bisect_left(planned, planned[-1])
    if earned <= 0:
        return 0.0
    whole = bisect_right(planned, earned) - 1
    if whole >= end:
        return float(end)
    return whole + float((earned - planned[whole]) / (planned[whole + 1] - planned[whole]))


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedSchedule:
    """In periods: earned (ES), gone by (AT) and planned in all (PD)."""

    earned: float
    actual: float
    planned: float
    variance: float
    """SV(t) = ES - AT: negative is late."""
    performance_index: float | None
    """SPI(t) = ES / AT; None while no time has gone by."""
    estimate_at_completion: float | None
    """IEAC(t) = PD / SPI(t); None while nothing is earned."""


def earned_schedule(*, earned: float, actual: float, planned: float) -> EarnedSchedule:
    index = earned / actual if actual > 0 else None
    return EarnedSchedule(
        earned=earned,
        actual=actual,
        planned=planned,
        variance=earned - actual,
        performance_index=index,
        estimate_at_completion=planned / index if index else None,
    )
