"""A budget, the optimum and the curve where calendars meet, held against every choice there is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from nirman.optimization.compression import Compression, compress
from nirman.optimization.compression.market import market
from nirman.optimization.compression.search import Search
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.model import Calendar, LinkKind, Plan, Rules
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_datetime, to_minutes
from tests.builders.faster import CALENDARS, WORKDAY, crash, every_choice, finishes
from tests.builders.plans import make_link, make_plan, make_task


def mixed(*, indirect_cost_per_day: int = 0) -> Plan:
    """Two chains of three tasks that meet in a fourth, of five and of seven days a week."""
    tasks = [
        make_task(
            uid,
            duration_minutes=(3 + uid % 3) * WORKDAY,
            calendar_uid=2 if uid % 2 else None,
            crash=crash(((2 + uid % 3) * WORKDAY - 90, 70 + 40 * uid), linear=False) if uid % 3 else None,
        )
        for uid in range(1, 8)
    ]
    links = [make_link(n, *pair) for n, pair in enumerate([(1, 2), (2, 3), (3, 7), (4, 5), (5, 6), (6, 7)], 1)]
    plan = make_plan(tasks, links, calendars=CALENDARS)
    return replace(plan, project=replace(plan.project, indirect_cost_per_day=Decimal(indirect_cost_per_day)))


def tried(plan: Plan) -> list[tuple[int, Decimal]]:
    """Finish and cost of each choice."""
    offered, _ = market(plan, schedule_plan(plan), Method.CRASH)
    choices = every_choice(offered)
    assert choices is not None
    at = finishes(plan, choices, Method.CRASH)
    return [(at[choice], offered.cost(choice)) for choice in choices]


def asked(plan: Plan, **options) -> Compression:
    clock = iter(range(10**9))
    stop = Deadline(10**6, lambda: next(clock) / 1000)
    return compress(plan, CompressOptions(time_limit_s=60, workers=1, **options), stop=stop)


@pytest.mark.parametrize("budget", [0, 150, 300, 450, 700, 2_000])
def test_a_budget_buys_the_earliest_finish_there_is_for_it(budget):
    plan = mixed()
    result = asked(plan, budget=Decimal(budget))
    best = min(finish for finish, cost in tried(plan) if cost <= budget)
    assert to_minutes(result.after.finish) == best
    assert result.status == "optimal"
    assert result.finish_bound == result.after.finish


@pytest.mark.parametrize("a_day", [20, 90, 130, 400])
def test_the_optimum_is_that_of_all_choices(a_day):
    plan = mixed(indirect_cost_per_day=a_day)
    result = asked(plan)
    best = min(cost + Decimal(a_day) * _days(plan, finish) for finish, cost in tried(plan))
    assert result.cost + Decimal(a_day) * _days(plan, to_minutes(result.after.finish)) == best
    assert result.status == "optimal"


def test_no_point_of_the_curve_can_be_had_for_less():
    plan = mixed()
    result = asked(plan, curve=True)
    choices = tried(plan)
    assert len(result.curve) > 3
    assert result.status == "optimal"
    for point in result.curve:
        assert point.compression == min(cost for finish, cost in choices if finish <= to_minutes(point.finish))


def shorter_is_later(calendar_uid: int | None) -> Plan:
    """The finish of the second task waits for the first; the third starts with the second."""
    tasks = [
        make_task(1, duration_minutes=20 * WORKDAY, crash=crash((10 * WORKDAY, 5), (8 * WORKDAY, 50), linear=False)),
        make_task(2, duration_minutes=6 * WORKDAY, calendar_uid=calendar_uid, crash=crash((WORKDAY, 1), linear=False)),
        make_task(3, duration_minutes=9 * WORKDAY),
    ]
    links = [make_link(1, 1, 2, kind=LinkKind.FF), make_link(2, 2, 3, kind=LinkKind.SS)]
    return make_plan(tasks, links, calendars=CALENDARS)


@pytest.mark.parametrize("calendar_uid", [None, 2])
def test_what_is_shorter_may_start_later_and_put_off_what_starts_with_it(calendar_uid):
    plan = shorter_is_later(calendar_uid)
    choices = tried(plan)
    for budget in (5, 51, 200):
        result = asked(plan, budget=Decimal(budget))
        assert result.status == "optimal"
        assert to_minutes(result.after.finish) == min(finish for finish, cost in choices if cost <= budget)
        assert result.finish_bound == result.after.finish
    earliest = min(choices)[0]
    assert to_minutes(min(point.finish for point in asked(plan, curve=True).curve)) == earliest
    reached = asked(plan, finish=to_datetime(earliest - 1))
    assert reached.status == "infeasible"
    assert reached.reachable is not None
    assert to_minutes(reached.reachable) == earliest
    assert not any("not proven" in note for note in reached.notes)


def test_a_search_that_is_ended_early_does_not_call_proven_that_a_date_cannot_be():
    plan = shorter_is_later(2)
    earliest = to_datetime(min(tried(plan))[0])
    result = compress(plan, CompressOptions(finish=earliest, workers=1), stop=Deadline(0, lambda: 1.0))
    assert result.status == "infeasible"
    assert any("not proven" in note for note in result.notes)


def test_no_point_of_the_curve_stays_that_was_found_before_its_day_was_settled():
    """The first answer for a day is in time and too dear; the second is cheaper and finishes later on that day."""
    tasks = [
        make_task(1, duration_minutes=1680, calendar_uid=4, crash=crash((927, 97), (581, 98), linear=False)),
        make_task(2, duration_minutes=1140, calendar_uid=4, crash=crash((469, 69), (355, 77), linear=False)),
        make_task(3, duration_minutes=780),
        make_task(4, duration_minutes=1800),
    ]
    links = [
        make_link(1, 1, 2),
        make_link(2, 1, 3, kind=LinkKind.FF),
        make_link(3, 2, 3, lag_minutes=-480),
        make_link(4, 3, 4),
    ]
    plan = make_plan(tasks, links, calendars=CALENDARS, rules=Rules.PRIMAVERA)
    result, choices = asked(plan, curve=True), tried(plan)
    assert result.status == "optimal"
    for point in result.curve:
        assert point.compression == min(cost for finish, cost in choices if finish <= to_minutes(point.finish))


def test_by_p6_rules_a_milestone_is_reached_in_a_pause_and_starts_after_it():
    """What follows it waits for when it was reached: for less than until its own calendar's next evening."""
    nights = Calendar(uid=6, name="Nights", week=(((0, 240), (1200, 1440)),) * 7)
    tasks = [
        make_task(1, duration_minutes=WORKDAY, crash=crash((240, 34), linear=False)),
        make_task(2, duration_minutes=0, calendar_uid=6),
        make_task(3, duration_minutes=WORKDAY, crash=crash((180, 1), linear=False)),
    ]
    links = [make_link(1, 1, 2, kind=LinkKind.FF, lag_minutes=-60), make_link(2, 2, 3)]
    plan = make_plan(tasks, links, calendars=[*CALENDARS, nights], rules=Rules.PRIMAVERA)
    choices = tried(plan)
    for finish, _ in choices:
        least = min(cost for at, cost in choices if at <= finish)
        result = asked(plan, finish=to_datetime(finish))
        assert result.cost == least
        assert result.bound is not None
        assert result.bound <= least


def test_a_search_ends_so_much_sooner_as_is_reserved():
    plan, now = mixed(), [0.0]
    schedule = schedule_plan(plan)
    limit = Deadline(20, lambda: now[0])
    search = Search(plan, schedule, market(plan, schedule, Method.CRASH)[0], CompressOptions(time_limit_s=20), limit)
    search.reserve(5)
    now[0] = 14.9
    assert not search.stop()
    assert search.left_s == pytest.approx(0.1)
    now[0] = 15.1
    assert search.stop()
    assert not limit()


def _days(plan: Plan, finish: int) -> int:
    """Calendar days from the start, both counted; a finish at midnight belongs to the day before."""
    return (finish - 1) // 1440 - to_minutes(plan.project.start) // 1440 + 1
