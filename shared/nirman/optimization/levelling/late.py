"""Tasks that go as late as possible: where they stand decides the project's finish, and what follows them.

For an order they are placed like all others, as soon as they can be. Then a finish is assumed, and they and what
follows them go as late as it allows, the last first, each where its people are free; the others have to find room
around them. In the engine it moves with the delays of what follows it, which are no slack of those before it; one
that nothing follows ends with the project, and its own delay keeps the project's finish where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush

from nirman.optimization.levelling.homeless import taken
from nirman.optimization.levelling.jobs import Ask, Job, Shop
from nirman.optimization.levelling.locks import Lock, lock_of
from nirman.optimization.levelling.placing import Placed, Placing, Rank
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.planning.model import ConstraintKind, Plan, Rules

_MOST_MOVES = 500
"""Earlier starts that are tried for one task."""
_Profiles = dict[int, Profile]


def as_soon(plan: Plan) -> tuple[Plan, frozenset[int]]:
    """The plan in which nothing goes as late as possible that could be delayed; and the uids of what did."""
    summaries = {task.parent_uid for task in plan.tasks.values()}
    late = frozenset(uid for uid, task in plan.tasks.items() if lock_of(task, summaries) is Lock.LATE)
    soon = {uid: replace(plan.tasks[uid], constraint=ConstraintKind.ASAP, leveling_delay_minutes=0) for uid in late}
    return (replace(plan, tasks={**plan.tasks, **soon}) if soon else plan), late


def as_late(plan: Plan, late: frozenset[int]) -> Plan:
    """The plan in which it does again."""
    tasks = {uid: replace(plan.tasks[uid], constraint=ConstraintKind.ALAP) for uid in late}
    return replace(plan, tasks={**plan.tasks, **tasks}) if tasks else plan


class Late:
    """Placings in which a shop's late tasks, and what follows them, are as late as some finish allows."""

    def __init__(self, shop: Shop, first: Placed, *, split: bool) -> None:
        """`first`: a placing of all as soon as they can be, whose order the others keep."""
        self._shop, self._first, self._split = shop, first, split
        self._following: list[list[int]] = [[] for _ in range(shop.nodes)]
        for node, others in enumerate(shop.waits):
            for other in others:
                self._following[other].append(node)
        self._behind = self._closure()

    @property
    def uids(self) -> list[int]:
        """Of what goes late, and of what follows it."""
        return sorted(self._shop.jobs[number].task.uid for number in self._behind)

    @property
    def most(self) -> int:
        """Minutes of work of all that goes late: with so much behind the others there is room for them."""
        jobs = (job for job in self._shop.jobs if job.number in self._behind)
        return sum(max((minutes for _, minutes in job.parts), default=job.duration) for job in jobs)

    def by(self, finish: int) -> Placed | None:
        """All is done by then; None where something finds no room."""
        profiles = {uid: profile.copy() for uid, profile in self._shop.profiles.items()}
        back = _Backward(self._shop, self._following, self._behind, profiles, forced=True)
        latest = back.latest(finish)
        jobs = tuple(self._bound(job, latest[job.number]) for job in self._shop.jobs)
        placing = Placing(replace(self._shop, jobs=jobs, profiles=profiles), split=self._split)
        for rank in self._ranks(latest):
            placed = placing.serial(rank)
            kept = all(placed.starts[number] == latest[number] for number in self._behind - self._first.homeless)
            if kept and placed.finish <= finish and placed.strain <= self._first.strain:
                return placed
        return None

    def justified(self) -> Placed:
        """The first placing, in which these move as late as its finish and the others allow."""
        first, jobs = self._first, self._shop.jobs
        profiles = {uid: profile.copy() for uid, profile in self._shop.profiles.items()}
        moving = self._behind - first.pieces.keys() - first.homeless
        for job in jobs:
            if job.number not in moving:
                for uid, begin, end, units in taken(self._shop, job, first):
                    profiles[uid].take(begin, end, units)
        back = _Backward(self._shop, self._following, moving, profiles, forced=False, at=first.starts)
        latest = back.latest(first.finish)
        starts = [max(latest[n], start) if n in moving else start for n, start in enumerate(first.starts)]
        finishes = [jobs[n].finish(s) if n in moving else first.finishes[n] for n, s in enumerate(starts)]
        return replace(first, starts=starts, finishes=finishes)

    def _closure(self) -> frozenset[int]:
        """Jobs that go late, and all that follow such."""
        found = {job.number for job in self._shop.jobs if job.task.uid in self._shop.late}
        ready = list(found)
        for node in ready:
            ready.extend(after for after in self._following[node] if after not in found)
            found.update(self._following[node])
        return frozenset(node for node in found if node < len(self._shop.jobs))

    def _bound(self, job: Job, latest: int) -> Job:
        if job.number in self._behind:
            return replace(job, patterns=(), floor=latest, latest=latest)
        return replace(job, latest=min(job.latest, latest))

    def _ranks(self, latest: list[int]) -> Iterator[Rank]:
        jobs = range(len(self._shop.jobs))
        yield [(self._first.starts[number], number) for number in jobs]
        yield [(latest[number], number) for number in jobs]


