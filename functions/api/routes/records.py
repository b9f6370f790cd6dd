"""Tasks, links, resources, assignments, calendars: the same five routes for each kind."""

# Annotations are not postponed here: those of the bodies name what each call of `router` makes.

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Collaborators, Editing, Reporting, Viewing
from functions.api.bodies import new_record, record_patch, sent
from functions.api.commits import commit_one, named
from functions.api.cursors import Paged, PlanPage
from functions.api.revisions import BasedOn, CommandId, Committed, IfNoneMatch, committed, of_plan
from functions.api.wire import JsonBody
from nirman.errors import NotFoundError
from nirman.planlog.state import PlanState
from nirman.planning.commands import Create, Delete, Update
from nirman.planning.model import COLLECTIONS, RECORDS, Kind, Plan, Record
from nirman.planning.outline import outline

KINDS = tuple(kind for kind in COLLECTIONS if kind is not Kind.BASELINE)
"""A baseline is taken of the plan, not written: it has routes of its own."""
Number = Annotated[int, Path(ge=0, le=2_147_483_647)]


def router(kind: Kind) -> APIRouter:
    """Routes of one kind of record."""
    record: Any = RECORDS[kind]
    plural, name = COLLECTIONS[kind], record.__name__
    many = f"{name}s"
    new, patch = JsonBody(new_record(kind)), JsonBody(record_patch(kind))
    routes = APIRouter(prefix=f"/projects/{{project}}/{plural}", tags=[plural])
    change = openapi.CHANGING | openapi.answers(Committed, "The new revision.", etag=True)

    @routes.get(
        "",
        operation_id=f"list{many}",
        responses=openapi.reads(PlanPage[record], f"A page of {plural}."),
    )
    def list_records(
        access: Viewing, collaborators: Collaborators, paging: Paged, if_none_match: IfNoneMatch = None
    ) -> Response:
        def page(state: PlanState) -> PlanPage[Record]:
            rows = state.plan.records(kind)
            scope = f"{access.key.tenant}/{access.key.project}/{kind}"
            uids, following = paging.of(scope, _order(state.plan, kind))
            return PlanPage(tuple(rows[uid] for uid in uids), following, state.revision)

        return of_plan(collaborators.plans, access.key, if_none_match, page)

    @routes.post(
        "",
        operation_id=f"create{name}",
        status_code=HTTPStatus.CREATED,
        openapi_extra=new.openapi,
        responses=openapi.CHANGING
        | openapi.answers(Committed, f"The {kind} is made.", status=HTTPStatus.CREATED, etag=True),
    )
    def create_record(
        access: Editing,
        collaborators: Collaborators,
        seen: BasedOn,
        command_id: CommandId,
        body: Annotated[Any, Depends(new)],
    ) -> Response:
        values = sent(body)
        create = Create(kind, values, values.pop("uid", None))
        result = commit_one(collaborators.edits, access, create, seen=seen, command_id=command_id)
        [uid] = [fact.uid for fact in result.event.changes if fact.kind is kind and fact.op == "created"]
        return committed(result, location=f"/v1/projects/{access.key.project}/{plural}/{uid}")

    @routes.get(
        "/{uid}",
        operation_id=f"get{name}",
        responses=openapi.reads(record, f"The {kind}."),
    )
    def get_record(
        access: Viewing, collaborators: Collaborators, uid: Number, if_none_match: IfNoneMatch = None
    ) -> Response:
        return of_plan(collaborators.plans, access.key, if_none_match, lambda state: _one(state.plan, kind, uid))

    @routes.patch("/{uid}", operation_id=f"update{name}", openapi_extra=patch.openapi, responses=change)
    def update_record(
        access: Reporting,
        collaborators: Collaborators,
        uid: Number,
        seen: BasedOn,
        command_id: CommandId,
        body: Annotated[Any, Depends(patch)],
    ) -> Response:
        update = Update(kind, uid, named(sent(body)))
        return committed(commit_one(collaborators.edits, access, update, seen=seen, command_id=command_id))

    @routes.delete("/{uid}", operation_id=f"delete{name}", responses=change)
    def delete_record(
        access: Editing, collaborators: Collaborators, uid: Number, seen: BasedOn, command_id: CommandId
    ) -> Response:
        return committed(commit_one(collaborators.edits, access, Delete(kind, uid), seen=seen, command_id=command_id))

    return routes


def _order(plan: Plan, kind: Kind) -> Sequence[int]:
    """Tasks as in the outline, others by uid."""
    return outline(plan.tasks).uids if kind is Kind.TASK else sorted(plan.records(kind))


def _one(plan: Plan, kind: Kind, uid: int) -> Record:
    record = plan.records(kind).get(uid)
    if record is None:
        raise NotFoundError(f"there is no {kind} {uid}")
    return record
