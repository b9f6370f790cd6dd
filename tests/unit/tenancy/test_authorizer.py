"""The authorizer, with the events API Gateway sends."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.authorizer import handler as authorizer
from nirman.aws.container import Container
from nirman.aws.settings import AuthorizerSettings
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, Role
from nirman.tenancy.tokens import TokenVerifier
from tests.support import issuer
from tests.support.template import ROOT

RAHIMA = Principal(tenant="dhaka", user="rahima", name="রহিমা", role=Role.PLANNER)


@pytest.fixture
def container(plan_table, connections_table, monkeypatch):
    settings = AuthorizerSettings(
        plan_table=plan_table,
        connections_table=connections_table,
        oidc_issuer=issuer.ISSUER,
        oidc_audience=issuer.CLIENT,
        oidc_jwks_url="",
        oidc_token_use="id",
        oidc_tenant_claim="custom:tenant",
        oidc_role_claim="custom:role",
    )
    container = Container(settings)
    container.token_verifier = TokenVerifier(
        issuer=issuer.ISSUER,
        audience=[issuer.CLIENT],
        jwks_url="",
        token_use="id",
        tenant_claim="custom:tenant",
        role_claim="custom:role",
        fetch=lambda url: issuer.key_set("first"),
    )
    monkeypatch.setattr(authorizer, "container", lambda: container)
    return container


def event(name):
    return json.loads((ROOT / "events/authorizer" / f"{name}.json").read_text())


def call(authorization):
    return authorizer.handler(event("http_call") | {"headers": {"authorization": authorization}}, None)


def connect(ticket):
    return authorizer.handler(event("socket_connect") | {"queryStringParameters": ticket}, None)


def effect(answer):
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Resource"] == event("socket_connect")["methodArn"]
    return statement["Effect"]


def test_the_functions_behind_learn_who_calls(container):
    assert call(f"Bearer {issuer.token()}") == {
        "isAuthorized": True,
        "context": {
            "tenant": "dhaka-builders",
            "user": "0b2f7a52-6c1e-4a7b-9d83-2f5c1c0f9a10",
            "name": "রহিমা খাতুন",
            "role": "planner",
        },
    }


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {issuer.token()}",
        issuer.token(),
        f"Bearer {issuer.token(signed_with='forger')}",
    ],
)
def test_a_call_without_a_genuine_token_is_refused(container, authorization):
    assert call(authorization) == {"isAuthorized": False}


@pytest.mark.parametrize(("listed", "role"), [(Role.VIEWER, "viewer"), (Role.OWNER, "planner")])
def test_the_tenants_own_list_of_people_can_lessen_a_role_but_not_raise_it(container, listed, role):
    user = issuer.claims()["sub"]
    container.directory.put_user("dhaka-builders", Person(user, "রহিমা", "rahima@example.com", listed))
    assert call(f"Bearer {issuer.token()}")["context"]["role"] == role


def test_a_call_without_the_header_is_refused(container):
    assert authorizer.handler(event("http_call") | {"headers": {}}, None) == {"isAuthorized": False}


def test_a_socket_opens_with_a_ticket_and_only_once(container):
    ticket = {"ticket": container.tickets.issue(RAHIMA, datetime.now(UTC))}
    answer = connect(ticket)
    assert effect(answer) == "Allow"
    assert answer["principalId"] == "rahima"
    assert answer["context"] == {"tenant": "dhaka", "user": "rahima", "name": "রহিমা", "role": "planner"}
    assert effect(connect(ticket)) == "Deny"


def test_an_expired_ticket_opens_nothing(container):
    issued = datetime.now(UTC) - timedelta(minutes=1)
    assert effect(connect({"ticket": container.tickets.issue(RAHIMA, issued)})) == "Deny"


@pytest.mark.parametrize("query", [None, {}, {"ticket": ""}, {"ticket": "made-up"}, {"token": issuer.token()}])
def test_a_socket_without_a_ticket_stays_shut(container, query):
    answer = connect(query)
    assert effect(answer) == "Deny"
    assert answer["context"] == {}


@pytest.mark.parametrize(
    ("configured", "emulator", "address"),
    [
        ("", None, f"{issuer.ISSUER}/.well-known/jwks.json"),
        ("", "http://127.0.0.1:4566", "http://127.0.0.1:4566/us-east-1_Dhaka/.well-known/jwks.json"),
        ("https://keys.example/k.json", "http://127.0.0.1:4566", "https://keys.example/k.json"),
    ],
)
def test_the_keys_are_where_the_issuer_is_or_where_the_deployer_says(
    container, monkeypatch, configured, emulator, address
):
    if emulator:
        monkeypatch.setenv("AWS_ENDPOINT_URL", emulator)
    assert Container(replace(container.settings, oidc_jwks_url=configured)).keys_address == address


def test_clients_are_sent_to_the_emulator_when_it_serves_the_socket(container, monkeypatch):
    class Settings:
        websocket_address = "wss://abc123.execute-api.us-east-1.amazonaws.com/live"

    assert Container(Settings()).socket_address == Settings.websocket_address
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4599")
    assert Container(Settings()).socket_address == "ws://abc123.execute-api.localhost:4599/live"
