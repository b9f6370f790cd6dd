"""What the sockets have to say by HTTP: the contract, notes, who is online, and an admin's word to everybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from msgspec import Meta, Struct
from starlette.responses import Response
from ulid import ULID

from functions.api import openapi
from functions.api.access import Caller, Collaborators, Manager
from functions.api.cursors import Page
from functions.api.revisions import IdempotencyKey
from functions.api.wire import JsonBody, answer
from nirman.collaboration import contract
from nirman.collaboration.bridge import MAX_TEXT, ActiveProject, OnlinePerson
from nirman.collaboration.client import PING_EVERY_S
from nirman.collaboration.messages import MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, VERSION, NoteMessage
from nirman.collaboration.ports import NOTES_KEPT
from nirman.collaboration.rooms import MAX_MISSED
from nirman.errors import NotFoundError
from nirman.tenancy.identity import PersonKey, TenantKey
from nirman.tenancy.limits import Limits

router = APIRouter(prefix="/realtime", tags=["realtime"])
MAX_PAGE = 50
"""People or projects; each takes a look at a room."""


class Announcement(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


class Status(Struct, frozen=True):
    """What a client must keep to. `max_missed` events or notes are the most that a `join` catches up with."""

    version: int
    url: str
    max_message_bytes: int
    max_frame_bytes: int
    max_rooms: int
    limits: Limits
    """Of the tenant's plan."""
    max_missed: int
    ping_every_s: float
    notes_kept_days: int


class Notes(Struct, frozen=True, kw_only=True):
    """Ascending, without gaps. `complete`: nothing is missing up to `head`. `reload`: what follows the number given is
    kept no longer, or the number is none of this room's; ask again without `after`.
    """

    notes: tuple[NoteMessage, ...]
    head: int
    complete: bool
    reload: bool = False


_ANNOUNCEMENT = JsonBody(Announcement)


@router.get(
    "/asyncapi.json",
    operation_id="getAsyncApi",
    responses=openapi.answers(dict[str, Any], "The messages of the sockets, in AsyncAPI 3.0."),
)
def get_asyncapi(collaborators: Collaborators) -> Response:
    return answer(contract.asyncapi(collaborators.socket_address))


@router.get(
    "/schemas/{type}.json",
    operation_id="getMessageSchema",
    responses=openapi.answers(dict[str, Any], "JSON Schema (2020-12) of one type of message.")
    | openapi.problems(HTTPStatus.NOT_FOUND),
)
def get_schema(type: Annotated[str, Path(description="The `type` of the message.")]) -> Response:  # noqa: A002
    schema = contract.schema(type)
    if schema is None:
        raise NotFoundError(f"there is no message of the type {type!r}")
    return answer(schema)


@router.get(
    "/status",
    operation_id="getRealtimeStatus",
    responses=openapi.SIGNED_IN | openapi.answers(Status, "Where the sockets are, and their limits."),
)
def get_status(caller: Caller, collaborators: Collaborators) -> Response:
    limits = collaborators.limits.of(caller.tenant)
    return answer(
        Status(
            version=VERSION,
            url=collaborators.socket_address,
            max_message_bytes=MAX_MESSAGE_BYTES,
            max_frame_bytes=MAX_FRAME_BYTES,
            max_rooms=limits.rooms_per_connection,
            limits=limits,
            max_missed=MAX_MISSED,
            ping_every_s=PING_EVERY_S,
            notes_kept_days=NOTES_KEPT.days,
        )
    )


@router.get(
    "/notes",
    operation_id="listNotes",
    responses=openapi.SIGNED_IN | openapi.answers(Notes, "What the caller, or everybody in the tenant, was told."),
)
def list_notes(
    caller: Caller,
    collaborators: Collaborators,
    room: Annotated[Literal["user", "tenant"], Query(description="One's own room, or the tenant's.")],
    after: Annotated[
        int | None, Query(ge=0, lt=10**12, description="The number that the caller has; else from the oldest kept.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    key = PersonKey(caller.tenant, caller.user) if room == "user" else TenantKey(caller.tenant)
    page = collaborators.bridge.notes(key, after, limit=limit)
    last = page.notes[-1].revision if page.notes else page.head
    return answer(
        Notes(notes=page.notes, head=page.head, complete=not page.lost and last == page.head, reload=page.lost)
    )


@router.post(
    "/notifications/system",
    operation_id="announce",
    openapi_extra=_ANNOUNCEMENT.openapi,
    status_code=HTTPStatus.CREATED,
    responses=openapi.SIGNED_IN
    | openapi.problems(HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
    | openapi.answers(NoteMessage, "The note, as everybody in the tenant's room gets it.", status=HTTPStatus.CREATED),
)
def announce(
    caller: Manager,
    collaborators: Collaborators,
    body: Annotated[Announcement, Depends(_ANNOUNCEMENT)],
    key: IdempotencyKey = None,
) -> Response:
    note = collaborators.bridge.announce(caller, body.text, key=key or str(ULID()))
    return answer(note, status=HTTPStatus.CREATED)


@router.get(
    "/users/online",
    operation_id="listOnline",
    responses=openapi.SIGNED_IN
    | openapi.answers(Page[OnlinePerson], "People of the tenant with open sockets, and in which projects they are."),
)
def list_online(
    caller: Caller,
    collaborators: Collaborators,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    cursor: Annotated[
        str | None, Query(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", description="`next` of the page before.")
    ] = None,
) -> Response:
    people, after = collaborators.bridge.online(caller, limit=limit, after=cursor)
    return answer(Page(people, after))


@router.get(
    "/collaborations/active",
    operation_id="listActive",
    responses=openapi.SIGNED_IN
    | openapi.answers(Page[ActiveProject], "Projects with people in them now; a page may hold fewer than `limit`."),
)
def list_active(
    caller: Caller,
    collaborators: Collaborators,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
) -> Response:
    projects, following = collaborators.bridge.active(caller, limit=limit, cursor=cursor)
    return answer(Page(projects, following))
