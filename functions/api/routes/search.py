"""Finding tasks, projects and people by name."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Caller, Collaborators
from functions.api.wire import answer
from nirman.collaboration.messages.search import FoundKind, Hit

router = APIRouter(prefix="/search", tags=["search"])
_KINDS: tuple[FoundKind, ...] = get_args(FoundKind)


class Hits(Struct, frozen=True):
    """Best first."""

    hits: tuple[Hit, ...]


@router.get(
    "",
    operation_id="search",
    responses=openapi.IN_PROJECT
    | openapi.answers(Hits, "What the caller may see and is called so, or begins so, a typo in a word forgiven."),
)
def search(
    caller: Caller,
    collaborators: Collaborators,
    q: Annotated[str, Query(min_length=1, max_length=200, description="What was typed so far.")],
    kinds: Annotated[list[FoundKind] | None, Query(description="Only these; all if none is named.")] = None,
    project: Annotated[str | None, Query(max_length=64, description="Only what belongs to this project.")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Response:
    hits = collaborators.search.find(caller, q, kinds=kinds or _KINDS, project=project, limit=limit)
    return answer(Hits(hits))
