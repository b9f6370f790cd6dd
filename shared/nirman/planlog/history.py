"""A project as it was."""

from __future__ import annotations

from nirman.errors import InvalidInputError
from nirman.planlog.service import PlanService
from nirman.planlog.state import PlanState
from nirman.planning.change import apply_changes
from nirman.planning.events import Event, inverted
from nirman.tenancy.identity import ProjectKey

_PAGE = 500


def plan_at(plans: PlanService, key: ProjectKey, revision: int) -> PlanState:
    """The project as of a revision: the head with every later change taken back.

    NotFoundError where there is no project, InvalidInputError for a revision it has not had.
    """
    head = plans.read(key)
    if not 1 <= revision <= head.revision:
        raise InvalidInputError(f"the project has revisions 1 to {head.revision}", place="revision")
    later = _later(plans, key, head, revision)
    if not later:
        return head
    taken_back = (inverted(change) for event in reversed(later) for change in reversed(event.changes))
    return PlanState(revision, later[0].previous_digest, apply_changes(head.plan, taken_back))


def _later(plans: PlanService, key: ProjectKey, head: PlanState, revision: int) -> tuple[Event, ...]:
    """The events after a revision up to `head`, whether it still has them or they are read again."""
    kept = head.since(revision)
    if kept is not None:
        return kept
    found: list[Event] = []
    while revision < head.revision:
        page = plans.events(key, after=revision, limit=_PAGE).events
        if not page:
            raise InvalidInputError(f"revision {revision} is kept no longer", place="revision")
        found += [event for event in page if event.revision <= head.revision]
        revision = page[-1].revision
    return tuple(found)
