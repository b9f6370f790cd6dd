"""Units times duration is work, by hand for each rule: a task of one assignment."""

from __future__ import annotations

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.change import apply
from nirman.planning.model import EffortKind
from tests.builders.effort import (
    DURATION,
    FASTER,
    LONGER,
    MORE,
    MORE_IN_ALL,
    UNITS,
    WORK,
    Numbers,
    crew,
    edited,
    numbers,
    share,
    task,
    work_of,
)


@pytest.mark.parametrize("stated", [None, 480], ids=["open", "stated"])
@pytest.mark.parametrize(
    ("effort", "edit", "expected"),
    [
        (UNITS, LONGER, Numbers(960, 1.0, 960)),
        (UNITS, MORE, Numbers(960, 1.0, 960)),
        (UNITS, MORE_IN_ALL, Numbers(960, 1.0, 960)),
        (UNITS, FASTER, Numbers(240, 2.0, 480)),
        (DURATION, LONGER, Numbers(960, 1.0, 960)),
        (DURATION, MORE, Numbers(480, 2.0, 960)),
        (DURATION, MORE_IN_ALL, Numbers(480, 2.0, 960)),
        (DURATION, FASTER, Numbers(480, 2.0, 960)),
        (WORK, LONGER, Numbers(960, 0.5, 480)),
        (WORK, MORE, Numbers(960, 1.0, 960)),
        (WORK, MORE_IN_ALL, Numbers(960, 1.0, 960)),
        (WORK, FASTER, Numbers(240, 2.0, 480)),
    ],
)
def test_what_follows_an_edit_of_one(effort, edit, expected, stated):
    assert numbers(edited(crew({"work_minutes": stated}, effort=effort), edit)) == expected


@pytest.mark.parametrize("effort", EffortKind)
def test_work_that_was_left_open_stays_open_where_it_is_the_product(effort):
    for edit in (LONGER, FASTER):
        assert edited(crew({}, effort=effort), edit).assignments[1].work_minutes is None


def test_work_that_rounding_parts_from_the_product_is_written_down():
    plan = edited(crew({}, duration_minutes=500, effort=WORK), share(units=3.0))
    assert (plan.tasks[1].duration_minutes, plan.assignments[1].work_minutes) == (167, 500)


def test_work_takes_a_minute_at_least():
    assert numbers(edited(crew({"units": 5.0}), share(work_minutes=1))) == (1, 5.0, 1)


def test_units_follow_to_a_hundredth_of_a_percent():
    plan = edited(crew({}, effort=WORK), task(duration_minutes=700))
    assert (plan.assignments[1].units, work_of(plan)) == (0.6857, 480)


@pytest.mark.parametrize("effort", EffortKind)
@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((task(duration_minutes=960), share(units=2.0)), Numbers(960, 2.0, 1920)),
        ((task(duration_minutes=960), share(work_minutes=480)), Numbers(960, 0.5, 480)),
        ((task(duration_minutes=960, work_minutes=480),), Numbers(960, 0.5, 480)),
        ((share(units=2.0, work_minutes=480),), Numbers(240, 2.0, 480)),
        ((share(units=2.0), task(work_minutes=1920)), Numbers(960, 2.0, 1920)),
        ((task(duration_minutes=960), share(units=2.0, work_minutes=1920)), Numbers(960, 2.0, 1920)),
    ],
)
def test_of_two_edited_at_once_the_third_follows_whatever_the_kind(effort, edits, expected):
    for order in (edits, edits[::-1]):
        assert numbers(edited(crew({}, effort=effort), *order)) == expected


def test_the_kind_that_a_command_sets_is_the_one_that_counts():
    assert numbers(edited(crew({}, effort=UNITS), task(effort="fixed_work", duration_minutes=960))).units == 0.5
    assert numbers(edited(crew({}), task(effort="fixed_work"))) == (480, 1.0, 480)


@pytest.mark.parametrize(
    ("edits", "place", "rule"),
    [
        (
            (task(duration_minutes=960), share(units=1.0, work_minutes=480)),
            "operations[1].values.work_minutes",
            "units times duration must be work: 1 x 960 minutes is not 480",
        ),
        (
            (share(units=2.0, work_minutes=2000), task(duration_minutes=480)),
            "operations[0].values.work_minutes",
            "units times duration must be work: 2 x 480 minutes is not 2000",
        ),
        (
            (task(duration_minutes=480, work_minutes=960), share(units=1.0)),
            "operations[1].values.units",
            "units times duration must be work: 1 x 480 minutes is not 960",
        ),
        (
            (task(work_minutes=960), share(work_minutes=480)),
            "operations[0].values.work_minutes",
            "the work of a task must be that of its assignments, what is done included",
        ),
        ((share(units=0.0, work_minutes=480),), "operations[0].values.units", "work needs units above 0"),
        (
            (share(work_minutes=480, remaining_work_minutes=100, actual_work_minutes=100),),
            "operations[0].values.work_minutes",
            "work must be what is done and what remains",
        ),
        (
            (share(work_minutes=100, actual_work_minutes=200),),
            "operations[0].values.work_minutes",
            "work must not be less than what is done of it",
        ),
    ],
)
def test_a_command_that_contradicts_itself_is_refused(edits, place, rule):
    with pytest.raises(InvalidInputError) as refused:
        apply(crew({}), edits)
    assert (refused.value.place, refused.value.rule) == (place, rule)


def test_fixed_work_needs_time():
    with pytest.raises(InvalidInputError, match="work that is left needs time"):
        apply(crew({}, effort=WORK), [task(duration_minutes=0)])


@pytest.mark.parametrize(
    ("plan", "edit", "rule"),
    [
        (crew({"units": 0.01}), share(work_minutes=52_000_000), "over a hundred years"),
        (crew({}, effort=DURATION, duration_minutes=1), share(work_minutes=50_000_000), "over 1000000"),
    ],
)
def test_what_would_follow_stays_within_bounds(plan, edit, rule):
    with pytest.raises(InvalidInputError, match=rule):
        apply(plan, [edit])


def test_a_value_said_again_is_no_edit():
    plan = crew({"units": 1 / 3, "work_minutes": 160}, {"work_minutes": 100})
    again = (task(duration_minutes=480), share(units=1 / 3, work_minutes=160), share(2, work_minutes=100, units=1.0))
    assert apply(plan, again)[1] == ()
    assert apply(plan, again[:1])[1] == ()


def test_all_three_said_again_are_no_contradiction_where_a_file_has_them_so():
    plan = crew({"work_minutes": 100})
    assert apply(plan, [task(duration_minutes=480), share(units=1.0, work_minutes=100)])[1] == ()


def test_all_three_said_agree_when_the_delay_is_counted():
    said = (task(duration_minutes=720), share(units=1.0, work_minutes=480))
    assert numbers(edited(crew({"delay_minutes": 240}), *said)) == (720, 1.0, 480)


def test_units_that_agree_are_not_rounded():
    plan = crew({"units": 1 / 3, "work_minutes": 160}, effort=WORK)
    assert apply(plan, [task(duration_minutes=480)])[1] == ()


def test_the_least_of_units_is_a_hundredth_of_a_percent():
    plan = edited(crew({}, effort=DURATION, duration_minutes=48_000), share(work_minutes=1))
    assert plan.assignments[1].units == 0.0001
