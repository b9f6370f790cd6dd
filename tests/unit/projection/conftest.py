from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nirman.aws.directory import DynamoDirectory
from nirman.aws.memberships import DynamoMemberships
from nirman.aws.plan_log import DynamoPlanLog
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Operation
from nirman.planning.model import Project
from nirman.projection.projector import Projector
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.builders.plans import working_week
from tests.support.faults import three_tries
from tests.support.read_models import contents, event_record, feed, projector_of

KARIM = Principal("padma", "karim", "করিম", Role.OWNER)
TOWER = ProjectKey("padma", "tower")


@dataclass
class Works:
    """A tenant's plans and the read models of them; nothing is projected but by `feed`."""

    plans: PlanService
    directory: DynamoDirectory
    memberships: DynamoMemberships
    new_projector: Callable[[], Projector]
    kept: Callable[[], dict[tuple[str, str], Any]]

    def __post_init__(self) -> None:
        self.projector = self.new_projector()

    def commit(self, *operations: Operation, key: ProjectKey = TOWER, who: Principal = KARIM) -> int:
        base = self.plans.head(key)
        command = Command(f"c{base}", base, operations)
        return self.plans.commit(Access(key, who, who.role), command).revision

    def feed(self, *revisions: int, key: ProjectKey = TOWER) -> int:
        return feed(self.projector, [event_record(key, revision) for revision in revisions])


@pytest.fixture
def works(dynamodb: Any, s3: Any, plan_table: str, plan_bucket: str, read_models_table: str) -> Works:
    times = iter(datetime(2026, 11, 22, 4, 30, tzinfo=UTC) + timedelta(minutes=n) for n in range(10_000))
    log = DynamoPlanLog(dynamodb, s3, table=plan_table, bucket=plan_bucket)
    made = Works(
        plans=PlanService(log, now=lambda: next(times), pauses=three_tries),
        directory=DynamoDirectory(dynamodb, plan_table),
        memberships=DynamoMemberships(dynamodb, plan_table),
        new_projector=lambda: projector_of(dynamodb, s3, plan_table, plan_bucket, read_models_table),
        kept=lambda: contents(dynamodb, read_models_table),
    )
    made.directory.put_user("padma", Person("karim", "করিম", "karim@padma.example", Role.OWNER))
    project = Project(name="Tower", start=datetime(2026, 11, 22, 8, 0))
    made.plans.create(KARIM, "tower", project, [working_week()], command_id="made")
    return made
