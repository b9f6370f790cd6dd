"""Earned value and cash flow: figures, and money over time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.cursors import Paging
from functions.api.revisions import IfNoneMatch, of_plan
from nirman.planlog.state import PlanState
from nirman.planning.earned_figures import EarnedValue
from nirman.planning.earned_schedule import EarnedSchedule
from nirman.planning.earned_value import earned_value
from nirman.planning.findings import Finding
from nirman.planning.periods import Period
from nirman.planning.time_series import Point, time_series

router = APIRouter(prefix="/projects/{project}", tags=["earned value"])
Against = Annotated[int, Query(ge=0, le=10, description="The baseline to measure against.")]
By = Annotated[Literal["day", "week", "month"], Query(description="Of the series; weeks begin on Sunday.")]


class TaskEarnedValue(Struct, frozen=True):
    uid: int
    figures: EarnedValue


class EarnedValuePage(Struct, frozen=True, kw_only=True):
    """At the status date. Earned schedule is in working days of the project; `finish` is what it forecasts."""

    revision: int
    status_date: datetime
    baseline: int
    currency: str
    project: EarnedValue
    schedule: EarnedSchedule | None
    finish: datetime | None
    series: tuple[Point, ...]
    tasks: tuple[TaskEarnedValue, ...]
    findings: tuple[Finding, ...]
    next: str | None


class CashFlow(Struct, frozen=True, kw_only=True):
    revision: int
    currency: str
    series: tuple[Point, ...]


@router.get(
    "/earned-value",
    operation_id="getEarnedValue",
    responses=openapi.reads(EarnedValuePage, "Of the project, by period, and of each task in outline order."),
)
def get_earned_value(
    access: Viewing,
    collaborators: Collaborators,
    baseline: Against = 0,
    period: By = "week",
    limit: Annotated[int, Query(ge=0, le=10_000, description="At most so many tasks a page.")] = 1_000,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    def page(state: PlanState) -> EarnedValuePage:
        found = earned_value(state.plan, state.schedule, baseline_uid=baseline)
        scope = f"{access.key.tenant}/{access.key.project}/earned-value/{baseline}"
        uids, following = Paging(limit, cursor).of(scope, list(found.tasks))
        return EarnedValuePage(
            revision=state.revision,
            status_date=found.status_date,
            baseline=baseline,
            currency=state.plan.project.currency,
            project=found.total.rounded(),
            schedule=found.schedule,
            finish=found.finish,
            series=time_series(state.plan, state.schedule, Period(period), baseline_uid=baseline),
            tasks=tuple(TaskEarnedValue(uid, found.tasks[uid].rounded()) for uid in uids),
            findings=found.findings,
            next=following,
        )

    return of_plan(collaborators.plans, access.key, if_none_match, page)


@router.get(
    "/cash-flow",
    operation_id="getCashFlow",
    responses=openapi.reads(CashFlow, "Money by period; without baseline or status date what needs none of them."),
)
def get_cash_flow(
    access: Viewing,
    collaborators: Collaborators,
    baseline: Against = 0,
    period: By = "month",
    if_none_match: IfNoneMatch = None,
) -> Response:
    def shown(state: PlanState) -> CashFlow:
        series = time_series(state.plan, state.schedule, Period(period), baseline_uid=baseline)
        return CashFlow(revision=state.revision, currency=state.plan.project.currency, series=series)

    return of_plan(collaborators.plans, access.key, if_none_match, shown)
