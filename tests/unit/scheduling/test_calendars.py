"""Which shifts a day gets: exceptions, work weeks, weeks, and those of the base calendars."""

from __future__ import annotations

from datetime import date

import pytest

from nirman.errors import InvalidPlanError
from nirman.planning.model import Calendar, CalendarException, Recurrence, RecurrenceKind, WorkWeek
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import DAY as DAY_MINUTES
from nirman.scheduling.instants import to_day
from tests.builders.plans import DAY, working_week

SUNDAY, MONDAY, FRIDAY = date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 9)
SHORT = ((480, 720),)
NOTHING = (None,) * 7


def minutes(calendars: list[Calendar], uid: int, day: date) -> int:
    working = Calendars({calendar.uid: calendar for calendar in calendars}).working_time(uid)
    start = to_day(day) * DAY_MINUTES
    return working.between(start, start + DAY_MINUTES)


def derived(**values) -> list[Calendar]:
    return [working_week(1), Calendar(uid=2, name="Derived", base_uid=1, **values)]


def test_a_day_follows_the_week():
    assert minutes([working_week()], 1, SUNDAY) == 480
    assert minutes([working_week()], 1, FRIDAY) == 0


def test_a_day_that_a_calendar_leaves_open_follows_its_base():
    week = list(NOTHING)
    week[0] = SHORT
    calendars = derived(week=tuple(week))
    assert minutes(calendars, 2, MONDAY) == 240
    assert minutes(calendars, 2, SUNDAY) == 480


def test_a_day_left_open_without_a_base_is_a_day_off():
    week = (SHORT, None, None, None, None, None, None)
    assert minutes([Calendar(uid=1, name="Mondays", week=week)], 1, SUNDAY) == 0


def test_a_holiday_of_the_base_holds_also_where_the_week_is_another():
    holiday = CalendarException(start=MONDAY, finish=MONDAY)
    base = Calendar(uid=1, name="Base", week=working_week().week, exceptions=(holiday,))
    own = Calendar(uid=2, name="Own", base_uid=1, week=(SHORT,) * 7)
    assert minutes([base, own], 2, MONDAY) == 0
    assert minutes([base, own], 2, SUNDAY) == 240


def test_a_calendar_has_what_its_base_and_the_base_of_that_say():
    """The country's holiday, the company's Fridays, and the short Mondays of a crew, three calendars deep."""
    country = Calendar(
        uid=1, name="Country", week=working_week().week, exceptions=(CalendarException(start=SUNDAY, finish=SUNDAY),)
    )
    company = Calendar(uid=2, name="Company", base_uid=1, week=(*NOTHING[:4], SHORT, None, None))
    works_the_holiday = CalendarException(start=SUNDAY, finish=SUNDAY, shifts=((480, 540),))
    crew = Calendar(uid=3, name="Crew", base_uid=2, week=(SHORT, *NOTHING[1:]))
    stand_in = Calendar(uid=4, name="Stand-in", base_uid=3, exceptions=(works_the_holiday,))
    calendars = [country, company, crew, stand_in]
    assert [minutes(calendars, 3, day) for day in (SUNDAY, MONDAY, FRIDAY)] == [0, 240, 240]
    assert [minutes(calendars, 4, day) for day in (SUNDAY, MONDAY, FRIDAY)] == [60, 240, 240]


def test_an_exception_of_the_calendar_wins_over_its_base():
    base = Calendar(
        uid=1, name="Base", week=working_week().week, exceptions=(CalendarException(start=MONDAY, finish=MONDAY),)
    )
    working = CalendarException(start=MONDAY, finish=MONDAY, shifts=DAY)
    own = Calendar(uid=2, name="Own", base_uid=1, exceptions=(working,))
    assert minutes([base, own], 2, MONDAY) == 480


def test_a_work_week_holds_in_its_dates_only():
    work_week = WorkWeek(start=SUNDAY, finish=MONDAY, week=(SHORT, None, None, None, None, None, ()))
    calendar = Calendar(uid=1, name="Ramadan", week=working_week().week, work_weeks=(work_week,))
    assert minutes([calendar], 1, SUNDAY) == 0
    assert minutes([calendar], 1, MONDAY) == 240
    assert minutes([calendar], 1, date(2026, 1, 12)) == 480


