"""A project as it was at any revision."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nirman.errors import InvalidInputError, NotFoundError
from nirman.planlog import state
from nirman.planlog.history import plan_at
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Create, Delete, Operation, Replacement, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import ProjectKey
from tests.builders.plans import make_link, make_plan, make_task
from tests.unit.planlog.conftest import KEY, person

OpenService = Callable[..., PlanService]
RAHIM = person("rahim")
STEPS: list[Operation] = [
    Update(Kind.TASK, 1, {"duration_minutes": 960, "name": "Piling"}),
    Create(Kind.TASK, {"name": "Crane", "notes": "tall"}),
    Delete(Kind.TASK, 2),
    Create(Kind.LINK, {"predecessor_uid": 1, "successor_uid": 3, "lag_minutes": 60}),
    Update(Kind.PROJECT, 0, {"status_date": "2026-01-05T08:00:00"}),
    Update(Kind.TASK, 1, {"duration_minutes": 480}),
]


def fill(service: PlanService) -> list[state.PlanState]:
    """A project of three linked tasks, then the steps; every state there was."""
    plan = make_plan(3, [make_link(1, 1, 2), make_link(2, 2, 3)])
    made = service.create(RAHIM.principal, "tower", plan.project, list(plan.calendars.values()), command_id="create")
    states = [made.state, service.replace(RAHIM, Replacement("import", 1, plan, "tower.xml")).state]
    for number, step in enumerate(STEPS):
        command = Command(f"step-{number}", states[-1].revision, (step,))
        states.append(service.commit(RAHIM, command).state)
    return states


def test_every_revision_can_be_read_again_as_it_was(open_service: OpenService) -> None:
    service = open_service()
    for was in fill(service):
        found = plan_at(service, KEY, was.revision)
        assert (found.revision, found.digest, found.plan) == (was.revision, was.digest, was.plan)
        assert list(found.schedule) == list(was.schedule)


def test_it_can_be_read_by_a_function_that_has_not_seen_the_events(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = fill(open_service())
    monkeypatch.setattr("nirman.planlog.history._PAGE", 2)
    cold = open_service()
    assert cold.read(KEY).since(1) is None
    assert [plan_at(cold, KEY, was.revision).plan for was in states] == [was.plan for was in states]


def test_an_import_can_be_taken_back(open_service: OpenService) -> None:
    service = open_service()
    states = fill(service)
    other = make_plan([make_task(1, name="Only")])
    service.replace(RAHIM, Replacement("again", states[-1].revision, other, "other.xml"))
    assert plan_at(service, KEY, states[-1].revision).plan == states[-1].plan


@pytest.mark.parametrize("revision", [0, -1, 9])
def test_a_revision_that_was_not_is_refused(open_service: OpenService, revision: int) -> None:
    service = open_service()
    fill(service)
    with pytest.raises(InvalidInputError, match="revisions 1 to 8"):
        plan_at(service, KEY, revision)


def test_a_project_that_is_not_there_is_not_found(open_service: OpenService) -> None:
    with pytest.raises(NotFoundError):
        plan_at(open_service(), ProjectKey("padma", "none"), 1)
