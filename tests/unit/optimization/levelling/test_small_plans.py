"""Plans so small that every order of their tasks can be tried: none is shorter than what levelling finds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings

from nirman.optimization.levelling import Status, level
from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline
from nirman.planning.model import Assignment, ConstraintKind, Plan, Resource
from tests.builders.crowded_plans import crowded_plans
from tests.builders.plans import make_link, make_plan, make_task

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


def with_a_conflict_that_stays(plan: Plan) -> Plan:
    """Somebody else has two tasks, of which the second must start by a date on which the first is not done."""
    first = max(plan.tasks) + 1
    by = {"constraint": ConstraintKind.SNLT, "constraint_date": plan.project.start}
    tasks = [make_task(first), make_task(first + 1, **by)]
    links = [make_link(1000, first, first + 1)]
    somebody = Resource(uid=1000, name="Somebody else")
    asked = [Assignment(uid=1000 + n, task_uid=first + n, resource_uid=1000) for n in (0, 1)]
    return replace(
        plan,
        tasks=plan.tasks | {task.uid: task for task in tasks},
        links=plan.links | {link.uid: link for link in links},
        resources=plan.resources | {somebody.uid: somebody},
        assignments=plan.assignments | {one.uid: one for one in asked},
    )


def thirty_tasks() -> Plan:
    """Of which the rules of thumb find no shortest plan."""
    random = Random(7)
    tasks = [make_task(uid, duration_minutes=480 * random.randint(1, 6)) for uid in range(1, 31)]
    pairs = [(random.randint(max(1, uid - 8), uid - 1), uid) for uid in range(4, 31)]
    links = [make_link(number, *pair) for number, pair in enumerate(pairs, 1)]
    resources = [Resource(uid=uid, max_units=2.0) for uid in (1, 2)]
    asked = [
        Assignment(uid=uid, task_uid=uid, resource_uid=random.randint(1, 2), units=random.choice((1.0, 1.0, 2.0)))
        for uid in range(1, 31)
    ]
    return make_plan(tasks, links, resources=resources, assignments=asked)


def test_a_conflict_that_nothing_solves_does_not_keep_the_others_from_their_best_order():
    options = LevelOptions(time_limit_s=0.5, workers=1)
    alone = level(thirty_tasks(), options, stop=Deadline(1.0, lambda: 0.0))
    result = level(with_a_conflict_that_stays(thirty_tasks()), options, stop=Deadline(1.0, lambda: 0.0))
    assert [one.conflict.resource_uids for one in result.unresolved] == [(1000,)]
    assert alone.status is Status.OPTIMAL
    assert result.finish == alone.finish
