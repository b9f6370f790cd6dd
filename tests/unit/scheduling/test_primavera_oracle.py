"""Generated networks of 500 activities are scheduled as MPXJ's PrimaveraScheduler schedules them, to the minute.

Seeds are not chosen. What docs/scheduling-primavera.md lists as a known difference is replaced in the networks, by
tests/builders/p6_common_ground.py; everything else has to agree.
"""

from __future__ import annotations

import pytest

from nirman.planning.schedule import schedule_plan
from tests.builders.p6_common_ground import on_common_ground
from tests.builders.p6_networks import Traits, p6_network
from tests.support.mpxj_primavera import schedules

pytestmark = pytest.mark.slow

SEEDS = (0, 1, 2)
KINDS = {
    "one calendar": Traits(calendars=1),
    "six calendars": Traits(),
    "milestones": Traits(milestones=0.15),
    "resources": Traits(resources=0.3),
    "late": Traits(late=0.1, milestones=0.1),
    "level of effort": Traits(effort=0.08, milestones=0.05),
    "expected finishes": Traits(expected=0.1),
    "external dates": Traits(external=0.1),
    "must finish by": Traits(must_finish=True, milestones=0.1),
    "progress": Traits(progress=True),
    "out of sequence": Traits(progress=True, out_of_sequence=0.2, milestones=0.1),
    "constraints": Traits(constraints=0.15, milestones=0.1),
    "everything": Traits(
        constraints=0.1,
        late=0.03,
        milestones=0.1,
        resources=0.1,
        effort=0.05,
        external=0.03,
        expected=0.05,
        progress=True,
        out_of_sequence=0.1,
        must_finish=True,
    ),
}
FIELDS = (
    *("start", "finish", "early_start", "early_finish", "late_start", "late_finish"),
    *("total_slack_minutes", "free_slack_minutes"),
)
CASES = [(kind, seed) for kind in KINDS for seed in SEEDS]


@pytest.fixture(scope="module")
def plans():
    return {(kind, seed): on_common_ground(p6_network(seed, KINDS[kind])) for kind, seed in CASES}


@pytest.fixture(scope="module")
def found(plans):
    """What MPXJ finds: one Java machine for all."""
    return dict(zip(plans, schedules(list(plans.values())), strict=True))


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_every_activity_has_the_dates_and_floats_that_mpxj_finds(kind, seed, plans, found):
    theirs = found[kind, seed]
    activities = [dates for dates in schedule_plan(plans[kind, seed]) if not dates.summary]
    assert len(activities) >= 500
    differing = [
        (dates.uid, field, getattr(dates, field), getattr(theirs[dates.uid], field))
        for dates in activities
        for field in FIELDS
        if getattr(dates, field) != getattr(theirs[dates.uid], field)
    ]
    assert differing == []
