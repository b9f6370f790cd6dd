from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ParamValidationError

from nirman.aws import keys
from nirman.errors import (
    BusyError,
    CommandReusedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidPlanError,
    NotFoundError,
    PreconditionFailedError,
)
from nirman.planlog import snapshots
from nirman.planlog.ports import Snapshot
from nirman.planlog.service import EventPage, PlanService
from nirman.planlog.state import BrokenLogError
from nirman.planning.commands import Command, Create, Delete, Operation, Replacement, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind, Plan
from nirman.tenancy.identity import Role
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.faults import Calls
from tests.unit.planlog.conftest import KEY, SNAPSHOT_EVERY, person

OpenService = Callable[..., PlanService]
RAHIM, KARIM = person("rahim"), person("karim")


def command(command_id: str, base: int, *operations: Operation) -> Command:
    return Command(command_id=command_id, base_revision=base, operations=operations)


def rename(uid: int, name: str) -> Update:
    return Update(Kind.TASK, uid, {"name": name})


def lengthen(uid: int, minutes: int) -> Update:
    return Update(Kind.TASK, uid, {"duration_minutes": minutes})


def begin(service: PlanService, plan: Plan | None = None) -> int:
    """A project with three linked tasks of a day each; its revision."""
    plan = plan or make_plan(3, [make_link(1, 1, 2), make_link(2, 2, 3)])
    created = service.create(RAHIM.principal, "tower", plan.project, list(plan.calendars.values()), command_id="create")
    replacement = Replacement("import", created.revision, plan, "tower.xml")
    return service.replace(RAHIM, replacement).revision


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


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("known_base", [False, True])
@pytest.mark.parametrize("others", [0, 2])
def test_a_command_sent_twice_is_carried_out_once(
    open_service: OpenService, *, cold: bool, known_base: bool, others: int
) -> None:
    service = open_service()
    base = begin(service)
    create = Create(Kind.TASK, {"name": "Roof"})
    first = service.commit(RAHIM, command("c1", base, create))
    for number in range(others):
        service.commit(KARIM, command(f"o{number}", base + 1 + number, rename(1, f"x{number}")))
    again_base = base + 1 + others if known_base else base
    service = open_service() if cold else service
    again = service.commit(RAHIM, command("c1", again_base, create))
    assert (again.revision, again.repeated) == (first.revision, True)
    assert again.event == first.event
    assert service.head(KEY) == base + 1 + others


