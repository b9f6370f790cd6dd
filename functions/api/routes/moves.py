"""What moved between two revisions, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.wire import answer
from nirman.errors import InvalidInputError
from nirman.planlog.history import plan_at
from nirman.planning.explain import MAX_TASKS, Explanation, explain

router = APIRouter(prefix="/projects/{project}/moves", tags=["schedule"])


class Moves(Struct, frozen=True, kw_only=True):
    """Between two revisions of the project."""

    from_revision: int
    to_revision: int
    explanation: Explanation


@router.get(
    "",
    operation_id="listMoves",
    responses=openapi.IN_PROJECT | openapi.answers(Moves, "The edits that moved tasks, and the tasks they moved."),
)
def list_moves(
    access: Viewing,
    collaborators: Collaborators,
    since: Annotated[int, Query(alias="from", ge=1, lt=10**12, description="The earlier revision.")],
    until: Annotated[
        int | None, Query(alias="to", ge=1, lt=10**12, description="The later revision; else the newest.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Tell at most so many tasks.")] = MAX_TASKS,
) -> Response:
    plans, key = collaborators.plans, access.key
    after = plans.read(key) if until is None else plan_at(plans, key, until)
    if since > after.revision:
        raise InvalidInputError(f"must not be later than revision {after.revision}", place="from")
    before = plan_at(plans, key, since)
    explanation = explain((before.plan, before.schedule), (after.plan, after.schedule), max_tasks=limit)
    return answer(Moves(from_revision=before.revision, to_revision=after.revision, explanation=explanation))
