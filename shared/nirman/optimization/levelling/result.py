"""What levelling gives: a plan, how good it is at least, what moved, and what conflict remains and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nirman.optimization.answers import Status
from nirman.optimization.conflicts import Conflict
from nirman.planning.commands import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A task that starts or finishes at another time than in the plan as it was.

    `minutes` are working minutes of the task's calendar from the old start to the new one, negative: earlier.
    """

    uid: int
    name: str
    from_start: datetime
    from_finish: datetime
    to_start: datetime
    to_finish: datetime
    minutes: int
    delay_minutes: int
    """Elapsed, that levelling puts on top of what links ask for; 0: it follows others."""
    pauses: int = 0
    """How many splits it got."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why levelling could not move a task of a conflict out of it; without a uid: of the conflict as a whole."""

    uid: int | None
    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    conflict: Conflict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Of one resource, before and after; peaks in units, overload in minutes of work."""

    resource_uid: int
    name: str
    peak_before: float
    peak_after: float
    overload_before_minutes: int
    overload_after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """Dates and makespan are those of the engine's own schedule of the levelled plan.

    Makespan and bound are working minutes of the project's calendar from the project's start; no plan that keeps all
    links, calendars, constraints and capacities finishes before `lower_bound_finish`. `gap` is by how much of the
    makespan it may be too long, 0 to 1.
    """

    status: Status
    start: datetime
    finish: datetime
    finish_before: datetime
    makespan_minutes: int
    lower_bound_minutes: int
    lower_bound_finish: datetime
    bound_by: str
    gap: float
    moved: tuple[Moved, ...]
    unresolved: tuple[Unresolved, ...]
    loads: tuple[Load, ...]
    missed_deadlines: tuple[int, ...]
    """Uids of tasks that keep their deadlines in the plan as it was, and miss them now."""
    schedules: int
    """How many were tried."""
    stopped: bool
    """Whether the search was ended before it knew that nothing is better."""
    reproducible: bool
    notes: tuple[str, ...]
    """What somebody should know who reads it, in a sentence each."""
    operations: tuple[Operation, ...]
    """Applied to the plan as it was, they give the levelled plan."""
