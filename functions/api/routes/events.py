"""What happened since a revision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Viewing
from functions.api.wire import MAX_ANSWER_BYTES, answer
from nirman.planning.events import Event

router = APIRouter(prefix="/projects/{project}/events", tags=["events"])


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """Ascending, without gaps. `complete`: nothing is missing up to `head`. `reload`: the next event is too large to
    send, or is kept no longer; read the plan again instead.
    """

    events: tuple[Event, ...]
    head: int
    complete: bool
    reload: bool = False


@router.get("", operation_id="listEvents", responses=openapi.IN_PROJECT | openapi.answers(Events, "The events after."))
def list_events(
    access: Viewing,
    collaborators: Collaborators,
    after: Annotated[int, Query(ge=0, lt=10**12, description="The revision that the caller has.")],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    page = collaborators.plans.events(access.key, after=after, limit=limit)
    fitting = _fitting(page.events)
    return answer(
        Events(
            events=fitting,
            head=page.head,
            complete=page.complete and len(fitting) == len(page.events),
            reload=page.lost or (bool(page.events) and not fitting),
        )
    )


def _fitting(events: Iterable[Event]) -> tuple[Event, ...]:
    """As many of the first as an answer can hold."""
    room = MAX_ANSWER_BYTES
    fitting = []
    for event in events:
        room -= len(msgspec.json.encode(event))
        if room < 0:
            break
        fitting.append(event)
    return tuple(fitting)
