"""What a schedule has in common with that of the same plan a week later, backwards, and written in another order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.planning.model import Calendar, LinkKind, Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.plans import make_link, make_plan, make_task

WEEK = timedelta(days=7)
BACKWARDS = {LinkKind.FS: LinkKind.FS, LinkKind.SS: LinkKind.FF, LinkKind.FF: LinkKind.SS}
SYMMETRIC = Calendar(uid=1, name="The same from both ends", week=(((420, 660), (780, 1020)),) * 7)
START, FINISH = datetime(2026, 1, 4, 7), datetime(2026, 6, 30, 17)
DATED = ("constraint_date", "deadline", "manual_start", "manual_finish", "actual_start", "actual_finish")


def a_week_later(plan: Plan) -> Plan:
    """Every date of it, in calendars without exceptions."""
    tasks = {}
    for uid, task in plan.tasks.items():
        dates = {name: getattr(task, name) for name in DATED}
        tasks[uid] = replace(task, **{name: at + WEEK for name, at in dates.items() if at is not None})
    return replace(plan, project=replace(plan.project, start=plan.project.start + WEEK), tasks=tasks)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_a_plan_a_week_later_has_the_same_schedule_a_week_later(seed, size):
    plan = microsoft_network(seed, ~Traits(0), size)
    plan = replace(plan, calendars={uid: replace(known, exceptions=()) for uid, known in plan.calendars.items()})
    before, after = schedule_plan(plan), schedule_plan(a_week_later(plan))
    for dates in before:
        moved = {
            name: getattr(dates, name) + WEEK
            for name in ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")
        }
        assert after[dates.uid] == replace(dates, **moved)
    assert after.project_finish == before.project_finish + WEEK


@st.composite
def networks(draw: st.DrawFn) -> Plan:
    """Tasks that take time, links that delay, one calendar and a span that are the same from both ends."""
    count = draw(st.integers(2, 14))
    minutes = st.sampled_from([60, 240, 480, 700, 1200])
    tasks = [make_task(uid, duration_minutes=draw(minutes)) for uid in range(1, count + 1)]
    links = []
    for successor in range(2, count + 1):
        for predecessor in draw(st.sets(st.integers(1, successor - 1), max_size=3)):
            kind, lag = draw(st.sampled_from(list(BACKWARDS))), draw(st.sampled_from([0, 0, 240, 480, 700]))
            links.append(make_link(len(links) + 1, predecessor, successor, kind=kind, lag_minutes=lag))
    return make_plan(tasks, links, calendars=[SYMMETRIC], start=START, must_finish=FINISH)


def backwards(plan: Plan) -> Plan:
    links = {
        uid: replace(
            link,
            predecessor_uid=link.successor_uid,
            successor_uid=link.predecessor_uid,
            kind=BACKWARDS[link.kind],
        )
        for uid, link in plan.links.items()
    }
    return replace(plan, links=links)


@settings(max_examples=150, deadline=None)
@given(networks())
def test_backwards_a_network_has_early_for_late_and_late_for_early(plan):
    there, back = schedule_plan(plan), schedule_plan(backwards(plan))

    def mirrored(at: datetime) -> datetime:
        return START + (FINISH - at)

    for dates in there:
        other = back[dates.uid]
        assert (mirrored(dates.late_finish), mirrored(dates.late_start)) == (other.early_start, other.early_finish)
        assert (mirrored(dates.early_finish), mirrored(dates.early_start)) == (other.late_start, other.late_finish)
        assert dates.total_slack_minutes == other.total_slack_minutes


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 120), st.randoms(use_true_random=False))
def test_the_order_in_which_records_come_does_not_matter(seed, size, random):
    plan = microsoft_network(seed, ~Traits(0), size)

    def shuffled(records):
        items = list(records.items())
        random.shuffle(items)
        return dict(items)

    other = replace(
        plan,
        calendars=shuffled(plan.calendars),
        tasks=shuffled(plan.tasks),
        links=shuffled(plan.links),
        resources=shuffled(plan.resources),
        assignments=shuffled(plan.assignments),
    )
    assert list(schedule_plan(other)) == list(schedule_plan(plan))
