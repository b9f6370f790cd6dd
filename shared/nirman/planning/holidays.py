"""Public holidays as calendar exceptions; days that a tenant adds or moves come on top of these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from nirman.planning.model import CalendarException

ESTIMATED_MARK = "(আনুমানিক)"
"""What the holidays package appends to the Bengali name of a day that follows the moon and is not announced yet."""


def bangladesh_holidays(years: Iterable[int]) -> tuple[CalendarException, ...]:
    """Days off in Bangladesh with their Bengali names, ascending; consecutive days of one feast are one exception."""
    import holidays  # noqa: PLC0415 - 100 ms and megabytes, for a moment of one call

    days = holidays.country_holidays("BD", years=list(years), language="bn")
    exceptions: list[CalendarException] = []
    for day in sorted(days):
        exception = _day_off(day, days[day])
        if exceptions and _continues(exceptions[-1], exception):
            exceptions[-1] = _joined(exceptions[-1], exception)
        else:
            exceptions.append(exception)
    return tuple(exceptions)


def _day_off(day: date, name: str) -> CalendarException:
    plain = name.replace(ESTIMATED_MARK, "").strip()
    return CalendarException(start=day, finish=day, name=plain, estimated=ESTIMATED_MARK in name)


def _continues(before: CalendarException, after: CalendarException) -> bool:
    same = (before.name, before.estimated) == (after.name, after.estimated)
    return same and after.start == before.finish + timedelta(days=1)


def _joined(before: CalendarException, after: CalendarException) -> CalendarException:
    return CalendarException(start=before.start, finish=after.finish, name=before.name, estimated=before.estimated)
