"""What is left of one resource over time, as levelling takes from it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

NEVER_AGAIN = 2**62


class Profile:
    """Units left from each of ascending points of an axis until the next; less than nothing where it is overloaded."""

    def __init__(self, steps: Iterable[tuple[int, int]]) -> None:
        """`steps`: from a point on so many units, the first point before all that is asked about."""
        self._points: list[int] = []
        self._left: list[int] = []
        for point, units in steps:
            if self._points and self._points[-1] == point:
                self._left[-1] = units
            elif not self._left or self._left[-1] != units:
                self._points.append(point)
                self._left.append(units)

    def copy(self) -> Profile:
        copied = Profile(())
        copied._points, copied._left = self._points[:], self._left[:]
        return copied

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._points, self._left, strict=True)

    def blocked_until(self, start: int, finish: int, units: int) -> int | None:
        """None where there are the units all the time; else where the first lack ends, or `NEVER_AGAIN`."""
        points, left = self._points, self._left
        place, count = bisect_right(points, start) - 1, len(points)
        while place < count and points[place] < finish:
            if left[place] < units:
                place += 1
                while place < count and left[place] < units:
                    place += 1
                return points[place] if place < count else NEVER_AGAIN
            place += 1
        return None

    def enough_until(self, start: int, units: int) -> int:
        """From a point at which there are the units: how far there are."""
        points, left = self._points, self._left
        place, count = bisect_right(points, start) - 1, len(points)
        while place < count and left[place] >= units:
            place += 1
        return points[place] if place < count else NEVER_AGAIN

    def take(self, start: int, finish: int, units: int) -> None:
        first, last = self._cut(start), self._cut(finish)
        left = self._left
        for place in range(first, last):
            left[place] -= units

    def strain(self, start: int, finish: int, units: int) -> int:
        """What taking so many units adds to the squares of what is lacking, minute by minute.

        Squares, so that a little too much in two places is better than twice that in one.
        """
        total = 0
        for place in range(bisect_right(self._points, start) - 1, len(self._points)):
            since = max(start, self._points[place])
            if since >= finish:
                break
            until = min(finish, self._points[place + 1]) if place + 1 < len(self._points) else finish
            before, after = max(0, -self._left[place]), max(0, units - self._left[place])
            total += (after * after - before * before) * (until - since)
        return total

    def between(self, start: int, finish: int) -> list[tuple[int, int, int]]:
        """Stretches from `start` until `finish`, and the units left in each."""
        first, last = self._cut(start), self._cut(finish)
        ends = [*self._points[first + 1 : last], finish]
        return list(zip(self._points[first:last], ends, self._left[first:last], strict=True))

    def _cut(self, point: int) -> int:
        """Place of the stretch that begins at the point."""
        place = bisect_right(self._points, point) - 1
        if self._points[place] == point:
            return place
        self._points.insert(place + 1, point)
        self._left.insert(place + 1, self._left[place])
        return place + 1
