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
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_minutes
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
