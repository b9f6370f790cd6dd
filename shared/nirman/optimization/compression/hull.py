"""Straight lines that no crossing of calendars is below: what a linear program can be told of it.

Two calendars differ by a nearly constant rate, so that the lower convex hull of a crossing, over the positions that
matter, is nearly tight on average (A. M. Andrew, "Another Efficient Algorithm for Convex Hulls in Two Dimensions",
1979). All of it is in whole numbers; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from nirman.optimization.compression.crossing import Crossing

_MOST = 8
"""Facets that are kept of a hull, those that reach farthest; fewer of them say less, and nothing false."""
_STRIDES = 256
PARTS = 1024

_Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Facet:
    """`run` x (value - `value`) is at least `rise` x (position - `position`)."""

    position: int
    value: int
    rise: int
    run: int

    def in_parts(self, low: int) -> tuple[int, int]:
        """A slope and a least: `PARTS` x value - slope x position is no less than it, from the position `low` on.

        Such small numbers spare the constraint solver coefficients as large as the reach of a facet. The slope is
        rounded down; before the facet begins the least makes up for it.
        """
        slope = PARTS * self.rise // self.run
        loss = -(max(0, self.position - low) * (slope * self.run - PARTS * self.rise) // self.run)
        return slope, PARTS * self.value - slope * self.position - loss


def facets(crossing: Crossing, low: int, high: int) -> tuple[Facet, ...]:
    """What rises of the hull between two positions (included), the first part first; none of a crossing that stands."""
    if low >= high:
        return ()
    corners = _hull(_corners(crossing, low, high))
    found = [Facet(x, y, there - y, beyond - x) for (x, y), (beyond, there) in pairwise(corners) if there > y]
    kept = sorted(found, key=lambda facet: -facet.run)[:_MOST]
    return tuple(sorted(kept, key=lambda facet: facet.position))


def _corners(crossing: Crossing, low: int, high: int) -> Iterator[_Point]:
    """Points that the crossing is not below the hull of. One that may leap at any minute is looked at in strides."""
    if crossing.cell is None:
        stride = (high - low) // _STRIDES + 1
        for at in range(low, high + 1, stride):
            value = crossing.value(at)
            yield at, value
            yield min(at + stride - 1, high), value
        return
    for piece in crossing.pieces(low, high):
        for at in (max(low, piece.first), min(high, piece.last)):
            yield at, piece.value + (at - piece.first if piece.rises else 0)


def _hull(points: Iterable[_Point]) -> list[_Point]:
    """The lower one, of points in the order of their positions."""
    kept: list[_Point] = []
    for point in points:
        if kept and kept[-1][0] == point[0]:
            continue  # the value never falls
        while len(kept) > 1 and _is_above(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _is_above(one: _Point, middle: _Point, other: _Point) -> bool:
    """The middle point is on the line between the two others, or above it."""
    return (middle[1] - one[1]) * (other[0] - one[0]) >= (other[1] - one[1]) * (middle[0] - one[0])
