"""Working time of many values at once, computed by the kernel: for columns of tasks rather than for one."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from operator import add, sub

from nirman.scheduling.instants import DAY
from nirman.scheduling.kernel import library
from nirman.scheduling.kernel.library import PLAN
from nirman.scheduling.timetable import table_of
from nirman.scheduling.working_time import ShiftTime, WorkingTime

_Kernel = Callable[["array[int]", "array[int]", "array[int]", "array[int]"], None]


def add_all(working: WorkingTime, instants: array[int], minutes: array[int]) -> array[int]:
    """When so much work is done after each instant; where minutes are negative, when it must begin before it.

    Both arrays hold 64-bit integers ("q") and are of one length, as is the result. `InvalidPlanError` when a value
    leads out of the time that plans live in.
    """
    if not isinstance(working, ShiftTime):
        return array("q", map(add, instants, minutes))
    return _each(working, library.shift, instants, minutes)


def between_all(working: WorkingTime, starts: array[int], finishes: array[int]) -> array[int]:
    """Working minutes from each start to its finish, negative when that is earlier; arrays and errors as `add_all`."""
    if not isinstance(working, ShiftTime):
        return array("q", map(sub, finishes, starts))
    return _each(working, library.between, starts, finishes)


def _each(working: ShiftTime, function: _Kernel, one: array[int], other: array[int]) -> array[int]:
    if len(one) != len(other):
        raise ValueError("both columns must have as many values")
    if one and not working.layout.starts:
        working.reach(one[0] // DAY)
    found = array("q", bytes(8 * len(one)))
    plan = array("q", bytes(8 * len(PLAN)))
    while True:
        table = table_of(working.layout)
        plan[PLAN["calendar"]] = library.address(table.row)
        function(plan, one, other, found)
        failure = plan[PLAN["failure"]]
        if failure == library.FINE:
            return found
        working.extend(later=failure == library.CALENDAR_TOO_LATE)
