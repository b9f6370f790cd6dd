"""Instants of a plan as whole minutes since 1970-01-01, local wall time: what the engine computes with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from nirman.errors import InvalidPlanError

_EPOCH = datetime(1970, 1, 1)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY = 1440

FIRST_YEAR, END_YEAR = 1700, 2400
"""Plans live from the one until before the other; a schedule that runs out of them is refused (InvalidPlanError)."""
FIRST_DAY = date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH_ORDINAL
LAST_DAY = date(END_YEAR, 1, 1).toordinal() - _EPOCH_ORDINAL


@lru_cache(maxsize=2**16)  # the tasks of a plan share few instants
def to_minutes(instant: datetime) -> int:
    """Seconds are cut off. `InvalidPlanError` outside the time that plans live in."""
    if not is_in_time(instant):
        raise InvalidPlanError(f"a date must lie between the years {FIRST_YEAR} and {END_YEAR}")
    return (instant - _EPOCH) // timedelta(minutes=1)


def is_in_time(instant: datetime | None) -> bool:
    return instant is None or FIRST_YEAR <= instant.year < END_YEAR


@lru_cache(maxsize=2**16)
def to_datetime(minutes: int) -> datetime:
    if not FIRST_DAY * DAY <= minutes < LAST_DAY * DAY:
        raise InvalidPlanError(f"a schedule must stay between the years {FIRST_YEAR} and {END_YEAR}")
    return _EPOCH + timedelta(minutes=minutes)


def to_day(day: date) -> int:
    return day.toordinal() - _EPOCH_ORDINAL


def to_date(day: int) -> date:
    return date.fromordinal(day + _EPOCH_ORDINAL)
