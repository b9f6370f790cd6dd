"""Calendars of the demo plan."""

from __future__ import annotations

from datetime import date

from nirman.planning.model import Calendar, CalendarException, DayShifts, Recurrence, RecurrenceKind, WorkWeek

SITE = 1
CURING = 2
NIGHT = 3
CRANE = 4

_DAY: DayShifts = ((480, 720), (780, 1020))
_RAMADAN: DayShifts = ((480, 720), (750, 900))
_EVENING, _SMALL_HOURS = (1200, 1440), (0, 240)


def demo_calendars(holidays: tuple[CalendarException, ...]) -> tuple[Calendar, ...]:
    return (_site(holidays), _curing(), _night(holidays), _crane())


def _site(holidays: tuple[CalendarException, ...]) -> Calendar:
    """Sunday to Thursday in two shifts; shorter days in Ramadan, whose dates follow the moon."""
    ramadan = (_RAMADAN, _RAMADAN, _RAMADAN, _RAMADAN, (), (), _RAMADAN)
    return Calendar(
        uid=SITE,
        name="সাইট রবি–বৃহস্পতি / Site Sunday to Thursday",
        week=(_DAY, _DAY, _DAY, _DAY, (), (), _DAY),
        exceptions=holidays,
        work_weeks=(
            WorkWeek(start=date(2027, 2, 8), finish=date(2027, 3, 9), name="রমজান ২০২৭ / Ramadan 2027", week=ramadan),
            WorkWeek(start=date(2028, 1, 28), finish=date(2028, 2, 26), name="রমজান ২০২৮ / Ramadan 2028", week=ramadan),
            WorkWeek(start=date(2029, 1, 16), finish=date(2029, 2, 14), name="রমজান ২০২৯ / Ramadan 2029", week=ramadan),
        ),
    )


def _curing() -> Calendar:
    """Concrete is kept wet on every day of the year."""
    return Calendar(uid=CURING, name="কিউরিং সাত দিন / Curing, seven days", week=(_DAY,) * 7)


def _night(holidays: tuple[CalendarException, ...]) -> Calendar:
    """Heavy trucks may enter the city at night only: Sunday to Thursday, 20:00 to 04:00 of the next day."""
    both: DayShifts = (_SMALL_HOURS, _EVENING)
    week = (both, both, both, both, (_SMALL_HOURS,), (), (_EVENING,))
    return Calendar(uid=NIGHT, name="রাতের শিফট / Night shift", week=week, exceptions=holidays)


def _crane() -> Calendar:
    """The site's days without the first Sunday of each month, when the crane is serviced."""
    service = CalendarException(
        start=date(2027, 6, 1),
        finish=date(2028, 12, 31),
        name="ক্রেন সার্ভিসিং / Crane service",
        recurrence=Recurrence(kind=RecurrenceKind.MONTHLY_POSITION, position=1, weekdays=(6,)),
    )
    return Calendar(uid=CRANE, name="টাওয়ার ক্রেন / Tower crane", base_uid=SITE, exceptions=(service,))
