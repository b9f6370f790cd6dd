"""Generated networks of 500 activities are scheduled as MPXJ's PrimaveraScheduler schedules them, to the minute.

The seeds leave out what docs/scheduling-primavera.md lists as known differences.
"""

from __future__ import annotations

import pytest

from nirman.planning.schedule import schedule_plan
from tests.builders.p6_networks import Traits, p6_network
from tests.support.mpxj_primavera import missing, schedules

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

SEEDS = (1, 2, 3)
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
EARLY = ("start", "finish", "early_start", "early_finish")
ALL = (*EARLY, "late_start", "late_finish", "total_slack_minutes", "free_slack_minutes")


@pytest.fixture(scope="module")
def found():
    """What MPXJ finds, by kind and seed: one Java machine for all."""
    cases = [(kind, seed) for kind in KINDS for seed in SEEDS]
    plans = [p6_network(seed, KINDS[kind]) for kind, seed in cases]
    return dict(zip(cases, schedules(plans), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_activity_has_the_dates_and_floats_that_mpxj_finds(kind, seed, found):
    plan = p6_network(seed, KINDS[kind])
    ours, theirs = schedule_plan(plan), found[kind, seed]
    fields = EARLY if KINDS[kind].constraints else ALL
    activities = [dates for dates in ours if not dates.summary]
    assert len(activities) >= 500
    differing = [
        (dates.uid, field, getattr(dates, field), getattr(theirs[dates.uid], field))
        for dates in activities
        for field in fields
        if getattr(dates, field) != getattr(theirs[dates.uid], field)
    ]
    assert differing == []


@pytest.mark.parametrize("kind", ["constraints", "everything"])
def test_nearly_all_floats_of_constrained_networks_agree(kind, found):
    """MPXJ keeps the late start of a start-start link though a later constraint moves the late finish."""
    same = total = 0
    for seed in SEEDS:
        for dates in schedule_plan(p6_network(seed, KINDS[kind])):
            if not dates.summary:
                same += dates.total_slack_minutes == found[kind, seed][dates.uid].total_slack_minutes
                total += 1
    assert same >= 0.995 * total
