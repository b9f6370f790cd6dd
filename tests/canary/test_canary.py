"""No word of a tenant reaches another; `make canary` makes many more calls."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from unittest.mock import patch

import pytest

import functions.broadcaster.handler
from nirman.aws.directory import DynamoDirectory
from nirman.collaboration.messages import CLIENT_MESSAGES
from nirman.errors import NotFoundError
from nirman.tenancy.identity import ProjectKey, Role
from tests.canary.fuzz import TENANTS, Fuzz


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def fuzz() -> Fuzz:
    return Fuzz(2026)


@pytest.mark.slow
def test_no_word_of_a_tenant_reaches_another(fuzz: Fuzz) -> None:
    with fuzz.running():
        fuzz.messages(60 * len(CLIENT_MESSAGES))
        fuzz.routes(3)
    assert fuzz.leaks == []
    # It is not all refused at the door.
    assert {"Joined", "Ack", "Found", "Pong", "200", "201"} <= fuzz.answers.keys()
    assert "internal" not in fuzz.codes
    assert fuzz.frames > 100


@pytest.mark.slow
def test_frames_that_go_to_all_tenants_are_found(fuzz: Fuzz) -> None:
    sent = functions.broadcaster.handler.frames_by_room

    def to_all(events, jobs):
        frames = [frame for those in sent(events, jobs).values() for frame in those]
        return {ProjectKey(tenant.name, tenant.project): frames for tenant in fuzz.tenants}

    with patch.object(functions.broadcaster.handler, "frames_by_room", to_all), fuzz.running():
        fuzz.messages(20 * len(CLIENT_MESSAGES))
    assert {leak.asked for leak in fuzz.leaks} == {"a frame"}


@pytest.mark.slow
def test_a_project_that_is_opened_by_its_id_alone_is_found(fuzz: Fuzz) -> None:
    opened = DynamoDirectory.open

    def wherever_it_is(self, principal, project, *more):
        for tenant in (principal.tenant, *TENANTS):
            with suppress(NotFoundError):
                return opened(self, replace(principal, tenant=tenant, role=Role.OWNER), project, *more)
        raise NotFoundError("there is no such project")

    with patch.object(DynamoDirectory, "open", wherever_it_is), fuzz.running():
        fuzz.routes(10, only="listTasks")
    assert fuzz.leaks
