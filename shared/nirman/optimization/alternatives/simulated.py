"""The finish that a plan keeps with some certainty, by a small simulation: what a way out does to that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nirman.errors import InvalidInputError
from nirman.optimization.alternatives.result import Alternative
from nirman.optimization.options import SimulateOptions
from nirman.optimization.stop import StopCriterion
from nirman.planning.change import apply
from nirman.planning.model import Plan

BEST = 3
"""So many ways out of a conflict are simulated, the best."""
ITERATIONS = 500
CONFIDENCE_PERCENT = 80


def varies(plan: Plan) -> bool:
    """Some task that is not finished has a range of durations."""
    return any(task.duration_estimate is not None and task.actual_finish is None for task in plan.tasks.values())


def late_finish(plan: Plan, stop: StopCriterion) -> datetime | None:
    """With the same seed for every plan, so that two differ by what was changed; None where it cannot be simulated."""
    from nirman.optimization.simulation.monte_carlo import simulate  # noqa: PLC0415  # numpy, and only where something varies

    options = SimulateOptions(iterations=ITERATIONS, confidence_percent=CONFIDENCE_PERCENT)
    try:
        return simulate(plan, options, stop=stop).finish_at_confidence
    except InvalidInputError:  # scheduled from its finish, or a sample leads out of the time that plans live in
        return None


def with_late_finish(plan: Plan, before: datetime | None, alternative: Alternative, stop: StopCriterion) -> Alternative:
    after, _ = apply(plan, alternative.operations)
    risk = replace(alternative.risk, late_finish_before=before, late_finish_after=late_finish(after, stop))
    return replace(alternative, risk=risk)
