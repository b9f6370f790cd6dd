"""Locks of a project's records and fields, for those who call without a socket; `docs/realtime.md` tells the rest."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Managing, Reporting, Viewing
from functions.api.wire import JsonBody, answer
from nirman.collaboration.lock_service import Standing, without_socket
from nirman.collaboration.messages import Beat, Lease, Leases, Lock, Own, TakeOver, Unlock
from nirman.collaboration.messages.locks import Reason
from nirman.collaboration.ports import Connection
from nirman.planning.commands import FieldName
from nirman.planning.fields import Uid
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access

router = APIRouter(prefix="/projects/{project}/locks", tags=["locks"])
_ID = "rest"
"""Of messages that no socket sent."""


class LockRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A record, or one field of it; with `wait` stand in line where somebody else has it."""

    kind: Kind
    uid: Uid
    field: FieldName | None = None
    wait: bool = False


class TakeOverRequest(Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind
    uid: Uid
    reason: Reason
    field: FieldName | None = None


class OwnLock(Own, frozen=True):
    """`token` goes with edits, `position` is the place in the record's line; `until` unless beaten."""

    until: str | None = None


class OwnLocks(Struct, frozen=True):
    """What the caller has and waits for without a socket; what is not named is lost."""

    locks: tuple[Own, ...]
    until: str | None


_LOCK, _TAKE_OVER = JsonBody(LockRequest), JsonBody(TakeOverRequest)
_LOCKING = openapi.IN_PROJECT | openapi.problems(HTTPStatus.LOCKED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@router.get(
    "",
    operation_id="listLocks",
    responses=openapi.IN_PROJECT | openapi.answers(Standing, "Who has what, and the latest take-overs."),
)
def list_locks(access: Viewing, collaborators: Collaborators) -> Response:
    return answer(collaborators.lock_service.standing(access))


@router.post(
    "",
    operation_id="lock",
    openapi_extra=_LOCK.openapi,
    responses=_LOCKING | openapi.answers(OwnLock, "The lock, or a place in the line."),
)
def lock(access: Reporting, collaborators: Collaborators, body: Annotated[LockRequest, Depends(_LOCK)]) -> Response:
    message = Lock(id=_ID, project=access.key.project, kind=body.kind, uid=body.uid, field=body.field, wait=body.wait)
    return _placed(collaborators.lock_service.lock(_caller(access), message))


@router.post(
    "/take-over",
    operation_id="takeOverLock",
    openapi_extra=_TAKE_OVER.openapi,
    responses=_LOCKING | openapi.answers(OwnLock, "The lock, taken from whoever had it."),
)
def take_over(
    access: Managing, collaborators: Collaborators, body: Annotated[TakeOverRequest, Depends(_TAKE_OVER)]
) -> Response:
    message = TakeOver(
        id=_ID, project=access.key.project, kind=body.kind, uid=body.uid, field=body.field, reason=body.reason
    )
    return _placed(collaborators.lock_service.take_over(_caller(access), message))


@router.post(
    "/beat",
    operation_id="beatLocks",
    responses=openapi.IN_PROJECT | openapi.answers(OwnLocks, "What the caller still has, its leases renewed."),
)
def beat(access: Reporting, collaborators: Collaborators) -> Response:
    leases: Leases = collaborators.lock_service.beat(_caller(access), Beat(id=_ID, project=access.key.project))
    return answer(OwnLocks(leases.locks, leases.until))


@router.delete(
    "/{kind}/{uid}",
    operation_id="unlock",
    status_code=HTTPStatus.NO_CONTENT,
    responses=openapi.IN_PROJECT | openapi.answers(None, "The caller has no such lock.", status=HTTPStatus.NO_CONTENT),
)
def unlock(
    access: Reporting,
    collaborators: Collaborators,
    kind: Kind,
    uid: Annotated[int, Path(ge=0, le=2_147_483_647)],
    field: Annotated[str | None, Query(min_length=1, max_length=64, description="Else the whole record.")] = None,
) -> Response:
    message = Unlock(id=_ID, project=access.key.project, kind=kind, uid=uid, field=field)
    collaborators.lock_service.unlock(_caller(access), message)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _caller(access: Access) -> Connection:
    return without_socket(access.principal, access.key)


def _placed(lease: Lease) -> Response:
    return answer(msgspec.convert(lease, OwnLock, from_attributes=True))
