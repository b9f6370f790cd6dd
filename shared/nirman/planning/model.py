"""The plan: what people edit, and what the engine schedules.

All instants are naive wall time of the project's place (as MS Project and P6 keep them); durations and lags are whole
minutes, working minutes unless a field says elapsed. Every record is immutable; a change makes a new record.
Fields are the wire format too: the API, the events and the snapshots use these names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from nirman.planning.estimates import Availability, Crash, DurationEstimate, Overlap, Risk
from nirman.planning.fields import (
    BaselineUid,
    Labels,
    MinuteOfDay,
    Minutes,
    Name,
    Percent,
    SignedMinutes,
    Text,
    Uid,
    Units,
    WallTime,
)
from nirman.planning.fields import check as _check

Shift = tuple[MinuteOfDay, MinuteOfDay]
"""Half-open working time of one day, in minutes after midnight; a night shift is two, one on each day."""
DayShifts = tuple[Shift, ...]
"""The working time of a day, ascending, not touching; empty: a day off."""
Day = DayShifts | None
"""None: as the calendar it is based on has it."""
Week = tuple[Day, Day, Day, Day, Day, Day, Day]
"""Monday to Sunday."""


class Kind(StrEnum):
    """What a change can concern."""

    PROJECT = "project"
    CALENDAR = "calendar"
    TASK = "task"
    LINK = "link"
    RESOURCE = "resource"
    ASSIGNMENT = "assignment"
    BASELINE = "baseline"
    RISK = "risk"


class Rules(StrEnum):
    """Whose rules decide where tools differ: those of Microsoft Project or of Oracle Primavera P6."""

    MICROSOFT = "microsoft"
    PRIMAVERA = "primavera"


class LagCalendar(StrEnum):
    """In whose working time a lag runs; `ELAPSED` is the 24-hour calendar."""

    PREDECESSOR = "predecessor"
    SUCCESSOR = "successor"
    PROJECT = "project"
    ELAPSED = "elapsed"


class ProgressLogic(StrEnum):
    """How the remaining work of a task that started before its predecessors ended is placed (P6).

    Retained logic waits for them; progress override does not; actual dates only lets what has happened count.
    """

    RETAINED_LOGIC = "retained_logic"
    PROGRESS_OVERRIDE = "progress_override"
    ACTUAL_DATES = "actual_dates"


class CriticalBy(StrEnum):
    """What makes a task critical: its total slack, or that it is on the longest path to the project's finish."""

    TOTAL_SLACK = "total_slack"
    LONGEST_PATH = "longest_path"


class SlackKind(StrEnum):
    """Total slack is late less early start, late less early finish, or the lesser of the two."""

    START = "start"
    FINISH = "finish"
    LEAST = "least"


class TaskKind(StrEnum):
    """What a task is; summaries are known by their children.

    `RESOURCE_DEPENDENT` works when its resources do; `LEVEL_OF_EFFORT` (hammock) spans what it is linked to and drives
    nothing; `WBS_SUMMARY` spans its siblings below the same summary; a start milestone stands at a morning, a finish
    milestone at an evening.
    """

    TASK = "task"
    RESOURCE_DEPENDENT = "resource_dependent"
    LEVEL_OF_EFFORT = "level_of_effort"
    WBS_SUMMARY = "wbs_summary"
    START_MILESTONE = "start_milestone"
    FINISH_MILESTONE = "finish_milestone"


class PercentKind(StrEnum):
    """Which percent complete speaks for a task: of its duration, of its units (work), or a physical measure."""

    DURATION = "duration"
    UNITS = "units"
    PHYSICAL = "physical"


class Accrual(StrEnum):
    """When a cost is incurred."""

    START = "start"
    PRORATED = "prorated"
    END = "end"


class ConstraintKind(StrEnum):
    """As soon/late as possible; start/finish no earlier/later than; must start/finish on; start/finish on.

    "Must" wins over links (P6: mandatory); "on" asks for the day and yields to links, which then show as negative
    slack (P6: Start On, Finish On).
    """

    ASAP = "ASAP"
    ALAP = "ALAP"
    SNET = "SNET"
    SNLT = "SNLT"
    FNET = "FNET"
    FNLT = "FNLT"
    MSO = "MSO"
    MFO = "MFO"
    SO = "SO"
    FO = "FO"


