"""Notes to people and tenants in the plan table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

import msgspec

from nirman.aws import keys
from nirman.collaboration.messages import Note, NoteMessage
from nirman.collaboration.ports import NOTES_KEPT, NotePage, NoteRoom, note_message
from nirman.errors import BusyError, CommandReusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

Item = Mapping[str, Any]
_LOST_RACE = {
    *("None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"),
}


def note_from_image(image: Item) -> tuple[NoteRoom, NoteMessage]:
    """The note of a stored item or stream image, and the room it was written in."""
    room = keys.notes_of(image["pk"]["S"])
    note = msgspec.json.decode(image["note"]["S"], type=Note)
    return room, note_message(room, keys.note_revision(image["sk"]["S"]), note)


class DynamoNotes:
    """Port: `collaboration.ports.Notes`. `pauses` yields before each try, waiting in between, until it gives up."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, *, pauses: Callable[[], Iterator[None]]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._pauses = pauses

    def head(self, room: NoteRoom) -> int:
        return _head(self._dynamodb, self._table, room)

    def after(self, room: NoteRoom, revision: int | None, *, limit: int, now: datetime) -> NotePage:
        # The head first: what is written meanwhile is past it, and so missed by nobody.
        head = self.head(room)
        found = self._query(room, 0 if revision is None else revision, limit)
        kept = [note_from_image(item)[1] for item in found if int(item["expires"]["N"]) > now.timestamp()]
        if revision is None:
            revision = kept[0].previous if kept else head
        notes = tuple(note for note, _ in takewhile(_follow, zip(kept, count(revision + 1), strict=False)))
        if not notes:
            return NotePage((), head, lost=revision != head)
        return NotePage(notes, max(head, notes[-1].revision))

    def add(self, room: NoteRoom, note: Note, *, note_id: str) -> int:
        for _ in self._pauses():
            if (done := self._done(room, note, note_id)) is not None:
                return done
            items, revision = staged(self._dynamodb, self._table, room, note, note_id)
            try:
                self._dynamodb.transact_write_items(TransactItems=items)
            except self._dynamodb.exceptions.TransactionCanceledException as exc:
                if any(reason.get("Code") not in _LOST_RACE for reason in exc.response["CancellationReasons"]):
                    raise
            else:
                return revision
        raise BusyError("too many notes at once; send the same again")

    def _done(self, room: NoteRoom, note: Note, note_id: str) -> int | None:
        key = _key(keys.notes(room), keys.note_id(note_id))
        item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        if item["fingerprint"]["S"] != _fingerprint(note):
            raise CommandReusedError("the same key came before with another note")
        return int(item["revision"]["N"])

    def _query(self, room: NoteRoom, after: int, limit: int) -> list[Any]:
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "ConsistentRead": True,
            "Limit": limit,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": keys.notes(room)},
                ":first": {"S": keys.note(after + 1)},
                ":last": {"S": keys.note(10**12 - 1)},
            },
        }
        return self._dynamodb.query(**query)["Items"]


def staged(
    dynamodb: DynamoDBClient, table: str, room: NoteRoom, note: Note, note_id: str
) -> tuple[list[TransactWriteItemTypeDef], int]:
    """What a transaction must hold to write the note, and the number it gets. It fails if another came first."""
    pk, head = keys.notes(room), _head(dynamodb, table, room)
    new = {"N": str(head + 1)}
    expiry = {"expires": {"N": str(int((datetime.fromisoformat(note.at) + NOTES_KEPT).timestamp()))}}
    text = {"note": {"S": msgspec.json.encode(note).decode()}}
    identity = {"fingerprint": {"S": _fingerprint(note)}, "revision": new}
    advance: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": table,
            "Key": _key(pk, keys.NOTES_HEAD),
            "UpdateExpression": "SET revision = :new",
            "ConditionExpression": "revision = :old" if head else "attribute_not_exists(pk)",
            "ExpressionAttributeValues": {":new": new} | ({":old": {"N": str(head)}} if head else {}),
        }
    }
    puts: list[TransactWriteItemTypeDef] = [
        {"Put": {"TableName": table, "Item": item | expiry, "ConditionExpression": "attribute_not_exists(pk)"}}
        for item in (_key(pk, keys.note(head + 1)) | text, _key(pk, keys.note_id(note_id)) | identity)
    ]
    return [advance, *puts], head + 1


def _head(dynamodb: DynamoDBClient, table: str, room: NoteRoom) -> int:
    key = _key(keys.notes(room), keys.NOTES_HEAD)
    item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return int(item["revision"]["N"]) if item else 0


def _follow(pair: tuple[NoteMessage, int]) -> bool:
    note, expected = pair
    return note.revision == expected


def _fingerprint(note: Note) -> str:
    """Of what is said, whenever."""
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(note, at=""))).hexdigest()


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
