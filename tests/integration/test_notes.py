"""Notes to people and tenants, on a table as the template declares it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nirman.aws import keys
from nirman.aws.notes import DynamoNotes, note_from_image
from nirman.collaboration.messages import Note
from nirman.collaboration.ports import NOTES_KEPT, NoteRoom
from nirman.errors import BusyError, CommandReusedError
from nirman.tenancy.identity import PersonKey, TenantKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
AMINA = PersonKey("dhaka", "amina")
DHAKA = TenantKey("dhaka")


def five_tries() -> Iterator[None]:
    yield from [None] * 5


@pytest.fixture
def notes(dynamodb: DynamoDBClient, plan_table: str) -> DynamoNotes:
    return DynamoNotes(dynamodb, plan_table, pauses=five_tries)


def note(text: str = "ছাদ ঢালাই", at: datetime = NOW) -> Note:
    return Note("system", at.isoformat(), text, by="Amina")


def written(notes: DynamoNotes, room: NoteRoom, count: int, at: datetime = NOW) -> None:
    first = notes.head(room) + 1
    for number in range(first, first + count):
        assert notes.add(room, note(f"note {number}", at), note_id=f"id-{number}") == number


def read(notes: DynamoNotes, revision: int | None, *, now: datetime = NOW, limit: int = 100) -> Any:
    page = notes.after(AMINA, revision, limit=limit, now=now)
    return [one.revision for one in page.notes], page.head, page.lost


def test_a_room_without_notes_is_at_nought(notes: DynamoNotes) -> None:
    assert notes.head(AMINA) == 0
    assert read(notes, 0) == ([], 0, False)
    assert read(notes, None) == ([], 0, False)


def test_notes_have_numbers_without_gaps_and_come_back_as_written(notes: DynamoNotes) -> None:
    written(notes, AMINA, 3)
    page = notes.after(AMINA, 0, limit=100, now=NOW)
    assert [(one.room, one.revision, one.previous, one.note.text) for one in page.notes] == [
        ("user", 1, 0, "note 1"),
        ("user", 2, 1, "note 2"),
        ("user", 3, 2, "note 3"),
    ]
    assert read(notes, 2) == ([3], 3, False)
    assert read(notes, 3) == ([], 3, False)


def test_pages_follow_one_another(notes: DynamoNotes) -> None:
    written(notes, AMINA, 5)
    assert read(notes, None, limit=2) == ([1, 2], 5, False)
    assert read(notes, 2, limit=2) == ([3, 4], 5, False)


def test_a_revision_from_the_future_is_lost(notes: DynamoNotes) -> None:
    written(notes, AMINA, 2)
    assert read(notes, 3) == ([], 2, True)


def test_rooms_keep_apart_whatever_people_and_tenants_are_called(notes: DynamoNotes) -> None:
    rooms = [AMINA, DHAKA, PersonKey("dhaka", "N"), PersonKey("khulna", "amina"), TenantKey("khulna"), TenantKey("U")]
    for room in rooms:
        notes.add(room, note(str(room)), note_id="same")
    for room in rooms:
        [one] = notes.after(room, 0, limit=9, now=NOW).notes
        assert one.note.text == str(room)


def test_the_same_id_writes_once_and_another_note_under_it_is_refused(notes: DynamoNotes) -> None:
    assert notes.add(AMINA, note(), note_id="k") == 1
    assert notes.add(AMINA, note(at=NOW + timedelta(seconds=9)), note_id="k") == 1
    with pytest.raises(CommandReusedError):
        notes.add(AMINA, note("something else"), note_id="k")
    assert notes.head(AMINA) == 1


def test_after_90_days_a_note_is_lost_though_the_table_still_has_it(notes: DynamoNotes) -> None:
    written(notes, AMINA, 2)
    later = NOW + timedelta(days=1)
    written(notes, AMINA, 2, later)
    assert read(notes, 0, now=NOW + NOTES_KEPT - timedelta(seconds=1)) == ([1, 2, 3, 4], 4, False)
    then = NOW + NOTES_KEPT
    assert read(notes, 0, now=then) == ([], 4, True)
    assert read(notes, 1, now=then) == ([], 4, True)
    assert read(notes, 2, now=then) == ([3, 4], 4, False)
    assert read(notes, None, now=then) == ([3, 4], 4, False)
    gone = later + NOTES_KEPT
    assert read(notes, None, now=gone) == ([], 4, False)
    assert read(notes, 3, now=gone) == ([], 4, True)
    assert read(notes, 4, now=gone) == ([], 4, False)


def test_the_numbers_go_on_when_all_notes_are_gone(
    notes: DynamoNotes, dynamodb: DynamoDBClient, plan_table: str
) -> None:
    """The head does not expire with the notes; what the table removes is made up here."""
    written(notes, AMINA, 2)
    for item in dynamodb.scan(TableName=plan_table)["Items"]:
        if "expires" in item:
            assert int(item["expires"]["N"]) == (NOW + NOTES_KEPT).timestamp()
            dynamodb.delete_item(TableName=plan_table, Key={"pk": item["pk"], "sk": item["sk"]})
    assert notes.add(AMINA, note(), note_id="new") == 3
    assert read(notes, 0) == ([], 3, True)


def test_a_hole_made_by_a_clock_that_went_wrong_ends_the_page(notes: DynamoNotes) -> None:
    written(notes, AMINA, 1, NOW + timedelta(days=2))
    written(notes, AMINA, 1, NOW)
    written(notes, AMINA, 1, NOW + timedelta(days=2))
    then = NOW + NOTES_KEPT
    assert read(notes, 0, now=then) == ([1], 3, False)
    assert read(notes, 1, now=then) == ([], 3, True)


def test_whoever_loses_the_race_for_a_number_takes_the_next(
    notes: DynamoNotes, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = dynamodb.transact_write_items
    others = iter(range(3))

    def late(**arguments: Any) -> Any:
        if next(others, None) is not None:
            monkeypatch.setattr(dynamodb, "transact_write_items", transact)
            notes.add(AMINA, note("theirs"), note_id=f"theirs-{notes.head(AMINA)}")
            monkeypatch.setattr(dynamodb, "transact_write_items", late)
        return transact(**arguments)

    monkeypatch.setattr(dynamodb, "transact_write_items", late)
    assert notes.add(AMINA, note("mine"), note_id="mine") == 4
    assert read(notes, 0) == ([1, 2, 3, 4], 4, False)


def test_whoever_loses_every_race_is_told_so(
    notes: DynamoNotes, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contended(**_: Any) -> Any:
        reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]}
        raise dynamodb.exceptions.TransactionCanceledException(reasons, "TransactWriteItems")

    monkeypatch.setattr(dynamodb, "transact_write_items", contended)
    with pytest.raises(BusyError):
        notes.add(AMINA, note(), note_id="k")


def test_the_note_of_a_stream_record_knows_its_room(
    notes: DynamoNotes, dynamodb: DynamoDBClient, plan_table: str
) -> None:
    for room in (AMINA, DHAKA):
        notes.add(room, note(), note_id="k")
        key = {"pk": {"S": keys.notes(room)}, "sk": {"S": keys.note(1)}}
        found, message = note_from_image(dynamodb.get_item(TableName=plan_table, Key=key)["Item"])
        assert (found, message.revision, message.note) == (room, 1, note())
