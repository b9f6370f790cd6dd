"""What positions cost in real calendars: never more than the truth, and along one chain of links the truth."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.optimization.compression import compress
from nirman.optimization.compression.build import model_of
from nirman.optimization.compression.late import late_arcs
from nirman.optimization.compression.ledger import Ledger, ledger_of
from nirman.optimization.compression.linear import LinearProgram
from nirman.optimization.compression.market import market
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.problem import Problem
from nirman.optimization.compression.result import Status
from nirman.optimization.compression.search import Search
from nirman.optimization.compression.stairs import NEVER, Price, Stairs, earlier_by, trimmed
from nirman.optimization.compression.tables import Tables
from nirman.optimization.options import CompressOptions, Method
from nirman.optimization.stop import Deadline
from nirman.planning.model import ConstraintKind, LinkKind, Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_datetime, to_minutes
from tests.builders.faster import CALENDARS, START, WORKDAY, crash, every_choice, finishes, made_up
from tests.builders.plans import make_link, make_plan, make_task


class Tried:
    """A plan, and what it costs and when it finishes with every choice there is."""

    def __init__(self, plan: Plan, method: Method = Method.CRASH) -> None:
        self.plan, schedule = plan, schedule_plan(plan)
        self.market, _ = market(plan, schedule, method)
        choices = every_choice(self.market) or []
        self.search = Search(plan, schedule, self.market, CompressOptions(), _in_seconds(20))
        self.finishes = finishes(plan, choices, method)
        self.cost = {choice: self.market.cost(choice) for choice in choices}

    def ledger(self) -> Ledger:
        found = ledger_of(
            self.search.model, min(self.finishes.values()), max(self.cost.values()), Tables(), self.search.stop
        )
        assert found is not None
        return found

    def timely(self, finish: int, cost: Decimal) -> Sequence[Choice]:
        return [choice for choice, at in self.finishes.items() if at <= finish and self.cost[choice] <= cost]

    def least(self, finish: int) -> Decimal:
        return min(self.cost[choice] for choice, at in self.finishes.items() if at <= finish)


def _in_seconds(limit: float) -> Deadline:
    return Deadline(limit, time.monotonic)


def tried_out(choose: Random, method: Method) -> Tried:
    try:
        tried = Tried(made_up(choose), method)
    except InvalidPlanError:
        assume(False)
    assume(len(tried.finishes) > 1 and tried.search.sound)
    return tried


def chain(count: int, *, every: int = 1, linear: bool = False) -> Plan:
    """Tasks of five and of seven days a week in turns; each `every`-th can be done in half its four days."""
    tasks = [
        make_task(
            uid,
            duration_minutes=4 * WORKDAY - 60 * (uid % 5),
            calendar_uid=2 if uid % 2 else None,
            crash=None
            if uid % every
            else crash(
                (3 * WORKDAY - 60 * (uid % 5), 40 * uid % 7 + 9), (2 * WORKDAY, 60 * uid % 11 + 40), linear=linear
            ),
        )
        for uid in range(1, count + 1)
    ]
    return make_plan(tasks, [make_link(uid, uid, uid + 1) for uid in range(1, count)], calendars=CALENDARS)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(Method))
def test_nothing_that_finishes_in_time_costs_less_than_the_ledger_says(choose, method):
    tried = tried_out(choose, method)
    ledger = tried.ledger()
    for finish in set(tried.finishes.values()):
        assert ledger.least(finish) <= tried.least(finish)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(Method), st.floats(0, 1), st.floats(0, 1))
def test_what_finishes_in_time_for_so_much_money_stays_in_what_a_ledger_leaves(choose, method, share, dear):
    tried = tried_out(choose, method)
    early, late = min(tried.finishes.values()), max(tried.finishes.values())
    finish = round(late + (early - late) * share)
    cost = tried.least(finish) * Decimal(1 + dear)
    narrowed = tried.ledger().within(finish, cost)
    assert narrowed is not None
    reduced, room = narrowed
    model = tried.search.model
    for choice in tried.timely(finish, cost):
        starts = model.earliest(choice)
        assert not reduced.too_late(choice, finish)
        for number, start in enumerate(starts):
            last = start + model.minutes(number, choice)
            assert room.lows[0][number] <= start <= room.starts[number]
            assert room.lows[1][number] <= last <= room.finishes[number]


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(Method), st.floats(0, 1))
def test_what_is_left_of_a_network_is_late_with_the_same_choices(choose, method, share):
    tried = tried_out(choose, method)
    early, late = min(tried.finishes.values()), max(tried.finishes.values())
    finish = round(late + (early - late) * share)
    narrowed = tried.ledger().within(finish, max(tried.cost.values()))
    assert narrowed is not None
    reduced, model = narrowed[0], tried.search.model

    def is_late(one, choice):
        starts = one.earliest(choice)
        return any(starts[n] + one.minutes(n, choice) > one.limit(n, finish) for n in one.ends)

    for choice in tried.finishes:
        assert is_late(reduced, choice) == is_late(model, choice)


def test_along_one_chain_the_ledger_is_the_truth():
    tried = Tried(chain(5))
    ledger = tried.ledger()
    costs = {tried.least(finish): ledger.least(finish) for finish in set(tried.finishes.values())}
    assert len(costs) > 10
    for truth, said in costs.items():
        assert truth - Decimal("0.01") < said <= truth


def test_what_is_not_for_sale_between_two_tasks_that_are_is_one_link():
    tried = Tried(chain(12, every=3))
    narrowed = tried.ledger().within(min(tried.finishes.values()), max(tried.cost.values()))
    assert narrowed is not None
    model = narrowed[0]
    assert len(tried.search.model.arcs) == 11
    assert {(2, 5), (5, 8)} < {(arc.source, arc.target) for arc in model.arcs}
    assert len(model.arcs) == 5  # what may itself end after the finish is kept


def test_what_starts_later_the_shorter_it_is_may_be_late_for_that_alone():
    """Its finish waits for another's, and a third starts with it."""
    tasks = [
        make_task(1, duration_minutes=10 * WORKDAY),
        make_task(2, duration_minutes=5 * WORKDAY, crash=crash((WORKDAY, 10))),
        make_task(3, duration_minutes=6 * WORKDAY),
    ]
    links = [make_link(1, 1, 2, kind=LinkKind.FF), make_link(2, 2, 3, kind=LinkKind.SS)]
    plan = make_plan(tasks, links, calendars=CALENDARS)
    schedule = schedule_plan(plan)
    model = model_of(plan, schedule, market(plan, schedule, Method.CRASH)[0])
    as_it_is = to_minutes(schedule.project_finish)
    assert {arc.link_uid for arc in late_arcs(model, as_it_is)} == {1, 2}


