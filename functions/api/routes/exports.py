"""A project as a file."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from msgspec import Meta, Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Editing
from functions.api.revisions import IdempotencyKey
from functions.api.routes.jobs import accepted
from functions.api.wire import JsonBody
from nirman.errors import InvalidInputError
from nirman.interchange import FORMATS
from nirman.jobs.job import JobKind, JobView
from nirman.jobs.parameters import ExportParameters

router = APIRouter(prefix="/projects/{project}/exports", tags=["exports"])
_WRITABLE = [name for name, format_ in FORMATS.items() if format_.writer]


class NewExport(Struct, frozen=True, forbid_unknown_fields=True):
    format: Annotated[str, Meta(extra_json_schema={"enum": _WRITABLE})]


_NEW = JsonBody(NewExport)


@router.post(
    "",
    operation_id="createExport",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=_NEW.openapi,
    responses=openapi.IN_PROJECT | openapi.answers(JobView, "The job that does it.", status=HTTPStatus.ACCEPTED),
)
def create_export(
    access: Editing,
    collaborators: Collaborators,
    new: Annotated[NewExport, Depends(_NEW)],
    key: IdempotencyKey = None,
) -> Response:
    if new.format not in _WRITABLE:
        raise InvalidInputError(f"must be one of {', '.join(_WRITABLE)}", place="format")
    parameters = ExportParameters(new.format)
    job = collaborators.jobs.submit(access, JobKind.EXPORT, msgspec.to_builtins(parameters), idempotency_key=key)
    return accepted(job)
