"""What it costs to be at a position or before it, as whole numbers minute by minute: staircases that fall.

The least cost over two things bought one after the other is a convolution of their staircases (in the algebra of least
sums); where a cost is linear it is a sliding minimum, found in linear time (M. van Herk, "A Fast Algorithm for Local
Minimum and Maximum Filters on Rectangular and Octagonal Kernels", 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.int64]

NEVER = 2**60
"""Costs more than anything that can be bought."""
_BEYOND = np.int64(2**62)


@dataclass(frozen=True, slots=True)
class Price:
    """From `first` to `last` minutes (included) cost `cost`, and `slope` for each after the first of them."""

    first: int
    last: int
    cost: int
    slope: int


@dataclass(frozen=True, slots=True)
class Stairs:
    """`costs[k]` is what it costs to be at the position `first` + k or before it; none is before `first`, and after the
    last it costs what it costs there.
    """

    first: int
    costs: Costs

    @property
    def last(self) -> int:
        return self.first + len(self.costs) - 1

    def between(self, first: int, last: int) -> Costs:
        """The costs of the positions from one to another (included)."""
        places = np.arange(first - self.first, last - self.first + 1)
        found = self.costs[np.clip(places, 0, len(self.costs) - 1)]
        found[places < 0] = NEVER
        return found

    def at(self, position: int) -> int:
        if position < self.first:
            return NEVER
        return int(self.costs[min(position, self.last) - self.first])


def trimmed(first: int, costs: Costs, most: int) -> Stairs:
    """Without what costs more than `most`, and what costs nothing but for the first of it. Costs never rise."""
    begin = int(np.searchsorted(-costs, -most))
    end = int(np.searchsorted(-costs, 0)) + 1
    begin = min(begin, len(costs) - 1)
    return Stairs(first + begin, costs[begin : max(begin + 1, end)].copy())


def earlier_by(stairs: Stairs, prices: Sequence[Price], first: int, last: int) -> Costs:
    """What positions cost (from one to another) of which some minutes are bought: least over how many of them."""
    count = last - first + 1
    found = np.full(count, NEVER, np.int64)
    for price in prices:
        wide = price.last - price.first
        places = np.arange(count + wide, dtype=np.int64)
        costs = stairs.between(first + price.first, last + price.last) + price.slope * places
        np.minimum(found, _least_ahead(costs, wide) - price.slope * places[:count] + price.cost, out=found)
    return np.minimum(found, NEVER)


def _least_ahead(costs: Any, wide: int) -> Costs:
    """The least of each and the `wide` after it, of all that have so many after them."""
    count = len(costs) - wide
    if wide == 0:
        return np.asarray(costs)
    block = wide + 1
    padded = np.concatenate([costs, np.full(-len(costs) % block, _BEYOND)]).reshape(-1, block)
    to_end = np.minimum.accumulate(padded[:, ::-1], axis=1)[:, ::-1].ravel()
    from_start = np.minimum.accumulate(padded, axis=1).ravel()
    return np.minimum(to_end[:count], from_start[wide : wide + count])
