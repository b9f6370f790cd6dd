"""Finishes that cannot be: assume one, and see whether some resource has too much to do between two instants.

A finish gives every task a latest start, back over all links in their calendars. Each piece of its work then lies
between an earliest and a latest instant; where the pieces that lie between two instants ask for more than there is of
their resource between these, in hours in which they can be worked at, no plan finishes so early. All pairs of instants
are looked at, by the tree of Vilim ("Edge finding filtering algorithm for discrete cumulative resources in
O(kn log n)", CP 2009), which keeps the most that the sets of pieces seen so far could need.

Of a resource that bigger demands must have alone, each such counts as all there is and what fits beside none of them as
nothing (dual feasible functions: Fekete and Schepers, Mathematical Programming 91, 2001).

Everything is whole unit-minutes and minutes: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nirman.optimization.demand import Pattern
from nirman.optimization.levelling.bound_supply import Supply
from nirman.optimization.levelling.bounds import repeated_assignments
from nirman.optimization.levelling.jobs import Ask, Job, Shop
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile

_MOST_PIECES = 6
_LEAST_PIECE_MINUTES = 120
_FIRST_STEP_MINUTES = 60
_MOST_SIZES = 3
"""Demands of a resource, from the biggest, that are looked at as ones that others cannot be beside."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """From so many working minutes after its job's start until so many; `total`: of what it is a piece of."""

    job: Job
    pattern: Pattern
    since: int
    until: int
    total: int


@dataclass(frozen=True, slots=True)
class Late:
    """Of each node: instants after which it cannot start, and not finish."""

    starts: Sequence[int]
    finishes: Sequence[int]


