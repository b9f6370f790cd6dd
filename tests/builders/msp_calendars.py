"""Calendars of the kinds that plans have: office hours, nights, every minute, rules that repeat, many holidays."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from nirman.planning.model import Calendar, CalendarException, DayShifts, Recurrence, RecurrenceKind

OFFICE, NIGHTS, ALWAYS, SIX_DAYS, FOUR_DAYS = 1, 2, 3, 4, 5
"""Uids."""
TO_MIDNIGHT = (NIGHTS, ALWAYS)
"""In which work may end at midnight."""
WEEKS_WITH_HOLIDAYS = (1, 5, 11, 16, 17)
"""Weeks after Monday 5 January 2026 in which the office has days off."""
_HOURS = ((480, 720), (780, 1020))
_YEARS: dict[str, Any] = {"start": date(2026, 1, 1), "finish": date(2028, 12, 31)}
_SHIFTS: tuple[DayShifts, ...] = ((), ((480, 720),), ((540, 780),), ((0, 360), (1320, 1440)), ((0, 1440),))


def usual_calendars() -> dict[int, Calendar]:
    return {calendar.uid: calendar for calendar in (_office(), _nights(), _always(), _six_days(), _four_days())}


def _office() -> Calendar:
    off = ((date(2026, 1, 15), 1), (date(2026, 2, 9), 3), (date(2026, 3, 26), 1), (date(2026, 5, 1), 5))
    holidays = tuple(
        CalendarException(start=day, finish=day + timedelta(days=days - 1), name=f"Holiday {day:%j}")
        for day, days in off
    )
    made_up_for = CalendarException(
        start=date(2026, 2, 14), finish=date(2026, 2, 14), name="Made up for", shifts=((540, 780),)
    )
    return Calendar(uid=OFFICE, name="Office", week=(_HOURS,) * 5 + ((), ()), exceptions=(*holidays, made_up_for))


def _nights() -> Calendar:
    """22:00 to 06:00, from Monday evening to Saturday morning."""
    night = _SHIFTS[3]
    return Calendar(uid=NIGHTS, name="Nights", week=(night[1:], night, night, night, night, night[:1], ()))


def _always() -> Calendar:
    return Calendar(uid=ALWAYS, name="24 hours", week=(_SHIFTS[4],) * 7)


def _six_days() -> Calendar:
    maintenance = Recurrence(kind=RecurrenceKind.MONTHLY_POSITION, weekdays=(0,), position=5)
    free = Recurrence(kind=RecurrenceKind.WEEKLY, interval=2, weekdays=(5,))
    return Calendar(
        uid=SIX_DAYS,
        name="Six days",
        week=(((420, 900),),) * 6 + ((),),
        exceptions=(
            CalendarException(**_YEARS, name="Maintenance", recurrence=maintenance, shifts=((420, 660),)),
            CalendarException(**_YEARS, name="Free Saturday", recurrence=free),
        ),
    )


def _four_days() -> Calendar:
    """Based on the office: its Fridays are off too, and what the office has off is off."""
    return Calendar(uid=FOUR_DAYS, name="Four days", base_uid=OFFICE, week=(None, None, None, None, (), None, None))


def random_calendar(random: Random, uid: int, *, recurring: bool) -> Calendar:
    """A week of random hours with some three hundred exceptions: single days, and either rules or ranges.

    Ranges and rules do not meet in one calendar: MPXJ takes one or the other where they do.
    """
    monday, tuesday, wednesday, thursday, friday = (random.choice((_HOURS, *_SHIFTS)) for _ in range(5))
    rules = random.sample(list(RecurrenceKind), 3) if recurring else []
    exceptions = [_recurring(random, kind) for kind in rules]
    taken: set[date] = set()
    for _ in range(400):
        start = date(2026, 1, 1) + timedelta(days=random.randrange(1000))
        length = 1 if recurring else random.choice((1, 1, 2, 5))
        days = [start + timedelta(days=day) for day in range(length)]
        if not taken.intersection(days):
            taken.update(days)
            shifts = random.choice(_SHIFTS)
            exceptions.append(CalendarException(start=days[0], finish=days[-1], name=f"{start}", shifts=shifts))
    return Calendar(
        uid=uid,
        name=f"Calendar {uid}",
        week=(monday, tuesday, wednesday, thursday, friday, _HOURS, ()),
        exceptions=tuple(exceptions),
    )


def _recurring(random: Random, kind: RecurrenceKind) -> CalendarException:
    yearly = kind in (RecurrenceKind.YEARLY_DAY, RecurrenceKind.YEARLY_POSITION)
    weekdays = random.sample(range(7), 2 if kind is RecurrenceKind.WEEKLY else 1)
    recurrence = Recurrence(
        kind=kind,
        interval=1 if yearly else random.randint(2, 4),
        weekdays=tuple(sorted(weekdays)),
        day=random.randint(1, 31),
        position=random.randint(1, 5),
        month=random.randint(1, 12),
    )
    return CalendarException(**_YEARS, name=f"Every {kind}", recurrence=recurrence, shifts=random.choice(_SHIFTS))
