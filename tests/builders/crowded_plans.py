"""Hypothesis strategies: plans in which tasks want the same people, with everything that a plan can have.

All times are whole quarters of an hour, so that what comes of them can be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.planning.estimates import Availability
from nirman.planning.model import (
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    Plan,
    Resource,
    Rules,
    Task,
)
from nirman.planning.schedule import Schedule, schedule_plan
from tests.builders.plans import DAY, make_plan, working_week

START = datetime(2026, 1, 4, 8)
_EARLY = ((360, 840),)
_NIGHTS = ((0, 360), (1320, 1440))
CALENDARS = [
    working_week(),
    Calendar(uid=2, name="Six days", week=(_EARLY, _EARLY, _EARLY, _EARLY, (), _EARLY, _EARLY)),
    Calendar(uid=3, name="Nights", week=(_NIGHTS,) * 7),
    Calendar(
        uid=4,
        name="With holidays",
        week=(DAY, DAY, DAY, DAY, (), (), DAY),
        exceptions=(CalendarException(start=date(2026, 1, 12), finish=date(2026, 1, 14)),),
    ),
]
_LAGS = (0, 0, 0, 240, 960, -240)
_DATED = (ConstraintKind.SNET, ConstraintKind.FNET, ConstraintKind.SNLT, ConstraintKind.FNLT, ConstraintKind.MSO)


@st.composite
def crowded_plans(draw: st.DrawFn, *, mixed: bool = True) -> Plan:
    """`mixed`: several calendars, constraints, progress and all; else one calendar and finish-start links."""
    count = draw(st.integers(2, 9))
    resources = draw(st.lists(_resources(mixed=mixed), min_size=1, max_size=3))
    resources = [replace(resource, uid=uid, name=f"R{uid}") for uid, resource in enumerate(resources, 1)]
    tasks = [draw(_tasks(uid, mixed=mixed)) for uid in range(1, count + 1)]
    if mixed and draw(st.booleans()) and count > 3:
        tasks.append(Task(uid=count + 1, name="Summary", position=0.0))
        below = draw(st.sets(st.integers(1, count), min_size=1, max_size=3))
        tasks = [replace(task, parent_uid=count + 1) if task.uid in below else task for task in tasks]
    assignments = []
    for uid in range(1, count + 1):
        for resource in draw(st.sets(st.integers(1, len(resources)), max_size=2)):
            assignments.append(_assignment(draw, len(assignments) + 1, tasks[uid - 1], resource, mixed=mixed))
    links = _links(draw, tasks, count, mixed=mixed)
    rules = draw(st.sampled_from(tuple(Rules))) if mixed else Rules.MICROSOFT
    plan = make_plan(
        tasks, links, resources=resources, assignments=assignments, calendars=CALENDARS, start=START, rules=rules
    )
    try:
        schedule = schedule_plan(plan)
    except InvalidPlanError:  # some task's calendar and its resource's never work together
        reject()
    return _in_progress(draw, plan, schedule) if mixed and draw(st.booleans()) else plan


@st.composite
def _resources(draw: st.DrawFn, *, mixed: bool) -> Resource:
    values: dict[str, Any] = {"uid": 1, "max_units": draw(st.sampled_from((1.0, 1.0, 2.0, 0.5)))}
    if mixed:
        values["calendar_uid"] = draw(st.sampled_from((None, None, 2, 3, 4)))
        values["can_level"] = draw(st.integers(0, 5)) > 0
        if draw(st.integers(0, 3)) == 0:
            first = date(2026, 1, 4) + timedelta(days=draw(st.integers(0, 10)))
            units = draw(st.sampled_from((0.0, 0.5, 3.0)))
            values["availability"] = (Availability(start=first, finish=first + timedelta(days=4), units=units),)
    return Resource(**values)


@st.composite
def _tasks(draw: st.DrawFn, uid: int, *, mixed: bool) -> Task:
    minutes = draw(st.sampled_from((0, 240, 480, 480, 960, 1440)))
    values: dict[str, Any] = {"uid": uid, "name": f"Task {uid}", "position": float(uid), "duration_minutes": minutes}
    values["priority"] = draw(st.sampled_from((500, 500, 500, 100, 900)))
    if not mixed:
        return Task(**values)
    return Task(**values | draw(st.sampled_from((_plain, _plain, *_TRAITS)))(draw))


def _plain(_: st.DrawFn) -> dict[str, Any]:
    return {}


def _own_calendar(draw: st.DrawFn) -> dict[str, Any]:
    return {"calendar_uid": draw(st.sampled_from((2, 3, 4))), "ignore_resource_calendar": draw(st.booleans())}


def _dated(draw: st.DrawFn) -> dict[str, Any]:
    at = START + timedelta(days=draw(st.integers(0, 8)), hours=draw(st.integers(0, 9)))
    return {"constraint": draw(st.sampled_from(_DATED)), "constraint_date": at}


def _manual(draw: st.DrawFn) -> dict[str, Any]:
    start = START + timedelta(days=draw(st.integers(0, 5)))
    finish = start + timedelta(days=2)
    return {"manual": True, "manual_start": start, "manual_finish": finish, "duration_minutes": 960}


_TRAITS: tuple[Callable[[st.DrawFn], dict[str, Any]], ...] = (
    _own_calendar,
    _dated,
    _dated,
    _manual,
    lambda _: {"duration_elapsed": True},
    lambda _: {"effort": EffortKind.FIXED_DURATION},
    lambda _: {"constraint": ConstraintKind.ALAP},
    lambda _: {"priority": 1000},
    lambda _: {"active": False},
    lambda draw: {"deadline": START + timedelta(days=draw(st.integers(1, 8)))},
    lambda _: {"leveling_delay_minutes": 1440},
)


def _assignment(draw: st.DrawFn, uid: int, task: Task, resource: int, *, mixed: bool) -> Assignment:
    units = draw(st.sampled_from((1.0, 1.0, 0.5, 2.0)))
    values: dict[str, Any] = {"uid": uid, "task_uid": task.uid, "resource_uid": resource, "units": units}
    may_be_less = mixed and task.duration_minutes >= 480 and task.effort is not EffortKind.FIXED_DURATION
    if may_be_less and draw(st.integers(0, 7)) == 0:
        values["work_minutes"] = round(task.duration_minutes * units / 2)
    return Assignment(**values)


def _links(draw: st.DrawFn, tasks: list[Task], count: int, *, mixed: bool) -> list[Link]:
    parents = {task.uid: task.parent_uid for task in tasks}
    links: list[Link] = []
    pairs = st.tuples(st.integers(1, count), st.integers(1, count)).filter(lambda pair: pair[0] < pair[1])
    for source, target in sorted(draw(st.sets(pairs, max_size=count))):
        values: dict[str, Any] = {}
        if mixed:
            values["kind"] = draw(st.sampled_from((LinkKind.FS, LinkKind.FS, LinkKind.FS, *LinkKind)))
            values["lag_minutes"] = draw(st.sampled_from(_LAGS))
            values["lag_elapsed"] = draw(st.integers(0, 5)) == 0
        links.append(Link(uid=len(links) + 1, predecessor_uid=source, successor_uid=target, **values))
    summary = count + 1
    outside = [uid for uid in range(1, count + 1) if parents[uid] is None]
    if summary in parents and outside and draw(st.booleans()):
        below = [uid for uid, parent in parents.items() if parent == summary]
        before = [uid for uid in outside if uid < min(below)]
        after = [uid for uid in outside if uid > max(below)]
        if before:
            links.append(Link(uid=len(links) + 1, predecessor_uid=before[0], successor_uid=summary))
        if after:
            links.append(Link(uid=len(links) + 1, predecessor_uid=summary, successor_uid=after[0]))
    return links


def _in_progress(draw: st.DrawFn, plan: Plan, schedule: Schedule) -> Plan:
    """Some of the tasks that start first have begun."""
    tasks = dict(plan.tasks)
    parents = {task.parent_uid for task in plan.tasks.values()}
    crews = Counter(assignment.task_uid for assignment in plan.assignments.values())
    partly = {a.task_uid for a in plan.assignments.values() if a.work_minutes is not None}
    for uid, task in plan.tasks.items():
        dates = schedule[uid]
        if crews[uid] > 1 or uid in partly:
            continue
        plain = task.active and not task.manual and uid not in parents and task.duration_minutes >= 480
        if plain and dates.start < START + timedelta(days=2) and draw(st.integers(0, 2)) == 0:
            done = draw(st.sampled_from((50, 100)))
            finish = dates.finish if done == 100 else None
            tasks[uid] = replace(task, percent_complete=done, actual_start=dates.start, actual_finish=finish)
    status = START + timedelta(days=2)
    return replace(plan, tasks=tasks, project=replace(plan.project, status_date=status))
