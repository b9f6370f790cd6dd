"""Signing in through the pool, as a person who would like to be more, and as a browser."""

from __future__ import annotations

from contextlib import suppress

import pytest

from nirman.local import people
from nirman.local.client import answer
from tests.stack.conftest import PASSWORD

pytestmark = pytest.mark.stack


def test_a_person_is_who_the_pool_and_the_tenant_say(stack):
    person = stack.person("sign-in", "planner", "রহিমা খাতুন")
    assert person.get("/me") == {
        "tenant": "sign-in",
        "user": person.account.user,
        "name": "রহিমা খাতুন",
        "role": "planner",
    }


def test_nobody_becomes_more_by_changing_their_own_attributes(stack):
    """AWS refuses the change; where a pool does not, the tenant's own list of people still says what the role is."""
    person = stack.person("sign-in", "viewer")
    pools = stack.deployed.client("cognito-idp")
    signed_in = pools.initiate_auth(
        ClientId=stack.deployed.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.account.email, "PASSWORD": PASSWORD},
    )
    wish = [{"Name": "custom:role", "Value": "owner"}]
    with suppress(pools.exceptions.NotAuthorizedException):
        pools.update_user_attributes(AccessToken=signed_in["AuthenticationResult"]["AccessToken"], UserAttributes=wish)
    token = people.sign_in(stack.deployed, person.account.email, PASSWORD)
    with stack.bearing(token) as client:
        assert answer(client.get("/me"))["role"] == "viewer"


def test_an_access_token_is_not_for_this_api(stack):
    """It names no tenant, and what it is for is another service."""
    person = stack.person("sign-in", "viewer")
    pools = stack.deployed.client("cognito-idp")
    signed_in = pools.initiate_auth(
        ClientId=stack.deployed.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.account.email, "PASSWORD": PASSWORD},
    )
    with stack.bearing(signed_in["AuthenticationResult"]["AccessToken"]) as client:
        assert client.get("/me").status_code == 403


def test_a_browser_may_ask_first_without_a_token(stack):
    asked = {
        "Origin": "https://plans.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
    }
    with stack.anonymous() as client:
        allowed = client.options("/projects/x/tasks/1", headers=asked)
        assert allowed.is_success
        assert allowed.headers["access-control-allow-origin"] in ("*", "https://plans.example")
        assert "PATCH" in allowed.headers["access-control-allow-methods"]
        assert "if-match" in allowed.headers["access-control-allow-headers"].lower()
        assert client.get("/projects", headers={"Origin": "https://plans.example"}).status_code == 401


def test_a_browser_may_read_the_revision_of_an_answer(stack):
    person = stack.person("sign-in", "viewer")
    read = person.http.get("/me", headers={"Origin": "https://plans.example"})
    assert "etag" in read.headers["access-control-expose-headers"].lower()
