"""Random plans of the kind that people draw in MS Project: every kind of link, lag, calendar and constraint.

The same seed, size and traits give the same plan. What MS Project and MPXJ are known to take differently
(docs/scheduling.md, "Against MPXJ") is not drawn, so that the dates of both can be compared one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Flag, auto
from random import Random
from typing import Any

from nirman.planning.model import (
    Assignment,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    Plan,
    Project,
    Resource,
    ResourceKind,
    Task,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.msp_calendars import (
    ALWAYS,
    FOUR_DAYS,
    NIGHTS,
    OFFICE,
    SIX_DAYS,
    TO_MIDNIGHT,
    WEEKS_WITH_HOLIDAYS,
    usual_calendars,
)

START = datetime(2026, 1, 5, 8)
"""A Monday, when the office begins to work."""
_STATUS = START + timedelta(days=60)
_CONCRETE = 13
"""The resource after twelve crews."""
_SOFT = (ConstraintKind.SNET, ConstraintKind.FNET)
_HARD = (ConstraintKind.SNLT, ConstraintKind.FNLT, ConstraintKind.MSO, ConstraintKind.MFO)
_MORNINGS = (ConstraintKind.SNET, ConstraintKind.SNLT, ConstraintKind.MSO)
_LAGS: tuple[dict[str, Any], ...] = (
    {"lag_minutes": 480},
    {"lag_minutes": 120},
    {"lag_minutes": 2400},
    {"lag_minutes": 2880, "lag_elapsed": True},
    {"lag_percent": 50.0},
)
_LEADS: tuple[dict[str, Any], ...] = (
    {"lag_minutes": -240},
    {"lag_minutes": -960},
    {"lag_minutes": -1440, "lag_elapsed": True},
    {"lag_percent": -25.0},
)


class Traits(Flag):
    """What a plan has besides tasks, milestones and FS, SS and FF links."""

    START_FINISH = auto()
    LAGS = auto()
    LEADS = auto()
    CALENDARS = auto()
    ELAPSED = auto()
    CONSTRAINTS = auto()
    HARD_CONSTRAINTS = auto()
    DEADLINES = auto()
    ALAP = auto()
    MANUAL = auto()
    INACTIVE = auto()
    SUMMARIES = auto()
    SUMMARY_LINKS = auto()
    PROGRESS = auto()
    CREWS = auto()
    CREW_CALENDARS = auto()
    TEAMS = auto()
    DELAYS = auto()


def microsoft_network(seed: int, traits: Traits, size: int = 500) -> Plan:
    """A plan of `size` leaf tasks, with one and a half links for each."""
    drawing = _Drawing(Random(seed), traits)
    drawing.draw_tasks(size)
    drawing.draw_links()
    drawing.draw_delays()
    plan = Plan(
        project=Project(name=f"Network {seed}", start=START, calendar_uid=OFFICE, work_after_status_date=False),
        calendars=usual_calendars(),
        tasks=drawing.tasks,
        links=drawing.links,
    )
    if traits & (Traits.CREWS | Traits.CREW_CALENDARS):
        plan = _with_crews(drawing, plan)
    return _with_progress(drawing, plan) if Traits.PROGRESS in traits else plan


@dataclass
class _Drawing:
    random: Random
    traits: Traits
    tasks: dict[int, Task] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    leaves: list[int] = field(default_factory=list)
    linked: set[tuple[int, int]] = field(default_factory=set)

    def one_in(self, number: int, trait: Traits) -> bool:
        return trait in self.traits and self.random.randrange(number) == 0

    def draw_tasks(self, size: int) -> None:
        parents: list[int] = []
        uid = 0
        while len(self.leaves) < size:
            uid += 1
            parent = parents[-1] if parents else None
            if self.one_in(12, Traits.SUMMARIES) and len(parents) < 4:
                self.tasks[uid] = Task(uid=uid, name=f"Summary {uid}", parent_uid=parent, position=float(uid))
                parents.append(uid)
                continue
            self.tasks[uid] = replace(self._leaf(uid), parent_uid=parent)
            self.leaves.append(uid)
            if parents and self.random.randrange(8) == 0:
                parents.pop()

    def _leaf(self, uid: int) -> Task:
        minutes = self.random.choice((0, 60, 240, 480, 480, 960, 1440, 2400, 4800))
        values: dict[str, Any] = {"duration_minutes": minutes, "milestone": minutes == 0}
        if self.one_in(12, Traits.ELAPSED) and minutes:
            values |= {"duration_minutes": 3 * 1440, "duration_elapsed": True, "calendar_uid": ALWAYS}
        elif self.one_in(4, Traits.CALENDARS):
            values["calendar_uid"] = self.random.choice((ALWAYS, SIX_DAYS, FOUR_DAYS) + (NIGHTS,) * bool(minutes))
        else:
            values |= self._constraint()
        if self.one_in(12, Traits.DEADLINES):
            values["deadline"] = self._some_day(ConstraintKind.FNLT)
        if self.one_in(15, Traits.INACTIVE):
            values["active"] = False
        return Task(uid=uid, name=f"Task {uid}", position=float(uid), **values)

    def _constraint(self) -> dict[str, Any]:
        for kinds, number, trait in ((_SOFT, 10, Traits.CONSTRAINTS), (_HARD, 20, Traits.HARD_CONSTRAINTS)):
            if self.one_in(number, trait):
                kind = self.random.choice(kinds)
                return {"constraint": kind, "constraint_date": self._some_day(kind)}
        if self.one_in(12, Traits.ALAP):
            return {"constraint": ConstraintKind.ALAP}
        if self.one_in(15, Traits.MANUAL):
            start = self._some_day(ConstraintKind.SNET)
            return {"manual": True, "manual_start": start, "manual_finish": start + timedelta(days=3)}
        return {}

    def _some_day(self, kind: ConstraintKind) -> datetime:
        """When the office works: a morning for starts, an evening for finishes."""
        week = self.random.choice([week for week in range(60) if week not in WEEKS_WITH_HOLIDAYS])
        day = START + timedelta(days=7 * week + self.random.randrange(3))
        return day if kind in _MORNINGS else day.replace(hour=17)

    def draw_links(self) -> None:
        for place, successor in enumerate(self.leaves):
            for _ in range(self.random.choice((0, 1, 1, 2, 3)) if place else 0):
                predecessor = self.leaves[max(0, place - 1 - int(self.random.expovariate(0.08)))]
                kinds = (LinkKind.FS,) * 3 + (LinkKind.SS, LinkKind.FF)
                self._link(predecessor, successor, kinds + (LinkKind.SF,) * (Traits.START_FINISH in self.traits))
        if Traits.SUMMARY_LINKS in self.traits:
            for summary in [uid for uid in self.tasks if uid not in self.leaves]:
                self._summary_links(summary)

    def _summary_links(self, summary: int) -> None:
        """From a task before the summary, and to one after all that is below it."""
        below = {summary}
        for uid, task in self.tasks.items():
            if task.parent_uid in below:
                below.add(uid)
        at_work = [uid for uid in self.leaves if self.tasks[uid].active and not self.tasks[uid].manual]
        before, after = [uid for uid in at_work if uid < summary], [uid for uid in at_work if uid > max(below)]
        if not below.intersection(at_work):
            return
        if before and self.random.randrange(2):
            self._link(self.random.choice(before[-10:]), summary, (LinkKind.FS, LinkKind.SS, LinkKind.FF))
        if after and self.random.randrange(2):
            self._link(summary, self.random.choice(after[:10]), (LinkKind.FS, LinkKind.FF))

    def _link(self, predecessor: int, successor: int, kinds: tuple[LinkKind, ...]) -> None:
        if (predecessor, successor) in self.linked:
            return
        self.linked.add((predecessor, successor))
        kind = self.random.choice(kinds)
        if kind is LinkKind.FF and self._may_end_at_midnight(predecessor):
            kind = LinkKind.FS
        uid = len(self.links) + 1
        lag = self._lag(kind, predecessor, successor)
        self.links[uid] = Link(uid=uid, predecessor_uid=predecessor, successor_uid=successor, kind=kind, **lag)

    def _may_end_at_midnight(self, uid: int) -> bool:
        """A summary does when a task below it does."""
        if uid not in self.leaves:
            return Traits.CALENDARS in self.traits
        return self.tasks[uid].calendar_uid in TO_MIDNIGHT

    def _lag(self, kind: LinkKind, predecessor: int, successor: int) -> dict[str, Any]:
        lag: dict[str, Any] = {}
        if self.one_in(3, Traits.LAGS):
            lag = dict(self.random.choice(_LAGS))
        elif self.one_in(6, Traits.LEADS) and Traits.CALENDARS not in self.traits:
            lag = dict(self.random.choice(_LEADS))
        by_finish = kind in (LinkKind.FF, LinkKind.SF)
        into_summary = successor not in self.leaves
        if (by_finish and Traits.CREW_CALENDARS in self.traits) or (into_summary and Traits.CALENDARS in self.traits):
            return {}
        if by_finish or self.tasks[successor].milestone or Traits.START_FINISH in self.traits:
            lag.pop("lag_elapsed", None)
        if predecessor not in self.leaves or self.tasks[predecessor].duration_elapsed:
            lag.pop("lag_percent", None)
        return lag

    def draw_delays(self) -> None:
        """Of tasks without predecessors and dates."""
        waiting = {link.successor_uid for link in self.links.values()}
        for uid in self.leaves:
            task = self.tasks[uid]
            free = uid not in waiting and task.parent_uid is None and task.constraint_date is None
            if free and self.one_in(8, Traits.DELAYS):
                self.tasks[uid] = replace(task, leveling_delay_minutes=self.random.choice((60, 480, 1440)))


def _with_crews(drawing: _Drawing, plan: Plan) -> Plan:
    """Every second task that nothing else decides gets a crew, or concrete, which decides nothing."""
    random = drawing.random
    calendars = (OFFICE, SIX_DAYS, FOUR_DAYS) if Traits.CREW_CALENDARS in drawing.traits else (OFFICE,)
    resources = {
        uid: Resource(uid=uid, name=f"Crew {uid}", calendar_uid=random.choice(calendars)) for uid in range(1, _CONCRETE)
    }
    resources[_CONCRETE] = Resource(uid=_CONCRETE, name="Concrete", kind=ResourceKind.MATERIAL)
    tasks, assignments = dict(plan.tasks), dict[int, Assignment]()
    for uid in drawing.leaves:
        task = tasks[uid]
        if task.calendar_uid or task.constraint_date or task.milestone or random.randrange(2):
            continue
        tasks[uid] = replace(task, effort=random.choice((EffortKind.FIXED_UNITS, EffortKind.FIXED_DURATION)))
        number = len(assignments) + 1
        assignments[number] = Assignment(
            uid=number,
            task_uid=uid,
            resource_uid=random.randint(1, _CONCRETE),
            units=random.choice((1.0, 1.0, 0.5, 2.0)),
        )
        if tasks[uid].effort is EffortKind.FIXED_UNITS and drawing.one_in(2, Traits.TEAMS):
            assignments[number + 1] = _second(random, tasks[uid], assignments[number])
    return replace(plan, tasks=tasks, resources=resources, assignments=assignments)


def _second(random: Random, task: Task, first: Assignment) -> Assignment:
    """Another crew for the task, which may be done earlier; not where the first is concrete: somebody has to last."""
    units, share = random.choice((1.0, 0.5, 2.0)), random.choice((1.0, 0.5))
    if first.resource_uid == _CONCRETE:
        share = 1.0
    return Assignment(
        uid=first.uid + 1,
        task_uid=task.uid,
        resource_uid=first.resource_uid % (_CONCRETE - 1) + 1,
        units=units,
        work_minutes=round(task.duration_minutes * units * share),
    )


def _with_progress(drawing: _Drawing, plan: Plan) -> Plan:
    """What was planned for the first two months has happened, now and then otherwise than planned."""
    schedule, tasks = schedule_plan(plan), dict(plan.tasks)
    for uid in drawing.leaves:
        task, dates = tasks[uid], schedule[uid]
        if task.manual or not task.active or dates.start >= _STATUS:
            continue
        slipped = timedelta(days=drawing.random.choice((0, 0, 0, 1, -1, 7)))
        start = max(START, dates.start + slipped)
        if dates.finish <= _STATUS:
            done: dict[str, Any] = {
                "percent_complete": 100,
                "actual_finish": max(start, dates.finish + slipped),
                "remaining_minutes": 0,
            }
        else:
            percent = drawing.random.choice((0, 25, 50, 75)) if task.duration_minutes else 0
            done = {
                "percent_complete": percent,
                "remaining_minutes": task.duration_minutes * (100 - percent) // 100,
            }
        tasks[uid] = replace(task, actual_start=start, **done)
    return replace(plan, tasks=tasks)
