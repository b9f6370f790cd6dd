"""Files brought into a project: upload once, try it as a dry run, then take it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path
from msgspec import Meta, Struct
from starlette.responses import Response
from ulid import ULID

from functions.api import openapi
from functions.api.access import Collaborators, Editing
from functions.api.revisions import IdempotencyKey
from functions.api.routes.jobs import accepted
from functions.api.wire import JsonBody, answer
from nirman.aws import keys
from nirman.aws.files import UploadForm
from nirman.errors import PreconditionRequiredError
from nirman.jobs.job import JobKind, JobView
from nirman.jobs.parameters import MAX_FILE_BYTES, ImportParameters

router = APIRouter(prefix="/projects/{project}/imports", tags=["imports"])


class NewImport(Struct, frozen=True, forbid_unknown_fields=True):
    """`name` is the file's; its extension says the format."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Import(Struct, frozen=True):
    """Send the file to `upload`, then ask for a run."""

    id: str
    upload: UploadForm


class ImportRun(Struct, frozen=True, forbid_unknown_fields=True):
    """A real run (`dry_run` false) replaces the plan, and fails if others committed since `base_revision`."""

    dry_run: bool = True
    base_revision: Annotated[int, Meta(ge=0)] | None = None


_NEW = JsonBody(NewImport)
_RUN = JsonBody(ImportRun)


@router.post(
    "",
    operation_id="createImport",
    status_code=HTTPStatus.CREATED,
    openapi_extra=_NEW.openapi,
    responses=openapi.IN_PROJECT | openapi.answers(Import, "Where to send the file.", status=HTTPStatus.CREATED),
)
def create_import(access: Editing, collaborators: Collaborators, new: Annotated[NewImport, Depends(_NEW)]) -> Response:
    import_id = str(ULID())
    form = collaborators.files.upload_form(
        keys.import_object(access.key, import_id), name=new.name, max_bytes=MAX_FILE_BYTES
    )
    return answer(Import(import_id, form), status=HTTPStatus.CREATED)


@router.post(
    "/{import_id}/run",
    operation_id="runImport",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=_RUN.openapi,
    responses=openapi.IN_PROJECT
    | openapi.problems(HTTPStatus.PRECONDITION_REQUIRED)
    | openapi.answers(JobView, "The job that does it.", status=HTTPStatus.ACCEPTED),
)
def run_import(
    access: Editing,
    collaborators: Collaborators,
    import_id: Annotated[str, Path(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")],
    run: Annotated[ImportRun, Depends(_RUN)],
    key: IdempotencyKey = None,
) -> Response:
    if not run.dry_run and run.base_revision is None:
        raise PreconditionRequiredError("say with base_revision which plan is to be replaced")
    parameters = ImportParameters(upload=import_id, dry_run=run.dry_run, base_revision=run.base_revision)
    job = collaborators.jobs.submit(access, JobKind.IMPORT, msgspec.to_builtins(parameters), idempotency_key=key)
    return accepted(job)
