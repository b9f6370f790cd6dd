"""Places as levelling delays and splits of a plan, so that the engine itself comes to the dates that were meant.

A delay is elapsed time on top of what links ask for. How the engine reckons that is its own matter: delays are put
right by what it answers, predecessors first, until every task starts where it was meant to, or cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from nirman.optimization.levelling.jobs import Job, Shop
from nirman.optimization.levelling.placing import Placed
from nirman.planning.model import Plan, Split
from nirman.planning.schedule import Schedule, schedule_plan

_PASSES = 40
_MOST_MINUTES = 5_256_000
"""Ten years: a task that such a delay does not move is held by something else."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """A plan with delays, and its schedule."""

    plan: Plan
    schedule: Schedule
    starts: Mapping[int, int]
    """By job, where the engine has it."""
    astray: frozenset[int]
    """Jobs that are not where they were meant to be."""


def delayed(shop: Shop, placed: Placed) -> Delayed:
    delays = [_first_guess(job, placed) for job in shop.jobs]
    splits = {number: _splits(pieces) for number, pieces in placed.pieces.items()}
    # No delay puts these right: they follow others, or a date holds them.
    stuck = {job.number for job in shop.jobs if not job.patterns or placed.starts[job.number] > job.latest}
    before: list[int] | None = None
    for _ in range(_PASSES):
        plan = _with(shop, delays, splits)
        schedule = schedule_plan(plan)
        rows = schedule.network.rows
        starts = [rows.task(rows.row_of[job.task.uid], "start") for job in shop.jobs]
        if not _correct(shop, placed, starts, delays, stuck, before):
            break
        before = starts
    astray = frozenset(number for number, start in enumerate(starts) if start != placed.starts[number])
    return Delayed(plan, schedule, dict(enumerate(starts)), astray)


def _first_guess(job: Job, placed: Placed) -> int:
    start = placed.starts[job.number]
    if not job.patterns:
        return 0  # it follows others
    begins = job.next_start(max(placed.asked[job.number], job.floor))
    return max(0, start - begins)


def _with(shop: Shop, delays: list[int], splits: Mapping[int, tuple[Split, ...]]) -> Plan:
    tasks = dict(shop.plan.tasks)
    for job, delay in zip(shop.jobs, delays, strict=True):
        if delay:
            tasks[job.task.uid] = replace(job.task, leveling_delay_minutes=delay)
        if job.number in splits:
            tasks[job.task.uid] = replace(tasks[job.task.uid], splits=splits[job.number])
    return replace(shop.plan, tasks=tasks)


def _splits(pieces: tuple[tuple[int, int], ...]) -> tuple[Split, ...]:
    found, worked = [], 0
    for (start, finish), (following, _) in pairwise(pieces):
        worked += finish - start
        found.append(Split(after_minutes=worked, pause_minutes=following - finish))
    return tuple(found)


def _correct(
    shop: Shop, placed: Placed, starts: list[int], delays: list[int], stuck: set[int], before: list[int] | None
) -> bool:
    """Delays of jobs whose predecessors are where they were meant to be; whether there is anything to try again."""
    wrong = [False] * shop.nodes
    corrected = False
    for node in shop.order:
        wrong[node] = any(wrong[other] for other in shop.waits[node])
        if node >= len(shop.jobs):
            continue
        off = placed.starts[node] - starts[node]
        if off == 0 or node in stuck:
            continue
        if not wrong[node]:
            delay = delays[node] + off
            if off > 0 and before is not None and before[node] == starts[node]:
                delay = 2 * delays[node] + off  # a date holds it where it is: further
            delay = max(0, delay)
            if delay == delays[node] or delay > _MOST_MINUTES:
                stuck.add(node)
                delay = 0
                if not delays[node]:
                    continue
            delays[node] = delay
            corrected = True
        wrong[node] = True
    return corrected
