from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nirman.aws.plan_log import DynamoPlanLog
from nirman.planlog.service import PlanService
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.support.faults import Calls, CountedClient, three_tries
from tests.support.template import create_table_arguments

SNAPSHOT_EVERY = 5
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = ProjectKey("padma", "tower")


def person(name: str = "rahim", role: Role = Role.ADMIN, *, project: str = "tower") -> Access:
    principal = Principal("padma", name, name.title(), role)
    return Access(ProjectKey("padma", project), principal, role)


@pytest.fixture
def open_service(dynamodb: Any, s3: Any, plan_table: str, plan_bucket: str) -> Callable[..., PlanService]:
    """A function that has not run yet: every call makes a new one, cold, on the same tables."""

    def make(calls: Calls | None = None, *, table: str = plan_table) -> PlanService:
        calls = calls or Calls()
        log = DynamoPlanLog(
            CountedClient(dynamodb, calls),  # type: ignore[arg-type]
            CountedClient(s3, calls),  # type: ignore[arg-type]
            table=table,
            bucket=plan_bucket,
        )
        return PlanService(log, now=lambda: NOW, pauses=three_tries, snapshot_every=SNAPSHOT_EVERY)

    return make


@pytest.fixture
def make_table(dynamodb: Any) -> Callable[[str], str]:
    """Another empty plan table: transactions of the test store take as long as their table is large."""

    def make(name: str) -> str:
        dynamodb.create_table(**create_table_arguments("PlanTable", name))
        return name

    return make
