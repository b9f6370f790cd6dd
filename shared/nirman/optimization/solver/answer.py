"""What the solver says: a schedule, how good it is at least, and what was proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """`optimal`: no schedule is shorter. `infeasible`: there is none at all. `unknown`: none was found."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Solution:
    """By activity, in the problem's order; `segments` of those that were split: `[start, finish)` in order."""

    starts: tuple[int, ...]
    finishes: tuple[int, ...]
    modes: tuple[int, ...]
    makespan: int
    """The last finish, 0 of no activities."""
    lateness: int = 0
    """Periods by which latest finishes are missed, together; a `feasible` answer has none."""
    segments: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why there is no schedule: the rule, and the activity or the resource (by number) that breaks it."""

    rule: str
    activity: int | None = None
    renewable: int | None = None
    non_renewable: int | None = None
    period: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`solution` is None where none was found; of `unknown` it may be one that misses latest finishes."""

    status: Status
    solution: Solution | None
    lower_bound: int
    """No schedule has a smaller makespan."""
    bound_by: str
    """What proved it: `critical path`, `energy`, `energetic reasoning`, `constraint programming`."""
    schedules: int = 0
    """How many were made."""
    reproducible: bool = True
    """The same problem, seed and limit give the same answer again; not with several workers, or cut by the clock."""
    conflicts: tuple[Conflict, ...] = ()

    @property
    def gap(self) -> float | None:
        """By how much the makespan may be too long, as a share of it; None without a solution."""
        if self.solution is None:
            return None
        makespan = self.solution.makespan
        return (makespan - self.lower_bound) / makespan if makespan else 0.0


Progress = Callable[[Solution | None, int], None]
"""Hears the best solution and the best lower bound when either has improved."""
