"""The calendars of a plan by number, as the kernel reads them."""

from __future__ import annotations

from array import array
from functools import lru_cache

from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import DAY
from nirman.scheduling.kernel.library import address, index_calendar
from nirman.scheduling.working_time import ELAPSED, Layout, ShiftTime, WorkingTime

ELAPSED_NUMBER = 0
_WIDTH = 7
_EVERY_MINUTE = (-1, 0, 0, 0, 0, 0, 0)


class Timetable:
    """Grows as calendars are asked for; numbers stay. Number 0 counts every minute."""

    def __init__(self, calendars: Calendars, around: int) -> None:
        """`around`: an instant at which working time is looked at first."""
        self._calendars = calendars
        self._around = around
        self._number_of: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._known: list[WorkingTime] = [ELAPSED]
        self._memory = array("q", _EVERY_MINUTE)
        self._kept: list[object] = [None]  # what the kernel's addresses point into

    def number(self, uid: int) -> int:
        """Of a calendar of the plan; `InvalidPlanError` for one that is not there or is its own base."""
        number = self._number_of.get(uid)
        if number is None:
            number = self._number_of[uid] = self._number(self._calendars.working_time(uid))
        return number

    def common(self, one: int, other: int) -> int:
        """Of the time when both calendars work."""
        return self._number(self._calendars.common(one, other))

    def __getitem__(self, number: int) -> WorkingTime:
        return self._known[number]

    def __len__(self) -> int:
        return len(self._known)

    def memory(self) -> array[int]:
        """Rows of `Calendar` (kernel.h), valid until the next call of this object's."""
        for number in range(1, len(self._known)):
            self._refresh(number)
        return self._memory

    def extend(self, number: int, *, later: bool) -> None:
        """Lay out more of a calendar; `InvalidPlanError` at the ends of the time that plans live in."""
        working = self._known[number]
        if isinstance(working, ShiftTime):
            working.extend(later=later)

    def _number(self, working: WorkingTime) -> int:
        number = self._numbers.get(id(working))
        if number is None:
            if isinstance(working, ShiftTime) and not working.layout.is_begun:
                working.reach(self._around // DAY)
            number = self._numbers[id(working)] = len(self._known)
            self._known.append(working)
            self._kept.append(None)
            self._memory.extend(_EVERY_MINUTE)
        return number

    def _refresh(self, number: int) -> None:
        working = self._known[number]
        if isinstance(working, ShiftTime):
            table = table_of(working.layout)
            if self._kept[number] is not table:
                self._kept[number] = table
                self._memory[number * _WIDTH : (number + 1) * _WIDTH] = table.row


@lru_cache(maxsize=512)  # plans share calendars
def table_of(layout: Layout) -> Table:
    return Table(layout)


class Table:
    """Working time as the kernel reads it: `row` is a `Calendar` of kernel.h, and points into what is kept here."""

    def __init__(self, layout: Layout) -> None:
        count, (first, last) = len(layout.starts), layout.days
        intervals = _zeros(3 * (count + 1))
        beyond = last * DAY
        for place, column in enumerate(((*layout.starts, beyond), (*layout.finishes, beyond), layout.totals)):
            intervals[place::3] = array("i", column)
        work = layout.totals[-1] - layout.totals[0]
        shift = max(0, (work // max(1, count)).bit_length() - 1)  # steps of about one interval's work
        by_day, by_work = _zeros(last - first + 1), _zeros((work >> shift) + 1)
        self.row = array("q", (count, first * DAY, last * DAY, shift, *map(address, (intervals, by_day, by_work))))
        index_calendar(self.row, by_day, by_work)
        self._memory = (intervals, by_day, by_work)


def _zeros(count: int) -> array[int]:
    return array("i", bytes(4 * count))
