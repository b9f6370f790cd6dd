"""Projects are made, replaced by imports and deleted; and who may."""

from __future__ import annotations

import pytest

from nirman.errors import ConflictError, ForbiddenError, InvalidInputError, InvalidPlanError, NotFoundError
from nirman.planlog import snapshots
from nirman.planlog.ports import Snapshot
from nirman.planning.commands import Create, Delete, Operation, Replacement, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import Role
from tests.builders.plans import make_link, make_plan, make_task
from tests.unit.planlog.conftest import KEY, person
from tests.unit.planlog.edits import KARIM, RAHIM, OpenService, begin, command, rename


def test_nothing_is_committed_to_a_project_that_was_never_made(open_service: OpenService) -> None:
    service = open_service()
    with pytest.raises(NotFoundError):
        service.commit(RAHIM, command("c1", 0, Create(Kind.TASK, {"name": "Roof"})))
    assert service.verify(KEY) == 0


def test_creating_a_project_twice_gives_one(open_service: OpenService) -> None:
    plan = make_plan()
    calendars = list(plan.calendars.values())
    first = open_service().create(RAHIM.principal, "tower", plan.project, calendars, command_id="create")
    again = open_service().create(RAHIM.principal, "tower", plan.project, calendars, command_id="create")
    assert (first.revision, again.revision, again.repeated) == (1, 1, True)
    with pytest.raises(InvalidInputError, match="already"):
        open_service().create(KARIM.principal, "tower", plan.project, calendars, command_id="other")


def test_an_import_merges_with_nothing_it_would_overwrite(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    service.commit(KARIM, command("o1", base, rename(2, "Caps")))
    other = make_plan([make_task(1), make_task(2, name="From the file")])
    with pytest.raises(ConflictError):
        service.replace(RAHIM, Replacement("i2", base, other, "other.xml"))
    done = service.replace(RAHIM, Replacement("i2", base + 1, other, "other.xml"))
    assert done.state.plan == other
    assert (done.event.type, done.event.source) == ("plan.replaced", "other.xml")


def test_an_import_that_cannot_be_scheduled_changes_nothing(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    cyclic = make_plan(2, [make_link(1, 1, 2), make_link(2, 2, 1)])
    with pytest.raises(InvalidPlanError):
        service.replace(RAHIM, Replacement("i2", base, cyclic))
    assert open_service().head(KEY) == base


def test_a_deleted_project_is_gone_but_its_log_can_be_verified(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    done = service.delete(RAHIM, command_id="d1", expected_revision=base)
    assert service.delete(RAHIM, command_id="d1", expected_revision=base).repeated
    for reader in (service, open_service()):
        with pytest.raises(NotFoundError):
            reader.read(KEY)
        with pytest.raises(NotFoundError):
            reader.commit(RAHIM, command("c1", base + 1, rename(1, "x")))
        assert reader.verify(KEY) == done.revision


@pytest.mark.parametrize(
    ("role", "operation", "allowed"),
    [
        (Role.VIEWER, rename(1, "x"), False),
        (Role.VIEWER, Update(Kind.TASK, 1, {"percent_complete": 50}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50}), True),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50, "name": "x"}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, increase={"percent_complete": 5}), True),
        (Role.MEMBER, Update(Kind.TASK, 1, increase={"duration_minutes": 5}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, {"percent_complete": 50}, add={"labels": ("x",)}), False),
        (Role.MEMBER, Update(Kind.TASK, 1, remove={"assignees": (1,)}), False),
        (Role.MEMBER, Update(Kind.RESOURCE, 1, {"notes": "x"}), False),
        (Role.MEMBER, Delete(Kind.TASK, 1), False),
        (Role.PLANNER, rename(1, "x"), True),
        (Role.OWNER, Delete(Kind.TASK, 1), True),
    ],
)
def test_a_role_commits_only_what_it_may(
    open_service: OpenService, role: Role, operation: Operation, *, allowed: bool
) -> None:
    service = open_service()
    base = begin(service)
    if allowed:
        assert service.commit(person("x", role), command("c1", base, operation)).revision == base + 1
    else:
        with pytest.raises(ForbiddenError):
            service.commit(person("x", role), command("c1", base, operation))
        assert service.head(KEY) == base


def test_a_snapshot_gives_the_plan_back_as_it_was() -> None:
    plan = make_plan([make_task(1, name="ইট", priority=900), make_task(2, parent_uid=1)], [make_link(1, 1, 2)])
    snapshot = Snapshot(7, "d", plan)
    assert snapshots.decode(snapshots.encode(snapshot)) == snapshot
