"""Resources and assignments as MS Project XML."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.interchange.mspdi_writer_text import bit, escaped, money, number, span, when
from nirman.planning.model import Assignment, Plan, Resource, ResourceKind, Task
from nirman.planning.schedule import Schedule, TaskDates

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
    for assignment in plan.assignments.values():
        task = plan.tasks[assignment.task_uid]
        resource = plan.resources[assignment.resource_uid]
        yield _assignment(assignment, task, resource.kind, schedule[task.uid])
    yield from _progress_of_nobody(plan, schedule)
    yield "</Assignments>"


def _assignment(assignment: Assignment, task: Task, kind: ResourceKind, dates: TaskDates) -> str:
    work = assignment.work_minutes
    if work is None:
        work = _usual_work(assignment, task, kind)
    done = work * task.percent_complete // 100
    return (
        f"<Assignment><UID>{assignment.uid}</UID><TaskUID>{assignment.task_uid}</TaskUID>"
        f"<ResourceUID>{assignment.resource_uid}</ResourceUID>"
        f"<PercentWorkComplete>{task.percent_complete}</PercentWorkComplete>{_actual_dates(task)}"
        f"<ActualWork>{span(done)}</ActualWork><Delay>{assignment.delay_minutes * 10}</Delay>"
        f"<Finish>{when(dates.finish)}</Finish><HasFixedRateUnits>1</HasFixedRateUnits>"
        f"<FixedMaterial>{bit(kind is ResourceKind.MATERIAL)}</FixedMaterial>"
        f"<RemainingWork>{span(work - done)}</RemainingWork><Start>{when(dates.start)}</Start>"
        f"<Units>{assignment.units!r}</Units><Work>{span(work)}</Work></Assignment>"
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


def _progress_of_nobody(plan: Plan, schedule: Schedule) -> Iterator[str]:
    """MS Project takes a task's progress from its assignments, so one without resources gets nobody's."""
    assigned = {assignment.task_uid for assignment in plan.assignments.values()}
    uid = max(plan.assignments, default=0)
    for dates in schedule:
        task = plan.tasks[dates.uid]
        if task.percent_complete and not dates.summary and task.uid not in assigned:
            uid += 1
            nobody = Assignment(uid=uid, task_uid=task.uid, resource_uid=NOBODY)
            yield _assignment(nobody, task, ResourceKind.WORK, dates)
