"""On random networks the engine gives the dates that MPXJ's MicrosoftScheduler gives, every one.

What MPXJ does not cover (splits, recurring tasks, constrained summaries, scheduling from the finish) and where it is
known to differ from MS Project (docs/scheduling.md) is not in the networks. Needs Java (see tests/support/mpxj.py).
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.model import Plan, ResourceKind
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from tests.builders.msp_networks import Traits, microsoft_network
from tests.support.mpxj import run_mpxj

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("mpxj_microsoft.py")
SEEDS = range(2)
T = Traits
NETWORKS = {
    "links": T.START_FINISH | T.LAGS | T.LEADS,
    "dates": T.LAGS | T.LEADS | T.CONSTRAINTS | T.DEADLINES | T.ALAP,
    "must-dates": T.START_FINISH | T.LAGS | T.CONSTRAINTS | T.HARD_CONSTRAINTS | T.DEADLINES | T.ALAP,
    "outline": T.LAGS | T.SUMMARIES | T.SUMMARY_LINKS | T.INACTIVE,
    "manual": T.START_FINISH | T.LAGS | T.SUMMARIES | T.SUMMARY_LINKS | T.MANUAL | T.INACTIVE,
    "crews": T.START_FINISH | T.LAGS | T.CREWS | T.DELAYS,
    "calendars": T.CALENDARS | T.LAGS | T.ELAPSED | T.CONSTRAINTS | T.HARD_CONSTRAINTS | T.DEADLINES | T.DELAYS,
    "crew-calendars": T.CALENDARS | T.CREW_CALENDARS | T.LAGS | T.CONSTRAINTS,
    "progress": T.LAGS | T.CONSTRAINTS | T.PROGRESS,
    "late-progress": T.START_FINISH | T.LAGS | T.CONSTRAINTS | T.HARD_CONSTRAINTS | T.DEADLINES | T.PROGRESS,
    "teams": T.CALENDARS | T.CREW_CALENDARS | T.TEAMS | T.LAGS | T.CONSTRAINTS,
    "progress-of-teams": T.CREW_CALENDARS | T.TEAMS | T.LAGS | T.PROGRESS,
    "progress-of-crews": T.CALENDARS | T.LAGS | T.CREWS | T.SUMMARIES | T.INACTIVE | T.PROGRESS,
    "everything": ~(T.START_FINISH | T.ALAP),
}
SAME_SLACK = ("links", "dates", "outline", "crews", "progress")
"""Where no limit falls into a night that one calendar has and another has not, and no date wins over links."""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list]]:
    """By network and seed, then by uid: start, finish, total slack in minutes."""
    folder = tmp_path_factory.mktemp("networks")
    for name, traits in NETWORKS.items():
        for seed in SEEDS:
            plan = microsoft_network(seed, traits)
            (folder / f"{name}-{seed}.xml").write_bytes(write_mspdi(plan, schedule_plan(plan)))
    return json.loads(run_mpxj(SCRIPT, "schedule", folder))


class SameToWork:
    """The evening and the next morning are the same, to a finish and to what takes no time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calendars = Calendars(plan.calendars)
        self.crews = {
            assignment.task_uid: plan.resources[assignment.resource_uid].calendar_uid
            for assignment in plan.assignments.values()
            if plan.resources[assignment.resource_uid].kind is ResourceKind.WORK
        }

    def __call__(self, uid: int, one: datetime, other: datetime) -> bool:
        task = self.plan.tasks[uid]
        calendar = task.calendar_uid or self.crews.get(uid) or self.plan.project.calendar_uid
        return not self.calendars.working_time(calendar).between(to_minutes(one), to_minutes(other))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_start_and_finish_is_the_same(theirs, name, seed):
    plan = microsoft_network(seed, NETWORKS[name])
    same = SameToWork(plan)
    others = []
    leaves = [dates for dates in schedule_plan(plan) if not dates.summary]
    for dates in leaves:
        start, finish = (datetime.fromisoformat(at) for at in theirs[f"{name}-{seed}"][str(dates.uid)][:2])
        timeless = not plan.tasks[dates.uid].duration_minutes
        same_start = start == dates.start or (timeless and same(dates.uid, start, dates.start))
        if not same_start or not (finish == dates.finish or same(dates.uid, finish, dates.finish)):
            others.append((dates.uid, dates.start, dates.finish, start, finish))
    assert not others
    assert len(leaves) == 500


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SAME_SLACK)
def test_every_total_slack_is_the_same(theirs, name, seed):
    plan = microsoft_network(seed, NETWORKS[name])
    found = {dates.uid: dates.total_slack_minutes for dates in schedule_plan(plan) if not dates.summary}
    assert found == {uid: theirs[f"{name}-{seed}"][str(uid)][2] for uid in found}
