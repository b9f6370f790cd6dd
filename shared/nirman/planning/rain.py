"""Rain days: working days a month that are expected to be lost, as days off spread over each month.

Which days it will rain is not known, only how many; spread evenly, work that runs through a month loses its share.
The same figures always give the same days.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from nirman.errors import InvalidInputError
from nirman.planning.model import Calendar, CalendarException
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import DAY, to_date, to_day
from nirman.scheduling.vectors import between_all
from nirman.scheduling.working_time import WorkingTime


def rain_calendar(
    calendars: Mapping[int, Calendar],
    base_uid: int,
    *,
    uid: int,
    name: str,
    lost_days: Mapping[int, float],
    start: date,
    finish: date,
) -> Calendar:
    """A calendar based on another that loses `lost_days` of its working days in each month (1-12), first to last day.

    What is left of a day is carried to the next month. InvalidInputError for a month or a number that cannot be.
    """
    for month, days in lost_days.items():
        if not (1 <= month <= 12 and 0 <= days <= 31):
            raise InvalidInputError("days lost are 0 to 31 in each of the months 1 to 12", place=f"lost_days.{month}")
    working = Calendars(calendars).working_time(base_uid)
    lost = (day for day in _lost(working, lost_days, start, finish) if start <= day <= finish)
    rain = tuple(CalendarException(start=day, finish=day, name=name) for day in lost)
    return Calendar(uid=uid, name=name, base_uid=base_uid, exceptions=rain)


def working_days(working: WorkingTime, month: date) -> list[int]:
    """Of the month whose first day is given: the days with working time, in days since 1970."""
    first, last = to_day(month), to_day(_following(month))
    midnights = array("q", range(first * DAY, (last + 1) * DAY, DAY))
    minutes = between_all(working, midnights[:-1], midnights[1:])
    return [day for day, worked in zip(range(first, last), minutes, strict=True) if worked]


def _lost(working: WorkingTime, lost_days: Mapping[int, float], start: date, finish: date) -> Iterator[date]:
    carried = 0.0
    month = start.replace(day=1)
    while month <= finish:
        days = working_days(working, month)
        carried += lost_days.get(month.month, 0)
        count = min(int(carried), len(days))
        carried -= int(carried)
        yield from (to_date(days[(2 * n + 1) * len(days) // (2 * count)]) for n in range(count))
        month = _following(month)


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
