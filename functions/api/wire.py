"""JSON in and out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Request
from starlette.responses import Response

from functions.api import openapi
from nirman.errors import InvalidInputError, LimitExceededError

MAX_BODY_BYTES = 5 * 1024 * 1024
"""Of a request; the gateway's own limit, 6 MB in Lambda's encoding, is not much further."""
MAX_ANSWER_BYTES = 5 * 1024 * 1024
"""Lambda answers with at most 6 MB."""

T = TypeVar("T")


class JsonBody(Generic[T]):
    """A dependency that decodes and checks a body; `openapi` is how the document shows it."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self.openapi = {"requestBody": {"required": True, **openapi.content(kind)}}

    async def __call__(self, request: Request) -> T:
        data = await request.body()
        if len(data) > MAX_BODY_BYTES:
            raise LimitExceededError(f"a request may have at most {MAX_BODY_BYTES} bytes")
        try:
            return self._decoder.decode(data)
        except msgspec.ValidationError as exc:
            rule, _, path = str(exc).partition(" - at `$")
            raise InvalidInputError(rule, place=path.strip(".`")) from exc
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise InvalidInputError(f"must be JSON in UTF-8: {exc}", place="body") from exc


def encoded(data: bytes, *, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    return Response(data, status, headers=headers, media_type="application/json")


def answer(value: Any, *, status: HTTPStatus = HTTPStatus.OK, location: str | None = None) -> Response:
    headers = {"Location": location} if location else {}
    return encoded(msgspec.json.encode(value), status=status, headers=headers | {"Cache-Control": "no-store"})
