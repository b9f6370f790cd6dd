"""How much of a resource there is until any instant, in the hours in which what it is asked for can be worked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from nirman.optimization.demand import Interval, intervals
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.scheduling.working_time import ELAPSED, WorkingTime


class Supply:
    """Unit-minutes from a first instant on; none after the last, so that nobody must ask beyond it."""

    def __init__(
        self,
        profile: Profile,
        axis: WorkingTime,
        times: Iterable[WorkingTime],
        between: Interval,
        units_of: Callable[[int], int],
    ) -> None:
        """`profile` on `axis`; `times`: of all that asks for it; `units_of`: what units that are left count as."""
        points = [max(between[0], _instant(axis, point)) for point, _ in profile]
        counted = [units_of(max(0, left)) for _, left in profile]
        self._starts: list[int] = []
        self._finishes: list[int] = []
        self._units: list[int] = []
        self._totals = [0]
        for start, finish in _together(times, between):
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

    def until(self, instant: int) -> int:
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        minutes = min(instant, self._finishes[place]) - self._starts[place]
        return self._totals[place] + self._units[place] * minutes


def _instant(axis: WorkingTime, point: int) -> int:
    return point if axis is ELAPSED or point <= -NEVER_AGAIN else axis.start_at(point)


def _together(times: Iterable[WorkingTime], between: Interval) -> Sequence[Interval]:
    """When any of them works."""
    found: list[Interval] = []
    for start, finish in sorted(part for time in set(times) for part in intervals(time, *between)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], finish))
        else:
            found.append((start, finish))
    return found
