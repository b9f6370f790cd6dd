"""Finishes that cannot be: assume one, and see whether some resource has too much to do between two instants.

A finish gives every task a latest start, back over all links in their calendars. Each piece of its work then lies
between an earliest and a latest instant; where the pieces that lie between two instants ask for more than there is of
their resource between these, in hours in which they can be worked at, no plan finishes so early. All pairs of instants
are looked at, by the tree of Vilim ("Edge finding filtering algorithm for discrete cumulative resources in
O(kn log n)", CP 2009), which keeps the most that the sets of pieces seen so far could need.

Hours can be left out: where tasks of several calendars share a resource, what each of them has to do at the least in
hours in which so many of the calendars work, wherever it begins, is held against what there is in these hours alone. So
hours in which only few of the tasks can be worked at do not count for the others.

Of a resource that bigger demands must have alone, each such counts as all there is and what fits beside none of them as
nothing (dual feasible functions: Fekete and Schepers, Mathematical Programming 91, 2001).

Everything is whole unit-minutes and minutes: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nirman.optimization.demand import Interval, Pattern
from nirman.optimization.levelling.bound_supply import Supply, Within, together
from nirman.optimization.levelling.bounds import repeated_assignments
from nirman.optimization.levelling.jobs import Ask, Job, Shop
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.scheduling.working_time import WorkingTime

_MOST_PIECES = 4
_LEAST_PIECE_MINUTES = 120
_MOST_HOURS = 3
"""Choices of hours for each resource: those that there is least room in for what has to be done in them."""
_BUSY = 0.7
"""As the busiest resource: those for which hours are chosen."""
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
        patterns = {uid: patterns for uid in shop.profiles if (patterns := _patterns(shop, uid))}
        self._loads = [load for uid in patterns for load in _whole(shop, uid, patterns[uid], (first, finish))]
        busy = _BUSY * max((load.share for load in self._loads), default=0.0)
        most = {load.uid for load in self._loads if load.share >= busy}
        for uid in sorted(most):
            self._loads += _in_parts(shop, uid, patterns[uid], (first, finish), split=split)

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
        step = max(_FIRST_STEP_MINUTES, (finish - bound) // 32)
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

    def __init__(self, uid: int, pieces: Sequence[_Piece], supply: Supply, work: Sequence[int]) -> None:
        """`work` of each piece in the hours of `supply`."""
        heads = [(supply.until(_head(piece)), place) for place, piece in enumerate(pieces)]
        heads.sort()
        self.uid = uid
        self.share = sum(work) / supply.total if supply.total else 0.0
        """Of all there is, that is asked for."""
        self._supply = supply
        self._pieces = [pieces[place] for _, place in heads]
        self._heads = [head for head, _ in heads]
        self._work = [work[place] for _, place in heads]
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


_Patterns = Sequence[tuple[Job, Pattern]]


def _patterns(shop: Shop, uid: int) -> _Patterns:
    """Of a resource, as far as what they ask for does not depend on where the job is placed."""
    repeated = repeated_assignments(shop.plan)
    return [
        (job, pattern)
        for job in shop.jobs
        for pattern in job.patterns
        if pattern.resource_uid == uid and (job.task.uid, uid) not in repeated and _is_told(job, pattern)
    ]


def _is_told(job: Job, pattern: Pattern) -> bool:
    return all(until is not None for _, until in pattern.stretches) or (pattern.time is job.time and not job.parts)


def _whole(shop: Shop, uid: int, patterns: _Patterns, between: Interval) -> Iterator[_Load]:
    """In all the hours in which anything of it can be worked at."""
    pieces = [piece for job, pattern in patterns for piece in _pieces(job, pattern, _MOST_PIECES)]
    hours = together([pattern.time for _, pattern in patterns], between)
    for units_of in (_as_they_are, *_sizes({piece.pattern.units for piece in pieces}, _most(shop.steady[uid]))):
        work = [(piece.until - piece.since) * units_of(piece.pattern.units) for piece in pieces]
        yield _Load(uid, pieces, Supply(shop.steady[uid], shop.axes[uid], hours, units_of), work)


def _in_parts(shop: Shop, uid: int, patterns: _Patterns, between: Interval, *, split: bool) -> list[_Load]:
    """In hours in which several of the calendars work; of these choices the tightest."""
    times = {pattern.time for _, pattern in patterns}
    pieces = [piece for job, pattern in patterns for piece in _pieces(job, pattern, 1)]
    found = []
    for count in range(2, len(times) + 1):
        hours = together(times, between, at_least=count)
        if hours:
            supply = Supply(shop.steady[uid], shop.axes[uid], hours, _as_they_are)
            found.append(_Load(uid, pieces, supply, _within(pieces, hours, between, split=split)))
    found.sort(key=lambda load: load.share, reverse=True)
    return found[:_MOST_HOURS]


def _within(pieces: Sequence[_Piece], hours: Sequence[Interval], between: Interval, *, split: bool) -> list[int]:
    """Unit-minutes that each has to do in the hours; of what may pause nothing is sure."""
    calendars = {time: Within(time, hours, between) for time in {piece.pattern.time for piece in pieces}}
    least: dict[tuple[WorkingTime, int], int] = {}
    found = []
    for piece in pieces:
        key = (piece.pattern.time, piece.until - piece.since)
        if key not in least:
            least[key] = calendars[key[0]].least(key[1])
        pauses = split and piece.job.may_split
        found.append(0 if pauses else least[key] * piece.pattern.units)
    return found


def _pieces(job: Job, pattern: Pattern, most: int) -> Iterator[_Piece]:
    total = max(job.duration if until is None else until for _, until in pattern.stretches)
    for since, stop in pattern.stretches:
        until = job.duration if stop is None else stop
        count = min(most, max(1, (until - since) // _LEAST_PIECE_MINUTES))
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
