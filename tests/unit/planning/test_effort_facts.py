"""What follows from an edit is told in the same facts, and is merged and taken back with it."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.planning.change import apply
from nirman.planning.commands import Create, Update
from nirman.planning.events import Event
from nirman.planning.merge import Since
from nirman.planning.model import EffortKind, Kind
from tests.builders.effort import DURATION, FASTER, LONGER, MORE, UNITS, WORK, crew, numbers, remove


def test_what_follows_is_told_in_the_same_facts():
    _, changes = apply(crew({"work_minutes": 480}, {}), [LONGER])
    assert [(change.kind, change.uid, change.fields) for change in changes] == [
        (Kind.TASK, 1, {"duration_minutes": (480, 960)}),
        (Kind.ASSIGNMENT, 1, {"work_minutes": (480, 960)}),
    ]


@pytest.mark.parametrize("effort", [UNITS, WORK])
def test_of_two_who_edit_units_and_duration_at_once_the_second_is_told(effort):
    """What followed from the one edit is what the other says."""
    seen = crew({}, effort=effort)
    for first, second in ((FASTER, LONGER), (LONGER, FASTER)):
        head, committed = apply(seen, [first])
        conflicts = Since([event(committed)]).conflicts(apply(head, [second])[1])
        assert "duration_minutes" in {conflict.field for conflict in conflicts}


def test_of_two_who_edit_units_and_duration_of_fixed_duration_both_stand():
    seen = crew({}, effort=DURATION)
    for first, second in ((FASTER, LONGER), (LONGER, FASTER)):
        head, committed = apply(seen, [first])
        after, changes = apply(head, [second])
        assert not Since([event(committed)]).conflicts(changes)
        assert numbers(after) == (960, 2.0, 1920)
    stated = crew({"work_minutes": 480}, effort=DURATION)
    head, committed = apply(stated, [FASTER])
    [conflict] = Since([event(committed)]).conflicts(apply(head, [LONGER])[1])
    assert (conflict.field, conflict.base, conflict.theirs, conflict.yours) == ("work_minutes", 480, 960, 1920)


def test_the_values_before_take_an_edit_back():
    for effort in EffortKind:
        before = crew({"work_minutes": 480}, {"units": 0.5}, effort=effort)
        for edit in (LONGER, MORE, FASTER, remove(2)):
            after, changes = apply(before, [edit])
            back = [
                Update(change.kind, change.uid, {name: was for name, (was, _) in change.fields.items()})
                if change.op == "updated"
                else Create(change.kind, {name: was for name, (was, _) in change.fields.items()}, change.uid)
                for change in changes
            ]
            assert apply(after, back)[0].tasks == before.tasks
            assert apply(after, back)[0].assignments == before.assignments


def event(changes: Any) -> Event:
    return Event(
        format=1,
        tenant="t",
        project="p",
        revision=2,
        type="plan.changed",
        command_id="c",
        user="u",
        user_name="U",
        at="2026-01-04T00:00:00.000+00:00",
        previous_digest="",
        changes=changes,
    )
