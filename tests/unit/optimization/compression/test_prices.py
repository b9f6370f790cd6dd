"""Prices that solvers are told beside what things cost: so that nothing is bought without need, and whole ones."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import pytest

from nirman.optimization.compression import compress
from nirman.optimization.compression.integer import Constraints
from nirman.optimization.compression.market import market
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.room import Room
from nirman.optimization.compression.search import Search
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_minutes
from tests.builders.faster import CALENDARS, WORKDAY, crash
from tests.builders.plans import make_link, make_plan, make_task


def three_for_nothing_or_one_for_money(dearest: int) -> Plan:
    """Three tasks side by side gain days for nothing, the one after them for four altogether; what a minute of the last
    costs makes all of that look small.
    """
    tasks = [make_task(uid, duration_minutes=20 * WORKDAY, crash=crash((10 * WORKDAY, 0))) for uid in (1, 2, 3)]
    tasks += [
        make_task(4, duration_minutes=20 * WORKDAY, crash=crash((10 * WORKDAY, 4))),
        make_task(5, duration_minutes=100, crash=crash((50, dearest))),
    ]
    links = [*(make_link(uid, uid, 4) for uid in (1, 2, 3)), make_link(4, 4, 5)]
    return make_plan(tasks, links, calendars=CALENDARS)


def _in_seconds(limit: float) -> Deadline:
    return Deadline(limit, time.monotonic)


@pytest.mark.parametrize("dearest", [1_000, 10**7, 10**12])
def test_what_costs_nothing_is_bought_before_what_costs_little_beside_what_costs_much(dearest):
    plan = three_for_nothing_or_one_for_money(dearest)
    finish = schedule_plan(plan).project_finish - timedelta(days=5)
    result = compress(plan, CompressOptions(finish=finish, workers=1), stop=_in_seconds(20))
    assert result.status == "optimal"
    assert result.cost == 0


@pytest.mark.parametrize("cost", [2_880, 4_320, 5_280])
def test_what_the_solver_rounds_is_not_in_its_bound(cost):
    """A minute costs 0.6, 0.9 or 1.1, and the solver counts in whole ones: the other task costs so much."""
    tasks = [
        make_task(1, duration_minutes=20 * WORKDAY, calendar_uid=2, crash=crash((10 * WORKDAY, cost))),
        make_task(2, duration_minutes=20 * WORKDAY, crash=crash((19 * WORKDAY, 10**13))),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 2)], calendars=CALENDARS)
    schedule = schedule_plan(plan)
    offered, _ = market(plan, schedule, Method.CRASH)
    model = Search(plan, schedule, offered, CompressOptions(), _in_seconds(20)).model
    finish = to_minutes(schedule.project_finish - timedelta(days=7))
    minutes = next(
        bought
        for bought in range(10 * WORKDAY)
        if not model.too_late(Choice((20 * WORKDAY - bought, 20 * WORKDAY), ()), finish)
    )
    found = Constraints(model, Room(model, finish)).solve(
        limit_s=10, workers=1, seed=0, stop=lambda: False, beside=None
    )
    truth = offered.offers[0].cost(20 * WORKDAY - minutes)
    assert found.proven
    assert found.choice is not None
    assert Decimal(0) < found.bound <= truth
    assert offered.cost(found.choice) <= truth + found.slack
