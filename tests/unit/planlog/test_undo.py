"""Taking back one's own changes, and making them again, beside others who go on working."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import (
    CommandReusedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidPlanError,
    NirmanError,
    NotFoundError,
)
from nirman.planlog.commits import CommitResult
from nirman.planlog.state import PlanState, digest_of
from nirman.planning.commands import Create, Delete, Operation, Replacement, TakeBaseline, Update
from nirman.planning.events import Change, Event
from nirman.planning.model import Assignment, Kind, Plan, Resource
from nirman.tenancy.identity import Role
from tests.builders.edits import random_edit
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.two_people import KARIM, RAHIM, Pair, access, pair


def task(uid: int = 1, **parts: Any) -> Update:
    return Update(Kind.TASK, uid, **parts)


def link(uid: int, predecessor: int, successor: int) -> Create:
    return Create(Kind.LINK, {"predecessor_uid": predecessor, "successor_uid": successor}, uid)


def site() -> Plan:
    """Excavation with a crew; two tasks after it, one of them below the other's summary."""
    return make_plan(
        [make_task(1, labels=("old",)), make_task(2), make_task(3), make_task(4, parent_uid=3)],
        [make_link(1, 1, 2), make_link(2, 2, 4)],
        resources=[Resource(uid=1, name="Crew"), Resource(uid=2, name="Crane")],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)],
    )


def refused(both: Pair, **how: Any) -> list[tuple[str, int, str, Any, Any, str]]:
    """The conflicts of an undo of Rahim's; nothing was written."""
    head, before = both.head, both.plan
    with pytest.raises(ConflictError) as conflict:
        both.undo(**how)
    assert (both.head, both.plan, conflict.value.head) == (head, before, head)
    return [(c.kind, c.uid, c.field, c.yours, c.theirs, c.by) for c in conflict.value.conflicts]


EDITS: list[tuple[Operation, ...]] = [
    (task(values={"duration_minutes": 960, "name": "Piling", "labels": ["new", "wet"]}),),
    (task(increase={"percent_complete": 30}), task(2, add={"labels": ["wet"], "assignees": [1, 2]})),
    (task(remove={"assignees": [1]}),),
    (Create(Kind.TASK, {"name": "Crane", "notes": "tall"}, 9), link(9, 1, 9), task(4, values={"parent_uid": 9})),
    (Delete(Kind.TASK, 3),),
    (Delete(Kind.TASK, 1), Delete(Kind.RESOURCE, 1)),
    (Create(Kind.CALENDAR, {"name": "Night", "week": [[[0, 60]]] * 7}, 5), task(values={"calendar_uid": 5})),
    (Update(Kind.PROJECT, 0, {"status_date": "2026-01-05T08:00:00", "name": "Tower"}),),
    (TakeBaseline(0, "Approved"),),
    (TakeBaseline(0), TakeBaseline(3), task(values={"duration_minutes": 60})),
]


@pytest.mark.parametrize("operations", EDITS)
def test_an_undo_brings_the_plan_back_and_a_redo_makes_it_again(operations: tuple[Operation, ...]) -> None:
    both = pair(site())
    both.rahim(TakeBaseline(0, "First"))
    before = both.plan
    edit = both.rahim(*operations)
    back = both.undo()
    assert (both.plan, back.event.undoes, back.event.redoes) == (before, edit.revision, None)
    assert both.cold().read(both.key).plan == before
    again = both.redo()
    assert (both.plan, again.event.redoes, again.event.undoes) == (edit.state.plan, back.revision, None)
    both.undo()
    assert both.plan == before
    both.undo()
    assert both.plan == site()
    assert both.plans.verify(both.key) == both.head == 8


