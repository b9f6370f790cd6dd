"""Plans that use all of the model, and what of a plan MS Project XML can hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nirman.interchange import FORMATS
from nirman.interchange.mspdi_writer_calendars import as_ms_project_knows_them
from nirman.planning.baselines import take_baseline
from nirman.planning.estimates import Availability
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
    ScheduleFrom,
    Task,
    WorkWeek,
)
from nirman.planning.outline import outline
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

DAY = ((480, 720), (780, 1020))
HALF_DAY = ((480, 780),)
DATA = Path(__file__).parents[4] / "shared" / "data"


def data(name: str) -> Path:
    """A file of the shared data; the test is skipped where there is none."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path


def rich_plan() -> Plan:
    """A little of everything that the model knows."""
    return Plan(
        project=Project(
            name="সেতু & <পথ> / Bridge",
            start=datetime(2026, 1, 4, 8),
            status_date=datetime(2026, 1, 12, 17),
            work_after_status_date=False,
            currency="BDT",
            minutes_per_day=480,
            critical_slack_minutes=960,
            new_tasks_effort_driven=True,
        ),
        calendars={calendar.uid: calendar for calendar in _calendars()},
        tasks={task.uid: task for task in _tasks()},
        links={link.uid: link for link in _links()},
        resources={resource.uid: resource for resource in _resources()},
        assignments={
            assignment.uid: assignment
            for assignment in (
                Assignment(uid=3, task_uid=2, resource_uid=1, units=0.5),
                Assignment(uid=4, task_uid=3, resource_uid=1, units=2.0, work_minutes=1234, delay_minutes=60),
                Assignment(uid=7, task_uid=3, resource_uid=2, units=12.0),
                Assignment(uid=9, task_uid=5, resource_uid=3, units=1.0),
            )
        },
    )


def tracked_plan() -> Plan:
    """A plan with baselines 0 and 10, progress that is not what rates and percents say, and every accrual."""
    resources = [
        Resource(uid=1, standard_rate=Decimal(60), accrual=Accrual.START),
        Resource(uid=2, kind=ResourceKind.MATERIAL, standard_rate=Decimal("12.5"), accrual=Accrual.END),
        Resource(uid=3, kind=ResourceKind.COST),
    ]
    tasks = [
        make_task(1),
        make_task(2, parent_uid=1, fixed_cost=Decimal("99.99"), fixed_cost_accrual=Accrual.START),
        make_task(3, parent_uid=1, fixed_cost=Decimal(50), fixed_cost_accrual=Accrual.END),
        make_task(4, percent_kind=PercentKind.PHYSICAL, physical_percent=30),
    ]
    assignments = [
        Assignment(uid=1, task_uid=2, resource_uid=1),
        Assignment(uid=2, task_uid=3, resource_uid=2, units=7.0),
        Assignment(uid=3, task_uid=4, resource_uid=3, cost=Decimal("1234.56")),
    ]
    plan = make_plan(
        tasks,
        [make_link(1, 2, 3)],
        resources=resources,
        assignments=assignments,
        status_date=datetime(2026, 1, 5, 12),
        work_after_status_date=False,
    )
    baselines = {uid: take_baseline(plan, schedule_plan(plan), uid) for uid in (0, 10)}
    started = replace(
        tasks[1], percent_complete=50, actual_start=datetime(2026, 1, 4, 8), actual_cost=Decimal("700.01")
    )
    worked = replace(assignments[0], actual_work_minutes=300, remaining_work_minutes=240)
    return replace(
        plan,
        tasks={**plan.tasks, 2: started},
        assignments={**plan.assignments, 1: worked},
        baselines=baselines,
    )


