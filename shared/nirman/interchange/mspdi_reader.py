"""MS Project XML (MSPDI) of the versions 2003 to 2019 and later, and what others write in its name, to a plan.

What the plan does not keep is counted in the findings, element by element. What the engine computes itself (dates of
tasks that are not manual, slack, what is critical) is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from lxml import etree

from nirman.errors import InvalidPlanError
from nirman.interchange.mspdi_calendars import CalendarRecord, read_calendar
from nirman.interchange.mspdi_derived import DERIVED_ASSIGNMENT, DERIVED_PROJECT, DERIVED_RESOURCE, DERIVED_TASK
from nirman.interchange.mspdi_fields import ELAPSED_FORMATS, PERCENT_FORMATS, Fields, Report
from nirman.interchange.result import ImportResult
from nirman.interchange.safe_xml import MAX_BYTES, local_name, records
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    EffortKind,
    Link,
    LinkKind,
    Plan,
    Project,
    Resource,
    ResourceKind,
    ScheduleFrom,
    Task,
)
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

_NAMESPACES = ("http://schemas.microsoft.com/project", "http://schemas.microsoft.com/office/project")
_RECORDS = {"Calendars": "Calendar", "Tasks": "Task", "Resources": "Resource", "Assignments": "Assignment"}
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
_MAX_MOVED = 50
"""Tasks named one by one when the file's dates differ from the schedule's; beyond, their number."""
_CURRENCIES = {"৳": "BDT", "Tk": "BDT", "$": "USD", "£": "GBP", "€": "EUR", "₹": "INR"}


def read_mspdi(data: bytes, *, max_bytes: int = MAX_BYTES) -> ImportResult:
    """`UnreadableFileError` when the file is refused as a whole; findings with the line for all else that is wrong."""
    reader = _Reader()
    for element in records(data, root="Project", namespaces=_NAMESPACES, max_bytes=max_bytes):
        reader.take(element)
    return reader.result()


class _Reader:
    def __init__(self) -> None:
        self.report = Report()
        self.project = etree.Element("Project")
        self.calendars: dict[int, CalendarRecord] = {}
        self.tasks: dict[int, Task] = {}
        self.links: dict[int, Link] = {}
        self.resources: dict[int, Resource] = {}
        self.assignments: dict[int, Assignment] = {}
        self.fields: dict[tuple[str, int], Fields] = {}
        self.title = ""
        self.starts: list[datetime] = []
        self.stored: dict[int, tuple[datetime, datetime]] = {}
        self.levels: list[tuple[int, int | None]] = []
        self.skipped: dict[str, int] = {}

    def take(self, element: etree._Element) -> None:
        """One child or grandchild of the root."""
        parent = element.getparent()
        if parent is None:
            return
        name, above = local_name(element), local_name(parent)
        if parent.getparent() is None:
            if not len(element) and name not in _RECORDS:
                etree.SubElement(self.project, name).text = element.text
            return
        if _RECORDS.get(above) != name:
            self.report.dropped[f"{above}/{name}"] += 1
            return
        fields = Fields(element, self.report, name)
        match name:
            case "Calendar":
                self._calendar(fields)
            case "Task":
                self._task(fields)
            case "Resource":
                self._resource(fields)
            case _:
                self._assignment(fields)

    def _new(self, fields: Fields, taken: Iterable[int]) -> int | None:
        """The record's uid, if it has one that no other record of its kind has."""
        if fields.uid is None:
            fields.finding(Severity.ERROR, "no-uid", f"a {fields.kind.lower()} must have a UID")
            return None
        if fields.uid in taken:
            first = self.fields[fields.kind, fields.uid].line
            fields.finding(
                Severity.ERROR, "duplicate-uid", f"UID {fields.uid} is already that of the one on line {first}"
            )
            return None
        self.fields[fields.kind, fields.uid] = fields
        return fields.uid

    def _calendar(self, fields: Fields) -> None:
        if self._new(fields, self.calendars) is not None:
            record = read_calendar(fields)
            if record is not None:
                self.calendars[record.calendar.uid] = record

    def _task(self, fields: Fields) -> None:
        if fields.flag("IsNull"):
            self._skip("blank-row", "a blank row is left out")
            return
        level = fields.integer("OutlineLevel", 1, high=65_535)
        if level == 0 and (fields.uid == 0 or fields.integer("ID", 0) == 0):
            self.title = fields.text("Name")
            start = fields.instant("Start")
            if start is not None:
                self.starts.append(start)
            return
        uid = self._new(fields, self.tasks)
        if uid is None:
            return
        while self.levels and self.levels[-1][0] >= level:
            self.levels.pop()
        parent = self.levels[-1][1] if self.levels else None
        self.levels.append((level, uid))
        task = _read_task(fields, uid, parent, len(self.tasks) + 1)
        start, finish = fields.instant("Start"), fields.instant("Finish")
        if start is not None:
            self.starts.append(start)
        if start is not None and finish is not None:
            self.stored[uid] = (start, finish)
        self.tasks[uid] = task
        for element in fields.nested("PredecessorLink"):
            self._link(Fields(element, self.report, "PredecessorLink"), fields, uid)
        fields.count_leftovers(DERIVED_TASK)

    def _link(self, fields: Fields, owner: Fields, successor: int) -> None:
        fields.uid = owner.uid
        predecessor = fields.reference("PredecessorUID")
        kind = fields.choice("Type", _LINKS, LinkKind.FS)
        if fields.flag("CrossProject") or predecessor is None:
            other = fields.text("CrossProjectName") or "another project"
            owner.finding(Severity.WARNING, "cross-project-link", f"the link from {other} is left out")
            return
        if predecessor == successor:
            owner.finding(Severity.ERROR, "link-to-itself", "a task must not be linked to itself")
            return
        units = fields.integer("LagFormat", 7, high=100)
        percent = units in PERCENT_FORMATS
        uid = len(self.links) + 1
        self.links[uid] = Link(
            uid=uid,
            predecessor_uid=predecessor,
            successor_uid=successor,
            kind=kind,
            lag_minutes=0 if percent else fields.tenths("LinkLag"),
            lag_elapsed=units in ELAPSED_FORMATS,
            lag_percent=float(fields.integer("LinkLag", 0, low=-1_000_000, high=1_000_000)) if percent else None,
        )
        self.fields["Link", uid] = owner
        fields.count_leftovers()

    def _resource(self, fields: Fields) -> None:
        if fields.flag("IsNull"):
            self._skip("blank-row", "a blank row is left out")
            return
        if fields.uid == 0 and not fields.text("Name"):
            return  # what MS Project keeps for work that nobody is assigned to
        uid = self._new(fields, self.resources)
        if uid is None:
            return
        kind = fields.choice("Type", _RESOURCES, ResourceKind.WORK)
        self.resources[uid] = Resource(
            uid=uid,
            name=fields.text("Name"),
            kind=ResourceKind.COST if fields.flag("IsCostResource") else kind,
            calendar_uid=fields.reference("CalendarUID"),
            max_units=float(min(max(fields.decimal("MaxUnits", Decimal(1)), Decimal(0)), Decimal(1_000_000))),
            standard_rate=fields.decimal("StandardRate", Decimal(0)),
            overtime_rate=fields.decimal("OvertimeRate", Decimal(0)),
            cost_per_use=fields.decimal("CostPerUse", Decimal(0)) / 100,
            initials=fields.text("Initials"),
            group=fields.text("Group"),
            code=fields.text("Code"),
            email=fields.text("EmailAddress"),
            material_label=fields.text("MaterialLabel"),
            notes=fields.text("Notes", 32_000),
        )
        fields.count_leftovers(DERIVED_RESOURCE)

    def _assignment(self, fields: Fields) -> None:
        task, resource = fields.reference("TaskUID"), fields.reference("ResourceUID")
        if resource is None:
            self._skip("unassigned-work", "an assignment to no resource is left out: its work is the task's own")
            return
        uid = self._new(fields, self.assignments)
        if uid is None:
            return
        if task is None:
            fields.finding(Severity.WARNING, "assignment-to-nowhere", "it names no task and is left out")
            return
        units = fields.decimal("Units", Decimal(1))
        if fields.integer("WorkContour", 0, high=8):
            fields.finding(Severity.WARNING, "contour", "its work is spread evenly: contours are not kept")
        self.assignments[uid] = Assignment(
            uid=uid,
            task_uid=task,
            resource_uid=resource,
            units=float(min(max(units, Decimal(0)), Decimal(1_000_000))),
            work_minutes=fields.duration("Work"),
            delay_minutes=min(max(0, fields.tenths("Delay") + fields.tenths("LevelingDelay")), 52_560_000),
        )
        fields.count_leftovers(DERIVED_ASSIGNMENT)

    def _skip(self, rule: str, text: str) -> None:
        self.skipped[rule] = self.skipped.get(rule, 0) + 1
        if self.skipped[rule] == 1:
            self.report.add(Severity.INFO, rule, text)

    def result(self) -> ImportResult:
        project = self._project()
        self._check_calendars(project)
        self._check_links()
        self._check_assignments()
        if self.report.failed or project is None:
            return ImportResult(None, self.report.all_findings())
        plan = Plan(
            project=project,
            calendars={uid: record.calendar for uid, record in self.calendars.items()},
            tasks=self.tasks,
            links=self.links,
            resources=self.resources,
            assignments=self.assignments,
        )
        try:
            self._compare(plan, schedule_plan(plan))
        except InvalidPlanError as error:
            uid = error.uids[0] if error.uids else None
            place = self.fields["Task", uid].place if uid is not None else error.place
            self.report.add(Severity.ERROR, "impossible-plan", error.rule, place=place, uid=uid)
            return ImportResult(None, self.report.all_findings())
        return ImportResult(plan, self.report.all_findings())

    def _compare(self, plan: Plan, schedule: Schedule) -> None:
        """A task that the engine puts elsewhere than the file had it is reported, so that nothing moves unseen."""
        calendars = Calendars(plan.calendars)
        moved = 0
        for uid, stored in self.stored.items():
            dates, task = schedule[uid], plan.tasks[uid]
            now = (dates.start, dates.finish)
            if dates.summary or not task.active or stored == now:
                continue
            calendar = plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid
            between = calendars.working_time(calendar).between
            # The end of a day and the start of the next are the same to work.
            if not any(between(to_minutes(had), to_minutes(has)) for had, has in zip(stored, now, strict=True)):
                continue
            moved += 1
            if moved <= _MAX_MOVED:
                text = f"the file has {_period(*stored)}, the schedule {_period(*now)}"
                self.fields["Task", uid].finding(Severity.WARNING, "dates-moved", text)
        if moved > _MAX_MOVED:
            self.report.add(Severity.WARNING, "dates-moved", f"{moved} tasks have other dates than in the file")

    def _project(self) -> Project | None:
        fields = Fields(self.project, self.report, "Project")
        start = fields.instant("StartDate") or min(self.starts, default=None) or fields.instant("CreationDate")
        finish = fields.instant("FinishDate")
        from_finish = not fields.flag("ScheduleFromStart", default=True) and finish is not None
        if start is None:
            self.report.add(Severity.ERROR, "no-start", "the project must have a StartDate", place="Project")
            return None
        day = fields.integer("MinutesPerDay", 480, low=1, high=1440)
        project = Project(
            name=self.title or fields.text("Title") or fields.text("Name"),
            start=start,
            finish=finish if from_finish else None,
            schedule_from=ScheduleFrom.FINISH if from_finish else ScheduleFrom.START,
            calendar_uid=self._project_calendar(fields),
            status_date=fields.instant("StatusDate"),
            currency=_currency(fields),
            minutes_per_day=day,
            minutes_per_week=fields.integer("MinutesPerWeek", 2400, low=1, high=10_080),
            days_per_month=fields.integer("DaysPerMonth", 20, low=1, high=31),
            default_start_minute=_minute_of_day(fields, "DefaultStartTime", 480),
            default_finish_minute=_minute_of_day(fields, "DefaultFinishTime", 1020),
            critical_slack_minutes=fields.integer("CriticalSlackLimit", 0, low=-9999, high=9999) * day,
            multiple_critical_paths=fields.flag("MultipleCriticalPaths"),
            new_tasks_effort_driven=fields.flag("NewTasksEffortDriven"),
        )
        fields.count_leftovers(DERIVED_PROJECT)
        return project

    def _project_calendar(self, fields: Fields) -> int:
        wanted = fields.reference("CalendarUID")
        if wanted is not None and wanted in self.calendars:
            return wanted
        base = next((uid for uid, record in self.calendars.items() if record.is_base), None)
        if base is None:
            base = max(self.calendars, default=0) + 1
            self.calendars[base] = CalendarRecord(_standard(base), is_base=True, fields=fields)
        text = f"the project's calendar {wanted} is not in the file" if wanted else "the project names no calendar"
        self.report.add(
            Severity.WARNING,
            "calendar-to-nowhere",
            f'{text}: "{self.calendars[base].calendar.name}" is taken',
            place="Project",
        )
        return base

    def _check_calendars(self, project: Project | None) -> None:
        """Calendars that are named but are not there give way to what counts without them, and this is said."""
        for uid, record in list(self.calendars.items()):
            base = record.calendar.base_uid
            if base is not None and (base == uid or base not in self.calendars):
                instead = project.calendar_uid if project is not None and project.calendar_uid != uid else None
                record.fields.finding(
                    Severity.WARNING,
                    "calendar-to-nowhere",
                    f"its base calendar {base} is not in the file: "
                    + ("its own days are all it has" if instead is None else "the project's calendar is taken"),
                )
                self.calendars[uid] = replace(record, calendar=replace(record.calendar, base_uid=instead))
        for uid, task in list(self.tasks.items()):
            if task.calendar_uid is not None and task.calendar_uid not in self.calendars:
                self._calendar_nowhere("Task", uid, task.calendar_uid)
                self.tasks[uid] = replace(task, calendar_uid=None)
        for uid, resource in list(self.resources.items()):
            if resource.calendar_uid is not None and resource.calendar_uid not in self.calendars:
                self._calendar_nowhere("Resource", uid, resource.calendar_uid)
                self.resources[uid] = replace(resource, calendar_uid=None)

    def _calendar_nowhere(self, kind: str, uid: int, calendar: int) -> None:
        self.fields[kind, uid].finding(
            Severity.WARNING,
            "calendar-to-nowhere",
            f"its calendar {calendar} is not in the file: the project's is taken",
        )

    def _check_links(self) -> None:
        for uid, link in self.links.items():
            if link.predecessor_uid not in self.tasks:
                self.fields["Link", uid].finding(
                    Severity.ERROR, "link-to-nowhere", f"its predecessor {link.predecessor_uid} is not in the file"
                )

    def _check_assignments(self) -> None:
        for uid, assignment in list(self.assignments.items()):
            missing = [
                f"{kind} {named}"
                for kind, named, there in (
                    ("task", assignment.task_uid, self.tasks),
                    ("resource", assignment.resource_uid, self.resources),
                )
                if named not in there
            ]
            # UID 0 are the project summary task and the resource for work that nobody is assigned to.
            if missing and 0 not in (assignment.task_uid, assignment.resource_uid):
                self.fields["Assignment", uid].finding(
                    Severity.WARNING,
                    "assignment-to-nowhere",
                    f"{' and '.join(missing)} not in the file: the assignment is left out",
                )
            if missing:
                del self.assignments[uid]
            else:
                self.assignments[uid] = _as_duration(assignment, self.tasks[assignment.task_uid])