def test_a_repeated_command_is_not_in_conflict_with_itself_nor_fails_its_if_match(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    first = service.commit(RAHIM, command("c1", base, rename(1, "Piling")), expected_revision=base)
    again = service.commit(RAHIM, command("c1", base, rename(1, "Piling")), expected_revision=base)
    assert (again.revision, again.repeated) == (first.revision, True)


@pytest.mark.parametrize("base_step", [0, 1])
def test_a_command_id_with_other_content_is_refused(open_service: OpenService, base_step: int) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    with pytest.raises(CommandReusedError):
        service.commit(RAHIM, command("c1", base + base_step, rename(1, "Caps")))


def test_a_lost_race_is_run_again_on_what_won(open_service: OpenService) -> None:
    service, other = open_service(), open_service()
    base = begin(service)
    service.read(KEY)
    append = service._log.append

    def overtaken(*args: Any, **kwargs: Any) -> None:
        service._log.append = append  # type: ignore[method-assign]
        other.commit(KARIM, command("o1", base, rename(2, "Caps")))
        append(*args, **kwargs)

    service._log.append = overtaken  # type: ignore[method-assign]
    done = service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert (done.revision, done.merged) == (base + 2, True)
    assert done.state.plan.tasks[2].name == "Caps"
    assert open_service().verify(KEY) == base + 2


def test_a_writer_that_always_loses_is_told_so_and_nothing_is_written(open_service: OpenService) -> None:
    service, other = open_service(), open_service()
    base = begin(service)
    append = service._log.append
    rounds = iter(range(100))

    def overtaken(*args: Any, **kwargs: Any) -> None:
        other.commit(KARIM, command(f"o{next(rounds)}", base, Create(Kind.TASK, {})))
        append(*args, **kwargs)

    service._log.append = overtaken  # type: ignore[method-assign]
    with pytest.raises(BusyError):
        service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert other.read(KEY).plan.tasks[1].name == "Task 1"


@pytest.mark.parametrize("after_effect", [False, True])
def test_no_answer_from_the_store_is_resolved_by_reading_the_log(
    open_service: OpenService, *, after_effect: bool
) -> None:
    base = begin(open_service())
    counted = Calls()
    service = open_service(counted)
    service.read(KEY)
    unsure = Calls(len(counted.made), after_effect=after_effect, timeout=True)
    service = open_service(unsure)
    done = service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert unsure.made[len(counted.made)] == "transact_write_items"
    assert done.revision == base + 1
    assert open_service().verify(KEY) == base + 1


def test_a_call_that_can_never_succeed_is_not_tried_again(open_service: OpenService) -> None:
    nameless = open_service(table="")
    service, base = open_service(), begin(open_service())
    tried = []

    def without_a_table(*args: Any, **kwargs: Any) -> None:
        tried.append(args)
        nameless._log.append(*args, **kwargs)

    service._log.append = without_a_table  # type: ignore[method-assign]
    with pytest.raises(ParamValidationError):
        service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert len(tried) == 1


def test_a_warm_function_reads_only_the_tail(open_service: OpenService) -> None:
    calls = Calls()
    service = open_service(calls)
    base = begin(service)
    open_service().commit(KARIM, command("o1", base, rename(2, "Caps")))
    calls.made.clear()
    assert service.read(KEY).plan.tasks[2].name == "Caps"
    assert set(calls.made) == {"query"}


def test_a_snapshot_is_taken_so_that_a_cold_function_reads_it_and_the_tail(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    for revision in range(base, SNAPSHOT_EVERY + 3):
        service.commit(RAHIM, command(f"c{revision}", revision, rename(1, f"Name {revision}")))
    calls = Calls()
    cold = open_service(calls)
    read: list[Event] = []
    after = cold._log.after

    def noted(*args: Any, **kwargs: Any) -> list[Event]:
        read.extend(found := after(*args, **kwargs))
        return found

    cold._log.after = noted  # type: ignore[method-assign]
    assert cold.read(KEY).plan == service.read(KEY).plan
    assert [event.revision for event in read] == [SNAPSHOT_EVERY + 1, SNAPSHOT_EVERY + 2, SNAPSHOT_EVERY + 3]
    assert calls.made.count("get_object") == 1


def test_a_change_too_large_for_an_item_is_kept_whole(open_service: OpenService, s3: Any, plan_bucket: str) -> None:
    service = open_service()
    base = begin(service)
    creates = [Create(Kind.TASK, {"name": "ক" * 500}) for _ in range(400)]
    done = service.commit(RAHIM, command("c1", base, *creates))
    cold = open_service()
    [event] = cold.events(KEY, after=base).events
    assert event == done.event
    assert len(event.changes) == 400
    assert cold.read(KEY).plan == done.state.plan
    assert cold.verify(KEY) == base + 1
    assert s3.list_objects_v2(Bucket=plan_bucket, Prefix="tenants/padma/projects/tower/bodies/")["KeyCount"] == 1


@pytest.mark.parametrize("field", ["user_name", "at", "changes"])
def test_an_altered_event_breaks_the_chain(
    open_service: OpenService, dynamodb: Any, plan_table: str, field: str
) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    service.commit(RAHIM, command("c2", base + 1, rename(1, "Caps")))
    item_key = {"pk": {"S": keys.project(KEY)}, "sk": {"S": keys.event(base + 1)}}
    stored = msgspec.json.decode(dynamodb.get_item(TableName=plan_table, Key=item_key)["Item"]["event"]["S"])
    stored[field] = [] if field == "changes" else "another"
    dynamodb.put_item(TableName=plan_table, Item=item_key | {"event": {"S": msgspec.json.encode(stored).decode()}})
    with pytest.raises(BrokenLogError, match=f"revision {base + 1}"):
        open_service().verify(KEY)


def test_a_missing_event_is_never_read_over(open_service: OpenService, dynamodb: Any, plan_table: str) -> None:
    service = open_service()
    base = begin(service)
    for number in range(5):
        service.commit(RAHIM, command(f"c{number}", base + number, rename(1, f"x{number}")))
    item_key = {"pk": {"S": keys.project(KEY)}, "sk": {"S": keys.event(SNAPSHOT_EVERY + 1)}}
    dynamodb.delete_item(TableName=plan_table, Key=item_key)
    with pytest.raises(BrokenLogError):
        open_service().read(KEY)


def test_events_come_in_pages_that_say_when_they_are_complete(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    for number in range(3):
        service.commit(RAHIM, command(f"c{number}", base + number, rename(1, f"x{number}")))
    page = service.events(KEY, after=base, limit=2)
    assert ([event.revision for event in page.events], page.head, page.complete) == (
        [base + 1, base + 2],
        base + 3,
        False,
    )
    page = service.events(KEY, after=base + 2, limit=2)
    assert [event.revision for event in page.events] == [base + 3]
    assert (page.head, page.complete) == (base + 3, True)
    assert service.events(KEY, after=base + 3).complete


def test_what_is_kept_no_longer_is_lost_and_never_left_out(
    open_service: OpenService, dynamodb: Any, plan_table: str
) -> None:
    service = open_service()
    base = begin(service)
    for number in range(5):
        service.commit(RAHIM, command(f"c{number}", base + number, rename(1, f"n{number}")))
    for revision in range(1, base + 3):
        item_key = {"pk": {"S": keys.project(KEY)}, "sk": {"S": keys.event(revision)}}
        dynamodb.delete_item(TableName=plan_table, Key=item_key)
    for after in range(base + 2):
        assert service.events(KEY, after=after) == EventPage((), base + 5, complete=False, lost=True)
    page = service.events(KEY, after=base + 2)
    assert [event.revision for event in page.events] == [base + 3, base + 4, base + 5]
    assert (page.complete, page.lost) == (True, False)
    dynamodb.delete_item(TableName=plan_table, Key=item_key | {"sk": {"S": keys.event(base + 4)}})
    page = service.events(KEY, after=base + 2)
    assert ([event.revision for event in page.events], page.complete, page.lost) == ([base + 3], False, False)
    assert service.events(KEY, after=base + 3).lost
    assert not service.events(KEY, after=base + 5).lost


def test_a_commit_between_reading_the_events_and_the_head_is_not_called_lost(open_service: OpenService) -> None:
    service, other = open_service(), open_service()
    base = begin(service)
    after = service._log.after

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        service._log.after = after  # type: ignore[method-assign]
        found = after(*args, **kwargs)
        other.commit(KARIM, command("o1", base, rename(1, "Piling")))
        return found

    service._log.after = overtaken  # type: ignore[method-assign]
    page = service.events(KEY, after=base)
    assert ([event.revision for event in page.events], page.complete, page.lost) == ([base + 1], True, False)


def test_nothing_is_committed_to_a_project_that_was_never_made(open_service: OpenService) -> None:
    service = open_service()
    with pytest.raises(NotFoundError):
        service.commit(RAHIM, command("c1", 0, Create(Kind.TASK, {"name": "Roof"})))
    assert service.verify(KEY) == 0


def test_creating_a_project_twice_gives_one(open_service: OpenService) -> None:
    plan = make_plan()
    calendars = list(plan.calendars.values())
    first = open_service().create(RAHIM.principal, "tower", plan.project, calendars, command_id="create")
    again = open_service().create(RAHIM.principal, "tower", plan.project, calendars, command_id="create")
    assert (first.revision, again.revision, again.repeated) == (1, 1, True)
    with pytest.raises(InvalidInputError, match="already"):
        open_service().create(KARIM.principal, "tower", plan.project, calendars, command_id="other")


def test_an_import_merges_with_nothing_it_would_overwrite(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(KARIM, command("o1", base, rename(2, "Caps")))
    other = make_plan([make_task(1), make_task(2, name="From the file")])
    with pytest.raises(ConflictError):
        service.replace(RAHIM, Replacement("i2", base, other, "other.xml"))
    done = service.replace(RAHIM, Replacement("i2", base + 1, other, "other.xml"))
    assert done.state.plan == other
    assert (done.event.type, done.event.source) == ("plan.replaced", "other.xml")


def test_an_import_that_cannot_be_scheduled_changes_nothing(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    cyclic = make_plan(2, [make_link(1, 1, 2), make_link(2, 2, 1)])
    with pytest.raises(InvalidPlanError):
        service.replace(RAHIM, Replacement("i2", base, cyclic))
    assert open_service().head(KEY) == base


def test_a_deleted_project_is_gone_but_its_log_can_be_verified(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    done = service.delete(RAHIM, command_id="d1", expected_revision=base)
    assert service.delete(RAHIM, command_id="d1", expected_revision=base).repeated
    for reader in (service, open_service()):
        with pytest.raises(NotFoundError):
            reader.read(KEY)
        with pytest.raises(NotFoundError):
            reader.commit(RAHIM, command("c1", base + 1, rename(1, "x")))
        assert reader.verify(KEY) == done.revision


@pytest.mark.parametrize(
    ("role", "operation", "allowed"),
    [
        (Role.VIEWER, rename(1, "x"), False),
        (Role.VIEWER, Update(Kind.TASK, 1, {"percent_complete": 50}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50}), True),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50, "name": "x"}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, increase={"percent_complete": 5}), True),
        (Role.MEMBER, Update(Kind.TASK, 1, increase={"duration_minutes": 5}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50}, add={"labels": ("x",)}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, remove={"assignees": (1,)}), False),
        (Role.MEMBER, Update(Kind.RESOURCE, 1, {"notes": "x"}), False),
        (Role.MEMBER, Delete(Kind.TASK, 1), False),
        (Role.PLANNER, rename(1, "x"), True),
        (Role.OWNER, Delete(Kind.TASK, 1), True),
    ],
)
def test_a_role_commits_only_what_it_may(
    open_service: OpenService, role: Role, operation: Operation, *, allowed: bool
) -> None:
    service = open_service()
    base = begin(service)
    if allowed:
        assert service.commit(person("x", role), command("c1", base, operation)).revision == base + 1
    else:
        with pytest.raises(ForbiddenError):
            service.commit(person("x", role), command("c1", base, operation))
        assert service.head(KEY) == base


def test_a_snapshot_gives_the_plan_back_as_it_was() -> None:
    plan = make_plan([make_task(1, name="ইট", priority=900), make_task(2, parent_uid=1)], [make_link(1, 1, 2)])
    snapshot = Snapshot(7, "d", plan)
    assert snapshots.decode(snapshots.encode(snapshot)) == snapshot
