"""Optimizations: asked for here, done by a worker behind a queue, and applied here as one revision."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from msgspec import Meta, Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Editing, Viewing
from functions.api.cursors import Page
from functions.api.revisions import Committed, IdempotencyKey, committed
from functions.api.routes.jobs import JobId, accepted
from functions.api.wire import JsonBody, answer
from nirman.errors import InvalidInputError, NotFoundError
from nirman.jobs import applying
from nirman.jobs.answers import Proposal
from nirman.jobs.job import OPTIMIZATIONS, Job, JobKind, JobView
from nirman.jobs.optimizations import parameters
from nirman.optimization.options import (
    AllocateOptions,
    AlternativesOptions,
    CompressOptions,
    LevelOptions,
    SimulateOptions,
)
from nirman.tenancy.identity import Access

router = APIRouter(prefix="/projects/{project}/optimizations", tags=["optimizations"])
MAX_PROPOSAL_BYTES = 128 * 1024 * 1024
"""No plan that there may be has a larger one."""


class _Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    base_revision: Annotated[int, Meta(ge=1, lt=10**12)] | None = None


class NewLevelling(_Asked, frozen=True, kw_only=True, tag="level"):
    """Computed on the plan as of `base_revision`, else as it is now; so each of these."""

    options: LevelOptions = LevelOptions()


class NewCompression(_Asked, frozen=True, kw_only=True, tag="compress"):
    options: CompressOptions = CompressOptions()


class NewSimulation(_Asked, frozen=True, kw_only=True, tag="simulate"):
    options: SimulateOptions = SimulateOptions()


class NewAllocation(_Asked, frozen=True, kw_only=True, tag="allocate"):
    options: AllocateOptions = AllocateOptions()


class NewAlternatives(_Asked, frozen=True, kw_only=True, tag="alternatives"):
    options: AlternativesOptions = AlternativesOptions()


NewOptimization = NewLevelling | NewCompression | NewSimulation | NewAllocation | NewAlternatives


class Application(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`alternative` chooses one of a result that has several. `although_outdated`: also when somebody changed meanwhile
    what it was computed with.
    """

    alternative: Annotated[str, Meta(max_length=512)] = ""
    although_outdated: bool = False


_NEW: JsonBody[NewOptimization] = JsonBody(NewOptimization)  # type: ignore[arg-type]
_APPLICATION = JsonBody(Application)


@router.post(
    "",
    operation_id="createOptimization",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=_NEW.openapi,
    responses=openapi.IN_PROJECT
    | openapi.problems(HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    | openapi.answers(JobView, "The job that does it.", status=HTTPStatus.ACCEPTED),
)
def create_optimization(
    access: Editing,
    collaborators: Collaborators,
    new: Annotated[NewOptimization, Depends(_NEW)],
    key: IdempotencyKey = None,
) -> Response:
    state = collaborators.plans.read(access.key)
    if new.base_revision is not None and new.base_revision > state.revision:
        raise InvalidInputError(f"the project is at revision {state.revision}", place="base_revision")
    told = parameters(state.plan, new.base_revision or state.revision, new.options)
    kind = JobKind(str(new.__struct_config__.tag))
    return accepted(collaborators.jobs.submit(access, kind, told, idempotency_key=key))


@router.get(
    "",
    operation_id="listOptimizations",
    responses=openapi.IN_PROJECT | openapi.answers(Page[JobView], "Optimizations of the project, the newest first."),
)
def list_optimizations(
    access: Viewing,
    collaborators: Collaborators,
    kind: Annotated[JobKind | None, Query(description="Those of one kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
) -> Response:
    kinds = OPTIMIZATIONS if kind is None else OPTIMIZATIONS & {kind}
    jobs = collaborators.job_store.of_project(access.key, limit=limit, before=cursor, kinds=kinds)
    following = jobs[-1].id if len(jobs) == limit else None
    return answer(Page(tuple(job.view() for job in jobs), following))


@router.post(
    "/{optimization}/apply",
    operation_id="applyOptimization",
    openapi_extra=_APPLICATION.openapi,
    responses=openapi.CHANGING | openapi.answers(Committed, "The new revision.", etag=True),
)
def apply_optimization(
    access: Editing,
    collaborators: Collaborators,
    optimization: JobId,
    body: Annotated[Application, Depends(_APPLICATION)],
) -> Response:
    found = _of_project(collaborators.job_store.get(access.key.tenant, optimization), access)
    if found.proposal is None:
        raise InvalidInputError(f"a {found.kind} job that {found.state} proposes no changes", place="optimization")
    try:
        stored = collaborators.files.get(found.proposal, max_bytes=MAX_PROPOSAL_BYTES)
    except NotFoundError as exc:
        raise NotFoundError("its changes were kept for a week and are gone: ask for it anew") from exc
    proposal = msgspec.json.decode(stored.data, type=Proposal)
    result = applying.apply(
        collaborators.edits,
        access,
        found,
        proposal,
        body.alternative,
        although_outdated=body.although_outdated,
    )
    return committed(result)


def _of_project(job: Job, access: Access) -> Job:
    if job.key != access.key:
        raise NotFoundError(f"there is no job {job.id!r}")
    return job
