"""Schedule generation in real calendars: both schemes place every task where it fits, as early as it can be."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from nirman.optimization.levelling.placing import Placed, Placing
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.optimization.levelling.shop import shop_of
from nirman.planning.estimates import Availability
from nirman.planning.model import Assignment, Calendar, ConstraintKind, Plan, Resource
from nirman.scheduling.instants import to_datetime, to_minutes
from tests.builders.plans import make_link, make_plan, make_task, working_week


def masons(**values: object) -> Plan:
    """Task 1 then 2, and 3, of one mason each; one mason."""
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3)]
    return make_plan(3, [make_link(1, 1, 2)], resources=[Resource(uid=1, **values)], assignments=assignments)


def days(placed: Placed) -> list[int]:
    return [to_datetime(start).day for start in placed.starts]


@pytest.mark.parametrize("scheme", ["serial", "parallel"])
@pytest.mark.parametrize(("rank", "expected"), [((1, 2, 3), [4, 5, 6]), ((2, 3, 1), [5, 6, 4]), ((1, 3, 2), [4, 6, 5])])
def test_the_lower_rank_goes_first(scheme, rank, expected):
    placing = Placing(shop_of(masons(), within_slack=False), split=False)
    assert days(getattr(placing, scheme)([(number,) for number in rank])) == expected


@pytest.mark.parametrize("scheme", ["serial", "parallel"])
def test_what_cannot_be_there_is_waited_for(scheme):
    away = Availability(start=date(2026, 1, 4), finish=date(2026, 1, 6), units=0.0)
    placing = Placing(shop_of(masons(availability=(away,)), within_slack=False), split=False)
    assert days(getattr(placing, scheme)([(1,), (2,), (3,)])) == [7, 8, 11]


def test_the_serial_scheme_fills_a_gap_that_later_tasks_left():
    plan = make_plan(
        [make_task(1), make_task(2, duration_minutes=960), make_task(3)],
        resources=[
            Resource(uid=1, availability=(Availability(start=date(2026, 1, 5), finish=date(2026, 1, 5), units=0),))
        ],
        assignments=[Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (2, 3)],
    )
    placed = Placing(shop_of(plan, within_slack=False), split=False).serial([(1,), (2,), (3,)])
    assert days(placed) == [4, 6, 4]


def test_starts_that_were_meant_are_kept_where_others_have_the_room_before_and_not_where_it_is_free():
    placing = Placing(shop_of(masons(), within_slack=False), split=False)
    monday, wednesday, thursday = (to_minutes(datetime(2026, 1, day, 8)) for day in (5, 7, 8))
    assert days(placing.near([wednesday, thursday, monday])) == [5, 6, 4]


def test_shifting_makes_no_task_later():
    placing = Placing(shop_of(masons(), within_slack=False), split=False)
    for rank in ([(1,), (2,), (3,)], [(2,), (3,), (1,)]):
        placed = placing.serial(rank)
        assert placing.shifted(placed).starts == placed.starts


def test_a_crew_that_works_on_does_not_wait_for_the_morning_of_another():
    """The masons are busy until the evening: then the night crew begins, and the masons' share is of the next day."""
    nights = Calendar(uid=2, name="Nights", week=(((1080, 1320),),) * 7)
    plan = make_plan(
        [make_task(1), make_task(2)],
        resources=[Resource(uid=1), Resource(uid=2, calendar_uid=2)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)]
        + [Assignment(uid=uid, task_uid=2, resource_uid=uid - 1) for uid in (2, 3)],
        calendars=[working_week(), nights],
    )
    placed = Placing(shop_of(plan, within_slack=False), split=False).serial([(1,), (2,)])
    assert to_datetime(placed.starts[1]) == datetime(2026, 1, 4, 18)


def test_where_nothing_fits_the_least_crowded_place_is_taken():
    late = {"constraint": ConstraintKind.SNLT, "constraint_date": datetime(2026, 1, 5, 8)}
    tasks = [make_task(1), make_task(2), make_task(3), make_task(4, **late)]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3, 4)]
    plan = make_plan(tasks, [make_link(1, 1, 3)], resources=[Resource(uid=1)], assignments=assignments)
    placed = Placing(shop_of(plan, within_slack=False), split=False).serial([(1,), (2,), (3,), (4,)])
    assert days(placed)[3] in (4, 5)
    assert placed.homeless == {3}
    assert placed.strain > 0


def test_a_profile_tells_until_when_something_is_lacking():
    profile = Profile([(0, 2), (10, 0), (20, 2)])
    assert profile.blocked_until(0, 10, 2) is None
    assert profile.blocked_until(5, 15, 1) == 20
    profile.take(20, 30, 1)
    assert profile.blocked_until(5, 15, 2) == 30
    assert profile.blocked_until(0, 5, 3) == NEVER_AGAIN
    assert profile.enough_until(20, 1) == NEVER_AGAIN
    assert profile.enough_until(0, 1) == 10


def test_twice_too_much_strains_more_than_too_much_in_two_places():
    profile = Profile([(0, 0)])
    once = profile.strain(0, 10, 1)
    profile.take(0, 10, 1)
    assert profile.strain(0, 10, 1) == 3 * once
    assert profile.strain(10, 20, 1) == once
