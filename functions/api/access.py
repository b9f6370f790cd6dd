"""Who is calling, and into which project they are let."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPBearer

from nirman.aws.container import Container
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Access, Permission, Principal, Role, checked_id, require

_bearer = HTTPBearer(auto_error=False, description="Token of the user pool, or of the configured issuer.")


def _container(request: Request) -> Container:
    found: Container = request.app.state.container
    return found


Collaborators = Annotated[Container, Depends(_container)]


def _caller(request: Request, _: Annotated[object, Security(_bearer)]) -> Principal:
    """As the authorizer found them; the gateway lets nobody through without it, and neither does this."""
    context: Any = request.scope.get("aws.event", {}).get("requestContext", {}).get("authorizer") or {}
    claims = context.get("lambda")
    if not claims:
        raise UnauthenticatedError("sign in and send the token as Authorization: Bearer")
    return Principal(
        tenant=checked_id(claims["tenant"], place="tenant"),
        user=checked_id(claims["user"], place="user"),
        name=claims["name"],
        role=Role(claims["role"]),
    )


Caller = Annotated[Principal, Depends(_caller)]


def _manager(caller: Caller) -> Principal:
    require(caller.role, Permission.MANAGE)
    return caller


Manager = Annotated[Principal, Depends(_manager)]


def _let_in(permission: Permission) -> Callable[..., Access]:
    def opened(
        caller: Caller, project: Annotated[str, Path(description="A project's id.")], collaborators: Collaborators
    ) -> Access:
        return collaborators.directory.open(caller, project, permission)

    return opened


Viewing = Annotated[Access, Depends(_let_in(Permission.VIEW))]
Reporting = Annotated[Access, Depends(_let_in(Permission.PROGRESS))]
Editing = Annotated[Access, Depends(_let_in(Permission.EDIT))]
Managing = Annotated[Access, Depends(_let_in(Permission.MANAGE))]
