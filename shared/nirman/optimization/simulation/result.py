"""What a simulation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from nirman.optimization.answers import Completion
from nirman.planning.commands import Operation


class Method(StrEnum):
    """`node_by_node`: tasks as usual for eight samples at once, all others by the engine's functions one by one.
    `engine`: each sample is scheduled by the engine as a whole. `levelled`: and its resources are levelled.
    """

    NODE_BY_NODE = "node_by_node"
    ENGINE = "engine"
    LEVELLED = "levelled"


class Source(StrEnum):
    """What a finish depends on."""

    TASK = "task"
    RISK = "risk"


class TargetKind(StrEnum):
    MUST_FINISH = "must_finish"
    FINISH_BY = "finish_by"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPoint:
    finish: datetime
    probability: float
    """Of finishing then or before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    cost: Decimal
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishFigures:
    """`percentiles` by number: in so many of a hundred samples the finish is then or before.

    `deviation_minutes` are working minutes of the project's calendar.
    """

    planned: datetime
    planned_percentile: float
    """How many of a hundred samples finish as planned or before."""
    mean: datetime
    deviation_minutes: float
    least: datetime
    most: datetime
    percentiles: Mapping[int, datetime]
    curve: tuple[FinishPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFigures:
    """The same of the cost, in the project's currency; indirect costs and damages included."""

    planned: Decimal
    planned_percentile: float
    mean: Decimal
    deviation: Decimal
    least: Decimal
    most: Decimal
    percentiles: Mapping[int, Decimal]
    curve: tuple[CostPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A date, and how likely it is met; `uid` and `name` of the task whose deadline it is."""

    kind: TargetKind
    uid: int | None = None
    name: str = ""
    date: datetime
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFigures:
    """Of a task, or of a summary: when the last task below it ends. Docs say how each index is defined.

    `deviation_days` are days of 24 hours of its finish; indices are 0 to 1, the correlation -1 to 1.
    """

    uid: int
    name: str
    summary: bool
    planned_finish: datetime
    mean_finish: datetime
    deviation_days: float
    p50: datetime
    p80: datetime
    criticality: float
    rank_correlation: float
    cruciality: float
    sensitivity: float
    """The schedule sensitivity index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """`delay_days`: by how many days of 24 hours samples in which it comes about finish later, in the mean, than those
    in which it does not; None where there are only the ones or the others.
    """

    uid: int
    name: str
    occurred: float
    delay_days: float | None
    rank_correlation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Of the tornado: what the finish is when this alone is low (its 10th percentile; a risk does not come about) or
    high (its 90th; it comes about, with its likely delay), everything else as planned.

    `swing_minutes` are working minutes of the project's calendar between the two.
    """

    source: Source
    uid: int
    name: str
    rank_correlation: float
    low_finish: datetime
    high_finish: datetime
    swing_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """`iterations` are those taken; a run that is levelled, or ended early, has fewer than `iterations_asked`.

    `ranked_iterations`: how many of the samples, the first, rank correlations are of.
    """

    status: Completion
    method: Method
    nodes: int
    nodes_at_once: int
    iterations: int
    iterations_asked: int
    ranked_iterations: int
    seed: int
    varying_tasks: int
    open_risks: int
    wet_tasks: int
    currency: str
    confidence_percent: int
    finish_at_confidence: datetime
    cost_at_confidence: Decimal
    finish: FinishFigures
    cost: CostFigures
    targets: tuple[Target, ...]
    tasks: tuple[TaskFigures, ...]
    """In outline order."""
    risks: tuple[RiskFigures, ...]
    tornado: tuple[Bar, ...]
    """The strongest rank correlation first."""
    notes: tuple[str, ...]
    operations: tuple[Operation, ...] = ()
    """A simulation proposes nothing."""
