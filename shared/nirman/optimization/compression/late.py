"""What of a network can make a finish late: nothing else has to be looked at.

A chain of links that is in time with nothing bought is in time whatever is bought. So a link matters only if what comes
to it at the latest, and what it leads to at full length, are too long together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.room import NO_END


def late_arcs(model: Model, finish: int) -> Sequence[Arc]:
    """Those on chains that may come out after that instant, each after all that lead to it."""
    count = len(model.activities)
    outward = [NO_END] * count
    """Latest starts by what follows the start."""
    starts = [NO_END] * count
    finishes = [
        model.limit(number, finish) if activity.counts else NO_END for number, activity in enumerate(model.activities)
    ]
    found: list[Arc] = []
    for number in reversed(model.order):
        least, most = model.span(number)
        starts[number] = min(outward[number], finishes[number] - most)
        for arc in model.into[number]:
            # What is pushed by its finish starts the later, the shorter it is.
            latest = min(finishes[number], outward[number] + least) if arc.to_finish else starts[number]
            high = model.highs[arc.from_finish][arc.source]
            if latest >= NO_END - most or arc.value(high) <= latest:
                continue
            found.append(arc)
            low = model.lows[arc.from_finish][arc.source]
            between = range(low, high + 1)
            last = low - 1 + bisect_right(between, latest, key=arc.value)
            limits = finishes if arc.from_finish else outward
            limits[arc.source] = min(limits[arc.source], last)
    return found[::-1]
