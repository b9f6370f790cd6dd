"""Resources and assignments as MS Project XML."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.interchange.mspdi_splits import counted_in, worked_by
from nirman.interchange.mspdi_writer_splits import BY_PERIOD, spread_xml
from nirman.interchange.mspdi_writer_text import bit, escaped, money, number, span, when
from nirman.planning.model import Assignment, Plan, Resource, ResourceKind, Task
from nirman.planning.schedule import Schedule, TaskDates
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.working_time import WorkingTime

NOBODY = -65535
"""The resource that MS Project assigns where there is none."""
_HOURLY, _PER_UNIT = 2, 8


def resources_xml(plan: Plan) -> Iterator[str]:
    yield "<Resources>"
    for row, resource in enumerate(plan.resources.values(), 1):
        yield _resource(row, resource)
    yield "</Resources>"


def _resource(row: int, resource: Resource) -> str:
    material = resource.kind is ResourceKind.MATERIAL
    parts = [
        f"<Resource><UID>{resource.uid}</UID><ID>{row}</ID><Name>{escaped(resource.name)}</Name>",
        f"<Type>{bit(resource.kind is ResourceKind.WORK)}</Type><IsNull>0</IsNull>",
    ]
    for element, text in (
        ("Initials", resource.initials),
        ("MaterialLabel", resource.material_label),
        ("Code", resource.code),
        ("Group", resource.group),
        ("EmailAddress", resource.email),
    ):
        if text:
            parts.append(f"<{element}>{escaped(text)}</{element}>")
    parts.append(
        f"<MaxUnits>{resource.max_units!r}</MaxUnits><CanLevel>1</CanLevel><AccrueAt>3</AccrueAt>"
        f"<StandardRate>{number(resource.standard_rate)}</StandardRate>"
        f"<StandardRateFormat>{_PER_UNIT if material else _HOURLY}</StandardRateFormat>"
        f"<OvertimeRate>{number(resource.overtime_rate)}</OvertimeRate><OvertimeRateFormat>{_HOURLY}</OvertimeRateFormat>"
        f"<CostPerUse>{money(resource.cost_per_use)}</CostPerUse>"
    )
    if resource.calendar_uid is not None:
        parts.append(f"<CalendarUID>{resource.calendar_uid}</CalendarUID>")
    if resource.notes:
        parts.append(f"<Notes>{escaped(resource.notes)}</Notes>")
    parts.append(f"<IsCostResource>{bit(resource.kind is ResourceKind.COST)}</IsCostResource></Resource>")
    return "".join(parts)


def assignments_xml(plan: Plan, schedule: Schedule) -> Iterator[str]:
    yield "<Assignments>"
    working = _SplitWork(plan)
    for assignment in plan.assignments.values():
        task = plan.tasks[assignment.task_uid]
        resource = plan.resources[assignment.resource_uid]
        yield _assignment(assignment, task, resource.kind, schedule[task.uid], working.of(task))
    yield from _work_of_nobody(plan, schedule, working)
    yield "</Assignments>"


class _SplitWork:
    """What the duration of each split task is counted in."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calendars = Calendars(plan.calendars)
        self.resources = worked_by(plan.assignments.values(), plan.resources) if self._any() else {}

    def _any(self) -> bool:
        return any(task.splits for task in self.plan.tasks.values())

    def of(self, task: Task) -> WorkingTime | None:
        """None: the task is not split."""
        if not task.splits:
            return None
        return counted_in(task, self.resources.get(task.uid, ()), self.calendars, self.plan.project.calendar_uid)


def _assignment(
    assignment: Assignment, task: Task, kind: ResourceKind, dates: TaskDates, working: WorkingTime | None
) -> str:
    work = assignment.work_minutes
    if work is None:
        work = _usual_work(assignment, task, kind)
    done = work * task.percent_complete // 100
    contour = spread = ""
    if working is not None and kind is ResourceKind.WORK:
        contour, spread = BY_PERIOD, spread_xml(assignment.uid, task, dates, assignment.units, working)
    return (
        f"<Assignment><UID>{assignment.uid}</UID><TaskUID>{assignment.task_uid}</TaskUID>"
        f"<ResourceUID>{assignment.resource_uid}</ResourceUID>"
        f"<PercentWorkComplete>{task.percent_complete}</PercentWorkComplete>{_actual_dates(task)}"
        f"<ActualWork>{span(done)}</ActualWork><Delay>{assignment.delay_minutes * 10}</Delay>"
        f"<Finish>{when(dates.finish)}</Finish><HasFixedRateUnits>1</HasFixedRateUnits>"
        f"<FixedMaterial>{bit(kind is ResourceKind.MATERIAL)}</FixedMaterial>"
        f"<RemainingWork>{span(work - done)}</RemainingWork><Start>{when(dates.start)}</Start>"
        f"<Units>{assignment.units!r}</Units><Work>{span(work)}</Work>{contour}{spread}</Assignment>"
    )


def _usual_work(assignment: Assignment, task: Task, kind: ResourceKind) -> int:
    """Minutes; the format counts a unit of material as an hour."""
    if kind is ResourceKind.WORK:
        return round(task.duration_minutes * assignment.units)
    return round(60 * assignment.units) if kind is ResourceKind.MATERIAL else 0


def _actual_dates(task: Task) -> str:
    """Actual finish comes before actual start here, and other elements between them that are not written."""
    finish = f"<ActualFinish>{when(task.actual_finish)}</ActualFinish>" if task.actual_finish else ""
    return finish + (f"<ActualStart>{when(task.actual_start)}</ActualStart>" if task.actual_start else "")


def _work_of_nobody(plan: Plan, schedule: Schedule, working: _SplitWork) -> Iterator[str]:
    """MS Project takes a task's progress and pauses from its assignments, so one without resources gets nobody's."""
    assigned = {assignment.task_uid for assignment in plan.assignments.values()}
    uid = max(plan.assignments, default=0)
    for dates in schedule:
        task = plan.tasks[dates.uid]
        untold = task.uid not in (working.resources if task.splits else assigned)
        if (task.percent_complete or task.splits) and not dates.summary and untold:
            uid += 1
            nobody = Assignment(uid=uid, task_uid=task.uid, resource_uid=NOBODY)
            yield _assignment(nobody, task, ResourceKind.WORK, dates, working.of(task))
