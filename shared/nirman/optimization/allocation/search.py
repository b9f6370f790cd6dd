"""The choice of resources where no one model holds it: all choices where they are few, else a walk among neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nirman.optimization.allocation.choices import Choices, Vector
from nirman.optimization.allocation.trial import Trial, Trials
from nirman.optimization.options import Aim
from nirman.optimization.stop import StopCriterion

MOST_VECTORS = 64
"""So many choices are all tried."""
_LEAST_S, _MOST_S = 0.1, 4.0
"""Of levelling's seconds, for each of all choices: it ends when it has proven what it found."""
_WALKING_S = 0.05
"""The same for each step of a walk, which takes rules of thumb and little more."""
NOMINAL_TASKS = 2_500
"""Tasks of trials that are placed and scheduled in a second, where work is counted and not timed."""


@dataclass(frozen=True, slots=True)
class Walked:
    """`all_tried`: every choice was, so that there is no other."""

    best: Trial
    all_tried: bool
    all_proven: bool
    stopped: bool


def all_choices(
    trials: Trials, aim: Aim, seconds: float, stop: StopCriterion, heard: Callable[[Trial], None]
) -> Walked:
    """Every choice, each levelled as well as may be in its share of the seconds."""
    best: Trial | None = None
    share = min(_MOST_S, max(_LEAST_S, seconds / trials.choices.count))
    proven = True
    for vector in trials.choices.vectors():
        if best is not None and stop():
            return Walked(best, all_tried=False, all_proven=False, stopped=True)
        trial = trials.levelled(vector, share)
        proven = proven and trial.proven
        if best is None or trial.key(aim) < best.key(aim):
            best = trial
            heard(best)
    assert best is not None, "the present choice is one"
    return Walked(best, all_tried=True, all_proven=proven, stopped=False)


def neighbours(
    trials: Trials, aim: Aim, begin: list[Trial], most: int, stop: StopCriterion, heard: Callable[[Trial], None]
) -> Walked:
    """From the best of `begin` to whatever is better by one task's option, until nothing is, or `most` were tried.

    Tasks with the least slack come first, for they decide the finish.
    """
    best = min(begin, key=lambda trial: trial.key(aim))
    heard(best)
    seen = {trial.vector for trial in begin}
    moved = True
    while moved:
        moved = False
        for vector in _around(trials.choices, best):
            if stop() or len(seen) >= most:
                return Walked(best, all_tried=False, all_proven=False, stopped=True)
            if vector in seen or _is_dearer(trials.choices, vector, best, aim):
                continue
            seen.add(vector)
            trial = trials.levelled(vector, _WALKING_S)
            if trial.key(aim) < best.key(aim):
                best, moved = trial, True
                heard(best)
                break
    return Walked(best, all_tried=False, all_proven=False, stopped=False)


def _around(choices: Choices, best: Trial) -> Iterator[Vector]:
    slack = best.figures.slack
    order = sorted(range(len(choices.tasks)), key=lambda place: (slack.get(choices.tasks[place].uid, 0), place))
    for place in order:
        for number in range(len(choices.tasks[place].options)):
            if number != best.vector[place]:
                yield (*best.vector[:place], number, *best.vector[place + 1 :])


def _is_dearer(choices: Choices, vector: Vector, best: Trial, aim: Aim) -> bool:
    """It cannot be better for the cost, which days have no part in."""
    project = choices.plan.project
    if aim is not Aim.COST or best.overload or project.indirect_cost_per_day or project.delay_damages_per_day:
        return False
    return choices.cost(vector) > choices.cost(best.vector)
