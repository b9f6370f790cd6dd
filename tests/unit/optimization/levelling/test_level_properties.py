"""What holds of any plan that was levelled, told by code that shares nothing with levelling."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nirman.optimization.levelling import Levelling, level
from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.logic import Logic
from nirman.planning.model import ConstraintKind, Plan
from nirman.planning.schedule import Schedule, schedule_plan
from tests.builders.crowded_plans import crowded_plans
from tests.support.levelling_checker import overloads

pytestmark = pytest.mark.slow
many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
LATEST = {ConstraintKind.SNLT: "start", ConstraintKind.FNLT: "finish"}


def levelled(plan: Plan, **options: bool) -> tuple[Plan, Schedule, Levelling]:
    """With a clock that stands still: what ends the search is counted."""
    asked = LevelOptions(time_limit_s=0.05, workers=1, **options)
    result = level(plan, asked, stop=Deadline(1.0, lambda: 0.0))
    after, _ = apply(plan, result.operations)
    return after, schedule_plan(after), result


@many
@given(crowded_plans(), st.booleans(), st.booleans())
def test_whatever_stays_overloaded_is_told_with_its_reasons(plan, within_slack, split):
    after, schedule, result = levelled(plan, within_slack=within_slack, split=split)
    for resource, quarters in overloads(after, schedule).items():
        told = [one for one in result.unresolved if resource in one.conflict.resource_uids]
        assert all(one.reasons for one in told)
        for quarter in quarters:
            assert any(one.conflict.start <= quarter < one.conflict.finish for one in told), (resource, quarter)


@many
@given(crowded_plans(), st.booleans(), st.booleans())
def test_no_link_is_broken_that_was_kept(plan, within_slack, split):
    after, schedule, _ = levelled(plan, within_slack=within_slack, split=split)
    before, now = Logic(plan, schedule_plan(plan)), Logic(after, schedule)
    # What goes as late as possible moves with the project's finish, and so do the summaries above it.
    late = [task.uid for task in plan.tasks.values() if task.constraint is ConstraintKind.ALAP]
    movers = {uid for one in late for uid in (one, *now.ancestors(one))}
    for links in now.incoming.values():
        for link in links:
            if movers.isdisjoint((link.predecessor_uid, link.successor_uid)):
                assert min(0, now.slack(link)) >= min(0, before.slack(link)), link


@many
@given(crowded_plans(), st.booleans(), st.booleans())
def test_dates_that_were_kept_are_kept(plan, within_slack, split):
    before = schedule_plan(plan)
    _, schedule, _ = levelled(plan, within_slack=within_slack, split=split)
    # What goes as late as possible moves with the project's finish, and takes along what follows it.
    any_late = any(task.constraint is ConstraintKind.ALAP for task in plan.tasks.values())
    for uid, task in plan.tasks.items():
        if task.constraint in LATEST:
            end = LATEST[task.constraint]
            assert getattr(schedule[uid], end) <= max(task.constraint_date, getattr(before[uid], end)), uid
        stays = task.constraint is ConstraintKind.MSO or task.manual or task.priority == 1000
        if stays and not any_late:
            assert schedule[uid].start <= before[uid].start, uid


@many
@given(crowded_plans(), st.booleans())
def test_within_slack_the_finish_stays(plan, split):
    _, schedule, result = levelled(plan, within_slack=True, split=split)
    assert schedule.project_finish <= schedule_plan(plan).project_finish
    assert result.finish == schedule.project_finish


@many
@given(crowded_plans(), st.booleans(), st.booleans())
def test_no_plan_finishes_before_the_bound_and_the_same_seed_gives_the_same_plan(plan, within_slack, split):
    after, schedule, result = levelled(plan, within_slack=within_slack, split=split)
    assert result.lower_bound_finish <= result.finish == schedule.project_finish
    again, _, repeated = levelled(plan, within_slack=within_slack, split=split)
    assert again == after
    assert repeated == result


@many
@given(crowded_plans(), st.booleans(), st.booleans())
def test_no_task_has_a_delay_that_does_not_delay_it(plan, within_slack, split):
    after, schedule, result = levelled(plan, within_slack=within_slack, split=split)
    any_late = any(task.constraint is ConstraintKind.ALAP for task in plan.tasks.values())
    for update in result.operations:
        if update.values.get("leveling_delay_minutes"):
            bare = replace(after.tasks[update.uid], leveling_delay_minutes=0)
            without = schedule_plan(replace(after, tasks={**after.tasks, update.uid: bare}))
            if any_late:  # it may hold the project's finish, or pull what goes late before it
                assert any(without[uid] != schedule[uid] for uid in schedule.uids), update
            else:
                assert without[update.uid].start < schedule[update.uid].start, update
