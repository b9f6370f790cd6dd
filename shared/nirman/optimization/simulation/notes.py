"""What somebody should know who reads the figures, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from nirman.optimization.levelling.notes import notes_of_resources
from nirman.optimization.simulation.levelled import iterations_of
from nirman.optimization.simulation.model import Model
from nirman.optimization.simulation.variables import working_tasks


def notes(model: Model) -> tuple[str, ...]:
    return tuple(_notes(model))


def _notes(model: Model) -> Iterator[str]:
    plan, options = model.plan, model.options
    if options.levelled:
        taken = iterations_of(plan, options)
        asked = f" of {options.iterations:,} asked for" if options.iterations > taken else ""
        yield (
            f"resources are levelled in each of {taken:,} samples{asked}, by one pass each; the planned finish, and "
            "the swings of the tornado, are without"
        )
        yield f"so few samples tell a probability to about {50 / sqrt(taken):.1f} points (standard error at 50 %)"
        yield from notes_of_resources(plan)
    estimated = sum(1 for one in model.varying if one.estimate is not None)
    if not model.varying and not model.risks and not model.wet_tasks:
        yield (
            "nothing varies: no task that is not finished has an estimate, no risk is open, no rain is foreseen for a "
            "task; give estimates, or a spread for tasks without one"
        )
    elif not estimated and not (options.spread_below_percent or options.spread_above_percent):
        yield "no duration varies by itself: no task that is not finished has an estimate"
    if options.rain and any(plan.project.rain_days) and not model.wet_tasks:
        yield "rain stops no task: none is marked so"
    if options.rain and not any(plan.project.rain_days) and any(t.rain_stops_work for t in plan.tasks.values()):
        yield "rain is left out: the project does not say how many days it takes in each month"
    leaves = {task.uid for task in working_tasks(plan)}
    for risk in model.risks:
        outside = sorted(uid for uid in risk.task_uids if uid not in leaves)
        if outside and risk.most_delay_minutes:
            named = ", ".join(map(str, outside))
            yield f'risk "{risk.name}" ({risk.uid}) delays nothing in tasks {named}: summaries, inactive or not there'
