"""Plans so small that every order of their tasks can be tried: none is shorter than what levelling finds."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from nirman.optimization.levelling import Status, level
from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline
from nirman.planning.model import Plan
from tests.builders.crowded_plans import crowded_plans

SLOT = 240
"""Working minutes that all durations are multiples of."""


def shortest(plan: Plan) -> int:
    """Working minutes: the best of all orders, each task as early as it fits; one calendar, finish-start links."""
    before: dict[int, set[int]] = defaultdict(set)
    for link in plan.links.values():
        before[link.successor_uid].add(link.predecessor_uid)
    asked: dict[int, dict[int, float]] = defaultdict(dict)
    for assignment in plan.assignments.values():
        asked[assignment.task_uid][assignment.resource_uid] = assignment.units
    best = sum(task.duration_minutes for task in plan.tasks.values())
    for order in permutations(plan.tasks):
        if all(before[uid] <= set(order[:place]) for place, uid in enumerate(order)):
            best = min(best, length(plan, order, before, asked))
    return best


def length(plan: Plan, order: tuple[int, ...], before: dict[int, set[int]], asked: dict[int, dict[int, float]]) -> int:
    used: dict[tuple[int, int], float] = defaultdict(float)
    finishes: dict[int, int] = {}
    for uid in order:
        slots = plan.tasks[uid].duration_minutes // SLOT
        start = max((finishes[other] for other in before[uid]), default=0)
        while not all(
            used[resource, slot] + units <= plan.resources[resource].max_units
            for resource, units in asked[uid].items()
            for slot in range(start, start + slots)
        ):
            start += 1
        for resource, units in asked[uid].items():
            for slot in range(start, start + slots):
                used[resource, slot] += units
        finishes[uid] = start + slots
    return SLOT * max(finishes.values())


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowded_plans(mixed=False))
def test_the_shortest_plan_is_found_and_its_bound_is_no_higher(plan):
    assume(len(plan.tasks) <= 6)
    resources = plan.resources
    assume(all(a.units <= resources[a.resource_uid].max_units for a in plan.assignments.values()))
    result = level(plan, LevelOptions(time_limit_s=0.5, workers=1), stop=Deadline(1.0, lambda: 0.0))
    assert result.makespan_minutes == shortest(plan)
    assert result.lower_bound_minutes <= result.makespan_minutes
    assert (result.status is Status.OPTIMAL) == (result.gap == 0.0)
