"""Tasks that found no place, taken as given: the others are then searched an order for, around where these stand.

Where tasks that stay leave something no room by its latest date, no order solves that conflict. A problem that asks for
it all the same has no answer, and nothing is learnt of all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nirman.optimization.levelling.jobs import Job, Shop
from nirman.optimization.levelling.placing import Placed
from nirman.optimization.solver.problem import MAX_UNITS, Problem
from nirman.optimization.solver.solve import first_answer

_ALL = ((0, MAX_UNITS),)
_ROUNDING = 12
"""Periods by which tasks that follow one another may be late because each of them is in whole periods."""


def around(shop: Shop, placed: Placed) -> Shop:
    """The shop in which what is bound to dates stands where a placing has it, if some of it found no place there.

    What others leave to those without a place is taken, and no more: where they stand in another's way, that one may
    still stay where it is, so that the placing itself remains an answer.
    """
    if not placed.homeless:
        return shop
    bound = {job.number for job in shop.jobs if job.latest < placed.finish and job.number not in placed.pieces}
    standing = bound | placed.homeless
    jobs = tuple(_standing(job, placed) if job.number in standing else job for job in shop.jobs)
    profiles = {uid: profile.copy() for uid, profile in shop.profiles.items()}
    free = {uid: profile.copy() for uid, profile in shop.profiles.items()}
    for job in shop.jobs:
        if job.number not in placed.homeless:
            for uid, begin, end, units in taken(shop, job, placed):
                free[uid].take(begin, end, units)
                if job.number in standing:
                    profiles[uid].take(begin, end, units)
    for number in sorted(placed.homeless):
        for uid, begin, end, units in taken(shop, shop.jobs[number], placed):
            for since, until, left in free[uid].between(begin, end):
                least = min(units, max(0, left))
                free[uid].take(since, until, least)
                profiles[uid].take(since, until, least)
    return replace(shop, jobs=jobs, profiles=profiles)


def as_well(placed: Placed, before: Placed) -> Placed:
    """A placing around what another has: the same are homeless, and overload as much."""
    return replace(placed, homeless=placed.homeless | before.homeless, strain=placed.strain + before.strain)


def answerable(problem: Problem) -> Problem:
    """As it is where links alone let all latest dates be kept; else with dates that they do let be kept.

    Rounding to periods, and links that a date overrides, may leave a problem none. What is later than it may be in the
    plan, placing tells.
    """
    if all(one.latest_finish is None for one in problem.activities) or first_answer(problem).solution is not None:
        return problem
    free = _with_latest(problem, [None] * len(problem.activities))
    alone = first_answer(replace(free, renewables=tuple(replace(one, capacity=_ALL) for one in free.renewables)))
    if alone.solution is None:
        return free
    ends = zip(problem.activities, alone.solution.finishes, strict=True)
    later = [None if one.latest_finish is None else max(one.latest_finish, end) + _ROUNDING for one, end in ends]
    loose = _with_latest(problem, later)
    return free if first_answer(loose).solution is None else loose


def _with_latest(problem: Problem, latest: Sequence[int | None]) -> Problem:
    activities = zip(problem.activities, latest, strict=True)
    return replace(problem, activities=tuple(replace(one, latest_finish=at) for one, at in activities))


def _standing(job: Job, placed: Placed) -> Job:
    start = placed.starts[job.number]
    return replace(job, patterns=(), floor=start, latest=start)


def taken(shop: Shop, job: Job, placed: Placed) -> Iterator[tuple[int, int, int, int]]:
    """By resource: from and until which point of its axis, and how many units."""
    start, finish = placed.starts[job.number], placed.finishes[job.number]
    pieces = placed.pieces.get(job.number, ())
    for pattern in job.patterns:
        axis = shop.axes[pattern.resource_uid]
        if pieces:
            base = axis.worked(start)
            stretches: Iterable[tuple[int, int]] = [(base + since, base + until) for since, until in pieces]
        else:
            stretches = pattern.worked(start, finish) if axis is pattern.time else pattern.laid(start, finish)
        yield from ((pattern.resource_uid, begin, end, pattern.units) for begin, end in stretches)