def test_a_date_of_a_task_between_holds_for_the_link_that_it_becomes():
    tasks = [
        make_task(1, duration_minutes=10 * WORKDAY, calendar_uid=2, crash=crash((2 * WORKDAY, 10), linear=False)),
        make_task(
            2, duration_minutes=WORKDAY, constraint=ConstraintKind.SNET, constraint_date=START + timedelta(days=7)
        ),
        make_task(3, duration_minutes=10 * WORKDAY, calendar_uid=2, crash=crash((5 * WORKDAY, 10), linear=False)),
    ]
    tried = Tried(make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3)], calendars=CALENDARS))
    finish = min(tried.finishes.values()) + 1440
    narrowed = tried.ledger().within(finish, Decimal(100))
    assert narrowed is not None
    reduced = narrowed[0]
    assert [(arc.source, arc.target) for arc in reduced.arcs] == [(0, 2)]
    first_short = Choice((2 * WORKDAY, 10 * WORKDAY), ())
    assert tried.finishes[first_short] > finish
    assert reduced.too_late(first_short, finish)


def test_a_date_that_is_near_is_proven_by_the_linear_program_of_what_is_left():
    """Of one hull a link it proves nothing here: each lets half a weekend go."""
    plan = chain(30, every=6, linear=True)
    schedule = schedule_plan(plan)
    offered, _ = market(plan, schedule, Method.CRASH)
    search = Search(plan, schedule, offered, CompressOptions(), _in_seconds(20))
    late, early = search.finish(offered.nothing), search.finish(offered.everything)
    finish = late + (early - late) // 4
    best = compress(plan, CompressOptions(finish=to_datetime(finish), time_limit_s=20, workers=1), stop=_in_seconds(20))
    assert best.status is Status.OPTIMAL
    ledger = ledger_of(search.model, finish, best.cost, Tables(), search.stop)
    assert ledger is not None
    narrowed = ledger.within(finish, best.cost)
    assert narrowed is not None
    relaxed = LinearProgram(Problem(*narrowed).hull, room=narrowed[1]).cheapest(finish)
    assert relaxed is not None
    assert float(max(relaxed.bound, ledger.least(finish))) > 0.99 * float(best.cost)


def test_a_ledger_that_is_stopped_says_nothing():
    tried = Tried(chain(4))
    stop = Deadline(0, time.monotonic)
    assert ledger_of(tried.search.model, min(tried.finishes.values()), Decimal(1_000), Tables(), stop) is None


stairs = st.lists(st.integers(0, 50), min_size=1, max_size=12).map(
    lambda steps: Stairs(100, np.array([*np.cumsum(steps)[::-1], 0], np.int64))
)
prices = st.lists(
    st.builds(
        lambda first, wide, cost, slope: Price(first, first + wide, cost, slope),
        st.integers(0, 4),
        st.integers(0, 9),
        st.integers(0, 40),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=150, deadline=None)
@given(stairs, prices)
def test_one_thing_bought_after_the_other_costs_the_least_over_how_much_of_each(before, bought):
    found = earlier_by(before, bought, 80, 120)
    for position, cost in zip(range(80, 121), found, strict=True):
        ways = (
            before.at(position + minutes) + price.cost + price.slope * (minutes - price.first)
            for price, minutes in itertools.chain.from_iterable(
                ((price, minutes) for minutes in range(price.first, price.last + 1)) for price in bought
            )
        )
        assert cost == min(NEVER, *ways)


@settings(max_examples=80, deadline=None)
@given(stairs, st.integers(0, 400))
def test_stairs_that_are_trimmed_say_the_same_up_to_what_is_too_dear(whole, most):
    short = trimmed(whole.first, whole.costs, most)
    for position in range(whole.first - 1, whole.last + 3):
        assert min(most + 1, short.at(position)) == min(most + 1, whole.at(position))
