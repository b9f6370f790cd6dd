"""What must hold between the records of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nirman.errors import InvalidPlanError
from nirman.planning.estimates import Risk
from nirman.planning.model import Assignment, Calendar, Kind, Link, LinkKind, Plan, Project, Resource, Task


def check_plan(plan: Plan) -> None:
    """Everything of a whole plan except cycles of links, which scheduling finds; InvalidPlanError."""
    for kind in Kind:
        for uid in plan.records(kind):
            check_record(plan, kind, uid, place=f"{kind} {uid}")
    check_links(plan, {uid: f"link {uid}" for uid in plan.links})


def check_record(plan: Plan, kind: Kind, uid: int, *, place: str) -> None:
    """What one record refers to exists, and it is not its own ancestor; InvalidPlanError."""
    match plan.records(kind)[uid]:
        case Project() as project:
            _check_reference(plan, Kind.CALENDAR, project.calendar_uid, place, "calendar_uid")
        case Calendar() as calendar:
            _check_reference(plan, Kind.CALENDAR, calendar.base_uid, place, "base_uid")
            _check_ancestors(uid, lambda at: plan.calendars[at].base_uid, "a calendar must not be its own base", place)
        case Task() as task:
            _check_reference(plan, Kind.TASK, task.parent_uid, place, "parent_uid")
            _check_reference(plan, Kind.CALENDAR, task.calendar_uid, place, "calendar_uid")
            _check_ancestors(uid, lambda at: plan.tasks[at].parent_uid, "a task must not be below itself", place)
        case Link() as link:
            _check_reference(plan, Kind.TASK, link.predecessor_uid, place, "predecessor_uid")
            _check_reference(plan, Kind.TASK, link.successor_uid, place, "successor_uid")
        case Resource() as resource:
            _check_reference(plan, Kind.CALENDAR, resource.calendar_uid, place, "calendar_uid")
        case Assignment() as assignment:
            _check_reference(plan, Kind.TASK, assignment.task_uid, place, "task_uid")
            _check_reference(plan, Kind.RESOURCE, assignment.resource_uid, place, "resource_uid")
        case Risk() as risk:
            for task_uid in risk.task_uids:
                _check_reference(plan, Kind.TASK, task_uid, place, "task_uids")


def check_links(plan: Plan, places: Mapping[int, str]) -> None:
    """The links in `places` are the only ones of their kind between their tasks; InvalidPlanError."""
    if not places:
        return
    between: dict[tuple[int, int, LinkKind], int] = {}
    for link in plan.links.values():
        other = between.setdefault((link.predecessor_uid, link.successor_uid, link.kind), link.uid)
        place = places.get(link.uid) or places.get(other)
        if other != link.uid and place is not None:
            raise InvalidPlanError(
                "two tasks have at most one link of a kind in each direction",
                place=place,
                uids=(link.predecessor_uid, link.successor_uid),
            )


def _check_reference(plan: Plan, kind: Kind, uid: int | None, place: str, field: str) -> None:
    if uid is not None and uid not in plan.records(kind):
        raise InvalidPlanError(f"there is no {kind} {uid}", place=f"{place}.{field}")


def _check_ancestors(uid: int, above: Callable[[int], int | None], rule: str, place: str) -> None:
    seen = [uid]
    parent = above(uid)
    while parent is not None:
        if parent in seen:
            raise InvalidPlanError(rule, place=place, uids=tuple(seen))
        seen.append(parent)
        parent = above(parent)
