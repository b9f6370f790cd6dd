"""Every sample event is accepted by the handler of its function: they are also what `sam local invoke` is fed."""

from __future__ import annotations

import importlib
import json
from dataclasses import fields
from typing import Any

import pytest

from tests.architecture.test_template import SETTINGS
from tests.support import issuer
from tests.support.http import LambdaContext
from tests.support.template import ROOT, functions

EVENTS = sorted((ROOT / "events").rglob("*.json"))
STORES = ("plan_table", "connections_table", "read_models_table", "plan_bucket", "files_bucket")
BAD = ("ill_formed", "unreadable")
"""Names of events that are wrong on purpose; these too must be answered."""


@pytest.fixture
def environment(request, monkeypatch, tmp_path):
    """What the template sets, for a cloud in memory."""
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(issuer.key_set("first")))
    values = {
        **{name: request.getfixturevalue(name) for name in STORES},
        **{f"{name}_url": request.getfixturevalue(name) for name in ("jobs_queue", "optimization_queue")},
        "oidc_issuer": issuer.ISSUER,
        "oidc_audience": issuer.CLIENT,
        "oidc_jwks_url": keys.as_uri(),
        "oidc_token_use": "id",
        "oidc_tenant_claim": "custom:tenant",
        "oidc_role_claim": "custom:role",
        "websocket_api_id": "wxyz987654",
        "websocket_stage": "live",
        "websocket_url": "https://wxyz987654.execute-api.us-east-1.amazonaws.com/live",
        "signals_function": "signals",
        "poster_function": "poster",
        "websocket_address": "wss://wxyz987654.execute-api.us-east-1.amazonaws.com/live",
    }
    for kind in SETTINGS.values():
        for field in fields(kind):
            monkeypatch.setenv(field.name.upper(), values[field.name])


def fresh(module: Any) -> Any:
    """The handler, with nothing left of an earlier cloud."""
    for value in vars(module).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    return module.handler


def accepted(name: str, answer: dict[str, Any], *, bad: bool) -> bool:
    if name == "authorizer":
        return "isAuthorized" in answer or "policyDocument" in answer
    if name == "api":
        return answer["statusCode"] < 500
    if name == "websocket":
        said = json.loads(answer["body"]) if "body" in answer else {}
        return answer["statusCode"] == 200 and (said.get("code") == "invalid") == bad
    if name == "signals":
        return answer is None  # nobody waits for it
    if name == "poster":
        return answer["failed"] == 0
    return bool(answer["batchItemFailures"]) == bad


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_event_is_accepted_by_its_handler(environment, path):
    name = path.parent.name
    handler = fresh(importlib.import_module(f"functions.{name}.handler"))
    answer = handler(json.loads(path.read_text()), LambdaContext())
    assert accepted(name, answer, bad=path.stem.startswith(BAD)), answer


@pytest.mark.parametrize("name", sorted(functions()))
def test_every_function_has_a_sample_event(name):
    assert [path for path in EVENTS if path.parent.name == name]
