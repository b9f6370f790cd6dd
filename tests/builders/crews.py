"""Random plans whose tasks want the same people: calendars, links, priorities, progress, skills and groups mixed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from nirman.planning.estimates import Availability
from nirman.planning.model import (
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    EffortKind,
    LinkKind,
    Plan,
    Resource,
    Rules,
    Split,
    TaskKind,
)
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week

START = datetime(2026, 1, 4, 8)
CALENDARS = [
    working_week(),
    Calendar(
        uid=2,
        name="Six days",
        week=(DAY, DAY, DAY, DAY, (), ((420, 780),), DAY),
        exceptions=(CalendarException(start=date(2026, 1, 12), finish=date(2026, 1, 13)),),
    ),
    Calendar(uid=3, name="Long days", week=(((360, 1200),),) * 7),
]


@st.composite
def crews(draw: st.DrawFn, *, most_tasks: int = 7) -> Plan:
    resources = [draw(_resources(uid)) for uid in range(1, draw(st.integers(2, 4)) + 1)]
    count = draw(st.integers(2, most_tasks))
    tasks = [make_task(uid, **draw(_task_values())) for uid in range(1, count + 1)]
    links = []
    for successor in range(2, count + 1):
        for predecessor in draw(st.sets(st.integers(1, successor - 1), max_size=1)):
            kind = draw(st.sampled_from([LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF]))
            lag = draw(st.sampled_from([0, 0, 240, -240]))
            links.append(make_link(len(links) + 1, predecessor, successor, kind=kind, lag_minutes=lag))
    assignments = []
    for task in tasks:
        for resource_uid in draw(st.sets(st.integers(1, len(resources)), min_size=1, max_size=2)):
            units = draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, 2.0]))
            assignments.append(
                Assignment(uid=len(assignments) + 1, task_uid=task.uid, resource_uid=resource_uid, units=units)
            )
    return make_plan(
        tasks,
        links,
        resources=resources,
        assignments=assignments,
        calendars=CALENDARS,
        start=START,
        rules=draw(st.sampled_from(list(Rules))),
        indirect_cost_per_day=Decimal(draw(st.sampled_from([0, 500]))),
        delay_damages_per_day=Decimal(900),
        must_finish=draw(st.sampled_from([None, START + timedelta(days=6, hours=9)])),
    )


@st.composite
def _resources(draw: st.DrawFn, uid: int) -> Resource:
    rate = draw(st.sampled_from([0, 100, 120, 300]))
    away = Availability(start=date(2026, 1, 6), finish=date(2026, 1, 7), units=draw(st.sampled_from([0.0, 2.0])))
    return Resource(
        uid=uid,
        name=f"Crew {uid}",
        max_units=draw(st.sampled_from([1.0, 1.0, 2.0, 0.5])),
        availability=draw(st.sampled_from([(), (), (away,)])),
        calendar_uid=draw(st.sampled_from([None, None, 2, 3])),
        skills=draw(st.sampled_from([(), ("mason",), ("mason", "tiler")])),
        group=draw(st.sampled_from(["", "labour"])),
        can_level=draw(st.sampled_from([True, True, True, False])),
        standard_rate=Decimal(rate),
        overtime_rate=Decimal(rate) * draw(st.sampled_from([0, 2])),
        cost_per_use=Decimal(draw(st.sampled_from([0, 50]))),
    )


@st.composite
def _task_values(draw: st.DrawFn) -> dict[str, object]:
    duration = draw(st.sampled_from([0, 240, 480, 960, 1440, 2400]))
    values: dict[str, object] = {
        "duration_minutes": duration,
        "calendar_uid": draw(st.sampled_from([None, None, None, 2])),
        "effort": draw(st.sampled_from(list(EffortKind))),
        "kind": draw(st.sampled_from([TaskKind.TASK, TaskKind.TASK, TaskKind.RESOURCE_DEPENDENT])),
        "priority": draw(st.sampled_from([500, 500, 100, 900, 1000])),
        "leveling_can_split": draw(st.booleans()),
        "leveling_delay_minutes": draw(st.sampled_from([0, 0, 0, 1440])),
    }
    unusual = draw(st.sampled_from(["", "", "", "begun", "constrained", "manual", "split", "deadline"]))
    if unusual == "begun":
        values |= {"actual_start": START, "percent_complete": 50}
    elif unusual == "constrained":
        kind = draw(st.sampled_from([ConstraintKind.SNET, ConstraintKind.MSO, ConstraintKind.FNLT]))
        values |= {"constraint": kind, "constraint_date": START + timedelta(days=draw(st.integers(0, 4)))}
    elif unusual == "manual":
        values |= {"manual": True, "manual_start": START, "manual_finish": START + timedelta(days=2, hours=9)}
    elif unusual == "split" and duration > 240:
        values |= {"splits": (Split(after_minutes=240, pause_minutes=480),)}
    elif unusual == "deadline":
        values |= {"deadline": START + timedelta(days=4, hours=9)}
    return values
