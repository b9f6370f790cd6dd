"""The plan: what people edit, and what the engine schedules.

All instants are naive wall time of the project's place (as MS Project and P6 keep them); durations and lags are whole
minutes, working minutes unless a field says elapsed. Every record is immutable; a change makes a new record.
Fields are the wire format too: the API, the events and the snapshots use these names.

The words that fields choose from (`kinds`), calendars and the project's settings have files of their own and are
imported from here like the rest; ranges, faster ways, overlaps and risks are those of `estimates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from nirman.planning.calendars import (
    Calendar,
    CalendarException,
    Day,
    DayShifts,
    Recurrence,
    RecurrenceKind,
    Shift,
    Week,
    WorkWeek,
)
from nirman.planning.estimates import Availability, Crash, DurationEstimate, Overlap, Risk
from nirman.planning.fields import (
    MAX_TOTAL,
    BaselineUid,
    Labels,
    Minutes,
    Name,
    Percent,
    SignedMinutes,
    Text,
    Uid,
    Units,
    WallTime,
    check,
    check_money,
)
from nirman.planning.kinds import (
    Accrual,
    ConstraintKind,
    CriticalBy,
    EffortKind,
    Kind,
    LagCalendar,
    LinkKind,
    PercentKind,
    ProgressLogic,
    ResourceKind,
    Rules,
    ScheduleFrom,
    SlackKind,
    TaskKind,
)
from nirman.planning.project import Project

__all__ = [
    "COLLECTIONS",
    "RECORDS",
    "Accrual",
    "Assignment",
    "AssignmentBaseline",
    "Baseline",
    "Calendar",
    "CalendarException",
    "ConstraintKind",
    "CriticalBy",
    "Day",
    "DayShifts",
    "EffortKind",
    "Kind",
    "LagCalendar",
    "Link",
    "LinkKind",
    "PercentKind",
    "Plan",
    "ProgressLogic",
    "Project",
    "Record",
    "Recurrence",
    "RecurrenceKind",
    "Resource",
    "ResourceKind",
    "Rules",
    "ScheduleFrom",
    "Shift",
    "SlackKind",
    "Split",
    "Task",
    "TaskBaseline",
    "TaskKind",
    "Week",
    "WorkWeek",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A pause in a task's work: after so many working minutes of work, for so many working minutes."""

    after_minutes: Minutes
    pause_minutes: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task, milestone or (if others name it as parent) summary task."""

    uid: Uid
    name: Name = ""
    parent_uid: Uid | None = None
    position: float = 0.0
    """Order among the tasks of one parent, ascending; ties by uid."""
    duration_minutes: Minutes = 480
    """Working minutes of the task's calendar, or elapsed minutes when `duration_elapsed`. Summaries: derived."""
    duration_elapsed: bool = False
    kind: TaskKind = TaskKind.TASK
    milestone: bool = False
    """Shown as a milestone; a task of zero duration is one all the same."""
    constraint: ConstraintKind = ConstraintKind.ASAP
    constraint_date: WallTime | None = None
    second_constraint: ConstraintKind = ConstraintKind.ASAP
    second_constraint_date: WallTime | None = None
    expected_finish: WallTime | None = None
    """Where the work is expected to end: decides the remaining duration while not finished (P6)."""
    external_early_start: WallTime | None = None
    """What links from other projects ask for."""
    external_late_finish: WallTime | None = None
    deadline: WallTime | None = None
    calendar_uid: Uid | None = None
    ignore_resource_calendar: bool = False
    manual: bool = False
    """Keeps `manual_start` and `manual_finish` whatever links say."""
    manual_start: WallTime | None = None
    manual_finish: WallTime | None = None
    active: bool = True
    effort: EffortKind = EffortKind.FIXED_UNITS
    effort_driven: bool = False
    work_minutes: Minutes = 0
    percent_complete: Percent = 0
    physical_percent: Percent = 0
    percent_kind: PercentKind = PercentKind.DURATION
    actual_start: WallTime | None = None
    actual_finish: WallTime | None = None
    remaining_minutes: Minutes | None = None
    """Working minutes left; None: what percent complete leaves of the duration."""
    stop: WallTime | None = None
    resume: WallTime | None = None
    splits: tuple[Split, ...] = ()
    """Pauses, ascending by `after_minutes`."""
    priority: Annotated[int, Meta(ge=0, le=1000)] = 500
    leveling_delay_minutes: Minutes = 0
    """Elapsed minutes that levelling put before the start."""
    leveling_can_split: bool = True
    """Levelling that splits tasks may split this one."""
    duration_estimate: DurationEstimate | None = None
    crash: Crash | None = None
    rain_stops_work: bool = False
    fixed_cost: Decimal = Decimal(0)
    fixed_cost_accrual: Accrual = Accrual.PRORATED
    actual_cost: Decimal | None = None
    """What the task has cost so far, all in; None: reckoned from progress and rates."""
    notes: Text = ""
    code: Name = ""
    """The builder's own identifier (WBS code, activity id of P6)."""
    labels: Labels = ()
    """Words that people sort by; no file format but Nirman's own has them."""

    def __post_init__(self) -> None:
        _keep_set(self)
        undated = (ConstraintKind.ASAP, ConstraintKind.ALAP)
        check(
            self.constraint in undated or self.constraint_date is not None,
            f"constraint {self.constraint} needs a constraint_date",
        )
        check(
            self.second_constraint in undated or self.second_constraint_date is not None,
            f"second_constraint {self.second_constraint} needs a second_constraint_date",
        )
        check(self.parent_uid != self.uid, "a task must not be its own parent")
        check(
            self.actual_start is None or self.actual_finish is None or self.actual_start <= self.actual_finish,
            "actual_finish must not precede actual_start",
        )
        check(
            self.manual_start is None or self.manual_finish is None or self.manual_start <= self.manual_finish,
            "manual_finish must not precede manual_start",
        )
        for name, cost in (("fixed_cost", self.fixed_cost), ("actual_cost", self.actual_cost)):
            check_money(name, cost)
        done = -1
        for split in self.splits:
            check(split.after_minutes > done, "splits must ascend by after_minutes")
            done = split.after_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The successor waits for the predecessor. Lag is `lag_percent` of the predecessor's duration when that is set."""

    uid: Uid
    predecessor_uid: Uid
    successor_uid: Uid
    kind: LinkKind = LinkKind.FS
    lag_minutes: SignedMinutes = 0
    """Negative: a lead."""
    lag_elapsed: bool = False
    lag_percent: float | None = None
    overlap: Overlap | None = None
    """Of a finish-start link; None: the successor waits."""

    def __post_init__(self) -> None:
        check(self.predecessor_uid != self.successor_uid, "a task must not be linked to itself")
        check(self.overlap is None or self.kind is LinkKind.FS, "only a finish-start link may overlap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Who or what does the work; rates are in the project's currency an hour (material: a unit)."""

    uid: Uid
    name: Name = ""
    kind: ResourceKind = ResourceKind.WORK
    calendar_uid: Uid | None = None
    max_units: Units = 1.0
    availability: Annotated[tuple[Availability, ...], Meta(max_length=1_000)] = ()
    """Where it is not `max_units`: ascending, not overlapping."""
    can_level: bool = True
    """Levelling keeps what is asked of it within what there is."""
    skills: Labels = ()
    """What it can do: another with the same skills can stand in for it."""
    standard_rate: Decimal = Decimal(0)
    overtime_rate: Decimal = Decimal(0)
    cost_per_use: Decimal = Decimal(0)
    accrual: Accrual = Accrual.PRORATED
    initials: Name = ""
    group: Name = ""
    code: Name = ""
    email: Name = ""
    material_label: Name = ""
    notes: Text = ""
    labels: Labels = ()
    """As those of a task."""

    def __post_init__(self) -> None:
        _keep_set(self)
        _keep_set(self, "skills")
        for one, other in zip(self.availability, self.availability[1:], strict=False):
            check(
                one.finish is not None and other.start is not None and one.finish < other.start,
                "availabilities must ascend and not overlap",
            )
        check_money("a rate", self.standard_rate, self.overtime_rate, self.cost_per_use)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A resource on a task; `work_minutes` None: duration times units. `delay_minutes` are working minutes.

    `remaining_work_minutes` None: what the task's progress leaves. Costs are in the project's currency; None: reckoned
    from the resource's rates.
    """

    uid: Uid
    task_uid: Uid
    resource_uid: Uid
    units: Units = 1.0
    work_minutes: Minutes | None = None
    delay_minutes: Minutes = 0
    actual_work_minutes: Minutes | None = None
    remaining_work_minutes: Minutes | None = None
    actual_start: WallTime | None = None
    actual_finish: WallTime | None = None
    cost: Decimal | None = None
    actual_cost: Decimal | None = None

    def __post_init__(self) -> None:
        check_money("a cost", self.cost, self.actual_cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBaseline:
    """What a baseline keeps of one task; `cost` in the project's currency."""

    uid: Uid
    start: WallTime
    finish: WallTime
    duration_minutes: Minutes = 0
    work_minutes: Minutes = 0
    cost: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        check(self.start <= self.finish, "a baseline's finish must not precede its start")
        check_money("a cost", self.cost, most=MAX_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentBaseline:
    """What a baseline keeps of one assignment; without dates those of its task count."""

    uid: Uid
    start: WallTime | None = None
    finish: WallTime | None = None
    work_minutes: Minutes = 0
    cost: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        check(
            self.start is None or self.finish is None or self.start <= self.finish,
            "a baseline's finish must not precede its start",
        )
        check_money("a cost", self.cost, most=MAX_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Dates, work and cost as they were once; uid 0 is the baseline that earned value is measured against, of 0-10."""

    uid: BaselineUid
    name: Name = ""
    taken_at: WallTime | None = None
    tasks: tuple[TaskBaseline, ...] = ()
    """Ascending by uid; summaries too."""
    assignments: tuple[AssignmentBaseline, ...] = ()
    """Ascending by uid."""

    def __post_init__(self) -> None:
        for kept in (self.tasks, self.assignments):
            last = -1
            for record in kept:
                check(record.uid > last, "a baseline's tasks and assignments must ascend by uid")
                last = record.uid


Record = Project | Calendar | Task | Link | Resource | Assignment | Baseline | Risk

RECORDS: Mapping[Kind, type[Record]] = {
    Kind.PROJECT: Project,
    Kind.CALENDAR: Calendar,
    Kind.TASK: Task,
    Kind.LINK: Link,
    Kind.RESOURCE: Resource,
    Kind.ASSIGNMENT: Assignment,
    Kind.BASELINE: Baseline,
    Kind.RISK: Risk,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One project's plan; every mapping is by uid and never changed in place."""

    project: Project
    calendars: Mapping[int, Calendar] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    links: Mapping[int, Link] = field(default_factory=dict)
    resources: Mapping[int, Resource] = field(default_factory=dict)
    assignments: Mapping[int, Assignment] = field(default_factory=dict)
    baselines: Mapping[int, Baseline] = field(default_factory=dict)
    risks: Mapping[int, Risk] = field(default_factory=dict)
    next_uids: Mapping[Kind, int] = field(default_factory=dict, compare=False)
    """Uids never given before, by kind, so that a deleted record's uid does not return; absent: the highest plus 1."""

    def records(self, kind: Kind) -> Mapping[int, Record]:
        """All records of a kind by uid; the project is the only one of its kind, at 0."""
        return {0: self.project} if kind is Kind.PROJECT else getattr(self, COLLECTIONS[kind])

    def next_uid(self, kind: Kind) -> int:
        return max(self.next_uids.get(kind, 1), max(self.records(kind), default=0) + 1)


COLLECTIONS: Mapping[Kind, str] = {kind: f"{kind}s" for kind in Kind if kind is not Kind.PROJECT}
"""The attribute of `Plan` that holds the records of a kind."""


def _keep_set(record: Task | Resource, name: str = "labels") -> None:
    labels: Labels = getattr(record, name)
    if labels:
        check(all(label == label.strip() for label in labels), "a label neither begins nor ends with a space")
        object.__setattr__(record, name, tuple(sorted(set(labels))))
