"""Commits: each the next revision, merged or refused."""

from __future__ import annotations

import msgspec
import pytest

from nirman.errors import ConflictError, InvalidInputError, InvalidPlanError, PreconditionFailedError
from nirman.planning.commands import Create, Delete
from nirman.planning.model import Kind
from tests.builders.plans import make_plan, make_task
from tests.unit.planlog.conftest import KEY
from tests.unit.planlog.edits import KARIM, RAHIM, OpenService, begin, command, lengthen, rename


def test_each_commit_is_the_next_revision_and_says_what_moved(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    done = service.commit(RAHIM, command("c1", base, lengthen(1, 960)))
    assert done.revision == base + 1
    assert {moved.uid: (moved.start, moved.finish) for moved in done.event.moved} == {
        1: (("2026-01-04T08:00:00", "2026-01-04T08:00:00"), ("2026-01-04T17:00:00", "2026-01-05T17:00:00")),
        2: (("2026-01-05T08:00:00", "2026-01-06T08:00:00"), ("2026-01-05T17:00:00", "2026-01-06T17:00:00")),
        3: (("2026-01-06T08:00:00", "2026-01-07T08:00:00"), ("2026-01-06T17:00:00", "2026-01-07T17:00:00")),
    }
    assert done.event.project_finish == "2026-01-07T17:00:00"


def test_a_cold_function_reads_what_a_warm_one_has(open_service: OpenService) -> None:
    warm = open_service()
    base = begin(warm)
    warm.commit(RAHIM, command("c1", base, rename(1, "ভিত্তি"), Create(Kind.TASK, {"name": "Roof"})))
    cold = open_service().read(KEY)
    assert (cold.revision, cold.digest, cold.plan) == (base + 1, warm.read(KEY).digest, warm.read(KEY).plan)
    assert cold.plan.next_uid(Kind.TASK) == warm.read(KEY).plan.next_uid(Kind.TASK)


def test_different_fields_of_one_task_merge(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    done = service.commit(KARIM, command("c2", base, lengthen(1, 960)))
    assert done.merged
    assert (done.state.plan.tasks[1].name, done.state.plan.tasks[1].duration_minutes) == ("Piling", 960)


def test_the_same_field_conflicts_and_returns_both_values(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling"), rename(2, "Caps")))
    with pytest.raises(ConflictError) as refused:
        service.commit(KARIM, command("c2", base, rename(1, "Bored piles"), lengthen(3, 0)))
    [conflict] = refused.value.conflicts
    assert (conflict.kind, conflict.uid, conflict.field) == ("task", 1, "name")
    assert (conflict.base, conflict.yours, conflict.theirs) == ("Task 1", "Bored piles", "Piling")
    assert (conflict.by, conflict.at, conflict.revision) == ("Rahim", "2026-01-01T00:00:00.000+00:00", base + 1)
    assert service.read(KEY).plan.tasks[3].duration_minutes == 480


def test_ones_own_edit_is_no_conflict_when_it_is_known_and_others_still_are(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    own = service.commit(RAHIM, command("c1", base, rename(1, "Piling"))).revision
    again = command("c2", base, rename(1, "Bored piles"))
    with pytest.raises(ConflictError):
        service.commit(RAHIM, again)
    assert service.commit(RAHIM, msgspec.structs.replace(again, known=(own,))).state.plan.tasks[1].name == "Bored piles"
    service.commit(KARIM, command("c3", own + 1, rename(1, "Karim's")))
    late = command("c4", base, rename(1, "Mine"))
    with pytest.raises(ConflictError) as refused:  # Karim's is not Rahim's to know, whatever he says
        service.commit(RAHIM, msgspec.structs.replace(late, known=(own, own + 1, own + 2)))
    [conflict] = refused.value.conflicts
    assert (conflict.base, conflict.theirs, conflict.by) == ("Bored piles", "Karim's", "Karim")


def test_the_same_value_for_the_same_field_is_no_conflict(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert service.commit(KARIM, command("c2", base, rename(1, "Piling"))).merged


def test_a_change_of_what_others_deleted_conflicts(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, Delete(Kind.TASK, 3)))
    with pytest.raises(ConflictError) as refused:
        service.commit(KARIM, command("c2", base, rename(3, "Roof")))
    assert [(c.uid, c.field, c.by) for c in refused.value.conflicts] == [(3, "*", "Rahim")]


def test_deleting_a_summary_whose_child_others_changed_or_added_conflicts(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan([make_task(1), make_task(2, parent_uid=1)]))
    service.commit(RAHIM, command("c1", base, rename(2, "Walls"), Create(Kind.TASK, {"parent_uid": 1, "name": "Door"})))
    with pytest.raises(ConflictError) as refused:
        service.commit(KARIM, command("c2", base, Delete(Kind.TASK, 1)))
    assert {conflict.uid for conflict in refused.value.conflicts} == {2, 3}
    assert set(service.read(KEY).plan.tasks) == {1, 2, 3}


def test_two_links_that_merge_to_a_cycle_are_refused(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    service.commit(RAHIM, command("c1", base, Create(Kind.LINK, {"predecessor_uid": 1, "successor_uid": 2})))
    with pytest.raises(InvalidPlanError) as refused:
        service.commit(KARIM, command("c2", base, Create(Kind.LINK, {"predecessor_uid": 2, "successor_uid": 1})))
    assert set(refused.value.uids) == {1, 2}
    assert service.head(KEY) == base + 1


def test_if_match_refuses_any_commit_in_between(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")), expected_revision=base)
    with pytest.raises(PreconditionFailedError) as refused:
        service.commit(KARIM, command("c2", base, lengthen(2, 60)), expected_revision=base)
    assert (refused.value.expected, refused.value.head) == (base, base + 1)


def test_a_base_revision_from_the_future_is_refused(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    with pytest.raises(InvalidInputError, match="base_revision"):
        service.commit(RAHIM, command("c1", base + 1, rename(1, "x")))
