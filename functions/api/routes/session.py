"""Whether the API is up, who is calling, and a ticket for the socket."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from msgspec import Struct
from starlette.responses import Response

from functions.api import openapi
from functions.api.access import Caller, Collaborators
from functions.api.wire import answer
from nirman.tenancy.identity import Principal
from nirman.tenancy.tickets import LIFE_S

router = APIRouter(tags=["session"])


class Health(Struct, frozen=True):
    status: str


class Ticket(Struct, frozen=True):
    """Good once, for `expires_in` seconds: open `url` with `?ticket=`."""

    ticket: str
    expires_in: int
    url: str


@router.get("/health", operation_id="health", responses=openapi.answers(Health, "It is up."))
def health() -> Response:
    return answer(Health("ok"))


@router.get("/me", operation_id="me", responses=openapi.SIGNED_IN | openapi.answers(Principal, "Who is calling."))
def me(caller: Caller) -> Response:
    return answer(caller)


@router.post(
    "/ws-ticket",
    operation_id="issueTicket",
    status_code=HTTPStatus.CREATED,
    responses=openapi.SIGNED_IN | openapi.answers(Ticket, "A ticket for the socket.", status=HTTPStatus.CREATED),
)
def issue_ticket(caller: Caller, collaborators: Collaborators) -> Response:
    ticket = collaborators.tickets.issue(caller, collaborators.now())
    return answer(Ticket(ticket, LIFE_S, collaborators.socket_address), status=HTTPStatus.CREATED)
