"""MS Project XML (MSPDI) of the versions 2003 to 2019 and later, and what others write in its name, to a plan.

What the plan does not keep is counted in the findings, element by element. What the engine computes itself (dates of
tasks that are not manual, slack, what is critical) is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from lxml import etree

from nirman.errors import InvalidPlanError
from nirman.interchange.mspdi_baselines import Baselines
from nirman.interchange.mspdi_calendars import CalendarRecord, read_calendar
from nirman.interchange.mspdi_costs import StoredCosts
from nirman.interchange.mspdi_derived import DERIVED_ASSIGNMENT, DERIVED_TASK
from nirman.interchange.mspdi_fields import Fields, Report
from nirman.interchange.mspdi_honor import honors_constraints
from nirman.interchange.mspdi_records import read_assignment, read_link, read_project, read_resource, read_task
from nirman.interchange.mspdi_splits import Spread, hours_of, read_spread, with_pauses, worked_by
from nirman.interchange.result import ImportResult
from nirman.interchange.safe_xml import MAX_BYTES, local_name, records
from nirman.planning.costs import UNIT_MINUTES
from nirman.planning.findings import Severity
from nirman.planning.model import Assignment, Calendar, Link, Plan, Project, Resource, ResourceKind, Task
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

_NAMESPACES = ("http://schemas.microsoft.com/project", "http://schemas.microsoft.com/office/project")
_RECORDS = {"Calendars": "Calendar", "Tasks": "Task", "Resources": "Resource", "Assignments": "Assignment"}
_MAX_MOVED = 50
"""Tasks named one by one when the file's dates differ from the schedule's; beyond, their number."""


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
        self.baselines = Baselines()
        self.costs = StoredCosts()
        self.spreads: dict[int, list[Spread]] = {}
        self.fields: dict[tuple[str, int], Fields] = {}
        self.title = ""
        self.starts: list[datetime] = []
        self.stored: dict[int, tuple[datetime, datetime]] = {}
        self.levels: list[tuple[int, int | None]] = []
        self.skipped: dict[str, int] = {}
        self.tells_work = False
        """Some assignment says its work: those that do not have none, as writers that leave out zeros mean it."""

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
        task = read_task(fields, uid, parent, len(self.tasks) + 1)
        start, finish = fields.instant("Start"), fields.instant("Finish")
        if start is not None:
            self.starts.append(start)
        if start is not None and finish is not None:
            self.stored[uid] = (start, finish)
        self.tasks[uid] = task
        for element in fields.nested("PredecessorLink"):
            self._link(Fields(element, self.report, "PredecessorLink"), fields, uid)
        self.baselines.task(fields, uid)
        self.costs.task(fields, uid)
        fields.count_leftovers(DERIVED_TASK)

    def _link(self, fields: Fields, owner: Fields, successor: int) -> None:
        uid = len(self.links) + 1
        link = read_link(fields, owner, uid, successor)
        if link is not None:
            self.links[uid] = link
            self.fields["Link", uid] = owner

    def _resource(self, fields: Fields) -> None:
        if fields.flag("IsNull"):
            self._skip("blank-row", "a blank row is left out")
            return
        if fields.uid == 0 and not fields.text("Name"):
            return  # what MS Project keeps for work that nobody is assigned to
        uid = self._new(fields, self.resources)
        if uid is None:
            return
        self.resources[uid] = read_resource(fields, uid)

    def _assignment(self, fields: Fields) -> None:
        task, resource = fields.reference("TaskUID"), fields.reference("ResourceUID")
        if task is not None:
            self.spreads.setdefault(task, []).append(read_spread(fields))
        if resource is None:
            self._skip("unassigned-work", "an assignment to no resource is left out: its work is the task's own")
            return
        uid = self._new(fields, self.assignments)
        if uid is None:
            return
        if task is None:
            fields.finding(Severity.WARNING, "assignment-to-nowhere", "it names no task and is left out")
            return
        self.assignments[uid] = read_assignment(fields, uid, task, resource)
        self.tells_work = self.tells_work or fields.has("Work")
        self.baselines.assignment(fields, uid)
        self.costs.assignment(fields, uid)
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
        try:
            plan = self._plan(project)
            plan = self.costs.settled(plan, schedule_plan(plan))
            self._compare(plan, schedule_plan(plan))  # once more: what is left of work decides when it ends
        except InvalidPlanError as error:
            uid = error.uids[0] if error.uids else None
            place = self.fields["Task", uid].place if uid is not None else error.place
            self.report.add(Severity.ERROR, "impossible-plan", error.rule, place=place, uid=uid)
            return ImportResult(None, self.report.all_findings())
        return ImportResult(plan, self.report.all_findings())

    def _plan(self, project: Project) -> Plan:
        """`InvalidPlanError` for a calendar that never works."""
        calendars = {uid: record.calendar for uid, record in self.calendars.items()}
        compiled = Calendars(calendars)
        self._split_tasks(project, compiled)
        honored = honors_constraints(self.tasks, self.stored, compiled, project.calendar_uid)
        return Plan(
            project=replace(project, honor_constraints=honored),
            calendars=calendars,
            tasks=self.tasks,
            links=self.links,
            resources=self.resources,
            assignments=self.assignments,
            baselines=self.baselines.result(self.assignments.keys()),
        )

    def _split_tasks(self, project: Project, calendars: Calendars) -> None:
        resources = worked_by(self.assignments.values(), self.resources)
        for uid, spreads in self.spreads.items():
            task = self.tasks.get(uid)
            if task is None:
                continue
            hours = hours_of(task, resources.get(uid, ()), calendars, project.calendar_uid)
            self.tasks[uid] = with_pauses(task, spreads, hours)
            for spread in spreads:
                if not spread.is_even(hours):
                    spread.assignment.finding(
                        Severity.WARNING, "contour", "its work is spread evenly: contours are not kept"
                    )

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
        if start is None:
            self.report.add(Severity.ERROR, "no-start", "the project must have a StartDate", place="Project")
            return None
        return read_project(fields, title=self.title, start=start, calendar_uid=self._project_calendar(fields))

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
                continue
            if assignment.work_minutes is None and self.tells_work:
                self.assignments[uid] = replace(assignment, work_minutes=0)
            else:
                self.assignments[uid] = _as_usual(
                    assignment, self.tasks[assignment.task_uid], self.resources[assignment.resource_uid].kind
                )


def _as_usual(assignment: Assignment, task: Task, kind: ResourceKind) -> Assignment:
    """Work that is the duration times the units is left open, so that it follows the duration when that changes.

    So is the quantity of a material that is its units; a cost resource does no work.
    """
    minutes = {ResourceKind.WORK: task.duration_minutes, ResourceKind.MATERIAL: UNIT_MINUTES, ResourceKind.COST: 0}
    if assignment.work_minutes == round(minutes[kind] * assignment.units):
        return replace(assignment, work_minutes=None)
    return assignment


def _period(start: datetime, finish: datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M} to {finish:%Y-%m-%d %H:%M}"


def _standard(uid: int) -> Calendar:
    """Monday to Friday, eight to five: what MS Project itself begins with."""
    day = ((480, 720), (780, 1020))
    return Calendar(uid=uid, name="Standard", week=(day, day, day, day, day, (), ()))
