"""No plan that levelling could have made finishes before what was proven of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nirman.optimization.levelling.bound_supply import Within, together
from nirman.optimization.levelling.bound_windows import Alone, Windows
from nirman.optimization.levelling.bounds import earliest_finish
from nirman.optimization.levelling.delays import delayed
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.placing import Placing
from nirman.optimization.levelling.shop import cleared, levelled_resources, shop_of
from nirman.planning.model import Assignment, Calendar, LinkKind, Plan, Resource
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes
from nirman.scheduling.working_time import ShiftTime
from tests.builders.crowded_plans import crowded_plans
from tests.builders.plans import make_link, make_plan, make_task, working_week
from tests.support.levelling_checker import overloads

ORDERS = 6
NIGHTS = Calendar(uid=2, name="Nights", week=(((1080, 1320),),) * 7)


def finishes(shop: Shop, random: Random, *, split: bool) -> list[int]:
    """Of plans from some orders by chance, as far as nothing of them is overloaded by other code's count."""
    placing = Placing(shop, split=split)
    found = []
    for _ in range(ORDERS):
        placed = placing.serial([(random.random(),) for _ in shop.jobs])
        result = delayed(shop, placed)
        over = overloads(result.plan, result.schedule).keys() & levelled_resources(result.plan)
        if not placed.homeless and not over:
            found.append(to_minutes(result.schedule.project_finish))
    return found


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowded_plans(), st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_nothing_is_refuted_by_when_some_plan_is_done(plan, random, split, one_machine):
    shop = shop_of(cleared(of_one_machine(plan) if one_machine else plan), within_slack=False)
    if not shop.jobs:
        return
    bound, _ = earliest_finish(shop)
    for finish in finishes(shop, random, split=split):
        assert bound <= finish
        assert not Windows(shop, finish, split=split).refutes(finish)


def of_one_machine(plan: Plan) -> Plan:
    """All want the same machine, and each works in one of four calendars."""
    first = {a.task_uid: replace(a, resource_uid=1, work_minutes=None) for a in plan.assignments.values()}
    tasks = {
        uid: replace(task, calendar_uid=1 + uid % 4, ignore_resource_calendar=True) if uid in first else task
        for uid, task in plan.tasks.items()
    }
    machine = replace(plan.resources[1], calendar_uid=None, max_units=2.0)
    assignments = {assignment.uid: assignment for assignment in first.values()}
    return replace(plan, tasks=tasks, resources={1: machine}, assignments=assignments)


def proven(plan: Plan, finish: datetime, *, split: bool = False) -> datetime:
    shop = shop_of(plan, within_slack=False)
    windows = Windows(shop, to_minutes(finish), split=split)
    bound, _ = earliest_finish(shop)
    return to_datetime(windows.earliest(bound, to_minutes(finish), looks=40, stop=lambda: False))


def masons(*minutes: int, units: float = 1.0, there: float = 1.0) -> Plan:
    tasks = [make_task(uid, duration_minutes=each) for uid, each in enumerate(minutes, 1)]
    assignments = [Assignment(uid=task.uid, task_uid=task.uid, resource_uid=1, units=units) for task in tasks]
    return make_plan(tasks, resources=[Resource(uid=1, max_units=there)], assignments=assignments)


FAR = datetime(2026, 3, 1, 17)


def test_what_comes_after_the_last_work_of_a_resource_counts():
    """Two days of the mason, then a day for the paint of each to dry: energy alone says two days."""
    plan = masons(480, 480)
    tasks = [*plan.tasks.values(), make_task(3), make_task(4)]
    links = {1: make_link(1, 1, 3), 2: make_link(2, 2, 4)}
    plan = replace(plan, tasks={task.uid: task for task in tasks}, links=links)
    assert to_datetime(earliest_finish(shop_of(plan, within_slack=False))[0]) == datetime(2026, 1, 5, 17)
    assert proven(plan, FAR) == datetime(2026, 1, 6, 17)


def test_work_in_the_middle_that_has_too_little_room_refutes_a_finish():
    """Each of the masons' three tasks has a day before it and a day after it."""
    plan = masons(480, 480, 480)
    before = [make_task(uid) for uid in (4, 5, 6)]
    after = [make_task(uid) for uid in (7, 8, 9)]
    links = [make_link(uid, uid + 3, uid) for uid in (1, 2, 3)] + [
        make_link(uid + 3, uid, uid + 6) for uid in (1, 2, 3)
    ]
    tasks = {task.uid: task for task in (*plan.tasks.values(), *before, *after)}
    plan = replace(plan, tasks=tasks, links={link.uid: link for link in links})
    assert proven(plan, FAR) == datetime(2026, 1, 8, 17)


def test_what_cannot_be_done_beside_one_another_is_done_one_after_the_other():
    """Of three masons two tasks take two each: one is left idle, and counts as work."""
    assert proven(masons(480, 480, units=2.0, there=3.0), FAR) == datetime(2026, 1, 5, 17)


