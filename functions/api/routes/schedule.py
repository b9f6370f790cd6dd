"""The computed dates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.cursors import Paging
from functions.api.revisions import IfNoneMatch, of_plan
from nirman.planlog.state import PlanState
from nirman.planning.findings import Finding
from nirman.planning.quality import schedule_findings
from nirman.planning.schedule import TaskDates

router = APIRouter(prefix="/projects/{project}/schedule", tags=["schedule"])


class ProjectDates(Struct, frozen=True):
    start: datetime
    finish: datetime
    status_date: datetime | None


class SchedulePage(Struct, frozen=True, kw_only=True):
    """Dates are local to the project; slack is in working minutes of the task's calendar.

    `findings` are of the whole plan, and come with the first page.
    """

    revision: int
    project: ProjectDates
    tasks: tuple[TaskDates, ...]
    findings: tuple[Finding, ...]
    next: str | None


@router.get(
    "",
    operation_id="getSchedule",
    responses=openapi.reads(SchedulePage, "Dates, slack and what drives each task, in outline order."),
)
def get_schedule(
    access: Viewing,
    collaborators: Collaborators,
    limit: Annotated[int, Query(ge=1, le=10_000, description="At most so many tasks a page.")] = 10_000,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    def page(state: PlanState) -> SchedulePage:
        schedule = state.schedule
        scope = f"{access.key.tenant}/{access.key.project}/schedule"
        uids, following = Paging(limit, cursor).of(scope, schedule.uids)
        return SchedulePage(
            revision=state.revision,
            project=ProjectDates(schedule.project_start, schedule.project_finish, state.plan.project.status_date),
            tasks=tuple(schedule[uid] for uid in uids),
            findings=() if cursor else schedule_findings(state.plan, schedule),
            next=following,
        )

    return of_plan(collaborators.plans, access.key, if_none_match, page)
