"""Holidays that may still move, a tenant's overlay, rain days. Plans start on Sunday 4 January 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.change import apply
from nirman.planning.estimated import confirmed, estimated_holidays, holiday_risks
from nirman.planning.holidays import Confirmation, HolidayOverlay, country_holidays, with_overlay
from nirman.planning.model import Calendar, CalendarException, ConstraintKind, Plan
from nirman.planning.rain import rain_calendar
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week


def off(day: int, last: int | None = None, *, estimated: bool = True, name: str = "Eid") -> CalendarException:
    return CalendarException(
        start=date(2026, 1, day), finish=date(2026, 1, last or day), name=name, estimated=estimated
    )


def three_days(*exceptions: CalendarException, **last) -> Plan:
    """Tasks of a day on the 4th, 5th and 6th of January, the 7th a holiday or not, then one more."""
    tasks = [make_task(uid) for uid in range(1, 4)] + [make_task(4, **last)]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, 4)]
    return make_plan(tasks, links, calendars=[replace(working_week(), exceptions=exceptions)])


def risks(plan: Plan):
    return holiday_risks(plan, schedule_plan(plan))


def test_only_what_is_estimated_is_looked_at_once_for_all_calendars():
    plan = three_days(off(7, 8), off(5, estimated=False, name="Fixed"))
    plan = replace(plan, calendars={**plan.calendars, 2: Calendar(uid=2, name="Night", exceptions=(off(7, 8),))})
    [found] = estimated_holidays(plan)
    assert (found.name, found.start, found.finish, found.calendar_uids) == (
        "Eid",
        date(2026, 1, 7),
        date(2026, 1, 8),
        (1, 2),
    )


def test_a_holiday_that_may_fall_into_the_weekend_may_save_a_day():
    """On Thursday; a day later it is a Friday, and off anyway."""
    [risk] = risks(three_days(off(8), duration_minutes=960))
    assert schedule_plan(three_days(off(8), duration_minutes=960)).project_finish == datetime(2026, 1, 11, 17)
    assert (risk.a_day_later.finish_minutes, risk.a_day_later.project_finish) == (-480, datetime(2026, 1, 8, 17))
    assert (risk.a_day_later.moved, risk.a_day_later.furthest, risk.a_day_later.furthest_days) == (1, 4, -3)
    assert (risk.a_day_earlier.finish_minutes, risk.a_day_earlier.moved) == (0, 1)
    assert risk.delay_minutes == 0


def test_a_holiday_out_of_the_weekend_may_cost_a_day():
    [risk] = risks(three_days(off(9), duration_minutes=960))
    assert (risk.a_day_earlier.finish_minutes, risk.delay_minutes) == (480, 480)
    assert risk.a_day_later.moved == 0


def test_the_worst_comes_first_and_what_is_after_the_project_is_not_tried():
    first, worst, after = off(6, name="A"), off(9, name="B"), off(20, name="C")
    found = risks(three_days(first, worst, after, duration_minutes=960))
    assert [risk.holiday.name for risk in found] == ["B", "A"]


def test_a_plan_without_estimated_holidays_has_no_such_risk():
    assert risks(three_days()) == ()


def test_a_fixed_date_takes_the_blow_of_a_holiday_before_it():
    pinned = {"constraint": ConstraintKind.SNET, "constraint_date": datetime(2026, 1, 25, 8)}
    [risk] = risks(three_days(off(9), **pinned))
    assert risk.delay_minutes == 0


def test_a_confirmed_holiday_is_planned_anew_in_every_calendar_that_has_it():
    plan = three_days(off(5, name="Fixed", estimated=False), off(9))
    plan = replace(plan, calendars={**plan.calendars, 2: Calendar(uid=2, name="Night", exceptions=(off(9),))})
    announced = Confirmation(estimated=date(2026, 1, 9), start=date(2026, 1, 8), finish=date(2026, 1, 8))
    operations = confirmed(plan, [announced])
    assert [operation.uid for operation in operations] == [1, 2]
    after, _ = apply(plan, operations)
    assert estimated_holidays(after) == ()
    assert [(day.name, day.start.day, day.estimated) for day in after.calendars[1].exceptions] == [
        ("Fixed", 5, False),
        ("Eid", 8, False),
    ]
    assert confirmed(after, [announced]) == ()


def test_an_overlay_adds_removes_and_confirms_days():
    overlay = HolidayOverlay(
        added=(off(20, estimated=False, name="Durga Puja"),),
        removed=(date(2026, 1, 6),),
        confirmed=(Confirmation(estimated=date(2026, 1, 12), start=date(2026, 1, 13), finish=date(2026, 1, 15)),),
    )
    found = with_overlay([off(5, 7, estimated=False, name="Long"), off(12, 14)], overlay)
    assert [(day.name, day.start.day, day.finish.day, day.estimated) for day in found] == [
        ("Long", 5, 5, False),
        ("Long", 7, 7, False),
        ("Eid", 13, 15, False),
        ("Durga Puja", 20, 20, False),
    ]


def test_an_empty_overlay_changes_nothing():
    days = country_holidays("BD", [2027])
    assert with_overlay(days, HolidayOverlay()) == days


def test_a_confirmation_of_what_is_not_estimated_changes_nothing():
    fixed = off(5, estimated=False)
    confirmation = Confirmation(estimated=fixed.start, start=date(2026, 1, 6), finish=date(2026, 1, 6))
    assert with_overlay([fixed], HolidayOverlay(confirmed=(confirmation,))) == (fixed,)
    with pytest.raises(ValueError, match="must not precede"):
        Confirmation(estimated=fixed.start, start=date(2026, 1, 6), finish=date(2026, 1, 5))


def test_any_country_has_its_holidays_and_the_moons_are_estimated():
    english = {day.name: day for day in country_holidays("BD", [2027], language="en_US")}
    assert english["Eid al-Fitr"].estimated
    assert not english["Victory Day"].estimated
    assert any(day.name == "Independence Day" and not day.estimated for day in country_holidays("US", [2027]))
    assert any(day.estimated for day in country_holidays("MY", [2029]))
    with pytest.raises(InvalidInputError, match="no holidays are known of XX"):
        country_holidays("XX", [2027])


MONSOON = {6: 8, 7: 10.5, 8: 9.5}


def monsoon(start: date = date(2026, 1, 1), finish: date = date(2026, 12, 31), lost=MONSOON) -> Calendar:
    return rain_calendar({1: working_week()}, 1, uid=2, name="Rain", lost_days=lost, start=start, finish=finish)


def test_rain_takes_so_many_working_days_of_each_month_spread_over_it():
    rain = monsoon()
    months = [day.start.month for day in rain.exceptions]
    # Half a day of July is carried to August.
    assert {month: months.count(month) for month in set(months)} == {6: 8, 7: 10, 8: 10}
    assert all(day.start.weekday() not in (4, 5) for day in rain.exceptions)
    gaps = [b.start - a.start for a, b in zip(rain.exceptions[:8], rain.exceptions[1:8], strict=False)]
    assert max(gaps) <= timedelta(days=5)
    assert monsoon() == rain


def test_work_in_a_rain_calendar_loses_the_days():
    calendars = Calendars({1: working_week(), 2: monsoon()})
    june = [to_minutes(datetime(2026, month, 1)) for month in (6, 7)]
    dry, wet = (calendars.working_time(uid).between(*june) for uid in (1, 2))
    assert dry - wet == 8 * 480


def test_rain_outside_the_range_is_not_planned_and_a_month_cannot_lose_more_than_it_has():
    assert {day.start.month for day in monsoon(finish=date(2026, 6, 15)).exceptions} == {6}
    assert all(day.start <= date(2026, 6, 15) for day in monsoon(finish=date(2026, 6, 15)).exceptions)
    flooded = monsoon(lost={6: 31})
    assert len(flooded.exceptions) == 22
    assert len({day.start for day in flooded.exceptions}) == 22


@pytest.mark.parametrize("lost", [{0: 1}, {13: 1}, {6: -1}, {6: 32}])
def test_rain_that_cannot_be_is_refused(lost):
    with pytest.raises(InvalidInputError, match="0 to 31"):
        monsoon(lost=lost)


def test_seven_day_weeks_lose_days_of_the_weekend_too():
    rain = rain_calendar(
        {1: Calendar(uid=1, name="All", week=(DAY,) * 7)},
        1,
        uid=2,
        name="Rain",
        lost_days={6: 30},
        start=date(2026, 6, 1),
        finish=date(2026, 6, 30),
    )
    assert len(rain.exceptions) == 30
