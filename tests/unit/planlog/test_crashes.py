"""Kill the function before and after each call it makes: after a retry the project is as one clean run leaves it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from nirman.planlog.commits import CommitResult
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Create, Replacement, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, ProjectKey
from tests.builders.plans import make_link, make_plan
from tests.support.faults import Calls, Killed
from tests.unit.planlog.conftest import SNAPSHOT_EVERY, person

OpenService = Callable[..., PlanService]
PLAN = make_plan(3, [make_link(1, 1, 2)])


def create(service: PlanService, access: Access) -> CommitResult:
    calendars = list(PLAN.calendars.values())
    return service.create(access.principal, access.key.project, PLAN.project, calendars, command_id="create")


def small_edit(service: PlanService, access: Access) -> CommitResult:
    operations = (Update(Kind.TASK, 1, {"name": "Piling"}), Create(Kind.TASK, {"name": "Roof"}))
    return service.commit(access, Command("edit", 2, operations))


def large_edit(service: PlanService, access: Access) -> CommitResult:
    operations = tuple(Create(Kind.TASK, {"name": "x" * 500}) for _ in range(450))
    return service.commit(access, Command("edit", 2, operations))


def edit_with_snapshot(service: PlanService, access: Access) -> CommitResult:
    return service.commit(access, Command("edit", SNAPSHOT_EVERY - 1, (Update(Kind.TASK, 1, {"name": "x"}),)))


def replace(service: PlanService, access: Access) -> CommitResult:
    return service.replace(access, Replacement("replace", 2, make_plan(5), "other.xml"))


def delete(service: PlanService, access: Access) -> CommitResult:
    return service.delete(access, command_id="delete", expected_revision=2)


def prepared(service: PlanService, access: Access, revision: int) -> None:
    if revision:
        create(service, access)
        service.replace(access, Replacement("import", 1, PLAN, "tower.xml"))
    for number in range(2, revision):
        service.commit(access, Command(f"c{number}", number, (Update(Kind.TASK, 2, {"name": f"n{number}"}),)))


def trace(service: PlanService, key: ProjectKey) -> Any:
    """All that can be seen of a project."""
    events = service._log.after(key, 0, limit=1000)
    return events, service._states.current(key).plan, service.verify(key)


@pytest.mark.parametrize(
    ("use_case", "revision"),
    [
        (create, 0),
        (small_edit, 2),
        (large_edit, 2),
        (edit_with_snapshot, SNAPSHOT_EVERY - 1),
        (replace, 2),
        (delete, 2),
    ],
)
def test_a_retry_after_a_crash_at_any_call_leaves_what_one_clean_run_leaves(
    open_service: OpenService,
    make_table: Callable[[str], str],
    use_case: Callable[[PlanService, Access], CommitResult],
    revision: int,
) -> None:
    access = person()
    clean = make_table("clean")
    prepared(open_service(table=clean), access, revision)
    use_case(open_service(table=clean), access)
    expected = trace(open_service(table=clean), access.key)
    swept = 0
    for after_effect in (False, True):
        for call in range(100):
            table = make_table(f"crash-{call}-{after_effect}")
            prepared(open_service(table=table), access, revision)
            calls = Calls(call, after_effect=after_effect)
            with contextlib.suppress(Killed):
                use_case(open_service(calls, table=table), access)
            if not calls.struck:
                break
            use_case(open_service(table=table), access)
            assert trace(open_service(table=table), access.key) == expected, f"killed at {calls.made[-1]}, call {call}"
            swept += 1
    assert swept >= 6
