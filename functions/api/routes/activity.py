"""Who did what, newest first."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Caller, Collaborators, Viewing
from functions.api.cursors import Page
from functions.api.languages import Read
from functions.api.wire import answer
from nirman.activity.entry import Count, Entry, Fact
from nirman.activity.feed import FeedPage
from nirman.activity.ports import Position
from nirman.activity.sentences import Language, sentence
from nirman.errors import InvalidInputError
from nirman.planning.events import EventType

router = APIRouter(tags=["activity"])
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many a page.")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before.")]
User = Annotated[str | None, Query(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", description="Only what this person did.")]


class Activity(Struct, frozen=True, kw_only=True):
    """One revision: `text` is the sentence, the rest is what it was made of.

    `facts` are the most telling of what changed, `counts` counts all; `finish` is the project's before and after.
    """

    at: str
    user: str
    user_name: str
    project: str
    project_name: str
    revision: int
    text: str
    type: EventType
    facts: tuple[Fact, ...]
    counts: tuple[Count, ...]
    moved: int
    finish: tuple[str | None, str | None]
    source: str
    undoes: int | None
    redoes: int | None


@router.get(
    "/projects/{project}/activity",
    operation_id="listProjectActivity",
    responses=openapi.IN_PROJECT | openapi.answers(Page[Activity], "What happened in the project, newest first."),
)
def list_project_activity(
    access: Viewing, collaborators: Collaborators, language: Read, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    scope = f"{access.key.tenant}/{access.key.project}"
    found = collaborators.activity.of_project(access.key, below=_decoded(cursor, scope), limit=limit)
    return _answer(found, scope, language)


@router.get(
    "/activity",
    operation_id="listActivity",
    responses=openapi.SIGNED_IN
    | openapi.answers(
        Page[Activity], "What happened in the projects that the caller may see, newest first; a page may hold fewer."
    ),
)
def list_activity(
    caller: Caller,
    collaborators: Collaborators,
    language: Read,
    person: User = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    scope = f"{caller.tenant}/{person or '*'}"
    below = _decoded(cursor, scope)
    feed = collaborators.activity
    if person is None:
        found = feed.of_tenant(caller, below=below, limit=limit)
    else:
        found = feed.of_person(caller, person, below=below, limit=limit)
    return _answer(found, scope, language)


def _answer(found: FeedPage, scope: str, language: Language) -> Response:
    items = tuple(_told(entry, language) for entry in found.entries)
    return answer(Page(items, None if found.below is None else _encoded(found.below, scope)))


def _told(entry: Entry, language: Language) -> Activity:
    values: dict[str, Any] = {name: getattr(entry, name) for name in Activity.__struct_fields__ if name != "text"}
    return Activity(text=sentence(entry, language), **values)


class _Cursor(Struct, frozen=True, array_like=True):
    scope: str
    below: Position


def _encoded(below: Position, scope: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(scope, below))).decode().rstrip("=")


def _decoded(cursor: str | None, scope: str) -> Position | None:
    """Where a page begins: of the list that `scope` names, and of no other."""
    if cursor is None:
        return None
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(data, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        found = None
    if found is None or found.scope != scope:
        raise InvalidInputError("not a cursor that this list gave", place="cursor")
    return found.below
