"""What a compression says: what to do, what it costs and saves, how sure that is, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from nirman.planning.commands import Operation

NOTHING = Decimal(0)


class Status(StrEnum):
    """`optimal`: nothing is better, and that is proven. `feasible`: `bound` and `gap` say how much better there may be.

    `infeasible`: what was asked for cannot be; `reachable` and `held_by` say what can, and why no more.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one plan, as the engine schedules it; money in the project's currency.

    `direct`: all tasks as `planning.costs` has them, compression included. `indirect`: `indirect_cost_per_day` for each
    calendar day from the start to the finish, both counted. `damages`: `delay_damages_per_day` for each calendar day
    after `must_finish`. `rework`: what overlaps are expected to cost, see `docs/compression.md`.
    """

    finish: datetime
    direct: Decimal
    indirect: Decimal
    damages: Decimal
    rework: Decimal = NOTHING
    total: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.direct + self.indirect + self.damages + self.rework)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortened:
    """A task that is done faster. `cost_per_day` is the slope that its next shorter duration would have, by the working
    day of the project; None: it is as short as it can be.
    """

    uid: int
    name: str
    from_minutes: int
    to_minutes: int
    cost: Decimal
    cost_per_day: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlapped:
    """A link whose successor begins before the predecessor's finish, by so many more working minutes.

    `rework_minutes`: what is added to the successor if rework comes about; `expected_*`: that times its probability.
    """

    uid: int
    predecessor_uid: int
    predecessor: str
    successor_uid: int
    successor: str
    overlap_minutes: int
    lag_minutes: int
    rework_probability: float
    rework_minutes: int
    expected_minutes: float
    expected_cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rework:
    """What the overlaps may do to the finish, each independent of the others; delays are in the project's working time.

    `scenarios`: all combinations, where these are few (`exact`), else so many that are drawn by the seed.
    `on_time_probability`: that the finish asked for is kept; None when none was.
    """

    exact: bool
    scenarios: int
    expected_delay_minutes: float
    most_delay_minutes: int
    none_probability: float
    on_time_probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Least compression cost for a finish, which is the engine's."""

    finish: datetime
    compression: Decimal
    indirect: Decimal
    damages: Decimal
    total: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.compression + self.indirect + self.damages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    uid: int
    name: str
    start: tuple[datetime, datetime]
    """Before and after."""
    finish: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A task on the path that decides the finish, and why it is no shorter and no earlier."""

    uid: int
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What could be bought, but is not offered: a task's faster way or a link's overlap, and why."""

    kind: str
    uid: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """`cost` is what it costs beside the tasks' own: crash costs, and what rework is expected to cost.

    `bound`: no way to what was asked for costs less (to a date; None: not known). `finish_bound`: no way within the
    budget finishes earlier. `gap`: (cost - bound) / cost, or by working minutes of the finish for a budget.
    """

    status: Status
    before: Figures
    after: Figures
    cost: Decimal
    bound: Decimal | None = None
    finish_bound: datetime | None = None
    gap: float | None = None
    shortened: tuple[Shortened, ...] = ()
    overlapped: tuple[Overlapped, ...] = ()
    rework: Rework | None = None
    curve: tuple[CurvePoint, ...] = ()
    """From the plan as it is to the earliest finish: earlier and dearer."""
    critical: tuple[int, ...] = ()
    """Tasks of the longest path afterwards, in outline order."""
    moved: tuple[Moved, ...] = ()
    reachable: datetime | None = None
    """The earliest finish there is, where that is known."""
    held_by: tuple[Held, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    method: str = ""
    """What searched: `linear program`, `constraint programming`, or both."""
    stopped: bool = False
    """The search was ended by its limit or by whoever waited."""
    operations: tuple[Operation, ...] = ()
