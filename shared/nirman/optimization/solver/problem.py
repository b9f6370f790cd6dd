"""What is to be scheduled: activities, links and resources on an axis of whole periods.

A period is what the caller says it is: a PSPLIB period, or so many minutes of one calendar's working time, or so many
minutes of wall time when tasks have calendars of their own. All intervals are half-open, `[start, finish)`.

An activity without a calendar runs through, `finish = start + duration`. With one, its duration counts the calendar's
working periods, it starts in one of them, finishes at the end of one, and uses its resources in them only. One that may
split (no calendar, or with) uses them in the periods in which it works. An activity of no duration uses nothing, and
may be at any instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush
from itertools import pairwise

from nirman.errors import InvalidInputError

MAX_ACTIVITIES = 20_000
MAX_PERIODS = 4_000_000
"""Of a duration or a lag: a period of a minute for seven and a half years."""
MAX_INSTANT = 2**24
"""Latest date that can be given, and where the axis ends at the latest: a period of a minute for thirty years."""
MAX_UNITS = 2**31 - 1
USUAL_PRIORITY = 500
HIGHEST_PRIORITY = 1000


class Relation(StrEnum):
    """Which end of the successor waits for which end of the predecessor: finish-start, start-start, ..."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


FROM_FINISH = frozenset({Relation.FS, Relation.FF})
TO_FINISH = frozenset({Relation.FF, Relation.SF})


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do an activity: how many periods, how many units of which resource.

    `demands` are units of renewables in each period; `consumption` is of non-renewables, once.
    """

    duration: int
    demands: Mapping[int, int] = field(default_factory=dict)
    consumption: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(0 <= self.duration <= MAX_PERIODS, f"a duration must be from 0 to {MAX_PERIODS} periods")
        for units in (*self.demands.values(), *self.consumption.values()):
            _require(0 <= units <= MAX_UNITS, f"a demand must be from 0 to {MAX_UNITS} units")


@dataclass(frozen=True, slots=True)
class Part:
    """What is done of an activity in a calendar of its own, besides what its mode says.

    It begins `after` so many working periods of its `calendar` from the activity's start on, and works through them.
    """

    duration: int
    demands: Mapping[int, int] = field(default_factory=dict)
    calendar: int | None = None
    after: int = 0

    def __post_init__(self) -> None:
        _require(0 <= self.duration <= MAX_PERIODS, f"a part must be from 0 to {MAX_PERIODS} periods long")
        _require(0 <= self.after <= MAX_PERIODS, f"a part must begin after 0 to {MAX_PERIODS} periods")
        for units in self.demands.values():
            _require(0 <= units <= MAX_UNITS, f"a demand must be from 0 to {MAX_UNITS} units")


@dataclass(frozen=True, slots=True)
class Activity:
    """`latest_finish` must be kept; `fixed_start` is where a locked activity stays. `name` is what messages call it."""

    modes: tuple[Mode, ...]
    earliest_start: int = 0
    latest_finish: int | None = None
    fixed_start: int | None = None
    may_split: bool = False
    priority: int = USUAL_PRIORITY
    """0 to 1000; of two that want the same units, the higher goes first where nothing else tells them apart."""
    calendar: int | None = None
    name: str = ""
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.modes), "an activity must have a mode")
        plain = len(self.modes) == 1 and self.fixed_start is None and not self.may_split
        _require(plain or not self.parts, "an activity in parts must have one mode, may not split and is not fixed")
        long = any(mode.duration for mode in self.modes)
        _require(long or not self.parts, "an activity in parts must have a mode that takes time")
        _require(not self.parts or _are_apart(self), "parts that take of one resource must follow one another")
        for start in (self.earliest_start, self.fixed_start or 0):
            _require(0 <= start <= MAX_INSTANT, f"an activity must start from period 0 to {MAX_INSTANT}")
        _require(abs(self.latest_finish or 0) <= MAX_INSTANT, f"a latest finish must be at most {MAX_INSTANT}")
        _require(0 <= self.priority <= HIGHEST_PRIORITY, f"a priority must be from 0 to {HIGHEST_PRIORITY}")
        if self.fixed_start is not None:
            _require(len(self.modes) == 1, "an activity with a fixed start must have one mode")
            _require(not self.may_split, "an activity with a fixed start must not be one that may split")


@dataclass(frozen=True, slots=True)
class Link:
    """Periods that must lie between two ends; `lag` counts working periods of `calendar`, or all (None)."""

    predecessor: int
    successor: int
    relation: Relation = Relation.FS
    lag: int = 0
    calendar: int | None = None

    def __post_init__(self) -> None:
        _require(abs(self.lag) <= MAX_PERIODS, f"a lag must be at most {MAX_PERIODS} periods either way")


@dataclass(frozen=True, slots=True)
class Renewable:
    """Units there are from a period on: `((0, 4), (100, 0), (110, 4))` is four, but none in [100, 110)."""

    capacity: tuple[tuple[int, int], ...]
    name: str = ""

    def __post_init__(self) -> None:
        periods = [period for period, _ in self.capacity]
        _require(bool(periods) and periods[0] == 0, "a capacity must be given from period 0 on")
        _require(_ascending(periods), "the periods of a capacity must ascend")
        _require(periods[-1] <= MAX_INSTANT, f"the periods of a capacity must not be above {MAX_INSTANT}")
        _require(all(0 <= u <= MAX_UNITS for _, u in self.capacity), f"a capacity must be 0 to {MAX_UNITS} units")


@dataclass(frozen=True, slots=True)
class NonRenewable:
    """Units that all modes together may take."""

    total: int
    name: str = ""

    def __post_init__(self) -> None:
        _require(0 <= self.total <= MAX_UNITS, f"a total must be from 0 to {MAX_UNITS} units")


@dataclass(frozen=True, slots=True)
class WorkingPeriods:
    """A calendar: working intervals in order, apart from each other. After the last nothing is done any more."""

    intervals: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        ends = [end for interval in self.intervals for end in interval]
        _require(bool(ends) and ends[0] >= 0 and _ascending(ends), "working intervals must ascend and be apart")
        _require(ends[-1] <= MAX_INSTANT, f"working intervals must end by period {MAX_INSTANT}")


@dataclass(frozen=True, slots=True)
class Problem:
    """`InvalidInputError` says the rule that is broken, and for which activity, link or resource."""

    activities: tuple[Activity, ...]
    links: tuple[Link, ...] = ()
    renewables: tuple[Renewable, ...] = ()
    non_renewables: tuple[NonRenewable, ...] = ()
    calendars: tuple[WorkingPeriods, ...] = ()

    def __post_init__(self) -> None:
        _require(len(self.activities) <= MAX_ACTIVITIES, f"there must be at most {MAX_ACTIVITIES} activities")
        for number, activity in enumerate(self.activities):
            place = f"activity {self.label(number)}"
            _require(_known(activity.calendar, self.calendars), "its calendar must exist", place)
            for part in activity.parts:
                _require(_known(part.calendar, self.calendars), "the calendars of its parts must exist", place)
                _require(_all_known(part.demands, self.renewables), "its renewable resources must exist", place)
            for mode in activity.modes:
                _require(_all_known(mode.demands, self.renewables), "its renewable resources must exist", place)
                _require(_all_known(mode.consumption, self.non_renewables), "its non-renewables must exist", place)
        for number, link in enumerate(self.links):
            place = f"link {number}"
            ends = (link.predecessor, link.successor)
            _require(_all_known(ends, self.activities), "its activities must exist", place)
            _require(_known(link.calendar, self.calendars), "its calendar must exist", place)
        self.order()

    def label(self, number: int) -> str:
        return self.activities[number].name or str(number)

    def order(self) -> list[int]:
        """Activities so that links lead onwards; by priority, then number, where they do not tell. Refuses a circle."""
        waits = [0] * len(self.activities)
        following: list[list[int]] = [[] for _ in self.activities]
        for link in self.links:
            waits[link.successor] += 1
            following[link.predecessor].append(link.successor)
        ready = [(-self.activities[number].priority, number) for number, count in enumerate(waits) if count == 0]
        heapify(ready)
        order = []
        while ready:
            _, number = heappop(ready)
            order.append(number)
            for successor in following[number]:
                waits[successor] -= 1
                if waits[successor] == 0:
                    heappush(ready, (-self.activities[successor].priority, successor))
        if len(order) < len(waits):
            stuck = next(number for number, count in enumerate(waits) if count)
            raise InvalidInputError("links must not lead in a circle", place=f"activity {self.label(stuck)}")
        return order


def _are_apart(activity: Activity) -> bool:
    """Whether what is done at the same time is never done with the same resource: in one calendar, that can be told."""
    (mode,) = activity.modes
    taken: dict[int, list[Part]] = {}
    for part in (Part(mode.duration, mode.demands, activity.calendar), *activity.parts):
        for resource, units in part.demands.items():
            if units and part.duration:
                taken.setdefault(resource, []).append(part)
    for parts in taken.values():
        parts.sort(key=lambda part: part.after)
        alike = len({part.calendar for part in parts}) == 1
        if not alike or any(one.after + one.duration > other.after for one, other in pairwise(parts)):
            return False
    return True


def _require(holds: bool, rule: str, place: str = "") -> None:
    if not holds:
        raise InvalidInputError(rule, place=place)


def _ascending(numbers: Sequence[int]) -> bool:
    return all(one < next_one for one, next_one in pairwise(numbers))


def _known(index: int | None, among: Sequence[object]) -> bool:
    return index is None or 0 <= index < len(among)


def _all_known(indexes: Iterable[int], among: Sequence[object]) -> bool:
    return all(0 <= index < len(among) for index in indexes)
