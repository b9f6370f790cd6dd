"""Commands to a log of plans, and a project to begin with."""

from __future__ import annotations

from collections.abc import Callable

from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Operation, Replacement, Update
from nirman.planning.model import Kind, Plan
from tests.builders.plans import make_link, make_plan
from tests.unit.planlog.conftest import person

OpenService = Callable[..., PlanService]


RAHIM, KARIM = person("rahim"), person("karim")


def command(command_id: str, base: int, *operations: Operation) -> Command:
    return Command(command_id=command_id, base_revision=base, operations=operations)


def rename(uid: int, name: str) -> Update:
    return Update(Kind.TASK, uid, {"name": name})


def lengthen(uid: int, minutes: int) -> Update:
    return Update(Kind.TASK, uid, {"duration_minutes": minutes})


def begin(service: PlanService, plan: Plan | None = None) -> int:
    """A project with three linked tasks of a day each; its revision."""
    plan = plan or make_plan(3, [make_link(1, 1, 2), make_link(2, 2, 3)])
    created = service.create(RAHIM.principal, "tower", plan.project, list(plan.calendars.values()), command_id="create")
    replacement = Replacement("import", created.revision, plan, "tower.xml")
    return service.replace(RAHIM, replacement).revision
