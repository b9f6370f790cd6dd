"""Projects: made, listed, their settings changed, deleted."""

from __future__ import annotations

import base64
import hashlib
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from msgspec import Struct
from starlette.responses import Response
from ulid import ULID

from functions.api import openapi
from functions.api.access import Caller, Collaborators, Editing, Manager, Managing, Viewing
from functions.api.bodies import new_project, record_patch, sent
from functions.api.commits import commit_one, named
from functions.api.cursors import Page
from functions.api.revisions import (
    BasedOn,
    CommandId,
    Committed,
    IdempotencyKey,
    IfNoneMatch,
    MustMatch,
    committed,
    of_plan,
)
from functions.api.wire import JsonBody, answer
from nirman.errors import InvalidInputError
from nirman.planning.commands import Update
from nirman.planning.model import COLLECTIONS, Calendar, DayShifts, Kind, Project
from nirman.tenancy.directory import MAX_LIMIT, ProjectCard
from nirman.tenancy.identity import Principal

router = APIRouter(tags=["projects"])
_NEW = JsonBody(new_project())
_PATCH = JsonBody(record_patch(Kind.PROJECT))
_DAY: DayShifts = ((8 * 60, 12 * 60), (13 * 60, 17 * 60))
_WEEK = (_DAY, _DAY, _DAY, _DAY, (), (), _DAY)
"""Monday to Sunday, as Bangladesh works: Friday and Saturday off."""


class ProjectView(Struct, frozen=True, kw_only=True):
    """A project's settings, and how many records of each kind its plan has."""

    id: str
    revision: int
    settings: Project
    counts: dict[str, int]


@router.get(
    "/projects",
    operation_id="listProjects",
    responses=openapi.SIGNED_IN | openapi.answers(Page[ProjectCard], "The projects that the caller may enter."),
)
def list_projects(
    caller: Caller,
    collaborators: Collaborators,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = MAX_LIMIT,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
) -> Response:
    page = collaborators.directory.projects(caller, limit=limit, cursor=cursor)
    return answer(Page(page.items, page.cursor))


@router.post(
    "/projects",
    operation_id="createProject",
    status_code=HTTPStatus.CREATED,
    openapi_extra=_NEW.openapi,
    responses=openapi.CHANGING
    | openapi.answers(Committed, "The project's first revision.", status=HTTPStatus.CREATED, etag=True),
)
def create_project(
    caller: Manager, collaborators: Collaborators, body: Annotated[Any, Depends(_NEW)], key: IdempotencyKey = None
) -> Response:
    values = sent(body)
    calendars = msgspec.convert(values.pop("calendars", []), tuple[Calendar, ...])
    settings = _settings(values)
    project = _project_id(caller, key)
    result = collaborators.plans.create(
        caller,
        project,
        settings,
        calendars or (Calendar(uid=settings.calendar_uid, name="Standard", week=_WEEK),),
        command_id=key or project,
    )
    return committed(result, location=f"/v1/projects/{project}")


@router.get(
    "/projects/{project}",
    operation_id="getProject",
    responses=openapi.reads(ProjectView, "The project."),
)
def get_project(access: Viewing, collaborators: Collaborators, if_none_match: IfNoneMatch = None) -> Response:
    return of_plan(
        collaborators.plans,
        access.key,
        if_none_match,
        lambda state: ProjectView(
            id=access.key.project,
            revision=state.revision,
            settings=state.plan.project,
            counts={name: len(state.plan.records(kind)) for kind, name in COLLECTIONS.items()},
        ),
    )


@router.patch(
    "/projects/{project}",
    operation_id="updateProject",
    openapi_extra=_PATCH.openapi,
    responses=openapi.CHANGING | openapi.answers(Committed, "The new revision.", etag=True),
)
def update_project(
    access: Editing,
    collaborators: Collaborators,
    seen: BasedOn,
    command_id: CommandId,
    body: Annotated[Any, Depends(_PATCH)],
) -> Response:
    update = Update(Kind.PROJECT, 0, named(sent(body)))
    return committed(commit_one(collaborators.edits, access, update, seen=seen, command_id=command_id))


@router.delete(
    "/projects/{project}",
    operation_id="deleteProject",
    responses=openapi.CHANGING | openapi.answers(Committed, "The last revision.", etag=True),
)
def delete_project(
    access: Managing, collaborators: Collaborators, expected: MustMatch, command_id: CommandId
) -> Response:
    return committed(collaborators.plans.delete(access, command_id=command_id, expected_revision=expected))


def _settings(values: dict[str, Any]) -> Project:
    try:
        return msgspec.convert(values, Project)
    except msgspec.ValidationError as exc:
        raise InvalidInputError(str(exc), place="body") from exc


def _project_id(caller: Principal, key: str | None) -> str:
    """The same key of the same person names the same project, so a request sent twice makes one."""
    if key is None:
        return str(ULID())
    digest = hashlib.sha256(f"{caller.user} {key}".encode()).digest()
    return base64.b32encode(digest).decode()[:26]
