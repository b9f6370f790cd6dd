"""The tornado: what moves the finish most, strongest rank correlation first, and how far each alone moves it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from nirman.optimization.simulation.kernel.library import Array
from nirman.optimization.simulation.model import Model
from nirman.optimization.simulation.quantiles import DEVIATES, quantiles
from nirman.optimization.simulation.ranks import Correlations
from nirman.optimization.simulation.result import Bar, Source
from nirman.optimization.simulation.variables import Varying
from nirman.scheduling.instants import to_datetime

MOST_BARS = 20
_DEVIATIONS = 3
"""Weaker correlations than so many of their standard deviations, were there none, are chance."""
_TENTH = NormalDist().inv_cdf(0.1)


def tornado(model: Model, correlations: Correlations) -> tuple[Bar, ...]:
    """Each bar is two samples that the engine schedules."""
    drivers = _drivers(model, correlations)
    if not drivers:
        return ()
    planned = np.array([one.base for one in model.varying], np.int32)
    given = np.repeat(planned[:, None], 2 * len(drivers), axis=1)
    for place, (_, source, number) in enumerate(drivers):
        if source is Source.TASK:
            given[number, 2 * place : 2 * place + 2] = _low_and_high(model.varying[number])
        else:
            given[:, 2 * place + 1] += _delays(model, number)
    finish = model.run(0, 2 * len(drivers), given=given).finish
    working = model.schedule.network.rows.timetable[model.schedule.network.setting("base_calendar")]
    bars = []
    for place, (correlation, source, number) in enumerate(drivers):
        low, high = int(finish[2 * place]), int(finish[2 * place + 1])
        of: Varying | None = model.varying[number] if source is Source.TASK else None
        bars.append(
            Bar(
                source=source,
                uid=of.task.uid if of else model.risks[number].uid,
                name=of.task.name if of else model.risks[number].name,
                rank_correlation=round(correlation, 4),
                low_finish=to_datetime(low),
                high_finish=to_datetime(high),
                swing_minutes=working.between(low, high),
            )
        )
    return tuple(bars)


def _drivers(model: Model, correlations: Correlations) -> Sequence[tuple[float, Source, int]]:
    found = [(float(value), Source.TASK, number) for number, value in enumerate(correlations.tasks)]
    found += [
        (float(value), Source.RISK, number)
        for number, value in enumerate(correlations.risks)
        if model.risks[number].most_delay_minutes
    ]
    noise = _DEVIATIONS / math.sqrt(max(correlations.iterations, 1))
    return sorted((one for one in found if abs(one[0]) > noise), key=lambda one: -abs(one[0]))[:MOST_BARS]


def _low_and_high(one: Varying) -> tuple[int, int]:
    """The duration (what is left of it) at its 10th and its 90th percentile."""
    assert one.estimate is not None, "what has no estimate has no rank"
    function = quantiles(one.estimate)
    low, high = (round(float(np.interp(at, DEVIATES, function))) for at in (_TENTH, -_TENTH))
    if one.started:
        low, high = ((2 * one.left * whole + one.planned) // (2 * one.planned) for whole in (low, high))
    return max(low, 1), max(high, 1)


def _delays(model: Model, risk: int) -> Array:
    of = model.risks[risk]
    return np.array([of.likely_delay_minutes if of.uid in one.risks else 0 for one in model.varying], np.int32)
