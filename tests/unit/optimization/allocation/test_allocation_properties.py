"""What holds of every allocation, whatever calendars, links, progress and skills a plan mixes."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.allocation import Status, allocate
from nirman.optimization.conflicts import conflicts, overload_of
from nirman.optimization.options import Aim, AllocateOptions
from nirman.planning.change import apply
from nirman.planning.costs import plan_costs
from nirman.planning.model import Resource
from nirman.planning.rules import check_plan
from nirman.planning.schedule import schedule_plan
from tests.builders.crews import crews
from tests.support.patience import Impatient, Patient


def options(aim: Aim, **values: object) -> AllocateOptions:
    return AllocateOptions(minimise=aim, workers=1, time_limit_s=0.5, **values)


aims = st.sampled_from(list(Aim))


@settings(max_examples=12, deadline=None)
@given(crews(most_tasks=4), aims)
def test_figures_are_those_of_the_plan_with_the_operations_applied_and_scheduled_anew(plan, aim):
    found = allocate(plan, options(aim), stop=Patient())
    after, _ = apply(plan, found.operations)
    check_plan(after)
    schedule = schedule_plan(after)
    assert found.finish_after == schedule.project_finish
    costs = plan_costs(after, schedule)
    assert found.cost_after.direct == round(costs.total.cost, 2)
    assert found.overload_after_minutes == overload_of(conflicts(after, schedule))
    for one in found.reassigned:
        assert after.assignments[one.assignment_uid].resource_uid == one.to_uid != one.from_uid
        assert one.cost_after == costs.assignments[one.assignment_uid].cost
    if found.finish_bound is not None:
        assert found.status is Status.PARTIAL or found.finish_bound <= found.finish_after
    if found.cost_bound is not None:
        assert found.status is Status.PARTIAL or found.cost_bound <= found.cost_after.total


@settings(max_examples=12, deadline=None)
@given(crews(most_tasks=4), aims)
def test_only_those_who_can_do_it_take_over_and_what_has_begun_keeps_whom_it_has(plan, aim):
    for one in allocate(plan, options(aim), stop=Patient()).reassigned:
        task, present, other = (
            plan.tasks[one.task_uid],
            plan.resources[one.from_uid],
            plan.resources[one.to_uid],
        )
        assert task.actual_start is None
        assert can_stand_in(other, present)
        units = plan.assignments[one.assignment_uid].units
        assert max(other.max_units, *(period.units for period in other.availability), 0) >= units


def can_stand_in(other: Resource, present: Resource) -> bool:
    if present.skills:
        return set(present.skills) <= set(other.skills)
    return bool(present.group) and present.group == other.group and not other.skills


@settings(max_examples=12, deadline=None)
@given(crews(most_tasks=4), aims)
def test_it_is_never_worse_than_levelling_with_everybody_where_they_are(plan, aim):
    found = allocate(plan, options(aim), stop=Patient())
    after = (found.overload_after_minutes, found.finish_after, found.cost_after.total)
    levelled = (found.levelled_overload_minutes, found.levelled_finish, found.levelled_cost.total)
    if aim is Aim.COST:
        after, levelled = (after[0], after[2], after[1]), (levelled[0], levelled[2], levelled[1])
    assert after <= levelled


@settings(max_examples=8, deadline=None)
@given(crews(most_tasks=4), aims, st.integers(0, 3))
def test_the_same_seed_gives_the_same_allocation(plan, aim, seed):
    one, other = (allocate(plan, options(aim, seed=seed), stop=Patient()) for _ in range(2))
    assert msgspec.to_builtins(one) == msgspec.to_builtins(other)
    assert one.reproducible


@settings(max_examples=8, deadline=None)
@given(crews(most_tasks=4), aims, st.data())
def test_only_tasks_that_are_asked_for_change_hands(plan, aim, data):
    uids = data.draw(st.sets(st.sampled_from(sorted(plan.tasks)), min_size=1))
    found = allocate(plan, options(aim, task_uids=tuple(uids)), stop=Patient())
    assert {one.task_uid for one in found.reassigned} <= uids
    assert {uid for kept in found.kept for uid in kept.task_uids} <= uids


@settings(max_examples=8, deadline=None)
@given(crews(most_tasks=4), aims)
def test_stopped_at_once_it_still_answers_with_a_plan(plan, aim):
    found = allocate(plan, options(aim), stop=Impatient())
    after, _ = apply(plan, found.operations)
    assert schedule_plan(after).project_finish == found.finish_after
