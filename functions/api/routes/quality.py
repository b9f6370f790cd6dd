"""How good the schedule is, what may still move it, and which paths lead to its end."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.revisions import IfNoneMatch, of_plan
from nirman.planlog.state import PlanState
from nirman.planning.estimated import HolidayRisk, holiday_risks
from nirman.planning.findings import Finding
from nirman.planning.float_paths import FloatPath, RankedBy, float_paths, longest_path
from nirman.planning.quality import Check, assess, schedule_findings

router = APIRouter(prefix="/projects/{project}", tags=["quality"])


class Checks(Struct, frozen=True, kw_only=True):
    """The 14 checks of the DCMA assessment, and what is odd about single tasks and links."""

    revision: int
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]


class EstimatedHolidays(Struct, frozen=True, kw_only=True):
    """The riskiest first."""

    revision: int
    holidays: tuple[HolidayRisk, ...]


class FloatPaths(Struct, frozen=True, kw_only=True):
    """`longest_path` are the tasks that decide the project's finish, in outline order."""

    revision: int
    longest_path: tuple[int, ...]
    paths: tuple[FloatPath, ...]


@router.get(
    "/checks",
    operation_id="getChecks",
    responses=openapi.reads(Checks, "The assessment; each check names the tasks that fail it."),
)
def get_checks(access: Viewing, collaborators: Collaborators, if_none_match: IfNoneMatch = None) -> Response:
    def assessed(state: PlanState) -> Checks:
        findings = schedule_findings(state.plan, state.schedule)
        return Checks(revision=state.revision, checks=assess(state.plan, state.schedule), findings=findings)

    return of_plan(collaborators.plans, access.key, if_none_match, assessed)


@router.get(
    "/estimated-holidays",
    operation_id="getEstimatedHolidays",
    responses=openapi.reads(EstimatedHolidays, "What would move if a holiday fell a day earlier or later."),
)
def get_estimated_holidays(
    access: Viewing, collaborators: Collaborators, if_none_match: IfNoneMatch = None
) -> Response:
    def tried(state: PlanState) -> EstimatedHolidays:
        return EstimatedHolidays(revision=state.revision, holidays=holiday_risks(state.plan, state.schedule))

    return of_plan(collaborators.plans, access.key, if_none_match, tried)


@router.get(
    "/float-paths",
    operation_id="getFloatPaths",
    responses=openapi.reads(FloatPaths, "Paths into a task, ranked by what they may slip before they delay it."),
)
def get_float_paths(
    access: Viewing,
    collaborators: Collaborators,
    end: Annotated[int | None, Query(ge=0, le=2_147_483_647, description="A task; else what finishes last.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="At most so many paths.")] = 10,
    ranked_by: Annotated[
        Literal["free_float", "total_float"],
        Query(description="By the links that have the least slack, or the predecessors that have."),
    ] = "free_float",
    if_none_match: IfNoneMatch = None,
) -> Response:
    def ranked(state: PlanState) -> FloatPaths:
        plan, schedule = state.plan, state.schedule
        paths = float_paths(plan, schedule, end_uid=end, limit=limit, ranked_by=RankedBy(ranked_by))
        return FloatPaths(revision=state.revision, longest_path=longest_path(plan, schedule), paths=paths)

    return of_plan(collaborators.plans, access.key, if_none_match, ranked)
