"""The sockets: who connects, what they say, who is gone. What is returned goes to the sender."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from nirman.aws.container import Container
from nirman.aws.settings import WebSocketSettings, load
from nirman.collaboration.dialogue import unexpected
from nirman.collaboration.messages import Error, ServerMessage, encode
from nirman.errors import LimitExceededError
from nirman.tenancy.identity import Principal, Role

logger = Logger()


@cache
def container() -> Container:
    return Container(load(WebSocketSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    request = event["requestContext"]
    connection_id = request["connectionId"]
    said = None
    match request["routeKey"]:
        case "$connect":
            return _connect(connection_id, _principal(request["authorizer"]))
        case "$disconnect":
            container().room_service.disconnect(connection_id)
        case _:
            said = _answer(connection_id, event.get("body") or "")
    line = {"route": request["routeKey"], "connection": connection_id, "said": type(said).__name__ if said else ""}
    if isinstance(said, Error):
        line |= {"code": said.code, "text": said.text}
    logger.info("socket", extra=line)
    return {"statusCode": 200} | ({"body": encode(said).decode()} if said else {})


def _connect(connection_id: str, principal: Principal) -> dict[str, Any]:
    """429 keeps the socket from being opened."""
    try:
        container().gate.admit(principal)
    except LimitExceededError as exc:
        logger.info("not admitted", extra={"connection": connection_id, "user": principal.user, "text": str(exc)})
        return {"statusCode": 429}
    container().room_service.connect(connection_id, principal)
    logger.info("socket", extra={"route": "$connect", "connection": connection_id})
    return {"statusCode": 200}


def _answer(connection_id: str, text: str) -> ServerMessage:
    try:
        return container().dialogue.answer(connection_id, text)
    except Exception:  # the last line: whatever went wrong, the client gets an answer to its message
        logger.exception("message failed")
        return unexpected(text)


def _principal(context: dict[str, str]) -> Principal:
    """Who the authorizer let in."""
    return Principal(tenant=context["tenant"], user=context["user"], name=context["name"], role=Role(context["role"]))
