"""Baselines in the log: one event each, however large, and merged like everything else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from nirman.errors import ConflictError, ForbiddenError
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Delete, Operation, Replacement, TakeBaseline, Update
from nirman.planning.model import Kind, Plan
from nirman.tenancy.identity import Role
from tests.builders.plans import make_plan, make_task
from tests.unit.planlog.conftest import KEY, SNAPSHOT_EVERY, person

OpenService = Callable[..., PlanService]
RAHIM = person()


def begin(service: PlanService, plan: Plan) -> int:
    created = service.create(RAHIM.principal, "tower", plan.project, list(plan.calendars.values()), command_id="create")
    return service.replace(RAHIM, Replacement("import", created.revision, plan, "tower.xml")).revision


def commit(service: PlanService, name: str, base: int, *operations: Operation):
    return service.commit(RAHIM, Command(command_id=name, base_revision=base, operations=operations))


def test_a_baseline_of_thousands_of_tasks_is_one_event_and_comes_back_whole(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan([make_task(uid, fixed_cost=Decimal(uid)) for uid in range(1, 3_001)]))
    done = commit(service, "take", base, TakeBaseline(name="Approved"))
    assert done.revision == base + 1
    assert [fact.kind for fact in done.event.changes] == [Kind.BASELINE]
    cold = open_service().read(KEY)
    assert (cold.digest, cold.plan.baselines) == (done.event.digest, service.read(KEY).plan.baselines)
    assert len(cold.plan.baselines[0].tasks) == 3_000
    assert service.verify(KEY) == done.revision


def test_it_is_in_the_snapshot(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    commit(service, "take", base, TakeBaseline(uid=3))
    for number in range(SNAPSHOT_EVERY):
        commit(service, f"c{number}", base + 1 + number, Update(Kind.TASK, 1, {"name": str(number)}))
    assert open_service().read(KEY).plan.baselines == service.read(KEY).plan.baselines
    assert service.read(KEY).plan.baselines.keys() == {3}


def test_it_is_of_the_head_though_others_edited_meanwhile(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    commit(service, "edit", base, Update(Kind.TASK, 1, {"duration_minutes": 960}))
    done = commit(service, "take", base, TakeBaseline())
    assert done.merged
    assert done.state.plan.baselines[0].tasks[0].duration_minutes == 960


def test_two_who_take_the_same_one_conflict(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    commit(service, "first", base, TakeBaseline(name="Mine"))
    with pytest.raises(ConflictError):
        commit(service, "second", base, TakeBaseline(name="Yours"))
    commit(service, "third", base + 1, Delete(Kind.BASELINE, 0))
    assert service.read(KEY).plan.baselines == {}


def test_the_same_command_again_takes_none_twice(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    first = commit(service, "take", base, TakeBaseline())
    again = commit(service, "take", base, TakeBaseline())
    assert again.repeated
    assert again.revision == first.revision


def test_a_member_may_not_take_one(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service, make_plan(2))
    command = Command(command_id="take", base_revision=base, operations=(TakeBaseline(),))
    with pytest.raises(ForbiddenError):
        service.commit(person(role=Role.MEMBER), command)
