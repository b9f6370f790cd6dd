"""Columns of values give what each value gives alone."""

from __future__ import annotations

from array import array
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.planning.model import Calendar, CalendarException
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.vectors import add_all, between_all
from nirman.scheduling.working_time import ELAPSED, WorkingTime

NIGHT = ((0, 360), (1320, 1440))
DAYS = ((480, 720), (780, 1020))
BASE = 29_450_000
"""An instant in December 2025."""


def working(*, nights: bool, holidays: int) -> WorkingTime:
    exceptions = tuple(
        CalendarException(start=date(2026, 1 + n % 12, 1 + n // 12), finish=date(2026, 1 + n % 12, 1 + n // 12))
        for n in range(holidays)
    )
    shifts = NIGHT if nights else DAYS
    return Calendars({1: Calendar(uid=1, name="", week=(shifts,) * 5 + ((), ()), exceptions=exceptions)}).working_time(
        1
    )


values = st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(-400_000, 400_000)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.booleans(), st.integers(0, 300), values)
def test_a_column_of_sums_is_the_sums_one_by_one(nights, holidays, pairs):
    time = working(nights=nights, holidays=holidays)
    instants, minutes = array("q", (BASE + at for at, _ in pairs)), array("q", (more for _, more in pairs))
    alone = [
        time.add(at, more) if more >= 0 else time.subtract(at, -more)
        for at, more in zip(instants, minutes, strict=True)
    ]
    assert list(add_all(time, instants, minutes)) == alone


@settings(max_examples=60, deadline=None)
@given(st.booleans(), st.integers(0, 300), values)
def test_a_column_of_distances_is_the_distances_one_by_one(nights, holidays, pairs):
    time = working(nights=nights, holidays=holidays)
    starts, finishes = array("q", (BASE + at for at, _ in pairs)), array("q", (BASE + at + more for at, more in pairs))
    alone = [time.between(start, finish) for start, finish in zip(starts, finishes, strict=True)]
    assert list(between_all(time, starts, finishes)) == alone


def test_elapsed_time_counts_every_minute():
    assert list(add_all(ELAPSED, array("q", [5, 6]), array("q", [-5, 10]))) == [0, 16]
    assert list(between_all(ELAPSED, array("q", [5, 6]), array("q", [0, 16]))) == [-5, 10]


def test_a_value_beyond_the_time_of_plans_is_refused():
    with pytest.raises(InvalidPlanError):
        add_all(working(nights=False, holidays=0), array("q", [BASE]), array("q", [10**9]))


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="as many"):
        between_all(working(nights=True, holidays=0), array("q", [BASE]), array("q"))
