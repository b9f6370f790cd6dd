"""Portfolios for measuring: many projects that share their people and machines, as builders have them. Seeded.

`portfolio` is plain, in one calendar or in three; `under_way` has what plans have after some weeks: calendars of each
project and of each crew, some of several people, leave, priorities, dates, and a data date with progress.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from nirman.planning.estimates import Availability
from nirman.planning.model import (
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    Link,
    LinkKind,
    Plan,
    Project,
    Resource,
    Task,
)
from nirman.planning.schedule import Schedule

START = datetime(2026, 1, 4, 8)
_DAY = ((480, 720), (780, 1020))
_LONG_DAY = ((420, 720), (780, 1080))
_EID = CalendarException(start=date(2026, 3, 19), finish=date(2026, 3, 24), name="Eid")
OFFICE, SITE, PLANT = 1, 2, 3
_MINUTES = (240, 480, 480, 960, 1440, 1920, 2400, 3840)
_REACH = 15
"""How far back among the tasks of a project predecessors are."""


def calendars() -> dict[int, Calendar]:
    """The office's five days; the site's six, longer; the machines' seven, which do not keep the feast."""
    return {
        OFFICE: Calendar(uid=OFFICE, name="Office", week=(*(_DAY,) * 4, (), (), _DAY), exceptions=(_EID,)),
        SITE: Calendar(uid=SITE, name="Site", week=(*(_LONG_DAY,) * 4, (), _LONG_DAY, _LONG_DAY), exceptions=(_EID,)),
        PLANT: Calendar(uid=PLANT, name="Plant", week=(_LONG_DAY,) * 7),
    }


def portfolio(*, projects: int, tasks: int, crews: int = 6, mixed: bool = True, seed: int = 1) -> Plan:
    """`mixed`: crews work in three calendars and links are of several kinds; else one calendar, all finish-start.

    A project begins on a date of its own within a quarter, has a first and a last milestone, and one to two
    predecessors a task; a task takes one to four of one or two crews.
    """
    random = Random(seed)
    resources = {
        uid: Resource(
            uid=uid,
            name=f"Crew {uid}",
            max_units=float(random.randint(6, 14)),
            calendar_uid=random.choice((None, SITE, PLANT)) if mixed else None,
        )
        for uid in range(1, crews + 1)
    }
    found: list[Task] = []
    links: list[Link] = []
    assignments: list[Assignment] = []
    for number in range(projects):
        summary = len(found) + 1
        found.append(Task(uid=summary, name=f"Project {number + 1}", position=float(number)))
        for place in range(tasks):
            uid = summary + 1 + place
            found.append(_task(random, uid, summary, place, tasks))
            for before in random.sample(range(max(0, place - _REACH), place), min(place, random.choice((1, 1, 2)))):
                values = _bent(random) if mixed else {}
                links.append(
                    Link(uid=len(links) + 1, predecessor_uid=summary + 1 + before, successor_uid=uid, **values)
                )
            if 0 < place < tasks - 1:
                for crew in random.sample(range(1, crews + 1), random.choice((1, 1, 2))):
                    units = float(random.randint(1, 4))
                    assignments.append(
                        Assignment(uid=len(assignments) + 1, task_uid=uid, resource_uid=crew, units=units)
                    )
    return Plan(
        project=Project(name="Portfolio", start=START),
        calendars=calendars(),
        tasks=_by_uid(found),
        links=_by_uid(links),
        resources=resources,
        assignments=_by_uid(assignments),
    )


Leveller = Callable[[Plan], Schedule]


