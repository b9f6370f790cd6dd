"""Days on which recurring exceptions fall."""

from __future__ import annotations

from datetime import date

import pytest

from nirman.planning.model import Recurrence, RecurrenceKind
from nirman.scheduling.recurrence import occurrences


def days(start: date, finish: date, kind: RecurrenceKind, **values) -> list[str]:
    return [str(day) for day in occurrences(Recurrence(kind=kind, **values), start, finish)]


def test_every_third_day_counts_from_the_first():
    found = days(date(2000, 2, 1), date(2000, 2, 10), RecurrenceKind.DAILY, interval=3)
    assert found == ["2000-02-01", "2000-02-04", "2000-02-07", "2000-02-10"]


def test_every_second_week_counts_from_the_week_of_the_first_day_which_begins_on_sunday():
    first, last = date(2001, 1, 1), date(2001, 2, 13)  # a Monday
    assert days(first, last, RecurrenceKind.WEEKLY, interval=2, weekdays=(1,)) == [
        "2001-01-02",
        "2001-01-16",
        "2001-01-30",
        "2001-02-13",
    ]
    assert days(first, last, RecurrenceKind.WEEKLY, interval=2, weekdays=(6,)) == [
        "2001-01-14",
        "2001-01-28",
        "2001-02-11",
    ]


@pytest.mark.parametrize(
    ("position", "found"),
    [(1, "2026-01-05"), (4, "2026-01-26"), (5, "2026-01-26")],
)
def test_a_position_in_the_month_may_be_the_last(position, found):
    range_ = date(2026, 1, 1), date(2026, 1, 31)
    assert days(*range_, RecurrenceKind.MONTHLY_POSITION, weekdays=(0,), position=position) == [found]


def test_a_day_that_a_month_does_not_have_is_its_last():
    found = days(date(2026, 1, 1), date(2026, 4, 30), RecurrenceKind.MONTHLY_DAY, day=31)
    assert found == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_every_second_month_counts_from_the_first_in_which_the_day_is_still_to_come():
    found = days(date(2026, 1, 15), date(2026, 6, 30), RecurrenceKind.MONTHLY_DAY, day=3, interval=2)
    assert found == ["2026-02-03", "2026-04-03", "2026-06-03"]


def test_a_year_later_on_the_same_day():
    found = days(date(2026, 1, 1), date(2028, 12, 31), RecurrenceKind.YEARLY_DAY, month=2, day=29)
    assert found == ["2026-02-28", "2027-02-28", "2028-02-29"]
    found = days(
        date(2026, 1, 1), date(2027, 12, 31), RecurrenceKind.YEARLY_POSITION, month=5, weekdays=(6,), position=2
    )
    assert found == ["2026-05-10", "2027-05-09"]


def test_days_outside_the_range_are_left_out():
    assert days(date(2026, 1, 20), date(2026, 1, 25), RecurrenceKind.MONTHLY_DAY, day=19) == []
