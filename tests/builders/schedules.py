"""Days of the January that plans of tests begin in, and two tasks with a link."""

from __future__ import annotations

from datetime import datetime

from nirman.planning.model import LinkKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour)


def span(dates) -> tuple[datetime, datetime]:
    return dates.start, dates.finish


def linked(kind: LinkKind = LinkKind.FS, *, first: int = 480, second: int = 480, **link):
    tasks = [make_task(1, duration_minutes=first), make_task(2, duration_minutes=second)]
    return schedule_plan(make_plan(tasks, [make_link(1, 1, 2, kind=kind, **link)]))
