"""Working time as sorted intervals with running totals, so that every question is two bisections.

A calendar is a map between instants (minutes since 1970) and working minutes done. Two functions invert it, and differ
only where no work is done: `finish_at` gives the earliest instant at which so much is done (the evening before),
`start_at` the latest (the next morning). All the rest is made of these.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Protocol

from nirman.errors import InvalidPlanError
from nirman.planning.model import DayShifts
from nirman.scheduling.instants import DAY, FIRST_DAY, LAST_DAY

_FIRST_REACH_DAYS = 1500


class WorkingTime(Protocol):
    """Durations are working minutes, instants minutes since 1970."""

    def worked(self, instant: int) -> int:
        """Working minutes from a fixed origin until the instant."""
        ...

    def finish_at(self, worked: int) -> int: ...

    def start_at(self, worked: int) -> int: ...

    def add(self, instant: int, minutes: int) -> int:
        """When that much work is done, counted from the instant; ends in the evening, never at the next morning."""
        ...

    def subtract(self, instant: int, minutes: int) -> int:
        """When work must begin to be done at the instant; begins in the morning, never at the evening before."""
        ...

    def between(self, start: int, finish: int) -> int:
        """Working minutes from start to finish, negative when finish is earlier."""
        ...

    def next_start(self, instant: int) -> int:
        """The instant itself when work goes on after it, else the next at which it does."""
        ...

    def previous_finish(self, instant: int) -> int:
        """The instant itself when work was going on before it, else the last at which it was."""
        ...


class ElapsedTime:
    """Every minute counts."""

    def worked(self, instant: int) -> int:
        return instant

    def finish_at(self, worked: int) -> int:
        return worked

    def start_at(self, worked: int) -> int:
        return worked

    def add(self, instant: int, minutes: int) -> int:
        return instant + minutes

    def subtract(self, instant: int, minutes: int) -> int:
        return instant - minutes

    def between(self, start: int, finish: int) -> int:
        return finish - start

    def next_start(self, instant: int) -> int:
        return instant

    def previous_finish(self, instant: int) -> int:
        return instant


ELAPSED = ElapsedTime()


class ShiftTime:
    """Working time from a function that knows the shifts of any day; intervals are laid out as far as asked for.

    `InvalidPlanError` when a question leads outside the days that plans live in, as it does for a calendar that
    never works.
    """

    def __init__(self, shifts_of: Callable[[int, int], list[DayShifts]]) -> None:
        """`shifts_of(first, last)` gives the shifts of each day, days since 1970, last excluded."""
        self._shifts_of = shifts_of
        self._days = (0, 0)
        # One tuple, replaced as a whole, so that a reader in another thread never sees halves of two layouts.
        self._table: tuple[list[int], list[int], list[int]] = ([], [], [])
        self._arrays: tuple[tuple[list[int], ...], tuple[array[int], array[int], array[int]]] | None = None

    def table(self) -> tuple[int, int, array[int], array[int], array[int]]:
        """What is laid out: from which instant until which, starts and finishes of intervals, work before each and in all."""
        starts, finishes, totals = self._table
        if self._arrays is None or self._arrays[0] is not self._table:
            self._arrays = (self._table, (array("q", starts), array("q", finishes), array("q", totals)))
        return self._days[0] * DAY, self._days[1] * DAY, *self._arrays[1]

    def lay_out_around(self, instant: int) -> None:
        if self._days[0] == self._days[1]:
            self._reach(instant // DAY)

    def extend(self, *, later: bool) -> None:
        """Double what is laid out, towards later or earlier days."""
        self._extend(later=later)

    def worked(self, instant: int) -> int:
        starts, finishes, totals = self._table
        index = bisect_right(starts, instant) - 1
        while index < 0 or instant >= self._days[1] * DAY:
            self._reach(instant // DAY)
            starts, finishes, totals = self._table
            index = bisect_right(starts, instant) - 1
        finish = finishes[index]
        return totals[index] + (instant if instant < finish else finish) - starts[index]  # noqa: FURB136  # min() is slower

    def finish_at(self, worked: int) -> int:
        starts, _, totals = self._table
        index = bisect_left(totals, worked) - 1
        while index < 0 or index == len(starts):
            self._extend(later=index >= 0)
            starts, _, totals = self._table
            index = bisect_left(totals, worked) - 1
        return starts[index] + worked - totals[index]

    def start_at(self, worked: int) -> int:
        starts, _, totals = self._table
        index = bisect_right(totals, worked) - 1
        while index < 0 or index == len(starts):
            self._extend(later=index >= 0)
            starts, _, totals = self._table
            index = bisect_right(totals, worked) - 1
        return starts[index] + worked - totals[index]

    def add(self, instant: int, minutes: int) -> int:
        if minutes == 0:
            return instant
        return self.finish_at(self.worked(instant) + minutes)

    def subtract(self, instant: int, minutes: int) -> int:
        if minutes == 0:
            return instant
        return self.start_at(self.worked(instant) - minutes)

    def between(self, start: int, finish: int) -> int:
        if start == finish:
            return 0
        return self.worked(finish) - self.worked(start)

    def next_start(self, instant: int) -> int:
        return self.start_at(self.worked(instant))

    def previous_finish(self, instant: int) -> int:
        return self.finish_at(self.worked(instant))

    def _reach(self, day: int) -> None:
        first, last = self._days
        if first == last:
            if not FIRST_DAY <= day < LAST_DAY:
                raise _outside()
            first = max(FIRST_DAY, day - _FIRST_REACH_DAYS // 4)
            self._days = (first, first)
            self._extend(later=True)
        else:
            self._extend(later=day >= last)

    def _extend(self, *, later: bool) -> None:
        """Double what is laid out, towards later or earlier days."""
        first, last = self._days
        more = max(_FIRST_REACH_DAYS, last - first)
        if later:
            if last >= LAST_DAY:
                raise _outside()
            self._lay_out(last, min(LAST_DAY, last + more))
        else:
            if first <= FIRST_DAY:
                raise _outside()
            self._lay_out(max(FIRST_DAY, first - more), first)

    def _lay_out(self, first: int, last: int) -> None:
        starts, finishes, totals = [], [], [0]
        total = 0
        midnight = first * DAY
        for shifts in self._shifts_of(first, last):
            for start, finish in shifts:
                starts.append(midnight + start)
                finishes.append(midnight + finish)
                total += finish - start
                totals.append(total)
            midnight += DAY
        old_starts, old_finishes, old_totals = self._table
        # `totals` has one entry more than there are intervals: all the work laid out.
        if last <= self._days[0] and self._days[0] != self._days[1]:
            shift = (old_totals[0] if old_totals else 0) - total
            table = (
                starts + old_starts,
                finishes + old_finishes,
                [value + shift for value in totals[:-1]] + (old_totals or [0]),
            )
        else:
            base = old_totals[-1] if old_totals else 0
            table = (
                old_starts + starts,
                old_finishes + finishes,
                old_totals[:-1] + [value + base for value in totals],
            )
        self._table = table
        self._days = (min(first, self._days[0]), max(last, self._days[1]))


def _outside() -> InvalidPlanError:
    return InvalidPlanError("its calendar has no working time for it between the years 1700 and 2400")
