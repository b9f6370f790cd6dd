"""Working time as people give it: weeks, other weeks for a while, and days that follow neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from nirman.planning.fields import MinuteOfDay, Name, Uid, check

Shift = tuple[MinuteOfDay, MinuteOfDay]
"""Half-open working time of one day, in minutes after midnight; a night shift is two, one on each day."""
DayShifts = tuple[Shift, ...]
"""The working time of a day, ascending, not touching; empty: a day off."""
Day = DayShifts | None
"""None: as the calendar it is based on has it."""
Week = tuple[Day, Day, Day, Day, Day, Day, Day]
"""Monday to Sunday."""


class RecurrenceKind(StrEnum):
    """How an exception returns: `*_position` is "the third Friday", the others by day number."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly_day"
    MONTHLY_POSITION = "monthly_position"
    YEARLY_DAY = "yearly_day"
    YEARLY_POSITION = "yearly_position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How an exception returns within its range of dates.

    `interval`: every n days, weeks, months. `weekdays`: Monday 0 to Sunday 6. `day`: of the month, 1-31.
    `position`: 1-4, or 5 for the last. `month`: 1-12. Fields a kind does not use are ignored.
    """

    kind: RecurrenceKind
    interval: Annotated[int, Meta(ge=1, le=9999)] = 1
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = ()
    day: Annotated[int, Meta(ge=1, le=31)] = 1
    position: Annotated[int, Meta(ge=1, le=5)] = 1
    month: Annotated[int, Meta(ge=1, le=12)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """Days from `start` to `finish`, both included, that do not follow the week; no shifts: days off."""

    start: date
    finish: date
    name: Name = ""
    shifts: DayShifts = ()
    recurrence: Recurrence | None = None
    estimated: bool = False
    """Moon-dated and not confirmed yet."""

    def __post_init__(self) -> None:
        check(self.start <= self.finish, "an exception's finish must not precede its start")
        _check_shifts(self.shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWeek:
    """Another week from `start` to `finish`, both included; a day that is None follows the calendar's own week."""

    start: date
    finish: date
    name: Name = ""
    week: Week = (None,) * 7

    def __post_init__(self) -> None:
        check(self.start <= self.finish, "a work week's finish must not precede its start")
        for day in self.week:
            _check_shifts(day or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working time. A day of `week` that is None is the base calendar's (without a base: a day off)."""

    uid: Uid
    name: Name
    base_uid: Uid | None = None
    week: Week = (None,) * 7
    exceptions: tuple[CalendarException, ...] = ()
    work_weeks: tuple[WorkWeek, ...] = ()

    def __post_init__(self) -> None:
        check(self.base_uid != self.uid, "a calendar must not be its own base")
        for day in self.week:
            _check_shifts(day or ())


def _check_shifts(shifts: DayShifts) -> None:
    previous = -1
    for start, finish in shifts:
        check(start < finish, "a shift's start must be before its finish")
        check(start > previous, "shifts must ascend and not touch")
        previous = finish