def test_an_exception_wins_over_a_work_week():
    work_week = WorkWeek(start=SUNDAY, finish=FRIDAY, week=(SHORT,) * 7)
    exception = CalendarException(start=MONDAY, finish=MONDAY)
    calendar = Calendar(uid=1, name="Both", week=working_week().week, work_weeks=(work_week,), exceptions=(exception,))
    assert minutes([calendar], 1, MONDAY) == 0


def test_a_single_day_wins_over_a_recurring_exception():
    weekly = CalendarException(
        start=SUNDAY,
        finish=date(2026, 12, 31),
        recurrence=Recurrence(kind=RecurrenceKind.WEEKLY, weekdays=(0,)),
    )
    single = CalendarException(start=MONDAY, finish=MONDAY, shifts=SHORT)
    calendar = Calendar(uid=1, name="Mondays off", week=working_week().week, exceptions=(weekly, single))
    assert minutes([calendar], 1, MONDAY) == 240
    assert minutes([calendar], 1, date(2026, 1, 12)) == 0


def test_where_recurring_exceptions_meet_daily_counts_more_than_yearly_monthly_and_weekly():
    """Monday 5 January 2026; each rule gives the day another amount of work."""
    ranked = (
        (RecurrenceKind.WEEKLY, 60),
        (RecurrenceKind.MONTHLY_DAY, 120),
        (RecurrenceKind.YEARLY_DAY, 180),
        (RecurrenceKind.DAILY, 240),
    )
    rules = [
        CalendarException(
            start=SUNDAY,
            finish=date(2026, 12, 31),
            shifts=((0, work),),
            recurrence=Recurrence(kind=kind, weekdays=(0,), day=5, month=1),
        )
        for kind, work in ranked
    ]
    for count, (_, work) in enumerate(ranked, 1):
        for exceptions in (rules[:count], rules[:count][::-1]):
            calendar = Calendar(uid=1, name="Rules", week=working_week().week, exceptions=tuple(exceptions))
            assert minutes([calendar], 1, MONDAY) == work


def test_of_two_exceptions_on_a_day_the_first_counts():
    first, second = (CalendarException(start=MONDAY, finish=MONDAY, shifts=shifts) for shifts in (SHORT, DAY))
    calendar = Calendar(uid=1, name="Twice", week=working_week().week, exceptions=(first, second))
    assert minutes([calendar], 1, MONDAY) == 240


def test_a_day_of_the_calendar_wins_over_a_work_week_of_its_base():
    work_week = WorkWeek(start=SUNDAY, finish=FRIDAY, week=((),) * 7)
    base = Calendar(uid=1, name="Base", week=working_week().week, work_weeks=(work_week,))
    own = Calendar(uid=2, name="Own", base_uid=1, week=(SHORT, *NOTHING[1:]))
    assert minutes([base, own], 2, MONDAY) == 240
    assert minutes([base, own], 2, SUNDAY) == 0


def test_calendars_of_the_same_content_are_one():
    calendars = Calendars({c.uid: c for c in derived()})
    assert calendars.working_time(1) is calendars.working_time(2)


def test_two_calendars_have_in_common_when_both_work():
    early = Calendar(uid=1, name="Early", week=(((360, 840),),) * 7)
    late = Calendar(uid=2, name="Late", week=(((720, 1200),),) * 5 + ((), ()))
    common = Calendars({1: early, 2: late}).common(1, 2)
    start = to_day(MONDAY) * DAY_MINUTES
    assert common.next_start(start) == start + 720
    assert common.between(start, start + 7 * DAY_MINUTES) == 5 * 120


def test_a_base_that_is_not_there_is_refused():
    with pytest.raises(InvalidPlanError, match="calendar 7"):
        Calendars({1: Calendar(uid=1, name="Orphan", base_uid=7)}).working_time(1)


def test_bases_in_a_circle_are_refused():
    circle = {1: Calendar(uid=1, name="A", base_uid=2), 2: Calendar(uid=2, name="B", base_uid=1)}
    with pytest.raises(InvalidPlanError, match="its own base"):
        Calendars(circle).working_time(1)
