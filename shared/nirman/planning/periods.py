"""Days, weeks and months that figures over time are told by."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from nirman.errors import InvalidInputError
from nirman.scheduling.instants import DAY, to_date, to_day

MAX_POINTS = 5_000


class Period(StrEnum):
    """Weeks begin on Sunday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def boundaries(period: Period, first: int, last: int) -> list[int]:
    """Days since 1970 on which periods begin, and the day after the last; `first` and `last` are instants.

    `InvalidInputError` for more than `MAX_POINTS` periods.
    """
    day = _beginning(period, to_date(first // DAY))
    days = [to_day(day)]
    while days[-1] * DAY < last or len(days) == 1:
        if len(days) > MAX_POINTS:
            raise InvalidInputError(
                f"that would be more than {MAX_POINTS} periods: ask for longer ones", place="period"
            )
        day = _next(period, day)
        days.append(to_day(day))
    return days


def _beginning(period: Period, day: date) -> date:
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=(day.weekday() + 1) % 7)
        case Period.MONTH:
            return day.replace(day=1)


def _next(period: Period, day: date) -> date:
    match period:
        case Period.DAY:
            return day + timedelta(days=1)
        case Period.WEEK:
            return day + timedelta(days=7)
        case Period.MONTH:
            return (day + timedelta(days=31)).replace(day=1)
