"""Generated plans that benchmarks agree on: seeded, shaped like a building programme."""

from __future__ import annotations

import random
from datetime import datetime

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

DAY = ((480, 720), (780, 1020))
_KINDS = (LinkKind.FS, LinkKind.FS, LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF)


def building(count: int, seed: int = 1, *, window: int = 40) -> Plan:
    """`count` tasks in summaries of twenty, 1.5 links a task of mixed kinds and lags, two calendars with 120 days off,
    every fiftieth task constrained, one assignment a task.

    Predecessors are among the last `window` tasks: the smaller, the deeper and narrower the network.
    """
    choose = random.Random(seed)
    holidays = tuple(
        CalendarException(start=day, finish=day, name="Holiday")
        for day in (datetime(2026 + n // 12, 1 + n % 12, 17).date() for n in range(120))
    )
    calendars = [
        Calendar(uid=1, name="Sunday-Thursday", week=(DAY, DAY, DAY, DAY, (), (), DAY), exceptions=holidays),
        Calendar(uid=2, name="Seven days", week=(DAY,) * 7, exceptions=holidays),
    ]
    tasks: dict[int, Task] = {}
    leaves: list[int] = []
    parent = 0
    for uid in range(1, count + 1):
        if uid % 21 == 1:
            parent = uid
            tasks[uid] = Task(uid=uid, name=f"পর্যায় / Stage {uid}", position=float(uid))
            continue
        leaves.append(uid)
        dated = choose.random() < 0.02
        tasks[uid] = Task(
            uid=uid,
            name=f"ঢালাই / Casting {uid}",
            parent_uid=parent,
            position=float(uid),
            duration_minutes=480 * choose.randint(1, 12),
            calendar_uid=2 if choose.random() < 0.2 else None,
            constraint=ConstraintKind.SNET if dated else ConstraintKind.ASAP,
            constraint_date=datetime(2026, 1 + choose.randrange(12), 4, 8, 0) if dated else None,
        )
    links: dict[int, Link] = {}
    for at in range(1, len(leaves)):
        for back in {choose.randint(1, min(at, window)) for _ in range(choose.choice((1, 2)))}:
            uid = len(links) + 1
            lag = choose.choice((0, 0, 0, 480, 960, -240))
            links[uid] = Link(
                uid=uid,
                predecessor_uid=leaves[at - back],
                successor_uid=leaves[at],
                kind=choose.choice(_KINDS),
                lag_minutes=lag,
            )
    resources = {uid: Resource(uid=uid, name=f"দল / Gang {uid}", max_units=4.0) for uid in range(1, 21)}
    assignments = {
        uid: Assignment(uid=uid, task_uid=task, resource_uid=1 + task % 20) for uid, task in enumerate(leaves, 1)
    }
    project = Project(name=f"Bench {count}", start=datetime(2026, 1, 4, 8, 0))
    return Plan(project, {c.uid: c for c in calendars}, tasks, links, resources, assignments)
