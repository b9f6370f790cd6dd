"""Who may not is refused, on every route and message there is, by the deployed stack with IAM enforced."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from nirman.local.people import sign_in
from tests.stack.conftest import PASSWORD, Person, Stack
from tests.support.issuer import private_key
from tests.support.operations import SAMPLES, Operation, operations
from tests.support.sample_messages import about
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack


class Site:
    """A project with a record of each kind, a status date and baselines, and people of every standing towards it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.owner = stack.person("padma", "owner")
        self.viewer = stack.person("padma", "viewer")
        self.stranger = stack.person("padma", "planner")
        self.rival = stack.person("meghna", "owner")
        self.project = self.owner.post("/projects", {"name": "সেতু / Bridge", "start": "2026-01-04T08:00:00"})["project"]
        made = [
            *({"kind": "task", "uid": uid, "values": {"name": f"Task {uid}"}} for uid in (1, 2, 3)),
            *({"kind": "link", "values": {"predecessor_uid": uid, "successor_uid": uid + 1}} for uid in (1, 2)),
            {"kind": "resource", "uid": 1, "values": {"name": "Crane"}},
            {"kind": "assignment", "values": {"task_uid": 1, "resource_uid": 1}},
            {"kind": "calendar", "uid": 2, "values": {"name": "Rain", "base_uid": 1}},
            {"kind": "risk", "uid": 1, "values": {"name": "Flood", "probability": 0.2, "task_uids": [1]}},
        ]
        measured = [
            {"op": "update", "kind": "project", "uid": 0, "values": {"status_date": "2026-01-06T17:00:00"}},
            *({"op": "take_baseline", "uid": uid} for uid in (0, 1)),
        ]
        body = {"operations": [*({"op": "create", **values} for values in made), *measured]}
        self.owner.post(f"/projects/{self.project}/commands", body, base_revision=1)
        member = f"/projects/{self.project}/members/{self.viewer.account.user}"
        self.owner.http.put(member, json={"role": "viewer"}).raise_for_status()
        self.job = self.owner.post(f"/projects/{self.project}/exports", {"format": "json"})["id"]

    @property
    def revision(self) -> int:
        return int(self.owner.get(f"/projects/{self.project}")["revision"])

    def ask(self, operation: Operation, client: httpx.Client, revision: int) -> httpx.Response:
        names = {
            "project": self.project,
            "job": self.job,
            "optimization": self.job,
            "user": self.viewer.account.user,
            "import_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        }
        sample = operation.sample
        path = operation.address(names).removeprefix("/v1")
        return client.request(
            operation.method, path, json=sample.body, headers=operation.headers(revision), params=dict(sample.query)
        )


@pytest.fixture(scope="module")
def site(stack: Stack) -> Site:
    return Site(stack)


@pytest.fixture(scope="module")
def every_operation(stack: Stack) -> list[Operation]:
    """From the document that the deployed API itself serves."""
    return list(operations(stack.anonymous().get("/openapi.json").raise_for_status().json()))


def answers(site: Site, asked: list[Operation], client: httpx.Client) -> dict[str, int]:
    """The status of each, having seen that the project is as it was."""
    before = site.revision
    found = {operation.id: site.ask(operation, client, before).status_code for operation in asked}
    assert site.revision == before
    return found


def test_the_document_names_every_route_that_is_tested(every_operation: list[Operation]) -> None:
    assert {operation.id for operation in every_operation} == SAMPLES.keys()


def test_the_very_questions_that_others_are_refused_are_answered_for_a_viewer(
    site: Site, every_operation: list[Operation]
) -> None:
    found = answers(site, [o for o in every_operation if not o.changes], site.viewer.http)
    assert set(found.values()) <= {200, 201}, found


FORGERIES: dict[str, Callable[[dict[str, Any], str], str]] = {
    "another key": lambda claims, kid: jwt.encode(claims, private_key("forger"), "RS256", headers={"kid": kid}),
    "no signature": lambda claims, kid: jwt.encode(claims, None, "none", headers={"kid": kid}),
    "a secret as key": lambda claims, kid: jwt.encode(claims, "s" * 32, "HS256", headers={"kid": kid}),
    "an unknown key": lambda claims, _: jwt.encode(claims, private_key("forger"), "RS256", headers={"kid": "other"}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused_everywhere(site: Site, every_operation: list[Operation], forgery: str) -> None:
    claims = jwt.decode(site.owner.token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(site.owner.token)["kid"]
    client = site.stack.bearing(FORGERIES[forgery](claims, kid))
    found = answers(site, [operation for operation in every_operation if not operation.public], client)
    assert set(found.values()) <= {401, 403}, found


def test_an_altered_token_is_refused_everywhere(site: Site, every_operation: list[Operation]) -> None:
    header, claims, signature = site.viewer.token.split(".")
    altered = jwt.utils.base64url_decode(claims).replace(b"viewer", b"owner")
    token = ".".join([header, jwt.utils.base64url_encode(altered).decode(), signature])
    found = answers(site, [o for o in every_operation if not o.public], site.stack.bearing(token))
    assert set(found.values()) <= {401, 403}, found


def test_a_genuine_token_for_another_client_or_use_is_refused_everywhere(
    site: Site, every_operation: list[Operation]
) -> None:
    deployed = site.stack.deployed
    pools = deployed.client("cognito-idp")
    other = pools.create_user_pool_client(
        UserPoolId=deployed.outputs["UserPoolId"], ClientName="other", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    for client_id, use in ((other, "IdToken"), (deployed.outputs["UserPoolClientId"], "AccessToken")):
        token = pools.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": site.owner.account.email, "PASSWORD": PASSWORD},
        )["AuthenticationResult"][use]
        found = answers(site, [o for o in every_operation if not o.public], site.stack.bearing(token))
        assert set(found.values()) <= {401, 403}, (use, found)
    assert sign_in(deployed, site.owner.account.email, PASSWORD)


def test_nobody_is_let_in_without_a_token(site: Site, every_operation: list[Operation]) -> None:
    asked = [operation for operation in every_operation if not operation.public]
    assert set(answers(site, asked, site.stack.anonymous()).values()) <= {401, 403}


def test_a_person_of_another_tenant_finds_nothing(site: Site, every_operation: list[Operation]) -> None:
    found = answers(site, [o for o in every_operation if o.inside_project], site.rival.http)
    assert set(found.values()) == {404}, found


def test_a_person_who_is_no_member_finds_nothing(site: Site, every_operation: list[Operation]) -> None:
    found = answers(site, [o for o in every_operation if o.inside_project], site.stranger.http)
    assert set(found.values()) == {404}, found


def test_a_viewer_changes_nothing(site: Site, every_operation: list[Operation]) -> None:
    found = answers(site, [o for o in every_operation if o.changes], site.viewer.http)
    assert set(found.values()) == {403}, found


# ---------------------------------------------------------------- messages


async def say_all(person: Person, project: str, revision: int) -> dict[str, dict[str, Any]]:
    found = {}
    async with person.connect() as socket:
        for kind, message in about(project, revision).items():
            await socket.send(json.dumps({"type": kind, "id": f"m-{kind}", **message}))
            found[kind] = await answer_to(socket, f"m-{kind}")
    return found


async def answer_to(socket: ClientConnection, message_id: str) -> dict[str, Any]:
    async with asyncio.timeout(WAIT_S):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message.get("id") == message_id:
                return message


@pytest.mark.parametrize("who", ["rival", "stranger"])
def test_every_message_about_a_foreign_project_is_refused(site: Site, who: str) -> None:
    before = site.revision
    found = asyncio.run(say_all(getattr(site, who), site.project, before))
    # Leaving a room one is not in has no effect and tells nothing.
    codes = {kind: answer.get("code") for kind, answer in found.items() if kind != "leave"}
    assert set(codes.values()) == {"not-found"}, codes
    assert site.revision == before


def test_a_viewer_joins_but_does_not_edit(site: Site) -> None:
    before = site.revision
    found = asyncio.run(say_all(site.viewer, site.project, before))
    assert found["join"]["type"] == "joined"
    refused = {kind for kind, answer in found.items() if answer.get("code") == "forbidden"}
    assert refused == {"edit", "undo", "redo", "lock", "take_over"}
    assert site.revision == before


async def refused_at_the_door(person: Person, ticket: str) -> bool:
    try:
        async with person.connect(ticket):
            return False
    except InvalidStatus as exc:
        return exc.response.status_code in (401, 403)


def test_a_ticket_opens_one_socket(site: Site) -> None:
    async def use_twice() -> bool:
        ticket = site.owner.ticket()
        async with site.owner.connect(ticket):
            pass
        return await refused_at_the_door(site.owner, ticket)

    assert asyncio.run(use_twice())


def test_an_expired_or_made_up_ticket_opens_nothing(site: Site) -> None:
    deployed = site.stack.deployed
    ticket = site.owner.ticket()
    dynamodb, table = deployed.client("dynamodb"), deployed.outputs["ConnectionsTable"]
    for item in dynamodb.scan(TableName=table)["Items"]:
        if item["sk"]["S"] == "TICKET":
            dynamodb.put_item(TableName=table, Item=item | {"expires": {"N": "1700000000"}})
    assert asyncio.run(refused_at_the_door(site.owner, ticket))
    assert asyncio.run(refused_at_the_door(site.owner, "made-up"))
    assert asyncio.run(refused_at_the_door(site.owner, ""))
