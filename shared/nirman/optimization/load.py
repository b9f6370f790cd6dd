"""Demand and capacity of one resource, or of several together, as stretches of time in which both stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nirman.optimization.demand import Interval, Steps


@dataclass(frozen=True, slots=True)
class Stretch:
    """From start until finish, with ten-thousandths of a unit that are asked for and that there are."""

    start: int
    finish: int
    demand: int
    capacity: int

    @property
    def overload(self) -> int:
        return max(0, self.demand - self.capacity)


def load(demands: Iterable[tuple[Iterable[Interval], int]], capacity: Iterable[Steps]) -> Iterator[Stretch]:
    """Where anything is asked for, ascending; `demands` are intervals and the units in them, `capacity` adds up."""
    demand: dict[int, int] = {}
    for intervals, units in demands:
        for start, finish in intervals:
            demand[start] = demand.get(start, 0) + units
            demand[finish] = demand.get(finish, 0) - units
    there: dict[int, int] = {}
    for steps in capacity:
        before = 0
        for instant, units in steps:
            there[instant] = there.get(instant, 0) + units - before
            before = units
    asked = level = last = 0
    for instant in sorted(demand.keys() | there.keys()):
        if asked:
            yield Stretch(last, instant, asked, level)
        asked += demand.get(instant, 0)
        level += there.get(instant, 0)
        last = instant
