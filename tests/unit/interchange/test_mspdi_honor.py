"""Whether constraints win over links is taken from the dates that a file has, as no flag of it tells."""

from __future__ import annotations

from datetime import datetime

import pytest

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.model import ConstraintKind, Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

FIRST_EVENING = datetime(2026, 1, 4, 17)


def conflicting(kind: ConstraintKind, *, honored: bool, **values: object) -> Plan:
    """The second task follows two days of work but should be on the first of them."""
    at = FIRST_EVENING if kind in (ConstraintKind.MFO, ConstraintKind.FNLT) else FIRST_EVENING.replace(hour=8)
    tasks = [make_task(1, duration_minutes=960), make_task(2, constraint=kind, constraint_date=at, **values)]
    return make_plan(tasks, [make_link(1, 1, 2)], honor_constraints=honored)


def again(plan: Plan) -> Plan:
    return read_mspdi(write_mspdi(plan, schedule_plan(plan))).plan


@pytest.mark.parametrize("honored", [True, False])
@pytest.mark.parametrize(
    "kind", [ConstraintKind.MSO, ConstraintKind.MFO, ConstraintKind.SNLT, ConstraintKind.FNLT], ids=str
)
def test_dates_later_than_a_constraint_allows_say_that_links_win(kind, honored):
    plan = conflicting(kind, honored=honored)
    read = again(plan)
    assert read.project.honor_constraints is honored
    assert schedule_plan(read)[2].start == schedule_plan(plan)[2].start


@pytest.mark.parametrize(
    "values",
    [
        {"active": False},
        {"manual": True, "manual_start": datetime(2026, 1, 11, 8)},
        {"actual_start": datetime(2026, 1, 11, 8)},
    ],
    ids=["inactive", "manual", "started"],
)
def test_dates_that_constraints_do_not_decide_say_nothing(values):
    assert again(conflicting(ConstraintKind.MSO, honored=False, **values)).project.honor_constraints
