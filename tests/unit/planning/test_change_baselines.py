"""A baseline is taken by an operation, of the plan as the whole command leaves it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.planning.change import apply, apply_changes, differences
from nirman.planning.commands import Create, Delete, TakeBaseline, Update
from nirman.planning.model import Kind, Plan
from tests.builders.plans import make_link, make_plan, make_task


def with_baseline(*taken: TakeBaseline) -> Plan:
    plan = make_plan([make_task(1, fixed_cost=Decimal(90)), make_task(2)], [make_link(1, 1, 2)])
    return apply(plan, taken or [TakeBaseline()])[0]


def test_it_is_one_fact_that_gives_the_same_plan_again():
    before = make_plan([make_task(1, fixed_cost=Decimal(90))])
    after, [fact] = apply(before, [TakeBaseline(uid=2, name="Approved", taken_at=datetime(2026, 1, 1))])
    assert (fact.kind, fact.uid, fact.op) == (Kind.BASELINE, 2, "created")
    assert fact.fields["name"] == (None, "Approved")
    assert apply_changes(before, [fact]) == after
    assert differences(before, after) == (fact,)


def test_operations_after_it_count_too():
    lengthen = Update(Kind.TASK, 1, {"duration_minutes": 960})
    plan, _ = apply(make_plan(1), [TakeBaseline(), lengthen])
    assert plan.baselines[0].tasks[0].duration_minutes == 960


def test_taken_again_it_changes_only_what_is_other():
    plan = with_baseline()
    assert apply(plan, [TakeBaseline()])[1] == ()
    _, [_, fact] = apply(plan, [Update(Kind.TASK, 1, {"duration_minutes": 960}), TakeBaseline(name="Second")])
    assert (fact.op, fact.fields.keys()) == ("updated", {"name", "tasks"})


def test_several_are_taken_in_one_command_but_none_twice():
    assert with_baseline(TakeBaseline(uid=0), TakeBaseline(uid=10)).baselines.keys() == {0, 10}
    with pytest.raises(InvalidInputError, match="something else of baseline 3 already") as refused:
        with_baseline(TakeBaseline(uid=3), TakeBaseline(uid=3))
    assert refused.value.place == "operations[1].uid"
    with pytest.raises(InvalidInputError, match="something else of baseline 0"):
        apply(with_baseline(), [Delete(Kind.BASELINE, 0), TakeBaseline()])


def test_it_is_cleared_and_renamed_but_never_written():
    plan = with_baseline()
    assert apply(plan, [Delete(Kind.BASELINE, 0)])[0].baselines == {}
    assert apply(plan, [Update(Kind.BASELINE, 0, {"name": "Contract"})])[0].baselines[0].name == "Contract"
    with pytest.raises(InvalidInputError, match="only the name changes"):
        apply(plan, [Update(Kind.BASELINE, 0, {"name": "Contract", "tasks": []})])
    with pytest.raises(InvalidInputError, match="take_baseline"):
        apply(plan, [Create(Kind.BASELINE, {"tasks": []}, 1)])


def test_it_outlives_its_tasks():
    plan, changes = apply(with_baseline(), [Delete(Kind.TASK, 1)])
    assert [kept.uid for kept in plan.baselines[0].tasks] == [1, 2]
    assert Kind.BASELINE not in {fact.kind for fact in changes}


def test_a_plan_that_cannot_be_scheduled_has_none():
    with pytest.raises(InvalidPlanError, match="circle"):
        apply(make_plan(2, [make_link(1, 1, 2), make_link(2, 2, 1)]), [TakeBaseline()])
