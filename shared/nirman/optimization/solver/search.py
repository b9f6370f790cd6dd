"""The kernel's search over one problem, from Python: so much work at a time."""

from __future__ import annotations

import weakref
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nirman.errors import LimitExceededError
from nirman.optimization.solver.columns import columns_of, common_period, horizon
from nirman.optimization.solver.kernel.library import KERNEL, LATE_WEIGHT, NUMBER, address
from nirman.optimization.solver.problem import MAX_INSTANT, Problem

_FIRST_AXIS = 1 << 18
"""Periods: 2 MB for each word of resources. A longer axis is taken when not everything fits into it."""
_FEW_SEGMENTS = 1 << 12


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule by activity, in the problem's own periods; `late` when it breaks a latest finish or a total."""

    starts: tuple[int, ...]
    finishes: tuple[int, ...]
    modes: tuple[int, ...]
    makespan: int
    late: bool


class Search:
    """Holds memory of the kernel's as long as it lives. Not for two threads at once."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self.period = common_period(problem)
        """All times of a schedule are multiples of it."""
        size = len(problem.activities)
        self._ends, self._modes = array(NUMBER, [0]) * (2 * size), array(NUMBER, [0]) * size
        self._first_mode = [0]
        for activity in problem.activities:
            self._first_mode.append(self._first_mode[-1] + len(activity.modes))
        needed = min(MAX_INSTANT, -(-horizon(problem) // self.period))
        axis = min(needed, _FIRST_AXIS)
        self._open(axis, seed)
        while axis < needed and self.best().late:
            axis = min(needed, 4 * axis)
            self._release()
            self._open(axis, seed)

    def _open(self, axis: int, seed: int) -> None:
        """Leaves one schedule made."""
        told = columns_of(self._problem, self.period, axis)
        solver = KERNEL.nirman_solver_new(address(told.fields))
        search = KERNEL.nirman_search_new(solver, seed % 2**64) if solver else None
        if not search:
            KERNEL.nirman_solver_free(solver)
            raise LimitExceededError(f"the problem's axis of {axis} periods must fit into memory")
        self.axis = self.period * axis
        """Nothing is scheduled beyond."""
        self._search = search
        self._release = weakref.finalize(self, _free, search, solver)
        self.run(1)

    @property
    def schedules(self) -> int:
        """How many were made."""
        return int(KERNEL.nirman_search_schedules(self._search))

    @property
    def work(self) -> int:
        """What was done: activities placed; on a fine axis also the periods gone through, 64 as one."""
        return int(KERNEL.nirman_search_work(self._search))

    def run(self, work: int) -> None:
        """At least so much more; other threads run meanwhile."""
        KERNEL.nirman_search_run(self._search, work)

    def best(self) -> Found:
        cost = KERNEL.nirman_search_best(self._search, address(self._ends), address(self._modes))
        starts, finishes = self._times(self._ends[0::2]), self._times(self._ends[1::2])
        modes = tuple(mode - first for mode, first in zip(self._modes, self._first_mode, strict=False))
        return Found(starts, finishes, modes, max(finishes, default=0), late=cost >= LATE_WEIGHT)

    def join(self, starts: Sequence[int], modes: Sequence[int]) -> None:
        """A schedule made elsewhere becomes one to search from."""
        told = array(NUMBER, (start // self.period for start in starts))
        chosen = array(NUMBER, (first + mode for first, mode in zip(self._first_mode, modes, strict=False)))
        KERNEL.nirman_search_join(self._search, address(told), address(chosen))

    def without_resources(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Earliest and latest finishes by links and dates alone; the axis ends somewhere even where no date does."""
        early, late = array(NUMBER, self._modes), array(NUMBER, self._modes)
        KERNEL.nirman_search_free(self._search, address(early), address(late))
        return self._times(early), self._times(late)

    def bound(self) -> int:
        """No makespan is smaller: by the work of each resource between what comes before and after it."""
        activities = self._problem.activities
        dated = any(a.latest_finish is not None or a.fixed_start is not None for a in activities)
        tails = not dated and not self._problem.calendars
        room = array("q", [0]) * (2 * len(activities) + 1)
        return int(KERNEL.nirman_search_bound(self._search, tails, address(room))) * self.period

    def segments(self) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """Of the best schedule, of activities that were split: when they work."""
        room = _FEW_SEGMENTS
        rows = array(NUMBER, [0]) * (3 * room)
        count = KERNEL.nirman_search_segments(self._search, address(rows), room)
        while count >= room:
            room *= 4
            rows = array(NUMBER, [0]) * (3 * room)
            count = KERNEL.nirman_search_segments(self._search, address(rows), room)
        found: dict[int, list[tuple[int, int]]] = {}
        for at in range(0, 3 * count, 3):
            activity, start, finish = rows[at : at + 3]
            found.setdefault(activity, []).append((start * self.period, finish * self.period))
        return {activity: tuple(parts) for activity, parts in found.items() if len(parts) > 1}

    def _times(self, periods: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.period * period for period in periods)


def _free(search: int, solver: int) -> None:
    KERNEL.nirman_search_end(search)
    KERNEL.nirman_solver_free(solver)
