"""How much is asked of resources, and where that is more than there is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.revisions import IfNoneMatch, of_plan
from nirman.errors import LimitExceededError
from nirman.optimization.conflicts import Conflict, conflicts, overload_of
from nirman.optimization.histogram import ResourceHistogram, histogram
from nirman.planlog.state import PlanState
from nirman.planning.periods import Period

router = APIRouter(prefix="/projects/{project}", tags=["resources"])
MAX_CONFLICTS = 5_000
MAX_BARS = 20_000
"""Of a histogram; each task's part of a bar counts too."""


class Conflicts(Struct, frozen=True, kw_only=True):
    """By start; at most 5,000 of `count`. `overload_minutes` is the work that is too much, of all resources."""

    revision: int
    count: int
    overload_minutes: int
    conflicts: tuple[Conflict, ...]


class Histogram(Struct, frozen=True, kw_only=True):
    revision: int
    period: Period
    resources: tuple[ResourceHistogram, ...]


@router.get(
    "/conflicts",
    operation_id="listConflicts",
    responses=openapi.reads(Conflicts, "Where more is asked of a resource than there is of it, and by which tasks."),
)
def list_conflicts(
    access: Viewing,
    collaborators: Collaborators,
    pools: Annotated[bool, Query(description="Of groups, and of all who have a skill, too.")] = False,
    if_none_match: IfNoneMatch = None,
) -> Response:
    def shown(state: PlanState) -> Conflicts:
        found = conflicts(state.plan, state.schedule, pools=pools)
        return Conflicts(
            revision=state.revision,
            count=len(found),
            overload_minutes=overload_of(found),
            conflicts=found[:MAX_CONFLICTS],
        )

    return of_plan(collaborators.plans, access.key, if_none_match, shown)


@router.get(
    "/histogram",
    operation_id="getHistogram",
    responses=openapi.reads(Histogram, "What is asked of each resource by day, week or month, and what there is."),
)
def get_histogram(
    access: Viewing,
    collaborators: Collaborators,
    period: Annotated[Literal["day", "week", "month"], Query(description="Weeks begin on Sunday.")] = "week",
    resource: Annotated[
        list[int] | None, Query(max_length=100, description="Uids; without any, all that work.")
    ] = None,
    tasks: Annotated[bool, Query(description="Which tasks ask for it, too.")] = False,
    if_none_match: IfNoneMatch = None,
) -> Response:
    def shown(state: PlanState) -> Histogram:
        found = histogram(state.plan, state.schedule, Period(period), resource_uids=resource, by_task=tasks)
        bars = sum(1 + len(bar.tasks) for of_resource in found for bar in of_resource.bars)
        if bars > MAX_BARS:
            raise LimitExceededError(f"{bars} bars are more than {MAX_BARS}: ask for longer periods, fewer resources")
        return Histogram(revision=state.revision, period=Period(period), resources=found)

    return of_plan(collaborators.plans, access.key, if_none_match, shown)
