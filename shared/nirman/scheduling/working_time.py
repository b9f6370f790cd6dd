"""Working time as sorted intervals with running totals, so that every question is two bisections.

A calendar is a map between instants (minutes since 1970) and working minutes done. Two functions invert it, and differ
only where no work is done: `finish_at` gives the earliest instant at which so much is done (the evening before),
`start_at` the latest (the next morning). All the rest is made of these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Working time from day `days[0]` until `days[1]`, days since 1970: intervals, and the work before each of them.

    `totals` has one entry more than there are intervals: all the work laid out.
    """

    days: tuple[int, int] = (0, 0)
    starts: list[int] = field(default_factory=list)
    finishes: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=lambda: [0])

    @property
    def is_begun(self) -> bool:
        """Whether any days are laid out, were it without work."""
        return self.days[0] < self.days[1]

    def followed_by(self, later: Layout) -> Layout:
        """Totals of this one stay what they are."""
        base = self.totals[-1] - later.totals[0]
        return _joined(self, later, self.totals[:-1] + [total + base for total in later.totals])

    def preceded_by(self, earlier: Layout) -> Layout:
        """Totals of this one stay what they are."""
        base = self.totals[0] - earlier.totals[-1]
        return _joined(earlier, self, [total + base for total in earlier.totals[:-1]] + self.totals)


def _joined(one: Layout, other: Layout, totals: list[int]) -> Layout:
    return Layout((one.days[0], other.days[1]), one.starts + other.starts, one.finishes + other.finishes, totals)


class ShiftTime:
    """Working time from a function that knows the shifts of any day; intervals are laid out as far as asked for.

    `InvalidPlanError` when a question leads outside the days that plans live in, as it does for a calendar that
    never works.
    """

    def __init__(self, shifts_of: Callable[[int, int], list[DayShifts]]) -> None:
        """`shifts_of(first, last)` gives the shifts of each day, days since 1970, last excluded."""
        self._shifts_of = shifts_of
        self.layout = Layout()
        """Replaced as a whole, so that a reader in another thread never sees halves of two."""

    def worked(self, instant: int) -> int:
        layout = self.layout
        index = bisect_right(layout.starts, instant) - 1
        while index < 0 or instant >= layout.days[1] * DAY:
            layout = self.reach(instant // DAY)
            index = bisect_right(layout.starts, instant) - 1
        finish = layout.finishes[index]
        until = instant if instant < finish else finish  # noqa: FURB136  # min() is slower
        return layout.totals[index] + until - layout.starts[index]

    def finish_at(self, worked: int) -> int:
        layout = self.layout
        index = bisect_left(layout.totals, worked) - 1
        while index < 0 or index == len(layout.starts):
            layout = self.extend(later=index >= 0)
            index = bisect_left(layout.totals, worked) - 1
        return layout.starts[index] + worked - layout.totals[index]

    def start_at(self, worked: int) -> int:
        layout = self.layout
        index = bisect_right(layout.totals, worked) - 1
        while index < 0 or index == len(layout.starts):
            layout = self.extend(later=index >= 0)
            index = bisect_right(layout.totals, worked) - 1
        return layout.starts[index] + worked - layout.totals[index]

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

    def reach(self, day: int) -> Layout:
        """Lay out more, towards the day; if nothing is laid out yet, around it."""
        if self.layout.is_begun:
            return self.extend(later=day >= self.layout.days[1])
        if not FIRST_DAY <= day < LAST_DAY:
            raise _outside()
        first = max(FIRST_DAY, day - _FIRST_REACH_DAYS // 4)
        self.layout = self._laid_out(first, min(LAST_DAY, first + _FIRST_REACH_DAYS))
        return self.layout

    def extend(self, *, later: bool) -> Layout:
        """Double what is laid out, towards later or earlier days."""
        first, last = self.layout.days
        more = max(_FIRST_REACH_DAYS, last - first)
        if later:
            if last >= LAST_DAY:
                raise _outside()
            self.layout = self.layout.followed_by(self._laid_out(last, min(LAST_DAY, last + more)))
        else:
            if first <= FIRST_DAY:
                raise _outside()
            self.layout = self.layout.preceded_by(self._laid_out(max(FIRST_DAY, first - more), first))
        return self.layout

    def _laid_out(self, first: int, last: int) -> Layout:
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
        return Layout((first, last), starts, finishes, totals)


def _outside() -> InvalidPlanError:
    return InvalidPlanError("its calendar has no working time for it between the years 1700 and 2400")
