"""Between which positions activities can be, in a project that finishes in time, and what crossings say there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nirman.optimization.compression.hull import Facet, facets
from nirman.optimization.compression.model import Arc, Model
from nirman.scheduling.instants import DAY

NO_END = 2**40
"""A position that nothing is after: of what the finish does not wait for."""
_BEYOND = 400 * DAY
"""How long after the finish something is looked for that may be after it."""


class Room:
    """Of one finish, whatever is chosen. `starts` and `finishes`: positions that these are not after; `lows`: positions
    that they are not before.
    """

    def __init__(self, model: Model, finish: int) -> None:
        self.finish = finish
        self._model = model
        self.lows = (list(model.lows[0]), list(model.lows[1]))
        self.starts = [NO_END] * len(model.activities)
        self.finishes = [
            model.limit(number, finish) if activity.counts else NO_END
            for number, activity in enumerate(model.activities)
        ]
        for number in reversed(model.order):
            shortest, longest = model.span(number)
            if self.finishes[number] < NO_END:
                self.starts[number] = min(self.starts[number], self.finishes[number] - shortest)
            if self.starts[number] < NO_END:
                self.finishes[number] = min(self.finishes[number], self.starts[number] + longest)
            for arc in model.into[number]:
                self._not_after(arc)
        self._facets: dict[tuple[int, int, int], tuple[Facet, ...]] = {}

    @property
    def possible(self) -> bool:
        """False: even with everything as fast as can be, something comes too late."""
        return all(
            low <= high
            for lows, highs in zip(self.lows, (self.starts, self.finishes), strict=True)
            for low, high in zip(lows, highs, strict=True)
        )

    def is_open(self, number: int) -> bool:
        """The finish does not wait for the activity."""
        return self.starts[number] >= NO_END

    def reach(self, arc: Arc) -> tuple[int, int]:
        """Positions that the crossing of an arc may be asked of."""
        lows, highs = self._of(arc.from_finish)
        early = self._model.most_overlap(arc) if arc.lead_before else 0
        last = highs[arc.source]
        return lows[arc.source] + arc.before - early, last if last >= NO_END else last + arc.before

    def facets(self, arc: Arc) -> Sequence[Facet]:
        """Of the crossing of an arc, where it may be asked."""
        low, high = self.reach(arc)
        if arc.crossing is None or self.is_open(arc.target) or high >= NO_END:
            return ()
        key = (id(arc.crossing), low, high)
        if key not in self._facets:
            self._facets[key] = facets(arc.crossing, low, high)
        return self._facets[key]

    def _of(self, is_finish: bool) -> tuple[list[int], list[int]]:
        """The first and the last positions."""
        return self.lows[is_finish], self.finishes if is_finish else self.starts

    def _not_after(self, arc: Arc) -> None:
        """The source is so early that the target is not too late."""
        target = (self.finishes if arc.to_finish else self.starts)[arc.target]
        if target >= NO_END:
            return
        lows, highs = self._of(arc.from_finish)
        low, overlap = lows[arc.source], self._model.most_overlap(arc)
        last = min(highs[arc.source], max(low, self._model.limit(arc.source, self.finish + _BEYOND)))
        if arc.value(last, overlap) > target:
            between = range(low, last + 1)
            highs[arc.source] = low - 1 + bisect_right(between, target, key=lambda at: arc.value(at, overlap))
