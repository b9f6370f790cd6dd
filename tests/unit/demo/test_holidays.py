"""Holidays of Bangladesh as exceptions of a calendar."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from nirman.planning.holidays import bangladesh_holidays


def test_fixed_days_have_their_bengali_names():
    found = {holiday.start: holiday for holiday in bangladesh_holidays([2027])}
    victory = found[date(2027, 12, 16)]
    assert (victory.name, victory.finish, victory.shifts, victory.estimated) == ("বিজয় দিবস", victory.start, (), False)


def test_days_of_the_moon_are_estimated_and_a_feast_is_one_exception():
    eid = [holiday for holiday in bangladesh_holidays([2027]) if holiday.name == "ঈদুল ফিতর"]
    assert len(eid) == 1
    assert eid[0].estimated
    assert (eid[0].finish - eid[0].start).days == 2


def test_years_follow_one_another():
    holidays = bangladesh_holidays([2028, 2026, 2027])
    starts = [holiday.start for holiday in holidays]
    assert starts == sorted(starts)
    assert {start.year for start in starts} == {2026, 2027, 2028}
    assert all(a.finish < b.start for a, b in pairwise(holidays))
    assert all("আনুমানিক" not in holiday.name for holiday in holidays)
