"""Money over time: amounts that fall due at an instant, or evenly over the working time between two.

A curve is the sum of many. It is built once and asked at many instants: amounts at an instant are running totals,
and those over a span, of one calendar, add up to `a * worked(t) - b` between one start or finish and the next, so that
every question is a few bisections, however many tasks there are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from nirman.planning.costs import NOTHING, Accrued
from nirman.scheduling.working_time import ELAPSED, WorkingTime


@dataclass(frozen=True, slots=True)
class Spread:
    """Money of one task over its time; instants are minutes since 1970.

    What is prorated accrues with the working time between start and finish; where there is none (a milestone) it falls
    due at the finish, and where the calendar never works in between, with every minute.
    """

    money: Accrued
    start: int
    finish: int
    working_time: WorkingTime

    def until(self, instant: int) -> Decimal:
        """What has fallen due by then, that instant included."""
        if instant < self.start:
            return NOTHING
        ended = self.money.end if instant >= self.finish else NOTHING
        return self.money.start + self.money.prorated * self.share(instant) + ended

    def share(self, instant: int) -> Decimal:
        """How much of the time has passed, 0 to 1."""
        if instant >= self.finish:
            return Decimal(1)
        if instant <= self.start:
            return NOTHING
        calendar, whole = self.span()
        return Decimal(calendar.between(self.start, instant)) / whole

    def span(self) -> tuple[WorkingTime, int]:
        """The time it accrues in, and how many minutes of it there are."""
        whole = self.working_time.between(self.start, self.finish)
        return (self.working_time, whole) if whole > 0 else (ELAPSED, self.finish - self.start)


class Curve:
    """The sum of spreads, cumulative over time."""

    def __init__(self, spreads: Iterable[Spread]) -> None:
        steps: list[tuple[int, Decimal]] = []
        ramps: dict[WorkingTime, list[tuple[int, Decimal]]] = {}
        for spread in spreads:
            money = spread.money
            calendar, whole = spread.span()
            if money.start:
                steps.append((spread.start, money.start))
            if money.end:
                steps.append((spread.finish, money.end))
            if money.prorated and whole <= 0:
                steps.append((spread.finish, money.prorated))
            elif money.prorated:
                begin, rate = calendar.worked(spread.start), money.prorated / whole
                ramps.setdefault(calendar, []).extend([(begin, rate), (begin + whole, -rate)])
        steps.sort(key=_first)
        self._instants = [instant for instant, _ in steps]
        self._totals = [NOTHING, *accumulate(amount for _, amount in steps)]
        self._ramps = {calendar: _Ramps(bends) for calendar, bends in ramps.items()}

    def at(self, instant: int) -> Decimal:
        """What has fallen due by then, that instant included."""
        due = self._totals[bisect_right(self._instants, instant)]
        return sum((ramps.at(calendar.worked(instant)) for calendar, ramps in self._ramps.items()), due)


class _Ramps:
    """Straight pieces over the working time of one calendar, from the points at which their slope changes."""

    def __init__(self, bends: list[tuple[int, Decimal]]) -> None:
        bends.sort(key=_first)
        self._bends = [worked for worked, _ in bends]
        self._slopes = [NOTHING, *accumulate(change for _, change in bends)]
        self._offsets = [NOTHING, *accumulate(worked * change for worked, change in bends)]

    def at(self, worked: int) -> Decimal:
        index = bisect_right(self._bends, worked)
        return self._slopes[index] * worked - self._offsets[index]


def _first(pair: tuple[int, Decimal]) -> int:
    return pair[0]
