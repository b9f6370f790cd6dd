"""The log is read whole, in pages, from snapshots, and never over what is missing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nirman.aws import keys
from nirman.planlog.service import EventPage
from nirman.planlog.state import BrokenLogError
from nirman.planning.commands import Create
from nirman.planning.events import Event
from nirman.planning.model import Kind
from tests.support.faults import Calls
from tests.unit.planlog.conftest import KEY, SNAPSHOT_EVERY
from tests.unit.planlog.edits import KARIM, RAHIM, OpenService, begin, command, rename


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
