"""After any edit, what is rescheduled is what a schedule from scratch would be."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.planning.change import apply
from nirman.planning.commands import Create, Update
from nirman.planning.events import Change
from nirman.planning.model import ConstraintKind, Kind, LinkKind, Plan, ProgressLogic, Rules
from nirman.planning.schedule import Schedule, reschedule, schedule_plan
from tests.builders.edits import random_edit
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.plans import make_link, make_plan, make_task

EDITS = 12


def told(schedule: Schedule) -> tuple:
    links = {uid: schedule.network.link_slack(uid) for uid in schedule.plan.links}
    return (schedule.project_start, schedule.project_finish, list(schedule), links)


def edited(random: Random, plan: Plan) -> tuple[Plan, tuple[Change, ...]] | None:
    """None: the edit breaks a rule of the plan."""
    try:
        return apply(plan, (random_edit(random, plan),))
    except InvalidInputError:
        return None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 25))
def test_rescheduling_after_any_edits_equals_scheduling_from_scratch(seed, size):
    """Also where the network is refused, after which the schedule before is still good to go on from."""
    edit_and_compare(seed, microsoft_network(seed, ~Traits(0), size))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 25), st.sampled_from(ProgressLogic), st.booleans())
def test_so_it_does_by_primaveras_rules_with_all_that_p6_does_not_have(seed, size, logic, float_by_project):
    plan = microsoft_network(seed, ~Traits(0), size)
    rules = {"rules": Rules.PRIMAVERA, "progress_logic": logic, "float_by_project": float_by_project}
    edit_and_compare(seed, replace(plan, project=replace(plan.project, **rules)))


def edit_and_compare(seed: int, plan: Plan) -> None:
    random = Random(seed)
    schedule = schedule_plan(plan)
    for _ in range(EDITS):
        after, changes = edited(random, plan) or (plan, ())
        try:
            expected = schedule_plan(after)
        except InvalidPlanError as refused:
            with pytest.raises(InvalidPlanError, match=re.escape(str(refused))):
                reschedule(schedule, after, changes)
            continue
        schedule, plan = reschedule(schedule, after, changes), after
        assert told(schedule) == told(expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_rescheduling_leaves_the_schedule_before_as_it_was(seed):
    random = Random(seed)
    plan = microsoft_network(seed, ~Traits(0), 12)
    before = schedule_plan(plan)
    expected = told(schedule_plan(plan))
    for _ in range(EDITS):
        after, changes = edited(random, plan) or (plan, ())
        with suppress(InvalidPlanError):
            told(reschedule(before, after, changes))
    assert told(before) == expected


def test_a_child_that_becomes_the_first_is_held_by_a_link_from_the_start_of_its_summary():
    tasks = [
        make_task(1, position=1.0),
        make_task(2, parent_uid=1),
        make_task(3, parent_uid=1),
        make_task(5, parent_uid=1, duration_minutes=4800),
        make_task(4, position=2.0, duration_minutes=9600),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 4, kind=LinkKind.SS)])
    schedule = schedule_plan(plan)
    later = {"constraint": ConstraintKind.SNET, "constraint_date": plan.project.start + timedelta(days=2)}
    after, changes = apply(plan, (Update(kind=Kind.TASK, uid=2, values=later),))
    rescheduled = reschedule(schedule, after, changes)
    assert (schedule[3].total_slack_minutes, rescheduled[3].total_slack_minutes) == (9600 - 480, 0)
    assert told(rescheduled) == told(schedule_plan(after))


@pytest.mark.parametrize("together", [True, False])
def test_a_calendar_can_be_used_as_soon_as_it_is_made(together):
    plan = make_plan(2, [make_link(1, 1, 2)])
    schedule = schedule_plan(plan)
    made = Create(Kind.CALENDAR, {"name": "Nights", "week": [[[0, 60]]] * 7}, 5)
    used = Update(kind=Kind.TASK, uid=1, values={"calendar_uid": 5})
    for edit in [(made, used)] if together else [(made,), (used,)]:
        plan, changes = apply(plan, edit)
        schedule = reschedule(schedule, plan, changes)
    assert told(schedule) == told(schedule_plan(plan))
