"""Money over time: amounts that fall due at an instant, or evenly over the working time between two.

A curve is the sum of many. It is built once and asked at many instants: amounts at an instant are running totals,
and those over a span, of one calendar, add up to `a * worked(t) - b` between one start or end and the next, so that
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
        ramps: dict[WorkingTime, list[tuple[int, int, Decimal]]] = {}
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
                begin = calendar.worked(spread.start)
                ramps.setdefault(calendar, []).append((begin, begin + whole, money.prorated))
        steps.sort(key=_first)
        self._instants = [instant for instant, _ in steps]
        self._totals = [NOTHING, *accumulate(amount for _, amount in steps)]
        self._ramps = {calendar: _Ramps(found) for calendar, found in ramps.items()}

    def at(self, instant: int) -> Decimal:
        """What has fallen due by then, that instant included."""
        due = self._totals[bisect_right(self._instants, instant)]
        return sum((ramps.at(calendar.worked(instant)) for calendar, ramps in self._ramps.items()), due)


class _Ramps:
    """Straight pieces over the working time of one calendar, from the points at which their slope changes.

    What is complete is summed apart, so that it is exact and not what is left of products that nearly cancel out.
    """

    def __init__(self, ramps: list[tuple[int, int, Decimal]]) -> None:
        """Begin and end in working minutes, and the amount."""
        begun = sorted((begin, amount / (end - begin)) for begin, end, amount in ramps)
        ended = sorted((end, begin, amount) for begin, end, amount in ramps)
        self._begins = [begin for begin, _ in begun]
        self._begun = _Totals([(rate, rate * begin) for begin, rate in begun])
        self._ends = [end for end, _, _ in ended]
        self._ended = _Totals([(rate := amount / (end - begin), rate * begin) for end, begin, amount in ended])
        self._complete = [NOTHING, *accumulate(amount for _, _, amount in ended)]

    def at(self, worked: int) -> Decimal:
        begun, ended = bisect_right(self._begins, worked), bisect_right(self._ends, worked)
        if begun == ended:
            return self._complete[ended]
        slope = self._begun.slopes[begun] - self._ended.slopes[ended]
        offset = self._begun.offsets[begun] - self._ended.offsets[ended]
        return self._complete[ended] + slope * worked - offset


class _Totals:
    def __init__(self, lines: list[tuple[Decimal, Decimal]]) -> None:
        self.slopes = [NOTHING, *accumulate(slope for slope, _ in lines)]
        self.offsets = [NOTHING, *accumulate(offset for _, offset in lines)]


def _first(pair: tuple[int, Decimal]) -> int:
    return pair[0]
