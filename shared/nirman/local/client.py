"""A client of a local stack's HTTP API, as somebody who signed in."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx

from nirman.local.errors import LocalError
from nirman.local.stack import Stack

TIMEOUT_S = 60
"""A first call starts the functions behind it, on a busy computer slowly."""


def http_client(stack: Stack, token: str | None = None) -> httpx.Client:
    """Paths are those after /v1, with a slash."""
    # By address: not every resolver knows that names under localhost are this computer.
    headers = {"Host": stack.http_host} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.Client(base_url=f"{stack.endpoint}/v1", headers=headers, timeout=TIMEOUT_S)


def answer(response: httpx.Response) -> Any:
    """The JSON of an answer; LocalError with the server's own words when it refused."""
    if not response.is_success:
        text = response.text
        with suppress(ValueError, AttributeError):
            problem = response.json()
            text = problem.get("detail") or problem.get("title") or problem.get("message") or text
        raise LocalError(f"{response.request.method} {response.request.url.path}: {response.status_code} {text}")
    return json.loads(response.content)
