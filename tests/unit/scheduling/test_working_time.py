"""Working time: adding, subtracting and measuring work, against a count minute by minute."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.planning.model import Calendar, CalendarException
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes
from nirman.scheduling.working_time import WorkingTime
from tests.builders.plans import DAY, working_week

SUNDAY = datetime(2026, 1, 4)


def at(day: int, hour: int, minute: int = 0) -> int:
    return to_minutes(datetime(2026, 1, day, hour, minute))


def compiled(*calendars: Calendar) -> WorkingTime:
    return Calendars({calendar.uid: calendar for calendar in calendars}).working_time(calendars[0].uid)


def week() -> WorkingTime:
    return compiled(working_week())


def test_work_ends_in_the_evening_and_begins_in_the_morning():
    calendar = week()
    assert calendar.add(at(4, 8), 480) == at(4, 17)
    assert calendar.add(at(4, 17), 480) == at(5, 17)
    assert calendar.subtract(at(5, 17), 480) == at(5, 8)
    assert calendar.subtract(at(5, 8), 480) == at(4, 8)


def test_work_stops_for_lunch_nights_and_days_off():
    calendar = week()
    assert calendar.add(at(4, 11), 120) == at(4, 14)
    assert calendar.add(at(8, 16), 120) == at(11, 9)  # Thursday afternoon to Sunday morning


def test_no_work_stays_where_it_is():
    calendar = week()
    assert calendar.add(at(9, 3), 0) == at(9, 3)
    assert calendar.subtract(at(9, 3), 0) == at(9, 3)


def test_the_next_start_and_the_previous_finish_leave_working_time_alone():
    calendar = week()
    assert calendar.next_start(at(4, 9)) == at(4, 9)
    assert calendar.previous_finish(at(4, 9)) == at(4, 9)
    assert calendar.next_start(at(8, 17)) == at(11, 8)
    assert calendar.previous_finish(at(11, 8)) == at(8, 17)
    assert calendar.next_start(at(9, 12)) == at(11, 8)
    assert calendar.previous_finish(at(9, 12)) == at(8, 17)


def test_work_between_is_negative_backwards():
    calendar = week()
    assert calendar.between(at(4, 8), at(11, 8)) == 5 * 480
    assert calendar.between(at(11, 8), at(4, 8)) == -5 * 480
    assert calendar.between(at(8, 17), at(11, 8)) == 0


def test_a_night_shift_runs_over_midnight():
    nights = Calendar(uid=1, name="Nights", week=(((0, 360), (1320, 1440)),) * 7)
    calendar = compiled(nights)
    assert calendar.add(at(4, 22), 480) == at(5, 6)
    assert calendar.next_start(at(5, 0)) == at(5, 0)


def test_the_horizon_grows_both_ways():
    calendar = week()
    start = to_minutes(datetime(2026, 1, 4, 8))
    years = 5 * 480 * 52 * 100
    later = calendar.add(start, years)
    assert to_datetime(later).year == 2125
    earlier = calendar.subtract(start, years)
    assert to_datetime(earlier).year == 1926
    assert calendar.between(earlier, later) == 2 * years
    assert calendar.add(earlier, 2 * years) == later


def test_a_calendar_that_never_works_is_refused():
    with pytest.raises(InvalidPlanError, match="no working time"):
        compiled(Calendar(uid=1, name="Never")).add(at(4, 8), 60)


def test_a_plan_beyond_the_years_is_refused():
    with pytest.raises(InvalidPlanError, match="no working time"):
        week().add(at(4, 8), 52_560_000 * 2)


SHIFTS = st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(
    lambda marks: tuple((a * 30, b * 30) for a, b in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)
CALENDARS = st.builds(
    lambda week, off: Calendar(
        uid=1,
        name="Any",
        week=(*week[:6], DAY),
        exceptions=tuple(CalendarException(start=day, finish=day) for day in off),
    ),
    st.lists(st.one_of(st.just(()), SHIFTS), min_size=6, max_size=6),
    st.lists(st.dates(date(2026, 1, 1), date(2026, 1, 20)), max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(CALENDARS, st.integers(0, 14 * 1440), st.integers(1, 2000))
def test_every_answer_agrees_with_counting_minutes(calendar, offset, minutes):
    """The slow way: walk minute by minute."""
    compiled_calendar = compiled(calendar)
    shifts = _days(calendar)
    start = at(4, 0) + offset

    def works(minute: int) -> bool:
        return any(first <= minute % 1440 < last for first, last in shifts(minute // 1440))

    done, now = 0, start
    while done < minutes:
        done += works(now)
        now += 1
    assert compiled_calendar.add(start, minutes) == now
    assert compiled_calendar.between(start, now) == minutes

    done, now = 0, start
    while done < minutes:
        now -= 1
        done += works(now)
    assert compiled_calendar.subtract(start, minutes) == now

    now = start
    while not works(now):
        now += 1
    assert compiled_calendar.next_start(start) == now
    now = start
    while not works(now - 1):
        now -= 1
    assert compiled_calendar.previous_finish(start) == now


def _days(calendar: Calendar):
    off = {exception.start for exception in calendar.exceptions}

    def shifts(day: int):
        found = to_datetime(day * 1440).date()
        return () if found in off else calendar.week[found.weekday()] or ()

    return shifts
