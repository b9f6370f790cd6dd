"""Networks as P6 has them, from a seed: many calendars, mixed links and lags, constraints, milestones, progress."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from nirman.planning.model import (
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    DayShifts,
    LagCalendar,
    Link,
    LinkKind,
    Plan,
    Project,
    Resource,
    Rules,
    SlackKind,
    Task,
    TaskKind,
)
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes

START = datetime(2026, 1, 5, 8, 0)
_DAY: DayShifts = ((480, 720), (780, 1020))
_LONG: DayShifts = ((420, 720), (750, 1080))
_EARLY: DayShifts = ((360, 840),)
_LATE: DayShifts = ((840, 1320),)
_ROUND: DayShifts = ((10, 720), (730, 1430))
_NIGHT: DayShifts = ((30, 390), (1200, 1410))


@dataclass(frozen=True)
class Traits:
    """What a network has beyond tasks, calendars, links and lags; shares are of its tasks."""

    size: int = 500
    calendars: int = 6
    """1 or 6."""
    constraints: float = 0.0
    milestones: float = 0.0
    resources: float = 0.0
    effort: float = 0.0
    late: float = 0.0
    expected: float = 0.0
    external: float = 0.0
    progress: bool = False
    out_of_sequence: float = 0.0
    must_finish: bool = False


def p6_network(seed: int, traits: Traits) -> Plan:
    """The same plan for the same seed."""
    return _Maker(Random(seed), traits).plan()


def _calendar(random: Random, uid: int, name: str, shifts: DayShifts, days_off: int) -> Calendar:
    """Days off, single or several, and days with other hours, over four years."""
    week = tuple(() if day >= 7 - days_off else shifts for day in range(7))
    days = sorted(random.sample(range(1, 1400), 80))
    exceptions = []
    for place, day in enumerate(days):
        last = day + random.choice((0, 0, 0, 1, 4))
        if place + 1 < len(days) and last >= days[place + 1]:
            last = day
        other: DayShifts = ((540, 780),) if random.random() < 0.2 else ()
        first_date = START.date() + timedelta(days=day)
        exceptions.append(
            CalendarException(start=first_date, finish=first_date + timedelta(days=last - day), shifts=other)
        )
    return Calendar(uid=uid, name=name, week=week, exceptions=tuple(exceptions))


class _Maker:
    def __init__(self, random: Random, traits: Traits) -> None:
        self.random, self.traits = random, traits
        kinds = [
            ("five days", _DAY, 2),
            ("six days", _LONG, 1),
            ("early shift", _EARLY, 0),
            ("late shift", _LATE, 2),
            ("round the clock", _ROUND, 0),
            ("night shift", _NIGHT, 1),
        ]
        self.calendars = {
            uid: _calendar(random, uid, *kind) for uid, kind in enumerate(kinds[: traits.calendars], start=1)
        }
        self.time = Calendars(self.calendars)
        self.tasks: dict[int, Task] = {}
        self.links: dict[int, Link] = {}
        self.resources: dict[int, Resource] = {}
        self.assignments: dict[int, Assignment] = {}
        self.about: dict[int, tuple[int, int]] = {}
        """Where a task comes to lie, roughly: finish-start links only."""

    def plan(self) -> Plan:
        self._summaries()
        first = max(self.tasks) + 1
        for uid in range(first, first + self.traits.size):
            self._task(uid, first)
        data_date = START
        if self.traits.progress:
            data_date = self._progress()
        if self.traits.effort:
            self._follow()
        finish = to_datetime(max(finish for _, finish in self.about.values()))
        must_finish = finish + timedelta(days=self.random.randint(-40, 60)) if self.traits.must_finish else None
        return Plan(
            project=Project(
                name="Generated",
                start=START,
                rules=Rules.PRIMAVERA,
                status_date=data_date,
                lag_calendar=self.random.choice(list(LagCalendar)),
                slack_kind=self.random.choice(list(SlackKind)),
                must_finish=must_finish,
            ),
            calendars=self.calendars,
            tasks=self.tasks,
            links=self.links,
            resources=self.resources,
            assignments=self.assignments,
        )

    def _summaries(self) -> None:
        for uid in range(1, 11):
            self.tasks[uid] = Task(uid=uid, name=f"WBS {uid}", parent_uid=None if uid < 4 else uid // 3, position=uid)
        for uid in range(1, 5 if self.traits.resources else 1):
            self.resources[uid] = Resource(uid=uid, name=f"Crew {uid}", calendar_uid=(1, 2, 3, 5)[uid - 1])

    def _task(self, uid: int, first: int) -> None:
        random, traits = self.random, self.traits
        kind, duration = TaskKind.TASK, random.choice((30, 60, 240, 480, 480, 960, 1440, 2400, 4800, 90, 555))
        if random.random() < traits.milestones:
            kind, duration = random.choice((TaskKind.START_MILESTONE, TaskKind.FINISH_MILESTONE)), 0
        elif random.random() < traits.resources and traits.calendars > 1:
            kind = TaskKind.RESOURCE_DEPENDENT
        calendar = random.randint(1, len(self.calendars))
        if kind is TaskKind.RESOURCE_DEPENDENT:  # in hours that it shares with every resource
            calendar = random.choice((1, 2, 3))
        task = Task(
            uid=uid,
            name=f"Activity {uid}",
            parent_uid=random.randint(4, 10),
            position=uid,
            kind=kind,
            duration_minutes=duration,
            calendar_uid=calendar,
        )
        working = self.time.working_time(calendar)
        start = to_minutes(START)
        count = random.choice((0, 1, 1, 1, 2, 2, 3)) if uid > first + 3 else 0
        pool = range(max(first, uid - 40), uid)
        for predecessor in sorted(random.sample(pool, min(count, len(pool)))):
            start = max(start, self._link(predecessor, uid, duration))
        start = working.next_start(start)
        self.about[uid] = (start, working.add(start, duration))
        if kind is TaskKind.RESOURCE_DEPENDENT:
            self._assign(task)
        self.tasks[uid] = self._dated(task)

    def _link(self, predecessor: int, successor: int, duration: int) -> int:
        random = self.random
        start, finish = self.about[predecessor]
        kinds = [LinkKind.FS] * 14 + [LinkKind.SS] * 3 + [LinkKind.FF] * 3
        if start > to_minutes(START) + 6 * duration + 30 * 1440:
            kinds.append(LinkKind.SF)
        kind = random.choice(kinds)
        lag = random.choice((0, 0, 0, 31, 487, 1440, 613, -61, -473))
        uid = len(self.links) + 1
        self.links[uid] = Link(
            uid=uid, predecessor_uid=predecessor, successor_uid=successor, kind=kind, lag_minutes=lag
        )
        return finish if kind is LinkKind.FS else start

    def _linked(self, uid: int) -> set[LinkKind]:
        return {link.kind for link in self.links.values() if link.successor_uid == uid}

    def _assign(self, task: Task) -> None:
        for resource in self.random.sample(sorted(self.resources), self.random.choice((1, 1, 2))):
            uid = len(self.assignments) + 1
            units = self.random.choice((1.0, 1.0, 0.5, 2.0))
            self.assignments[uid] = Assignment(
                uid=uid,
                task_uid=task.uid,
                resource_uid=resource,
                units=units,
                work_minutes=round(task.duration_minutes * units) + self.random.choice((0, 0, 60)),
            )

    def _dated(self, task: Task) -> Task:
        random, traits = self.random, self.traits
        start, finish = (to_datetime(at) for at in self.about[task.uid])
        shift = timedelta(days=random.randint(-20, 30))
        if random.random() < traits.constraints:
            kinds = [kind for kind in ConstraintKind if kind not in (ConstraintKind.ASAP, ConstraintKind.ALAP)]
            kind = random.choice(kinds)
            at = start + shift if kind.name.startswith(("S", "MS")) else finish + shift
            hours = (
                random.choice((8, 8, at.hour)) if kind.name.startswith(("S", "MS")) else random.choice((17, at.hour))
            )
            at = at.replace(hour=hours, minute=0)
            task = replace(task, constraint=kind, constraint_date=at)
            if kind in (ConstraintKind.SNET, ConstraintKind.FNET) and random.random() < 0.5:
                second = random.choice((ConstraintKind.SNLT, ConstraintKind.FNLT))
                later = at + timedelta(days=random.randint(0, 40))
                task = replace(task, second_constraint=second, second_constraint_date=later)
        elif random.random() < traits.late:
            task = replace(task, constraint=ConstraintKind.ALAP)
        elif random.random() < traits.expected and task.kind is TaskKind.TASK:
            task = replace(task, expected_finish=(finish + shift).replace(hour=17, minute=0))
        elif random.random() < traits.external and task.kind is not TaskKind.RESOURCE_DEPENDENT:
            working = self.time.working_time(task.calendar_uid or 1)
            at = working.next_start(to_minutes(start + abs(shift)))
            task = replace(task, external_early_start=to_datetime(at))
        return task

    def _progress(self) -> datetime:
        """Work until a data date; some of it, out of sequence, that its predecessors should have come before."""
        starts = sorted(start for start, _ in self.about.values())
        middle = to_datetime(starts[len(starts) // 2])
        data_date = middle.replace(hour=self.random.choice((0, 8, 17)), minute=0)
        now = to_minutes(data_date)
        for uid, (start, finish) in self.about.items():
            task = self.tasks[uid]
            working = self.time.working_time(task.calendar_uid or 1)
            if finish < now - 2 * 1440:
                self.tasks[uid] = self._finished(task, start, finish)
            elif start < now - 1440 or (self.random.random() < self.traits.out_of_sequence and start < now + 30 * 1440):
                begun = working.next_start(min(start, now - self.random.randint(1, 10) * 1440))
                if begun < now:
                    self.tasks[uid] = self._running(task, begun)
        return data_date

    def _finished(self, task: Task, start: int, finish: int) -> Task:
        self._share(task.uid, 0)
        return replace(
            task,
            actual_start=to_datetime(start),
            actual_finish=to_datetime(finish),
            percent_complete=100,
            remaining_minutes=0,
            constraint=ConstraintKind.ASAP if task.constraint is ConstraintKind.ALAP else task.constraint,
            external_early_start=None,
        )

    def _running(self, task: Task, start: int) -> Task:
        if task.duration_minutes == 0:
            return self._finished(task, start, start)
        remaining = self.random.choice((30, 60, 480, task.duration_minutes, task.duration_minutes // 2))
        if self.random.random() < 0.1:
            remaining = 0
        if task.kind is TaskKind.RESOURCE_DEPENDENT and not self._linked(task.uid):
            return self._finished(task, start, start + 60)
        self._share(task.uid, remaining / task.duration_minutes)
        return replace(task, actual_start=to_datetime(start), remaining_minutes=remaining, external_early_start=None)

    def _share(self, uid: int, left: float) -> None:
        """What is left of the work of all who are assigned to the task."""
        for assignment in [found for found in self.assignments.values() if found.task_uid == uid]:
            work = assignment.work_minutes or 0
            remaining = round(work * left)
            self.assignments[assignment.uid] = replace(
                assignment, actual_work_minutes=max(0, work - remaining), remaining_work_minutes=remaining
            )

    def _follow(self) -> None:
        """Level of effort activities between others, and a WBS summary activity here and there."""
        last, ordinary = max(self.tasks), list(self.about)
        for uid in range(last + 1, last + 1 + round(self.traits.effort * self.traits.size)):
            if self.random.random() < 0.2:
                kind = TaskKind.WBS_SUMMARY
            else:
                kind = TaskKind.LEVEL_OF_EFFORT
                one, other = sorted(self.random.sample(ordinary, 2), key=self.about.__getitem__)
                self._add_link(one, uid, self.random.choice((LinkKind.SS, LinkKind.SS, LinkKind.FS)))
                self._add_link(other, uid, LinkKind.FF)
                if self.random.random() < 0.3:
                    self._add_link(uid, self.random.choice(ordinary), self.random.choice((LinkKind.FS, LinkKind.FF)))
            self.tasks[uid] = Task(
                uid=uid,
                name=f"{kind} {uid}",
                parent_uid=self.random.randint(4, 10),
                position=uid,
                kind=kind,
                duration_minutes=0,
                calendar_uid=self.random.randint(1, len(self.calendars)),
            )

    def _add_link(self, predecessor: int, successor: int, kind: LinkKind) -> None:
        uid = len(self.links) + 1
        self.links[uid] = Link(uid=uid, predecessor_uid=predecessor, successor_uid=successor, kind=kind)
