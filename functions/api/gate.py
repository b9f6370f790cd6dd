"""What every call passes: one line in the log, and an answer whatever happens."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from fastapi import Request

from functions.api.errors import unexpected

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = Logger(service="api")


class Gate:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        started = perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # the edge: whatever was not foreseen becomes a 500 here
            logger.exception("not foreseen")
            await unexpected()(scope, receive, watched)
        finally:
            # Also the line without which a call waits 50 ms for its log.
            logger.info("call", extra=_described(scope) | {"status": status, "ms": _since(started)})


def _since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)


def _described(scope: Scope) -> dict[str, Any]:
    request = Request(scope)
    authorizer: Any = scope.get("aws.event", {}).get("requestContext", {}).get("authorizer") or {}
    claims = authorizer.get("lambda") or {}
    return {
        "method": request.method,
        "route": getattr(scope.get("route"), "path", None),
        "tenant": claims.get("tenant"),
        "user": claims.get("user"),
        "names": scope.get("path_params", {}),
    }
