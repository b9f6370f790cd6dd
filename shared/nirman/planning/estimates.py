"""What is uncertain of a plan and what could be bought: ranges of durations, faster ways, overlaps, risks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from nirman.planning.fields import Minutes, Name, Percent, Probability, Text, Uid, Units, check, check_money


class Distribution(StrEnum):
    """How likely the values between the least and the most are."""

    TRIANGULAR = "triangular"
    PERT = "pert"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"


class RiskState(StrEnum):
    """Only an open risk can still happen."""

    OPEN = "open"
    OCCURRED = "occurred"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationEstimate:
    """Three points of a task's whole duration, in the minutes that its `duration_minutes` counts."""

    optimistic_minutes: Minutes
    most_likely_minutes: Minutes
    pessimistic_minutes: Minutes
    distribution: Distribution = Distribution.PERT
    """A uniform one does not mind the most likely value."""

    def __post_init__(self) -> None:
        check(
            self.optimistic_minutes <= self.most_likely_minutes <= self.pessimistic_minutes,
            "an estimate must ascend from optimistic over most likely to pessimistic",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashPoint:
    """A shorter duration, and what it costs more than the task's own, in the project's currency."""

    duration_minutes: Minutes
    cost: Decimal

    def __post_init__(self) -> None:
        check(self.cost.is_finite() and self.cost >= 0, "the cost of a shorter duration must be a number, not negative")
        check_money("the cost of a shorter duration", self.cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """How a task can be done faster: by any of the points alone, or (`linear`) anywhere between them too.

    The task's own duration at no more cost is a point by itself.
    """

    points: Annotated[tuple[CrashPoint, ...], Meta(min_length=1, max_length=20)]
    """Descending by duration, ascending by cost."""
    linear: bool = True

    def __post_init__(self) -> None:
        for longer, shorter in zip(self.points, self.points[1:], strict=False):
            check(
                longer.duration_minutes > shorter.duration_minutes and longer.cost <= shorter.cost,
                "shorter durations must follow longer ones and cost no less",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How far the successor of a finish-start link may begin before the predecessor's finish, and what that risks."""

    max_percent: Percent
    """Of the predecessor's duration."""
    rework_probability: Probability = 0.0
    rework_percent: Percent = 0
    """Of the overlapped duration, added to the successor's when rework comes about."""
    rework_cost: Decimal = Decimal(0)
    """When rework comes about, beside that of the longer successor."""

    def __post_init__(self) -> None:
        check(self.rework_cost.is_finite() and self.rework_cost >= 0, "rework_cost must be a number, not negative")
        check_money("rework_cost", self.rework_cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """How many units of a resource there are from `start` to `finish`, both included; None: without end."""

    start: date | None = None
    finish: date | None = None
    units: Units

    def __post_init__(self) -> None:
        check(
            self.start is None or self.finish is None or self.start <= self.finish,
            "the finish of an availability must not precede its start",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Something that may happen. It then delays each of its tasks, and costs once, both by a triangular range.

    Delays are working minutes added to a task's duration; costs are in the project's currency.
    """

    uid: Uid
    name: Name = ""
    state: RiskState = RiskState.OPEN
    probability: Probability = 0.0
    task_uids: Annotated[tuple[Uid, ...], Meta(max_length=1_000)] = ()
    """Ascending, each once. Without tasks it costs money alone."""
    least_delay_minutes: Minutes = 0
    likely_delay_minutes: Minutes = 0
    most_delay_minutes: Minutes = 0
    least_cost: Decimal = Decimal(0)
    likely_cost: Decimal = Decimal(0)
    most_cost: Decimal = Decimal(0)
    owner: Name = ""
    response: Text = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "task_uids", tuple(sorted(set(self.task_uids))))
        check(
            self.least_delay_minutes <= self.likely_delay_minutes <= self.most_delay_minutes,
            "delays must ascend from least over likely to most",
        )
        for cost in (self.least_cost, self.likely_cost, self.most_cost):
            check(cost.is_finite() and cost >= 0, "the cost of a risk must be a number, not negative")
            check_money("the cost of a risk", cost)
        check(self.least_cost <= self.likely_cost <= self.most_cost, "costs must ascend from least over likely to most")
