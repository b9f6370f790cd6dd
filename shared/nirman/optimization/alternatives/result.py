"""What is answered when somebody asks for ways out of conflicts: plain values, which become JSON as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from nirman.optimization.answers import Completion, Money, MovedTask
from nirman.planning.commands import Operation


class Way(StrEnum):
    """How a conflict is met."""

    DELAY = "delay"
    SPLIT = "split"
    SUBSTITUTE = "substitute"
    OVERTIME = "overtime"
    SECOND_SHIFT = "second_shift"
    MORE_UNITS = "more_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEffect:
    """What the plan can bear less than before.

    Slack consumed is that which leaf tasks lost to the finish before, in working minutes, all together; near-critical
    are those with no more of it than a tenth of the project's working time. The late finish is kept with 80 %
    probability; of the best ways out of a conflict, where tasks have ranges of durations.
    """

    slack_consumed_minutes: int
    near_critical_before: int
    near_critical_after: int
    late_finish_before: datetime | None = None
    late_finish_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way out. Figures are of the plan with the operations applied, as the engine schedules it.

    `finish_minutes`: by how many working minutes of the project's calendar the finish is later. Conflicts are named by
    id: those of the plan that are `solved`, those of this conflict that are `left`, and `new` ones.
    """

    id: str
    rank: int
    way: Way
    text: str
    solves: bool
    finish_before: datetime
    finish_after: datetime
    finish_minutes: int
    cost_before: Money
    cost_after: Money
    cost_difference: Decimal
    overload_before_minutes: int
    """Minutes of work asked of resources beyond what there is of them, in the whole plan."""
    overload_after_minutes: int
    solved: tuple[str, ...]
    left: tuple[str, ...]
    new: tuple[str, ...]
    risk: RiskEffect
    moved: tuple[MovedTask, ...]
    """Those that move furthest, of `moved_count`."""
    moved_count: int
    remarks: tuple[str, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A way that is no way out here, and the rule that says so."""

    way: Way
    rule: str
    resource_uid: int
    task_uids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Of one conflict; the best comes first."""

    conflict_id: str
    resource_uid: int
    resource_name: str
    start: datetime
    finish: datetime
    task_uids: tuple[int, ...]
    overload_minutes: int
    alternatives: tuple[Alternative, ...]
    impossible: tuple[Impossible, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """`conflicts` has the worst first; `conflict_count` is of all that were found."""

    status: Completion
    finish: datetime
    cost: Money
    conflict_count: int
    conflicts: tuple[Ways, ...]
