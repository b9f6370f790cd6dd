"""The OpenAPI document: FastAPI knows the routes and parameters, msgspec the bodies.

Bodies are the types of the plan itself, decoded by the same rules here, in the rooms and in the log, so their schemas
come from there too and nothing is described twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from functions.api.errors import MEDIA_TYPE, Problem

_TEMPLATE = "#/components/schemas/{name}"
_DESCRIPTION = """Plan construction projects together. A project is a log of committed changes: its revision is the ETag
of everything read from the plan, and what a change is based on. See docs/api.md."""
_ETAG = {"ETag": {"description": "The project's revision, quoted.", "schema": {"type": "string"}}}


class _Schemas:
    """The types the API speaks."""

    def __init__(self) -> None:
        self._types: dict[Any, None] = {}

    def reference(self, kind: Any) -> dict[str, Any]:
        self._types[kind] = None
        [schema], _ = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
        return schema

    def components(self) -> dict[str, Any]:
        return msgspec.json.schema_components(self._types, ref_template=_TEMPLATE)[1]


_SCHEMAS = _Schemas()


def content(kind: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": _SCHEMAS.reference(kind)}}}


def answers(
    kind: Any, description: str, *, status: HTTPStatus = HTTPStatus.OK, etag: bool = False
) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that succeeds; `etag`: it says its revision. `kind` None: it has no body."""
    answer: dict[str, Any] = {"description": description}
    if kind is not None:
        answer |= content(kind)
    if etag:
        answer |= {"headers": _ETAG}
    return {status.value: answer}


def reads(kind: Any, description: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that shows something of the plan."""
    unchanged = {"description": "It still is as If-None-Match names it.", "headers": _ETAG}
    return {**IN_PROJECT, **answers(kind, description, etag=True), HTTPStatus.NOT_MODIFIED.value: unchanged}


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Ways to be refused."""
    problem = content(Problem, MEDIA_TYPE)
    named: Mapping[int | str, dict[str, Any]] = {
        status.value: {"description": status.phrase, **problem} for status in statuses
    }
    return {**named, "default": {"description": "Any other problem.", **problem}}


SIGNED_IN = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY)
IN_PROJECT = problems(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY
)
CHANGING = IN_PROJECT | problems(
    HTTPStatus.CONFLICT,
    HTTPStatus.LOCKED,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.PRECONDITION_REQUIRED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
        )
        components = made.setdefault("components", {})
        components["schemas"] = _SCHEMAS.components()
        app.openapi_schema = made
    return app.openapi_schema
