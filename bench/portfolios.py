"""Portfolios for measuring: many projects that share their people and machines, as builders have them. Seeded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

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
