"""A shop as a problem for the solver, whose answer is an order in which to place the tasks.

Where all that moves is worked in one calendar, the axis is that calendar's working time, and a period the greatest
number of minutes that everything is a multiple of: then the problem is the plan exactly, and what the solver proves of
it holds for the plan. Else the axis is wall time with calendars. A period is never shorter than keeps the axis within
`_MOST_PERIODS`; what is not a multiple of it is rounded to the safe side, and the model is one of the plan nearly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import gcd

from nirman.optimization.demand import Pattern, intervals
from nirman.optimization.levelling.jobs import Ask, Job, Shop
from nirman.optimization.levelling.placing import Placed
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.optimization.solver.problem import (
    MAX_PERIODS,
    Activity,
    Link,
    Mode,
    Part,
    Problem,
    Relation,
    Renewable,
    WorkingPeriods,
)
from nirman.scheduling.instants import DAY
from nirman.scheduling.working_time import ELAPSED, WorkingTime

_MOST_PERIODS = 120_000
_PERIODS = (5, 10, 15, 30, 60, 120, 240)
"""Minutes that a period may have where the greatest common one is too short."""
_RELATIONS = {
    (True, True): Relation.FS,
    (False, True): Relation.SS,
    (True, False): Relation.FF,
    (False, False): Relation.SF,
}
"""By whether a link is from a finish, and to a start."""


@dataclass(frozen=True, slots=True)
class Model:
    """Activities are the shop's nodes, by number. `exact`: the problem has the plan's own schedules, and no others."""

    problem: Problem
    time: WorkingTime
    origin: int
    """Of the axis, in minutes of `time`."""
    period: int
    exact: bool

    def instant(self, period: int) -> int:
        """The finish that a period of the axis stands for."""
        return self.time.finish_at(self.origin + period * self.period)

    def start(self, period: int) -> int:
        """The start that a period of the axis stands for."""
        return self.time.start_at(self.origin + period * self.period)

    def period_by(self, instant: int) -> int:
        """A finish no later than the instant; what ends there needs not be shorter."""
        return max(0, (self.time.worked(instant) - self.origin) // self.period)


def model_of(shop: Shop, first: Placed, *, split: bool) -> Model:
    """`first`: any placing, which says how far the axis must reach."""
    times = {time for job in shop.jobs for time in _times_of(job)}
    lags = {ask.lag_time for ask in _asks(shop) if ask.lag}
    plain = len(times) == 1 and lags <= times and not any(job.parts for job in shop.jobs)
    return _Builder(shop, first, times.pop() if plain else ELAPSED, split=split).model()


def _times_of(job: Job) -> Iterator[WorkingTime]:
    if job.duration:
        yield job.time
    yield from (pattern.time for pattern in job.patterns)


def _asks(shop: Shop) -> Iterator[Ask]:
    for job in shop.jobs:
        yield from job.asks
    for gate in shop.gates:
        yield from gate.asks


class _Builder:
    def __init__(self, shop: Shop, first: Placed, time: WorkingTime, *, split: bool) -> None:
        self._shop, self._time, self._split = shop, time, split
        self._plain = time is not ELAPSED
        start = min(job.floor for job in shop.jobs)
        self._origin = time.worked(start) if self._plain else start // DAY * DAY
        self._end = time.worked(first.finish) - self._origin + max(self._minutes(job) for job in shop.jobs)
        found = self._common()
        wanted = -(-2 * self._end // _MOST_PERIODS)
        self.period = found
        if found < wanted:
            self.period = next((minutes for minutes in _PERIODS if minutes >= wanted), _PERIODS[-1])
        self._exact = self._plain and self.period == found and all(self._is_plain(job) for job in shop.jobs)
        self._calendars: dict[WorkingTime, int] = {}
        self._working: list[WorkingPeriods] = []

    def model(self) -> Model:
        shop = self._shop
        resources = {uid: place for place, uid in enumerate(shop.profiles)}
        scales = {uid: self._scale(uid) for uid in resources}
        activities = [self._activity(job, resources, scales) for job in shop.jobs]
        activities += [Activity((Mode(0),), name=f"summary {n}") for n in range(len(shop.spans) + len(shop.gates))]
        links = list(self._links())
        renewables = tuple(
            Renewable(self._capacity(profile, shop.axes[uid], scales[uid]), shop.plan.resources[uid].name)
            for uid, profile in shop.profiles.items()
        )
        problem = Problem(tuple(activities), tuple(links), renewables, calendars=tuple(self._working))
        return Model(problem, self._time, self._origin, self.period, self._exact)

    # Time.

    def _minutes(self, job: Job) -> int:
        """How long the task takes, on the axis or in its calendar."""
        return max((minutes for _, minutes in job.parts), default=job.duration)

    @staticmethod
    def _is_plain(job: Job) -> bool:
        return all(pattern.stretches == ((0, None),) for pattern in job.patterns)

    def _common(self) -> int:
        found = 0
        for minutes in self._all_minutes():
            found = gcd(found, minutes)
            if found == 1:
                break
        return found or 1

    def _all_minutes(self) -> Iterator[int]:
        for job in self._shop.jobs:
            yield self._minutes(job)
            yield self._at(job.floor)
        yield from (ask.lag for ask in _asks(self._shop))
        for uid, profile in self._shop.profiles.items():
            for point, _ in profile:
                if point > -NEVER_AGAIN:
                    yield self._point(point, self._shop.axes[uid])
        if not self._plain:
            for time in {time for job in self._shop.jobs for time in _times_of(job)} - {ELAPSED}:
                for interval in intervals(time, self._origin, self._origin + 14 * DAY):
                    yield from (instant - self._origin for instant in interval)

    def _at(self, instant: int) -> int:
        return self._time.worked(instant) - self._origin if self._plain else instant - self._origin

    def _point(self, point: int, axis: WorkingTime) -> int:
        """Of a resource's axis on this one."""
        if axis is self._time:
            return point - self._origin
        return self._at(point if axis is ELAPSED else axis.start_at(point))

    def _up(self, minutes: int) -> int:
        return -(-minutes // self.period)

    def _calendar(self, time: WorkingTime) -> int | None:
        if self._plain or time is ELAPSED:
            return None
        if time not in self._calendars:
            until = self._origin + 2 * self._end + 7 * DAY
            found: list[tuple[int, int]] = []
            for start, finish in intervals(time, self._origin, until):
                since, to = self._up(start - self._origin), (finish - self._origin) // self.period
                if since < to and found and found[-1][1] == since:
                    found[-1] = (found[-1][0], to)
                elif since < to:
                    found.append((since, to))
            self._calendars[time] = len(self._working)
            self._working.append(WorkingPeriods(tuple(found)))
        return self._calendars[time]

    # Activities, links, resources.

    def _activity(self, job: Job, resources: Mapping[int, int], scales: Mapping[int, int]) -> Activity:
        duration = self._up(self._minutes(job))
        latest = None
        if job.latest < NEVER_AGAIN:
            finish = self._at(job.finish(job.latest)) // self.period
            latest = finish if finish < MAX_PERIODS and finish * self.period < 2 * self._end else None
        earliest = max(0, self._up(self._at(job.floor)))
        splits = self._split and job.may_split and duration > 0
        mode, calendar, parts = self._crews(job, resources, scales, whole=self._plain or splits)
        return Activity(
            modes=(mode,),
            earliest_start=earliest,
            latest_finish=None if latest is None else max(latest, earliest + duration),
            may_split=splits,
            priority=job.task.priority,
            calendar=calendar if duration else None,
            name=job.task.name,
            parts=parts if duration else (),
        )

    def _crews(
        self, job: Job, resources: Mapping[int, int], scales: Mapping[int, int], *, whole: bool
    ) -> tuple[Mode, int | None, tuple[Part, ...]]:
        """Who works in the longest part of the task, in which calendar, and who works apart from that.

        `whole`: all are busy throughout, which is on the safe side.
        """
        times = sorted(job.parts or ((job.time, job.duration),), key=lambda part: -part[1])
        demands: dict[tuple[WorkingTime, int, int], dict[int, int]] = {
            (time, 0, self._up(minutes)): {} for time, minutes in times
        }
        (first, *_) = demands
        for pattern in job.patterns:
            units = -(-pattern.units // scales[pattern.resource_uid])
            for place in [first] if whole else self._stretches(pattern) or [first]:
                demands.setdefault(place, {})[resources[pattern.resource_uid]] = units
        parts = [Part(periods, asked, self._calendar(time), after) for (time, after, periods), asked in demands.items()]
        return Mode(parts[0].duration, parts[0].demands), parts[0].calendar, tuple(parts[1:])

    def _stretches(self, pattern: Pattern) -> list[tuple[WorkingTime, int, int]]:
        """After how many periods, and for how many, an assignment works; nothing where the task's finish decides."""
        found: list[tuple[WorkingTime, int, int]] = []
        free = 0
        for since, until in pattern.stretches:
            if until is None:
                return []
            after = max(free, since // self.period)
            free = max(after, self._up(until))
            found.append((pattern.time, after, free - after))
        return found

    def _links(self) -> Iterator[Link]:
        shop = self._shop
        jobs, spans = len(shop.jobs), len(shop.spans)
        for job in shop.jobs:
            for ask in job.asks:
                yield self._link(ask, job.number)
            for gate in job.gates:
                asks = shop.gates[gate - jobs - spans].asks
                yield from (self._link(ask, job.number) for ask in asks if not ask.to_start)
                if any(ask.to_start for ask in asks):
                    yield Link(gate, job.number)
        for place, held in enumerate(shop.gates):
            yield from (self._link(ask, jobs + spans + place) for ask in held.asks if ask.to_start)
        for place, span in enumerate(shop.spans):
            yield from (Link(job, jobs + place) for job in span.jobs)

    def _link(self, ask: Ask, successor: int) -> Link:
        node = ask.node
        if node >= len(self._shop.jobs) and not ask.from_finish:
            # A summary starts with the first of its tasks, and which one that is resources decide.
            span = self._shop.spans[node - len(self._shop.jobs)]
            node = min(span.jobs, key=lambda job: self._shop.jobs[job].floor)
        relation = _RELATIONS[ask.from_finish, ask.to_start]
        return Link(node, successor, relation, self._up(ask.lag), self._calendar(ask.lag_time) if ask.lag else None)

    def _scale(self, uid: int) -> int:
        """Ten-thousandths of a unit that all demands and capacities of the resource are multiples of."""
        found = 0
        for job in self._shop.jobs:
            for pattern in job.patterns:
                if pattern.resource_uid == uid:
                    found = gcd(found, pattern.units)
        return found or 1

    def _capacity(self, profile: Profile, axis: WorkingTime, scale: int) -> tuple[tuple[int, int], ...]:
        """In a period that is only partly free, there is what there is least."""
        points = [self._point(at, axis) if at > -NEVER_AGAIN else -NEVER_AGAIN for at, _ in profile]
        left = [max(0, units) // scale for _, units in profile]
        cuts = {0} | {max(0, cut) for at in points[1:] for cut in (at // self.period, self._up(at))}
        found: list[tuple[int, int]] = []
        for cut in sorted(cuts):
            start = cut * self.period
            first, last = bisect_right(points, start) - 1, bisect_left(points, start + self.period)
            units = min(left[first:last])
            if not found or found[-1][1] != units:
                found.append((cut, units))
        return tuple(found)