class LinkKind(StrEnum):
    """Finish-start, start-start, finish-finish, start-finish."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class EffortKind(StrEnum):
    """What stays when the other two of units, duration and work must agree."""

    FIXED_UNITS = "fixed_units"
    FIXED_DURATION = "fixed_duration"
    FIXED_WORK = "fixed_work"


class ResourceKind(StrEnum):
    WORK = "work"
    MATERIAL = "material"
    COST = "cost"


class RecurrenceKind(StrEnum):
    """How an exception returns: `*_position` is "the third Friday", the others by day number."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly_day"
    MONTHLY_POSITION = "monthly_position"
    YEARLY_DAY = "yearly_day"
    YEARLY_POSITION = "yearly_position"


class ScheduleFrom(StrEnum):
    START = "start"
    FINISH = "finish"


def _keep_set(record: Task | Resource, name: str = "labels") -> None:
    labels: Labels = getattr(record, name)
    if labels:
        _check(all(label == label.strip() for label in labels), "a label neither begins nor ends with a space")
        object.__setattr__(record, name, tuple(sorted(set(labels))))


def _check_shifts(shifts: DayShifts) -> None:
    previous = -1
    for start, finish in shifts:
        _check(start < finish, "a shift's start must be before its finish")
        _check(start > previous, "shifts must ascend and not touch")
        previous = finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How an exception returns within its range of dates.

    `interval`: every n days, weeks, months. `weekdays`: Monday 0 to Sunday 6. `day`: of the month, 1-31.
    `position`: 1-4, or 5 for the last. `month`: 1-12. Fields a kind does not use are ignored.
    """

    kind: RecurrenceKind
    interval: Annotated[int, Meta(ge=1, le=9999)] = 1
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = ()
    day: Annotated[int, Meta(ge=1, le=31)] = 1
    position: Annotated[int, Meta(ge=1, le=5)] = 1
    month: Annotated[int, Meta(ge=1, le=12)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """Days from `start` to `finish`, both included, that do not follow the week; no shifts: days off."""

    start: date
    finish: date
    name: Name = ""
    shifts: DayShifts = ()
    recurrence: Recurrence | None = None
    estimated: bool = False
    """Moon-dated and not confirmed yet."""

    def __post_init__(self) -> None:
        _check(self.start <= self.finish, "an exception's finish must not precede its start")
        _check_shifts(self.shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWeek:
    """Another week from `start` to `finish`, both included; a day that is None follows the calendar's own week."""

    start: date
    finish: date
    name: Name = ""
    week: Week = (None,) * 7

    def __post_init__(self) -> None:
        _check(self.start <= self.finish, "a work week's finish must not precede its start")
        for day in self.week:
            _check_shifts(day or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working time. A day of `week` that is None is the base calendar's (without a base: a day off)."""

    uid: Uid
    name: Name
    base_uid: Uid | None = None
    week: Week = (None,) * 7
    exceptions: tuple[CalendarException, ...] = ()
    work_weeks: tuple[WorkWeek, ...] = ()

    def __post_init__(self) -> None:
        _check(self.base_uid != self.uid, "a calendar must not be its own base")
        for day in self.week:
            _check_shifts(day or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Settings of the whole plan; its uid is always 0."""

    uid: Uid = 0
    name: Name = ""
    start: WallTime
    finish: WallTime | None = None
    """Needed, and scheduled back from, when `schedule_from` is finish."""
    schedule_from: ScheduleFrom = ScheduleFrom.START
    calendar_uid: Uid = 1
    status_date: WallTime | None = None
    time_zone: Name = "Asia/Dhaka"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "BDT"
    minutes_per_day: Annotated[int, Meta(ge=1, le=1440)] = 480
    minutes_per_week: Annotated[int, Meta(ge=1, le=10080)] = 2400
    days_per_month: Annotated[int, Meta(ge=1, le=31)] = 20
    default_start_minute: MinuteOfDay = 480
    default_finish_minute: MinuteOfDay = 1020
    critical_slack_minutes: SignedMinutes = 0
    """A task is critical when its total slack is at most this."""
    honor_constraints: bool = True
    """Constraint dates win over links (MS Project's "tasks will always honor their constraint dates")."""
    multiple_critical_paths: bool = False
    rules: Rules = Rules.MICROSOFT
    lag_calendar: LagCalendar | None = None
    """None: as the rules have it (Microsoft: successor, Primavera: predecessor)."""
    progress_logic: ProgressLogic = ProgressLogic.RETAINED_LOGIC
    start_lag_from_early_start: bool = True
    """A start-start lag of a started predecessor runs from where its remaining work starts early, else from its actual
    start (P6: compute start to start lag from)."""
    work_after_status_date: bool = True
    """Work that is not done is never scheduled before the status date. Primavera's rules always do so."""
    critical_by: CriticalBy = CriticalBy.TOTAL_SLACK
    slack_kind: SlackKind | None = None
    """None: as the rules have it (Microsoft: least, Primavera: finish)."""
    open_ends_critical: bool = False
    """A task without successors may finish no later than it does early (P6: make open-ended activities critical)."""
    use_expected_finish: bool = True
    """Expected finish dates decide remaining durations."""
    must_finish: WallTime | None = None
    """Late dates are counted from here instead of the early finish of the plan (P6: project must finish by)."""
    new_tasks_effort_driven: bool = False
    rain_days: Annotated[tuple[Annotated[float, Meta(ge=0, le=31)], ...], Meta(max_length=12)] = ()
    """Working days that rain takes on average, January to December; empty: not known."""
    indirect_cost_per_day: Decimal = Decimal(0)
    """What each day costs that the project lasts, its site and overheads."""
    delay_damages_per_day: Decimal = Decimal(0)
    """What each day after `must_finish` costs by the contract (liquidated damages)."""

    def __post_init__(self) -> None:
        _check(
            self.schedule_from is ScheduleFrom.START or self.finish is not None,
            "a project scheduled from its finish must have a finish",
        )
        _check(len(self.rain_days) in (0, 12), "rain_days must have one number for each month, or none")
        for cost in (self.indirect_cost_per_day, self.delay_damages_per_day):
            _check(cost.is_finite() and cost >= 0, "a cost a day must be a number, not negative")


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
        _check(
            self.constraint in undated or self.constraint_date is not None,
            f"constraint {self.constraint} needs a constraint_date",
        )
        _check(
            self.second_constraint in undated or self.second_constraint_date is not None,
            f"second_constraint {self.second_constraint} needs a second_constraint_date",
        )
        _check(self.parent_uid != self.uid, "a task must not be its own parent")
        _check(
            self.actual_start is None or self.actual_finish is None or self.actual_start <= self.actual_finish,
            "actual_finish must not precede actual_start",
        )
        _check(
            self.manual_start is None or self.manual_finish is None or self.manual_start <= self.manual_finish,
            "manual_finish must not precede manual_start",
        )
        for name, cost in (("fixed_cost", self.fixed_cost), ("actual_cost", self.actual_cost)):
            _check(cost is None or cost.is_finite(), f"{name} must be a finite number")
        done = -1
        for split in self.splits:
            _check(split.after_minutes > done, "splits must ascend by after_minutes")
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
        _check(self.predecessor_uid != self.successor_uid, "a task must not be linked to itself")
        _check(self.overlap is None or self.kind is LinkKind.FS, "only a finish-start link may overlap")


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
            _check(
                one.finish is not None and other.start is not None and one.finish < other.start,
                "availabilities must ascend and not overlap",
            )
        for rate in (self.standard_rate, self.overtime_rate, self.cost_per_use):
            _check(rate.is_finite(), "a rate must be a finite number")


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
        for cost in (self.cost, self.actual_cost):
            _check(cost is None or cost.is_finite(), "a cost must be a finite number")


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
        _check(self.start <= self.finish, "a baseline's finish must not precede its start")
        _check(self.cost.is_finite(), "a cost must be a finite number")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentBaseline:
    """What a baseline keeps of one assignment; without dates those of its task count."""

    uid: Uid
    start: WallTime | None = None
    finish: WallTime | None = None
    work_minutes: Minutes = 0
    cost: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        _check(
            self.start is None or self.finish is None or self.start <= self.finish,
            "a baseline's finish must not precede its start",
        )
        _check(self.cost.is_finite(), "a cost must be a finite number")


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
                _check(record.uid > last, "a baseline's tasks and assignments must ascend by uid")
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
