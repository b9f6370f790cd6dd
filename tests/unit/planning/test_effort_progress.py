"""Of what has begun only what remains follows an edit; and what Primavera adds to that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nirman.planning.model import EffortKind, Plan, Rules
from tests.builders.effort import (
    DURATION,
    FASTER,
    LONGER,
    MORE,
    PEOPLE,
    UNITS,
    WORK,
    Numbers,
    assign,
    crew,
    edited,
    numbers,
    share,
    task,
    work_of,
)
from tests.builders.plans import make_plan

HALF_DONE = {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 50}


def progress(plan: Plan) -> tuple[int, int, int | None]:
    return plan.tasks[1].duration_minutes, plan.tasks[1].percent_complete, plan.tasks[1].remaining_minutes


def work_done(plan: Plan, uid: int = 1) -> int:
    actual = plan.assignments[uid].actual_work_minutes
    return round(work_of(plan, uid) * plan.tasks[1].percent_complete / 100) if actual is None else actual


def test_what_is_done_stays_when_the_duration_changes():
    plan = edited(crew({}, **HALF_DONE), LONGER)
    assert progress(plan) == (960, 25, None)
    assert plan.assignments[1] == crew({}).assignments[1]
    plan = edited(crew(**HALF_DONE), task(duration_minutes=1000))
    assert progress(plan) == (1000, 24, None)
    plan = edited(crew(**HALF_DONE), task(duration_minutes=1100))
    assert progress(plan) == (1100, 21, 860)
    assert progress(edited(crew(**HALF_DONE), task(duration_minutes=200))) == (200, 100, None)


@pytest.mark.parametrize(
    ("effort", "edit", "expected", "done"),
    [
        (UNITS, FASTER, Numbers(360, 2.0, 480), 67),
        (UNITS, MORE, Numbers(960, 1.0, 960), 25),
        (DURATION, FASTER, Numbers(480, 2.0, 720), 50),
        (DURATION, MORE, Numbers(480, 3.0, 960), 50),
        (WORK, LONGER, Numbers(960, 0.3333, 480), 25),
        (WORK, FASTER, Numbers(360, 2.0, 480), 67),
    ],
)
def test_of_a_started_task_only_what_remains_changes(effort, edit, expected, done):
    """240 of 480 minutes are done."""
    plan = edited(crew({}, effort=effort, **HALF_DONE), edit)
    assert numbers(plan) == expected
    assert (plan.tasks[1].percent_complete, work_done(plan)) in {(done, 240), (done - 1, 240)}


def test_a_delay_of_what_has_started_is_past():
    plan = crew({"delay_minutes": 100, "work_minutes": 480}, **HALF_DONE)
    assert numbers(edited(plan, FASTER)) == (360, 2.0, 480)


def test_what_remains_is_shared_with_those_who_join():
    plan = edited(crew({}, effort_driven=True, **HALF_DONE), assign(2))
    assert plan.tasks[1].duration_minutes == 240 + 120
    assert [(work_of(plan, uid), work_done(plan, uid)) for uid in (1, 2)] == [(360, 240), (120, 0)]


def test_the_first_to_be_assigned_have_done_what_is_done():
    plan = edited(crew(**HALF_DONE), assign(1))
    assert (work_of(plan), work_done(plan), progress(plan)) == (480, 240, (480, 50, None))
    plan = edited(crew(work_minutes=960, **HALF_DONE), assign(1))
    assert (work_of(plan), work_done(plan), plan.tasks[1].duration_minutes) == (960, 480, 240 + 480)


def test_work_done_and_left_that_is_stated_follows_too():
    stated = {"work_minutes": 480, "actual_work_minutes": 200, "remaining_work_minutes": 280}
    plan = edited(crew(stated, **HALF_DONE, remaining_minutes=280), task(duration_minutes=800))
    assert progress(plan)[2] == 560
    after = plan.assignments[1]
    assert (after.work_minutes, after.actual_work_minutes, after.remaining_work_minutes) == (760, 200, 560)


def test_a_report_changes_neither_work_nor_units():
    plan = crew({}, **HALF_DONE)
    after = edited(plan, task(percent_complete=75))
    assert (after.assignments, after.tasks[1].duration_minutes) == (plan.assignments, 480)
    after = edited(plan, task(remaining_minutes=300))
    assert (after.assignments, after.tasks[1].duration_minutes) == (plan.assignments, 480)


def test_work_that_is_stated_follows_a_report():
    """300 minutes are done of 480; with 60 left, another 120 are."""
    stated = {"actual_work_minutes": 300, "remaining_work_minutes": 180}
    plan = crew(stated, {}, **HALF_DONE, remaining_minutes=180)
    after = edited(plan, task(remaining_minutes=60))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (420, 60)
    assert after.assignments[2] == plan.assignments[2]
    after = edited(plan, task(percent_complete=75))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (360, 120)
    after = edited(plan, task(remaining_minutes=60), share(remaining_work_minutes=100, actual_work_minutes=310))
    assert (after.assignments[1].actual_work_minutes, after.assignments[1].remaining_work_minutes) == (310, 100)
    less = crew(stated | {"remaining_work_minutes": 90}, **HALF_DONE, remaining_minutes=180)
    assert edited(less, task(remaining_minutes=60)).assignments[1].remaining_work_minutes == 30
    after = edited(edited(plan, task(work_minutes=960)), task(remaining_minutes=400))
    assert (work_of(after), after.assignments[1].actual_work_minutes) == (700, 300)
    assert after.tasks[1].work_minutes == 960 + 220


def test_a_report_of_percent_complete_says_what_is_left():
    plan = crew({}, **HALF_DONE, remaining_minutes=300)
    assert progress(edited(plan, task(percent_complete=75))) == (480, 75, None)
    assert progress(edited(plan, task(percent_complete=75, remaining_minutes=200))) == (480, 75, 200)


def test_percent_complete_said_again_leaves_what_remains():
    assert progress(edited(crew({}, **HALF_DONE, remaining_minutes=300), task(percent_complete=50, name="x"))) == (
        480,
        50,
        300,
    )


def test_what_a_command_says_of_progress_stands():
    plan = edited(crew({}, **HALF_DONE), task(duration_minutes=960, percent_complete=50))
    assert (progress(plan), numbers(plan)) == ((960, 50, None), (960, 1.0, 960))
    assert plan.assignments[1] == crew({}).assignments[1]
    plan = edited(crew({}, {"work_minutes": 120}, **HALF_DONE), task(duration_minutes=960, percent_complete=50))
    assert (work_of(plan, 2), plan.assignments[2].actual_work_minutes) == (180, 60)
    stated = {"work_minutes": 480, "actual_work_minutes": 240, "remaining_work_minutes": 240}
    plan = edited(crew(stated, **HALF_DONE), FASTER, task(percent_complete=75))
    assert (progress(plan), work_of(plan), work_done(plan)) == ((420, 75, 60), 480, 360)
    plan = edited(crew({}, **HALF_DONE), FASTER, task(percent_complete=75))
    assert (progress(plan), work_of(plan), work_done(plan)) == ((420, 75, 60), 480, 360)


def activity(effort: EffortKind, /, begun: bool = False, **values: Any) -> Plan:
    """Of 4800 minutes planned, 1200 are left in one that has begun."""
    stated = {"work_minutes": 4800, "actual_work_minutes": 0, "remaining_work_minutes": 4800}
    if begun:
        stated = {"work_minutes": 4800, "actual_work_minutes": 3600, "remaining_work_minutes": 1200}
        values = {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 75, "remaining_minutes": 1200} | values
    plan = crew(stated, effort=effort, duration_minutes=4800, **values)
    return make_plan(
        list(plan.tasks.values()),
        resources=PEOPLE,
        assignments=list(plan.assignments.values()),
        rules=Rules.PRIMAVERA,
    )


def test_fixed_duration_and_units_of_p6_is_fixed_duration_that_effort_drives():
    longer = task(duration_minutes=9600)
    assert numbers(edited(activity(DURATION), longer)) == (9600, 1.0, 9600)
    assert numbers(edited(activity(DURATION, effort_driven=True), longer)) == (9600, 0.5, 4800)
    assert numbers(edited(activity(DURATION, effort_driven=True), assign(2))) == (4800, 0.5, 2400)


def test_an_activity_whose_remaining_duration_is_open_gets_one():
    plan = edited(activity(UNITS, begun=True, remaining_minutes=None), FASTER)
    assert (progress(plan), plan.assignments[1].remaining_work_minutes) == ((4800, 75, 600), 1200)
    assert progress(edited(plan, task(percent_complete=80))) == (4800, 80, None)


def test_an_edited_duration_changes_work_by_microsoft_s_rules_also_where_effort_drives():
    assert numbers(edited(crew({}, effort=DURATION, effort_driven=True), LONGER)) == (960, 1.0, 960)


def test_a_begun_activity_keeps_its_planned_duration_and_what_remains_follows():
    plan = edited(activity(UNITS, begun=True), FASTER)
    assert progress(plan) == (4800, 75, 600)
    assert (work_of(plan), work_done(plan), plan.assignments[1].remaining_work_minutes) == (4800, 3600, 1200)
    plan = edited(activity(UNITS, begun=True), task(duration_minutes=9600))
    assert (progress(plan), work_of(plan)) == ((9600, 75, 1200), 4800)
