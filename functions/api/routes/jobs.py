"""Jobs: how far they are, what came of them, and stopping them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Caller, Collaborators, Viewing
from functions.api.cursors import Page
from functions.api.wire import answer
from nirman.aws.files import Download
from nirman.jobs.job import Job, JobView
from nirman.tenancy.identity import Permission

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(max_length=64, description="A job's id.")]


class JobAnswer(JobView, frozen=True, kw_only=True):
    """`download` is the file that the job made, at an address that is good for a while; ask again for a fresh one."""

    download: Download | None


def accepted(job: Job) -> Response:
    """202: the job is what to ask about."""
    return answer(job.view(), status=HTTPStatus.ACCEPTED, location=f"/v1/jobs/{job.id}")


@router.get(
    "/projects/{project}/jobs",
    operation_id="listJobs",
    responses=openapi.IN_PROJECT | openapi.answers(Page[JobView], "Jobs of the project, the newest first."),
)
def list_jobs(
    access: Viewing,
    collaborators: Collaborators,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
) -> Response:
    jobs = collaborators.job_store.of_project(access.key, limit=limit, before=cursor)
    following = jobs[-1].id if len(jobs) == limit else None
    return answer(Page(tuple(job.view() for job in jobs), following))


@router.get("/jobs/{job}", operation_id="getJob", responses=openapi.IN_PROJECT | openapi.answers(JobAnswer, "The job."))
def get_job(caller: Caller, collaborators: Collaborators, job: JobId) -> Response:
    found = collaborators.job_store.get(caller.tenant, job)
    collaborators.directory.open(caller, found.project, Permission.VIEW)
    download = None
    if output := found.output:
        download = collaborators.files.download(output.object, name=output.name)
    return answer(JobAnswer(**msgspec.structs.asdict(found.view()), download=download))


@router.post(
    "/jobs/{job}/cancel",
    operation_id="cancelJob",
    responses=openapi.IN_PROJECT
    | openapi.answers(JobView, "The job as it is now: cancelled, unless it was over or in its last step."),
)
def cancel_job(caller: Caller, collaborators: Collaborators, job: JobId) -> Response:
    found = collaborators.job_store.get(caller.tenant, job)
    collaborators.directory.open(caller, found.project, Permission.EDIT)
    return answer(collaborators.jobs.cancel(found).view())
