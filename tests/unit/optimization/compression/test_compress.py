"""What a compression says of small plans whose answers can be reckoned by hand."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidInputError
from nirman.optimization.compression import Compression, Status, compress
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.costs import plan_costs
from nirman.planning.model import (
    Assignment,
    ConstraintKind,
    Plan,
    Resource,
    ResourceKind,
    Rules,
    ScheduleFrom,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.faster import WORKDAY, crash, one_calendar
from tests.builders.plans import make_link, make_plan, make_task


def asked(plan: Plan, **options) -> Compression:
    return compress(plan, CompressOptions(**options), stop=Deadline(60, time.monotonic))


def two_paths(*, linear: bool = True, **project) -> Plan:
    """Five days, then four and six days beside one another, then one: 12 days, to 19 January."""
    return make_plan(
        [
            make_task(1, duration_minutes=5 * WORKDAY, crash=crash((3 * WORKDAY, 1000), linear=linear)),
            make_task(2, duration_minutes=4 * WORKDAY, crash=crash((2 * WORKDAY, 3000), linear=linear)),
            make_task(3, duration_minutes=6 * WORKDAY, crash=crash((5 * WORKDAY, 100), (4 * WORKDAY, 900))),
            make_task(4, duration_minutes=WORKDAY),
        ],
        [make_link(1, 1, 2), make_link(2, 1, 3), make_link(3, 2, 4), make_link(4, 3, 4)],
        **project,
    )


def proposed(plan: Plan, result: Compression) -> Plan:
    return apply(plan, result.operations)[0]


def test_to_a_date_the_cheapest_tasks_are_shortened():
    result = asked(two_paths(), finish=datetime(2026, 1, 15, 17, 0))
    assert result.status is Status.OPTIMAL
    assert [(one.uid, one.from_minutes, one.to_minutes, one.cost) for one in result.shortened] == [
        (1, 5 * WORKDAY, 4 * WORKDAY, 500),
        (3, 6 * WORKDAY, 5 * WORKDAY, 100),
    ]
    assert result.cost == result.bound == 600
    assert [one.cost_per_day for one in result.shortened] == [500, 800]


def test_the_figures_are_those_of_the_plan_that_the_operations_make():
    plan = two_paths(indirect_cost_per_day=Decimal(70))
    result = asked(plan, finish=datetime(2026, 1, 15, 17, 0))
    changed = proposed(plan, result)
    schedule = schedule_plan(changed)
    assert result.after.finish == schedule.project_finish == datetime(2026, 1, 15, 17, 0)
    assert result.after.direct == plan_costs(changed, schedule).total.cost == 600
    assert result.before.indirect == 16 * 70
    assert result.after.indirect == 12 * 70
    assert result.after.total == 600 + 12 * 70
    assert {one.uid for one in result.moved} == {1, 2, 3, 4}
    assert result.critical == (1, 3, 4)


def test_days_after_the_date_of_the_contract_cost_damages():
    plan = two_paths(must_finish=datetime(2026, 1, 15, 17, 0), delay_damages_per_day=Decimal(90))
    result = asked(plan, finish=datetime(2026, 1, 18, 17, 0))
    assert (result.before.damages, result.after.damages) == (4 * 90, 3 * 90)


def test_a_date_that_the_plan_meets_costs_nothing_and_changes_nothing():
    result = asked(two_paths(), finish=datetime(2026, 1, 19, 17, 0))
    assert (result.status, result.cost, result.operations) == (Status.OPTIMAL, 0, ())
    assert result.notes == ("the plan as it is finishes by then",)


def test_a_date_out_of_reach_says_what_can_be_reached_and_what_holds_it():
    result = asked(two_paths(), finish=datetime(2026, 1, 12, 17, 0))
    assert result.status is Status.INFEASIBLE
    assert result.reachable == datetime(2026, 1, 13, 17, 0)
    assert result.operations == ()
    held = {one.uid: one.why for one in result.held_by}
    assert held[1] == "1440 minutes are the fewest on offer"
    assert held[4] == 'no faster way is on offer; FS link 4 from "Task 3" (3)'


def test_a_constraint_that_holds_the_finish_is_named():
    plan = two_paths()
    held = replace(plan.tasks[4], constraint=ConstraintKind.SNET, constraint_date=datetime(2026, 1, 19, 8, 0))
    plan = replace(plan, tasks={**plan.tasks, 4: held})
    result = asked(plan, finish=datetime(2026, 1, 18, 17, 0))
    assert result.status is Status.INFEASIBLE
    (found,) = [one.why for one in result.held_by if one.uid == 4]
    assert "constraint SNET 2026-01-19 08:00" in found


def test_a_budget_buys_the_earliest_finish_that_it_can():
    plan = two_paths()
    result = asked(plan, budget=Decimal(1100))
    assert (result.after.finish, result.cost) == (datetime(2026, 1, 14, 17, 0), 1100)
    assert result.finish_bound == result.after.finish
    assert asked(plan, budget=Decimal(1099)).after.finish > result.after.finish


def test_a_budget_that_buys_nothing_is_told_so():
    result = asked(two_paths(linear=False), budget=Decimal(0))
    assert result.status is Status.OPTIMAL
    assert result.shortened == ()
    assert "the budget of 0 buys no earlier finish" in result.notes[0]


def test_the_optimum_weighs_the_days_saved_against_what_they_cost():
    # A day of the first task costs 500, the last of the third 800: the site costs 600 a day.
    result = asked(two_paths(indirect_cost_per_day=Decimal(600)))
    assert result.status is Status.OPTIMAL
    assert result.after.finish == datetime(2026, 1, 14, 17, 0)
    assert result.cost == 1100


def test_without_costs_of_days_no_day_is_worth_saving():
    result = asked(two_paths())
    assert result.operations == ()
    assert result.notes[0].startswith("days cost nothing")


def test_the_curve_goes_from_the_plan_as_it_is_to_the_earliest_finish():
    curve = asked(two_paths(), curve=True).curve
    assert [(one.finish.day, one.finish.hour, one.compression) for one in curve] == [
        (19, 17, 0),
        (18, 17, 100),
        (14, 17, 1100),
        (13, 17, 1900),
    ]


def test_work_and_what_it_costs_stay_and_units_rise():
    plan = two_paths()
    plan = replace(
        plan,
        resources={
            1: Resource(uid=1, standard_rate=Decimal(60), cost_per_use=Decimal(50)),
            2: Resource(uid=2, kind=ResourceKind.MATERIAL, standard_rate=Decimal(7)),
        },
        assignments={
            1: Assignment(uid=1, task_uid=3, resource_uid=1, units=2.0),
            2: Assignment(uid=2, task_uid=3, resource_uid=2, units=5.0),
        },
    )
    before = plan_costs(plan, schedule_plan(plan))
    result = asked(plan, finish=datetime(2026, 1, 18, 17, 0))
    changed = proposed(plan, result)
    after = plan_costs(changed, schedule_plan(changed))
    assert changed.tasks[3].duration_minutes == 5 * WORKDAY
    assert changed.assignments[1].units == 2.4
    assert after.assignments[1].work_minutes == before.assignments[1].work_minutes == 12 * WORKDAY
    assert changed.assignments[2] == plan.assignments[2]
    assert after[3].cost - before[3].cost == 100
    assert changed.tasks[3].fixed_cost == 100 - 20  # more units are used, for 50 each


@pytest.mark.parametrize("rules", list(Rules))
def test_of_what_has_begun_only_what_remains_is_shortened(rules):
    plan = make_plan(
        [
            make_task(
                1,
                duration_minutes=10 * WORKDAY,
                actual_start=datetime(2026, 1, 4, 8, 0),
                percent_complete=60,
                remaining_minutes=4 * WORKDAY,
                crash=crash((8 * WORKDAY, 500), (2 * WORKDAY, 9000)),
            )
        ],
        status_date=datetime(2026, 1, 13, 8, 0),
        rules=rules,
    )
    assert schedule_plan(plan).project_finish == datetime(2026, 1, 18, 17, 0)
    result = asked(plan, finish=datetime(2026, 1, 14, 17, 0))
    assert (result.status, result.cost) == (Status.OPTIMAL, 500)
    changed = proposed(plan, result)
    assert changed.tasks[1].remaining_minutes == 2 * WORKDAY
    assert schedule_plan(changed).project_finish == result.after.finish == datetime(2026, 1, 14, 17, 0)
    assert asked(plan, finish=datetime(2026, 1, 12, 17, 0)).status is Status.INFEASIBLE


def test_what_cannot_be_shortened_says_why():
    day = datetime(2026, 1, 4, 8, 0)
    tasks = [
        make_task(1, crash=crash((60, 1)), manual=True, manual_start=datetime(2026, 1, 5, 8, 0)),
        make_task(2, crash=crash((480, 1))),
        make_task(3, crash=crash((60, 1)), actual_start=day, actual_finish=day),
        make_task(4, crash=crash((60, 1)), active=False),
        make_task(5, crash=crash((60, 1))),
        make_task(6, parent_uid=5),
    ]
    result = asked(make_plan(tasks), curve=True)
    assert {one.uid: one.why for one in result.left_out} == {
        1: "people gave its dates",
        2: "no faster way is shorter than it is",
        3: "it is finished",
        4: "it is inactive",
        5: "it is a summary: its tasks say how long it is",
    }
    assert result.notes == ("nothing can be bought: all that is entered is left out",)


def test_a_search_that_is_ended_at_once_has_an_answer_that_meets_the_date():
    plan = two_paths(linear=False)
    plan = replace(plan, calendars={**plan.calendars})
    result = compress(plan, CompressOptions(finish=datetime(2026, 1, 14, 17, 0)), stop=Deadline(0, time.monotonic))
    assert result.stopped
    assert result.after.finish <= datetime(2026, 1, 14, 17, 0)
    assert result.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert result.bound is not None


def test_progress_is_heard_and_grows():
    heard = []
    options = CompressOptions(curve=True)
    compress(one_calendar(15), options, stop=Deadline(60, time.monotonic), on_progress=heard.append)
    done = [step.done for step in heard]
    assert done == sorted(done)
    assert len(done) > 3


def test_a_search_in_another_thread_is_ended_when_whoever_waits_says_so():
    """Either-or in ninety tasks is not proven within the looks that this allows."""
    plan = one_calendar(90, 4)
    tasks = {
        uid: replace(task, crash=crash((task.duration_minutes - 480, uid % 7 + 1), (480, 10 + uid % 13), linear=False))
        if task.duration_minutes > 2 * 480
        else task
        for uid, task in plan.tasks.items()
    }
    plan = replace(plan, tasks=tasks)
    looks = iter(range(40))
    stop = Deadline(600, time.monotonic, cancelled=lambda: next(looks, None) is None)
    early = asked(plan, finish=plan.project.start).reachable
    assert early is not None
    late = schedule_plan(plan).project_finish
    finish = (early + (late - early) / 2).replace(second=0, microsecond=0)
    with ThreadPoolExecutor(1) as beside:
        result = compress(plan, CompressOptions(finish=finish, time_limit_s=600), stop=stop, beside=beside)
    assert result.after.finish <= finish
    assert result.status is Status.OPTIMAL or result.stopped


def test_a_result_is_json():
    result = asked(two_paths(), finish=datetime(2026, 1, 15, 17, 0))
    plain = msgspec.to_builtins(result)
    assert plain["status"] == "optimal"
    assert plain["after"]["total"] == "600.0000"
    assert plain["operations"][0] == {
        "op": "update",
        "kind": "task",
        "uid": 1,
        "values": {"duration_minutes": 4 * WORKDAY},
        "increase": {"fixed_cost": "500.0000"},
    }


def test_more_than_one_question_at_once_is_refused():
    with pytest.raises(InvalidInputError, match="not for several"):
        asked(two_paths(), finish=datetime(2026, 1, 15), curve=True)
    with pytest.raises(InvalidInputError, match="not negative"):
        asked(two_paths(), budget=Decimal(-1))


def test_a_plan_that_is_scheduled_from_its_finish_is_refused():
    plan = two_paths(schedule_from=ScheduleFrom.FINISH, finish=datetime(2026, 3, 1, 17, 0))
    with pytest.raises(InvalidInputError, match="ends where it ends") as refused:
        asked(plan, curve=True)
    assert refused.value.place == "project.schedule_from"


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 12), st.integers(0, 10_000), st.floats(0.1, 1))
def test_to_a_date_and_within_a_budget_are_the_inverse_of_one_another(count, seed, share):
    plan = one_calendar(count, seed)
    late = asked(plan, curve=True).curve
    finish = late[0].finish + (late[-1].finish - late[0].finish) * share
    to_date = asked(plan, finish=finish.replace(second=0, microsecond=0))
    within = asked(plan, budget=to_date.cost)
    assert within.after.finish <= to_date.after.finish
    assert within.cost <= to_date.cost
    assert asked(plan, finish=within.after.finish).cost == within.cost


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_a_curve_only_falls_as_the_finish_comes_later_and_no_link_is_broken(count, seed):
    plan = one_calendar(count, seed)
    result = asked(plan, curve=True)
    for late, early in zip(result.curve, result.curve[1:], strict=False):
        assert early.finish < late.finish
        assert early.compression > late.compression
    result = asked(plan, finish=result.curve[-1].finish)
    schedule = schedule_plan(proposed(plan, result))
    assert all(schedule.network.link_slack(uid) >= 0 for uid in plan.links)
    assert result.cost == result.bound == asked(plan, curve=True).curve[-1].compression


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10_000), st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 12))
def test_no_day_costs_less_altogether_than_the_optimum(count, seed, indirect, damages, due):
    plan = one_calendar(count, seed)
    late = schedule_plan(plan).project_finish
    project = replace(
        plan.project,
        indirect_cost_per_day=Decimal(indirect),
        delay_damages_per_day=Decimal(damages),
        must_finish=late - timedelta(days=due),
    )
    plan = replace(plan, project=project)
    best = asked(plan)
    assert best.status is Status.OPTIMAL
    early = asked(plan, finish=plan.project.start).reachable
    assert early is not None
    days = [early + timedelta(days=number) for number in range((late - early).days + 2)]
    others = [asked(plan, finish=datetime(day.year, day.month, day.day, 23, 59)) for day in days]
    assert best.after.total == min(other.after.total for other in others if other.status is not Status.INFEASIBLE)
