"""How much of a resource there is until any instant, in the hours in which what it is asked for can be worked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nirman.optimization.demand import Interval, intervals
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.scheduling.working_time import ELAPSED, WorkingTime


class Supply:
    """Unit-minutes from a first instant on; none after the last, so that nobody must ask beyond it."""

    def __init__(
        self,
        profile: Profile,
        axis: WorkingTime,
        hours: Sequence[Interval],
        units_of: Callable[[int], int],
    ) -> None:
        """`profile` on `axis`; `hours`: all that counts; `units_of`: what units that are left count as."""
        first = hours[0][0] if hours else 0
        points = [max(first, _instant(axis, point)) for point, _ in profile]
        counted = [units_of(max(0, left)) for _, left in profile]
        self._starts: list[int] = []
        self._finishes: list[int] = []
        self._units: list[int] = []
        self._totals = [0]
        for start, finish in hours:
            place = bisect_right(points, start) - 1
            while place < len(points) and points[place] < finish:
                until = points[place + 1] if place + 1 < len(points) else finish
                self._add(max(start, points[place]), min(finish, until), counted[place])
                place += 1

    def _add(self, start: int, finish: int, units: int) -> None:
        if start < finish:
            self._starts.append(start)
            self._finishes.append(finish)
            self._units.append(units)
            self._totals.append(self._totals[-1] + units * (finish - start))

    @property
    def total(self) -> int:
        return self._totals[-1]

    def until(self, instant: int) -> int:
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        minutes = min(instant, self._finishes[place]) - self._starts[place]
        return self._totals[place] + self._units[place] * minutes


def _instant(axis: WorkingTime, point: int) -> int:
    return point if axis is ELAPSED or point <= -NEVER_AGAIN else axis.start_at(point)


def together(times: Iterable[WorkingTime], between: Interval, *, at_least: int = 1) -> list[Interval]:
    """When so many of them work."""
    changes: dict[int, int] = {}
    for time in set(times):
        for start, finish in intervals(time, *between):
            changes[start] = changes.get(start, 0) + 1
            changes[finish] = changes.get(finish, 0) - 1
    found: list[Interval] = []
    working, since = 0, 0
    for instant in sorted(changes):
        before, working = working, working + changes[instant]
        if before < at_least <= working:
            since = instant
        elif working < at_least <= before:
            found.append((since, instant))
    return found


def common(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """What is in both."""
    found, left, right = [], 0, 0
    while left < len(one) and right < len(other):
        start, finish = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if start < finish:
            found.append((start, finish))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return found


class Within:
    """How much of what is worked through in a calendar lies in some hours, at the least, wherever it begins."""

    def __init__(self, time: WorkingTime, hours: Sequence[Interval], between: Interval) -> None:
        inside = common(intervals(time, *between), hours)
        self._first, self._last = time.worked(between[0]), time.worked(between[1])
        ends = [(time.worked(start), time.worked(finish)) for start, finish in inside]
        self._points = np.array([self._first, *(end for pair in ends for end in pair)], np.int64)
        self._inside = np.array([0, *(1, 0) * len(ends)], np.int64)
        lengths = np.diff(self._points, append=self._last)
        self._before = np.cumsum(np.concatenate(([0], lengths * self._inside)))[:-1]

    def least(self, minutes: int) -> int:
        """Of so many working minutes; nothing, where the calendar has not so many."""
        last = self._last - minutes
        starts = np.concatenate((self._points, self._points - minutes, [self._first, last]))
        starts = starts[(starts >= self._first) & (starts <= last)]
        if not len(starts):
            return 0
        return int(np.min(self._until(starts + minutes) - self._until(starts)))

    def _until(self, worked: NDArray[np.int64]) -> NDArray[np.int64]:
        """Between the points it grows by a minute a minute or not at all: the least is at one of them."""
        place = np.searchsorted(self._points, worked, side="right") - 1
        found: NDArray[np.int64] = self._before[place] + self._inside[place] * (worked - self._points[place])
        return found
