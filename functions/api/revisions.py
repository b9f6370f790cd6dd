"""What a caller has seen (If-Match, base_revision, If-None-Match), and answers that say their revision (ETag)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header, Query
from starlette.responses import Response
from ulid import ULID

from functions.api.wire import MAX_ANSWER_BYTES, encoded
from nirman.errors import InvalidInputError, PreconditionRequiredError
from nirman.planlog.commits import CommitResult
from nirman.planlog.service import PlanService
from nirman.planlog.state import PlanState
from nirman.planning.events import Change, Moved
from nirman.tenancy.identity import ProjectKey

_ETAG = re.compile(r'"(\d{1,12})"')


@dataclass(frozen=True, slots=True)
class Seen:
    """The revision a change is based on; `expected` is set when nothing may have been committed since."""

    base: int
    expected: int | None


def _if_match(
    if_match: Annotated[
        str | None, Header(description='Revision that must still be the head, quoted: "12". Else 412.')
    ] = None,
) -> int | None:
    if if_match is None:
        return None
    if not (match := _ETAG.fullmatch(if_match.strip())):
        raise InvalidInputError('must be one revision in quotes, like "12"', place="If-Match")
    return int(match[1])


def _seen(
    if_match: Annotated[int | None, Depends(_if_match)],
    base_revision: Annotated[
        int | None,
        Query(ge=0, lt=10**12, description="Revision seen; what others committed since is merged with, or 409."),
    ] = None,
) -> Seen:
    if if_match is not None:
        return Seen(if_match, if_match)
    if base_revision is None:
        raise PreconditionRequiredError("say which revision this is based on: If-Match, or base_revision to merge")
    return Seen(base_revision, None)


def _must_match(if_match: Annotated[int | None, Depends(_if_match)]) -> int:
    if if_match is None:
        raise PreconditionRequiredError("say with If-Match which revision is to be deleted")
    return if_match


_KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=128,
    pattern=r"^[\x21-\x7e]+$",
    description="The command's id: the same key again does nothing twice and gives the same answer.",
)


def _command_id(idempotency_key: Annotated[str | None, _KEY] = None) -> str:
    return idempotency_key or str(ULID())


BasedOn = Annotated[Seen, Depends(_seen)]
MustMatch = Annotated[int, Depends(_must_match)]
IdempotencyKey = Annotated[str | None, _KEY]
CommandId = Annotated[str, Depends(_command_id)]
IfNoneMatch = Annotated[str | None, Header(description="ETag of what the caller has; 304 if it still is so.")]


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """What a change to `project` did: the facts, the tasks that got other dates, the new finish.

    `merged`: others had committed since the base revision. `repeated`: done before, under the same idempotency key.
    `undoes`, `redoes`: the revision that it took back. `abridged`: `changes` and `moved` are too large to send; read
    the plan again.
    """

    project: str
    revision: int
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    moved_count: int
    project_finish: str | None
    merged: bool
    repeated: bool
    undoes: int | None = None
    redoes: int | None = None
    abridged: bool = False


def committed(result: CommitResult, *, location: str | None = None, abridged: bool = False) -> Response:
    """201 with its place for something new, else 200; `abridged`: nobody wants the changes."""
    event = result.event
    report = Committed(
        project=event.project,
        revision=event.revision,
        changes=event.changes,
        moved=event.moved,
        moved_count=event.moved_count,
        project_finish=event.project_finish,
        merged=result.merged,
        repeated=result.repeated,
        undoes=event.undoes,
        redoes=event.redoes,
    )
    data = msgspec.json.encode(report)
    if abridged or len(data) > MAX_ANSWER_BYTES:
        data = msgspec.json.encode(msgspec.structs.replace(report, changes=(), moved=(), abridged=True))
    headers = _headers(event.revision)
    if location is None:
        return encoded(data, headers=headers)
    return encoded(data, status=HTTPStatus.CREATED, headers=headers | {"Location": location})


def of_plan(
    plans: PlanService, key: ProjectKey, if_none_match: str | None, show: Callable[[PlanState], Any]
) -> Response:
    """What `show` makes of the plan at its head; 304 without reading the plan when the caller has that revision."""
    if if_none_match is not None:
        head = plans.head(key)
        if str(head) in _ETAG.findall(if_none_match):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=_headers(head))
    state = plans.read(key)
    return encoded(msgspec.json.encode(show(state)), headers=_headers(state.revision))


def _headers(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache"}
