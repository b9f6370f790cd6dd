"""What computed changes rest on: which edits since make them doubtful, and which do not."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.planning.change import apply
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.events import Event
from nirman.planning.grounds import changed_grounds
from nirman.planning.model import Assignment, Kind, Plan, Resource
from tests.builders.plans import make_link, make_plan, make_task

PLAN = make_plan(
    [make_task(uid) for uid in (1, 2, 3, 4)],
    [make_link(1, 1, 2), make_link(2, 3, 4)],
    resources=[Resource(uid=1, name="Crane"), Resource(uid=2, name="Crew")],
    assignments=[Assignment(uid=1, task_uid=2, resource_uid=1), Assignment(uid=2, task_uid=4, resource_uid=2)],
)
DELAY = (Update(Kind.TASK, 2, {"leveling_delay_minutes": 480}),)
"""Computed with task 2, its link from task 1, and the crane on it."""


def since(*edits: Operation, computed: tuple[Operation, ...] = DELAY) -> list[tuple[str, int, str, Any, Any]]:
    plan, events = PLAN, []
    for number, edit in enumerate(edits):
        plan, event = _committed(plan, edit, number)
        events.append(event)
    found = changed_grounds(plan, computed, events)
    return [(one.kind, one.uid, one.field, one.yours, one.theirs) for one in found]


def _committed(plan: Plan, edit: Operation, number: int) -> tuple[Plan, Event]:
    after, changes = apply(plan, [edit])
    event = Event(
        format=1,
        tenant="padma",
        project="tower",
        revision=number + 2,
        type="plan.changed",
        command_id=str(number),
        user="salma",
        user_name="Salma",
        at="2026-11-22T04:30:00.000+00:00",
        previous_digest="",
        changes=changes,
    )
    return after, event


@pytest.mark.parametrize(
    "edit",
    [
        Update(Kind.TASK, 2, {"name": "Bored piles", "notes": "Mind the cables"}),
        Update(Kind.TASK, 1, {"duration_minutes": 4800}),
        Update(Kind.TASK, 4, {"duration_minutes": 4800}),
        Update(Kind.LINK, 2, {"lag_minutes": 480}),
        Update(Kind.RESOURCE, 2, {"max_units": 9}),
        Update(Kind.RESOURCE, 1, {"name": "Tower crane", "email": "crane@site.example"}),
        Update(Kind.PROJECT, 0, {"name": "Tower"}),
        Create(Kind.TASK, {"name": "Other"}),
        Create(Kind.CALENDAR, {"name": "Rain"}),
        Create(Kind.RISK, {"name": "Flood", "task_uids": [2]}),
        Create(Kind.ASSIGNMENT, {"task_uid": 3, "resource_uid": 2}),
    ],
    ids=repr,
)
def test_edits_that_it_was_not_computed_with_leave_it_as_it_is(edit: Operation) -> None:
    assert since(edit) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (Update(Kind.TASK, 2, {"duration_minutes": 4800}), ("task", 2, "duration_minutes", 480, 4800)),
        (Update(Kind.TASK, 2, {"priority": 900}), ("task", 2, "priority", 500, 900)),
        (Update(Kind.LINK, 1, {"lag_minutes": 480}), ("link", 1, "lag_minutes", 0, 480)),
        (Delete(Kind.LINK, 1), ("link", 1, "*", "there", "deleted")),
        (Create(Kind.LINK, {"predecessor_uid": 2, "successor_uid": 3}, 9), ("link", 9, "*", None, "created")),
        (Update(Kind.ASSIGNMENT, 1, {"units": 2.0}), ("assignment", 1, "units", 1.0, 2.0)),
        (Update(Kind.RESOURCE, 1, {"max_units": 9}), ("resource", 1, "max_units", 1.0, 9.0)),
        (
            Create(Kind.ASSIGNMENT, {"task_uid": 3, "resource_uid": 1}, 9),
            ("assignment", 9, "*", None, "created"),
        ),
        (Update(Kind.PROJECT, 0, {"minutes_per_day": 600}), ("project", 0, "minutes_per_day", 480, 600)),
    ],
    ids=repr,
)
def test_edits_of_what_it_was_computed_with_are_told_with_both_values(edit: Operation, told: tuple[Any, ...]) -> None:
    assert told in since(edit)


def test_a_calendar_that_changes_may_change_everything() -> None:
    assert [one[:3] for one in since(Update(Kind.CALENDAR, 1, {"week": [[]] * 7}))] == [("calendar", 1, "week")]


def test_what_was_changed_and_changed_back_is_as_it_was() -> None:
    there, back = (Update(Kind.TASK, 2, {"duration_minutes": minutes}) for minutes in (960, 480))
    assert [one[2] for one in since(there)] == ["duration_minutes"]
    assert since(there, back) == []


def test_of_several_edits_the_first_value_and_the_last_count() -> None:
    edits = (Update(Kind.TASK, 2, {"duration_minutes": minutes}) for minutes in (960, 1440))
    assert ("task", 2, "duration_minutes", 480, 1440) in since(*edits)


@pytest.mark.parametrize(
    "computed",
    [
        Update(Kind.ASSIGNMENT, 1, {"resource_uid": 2}),
        Update(Kind.LINK, 1, {"lag_minutes": -240}),
        Create(Kind.ASSIGNMENT, {"task_uid": 2, "resource_uid": 2}),
        Delete(Kind.ASSIGNMENT, 1),
    ],
    ids=repr,
)
def test_a_new_link_or_assignment_rests_on_the_tasks_that_it_joins(computed: Operation) -> None:
    edit = Update(Kind.TASK, 2, {"duration_minutes": 960})
    assert "duration_minutes" in [one[2] for one in since(edit, computed=(computed,))]
