"""Serial and parallel schedule generation in real calendars: every task as early as links and resources let it.

The serial scheme places tasks in the order of their ranks, as soon as what they wait for is placed; the parallel one
goes through time and lets of those that could begin the first by rank; `near` keeps to starts that were meant, and then
shifts each task to the left, which makes none later. All are exact to the minute and know all that
the engine does of calendars; what they cannot know (how progress bends a link), the engine tells afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from nirman.optimization.demand import Pattern
from nirman.optimization.levelling.jobs import Ask, Job, Shop
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.scheduling.working_time import WorkingTime

Rank = Sequence[tuple[int, ...]]
"""Of each job: lower goes first."""
_Ready = Callable[[int], None]
_MOST_PIECES = 6
_LEAST_PIECE_MINUTES = 60


@dataclass(slots=True)
class Placed:
    """Where jobs went, by number. `asked` is the instant from which links let each start."""

    starts: list[int]
    finishes: list[int]
    asked: list[int]
    pieces: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Of split jobs: from and until which working minute of their duration with pauses they work."""
    homeless: set[int] = field(default_factory=set)
    """Jobs that found no place before their latest start, and stand where they are least in the way."""
    strain: int = 0
    """By how much these overload resources: squares of units, times minutes."""

    @property
    def finish(self) -> int:
        return max(self.finishes, default=0)


class Placing:
    """Of one shop; `floors` replace those of its jobs."""

    def __init__(self, shop: Shop, *, split: bool, floors: Mapping[int, int] | None = None) -> None:
        self._shop, self._split = shop, split
        self._floors = [job.floor for job in shop.jobs]
        for number, floor in (floors or {}).items():
            self._floors[number] = floor
        self._following: list[list[int]] = [[] for _ in range(shop.nodes)]
        self._waits = [len(others) for others in shop.waits]
        for node, others in enumerate(shop.waits):
            for other in others:
                self._following[other].append(node)

    def serial(self, rank: Rank) -> Placed:
        return self._serially(self._run(), rank)

    def near(self, starts: Sequence[int]) -> Placed:
        """Of each job an instant: nothing begins before it where others have been given the room; then all moves up."""
        rank = [(start, number) for number, start in enumerate(starts)]
        floors = [max(floor, start) for floor, start in zip(self._floors, starts, strict=False)]
        found = self._serially(_Run(self._shop, floors, self._waits[:], self._following, split=self._split), rank)
        return self.shifted(found)

    def shifted(self, placed: Placed) -> Placed:
        """Each job as early as it can be while the others keep the room that they have; first those that are first."""
        run = self._run()
        run.hold(placed)
        return self._serially(run, [(start, number) for number, start in enumerate(placed.starts)])

    @staticmethod
    def _serially(run: _Run, rank: Rank) -> Placed:
        ready: list[tuple[tuple[int, ...], int]] = []
        run.begin(lambda number: heappush(ready, (rank[number], number)))
        while ready:
            _, number = heappop(ready)
            run.put(number, run.place(number))
        return run.placed

    def parallel(self, rank: Rank) -> Placed:
        run = self._run()
        ready: list[tuple[int, tuple[int, ...], int]] = []
        run.begin(lambda number: heappush(ready, (run.earliest(number), rank[number], number)))
        while ready:
            since, _, number = heappop(ready)
            place = run.place(number)
            if place.start > since and ready:
                heappush(ready, (place.start, rank[number], number))  # by then others may have taken what it wants
            else:
                run.put(number, place)
        return run.placed

    def _run(self) -> _Run:
        return _Run(self._shop, self._floors, self._waits[:], self._following, split=self._split)


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    finish: int
    pieces: tuple[tuple[int, int], ...] = ()
    fits: bool = True