def _calendars() -> tuple[Calendar, ...]:
    every = (
        Recurrence(kind=RecurrenceKind.DAILY, interval=9),
        Recurrence(kind=RecurrenceKind.WEEKLY, interval=3, weekdays=(0, 6)),
        Recurrence(kind=RecurrenceKind.MONTHLY_DAY, interval=2, day=15),
        Recurrence(kind=RecurrenceKind.MONTHLY_POSITION, interval=4, position=5, weekdays=(3,)),
        Recurrence(kind=RecurrenceKind.YEARLY_DAY, day=16, month=12),
        Recurrence(kind=RecurrenceKind.YEARLY_POSITION, position=2, weekdays=(6,), month=5),
    )
    recurring = tuple(
        CalendarException(
            start=date(2026, 1, 1),
            finish=date(2029, 12, 31),
            name=f"{rule.kind}",
            recurrence=rule,
            shifts=HALF_DAY if rule.kind is RecurrenceKind.WEEKLY else (),
        )
        for rule in every
    )
    holiday = CalendarException(start=date(2026, 3, 20), finish=date(2026, 3, 23), name="ঈদুল ফিতর", estimated=True)
    ramadan = WorkWeek(
        start=date(2026, 2, 18), finish=date(2026, 3, 19), name="রমজান", week=(HALF_DAY, None, (), None, None, None, DAY)
    )
    site = Calendar(
        uid=1,
        name="সাইট & রাত",
        week=(DAY, DAY, DAY, DAY, (), ((0, 1440),), DAY),
        exceptions=(holiday, *recurring),
        work_weeks=(ramadan,),
    )
    gang = Calendar(uid=3, name="Gang", base_uid=1, week=(None, None, HALF_DAY, None, (), None, None))
    night = Calendar(uid=4, name="Night", week=(((0, 240), (1200, 1440)),) * 7)
    return site, gang, night


def _tasks() -> tuple[Task, ...]:
    return (
        Task(uid=1, name="ভিত্তি / Foundation", position=1),
        Task(
            uid=2,
            name="ভিত্তি খনন / Foundation excavation <deep> & 'wide'",
            parent_uid=1,
            position=2,
            duration_minutes=2400,
            percent_complete=40,
            physical_percent=35,
            actual_start=datetime(2026, 1, 4, 8),
            remaining_minutes=1500,
            stop=datetime(2026, 1, 6, 17),
            resume=datetime(2026, 1, 7, 8),
            work_minutes=1200,
            notes="প্রথম লাইন\nsecond line",
        ),
        Task(
            uid=3,
            name="ঢালাই / Casting",
            parent_uid=1,
            position=3,
            duration_minutes=1000,
            calendar_uid=4,
            ignore_resource_calendar=True,
            effort=EffortKind.FIXED_WORK,
            effort_driven=True,
            priority=900,
            leveling_delay_minutes=90,
            fixed_cost=Decimal("12345.67"),
            code="C-30",
        ),
        Task(uid=4, name="কিউরিং", parent_uid=1, position=4, duration_minutes=10_080, duration_elapsed=True),
        Task(
            uid=5,
            name="হাতে / By hand",
            position=5,
            duration_minutes=960,
            manual=True,
            manual_start=datetime(2026, 3, 1, 8),
            manual_finish=datetime(2026, 3, 2, 17),
        ),
        Task(uid=6, name="বাদ / Dropped", position=6, active=False),
        Task(
            uid=7,
            name="",
            position=7,
            constraint=ConstraintKind.FNLT,
            constraint_date=datetime(2026, 6, 1, 17),
            deadline=datetime(2026, 5, 1, 17),
            effort=EffortKind.FIXED_DURATION,
        ),
        Task(uid=8, name="শেষ / Done", position=8, duration_minutes=0, milestone=True, constraint=ConstraintKind.ALAP),
    )


def _links() -> tuple[Link, ...]:
    return (
        Link(uid=1, predecessor_uid=2, successor_uid=3, lag_minutes=-480),
        Link(uid=2, predecessor_uid=3, successor_uid=4, kind=LinkKind.SS, lag_minutes=2880, lag_elapsed=True),
        Link(uid=3, predecessor_uid=4, successor_uid=7, kind=LinkKind.FF, lag_percent=50.0),
        Link(uid=4, predecessor_uid=3, successor_uid=7, kind=LinkKind.SF, lag_minutes=75),
        Link(uid=5, predecessor_uid=7, successor_uid=8, lag_percent=-25.0, lag_elapsed=True),
    )