def under_way(*, projects: int, tasks: int, by: Leveller, weeks: int = 8, seed: int = 1) -> Plan:
    """`by` says how the work went until the data date, `weeks` after the start: what it has done by then is done."""
    random = Random(seed)
    plan = portfolio(projects=projects, tasks=tasks, crews=10, seed=seed)
    own = {**plan.calendars, **{FIRST_OWN + n: _own_calendar(random, FIRST_OWN + n) for n in range(6)}}
    of_project = {uid: FIRST_OWN + random.randrange(6) for uid in plan.tasks if plan.tasks[uid].parent_uid is None}
    found = {}
    for uid, task in plan.tasks.items():
        values: dict[str, Any] = {"priority": random.choice((300, 400, 500, 500, 500, 600, 800))}
        if task.parent_uid is not None:
            values["calendar_uid"] = of_project[task.parent_uid]
        if task.constraint is ConstraintKind.ASAP and random.random() < 0.03:
            begins = START + timedelta(weeks=random.randint(4, 40))
            values |= {"constraint": ConstraintKind.SNET, "constraint_date": begins}
        found[uid] = replace(task, **values)
    crews = {uid: _crew(random, resource) for uid, resource in plan.resources.items()}
    plan = replace(plan, calendars=own, tasks=found, resources=crews)
    return _begun(random, plan, by(plan), START + timedelta(weeks=weeks))


FIRST_OWN = 11
"""Uid of the first calendar of a project."""


def _own_calendar(random: Random, uid: int) -> Calendar:
    """Five or six days, all with the morning and most of the afternoon in common, and a week off in the year."""
    shifts = ((random.choice((420, 450, 480)), 720), (780, random.choice((990, 1020, 1080))))
    off = date(2026, 1, 1) + timedelta(days=random.randrange(365))
    leave = CalendarException(start=off, finish=off + timedelta(days=6), name="Off")
    saturday = random.choice(((), shifts))
    return Calendar(uid=uid, name=f"Site {uid}", week=(*(shifts,) * 4, (), saturday, shifts), exceptions=(_EID, leave))


def _crew(random: Random, crew: Resource) -> Resource:
    """One in three is away for two weeks in part, or helped by others for a month."""
    if random.randrange(3):
        return crew
    begins = date(2026, 2, 1) + timedelta(days=random.randrange(300))
    units = crew.max_units + random.choice((-4, -3, 4))
    days = 14 if units < crew.max_units else 30
    return replace(crew, availability=(Availability(start=begins, finish=begins + timedelta(days=days), units=units),))


def _begun(random: Random, plan: Plan, went: Schedule, until: datetime) -> Plan:
    """Tasks that went until the data date, and dates by which some later ones have to be done."""
    tasks = dict(plan.tasks)
    for uid, task in plan.tasks.items():
        dates = went[uid]
        if task.parent_uid is None or dates.start >= until:
            if task.parent_uid is not None and task.constraint is ConstraintKind.ASAP and random.random() < 0.005:
                by = dates.finish + timedelta(weeks=3)
                tasks[uid] = replace(task, constraint=ConstraintKind.FNLT, constraint_date=by)
            continue
        done = dates.finish <= until
        tasks[uid] = replace(
            task,
            actual_start=dates.start,
            actual_finish=dates.finish if done else None,
            percent_complete=100 if done else 50,
        )
    return replace(plan, tasks=tasks, project=replace(plan.project, status_date=until))


def _task(random: Random, uid: int, summary: int, place: int, tasks: int) -> Task:
    values: dict[str, Any] = {"duration_minutes": random.choice(_MINUTES), "priority": random.choice((300, 500, 700))}
    if place == 0:
        begins = START + timedelta(weeks=random.randint(0, 12))
        values |= {"duration_minutes": 0, "constraint": ConstraintKind.SNET, "constraint_date": begins}
    if place == tasks - 1:
        values["duration_minutes"] = 0
    return Task(uid=uid, name=f"Task {uid}", parent_uid=summary, position=float(place), **values)


def _bent(random: Random) -> dict[str, Any]:
    kind = LinkKind.FS if random.random() < 0.9 else random.choice((LinkKind.SS, LinkKind.FF))
    return {"kind": kind, "lag_minutes": random.choice((0,) * 8 + (480, 960))}


def _by_uid(records: list[Any]) -> dict[int, Any]:
    return {record.uid: record for record in records}
