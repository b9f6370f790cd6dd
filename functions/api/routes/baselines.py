"""The plan as it was approved: taken, compared with the plan now, cleared."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Editing, Viewing
from functions.api.commits import commit_one
from functions.api.cursors import Paging
from functions.api.revisions import BasedOn, CommandId, Committed, IfNoneMatch, committed, of_plan
from functions.api.wire import JsonBody
from nirman.errors import NotFoundError
from nirman.planlog.state import PlanState
from nirman.planning.baselines import BaselineTotals, Variance, baseline_totals, variances
from nirman.planning.commands import Delete, TakeBaseline
from nirman.planning.fields import Name, WallTime
from nirman.planning.model import Baseline, Kind

router = APIRouter(prefix="/projects/{project}/baselines", tags=["baselines"])
Number = Annotated[int, Path(ge=0, le=10, description="Earned value is measured against 0 unless asked otherwise.")]


class NewBaseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What to call it, and when it was approved if that is another time than now."""

    name: Name = ""
    taken_at: WallTime | None = None


class Baselines(Struct, frozen=True):
    """Every baseline there is, by number."""

    items: tuple[BaselineTotals, ...]
    revision: int


class BaselinePage(Struct, frozen=True, kw_only=True):
    """Each task as it was, and how far it is from that now; in outline order."""

    revision: int
    baseline: BaselineTotals
    items: tuple[Variance, ...]
    next: str | None


_NEW = JsonBody(NewBaseline)


@router.get("", operation_id="listBaselines", responses=openapi.reads(Baselines, "The baselines, in figures."))
def list_baselines(access: Viewing, collaborators: Collaborators, if_none_match: IfNoneMatch = None) -> Response:
    def shown(state: PlanState) -> Baselines:
        found = (state.plan.baselines[uid] for uid in sorted(state.plan.baselines))
        return Baselines(tuple(baseline_totals(state.plan, state.schedule, one) for one in found), state.revision)

    return of_plan(collaborators.plans, access.key, if_none_match, shown)


@router.get(
    "/{uid}",
    operation_id="getBaseline",
    responses=openapi.reads(BaselinePage, "A page of the tasks of a baseline, with their variance."),
)
def get_baseline(
    access: Viewing,
    collaborators: Collaborators,
    uid: Number,
    limit: Annotated[int, Query(ge=1, le=10_000, description="At most so many tasks a page.")] = 10_000,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    def page(state: PlanState) -> BaselinePage:
        baseline = _one(state, uid)
        found = {one.uid: one for one in variances(state.plan, state.schedule, baseline)}
        scope = f"{access.key.tenant}/{access.key.project}/baseline/{uid}"
        uids, following = Paging(limit, cursor).of(scope, list(found))
        return BaselinePage(
            revision=state.revision,
            baseline=baseline_totals(state.plan, state.schedule, baseline),
            items=tuple(found[one] for one in uids),
            next=following,
        )

    return of_plan(collaborators.plans, access.key, if_none_match, page)


@router.put(
    "/{uid}",
    operation_id="takeBaseline",
    openapi_extra=_NEW.openapi,
    responses=openapi.CHANGING | openapi.answers(Committed, "Taken of the plan as it is now.", etag=True),
)
def take_baseline(
    access: Editing,
    collaborators: Collaborators,
    uid: Number,
    seen: BasedOn,
    command_id: CommandId,
    body: Annotated[NewBaseline, Depends(_NEW)],
) -> Response:
    take = TakeBaseline(uid, body.name, body.taken_at)
    done = commit_one(collaborators.edits, access, take, seen=seen, command_id=command_id)
    return committed(done, abridged=True)


@router.delete(
    "/{uid}",
    operation_id="clearBaseline",
    responses=openapi.CHANGING | openapi.answers(Committed, "There is none of that number any more.", etag=True),
)
def clear_baseline(
    access: Editing, collaborators: Collaborators, uid: Number, seen: BasedOn, command_id: CommandId
) -> Response:
    clear = Delete(Kind.BASELINE, uid)
    return committed(commit_one(collaborators.edits, access, clear, seen=seen, command_id=command_id), abridged=True)


def _one(state: PlanState, uid: int) -> Baseline:
    baseline = state.plan.baselines.get(uid)
    if baseline is None:
        raise NotFoundError(f"there is no baseline {uid}")
    return baseline
