"""Uncertain plans: any plan, with ranges of durations and risks from a seed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from nirman.optimization.stop import Deadline
from nirman.planning.estimates import Distribution, DurationEstimate, Risk
from nirman.planning.model import Plan, Task


def estimated(task: Task, below: float, above: float, distribution: Distribution = Distribution.PERT) -> Task:
    """From so much shorter to so much longer than its duration, as shares of it."""
    minutes = task.duration_minutes
    estimate = DurationEstimate(
        optimistic_minutes=round(minutes * (1 - below)),
        most_likely_minutes=minutes,
        pessimistic_minutes=round(minutes * (1 + above)),
        distribution=distribution,
    )
    return replace(task, duration_estimate=estimate)


def uncertain(plan: Plan, seed: int, *, share: float = 0.8, risks: int = 3) -> Plan:
    """Estimates of all kinds for that share of the tasks, and risks that delay a few each."""
    random = Random(seed)
    tasks = {
        uid: estimated(task, random.random() * 0.9, random.random() * 2, random.choice(list(Distribution)))
        if random.random() < share
        else task
        for uid, task in plan.tasks.items()
    }
    found = {
        uid: Risk(
            uid=uid,
            name=f"Risk {uid}",
            probability=random.random(),
            task_uids=tuple(random.sample(sorted(tasks), min(3, len(tasks)))),
            least_delay_minutes=10,
            likely_delay_minutes=480,
            most_delay_minutes=random.randrange(480, 9600),
            likely_cost=Decimal(1000),
            most_cost=Decimal(5000),
        )
        for uid in range(1, risks + 1)
    }
    return replace(plan, tasks=tasks, risks=found)


def never() -> Deadline:
    """A stop criterion that lets all samples be taken."""
    return Deadline(limit_s=1, clock=lambda: 0.0)
