"""Who is let into a project."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Managing, Viewing
from functions.api.wire import JsonBody, answer
from nirman.tenancy.directory import Member
from nirman.tenancy.identity import Role

router = APIRouter(prefix="/projects/{project}/members", tags=["members"])


class Members(Struct, frozen=True):
    items: tuple[Member, ...]


class Grant(Struct, frozen=True, forbid_unknown_fields=True):
    """The role in the project; the person's role in the tenant may allow less."""

    role: Role


_GRANT = JsonBody(Grant)
User = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", description="A person's id.")]


@router.get(
    "",
    operation_id="listMembers",
    responses=openapi.IN_PROJECT | openapi.answers(Members, "Everyone let in; owners and admins need not be."),
)
def list_members(access: Viewing, collaborators: Collaborators) -> Response:
    return answer(Members(collaborators.directory.members(access.key)))


@router.put(
    "/{user}",
    operation_id="putMember",
    openapi_extra=_GRANT.openapi,
    status_code=HTTPStatus.NO_CONTENT,
    responses=openapi.IN_PROJECT | openapi.answers(None, "Let in, in that role.", status=HTTPStatus.NO_CONTENT),
)
def put_member(
    access: Managing, collaborators: Collaborators, user: User, grant: Annotated[Grant, Depends(_GRANT)]
) -> Response:
    collaborators.memberships.put(access.key, user, grant.role, by=access.principal.name, at=collaborators.now())
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.delete(
    "/{user}",
    operation_id="removeMember",
    status_code=HTTPStatus.NO_CONTENT,
    responses=openapi.IN_PROJECT | openapi.answers(None, "Not a member (any more).", status=HTTPStatus.NO_CONTENT),
)
def remove_member(access: Managing, collaborators: Collaborators, user: User) -> Response:
    """The person's sockets leave the room at once; those that are in no other room are closed."""
    collaborators.memberships.remove(access.key, user, by=access.principal.name, at=collaborators.now())
    collaborators.evictions.evict(access.key, user)
    return Response(status_code=HTTPStatus.NO_CONTENT)
