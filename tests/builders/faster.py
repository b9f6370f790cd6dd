"""Plans that can be made faster, and what is the cheapest way by trying everything."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from nirman.optimization.compression.market import market
from nirman.optimization.compression.offers import Choice, Market
from nirman.optimization.compression.proposal import Proposals
from nirman.optimization.options import Method
from nirman.planning.estimates import Crash, CrashPoint, Overlap
from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    Link,
    LinkKind,
    Plan,
    Resource,
    Rules,
    Task,
)
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_minutes
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week

HOUR, WORKDAY = 60, 480
START = datetime(2026, 1, 4, 8, 0)
CALENDARS = [
    working_week(),
    Calendar(uid=2, name="Seven days", week=(DAY,) * 7),
    Calendar(uid=3, name="Round the clock", week=(((0, 1440),),) * 7),
    Calendar(uid=4, name="Monday-Friday", week=(*((DAY,) * 5), (), ())),
    Calendar(uid=5, name="Nights", week=(((1200, 1440),),) * 7),
]


def crash(*points: tuple[int, int], linear: bool = True) -> Crash:
    """Points of duration in minutes, and cost."""
    made = (CrashPoint(duration_minutes=minutes, cost=Decimal(cost)) for minutes, cost in points)
    return Crash(points=tuple(made), linear=linear)


def one_calendar(count: int, seed: int = 1, *, window: int = 40) -> Plan:
    """Tasks of whole days, 1.5 links each of mixed kinds and lags; every task can be done faster, at whole taka a
    minute. The smaller the window from which predecessors are taken, the deeper the network.
    """
    choose = Random(seed)
    tasks, links = [], []
    for uid in range(1, count + 1):
        days = choose.randint(2, 12)
        saved = choose.randint(1, days - 1) * WORKDAY
        slope = choose.randint(1, 60)
        tasks.append(
            make_task(uid, duration_minutes=days * WORKDAY, crash=crash((days * WORKDAY - saved, slope * saved)))
        )
        backs = [choose.randint(1, min(uid - 1, window)) for _ in range(choose.choice((1, 2)))] if uid > 1 else []
        for back in sorted(set(backs)):
            kind = choose.choice((LinkKind.FS, LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF))
            lag = choose.choice((0, 0, 0, WORKDAY, 0 if kind is LinkKind.SS else -WORKDAY // 2))
            links.append(make_link(len(links) + 1, uid - back, uid, kind=kind, lag_minutes=lag))
    return make_plan(tasks, links, name=f"{count} tasks")


def made_up(choose: Random) -> Plan:
    """A small plan of whatever plans have: calendars, kinds of links and lags, constraints, progress, a summary,
    both rules. Faster ways are a few durations each.
    """
    count = choose.randint(3, 5)
    mixed, begun, dated = choose.random() < 0.6, choose.random() < 0.3, choose.random() < 0.35
    tasks = [_task(choose, uid, mixed=mixed, begun=begun, dated=dated) for uid in range(1, count + 1)]
    links: list[Link] = []
    for later in range(2, count + 1):
        for earlier in range(1, later):
            if choose.random() < 0.45:
                links.append(_link(choose, len(links) + 1, earlier, later))
    return make_plan(
        tasks,
        links,
        calendars=CALENDARS,
        rules=choose.choice((Rules.MICROSOFT, Rules.MICROSOFT, Rules.PRIMAVERA)),
        status_date=START + timedelta(hours=choose.randint(0, 60)) if begun else None,
        honor_constraints=choose.random() < 0.7,
        resources=[Resource(uid=1, name="Gang", standard_rate=Decimal(6))],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1)],
    )


def _task(choose: Random, uid: int, *, mixed: bool, begun: bool, dated: bool) -> Task:
    minutes = HOUR * choose.randint(1, 30) if choose.random() < 0.9 else 0
    values: dict[str, object] = {"duration_minutes": minutes}
    if minutes and choose.random() < 0.7:
        shorter = sorted({int(minutes * choose.uniform(0.2, 0.95)) for _ in range(choose.randint(1, 2))}, reverse=True)
        costs = itertools.accumulate(choose.randint(0, 100) for _ in shorter)
        values["crash"] = crash(*zip(shorter, costs, strict=True), linear=False)
    if mixed:
        values["calendar_uid"] = choose.choice((None, None, 2, 3, 4, 5))
    if dated and choose.random() < 0.4:
        kinds = [kind for kind in ConstraintKind if kind is not ConstraintKind.ALAP]
        values |= {"constraint": choose.choice(kinds), "constraint_date": _after(START, choose, 150)}
    if begun and choose.random() < 0.4:
        values["actual_start"] = start = _after(START, choose, 10)
        if choose.random() < 0.4:
            values |= {"actual_finish": _after(start, choose, 30), "percent_complete": 100}
        else:
            values["percent_complete"] = choose.randint(0, 90)
    if choose.random() < 0.05:
        values["leveling_delay_minutes"] = choose.randint(0, 3000)
    return make_task(uid, **values)


def _after(instant: datetime, choose: Random, hours: int) -> datetime:
    return instant + timedelta(hours=choose.randint(0, hours))


def _link(choose: Random, uid: int, predecessor: int, successor: int) -> Link:
    kind = choose.choice((LinkKind.FS, LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF, LinkKind.SF))
    values: dict[str, object] = {"kind": kind}
    if choose.random() < 0.4:
        values |= {"lag_minutes": HOUR * choose.randint(-10, 20), "lag_elapsed": choose.random() < 0.4}
    if kind is LinkKind.FS and choose.random() < 0.3:
        values["overlap"] = Overlap(
            max_percent=choose.randint(10, 60),
            rework_probability=choose.choice((0.0, 0.5)),
            rework_percent=choose.randint(0, 100),
            rework_cost=Decimal(choose.choice((0, 50))),
        )
    return make_link(uid, predecessor, successor, **values)


def every_choice(of: Market, *, most: int = 2_000) -> list[Choice] | None:
    """All that can be bought (of overlaps none, half and all); None when that is too much to try."""
    found: list[Choice] = []
    for durations in itertools.product(*([minutes for minutes, _ in offer.points] for offer in of.offers)):
        longest = [of.most_overlap(number, durations) for number in range(len(of.leads))]
        found += [Choice(durations, o) for o in itertools.product(*(sorted({0, x // 2, x}) for x in longest))]
        if len(found) > most:
            return None
    return found


def finishes(plan: Plan, choices: list[Choice], method: Method) -> dict[Choice, int]:
    """When the plan finishes with each, by the engine; minutes since 1970."""
    offered, _ = market(plan, schedule_plan(plan), method)
    proposals = Proposals(plan, offered)
    return {choice: to_minutes(proposals.scheduled(choice).project_finish) for choice in choices}