def test_undo_goes_back_through_one_s_own_edits_and_leaves_those_of_others() -> None:
    both = pair(site())
    mine = [both.rahim(task(uid, values={"name": f"R{uid}"})).revision for uid in (1, 2)]
    both.karim(task(3, values={"name": "K"}), task(1, values={"notes": "wet"}))
    assert [both.undo().event.undoes for _ in mine] == mine[::-1]
    with pytest.raises(InvalidInputError, match="nothing of yours"):
        both.undo()
    assert [both.plan.tasks[uid].name for uid in (1, 2, 3)] == ["Task 1", "Task 2", "K"]
    assert both.plan.tasks[1].notes == "wet"
    both.redo()
    both.redo()
    with pytest.raises(InvalidInputError, match="no undo of yours"):
        both.redo()
    assert [both.plan.tasks[uid].name for uid in (1, 2, 3)] == ["R1", "R2", "K"]


def test_a_new_edit_ends_what_can_be_made_again_but_not_that_of_another() -> None:
    both = pair(site())
    for who in (RAHIM, KARIM):
        both.commit(who, task(values={"code": who.principal.user}))
        both.undo(who)
    both.rahim(task(2, values={"name": "Other"}))
    with pytest.raises(InvalidInputError, match="no undo of yours"):
        both.redo()
    both.redo(KARIM)
    assert both.plan.tasks[1].code == "karim"


def test_an_earlier_edit_can_be_named() -> None:
    both = pair(site())
    first = both.rahim(task(1, values={"name": "A"})).revision
    both.rahim(task(2, values={"name": "B"}))
    assert both.undo(revision=first).event.undoes == first
    assert [both.plan.tasks[uid].name for uid in (1, 2)] == ["Task 1", "B"]
    with pytest.raises(InvalidInputError, match="taken back already"):
        both.undo(revision=first)
    with pytest.raises(InvalidInputError, match="redo it"):
        both.undo(revision=both.head)
    with pytest.raises(ForbiddenError, match="Rahim's"):
        both.undo(KARIM, revision=first)
    for revision in (0, 99):
        with pytest.raises(InvalidInputError, match="last 1000 revisions"):
            both.undo(revision=revision)
    with pytest.raises(InvalidInputError, match="not made or deleted"):
        both.undo(access("salma"), revision=1)


def test_members_of_sets_go_back_and_those_of_others_stay() -> None:
    both = pair(site())
    both.rahim(task(add={"labels": ["wet"]}, remove={"labels": ["old"]}))
    both.karim(task(add={"labels": ["late"]}))
    both.undo()
    assert both.plan.tasks[1].labels == ("late", "old")
    both.redo()
    assert both.plan.tasks[1].labels == ("late", "wet")


def test_what_others_changed_since_is_a_conflict_with_both_values() -> None:
    both = pair(site())
    both.rahim(task(values={"name": "A", "notes": "mine"}), task(2, values={"name": "B"}))
    both.karim(task(values={"name": "K"}))
    assert refused(both) == [(Kind.TASK, 1, "name", "Task 1", "K", "Karim")]
    both.karim(task(values={"name": "A"}))
    both.undo()
    assert (both.plan.tasks[1].name, both.plan.tasks[1].notes, both.plan.tasks[2].name) == ("Task 1", "", "Task 2")


def test_what_others_built_on_is_not_pulled_away() -> None:
    both = pair(site())
    both.rahim(Create(Kind.TASK, {"name": "New"}, 9))
    hanging: list[tuple[Operation, tuple[Kind, int]]] = [
        (link(7, 9, 2), (Kind.LINK, 7)),
        (Create(Kind.ASSIGNMENT, {"task_uid": 9, "resource_uid": 1}, 8), (Kind.ASSIGNMENT, 8)),
        (Create(Kind.TASK, {"parent_uid": 9}, 11), (Kind.TASK, 11)),
    ]
    for operation, (kind, uid) in hanging:
        both.karim(operation)
        assert refused(both) == [(kind, uid, "*", "without task 9", "created", "Karim")]
        both.undo(KARIM)
    both.karim(task(4, values={"parent_uid": 9}))
    assert refused(both) == [(Kind.TASK, 4, "*", "without task 9", "updated", "Karim")]
    both.undo(KARIM)
    both.karim(task(9, values={"notes": "theirs"}))
    assert refused(both) == [(Kind.TASK, 9, "notes", None, "theirs", "Karim")]
    both.undo(KARIM)
    both.undo()
    assert both.plan == site()


