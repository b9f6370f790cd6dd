"""Resources and assignments as MS Project XML."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nirman.interchange.mspdi_availability import availability_xml
from nirman.interchange.mspdi_splits import counted_in, worked_by
from nirman.interchange.mspdi_writer_baselines import assignment_baselines
from nirman.interchange.mspdi_writer_splits import BY_PERIOD, spread_xml
from nirman.interchange.mspdi_writer_text import bit, escaped, money, number, span, when
from nirman.planning.baselines import rounded
from nirman.planning.costs import AssignmentCost, Costs, assignment_work
from nirman.planning.model import Accrual, Assignment, Plan, Resource, ResourceKind, Task
from nirman.planning.schedule import Schedule, TaskDates
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.working_time import WorkingTime

NOBODY = -65535
"""The resource that MS Project assigns where there is none."""
_HOURLY, _PER_UNIT = 2, 8
ACCRUALS = {Accrual.START: 1, Accrual.END: 2, Accrual.PRORATED: 3}
_UNPAID = Resource(uid=0)
"""What nobody's work counts as."""


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
        f"<MaxUnits>{resource.max_units!r}</MaxUnits><CanLevel>{bit(resource.can_level)}</CanLevel>"
        f"<AccrueAt>{ACCRUALS[resource.accrual]}</AccrueAt>"
        f"<StandardRate>{number(resource.standard_rate)}</StandardRate>"
        f"<StandardRateFormat>{_PER_UNIT if material else _HOURLY}</StandardRateFormat>"
        f"<OvertimeRate>{number(resource.overtime_rate)}</OvertimeRate><OvertimeRateFormat>{_HOURLY}</OvertimeRateFormat>"
        f"<CostPerUse>{money(resource.cost_per_use)}</CostPerUse>"
    )
    if resource.calendar_uid is not None:
        parts.append(f"<CalendarUID>{resource.calendar_uid}</CalendarUID>")
    if resource.notes:
        parts.append(f"<Notes>{escaped(resource.notes)}</Notes>")
    parts.append(f"<IsCostResource>{bit(resource.kind is ResourceKind.COST)}</IsCostResource>")
    parts.append(f"{availability_xml(resource)}</Resource>")
    return "".join(parts)


def assignments_xml(plan: Plan, schedule: Schedule, costs: Costs) -> Iterator[str]:
    yield "<Assignments>"
    working, baselines = _SplitWork(plan), assignment_baselines(plan.baselines.values())
    for assignment in plan.assignments.values():
        task = plan.tasks[assignment.task_uid]
        resource = plan.resources[assignment.resource_uid]
        kept = baselines.get(assignment.uid, "")
        spent = costs.assignments[assignment.uid]
        yield _assignment(assignment, task, resource, schedule[task.uid], working.of(task), spent, kept)
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
    assignment: Assignment,
    task: Task,
    resource: Resource,
    dates: TaskDates,
    working: WorkingTime | None,
    spent: AssignmentCost | None = None,
    baselines: str = "",
) -> str:
    _, done, left = assignment_work(assignment, resource, task, dates)
    # As in MS Project, work is what is done and what is left; what was planned is the baseline's.
    work = done + left
    paid = actual = unpaid = ""
    if spent is not None:
        paid, actual = _cost("Cost", spent.cost), _cost("ActualCost", spent.actual_cost)
        unpaid = _cost("RemainingCost", spent.remaining_cost)
    contour = spread = ""
    if working is not None and resource.kind is ResourceKind.WORK:
        contour, spread = BY_PERIOD, spread_xml(assignment.uid, task, dates, assignment.units, working)
    return (
        f"<Assignment><UID>{assignment.uid}</UID><TaskUID>{assignment.task_uid}</TaskUID>"
        f"<ResourceUID>{assignment.resource_uid}</ResourceUID>"
        f"<PercentWorkComplete>{round(100 * done / work) if work else task.percent_complete}</PercentWorkComplete>"
        f"{actual}{_actual_dates(task)}<ActualWork>{span(done)}</ActualWork>{paid}"
        f"<Delay>{assignment.delay_minutes * 10}</Delay>"
        f"<Finish>{when(dates.finish)}</Finish><HasFixedRateUnits>1</HasFixedRateUnits>"
        f"<FixedMaterial>{bit(resource.kind is ResourceKind.MATERIAL)}</FixedMaterial>"
        f"{unpaid}<RemainingWork>{span(left)}</RemainingWork><Start>{when(dates.start)}</Start>"
        f"<Units>{assignment.units!r}</Units><Work>{span(work)}</Work>{contour}{baselines}{spread}</Assignment>"
    )


def _cost(name: str, amount: Decimal) -> str:
    return f"<{name}>{money(rounded(amount))}</{name}>"


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
            yield _assignment(nobody, task, _UNPAID, dates, working.of(task))
