"""Plans for tests: only what matters is said, the rest is usual."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nirman.planning.estimates import Risk
from nirman.planning.model import Assignment, Calendar, Link, Plan, Project, Resource, Task

DAY = ((480, 720), (780, 1020))
"""08:00-12:00, 13:00-17:00."""


def working_week(uid: int = 1, name: str = "Sunday-Thursday") -> Calendar:
    return Calendar(uid=uid, name=name, week=(DAY, DAY, DAY, DAY, (), (), DAY))


def make_plan(
    tasks: list[Task] | int = 0,
    links: list[Link] | None = None,
    *,
    resources: list[Resource] | None = None,
    assignments: list[Assignment] | None = None,
    calendars: list[Calendar] | None = None,
    risks: list[Risk] | None = None,
    **project: Any,
) -> Plan:
    """A plan that starts on Sunday 4 January 2026, 08:00; a number makes that many tasks of one day."""
    rows = [make_task(uid) for uid in range(1, tasks + 1)] if isinstance(tasks, int) else tasks
    settings = {"name": "Test", "start": datetime(2026, 1, 4, 8, 0)} | project
    return Plan(
        project=Project(**settings),
        calendars={calendar.uid: calendar for calendar in calendars or [working_week()]},
        tasks={task.uid: task for task in rows},
        links={link.uid: link for link in links or []},
        resources={resource.uid: resource for resource in resources or []},
        assignments={assignment.uid: assignment for assignment in assignments or []},
        risks={risk.uid: risk for risk in risks or []},
    )


def make_task(uid: int, **values: Any) -> Task:
    return Task(**{"uid": uid, "name": f"Task {uid}", "position": float(uid)} | values)


def make_link(uid: int, predecessor: int, successor: int, **values: Any) -> Link:
    return Link(uid=uid, predecessor_uid=predecessor, successor_uid=successor, **values)