def test_a_resource_is_there_only_in_hours_in_which_its_tasks_are_worked_at():
    """One task of the lamp in the daytime and two at night, of four hours each: it has no hours of its own."""
    tasks = [make_task(1), *(make_task(uid, duration_minutes=240, calendar_uid=2) for uid in (2, 3))]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3)]
    plan = make_plan(tasks, resources=[Resource(uid=1)], assignments=assignments, calendars=[working_week(), NIGHTS])
    assert proven(replace(plan, resources={1: Resource(uid=1)}), FAR) >= datetime(2026, 1, 4, 22)


def test_of_work_that_has_begun_by_then_what_must_be_left_counts():
    """Three masons of four are busy for four days, and after two days all four are wanted for one: half a day more."""
    plan = masons(1920, 1920, 1920, 480, there=4.0)
    assignments = {**plan.assignments, 4: replace(plan.assignments[4], units=4.0)}
    tasks = {**plan.tasks, 5: make_task(5, duration_minutes=960)}
    plan = replace(plan, tasks=tasks, links={1: make_link(1, 5, 4)}, assignments=assignments)
    assert to_datetime(earliest_finish(shop_of(plan, within_slack=False))[0]) == datetime(2026, 1, 7, 17)
    assert proven(plan, FAR) == datetime(2026, 1, 8, 12)


def test_a_task_that_may_pause_has_only_its_latest_finish_to_keep_to():
    """The mason begins for the long task's sake, leaves for a day to the second task, and comes back."""
    plan = masons(960, 480)
    others = (make_task(3, duration_minutes=1440), make_task(4), make_task(5))
    tasks = {task.uid: replace(task, leveling_can_split=True) for task in (*plan.tasks.values(), *others)}
    links = [make_link(1, 1, 3, kind=LinkKind.SS), make_link(2, 4, 2), make_link(3, 2, 5)]
    plan = replace(plan, tasks=tasks, links={link.uid: link for link in links})
    assert proven(plan, FAR, split=True) == datetime(2026, 1, 6, 17)
    assert proven(plan, FAR) == datetime(2026, 1, 7, 17)


DAY_MINUTES = 24 * 60


@given(st.sets(st.integers(0, 23), min_size=1), st.sets(st.integers(0, 23)), st.integers(1, 40))
def test_what_lies_in_some_hours_at_the_least_is_the_least_of_all_starts(works, chosen, long):
    """Hour by hour, of a calendar that works in the same hours every day."""
    shifts = tuple((60 * hour, 60 * hour + 60) for hour in sorted(works))
    time = ShiftTime(lambda first, last: [shifts] * (last - first))
    origin = to_minutes(datetime(2026, 1, 4))
    days = 3 + long // len(works)
    hours = [(origin + DAY_MINUTES * d + 60 * hour,) for d in range(days) for hour in sorted(chosen)]
    inside = Within(time, [(at, at + 60) for (at,) in hours], (origin, origin + DAY_MINUTES * days))
    counted = [hour in chosen for _ in range(days) for hour in sorted(works)]
    least = min(sum(counted[at : at + long]) for at in range(len(counted) - long + 1))
    assert inside.least(60 * long) == 60 * least


def test_hours_are_those_in_which_so_many_calendars_work():
    calendars = (working_week(), NIGHTS, Calendar(uid=3, name="Early", week=(((360, 600),),) * 7))
    times = Calendars({calendar.uid: calendar for calendar in calendars})
    sunday = to_minutes(datetime(2026, 1, 4))
    found = together([times.working_time(uid) for uid in (1, 2, 3)], (sunday, sunday + DAY_MINUTES), at_least=2)
    assert [(start - sunday, finish - sunday) for start, finish in found] == [(480, 600)]


def test_hours_in_which_one_of_several_calendars_works_do_not_count_for_the_others():
    """Three days of each of three tasks, until noon, until four and until eight: nobody has another's afternoons."""
    calendars = [
        Calendar(uid=uid, name=f"Until {until}", week=(((480, 60 * until),),) * 7)
        for uid, until in ((1, 12), (2, 16), (3, 20))
    ]
    tasks = [make_task(uid, duration_minutes=720 * uid, calendar_uid=uid) for uid in (1, 2, 3)]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3)]
    plan = make_plan(tasks, resources=[Resource(uid=1)], assignments=assignments, calendars=calendars)
    assert proven(plan, FAR) == datetime(2026, 1, 12, 12)


@pytest.mark.parametrize("most", range(1, 9))
def test_demands_that_fit_beside_one_another_fit_as_they_are_counted(most):
    for least in range(1, most // 2 + 1):
        counted = Alone(most, least)
        for there in range(1, most + 1):
            for demands in sums(there):
                assert sum(counted(units) for units in demands) <= counted(there), (least, there, demands)


def sums(there: int, biggest: int | None = None) -> Iterator[tuple[int, ...]]:
    """All ways to use some of what is there."""
    yield ()
    for units in range(1, min(there, biggest or there) + 1):
        yield from ((units, *rest) for rest in sums(there - units, units))