class Windows:
    def __init__(self, shop: Shop, finish: int, *, split: bool) -> None:
        """`finish`: nothing later is asked about; `split`: tasks that may pause do."""
        self._shop, self._split = shop, split
        first = min(job.floor for job in shop.jobs)
        self._loads = [load for uid in shop.profiles for load in _loads(shop, uid, (first, finish))]

    @property
    def size(self) -> int:
        """Pieces to be looked at for each finish."""
        return sum(load.size for load in self._loads)

    def refutes(self, finish: int) -> bool:
        """Whether no plan finishes by then."""
        late = late_dates(self._shop, finish)
        if any(late.starts[job.number] < job.floor for job in self._shop.jobs):
            return True
        return any(load.is_too_much(late, split=self._split) for load in self._loads)

    def earliest(self, bound: int, finish: int, *, looks: int, stop: Callable[[], bool]) -> int:
        """An instant from `bound` on, at most `finish`, before which no plan finishes; so many finishes are tried.

        In steps that double as long as they are refuted, then by halves: mostly there is little to be gained.
        """
        step = _FIRST_STEP_MINUTES
        for _ in range(looks):
            if bound >= finish or stop():
                break
            tried = min(bound + step - 1, (bound + finish) // 2)
            if self.refutes(tried):
                bound, step = tried + 1, 2 * step
            else:
                finish = tried
        return bound


class _Load:
    """Pieces of one resource in the order of their earliest starts."""

    def __init__(self, pieces: Sequence[_Piece], supply: Supply, units_of: Callable[[int], int]) -> None:
        heads = [(supply.until(_head(piece)), place) for place, piece in enumerate(pieces)]
        heads.sort()
        self._supply = supply
        self._pieces = [pieces[place] for _, place in heads]
        self._heads = [head for head, _ in heads]
        self._work = [(piece.until - piece.since) * units_of(piece.pattern.units) for piece in self._pieces]
        self.size = len(self._pieces)

    def is_too_much(self, late: Late, *, split: bool) -> bool:
        ends = [(self._supply.until(_end(piece, late, split=split)), place) for place, piece in enumerate(self._pieces)]
        ends.sort()
        leaves = 1 << max(0, self.size - 1).bit_length()
        work, needed = [0] * (2 * leaves), [-NEVER_AGAIN] * (2 * leaves)
        for end, place in ends:
            node = leaves + place
            work[node] = self._work[place]
            needed[node] = self._heads[place] + work[node]
            node //= 2
            while node:
                left, right = 2 * node, 2 * node + 1
                work[node] = work[left] + work[right]
                needed[node] = max(needed[left] + work[right], needed[right])
                node //= 2
            if needed[1] > end:
                return True
        return False


def late_dates(shop: Shop, finish: int) -> Late:
    """If all is to be done by `finish`, by links alone."""
    starts, finishes = [NEVER_AGAIN] * shop.nodes, [finish] * shop.nodes

    def hold(ask: Ask, latest: int) -> None:
        ends = finishes if ask.from_finish else starts
        ends[ask.node] = min(ends[ask.node], _before_lag(ask, latest))

    jobs, spans = len(shop.jobs), len(shop.spans)
    for node in reversed(shop.order):
        if node >= jobs + spans:
            for ask in shop.gates[node - jobs - spans].asks:
                hold(ask, starts[node] if ask.to_start else finishes[node])
        elif node >= jobs:
            for number in shop.spans[node - jobs].jobs:
                finishes[number] = min(finishes[number], finishes[node])
        else:
            job = shop.jobs[node]
            starts[node] = min(starts[node], job.start_for(finishes[node]))
            end = _latest_end(job, starts[node])
            for ask in job.asks:
                hold(ask, starts[node] if ask.to_start else end)
            for gate in job.gates:
                starts[gate] = min(starts[gate], starts[node])
                finishes[gate] = min(finishes[gate], end)
    return Late(starts, finishes)


def _latest_end(job: Job, start: int) -> int:
    """An instant that the job's finish could be held to and it could still start then."""
    parts = job.parts or ((job.time, job.duration),)
    return max(time.start_at(time.worked(start) + minutes) if minutes else start for time, minutes in parts)


def _before_lag(ask: Ask, latest: int) -> int:
    if ask.lag == 0 or latest >= NEVER_AGAIN:
        return latest
    return ask.lag_time.start_at(ask.lag_time.worked(latest) - ask.lag)


def _head(piece: _Piece) -> int:
    time = piece.pattern.time
    return time.start_at(time.worked(piece.job.floor) + piece.since)


def _end(piece: _Piece, late: Late, *, split: bool) -> int:
    time, number = piece.pattern.time, piece.job.number
    finish = late.finishes[number]
    if split and piece.job.may_split:  # there may be pauses before it, and what follows it takes as long at least
        return time.finish_at(time.worked(finish) - piece.total + piece.until)
    return min(finish, time.finish_at(time.worked(late.starts[number]) + piece.until))


def _loads(shop: Shop, uid: int, between: tuple[int, int]) -> Iterator[_Load]:
    repeated = repeated_assignments(shop.plan)
    patterns = [(job, pattern) for job in shop.jobs for pattern in job.patterns if pattern.resource_uid == uid]
    pieces = [
        piece for job, pattern in patterns if (job.task.uid, uid) not in repeated for piece in _pieces(job, pattern)
    ]
    if not pieces:
        return
    times = {piece.pattern.time for piece in pieces}
    most = _most(shop.steady[uid])
    for units_of in (_as_they_are, *_sizes({piece.pattern.units for piece in pieces}, most)):
        supply = Supply(shop.steady[uid], shop.axes[uid], times, between, units_of)
        yield _Load([piece for piece in pieces if units_of(piece.pattern.units)], supply, units_of)


def _pieces(job: Job, pattern: Pattern) -> Iterator[_Piece]:
    """Of what does not depend on where the job is placed."""
    bounded = all(until is not None for _, until in pattern.stretches)
    if not bounded and (pattern.time is not job.time or job.parts):
        return
    total = max(job.duration if until is None else until for _, until in pattern.stretches)
    for since, stop in pattern.stretches:
        until = job.duration if stop is None else stop
        count = min(_MOST_PIECES, max(1, (until - since) // _LEAST_PIECE_MINUTES))
        cuts = [since + (until - since) * k // count for k in range(count + 1)]
        yield from (_Piece(job, pattern, cuts[k], cuts[k + 1], total) for k in range(count) if cuts[k] < cuts[k + 1])


def _as_they_are(units: int) -> int:
    return units


def _sizes(units: set[int], most: int) -> Iterator[Callable[[int], int]]:
    for big in sorted((each for each in units if most < 2 * each < 2 * most), reverse=True)[:_MOST_SIZES]:
        if 2 * (least := most - big + 1) <= most:
            yield Alone(most, least)


@dataclass(frozen=True, slots=True)
class Alone:
    """Of `most`: what leaves less than `least` is all of it, and less than that is nothing."""

    most: int
    least: int

    def __call__(self, units: int) -> int:
        if units > self.most - self.least:
            return self.most
        return 0 if units < self.least else units


def _most(profile: Profile) -> int:
    return max(0, *(units for _, units in profile))
