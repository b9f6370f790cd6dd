"""A stack for the session alone: the template on an emulator, by the same build and deploy as `nirman up`."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from nirman.local import people
from nirman.local.client import http_client
from nirman.local.emulator import Emulator, free_port
from nirman.local.people import Account
from nirman.local.places import of_checkout
from nirman.local.stack import Stack as Deployed
from nirman.local.stack import deploy
from nirman.tenancy.identity import Principal, Role
from tests.support.waiting import WAIT_S

PASSWORD = "Nirman-test-2026"


@dataclass
class Person:
    """Somebody who signs in as a client does; paths are those after /v1."""

    deployed: Deployed
    account: Account
    closing: ExitStack

    @property
    def principal(self) -> Principal:
        return self.account.principal

    @cached_property
    def token(self) -> str:
        return people.sign_in(self.deployed, self.account.email, PASSWORD)

    @cached_property
    def http(self) -> httpx.Client:
        return _closed_by(self.closing, http_client(self.deployed, self.token))

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self.http.post(path, json=body, params=query).raise_for_status().json()

    def patch(self, path: str, body: Any, **query: Any) -> Any:
        return self.http.patch(path, json=body, params=query).raise_for_status().json()

    def ticket(self) -> str:
        return str(self.post("/ws-ticket")["ticket"])

    def connect(self, ticket: str | None = None) -> connect:
        """A socket to be opened, with a new ticket unless one is given."""
        url = f"{self.deployed.socket_url}?ticket={self.ticket() if ticket is None else ticket}"
        # Cold functions on a busy machine take their time; so does the gateway there when it is asked for a pong.
        return connect(url, host="127.0.0.1", port=self.deployed.port, open_timeout=WAIT_S, ping_interval=None)


class Stack:
    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.closing = ExitStack()
        self._numbers = itertools.count(1)

    def person(self, tenant: str, role: str, name: str = "") -> Person:
        """A new person of a tenant, who signs in through the pool."""
        number = next(self._numbers)
        name = name or f"{role} {number}"
        email = f"p{number}@{tenant}.example"
        account = people.add(self.deployed, tenant=tenant, role=Role(role), name=name, email=email, password=PASSWORD)
        return Person(self.deployed, account, self.closing)

    def anonymous(self) -> httpx.Client:
        return _closed_by(self.closing, http_client(self.deployed))

    def bearing(self, token: str) -> httpx.Client:
        """Somebody with a token, whoever made it."""
        return _closed_by(self.closing, http_client(self.deployed, token))


def _closed_by(closing: ExitStack, client: httpx.Client) -> httpx.Client:
    closing.callback(client.close)
    return client


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if "PYTEST_XDIST_WORKER" in os.environ:  # one stack for all processes: `tests.support.groups` sees to that
        (tmp_path_factory.getbasetemp().parent / "stack").touch(exist_ok=False)
    # Ended from outside, the session must still stop its emulator.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    places = of_checkout(tmp_path_factory.mktemp("stack"))
    cloud = Emulator(places, free_port())
    try:
        made = Stack(Deployed(cloud.port, deploy(places, cloud.port)))
        with made.closing:
            yield made
    finally:
        cloud.stop()
