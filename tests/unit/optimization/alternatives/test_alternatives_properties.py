"""What holds of every way out of every conflict, whatever the plan."""

from __future__ import annotations

from datetime import datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.alternatives import Alternative, Alternatives, Way, alternatives, by_id
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.conflicts import Conflict, conflicts, overload_of
from nirman.optimization.options import AlternativesOptions
from nirman.planning.change import apply
from nirman.planning.commands import Operation
from nirman.planning.costs import plan_costs
from nirman.planning.model import Plan
from nirman.planning.rules import check_plan
from nirman.planning.schedule import schedule_plan
from tests.builders.crews import crews
from tests.support.patience import Patient

OPTIONS = AlternativesOptions(limit=3)


def found_in(plan: Plan) -> Alternatives:
    return alternatives(plan, OPTIONS, stop=Patient())


def conflicts_in(plan: Plan) -> tuple[Conflict, ...]:
    return conflicts(plan, schedule_plan(plan))


@settings(max_examples=25, deadline=None)
@given(crews())
def test_figures_are_those_of_the_plan_with_the_operations_applied_and_scheduled_anew(plan):
    found = found_in(plan)
    schedule = schedule_plan(plan)
    for ways in found.conflicts:
        for one in ways.alternatives:
            after, _ = apply(plan, one.operations)
            check_plan(after)
            then = schedule_plan(after)
            assert (one.finish_before, one.finish_after) == (schedule.project_finish, then.project_finish)
            assert one.cost_after.direct == round(plan_costs(after, then).total.cost, 2)
            assert one.cost_after.indirect == plan.project.indirect_cost_per_day * days(after, then)
            assert one.cost_difference == one.cost_after.total - one.cost_before.total
            assert one.overload_after_minutes == overload_of(conflicts_in(after))
            ids = {conflict.id for conflict in conflicts_in(after)}
            assert {*one.left, *one.new} <= ids


def days(plan: Plan, schedule) -> int:
    return (schedule.project_finish.date() - schedule.project_start.date()).days + 1


@settings(max_examples=25, deadline=None)
@given(crews())
def test_what_is_said_to_solve_a_conflict_leaves_none_of_the_resource_at_that_time_or_among_these_tasks(plan):
    there = {conflict.id: conflict for conflict in conflicts_in(plan)}
    for ways in found_in(plan).conflicts:
        conflict = there[ways.conflict_id]
        for one in ways.alternatives:
            after, _ = apply(plan, one.operations)
            left = [other for other in conflicts_in(after) if other.resource_uids == conflict.resource_uids]
            again = [
                other.id
                for other in left
                if (other.start < conflict.finish and conflict.start < other.finish)
                or (other.id not in there and {share.uid for share in other.tasks} <= set(ways.task_uids))
            ]
            assert one.solves == (not again)
            assert set(one.left) == set(again)
            assert one.solves == (conflict.id in one.solved)


@settings(max_examples=25, deadline=None)
@given(crews())
def test_the_order_is_that_of_the_documented_rule_and_the_same_each_time(plan):
    found = found_in(plan)
    assert msgspec.to_builtins(found) == msgspec.to_builtins(found_in(plan))
    for ways in found.conflicts:
        ids = [one.id for one in ways.alternatives]
        assert len(set(ids)) == len(ids)
        assert [one.rank for one in ways.alternatives] == list(range(1, len(ids) + 1))
        keys = [documented(one, ways.overload_minutes) for one in ways.alternatives]
        assert keys == sorted(keys)
        assert all(by_id(found, one.id) == one for one in ways.alternatives)


def documented(one: Alternative, overload: int) -> tuple[object, ...]:
    """Solves without overload elsewhere, solves, finish, cost, risk, id."""
    elsewhere = one.overload_after_minutes > one.overload_before_minutes - overload
    clean = one.solves and not elsewhere
    risk = (one.risk.near_critical_after, one.risk.slack_consumed_minutes)
    return (not clean, not one.solves, one.finish_after, one.cost_after.total, risk, one.id)


@settings(max_examples=25, deadline=None)
@given(crews())
def test_what_has_begun_or_is_never_levelled_stays_where_it_is_and_keeps_whom_it_has(plan):
    schedule = schedule_plan(plan)
    for ways in found_in(plan).conflicts:
        for one in ways.alternatives:
            after, _ = apply(plan, one.operations)
            then = schedule_plan(after)
            for uid, task in plan.tasks.items():
                if task.manual:
                    assert (then[uid].start, then[uid].finish) == (schedule[uid].start, schedule[uid].finish)
                if task.actual_start is not None:
                    assert then[uid].start == schedule[uid].start
                    assert assignees(after, uid) == assignees(plan, uid)
                if task.priority == 1000 or task.manual or task.actual_start is not None:
                    assert after.tasks[uid].leveling_delay_minutes == task.leveling_delay_minutes
                    assert after.tasks[uid].splits == task.splits


def assignees(plan: Plan, uid: int) -> list[tuple[int, float]]:
    return sorted((one.resource_uid, one.units) for one in plan.assignments.values() if one.task_uid == uid)


@settings(max_examples=25, deadline=None)
@given(crews())
def test_nobody_does_more_or_less_work_for_a_way_out(plan):
    before = plan_costs(plan, schedule_plan(plan))
    for ways in found_in(plan).conflicts:
        for one in ways.alternatives:
            after, _ = apply(plan, one.operations)
            assert {uid: task.duration_minutes for uid, task in after.tasks.items()} == {
                uid: task.duration_minutes for uid, task in plan.tasks.items()
            }
            work = plan_costs(after, schedule_plan(after)).total.work_minutes
            assert abs(work - before.total.work_minutes) <= 1  # halves of a minute, where units are shared


@settings(max_examples=25, deadline=None)
@given(crews(), st.data())
def test_conflicts_found_again_after_a_change_are_those_found_anew(plan, data):
    """Only resources that a change bears upon are looked at again."""
    situation = Situation(plan)
    assert sorted(one.id for one in situation.conflicts) == sorted(one.id for one in conflicts_in(plan))
    every = [one for ways in found_in(plan).conflicts for one in ways.alternatives]
    if every:
        operations: tuple[Operation, ...] = data.draw(st.sampled_from(every)).operations
        after = situation.after(operations)
        assert sorted(after.conflicts, key=order) == sorted(conflicts_in(after.plan), key=order)


def order(conflict: Conflict) -> tuple[datetime, str]:
    return conflict.start, conflict.id


@settings(max_examples=25, deadline=None)
@given(crews())
def test_a_split_task_works_as_long_as_before(plan):
    for ways in found_in(plan).conflicts:
        for one in ways.alternatives:
            if one.way is Way.SPLIT:
                after, _ = apply(plan, one.operations)
                for uid, task in after.tasks.items():
                    if task.splits != plan.tasks[uid].splits:
                        assert worked(after, uid) == worked(plan, uid)


def worked(plan: Plan, uid: int) -> int:
    """Minutes of the assignments of a task."""
    situation = Situation(plan)
    return sum(
        finish - start
        for resource_uid in situation.resources_of(uid)
        for use in situation.uses_by(uid, resource_uid)
        for start, finish in use.left
    )
