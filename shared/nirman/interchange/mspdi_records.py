"""One record of an MS Project XML file as one of the plan's; what ties records together is `mspdi_reader`'s."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from nirman.interchange.mspdi_availability import read_availability
from nirman.interchange.mspdi_derived import DERIVED_PROJECT, DERIVED_RESOURCE
from nirman.interchange.mspdi_fields import ELAPSED_FORMATS, PERCENT_FORMATS, Fields
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Accrual,
    Assignment,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    PercentKind,
    Project,
    Resource,
    ResourceKind,
    ScheduleFrom,
    Task,
)

_CONSTRAINTS = dict(
    enumerate(
        (
            ConstraintKind.ASAP,
            ConstraintKind.ALAP,
            ConstraintKind.MSO,
            ConstraintKind.MFO,
            ConstraintKind.SNET,
            ConstraintKind.SNLT,
            ConstraintKind.FNET,
            ConstraintKind.FNLT,
        )
    )
)
_EFFORT = {0: EffortKind.FIXED_UNITS, 1: EffortKind.FIXED_DURATION, 2: EffortKind.FIXED_WORK}
_LINKS = {0: LinkKind.FF, 1: LinkKind.FS, 2: LinkKind.SF, 3: LinkKind.SS}
_RESOURCES = {0: ResourceKind.MATERIAL, 1: ResourceKind.WORK, 2: ResourceKind.COST}
ACCRUALS = {1: Accrual.START, 2: Accrual.END, 3: Accrual.PRORATED}
"""Of resources and of fixed costs; the schema has 2 and 3 of the latter the other way round, but what MS Project writes
where nobody chose anything is 3, and its own default is prorated.
"""
PERCENT_KINDS = {0: PercentKind.DURATION, 1: PercentKind.PHYSICAL}
_CURRENCIES = {"৳": "BDT", "Tk": "BDT", "$": "USD", "£": "GBP", "€": "EUR", "₹": "INR"}


def read_project(fields: Fields, *, title: str, start: datetime, calendar_uid: int) -> Project:
    finish = fields.instant("FinishDate")
    from_finish = not fields.flag("ScheduleFromStart", default=True) and finish is not None
    day = fields.integer("MinutesPerDay", 480, low=1, high=1440)
    project = Project(
        name=title or fields.text("Title") or fields.text("Name"),
        start=start,
        finish=finish if from_finish else None,
        schedule_from=ScheduleFrom.FINISH if from_finish else ScheduleFrom.START,
        calendar_uid=calendar_uid,
        status_date=fields.instant("StatusDate"),
        currency=_currency(fields),
        minutes_per_day=day,
        minutes_per_week=fields.integer("MinutesPerWeek", 2400, low=1, high=10_080),
        days_per_month=fields.integer("DaysPerMonth", 20, low=1, high=31),
        default_start_minute=_minute_of_day(fields, "DefaultStartTime", 480),
        default_finish_minute=_minute_of_day(fields, "DefaultFinishTime", 1020),
        # MS Project does not move what is not done to after the status date of its own accord.
        work_after_status_date=False,
        critical_slack_minutes=fields.integer("CriticalSlackLimit", 0, low=-9999, high=9999) * day,
        multiple_critical_paths=fields.flag("MultipleCriticalPaths"),
        new_tasks_effort_driven=fields.flag("NewTasksEffortDriven"),
    )
    fields.count_leftovers(DERIVED_PROJECT)
    return project


def read_task(fields: Fields, uid: int, parent: int | None, position: int) -> Task:
    constraint = fields.choice("ConstraintType", _CONSTRAINTS, ConstraintKind.ASAP)
    constraint_date = fields.instant("ConstraintDate")
    if constraint in (ConstraintKind.ASAP, ConstraintKind.ALAP):
        constraint_date = None
    elif constraint_date is None:
        fields.finding(Severity.ERROR, "no-constraint-date", f"constraint {constraint} must have a ConstraintDate")
        constraint = ConstraintKind.ASAP
    manual = fields.flag("Manual") or fields.flag("ExternalTask") or fields.flag("IsSubproject")
    started, finished = fields.instant("ActualStart"), fields.instant("ActualFinish")
    if started is not None and finished is not None and finished < started:
        fields.finding(Severity.ERROR, "bad-value", "ActualFinish must not precede ActualStart")
        finished = None
    start, finish = (_manual(fields, "Start"), _manual(fields, "Finish")) if manual else (None, None)
    if start is not None and finish is not None and finish < start:
        fields.finding(Severity.ERROR, "bad-value", "the finish of a manual task must not precede its start")
        finish = None
    if not fields.flag("Manual") and manual:
        fields.finding(
            Severity.WARNING, "external-task", "a task of another project keeps the dates it has in the file"
        )
    duration = fields.lasting("Duration")
    done = fields.lasting("ActualDuration")
    remaining = fields.lasting("RemainingDuration")
    number = fields.text("OutlineNumber")
    code = fields.text("WBS")
    return Task(
        uid=uid,
        name=fields.text("Name"),
        parent_uid=parent,
        position=float(position),
        duration_minutes=duration or 0,
        duration_elapsed=fields.integer("DurationFormat", 7, high=100) in ELAPSED_FORMATS,
        milestone=fields.flag("Milestone"),
        constraint=constraint,
        constraint_date=constraint_date,
        deadline=fields.instant("Deadline"),
        calendar_uid=fields.reference("CalendarUID"),
        ignore_resource_calendar=fields.flag("IgnoreResourceCalendar"),
        manual=manual,
        manual_start=start,
        manual_finish=finish,
        active=fields.flag("Active", default=True),
        effort=fields.choice("Type", _EFFORT, EffortKind.FIXED_UNITS),
        effort_driven=fields.flag("EffortDriven"),
        work_minutes=fields.lasting("Work") or 0,
        percent_complete=fields.integer("PercentComplete", 0, high=100),
        physical_percent=fields.integer("PhysicalPercentComplete", 0, high=100),
        percent_kind=fields.choice("EarnedValueMethod", PERCENT_KINDS, PercentKind.DURATION),
        actual_start=started,
        actual_finish=finished,
        remaining_minutes=_left(duration, done, remaining) if started and not finished else None,
        stop=fields.instant("Stop") if started else None,
        resume=fields.instant("Resume") if started and not finished else None,
        priority=fields.integer("Priority", 500, high=1000),
        leveling_delay_minutes=_leveling_delay(fields),
        leveling_can_split=fields.flag("LevelingCanSplit", default=True),
        fixed_cost=fields.decimal("FixedCost", Decimal(0)) / 100,
        fixed_cost_accrual=fields.choice("FixedCostAccrual", ACCRUALS, Accrual.PRORATED),
        notes=fields.text("Notes", 32_000),
        code="" if code == number else code,
    )


def read_link(fields: Fields, owner: Fields, uid: int, successor: int) -> Link | None:
    """None, with the reason as a finding of the `owner` (the successor), when the plan cannot have the link."""
    fields.uid = owner.uid
    predecessor = fields.reference("PredecessorUID")
    kind = fields.choice("Type", _LINKS, LinkKind.FS)
    if fields.flag("CrossProject") or predecessor is None:
        other = fields.text("CrossProjectName") or "another project"
        owner.finding(Severity.WARNING, "cross-project-link", f"the link from {other} is left out")
        return None
    if predecessor == successor:
        owner.finding(Severity.ERROR, "link-to-itself", "a task must not be linked to itself")
        return None
    units = fields.integer("LagFormat", 7, high=100)
    percent = units in PERCENT_FORMATS
    link = Link(
        uid=uid,
        predecessor_uid=predecessor,
        successor_uid=successor,
        kind=kind,
        lag_minutes=0 if percent else fields.tenths("LinkLag"),
        lag_elapsed=units in ELAPSED_FORMATS,
        lag_percent=float(fields.integer("LinkLag", 0, low=-1_000_000, high=1_000_000)) if percent else None,
    )
    fields.count_leftovers()
    return link


def read_resource(fields: Fields, uid: int) -> Resource:
    kind = fields.choice("Type", _RESOURCES, ResourceKind.WORK)
    max_units = fields.units("MaxUnits")
    resource = Resource(
        uid=uid,
        name=fields.text("Name"),
        kind=ResourceKind.COST if fields.flag("IsCostResource") else kind,
        calendar_uid=fields.reference("CalendarUID"),
        max_units=max_units,
        availability=read_availability(fields, max_units),
        can_level=fields.flag("CanLevel", default=True),
        standard_rate=fields.decimal("StandardRate", Decimal(0)),
        overtime_rate=fields.decimal("OvertimeRate", Decimal(0)),
        cost_per_use=fields.decimal("CostPerUse", Decimal(0)) / 100,
        accrual=fields.choice("AccrueAt", ACCRUALS, Accrual.PRORATED),
        initials=fields.text("Initials"),
        group=fields.text("Group"),
        code=fields.text("Code"),
        email=fields.text("EmailAddress"),
        material_label=fields.text("MaterialLabel"),
        notes=fields.text("Notes", 32_000),
    )
    fields.count_leftovers(DERIVED_RESOURCE)
    return resource


def read_assignment(fields: Fields, uid: int, task: int, resource: int) -> Assignment:
    return Assignment(
        uid=uid,
        task_uid=task,
        resource_uid=resource,
        units=fields.units("Units"),
        work_minutes=fields.lasting("Work"),
        delay_minutes=_delay(fields),
    )


def _delay(fields: Fields) -> int:
    minutes = fields.tenths("Delay") + fields.tenths("LevelingDelay")
    if minutes < 0:
        fields.finding(Severity.WARNING, "negative", "Delay and LevelingDelay are negative together and count as 0")
    return min(max(0, minutes), 52_560_000)


def _left(duration: int | None, done: int | None, remaining: int | None) -> int | None:
    """Some writers leave out a zero: what is left is then what is not done. None: the file says neither."""
    if remaining is None and done is not None:
        remaining = (duration or 0) - done
    return None if remaining is None else max(0, remaining)


def _leveling_delay(fields: Fields) -> int:
    """MS Project delays tasks by less than nothing where it levels a plan that is scheduled from its finish."""
    minutes = fields.tenths("LevelingDelay")
    if minutes < 0:
        text = f"levelling made it {-minutes} minutes earlier, in a plan that is scheduled from its finish: not kept"
        fields.finding(Severity.WARNING, "earlier-by-levelling", text)
    return max(0, minutes)


def _manual(fields: Fields, name: str) -> datetime | None:
    return fields.instant(name) or fields.instant(f"Manual{name}")


def _currency(fields: Fields) -> str:
    code = fields.text("CurrencyCode").upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    return _CURRENCIES.get(fields.text("CurrencySymbol"), "BDT")


def _minute_of_day(fields: Fields, name: str, default: int) -> int:
    parts = fields.text(name).split(":")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return default
    return min(1440, int(parts[0]) * 60 + int(parts[1]))
