"""Every error as problem+json (RFC 9457); one table says which error has which status."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nirman import errors

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[type[errors.NirmanError], HTTPStatus] = {
    errors.NirmanError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidPlanError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnreadableFileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.OutdatedError: HTTPStatus.CONFLICT,
    errors.PreconditionFailedError: HTTPStatus.PRECONDITION_FAILED,
    errors.PreconditionRequiredError: HTTPStatus.PRECONDITION_REQUIRED,
    errors.CommandReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LimitExceededError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooManyAtOnceError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.LockedError: HTTPStatus.LOCKED,
    errors.LockLostError: HTTPStatus.LOCKED,
    errors.BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}


class Problem(msgspec.Struct, kw_only=True):
    """What went wrong. `code` is for programs and stable, `detail` for people; each code adds members of its own:
    `rule` and `place`, `uids`, `head` and `conflicts`, `expected`.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.NirmanError, _known)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    app.add_exception_handler(HTTPException, _http)


def unexpected() -> Response:
    """Says nothing of what happened inside; the log does."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "something went wrong here; it was recorded")


async def _known(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, errors.NirmanError)
    return _problem(STATUSES[type(exc)], exc.code, str(exc), exc.details(), _when_to_go_on(exc))


def _when_to_go_on(exc: errors.NirmanError) -> Mapping[str, str]:
    """As the HTTP working group's RateLimit fields have it, and for those who only know Retry-After."""
    if not isinstance(exc, errors.RateLimitedError):
        return {}
    seconds = ceil(exc.retry_after_s)
    return {
        "Retry-After": str(seconds),
        "RateLimit-Policy": f'"{exc.what}";q={exc.limit};w={exc.window_s}',
        "RateLimit": f'"{exc.what}";r=0;t={seconds}',
    }


async def _invalid_parameters(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    wrong = [{"place": ".".join(map(str, one["loc"])), "rule": one["msg"]} for one in exc.errors()]
    detail = "; ".join(f"{one['place']}: {one['rule']}" for one in wrong)
    return _problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, errors.InvalidInputError.code, detail, {**wrong[0], "errors": wrong}
    )


async def _http(_: Request, exc: Exception) -> Response:
    """The framework's own: no such route, method not allowed."""
    assert isinstance(exc, HTTPException)
    status = HTTPStatus(exc.status_code)
    code = status.phrase.lower().replace(" ", "-")
    return _problem(status, code, exc.detail, headers=exc.headers)


def _problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    problem = Problem(
        type=f"urn:nirman:problem:{code}", title=status.phrase, status=status.value, detail=detail, code=code
    )
    return Response(
        msgspec.json.encode({**msgspec.to_builtins(details or {}), **msgspec.to_builtins(problem)}),
        status,
        headers={**_HEADERS.get(status, {}), **(headers or {})},
        media_type=MEDIA_TYPE,
    )
