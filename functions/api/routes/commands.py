"""Many operations as one revision, or none."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec import Meta, Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Reporting
from functions.api.revisions import BasedOn, CommandId, Committed, committed
from functions.api.wire import JsonBody
from nirman.planning.commands import MAX_OPERATIONS, Command, LockClaims, Operation

router = APIRouter(prefix="/projects/{project}/commands", tags=["commands"])


class Operations(Struct, frozen=True, forbid_unknown_fields=True):
    """`locks` are claims: the operations are refused unless the locks are the caller's with these tokens."""

    operations: Annotated[tuple[Operation, ...], Meta(min_length=1, max_length=MAX_OPERATIONS)]
    locks: LockClaims = ()


_OPERATIONS = JsonBody(Operations)


@router.post(
    "",
    operation_id="commit",
    openapi_extra=_OPERATIONS.openapi,
    responses=openapi.CHANGING | openapi.answers(Committed, "The new revision.", etag=True),
)
def commit(
    access: Reporting,
    collaborators: Collaborators,
    seen: BasedOn,
    command_id: CommandId,
    body: Annotated[Operations, Depends(_OPERATIONS)],
) -> Response:
    command = Command(command_id=command_id, base_revision=seen.base, operations=body.operations, locks=body.locks)
    return committed(collaborators.edits.commit(access, command, expected_revision=seen.expected))
