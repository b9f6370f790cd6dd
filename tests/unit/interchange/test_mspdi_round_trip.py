"""What is written is read back as the same plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.interchange.mspdi_reader import read_mspdi
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.baselines import take_baseline
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.model import (
    Accrual,
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    PercentKind,
    Plan,
    Project,
    Recurrence,
    RecurrenceKind,
    Resource,
    ResourceKind,
    Task,
    WorkWeek,
)
from nirman.planning.outline import outline
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_plan, make_task, working_week
from tests.unit.interchange.examples import DATA, comparable, data, rich_plan

REAL_FILES = sorted(path.name for path in (DATA / "msproject").glob("*.xml")) or ["(none)"]


def again(plan: Plan) -> Plan:
    result = read_mspdi(write_mspdi(plan, schedule_plan(plan)))
    assert not result.errors
    assert result.plan is not None
    return result.plan


def assert_same(one: Plan, other: Plan) -> None:
    """Compared part by part, so that a failure names the part."""
    one, other = comparable(one), comparable(other)
    assert one.project == other.project
    for kind in ("calendars", "tasks", "links", "resources", "assignments", "baselines"):
        ours, theirs = getattr(one, kind), getattr(other, kind)
        assert set(ours) == set(theirs), kind
        for uid, record in ours.items():
            assert record == theirs[uid]


def dates(plan: Plan) -> list[tuple]:
    return [
        (d.uid, d.start, d.finish, d.late_start, d.late_finish, d.total_slack_minutes, d.free_slack_minutes, d.critical)
        for d in schedule_plan(plan)
    ]


def test_a_plan_with_everything_comes_back_the_same():
    assert_same(rich_plan(), again(rich_plan()))
    assert dates(rich_plan()) == dates(again(rich_plan()))


def test_the_demo_comes_back_the_same():
    plan = demo_plan(bangladesh_holidays(DEMO_YEARS))
    assert_same(plan, again(plan))
    assert dates(plan) == dates(again(plan))


def test_tasks_on_a_derived_calendar_keep_the_dates_that_its_base_gives_them():
    off = CalendarException(start=date(2026, 1, 6), finish=date(2026, 1, 7))
    short = ((480, 540),)
    base_week = WorkWeek(start=date(2026, 1, 8), finish=date(2026, 1, 20), week=(short,) * 7)
    base = replace(working_week(), exceptions=(off,), work_weeks=(base_week,))
    week = (DAY, None, None, None, None, None, DAY)
    derived = Calendar(uid=2, name="Derived", base_uid=1, week=week)
    plan = make_plan([make_task(1, duration_minutes=4800, calendar_uid=2)], calendars=[base, derived])
    # Sunday and Monday are its own, whatever the base's short week says; Thursday 8 January follows that.
    assert schedule_plan(plan)[1].finish == datetime(2026, 1, 25, 16)
    assert dates(plan) == dates(again(plan))


@pytest.mark.parametrize("name", REAL_FILES)
def test_a_real_file_read_and_written_is_read_as_the_same_plan(name):
    read = read_mspdi(Path(data(f"msproject/{name}")).read_bytes()).plan
    assert read is not None
    assert_same(read, again(read))
    assert dates(read) == dates(again(read))


names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("ক্ষস্ত্রি<&>'\""), max_size=20
).map(str.strip)
instants = st.integers(0, 60 * 24 * 900).map(lambda minutes: datetime(2026, 1, 1) + timedelta(minutes=minutes))
days = st.integers(0, 900).map(lambda day: date(2026, 1, 1) + timedelta(days=day))
money = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
units = st.integers(0, 4000).map(lambda hundredths: hundredths / 100)


@st.composite
def shifts(draw):
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    return tuple((start * 15, finish * 15) for start, finish in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def recurrences(draw):
    kind = draw(st.sampled_from(RecurrenceKind))
    positioned = kind in (RecurrenceKind.MONTHLY_POSITION, RecurrenceKind.YEARLY_POSITION)
    weekly = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
    yearly = kind in (RecurrenceKind.YEARLY_DAY, RecurrenceKind.YEARLY_POSITION)
    by_day = kind in (RecurrenceKind.MONTHLY_DAY, RecurrenceKind.YEARLY_DAY)
    return Recurrence(
        kind=kind,
        interval=1 if yearly else draw(st.integers(1, 5)),
        weekdays=weekly[:1] if positioned else weekly if kind is RecurrenceKind.WEEKLY else (),
        day=draw(st.integers(1, 31)) if by_day else 1,
        position=draw(st.integers(1, 5)) if positioned else 1,
        month=draw(st.integers(1, 12)) if yearly else 1,
    )


@st.composite
def periods(draw):
    start = draw(days)
    return {"start": start, "finish": start + timedelta(days=draw(st.integers(0, 400))), "name": draw(names)}


@st.composite
def calendars(draw, uid, base_uid=None):
    day = ((480, 720), (780, 1020))
    worked = st.just(day) | shifts()
    one = st.none() | worked if base_uid else worked
    # One day a week at least is worked, or nothing can be scheduled.
    week = (day, *(draw(one) for _ in range(6)))
    exceptions = draw(
        st.lists(
            st.builds(
                lambda p, s, r: CalendarException(**p, shifts=s, recurrence=r),
                periods(),
                shifts(),
                st.none() | recurrences(),
            ),
            max_size=3,
        )
    )
    work_weeks = draw(
        st.lists(
            st.builds(
                lambda p, w: WorkWeek(**p, week=tuple(w)),
                periods(),
                st.lists(st.none() | shifts(), min_size=7, max_size=7),
            ),
            max_size=2,
        )
    )
    return Calendar(
        uid=uid,
        name=draw(names),
        base_uid=base_uid,
        week=week,
        exceptions=tuple(exceptions),
        work_weeks=tuple(work_weeks),
    )


@st.composite
def tasks(draw, uid, parent_uid):
    # Start and finish "on" come back as musts, which win over links where the others yield.
    constraint = draw(st.sampled_from([kind for kind in ConstraintKind if kind not in ("SO", "FO")]))
    dated = constraint not in (ConstraintKind.ASAP, ConstraintKind.ALAP)
    started = draw(instants) if draw(st.booleans()) else None
    percent = draw(st.integers(1, 99)) if started else 0
    duration = draw(st.integers(0, 20_000))
    return Task(
        uid=uid,
        name=draw(names),
        parent_uid=parent_uid,
        position=float(uid),
        duration_minutes=duration,
        duration_elapsed=draw(st.booleans()),
        constraint=constraint,
        constraint_date=draw(instants) if dated else None,
        deadline=draw(st.none() | instants),
        calendar_uid=draw(st.sampled_from([None, 1, 2])),
        ignore_resource_calendar=draw(st.booleans()),
        active=draw(st.booleans()),
        effort=draw(st.sampled_from(EffortKind)),
        effort_driven=draw(st.booleans()),
        work_minutes=draw(st.integers(0, 9999)),
        percent_complete=percent,
        physical_percent=draw(st.integers(0, 100)),
        actual_start=started,
        remaining_minutes=draw(st.none() | st.integers(0, duration)) if started else None,
        priority=draw(st.integers(0, 1000)),
        leveling_delay_minutes=draw(st.integers(0, 5000)),
        fixed_cost=draw(money),
        fixed_cost_accrual=draw(st.sampled_from(Accrual)),
        percent_kind=draw(st.sampled_from([PercentKind.DURATION, PercentKind.PHYSICAL])),
        notes=draw(names),
        code=draw(names),
    )


@st.composite
def plans(draw):
    count = draw(st.integers(0, 8))
    parents = {uid: draw(st.sampled_from([None, *range(max(1, uid - 3), uid)])) for uid in range(1, count + 1)}
    all_tasks = {uid: draw(tasks(uid, parent)) for uid, parent in parents.items()}
    tree = outline(all_tasks)
    leaves = [uid for uid in tree.uids if not tree.is_summary(uid)]
    pairs = (
        sorted(draw(st.sets(st.tuples(st.sampled_from(leaves), st.sampled_from(leaves)), max_size=8))) if leaves else []
    )
    links = {}
    for predecessor, successor in pairs:
        if tree.rows[predecessor] < tree.rows[successor]:
            percent = draw(st.none() | st.integers(-200, 200).map(float))
            uid = len(links) + 1
            links[uid] = Link(
                uid=uid,
                predecessor_uid=predecessor,
                successor_uid=successor,
                kind=draw(st.sampled_from(LinkKind)),
                lag_minutes=0 if percent is not None else draw(st.integers(-5000, 5000)),
                lag_elapsed=draw(st.booleans()),
                lag_percent=percent,
            )
    resources = {
        uid: Resource(
            uid=uid,
            name=draw(names) or "R",
            kind=draw(st.sampled_from(ResourceKind)),
            calendar_uid=draw(st.sampled_from([None, 1, 3])),
            max_units=draw(units),
            standard_rate=draw(money),
            overtime_rate=draw(money),
            cost_per_use=draw(money),
            accrual=draw(st.sampled_from(Accrual)),
            initials=draw(names),
            material_label=draw(names),
            group=draw(names),
            code=draw(names),
            email=draw(names),
            notes=draw(names),
        )
        for uid in range(1, draw(st.integers(1, 4)))
    }
    assignments = {
        uid: Assignment(
            uid=uid,
            task_uid=draw(st.sampled_from(sorted(all_tasks))),
            resource_uid=draw(st.sampled_from(sorted(resources))),
            units=draw(units),
            work_minutes=draw(st.none() | st.integers(0, 9999)),
            delay_minutes=draw(st.integers(0, 999)),
        )
        for uid in range(1, draw(st.integers(1, 5)) if all_tasks and resources else 1)
    }
    project = Project(
        name=draw(names),
        start=draw(instants),
        status_date=draw(st.none() | instants),
        work_after_status_date=False,
        critical_slack_minutes=480 * draw(st.integers(-2, 5)),
        multiple_critical_paths=draw(st.booleans()),
        new_tasks_effort_driven=draw(st.booleans()),
    )
    plan = Plan(
        project=project,
        calendars={1: draw(calendars(1)), 2: draw(calendars(2)), 3: draw(calendars(3, 1))},
        tasks=all_tasks,
        links=links,
        resources=resources,
        assignments=assignments,
    )
    numbers = draw(st.sets(st.integers(0, 10), max_size=2)) if any(task.active for task in all_tasks.values()) else ()
    baselines = {number: take_baseline(plan, schedule_plan(plan), number, "Approved") for number in numbers}
    return replace(plan, baselines=baselines)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_comes_back_the_same(plan):
    assert_same(plan, again(plan))
    assert dates(plan) == dates(again(plan))