class _Backward:
    """Latest starts for a finish: of some jobs where they find room, of all others by links alone."""

    def __init__(
        self,
        shop: Shop,
        following: list[list[int]],
        placed: frozenset[int],
        profiles: _Profiles,
        *,
        forced: bool,
        at: list[int] | None = None,
    ) -> None:
        """`forced`: what the engine lets stand nowhere but last does so; `at`: where all others are."""
        self._shop, self._following, self._placed, self._profiles = shop, following, placed, profiles
        self._forced, self._at = forced, at

    def latest(self, finish: int) -> list[int]:
        """By node; of what is placed its start, and what it asks for is taken."""
        shop, jobs, spans = self._shop, len(self._shop.jobs), len(self._shop.spans)
        self._starts, self._finishes = [NEVER_AGAIN] * shop.nodes, [finish] * shop.nodes
        left = [len(after) for after in self._following]
        ready: list[tuple[bool, int, int]] = []
        for node in range(shop.nodes):
            if left[node] == 0:
                heappush(ready, self._turn(node))
        while ready:
            *_, node = heappop(ready)
            if node >= jobs + spans:
                for ask in shop.gates[node - jobs - spans].asks:
                    self._hold(ask, self._starts[node] if ask.to_start else self._finishes[node])
            elif node >= jobs:
                for number in shop.spans[node - jobs].jobs:
                    self._finishes[number] = min(self._finishes[number], self._finishes[node])
            else:
                self._put(shop.jobs[node])
            for before in shop.waits[node]:
                left[before] -= 1
                if left[before] == 0:
                    heappush(ready, self._turn(before))
        return self._starts[:jobs]

    def _turn(self, node: int) -> tuple[bool, int, int]:
        """What can stand nowhere else goes first, then what can be latest."""
        return not self._is_last(node), -self._latest(node), node

    def _latest(self, node: int) -> int:
        if node >= len(self._shop.jobs):
            return NEVER_AGAIN
        job = self._shop.jobs[node]
        latest = min(self._starts[node], job.start_for(self._finishes[node]), job.latest)
        return max(latest, job.floor)  # where a date overrides links, some are late in any case

    def _put(self, job: Job) -> None:
        start = self._latest(job.number)
        if job.number in self._placed:
            if not self._is_last(job.number):
                found = self._room(job, start)
                start = start if found is None else found
            for uid, begin, end, units in self._asks(job, start):
                self._profiles[uid].take(begin, end, units)
        elif self._at is not None:
            start = self._at[job.number]
        self._starts[job.number] = start
        finish = job.finish(start)
        for ask in job.asks:
            self._hold(ask, start if ask.to_start else finish)
        for gate in job.gates:
            self._starts[gate] = min(self._starts[gate], start)
            self._finishes[gate] = min(self._finishes[gate], finish)

    def _is_last(self, node: int) -> bool:
        """Whether no delay of others puts it anywhere else: nothing follows it, or what follows it does not pull it."""
        if not self._forced or node >= len(self._shop.jobs) or self._shop.jobs[node].task.uid not in self._shop.late:
            return False
        return not self._following[node] or self._shop.plan.project.rules is Rules.PRIMAVERA

    def _hold(self, ask: Ask, latest: int) -> None:
        ends = self._finishes if ask.from_finish else self._starts
        if ask.lag:
            latest = ask.lag_time.start_at(ask.lag_time.worked(latest) - ask.lag)
        ends[ask.node] = min(ends[ask.node], latest)

    # Resources.

    def _room(self, job: Job, latest: int) -> int | None:
        start = latest
        for _ in range(_MOST_MOVES):
            if start < job.floor:
                return None
            since = self._lacks_since(job, start)
            if since is None:
                return start
            start = min(job.start_for(since), job.start_for(job.finish(start) - 1))
        return None

    def _lacks_since(self, job: Job, start: int) -> int | None:
        """The last instant from which on there is not enough for the job; None where it fits."""
        found = None
        for uid, begin, end, units in self._asks(job, start):
            for since, _, free in self._profiles[uid].between(begin, end):
                if free < units:
                    instant = self._shop.axes[uid].finish_at(since)
                    found = instant if found is None else max(found, instant)
        return found

    def _asks(self, job: Job, start: int) -> Iterator[tuple[int, int, int, int]]:
        placed = Placed([start], [job.finish(start)], [start])
        return taken(self._shop, replace(job, number=0), placed)
