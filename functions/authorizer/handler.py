"""Who is calling: the bearer token of an HTTP call, the one-time ticket of a socket being opened."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from nirman.aws.container import Container
from nirman.aws.settings import AuthorizerSettings, load
from nirman.errors import UnauthenticatedError
from nirman.tenancy.directory import as_listed
from nirman.tenancy.identity import Principal

logger = Logger()


@cache
def container() -> Container:
    return Container(load(AuthorizerSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An HTTP API's simple answer, or a WebSocket API's policy (only that has a `methodArn`)."""
    socket = "methodArn" in event
    try:
        principal = _ticket_holder(event) if socket else _token_bearer(event)
    except UnauthenticatedError as refused:
        logger.info("refused", extra={"reason": str(refused)})
        return _policy(event, "Deny", "nobody", {}) if socket else {"isAuthorized": False}
    logger.info("let in", extra={"tenant": principal.tenant, "user": principal.user})
    if socket:
        return _policy(event, "Allow", principal.user, _caller(principal))
    return {"isAuthorized": True, "context": _caller(principal)}


def _token_bearer(event: dict[str, Any]) -> Principal:
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError("the Authorization header must carry a bearer token")
    claimed = container().token_verifier.verify(token.strip())
    return as_listed(claimed, container().directory.person(claimed.tenant, claimed.user))


def _ticket_holder(event: dict[str, Any]) -> Principal:
    ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
    return container().tickets.burn(ticket, container().now())


def _caller(principal: Principal) -> dict[str, str]:
    """What the functions behind learn; a WebSocket API passes on strings only."""
    return {
        "tenant": principal.tenant,
        "user": principal.user,
        "name": principal.name,
        "role": principal.role.value,
    }


def _policy(event: dict[str, Any], effect: str, principal_id: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": principal_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
