"""What solvers are asked: a model, and where its activities can be for a finish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from nirman.optimization.compression.model import Model
from nirman.optimization.compression.room import Room


@dataclass(frozen=True)
class Problem:
    """Of the model's activities only those matter that its arcs lead to and from, and those that end it."""

    model: Model
    room: Room

    @cached_property
    def hull(self) -> Model:
        """Where everything is divisible, and nothing costs more."""
        return replace(self.model, market=self.model.market.hull)
