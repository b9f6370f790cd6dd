"""Crossings laid out minute by minute, so that chains of them are looked up and not reckoned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nirman.optimization.compression.crossing import Crossing, Piece
from nirman.optimization.compression.stairs import Costs


class Tables:
    """Values of crossings over the positions that were asked for so far."""

    def __init__(self) -> None:
        self._laid: dict[Crossing, tuple[int, Costs]] = {}

    def of(self, crossing: Crossing, first: int, last: int) -> Costs:
        """At the positions from one to another (included)."""
        begins, values = self._laid.get(crossing, (first, np.empty(0, np.int64)))
        ends = begins + len(values) - 1
        if first < begins or last > ends:
            parts = [values]
            if first < begins:
                parts.insert(0, _values(crossing, first, begins - 1))
                begins = first
            if last > ends:
                parts.append(_values(crossing, ends + 1, last))
            values = np.concatenate(parts)
            self._laid[crossing] = begins, values
        return values[first - begins : last - begins + 1]

    def at(self, crossing: Crossing, positions: Costs) -> Costs:
        """At positions that do not fall."""
        first = int(positions[0])
        return self.of(crossing, first, int(positions[-1]))[positions - first]


def _values(crossing: Crossing, first: int, last: int) -> Costs:
    found = np.empty(last - first + 1, np.int64)
    for piece in crossing.pieces(first, last):
        begin, end = max(first, piece.first), min(last, piece.last)
        rise = np.arange(begin - piece.first, end - piece.first + 1) if piece.rises else 0
        found[begin - first : end - first + 1] = piece.value + rise
    return found


def pieces_of(values: Costs, first: int) -> Iterator[Piece]:
    """Of the values at all positions from `first` on: as long as they stand or rise alike."""
    steps = np.diff(values)
    ends = [*np.flatnonzero(np.diff(steps)), len(steps) - 1] if len(steps) else []
    at = 0
    for edge in ends:
        step = int(steps[edge])
        if step > 1:
            # A leap: what is before it ends there, be it one position.
            if step and at <= edge:
                yield from _alone(values, first, at, int(edge))
            at = int(edge) + 1
        elif at <= edge + 1:
            yield Piece(first + at, first + int(edge) + 1, int(values[at]), rises=step == 1 and at <= edge)
            at = int(edge) + 2
    if at < len(values):
        yield from _alone(values, first, at, len(values) - 1)


def _alone(values: Costs, first: int, begin: int, end: int) -> Iterator[Piece]:
    for at in range(begin, end + 1):
        yield Piece(first + at, first + at, int(values[at]), rises=False)
