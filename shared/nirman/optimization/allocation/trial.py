"""A choice of resources tried: the plan with it, levelled, as the engine schedules it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from nirman.optimization.allocation.choices import Choices, Vector
from nirman.optimization.alternatives.figures import Figures
from nirman.optimization.conflicts import conflicts, overload_of
from nirman.optimization.levelling.delays import delayed
from nirman.optimization.levelling.level import level
from nirman.optimization.levelling.placing import Placing, Rank
from nirman.optimization.levelling.report import operations as levelling_operations
from nirman.optimization.levelling.shop import cleared, shop_of
from nirman.optimization.options import Aim, LevelOptions
from nirman.optimization.stop import StopCriterion
from nirman.planning.change import apply
from nirman.planning.commands import Operation
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan

Key = tuple[int, datetime | Decimal, datetime | Decimal]


@dataclass(frozen=True)
class Trial:
    """`operations` lead from the plan to this one. `proven`: levelled no plan with this choice finishes earlier."""

    vector: Vector
    plan: Plan
    operations: tuple[Operation, ...]
    proven: bool

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.plan, schedule_plan(self.plan))

    @cached_property
    def overload(self) -> int:
        return overload_of(conflicts(self.plan, self.figures.schedule))

    def key(self, aim: Aim) -> Key:
        """Less is better: overload that levelling could not resolve, then what is aimed at, then the other."""
        finish, cost = self.figures.finish, self.figures.money.total
        return (self.overload, finish, cost) if aim is Aim.FINISH else (self.overload, cost, finish)


class Trials:
    """Of one plan; `count` are those made."""

    def __init__(self, choices: Choices, stop: StopCriterion, seed: int) -> None:
        self.choices = choices
        self.count = 0
        self._stop, self._seed = stop, seed

    def levelled(self, vector: Vector, time_limit_s: float) -> Trial:
        """By levelling with one worker, for so many of its seconds."""
        self.count += 1
        chosen = self.choices.operations(vector)
        plan, _ = apply(self.choices.plan, chosen)
        options = LevelOptions(time_limit_s=max(0.05, time_limit_s), workers=1, seed=self._seed)
        found = level(plan, options, stop=self._stop)
        after, _ = apply(plan, found.operations)
        proven = found.finish <= found.lower_bound_finish and not found.unresolved
        return Trial(vector, after, (*chosen, *found.operations), proven)

    def in_order(self, vector: Vector, rank: Sequence[tuple[int, ...]], uids: Sequence[int]) -> Trial:
        """Tasks placed by rank, which is given by uid in the order of `uids`, one after the other."""
        self.count += 1
        chosen = self.choices.operations(vector)
        plan, _ = apply(self.choices.plan, chosen)
        shop = shop_of(cleared(plan), within_slack=False)
        by_uid = dict(zip(uids, rank, strict=True))
        order: Rank = [(*by_uid[job.task.uid], job.number) for job in shop.jobs]
        result = delayed(shop, Placing(shop, split=False).serial(order))
        operations = levelling_operations(plan, result.plan)
        return Trial(vector, apply(plan, operations)[0], (*chosen, *operations), proven=False)