def _resources() -> tuple[Resource, ...]:
    return (
        Resource(
            uid=1,
            name="রাজমিস্ত্রি / Masons",
            calendar_uid=3,
            max_units=7.5,
            availability=(
                Availability(finish=date(2025, 12, 31), units=0.0),
                Availability(start=date(2026, 2, 1), finish=date(2026, 2, 28), units=12.0),
            ),
            can_level=False,
            standard_rate=Decimal("162.50"),
            overtime_rate=Decimal(325),
            cost_per_use=Decimal("99.95"),
            initials="রা",
            group="শ্রমিক",
            code="M&1",
            email="gang@example.org",
            notes="ভোরে আসে",
        ),
        Resource(
            uid=2, name="সিমেন্ট / Cement", kind=ResourceKind.MATERIAL, standard_rate=Decimal(540), material_label="বস্তা"
        ),
        Resource(uid=3, name="ফি / Fees", kind=ResourceKind.COST),
    )


def comparable(plan: Plan) -> Plan:
    """The plan with what MS Project XML cannot say, or says in another way, made the same.

    Positions become rows; uids of links, the time zone and "estimated" of holidays go, and so does whether work not
    done may stand before the status date (in MS Project it may); start and finish "on" are musts; a milestone is what
    takes no time; a code that is the outline number is none; what a summary's duration and an open effort come to is
    filled in; baselines have no names.
    """
    tree = outline(plan.tasks)
    plan = _without(FORMATS["mspdi"].unsaid, plan)
    return Plan(
        project=replace(
            plan.project,
            time_zone="",
            work_after_status_date=False,
            finish=plan.project.finish if plan.project.schedule_from is ScheduleFrom.FINISH else None,
        ),
        calendars={uid: _comparable_calendar(c) for uid, c in as_ms_project_knows_them(plan).items()},
        tasks={
            uid: _comparable_task(plan.tasks[uid], tree.rows[uid], tree.wbs[uid], summary=tree.is_summary(uid))
            for uid in tree.uids
        },
        links={
            index: replace(link, uid=index)
            for index, link in enumerate(
                sorted(plan.links.values(), key=lambda k: (k.successor_uid, k.predecessor_uid))
            )
        },
        resources=dict(plan.resources),
        assignments={
            # Open work on a summary is open again: its duration is the schedule's. So is none at all, of no units.
            uid: replace(a, work_minutes=a.work_minutes or None)
            if tree.is_summary(a.task_uid)
            else _comparable_assignment(a, plan)
            for uid, a in plan.assignments.items()
        },
        baselines={uid: replace(baseline, name="", taken_at=None) for uid, baseline in plan.baselines.items()},
    )


def _without(unsaid: Collection[str], plan: Plan) -> Plan:
    """The plan with what the file has no place for as where nobody said anything of it."""

    def bare(record: Any) -> Any:
        usual = {field.name: field.default for field in fields(record) if field.name in unsaid}
        return replace(record, **usual) if usual else record

    kinds = {
        name: {uid: bare(one) for uid, one in getattr(plan, name).items()} for name in ("tasks", "links", "resources")
    }
    return replace(plan, project=bare(plan.project), risks={}, **kinds)


def _comparable_calendar(calendar: Calendar) -> Calendar:
    week = calendar.week if calendar.base_uid is not None else tuple(day or () for day in calendar.week)
    exceptions = tuple(replace(exception, estimated=False) for exception in calendar.exceptions)
    return replace(calendar, week=week, exceptions=exceptions)


def _comparable_task(task: Task, row: int, number: str, *, summary: bool) -> Task:
    remaining = task.remaining_minutes
    if remaining is None and (task.percent_complete or task.actual_start) and not task.actual_finish and not summary:
        remaining = task.duration_minutes - task.duration_minutes * task.percent_complete // 100
    musts = {ConstraintKind.SO: ConstraintKind.MSO, ConstraintKind.FO: ConstraintKind.MFO}
    return replace(
        task,
        constraint=musts.get(task.constraint, task.constraint),
        position=float(row),
        duration_minutes=0 if summary else task.duration_minutes,
        duration_elapsed=False if summary else task.duration_elapsed,
        code="" if task.code == number else task.code,
        milestone=task.milestone or (task.duration_minutes == 0 and not summary),
        remaining_minutes=None if summary else remaining,
    )


def _comparable_assignment(assignment: Assignment, plan: Plan) -> Assignment:
    if assignment.work_minutes is not None:
        return assignment
    kind = plan.resources[assignment.resource_uid].kind
    duration = plan.tasks[assignment.task_uid].duration_minutes
    usual = {ResourceKind.WORK: duration * assignment.units, ResourceKind.MATERIAL: 60 * assignment.units}
    return replace(assignment, work_minutes=round(usual.get(kind, 0)))
