"""What an allocation says: who does what now, what that saves, and how good it is at least."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nirman.optimization.answers import Money, MovedTask, Status
from nirman.optimization.options import Aim
from nirman.planning.commands import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """An assignment that another resource gets; costs are those of its work."""

    task_uid: int
    task_name: str
    assignment_uid: int
    from_uid: int
    from_name: str
    to_uid: int
    to_name: str
    cost_before: Decimal
    cost_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Tasks that keep whom they have, and the rule that says so."""

    rule: str
    task_uids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Figures are of the plan as the engine schedules it; with the allocation it is levelled too.

    `levelled_*` are of the plan with everybody where they are, levelled: what the choice alone is worth is the
    difference to that. Bounds are of all choices of resources and all levelled plans; None where none is known.
    """

    status: Status
    minimise: Aim
    finish_before: datetime
    finish_after: datetime
    levelled_finish: datetime
    cost_before: Money
    cost_after: Money
    levelled_cost: Money
    overload_before_minutes: int
    levelled_overload_minutes: int
    overload_after_minutes: int
    finish_bound: datetime | None
    cost_bound: Decimal | None
    gap: float | None
    """By how much of it the cost, or the project's working time, may be too much; None without a bound."""
    method: str
    """What searched: `constraint programming`, `all choices`, `neighbours`."""
    tried: int
    """Choices that were scheduled by the engine."""
    reassigned: tuple[Reassigned, ...]
    kept: tuple[Kept, ...]
    moved: tuple[MovedTask, ...]
    """Those that move furthest, of `moved_count`."""
    moved_count: int
    stopped: bool
    reproducible: bool
    operations: tuple[Operation, ...]