def test_what_others_deleted_since_cannot_go_back() -> None:
    both = pair(site())
    both.rahim(task(2, values={"name": "B"}))
    both.karim(Delete(Kind.TASK, 2))
    assert refused(both) == [(Kind.TASK, 2, "*", {"name": "Task 2"}, None, "Karim")]
    both.undo(KARIM)
    both.rahim(Delete(Kind.LINK, 1), task(4, values={"parent_uid": None}))
    both.karim(Delete(Kind.TASK, 3), Delete(Kind.TASK, 1))
    assert sorted(refused(both)) == [
        (Kind.TASK, 1, "*", "named by link 1", None, "Karim"),
        (Kind.TASK, 3, "*", "named by task 4", None, "Karim"),
    ]
    both.rahim(Create(Kind.TASK, {}, 20))
    both.karim(Delete(Kind.TASK, 20))
    before = both.plan
    assert both.undo().event.changes == ()
    assert both.plan == before


def test_a_uid_that_others_gave_away_since_is_not_taken_from_them() -> None:
    both = pair(site())
    both.rahim(Delete(Kind.LINK, 1))
    both.karim(link(1, 1, 3))
    assert refused(both) == [(Kind.LINK, 1, "*", "created", "created", "Karim")]


def test_a_plan_that_cannot_be_is_not_made() -> None:
    both = pair(site())
    both.rahim(Delete(Kind.LINK, 1))
    both.karim(link(5, 2, 1))
    head = both.head
    with pytest.raises(InvalidPlanError):
        both.undo()
    both.undo(KARIM)
    both.karim(link(6, 1, 2))
    with pytest.raises(InvalidPlanError, match="at most one link"):
        both.undo()
    assert both.head == head + 2


def test_an_import_can_be_taken_back_and_made_again() -> None:
    both = pair(site())
    other = make_plan([make_task(1, name="Only"), make_task(7)])
    both.plans.replace(RAHIM, Replacement("again", both.head, other, "other.xml"))
    both.karim(task(7, values={"notes": "n"}))
    assert refused(both) == [(Kind.TASK, 7, "notes", None, "n", "Karim")]
    both.undo(KARIM)
    back = both.undo()
    assert (both.plan, back.event.type) == (site(), "plan.replaced")
    both.redo()
    assert both.plan == other


def test_it_is_carried_out_once() -> None:
    both = pair(site())
    both.rahim(task(1, values={"name": "A"}))
    both.rahim(task(2, values={"name": "B"}))
    first = both.plans.undo(RAHIM, command_id="once")
    for plans in (both.plans, both.cold()):
        again = plans.undo(RAHIM, command_id="once")
        assert (again.repeated, again.revision, again.event.undoes) == (True, first.revision, first.event.undoes)
    with pytest.raises(CommandReusedError):
        both.plans.undo(RAHIM, command_id="once", revision=3)
    with pytest.raises(CommandReusedError):
        both.plans.redo(RAHIM, command_id="once")
    assert both.plan.tasks[1].name == "A"


def test_sent_again_it_is_known_though_nothing_is_left_to_take_back() -> None:
    both = pair(site())
    both.rahim(task(1, values={"name": "A"}))
    undone = both.plans.undo(RAHIM, command_id="u")
    redone = both.plans.redo(RAHIM, command_id="r")
    both.undo()
    for plans in (both.plans, both.cold()):
        assert plans.undo(RAHIM, command_id="u").revision == undone.revision
        assert plans.redo(RAHIM, command_id="r").revision == redone.revision
    assert both.head == 6


def test_of_two_undos_at_once_each_takes_another_edit_back() -> None:
    both = pair(site())
    for uid in (1, 2):
        both.rahim(task(uid, values={"name": "mine"}))
    both.log.before_append = lambda: both.cold().undo(RAHIM, command_id="other tab")
    assert both.undo().event.undoes == 3
    assert both.plan == site()


def test_others_who_commit_at_the_same_moment_are_looked_at_again() -> None:
    both = pair(site())
    both.rahim(task(1, values={"name": "A"}))
    both.log.before_append = lambda: both.karim(task(1, values={"name": "K"}))
    with pytest.raises(ConflictError):
        both.undo()
    assert both.plan.tasks[1].name == "K"