def _as_duration(assignment: Assignment, task: Task) -> Assignment:
    """Work that is the duration times the units is left open, so that it follows the duration when that changes."""
    if assignment.work_minutes == round(task.duration_minutes * assignment.units):
        return replace(assignment, work_minutes=None)
    return assignment


def _read_task(fields: Fields, uid: int, parent: int | None, position: int) -> Task:
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
    duration = fields.duration("Duration")
    done = fields.duration("ActualDuration")
    remaining = fields.duration("RemainingDuration")
    number = fields.text("OutlineNumber")
    code = fields.text("WBS")
    return Task(
        uid=uid,
        name=fields.text("Name"),
        parent_uid=parent,
        position=float(position),
        duration_minutes=max(0, duration or 0),
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
        work_minutes=max(0, fields.duration("Work") or 0),
        percent_complete=fields.integer("PercentComplete", 0, high=100),
        physical_percent=fields.integer("PhysicalPercentComplete", 0, high=100),
        actual_start=started,
        actual_finish=finished,
        remaining_minutes=max(0, remaining) if remaining is not None and (done or started) and not finished else None,
        stop=fields.instant("Stop") if started else None,
        resume=fields.instant("Resume") if started and not finished else None,
        priority=fields.integer("Priority", 500, high=1000),
        leveling_delay_minutes=max(0, fields.tenths("LevelingDelay")),
        fixed_cost=fields.decimal("FixedCost", Decimal(0)) / 100,
        notes=fields.text("Notes", 32_000),
        code="" if code == number else code,
    )


def _manual(fields: Fields, name: str) -> datetime | None:
    return fields.instant(name) or fields.instant(f"Manual{name}")


def _period(start: datetime, finish: datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M} to {finish:%Y-%m-%d %H:%M}"


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


def _standard(uid: int) -> Calendar:
    """Monday to Friday, eight to five: what MS Project itself begins with."""
    day = ((480, 720), (780, 1020))
    return Calendar(uid=uid, name="Standard", week=(day, day, day, day, day, (), ()))
