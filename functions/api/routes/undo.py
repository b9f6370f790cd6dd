"""Taking one's own changes back, and making them again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec import Meta, Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Reporting
from functions.api.revisions import CommandId, Committed, committed
from functions.api.wire import JsonBody
from nirman.planning.commands import LockClaims

router = APIRouter(prefix="/projects/{project}", tags=["commands"])


class Undo(Struct, frozen=True, forbid_unknown_fields=True):
    """`revision` is a change of the caller's own; without it the last one that is in effect."""

    revision: Annotated[int, Meta(ge=1, lt=10**12)] | None = None
    locks: LockClaims = ()


class Redo(Struct, frozen=True, forbid_unknown_fields=True):
    locks: LockClaims = ()


_UNDO, _REDO = JsonBody(Undo), JsonBody(Redo)
_ANSWERS = openapi.CHANGING | openapi.answers(Committed, "The new revision.", etag=True)


@router.post("/undo", operation_id="undo", openapi_extra=_UNDO.openapi, responses=_ANSWERS)
def undo(
    access: Reporting, collaborators: Collaborators, command_id: CommandId, body: Annotated[Undo, Depends(_UNDO)]
) -> Response:
    done = collaborators.edits.undo(access, command_id=command_id, revision=body.revision, locks=body.locks)
    return committed(done)


@router.post("/redo", operation_id="redo", openapi_extra=_REDO.openapi, responses=_ANSWERS)
def redo(
    access: Reporting, collaborators: Collaborators, command_id: CommandId, body: Annotated[Redo, Depends(_REDO)]
) -> Response:
    return committed(collaborators.edits.redo(access, command_id=command_id, locks=body.locks))