def test_a_member_takes_back_reports_only() -> None:
    both, member = pair(site()), access("rahim", Role.MEMBER)
    before = both.plan
    report = {"percent_complete": 50, "actual_start": "2026-01-04T08:00:00", "remaining_minutes": 300}
    both.commit(member, task(1, values=report))
    both.undo(member)
    assert both.plan == before
    both.redo(member)
    assert both.plan.tasks[1].percent_complete == 50
    both.undo(member)
    both.rahim(task(1, values={"duration_minutes": 60}))
    with pytest.raises(ForbiddenError, match="reports of progress"):
        both.undo(member)
    with pytest.raises(ForbiddenError):
        both.undo(access("rahim", Role.VIEWER))


def test_a_project_that_is_not_there_is_not_found() -> None:
    both = pair(site())
    both.plans.delete(access("salma", Role.ADMIN), command_id="delete", expected_revision=2)
    with pytest.raises(NotFoundError):
        both.undo()


def test_it_looks_back_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nirman.planlog.undo.LOOK_BACK", 5)
    both = pair(site())
    both.rahim(task(1, values={"name": "A"}))
    for number in range(5):
        both.karim(task(2, values={"code": str(number)}))
    state = both.plans.read(both.key)
    both.plans = both.cold()
    both.plans._states.remember(both.key, PlanState(state.revision, state.digest, state.plan))  # as from a snapshot
    both.log.reads = 0
    with pytest.raises(InvalidInputError, match="nothing of yours"):
        both.undo()
    assert both.log.reads <= 5


def test_the_newest_edit_is_found_beyond_the_events_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nirman.planlog.state.TAIL", 2)
    both = pair(site())
    both.rahim(task(1, values={"name": "A"}))
    for number in range(4):
        both.karim(task(2, values={"code": str(number)}))
    assert len(both.plans.read(both.key).tail) == 2
    assert both.undo().event.undoes == 3
    assert both.redo().event.redoes == 8


Step = tuple[str, int]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["rahim", "karim", "undo", "redo"]), st.integers(0, 2**32)), max_size=14))
def test_whatever_two_people_did_an_undo_is_whole_or_nothing(steps: list[Step]) -> None:
    """Where nobody edited since, it gives the plan before; undo and redo together give the plan as it was."""
    both = pair(site())
    before: dict[int, Plan] = {}
    for what, seed in steps:
        head, plan = both.head, both.plan
        try:
            done = _step(both, what, Random(seed))
        except NirmanError:
            assert (both.head, both.plan) == (head, plan)
            continue
        assert both.head == head + 1
        before[done.revision] = plan
        if head in (done.event.undoes, done.event.redoes):
            assert both.plan == before[head]
    _and_back_again(both)
    assert both.cold().read(both.key).plan == both.plan
    assert both.plans.verify(both.key) == both.head


def _step(both: Pair, what: str, random: Random) -> CommitResult:
    if what == "undo":
        return both.undo()
    if what == "redo":
        return both.redo()
    return both.commit(RAHIM if what == "rahim" else KARIM, random_edit(random, both.plan))


def _and_back_again(both: Pair) -> None:
    plan = both.plan
    try:
        both.undo()
    except NirmanError:
        return
    both.redo()
    assert both.plan == plan


def test_logs_of_before_there_was_undo_still_verify() -> None:
    """The digest of an event without the new fields is what it was."""
    old = Event(
        format=1,
        tenant="padma",
        project="tower",
        revision=2,
        type="plan.changed",
        command_id="c1",
        user="rahim",
        user_name="Rahim",
        at="2026-01-01T00:00:00.000+00:00",
        previous_digest="",
        changes=(Change(Kind.TASK, 1, "updated", {"name": ("A", "B")}),),
    )
    assert digest_of(old) == "197d9adb2139fff4970f8a47828a6f8a9b5999ba2ed5128acb3c9f4ff21888f1"
    assert digest_of(msgspec.structs.replace(old, undoes=1)) != digest_of(old)
