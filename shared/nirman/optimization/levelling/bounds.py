"""When a plan can be finished at the earliest, whatever the order: by its links and dates, or by the work it asks for.

Both are counted in real calendars, to the minute, and hold for every plan that keeps what levelling keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from nirman.optimization.levelling.jobs import Job, Shop
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.planning.model import Plan
from nirman.scheduling.instants import to_minutes

CRITICAL_PATH, ENERGY, TIME_WINDOWS = "critical path", "energy", "time windows"


def earliest_finish(shop: Shop) -> tuple[int, str]:
    """An instant, and what proves it."""
    best, by = to_minutes(shop.base.project_finish), CRITICAL_PATH
    for uid in shop.profiles:
        instant = _by_energy(shop, uid)
        if instant > best:
            best, by = instant, ENERGY
    return best, by


def _by_energy(shop: Shop, uid: int) -> int:
    """When the resource can have done the work of all tasks that begin at some instant or later, of every instant."""
    axis = shop.axes[uid]
    work = sorted(_work(shop, uid), reverse=True)
    total = latest = 0
    for place, (floor, minutes) in enumerate(work):
        total += minutes
        if place + 1 == len(work) or work[place + 1][0] < floor:
            begin = axis.worked(floor)
            end = _done_at(shop.steady[uid], begin, total)
            latest = max(latest, axis.finish_at(end) if end > begin else floor)
    return latest


def _work(shop: Shop, uid: int) -> Iterator[tuple[int, int]]:
    """Earliest start and unit-minutes of every task, as far as they do not depend on where it is placed."""
    repeated = repeated_assignments(shop.plan)
    for job in shop.jobs:
        for pattern in job.patterns:
            if pattern.resource_uid == uid and (job.task.uid, uid) not in repeated:
                minutes = sum(_minutes(job, since, until) for since, until in pattern.stretches)
                if pattern.time is job.time or all(until is not None for _, until in pattern.stretches):
                    yield job.floor, minutes * pattern.units


def repeated_assignments(plan: Plan) -> frozenset[tuple[int, int]]:
    """Tasks and resources with several assignments: they are placed as one, which may be more than they ask for."""
    counts = Counter((a.task_uid, a.resource_uid) for a in plan.assignments.values())
    return frozenset(pair for pair, count in counts.items() if count > 1)


def _minutes(job: Job, since: int, until: int | None) -> int:
    if until is None:
        return 0 if job.parts else max(0, job.duration - since)
    return until - since


def _done_at(profile: Profile, begin: int, work: int) -> int:
    """Point of the axis at which so much of what is left from `begin` on is used up."""
    stretches = [*profile, (NEVER_AGAIN, 0)]
    for (start, units), (finish, _) in pairwise(stretches):
        since = max(start, begin)
        if finish <= since or units <= 0 or work <= 0:
            continue
        if units * (finish - since) >= work:
            return int(since - (-work // units))
        work -= units * (finish - since)
    return begin
