"""Chains of links through what cannot be bought, each as one link: what solvers are told of is only what is for sale.

A link after a link is a function of a function: it never falls either, and is made of pieces on which it stands or
rises alike. So its hull loses once what the hulls of its parts would lose one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nirman.optimization.compression.crossing import Crossing, Piece
from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.stairs import Costs
from nirman.optimization.compression.tables import Tables, pieces_of
from nirman.scheduling.instants import DAY

_BLOCK = 7 * DAY
"""Minutes that are laid out at a time."""


@dataclass(frozen=True, slots=True)
class Step:
    """A position plus `shift`, not before `floor`, seen through the crossing."""

    shift: int
    floor: int | None
    crossing: Crossing | None

    def value(self, position: int) -> int:
        at = position + self.shift
        if self.floor is not None:
            at = max(at, self.floor)
        return at if self.crossing is None else self.crossing.value(at)


class Chain(Crossing):
    """One step after the other."""

    def __init__(self, steps: Sequence[Step], tables: Tables) -> None:
        super().__init__(value=self._value, cell=_block, last_alike=_never)
        self.steps, self._tables = tuple(steps), tables

    def _value(self, position: int) -> int:
        for step in self.steps:
            position = step.value(position)
        return position

    def values(self, first: int, last: int) -> Costs:
        """At the positions from one to another (included)."""
        found: Costs = np.arange(first, last + 1, dtype=np.int64)
        for step in self.steps:
            found = found + step.shift
            if step.floor is not None:
                found = np.maximum(found, step.floor)
            if step.crossing is not None:
                found = self._tables.at(step.crossing, found)
        return found

    def piece(self, position: int) -> Piece:
        first, last = _block(position)
        laid = self._cells.get(first)
        if laid is None:
            laid = self._cells[first] = list(pieces_of(self.values(first, last), first))
        return laid[bisect_right(laid, position, key=lambda piece: piece.first) - 1]


def _block(position: int) -> tuple[int, int]:
    return position // _BLOCK * _BLOCK, position // _BLOCK * _BLOCK + _BLOCK - 1


def _never(_: int) -> int:
    return _BLOCK


def shortened(model: Model, arcs: Sequence[Arc], kept: Collection[int], tables: Tables) -> Sequence[Arc]:
    """The same network without activities that cannot be bought, have one way in or one way out, and are not `kept`."""
    into: dict[int, list[Arc]] = {}
    out: dict[int, list[Arc]] = {}
    for arc in arcs:
        into.setdefault(arc.target, []).append(arc)
        out.setdefault(arc.source, []).append(arc)
    for number in model.order:
        before, after = into.get(number, []), out.get(number, [])
        if number in kept or not _passes(model, number, before, after):
            continue
        del into[number], out[number]
        for one in before:
            out[one.source].remove(one)
        for other in after:
            into[other.target].remove(other)
        for one in before:
            for other in after:
                joined = _joined(model, number, one, other, tables)
                out[joined.source].append(joined)
                into[joined.target].append(joined)
    return [arc for number in model.order for arc in into.get(number, ())]


def _passes(model: Model, number: int, before: Sequence[Arc], after: Sequence[Arc]) -> bool:
    if model.activities[number].offer is not None or not before or not after or min(len(before), len(after)) > 1:
        return False
    return all(
        arc.lead is None and (arc.crossing is None or arc.crossing.cell is not None) for arc in (*before, *after)
    )


def _joined(model: Model, number: int, one: Arc, other: Arc, tables: Tables) -> Arc:
    """From the start to the finish of the activity, and back, are its minutes."""
    minutes = model.activities[number].minutes
    seen_from = (minutes if other.from_finish else 0) + other.before
    floor: int | None = model.floor(number, minutes)
    assert floor is not None
    low = one.value(model.lows[one.from_finish][one.source]) - (minutes if one.to_finish else 0)
    floor = None if low >= floor else floor + seen_from
    shift = seen_from - (minutes if one.to_finish else 0)
    if one.crossing is None and other.crossing is None and floor is None:
        return replace(one, target=other.target, to_finish=other.to_finish, after=one.after + shift + other.after)
    before, steps = one.before, _steps(one)
    if one.crossing is None:
        before += one.after
    else:
        shift += one.after
    crossing = Chain((*steps, Step(shift, floor, other.crossing)), tables)
    return Arc(None, one.source, other.target, one.from_finish, other.to_finish, before, crossing, other.after)


def _steps(arc: Arc) -> Sequence[Step]:
    if isinstance(arc.crossing, Chain):
        return arc.crossing.steps
    return () if arc.crossing is None else (Step(0, None, arc.crossing),)