class _Run:
    def __init__(
        self, shop: Shop, floors: Sequence[int], waits: list[int], following: Sequence[Sequence[int]], *, split: bool
    ) -> None:
        self._shop, self._floors, self._waits, self._following, self._split = shop, floors, waits, following, split
        self._profiles = {uid: (shop.axes[uid], profile.copy()) for uid, profile in shop.profiles.items()}
        nodes = shop.nodes
        self._starts, self._finishes = [0] * nodes, [0] * nodes
        jobs = len(shop.jobs)
        self._first_span, self._first_gate = jobs, jobs + len(shop.spans)
        self.placed = Placed([0] * jobs, [0] * jobs, [0] * jobs)
        self._earliest: dict[int, int] = {}
        self._held: Placed | None = None
        self._tried: dict[int, int] = {}

    def hold(self, placed: Placed) -> None:
        """What was placed has its room until it is placed anew."""
        for number in range(len(placed.starts)):
            self._take(number, _held(placed, number), 1)
        self._held = placed

    def begin(self, ready: _Ready) -> None:
        self._ready = ready
        for node in [node for node, waits in enumerate(self._waits) if waits == 0]:
            self._reach(node)

    def earliest(self, number: int) -> int:
        """By links alone."""
        found = self._earliest.get(number)
        if found is None:
            job = self._shop.jobs[number]
            asked = self._asked(job)
            self.placed.asked[number] = asked
            floor = self._floors[number]  # where the engine has it, which needs no other start
            found = self._earliest[number] = floor if asked <= floor else max(floor, job.next_start(asked))
        return found

    def place(self, number: int) -> _Place:
        job, earliest = self._shop.jobs[number], self.earliest(number)
        if self._held is not None:
            self._take(number, _held(self._held, number), -1)
        start = self._fit(job, max(earliest, self._tried.get(number, earliest)))
        if start is not None:
            self._tried[number] = start  # what is taken stays taken: it never fits before that
        whole = (
            _Place(earliest, job.finish(earliest), fits=False) if start is None else _Place(start, job.finish(start))
        )
        if self._split and job.may_split and not (whole.fits and whole.start == earliest):
            parted = self._parted(job, earliest)
            if parted is not None and (not whole.fits or parted.finish < whole.finish):
                return parted
        return whole

    def put(self, number: int, place: _Place) -> None:
        job, placed = self._shop.jobs[number], self.placed
        placed.starts[number], placed.finishes[number] = place.start, place.finish
        if not place.fits:
            placed.homeless.add(number)
        if place.pieces:
            placed.pieces[number] = place.pieces
        if not place.fits:
            placed.strain += self._strain(job, place)
        self._take(number, place, 1)
        self._starts[number], self._finishes[number] = place.start, place.finish
        self._carry_on(number)

    # Links.

    def _carry_on(self, node: int) -> None:
        for following in self._following[node]:
            self._waits[following] -= 1
            if self._waits[following] == 0:
                self._reach(following)

    def _reach(self, node: int) -> None:
        if node < self._first_span:
            self._ready(node)
            return
        if node < self._first_gate:
            span = self._shop.spans[node - self._first_span]
            ends = [(self._starts[job], self._finishes[job]) for job in span.jobs] + list(span.others)
            self._starts[node] = min(start for start, _ in ends)
            self._finishes[node] = max(finish for _, finish in ends)
        else:
            asks = self._shop.gates[node - self._first_gate].asks
            never = -NEVER_AGAIN
            self._starts[node] = max((self._instant(ask) for ask in asks if ask.to_start), default=never)
            self._finishes[node] = max((self._instant(ask) for ask in asks if not ask.to_start), default=never)
        self._carry_on(node)

    def _instant(self, ask: Ask) -> int:
        instant = (self._finishes if ask.from_finish else self._starts)[ask.node]
        if ask.lag > 0:
            return ask.lag_time.add(instant, ask.lag)
        return ask.lag_time.subtract(instant, -ask.lag) if ask.lag < 0 else instant

    def _asked(self, job: Job) -> int:
        starts = [self._instant(ask) for ask in job.asks if ask.to_start]
        finishes = [self._instant(ask) for ask in job.asks if not ask.to_start]
        starts += [self._starts[gate] for gate in job.gates]
        finishes += [self._finishes[gate] for gate in job.gates]
        asked = max(starts, default=-NEVER_AGAIN)
        finish = max(finishes, default=-NEVER_AGAIN)
        return asked if finish == -NEVER_AGAIN else max(asked, job.start_for(finish))

    # Resources.

    def _fit(self, job: Job, earliest: int) -> int | None:
        start = earliest
        while start <= job.latest:
            again = self._blocked(job, start)
            if again is None:
                return start
            if again == NEVER_AGAIN:
                return None
            start = job.next_start(max(again, start + 1))
        return None

    def _take(self, number: int, place: _Place, sign: int) -> None:
        for pattern in self._shop.jobs[number].patterns:
            _, profile = self._profiles[pattern.resource_uid]
            for _, start, finish in self._intervals(pattern, place):
                profile.take(start, finish, sign * pattern.units)

    def _strain(self, job: Job, place: _Place) -> int:
        return sum(
            self._profiles[pattern.resource_uid][1].strain(begin, end, pattern.units)
            for pattern in job.patterns
            for _, begin, end in self._intervals(pattern, place)
        )

    def _blocked(self, job: Job, start: int) -> int | None:
        """None where it fits; else an instant before which it does not."""
        place = _Place(start, job.finish(start))
        for pattern in job.patterns:
            axis, profile = self._profiles[pattern.resource_uid]
            for since, begin, end in self._intervals(pattern, place):
                until = profile.blocked_until(begin, end, pattern.units)
                if until is not None:
                    if until == NEVER_AGAIN:
                        return NEVER_AGAIN
                    worked = until if axis is pattern.time else pattern.time.worked(until)
                    return pattern.time.finish_at(worked - since)  # from when on another crew may begin
        return None

    def _intervals(self, pattern: Pattern, place: _Place) -> Iterator[tuple[int, int, int]]:
        """On the resource's axis; before each, how long after the start of the task its stretch begins."""
        axis = self._profiles[pattern.resource_uid][0]
        if place.pieces:
            base = axis.worked(place.start)
            yield from ((since, base + since, base + until) for since, until in place.pieces)
        elif axis is pattern.time:
            base = axis.worked(place.start)
            for begin, end in pattern.worked(place.start, place.finish):
                yield begin - base, begin, end
        else:
            since = pattern.stretches[0][0]
            yield from ((since, begin, end) for begin, end in pattern.laid(place.start, place.finish))

    def _parted(self, job: Job, earliest: int) -> _Place | None:
        """Works whenever all it needs is there, in few pieces; None where it cannot."""
        profiles = [(self._profiles[pattern.resource_uid], pattern.units) for pattern in job.patterns]
        if job.duration == 0 or any(axis is not job.time for (axis, _), _ in profiles):
            return None
        found: list[tuple[int, int]] = []
        at, left = job.time.worked(earliest), job.duration
        while left and len(found) < _MOST_PIECES:
            at = _free_from(profiles, at, min(left, _LEAST_PIECE_MINUTES))
            if at == NEVER_AGAIN:
                return None
            until = min(at + left, *(profile.enough_until(at, units) for (_, profile), units in profiles))
            found.append((at, until))
            left -= until - at
            at = until
        start, finish = job.time.start_at(found[0][0]), job.time.finish_at(found[-1][1])
        if left or len(found) == 1 or finish > job.finish(job.latest):
            return None
        return _Place(start, finish, tuple((begin - found[0][0], end - found[0][0]) for begin, end in found))


def _held(placed: Placed, number: int) -> _Place:
    return _Place(placed.starts[number], placed.finishes[number], placed.pieces.get(number, ()))


_Profiles = Sequence[tuple[tuple[WorkingTime, Profile], int]]


def _free_from(profiles: _Profiles, at: int, minutes: int) -> int:
    """From when on all of them have the units for so many minutes."""
    agreed = 0
    while agreed < len(profiles):
        agreed = 0
        for (_, profile), units in profiles:
            until = profile.blocked_until(at, at + minutes, units)
            if until is None:
                agreed += 1
                continue
            if until == NEVER_AGAIN:
                return NEVER_AGAIN
            at = until
    return at
