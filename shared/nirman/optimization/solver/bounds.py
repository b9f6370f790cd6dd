"""What no schedule can beat, by counting."""

from __future__ import annotations

from collections.abc import Sequence

from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.search import Search


def lower_bound(problem: Problem, search: Search, early: Sequence[int]) -> tuple[int, str]:
    """A makespan, and what proves it; `early` are finishes by links and dates alone."""
    path = max(early, default=0)
    energy = max(search.bound(), *(_by_energy(problem, number) for number in range(len(problem.renewables))), 0)
    return (energy, "energy") if energy > path else (path, "critical path")


def _by_energy(problem: Problem, resource: int) -> int:
    """When a resource can have given all the units that the activities take of it."""
    work = sum(
        min(mode.duration * mode.demands.get(resource, 0) for mode in activity.modes) for activity in problem.activities
    )
    steps = problem.renewables[resource].capacity
    for (start, units), (until, _) in zip(steps, (*steps[1:], (None, 0)), strict=True):
        if work <= 0:
            return 0
        if until is not None and units * (until - start) < work:
            work -= units * (until - start)
        elif units:
            return start + -(-work // units)
    return 0
