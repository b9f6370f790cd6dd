"""Work, cost and percent complete of every task, and rolled up to its summaries.

Cost is what MS Project calls so: what was spent and what is still to be spent. An assignment costs its work at the
standard rate and its cost per use, for each unit of a worker or machine; a material its quantity at the rate and its
cost per use once; a cost resource only what is said. To these a task's fixed cost is added.

A summary's work and cost are the sums of what is below it and its own. Its percent complete is weighted by duration,
its percent of work complete by work, both as MS Project has them; inactive tasks count in neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nirman.planning.model import Accrual, Assignment, PercentKind, Plan, Resource, ResourceKind, Task
from nirman.planning.schedule import Schedule, TaskDates

NOTHING, ALL = Decimal(0), Decimal(1)
UNIT_MINUTES = 60
"""Of an hour; and what files count as one unit of a material."""


@dataclass(frozen=True, slots=True)
class Accrued:
    """Money by when it is incurred: when the task starts, as it proceeds, when it ends."""

    start: Decimal = NOTHING
    prorated: Decimal = NOTHING
    end: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        return self.start + self.prorated + self.end

    def incurred(self, share: Decimal) -> Accrued:
        """What is incurred when that share of the task (0 to 1) is done."""
        return Accrued(self.start if share > 0 else NOTHING, self.prorated * share, self.end if share >= 1 else NOTHING)

    def scaled(self, total: Decimal) -> Accrued:
        """The same proportions of another total; prorated where there are none."""
        if not self.total:
            return Accrued(prorated=total)
        start, end = self.start * total / self.total, self.end * total / self.total
        if self.prorated:
            return Accrued(start, total - start - end, end)
        # What rounding leaves over goes to a part that is there: less than nothing could be prorated otherwise.
        return Accrued(start, NOTHING, total - start) if self.end else Accrued(start=total)

    def __add__(self, other: Accrued) -> Accrued:
        return Accrued(self.start + other.start, self.prorated + other.prorated, self.end + other.end)

    def __sub__(self, other: Accrued) -> Accrued:
        return Accrued(self.start - other.start, self.prorated - other.prorated, self.end - other.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCost:
    """Of one assignment; material and cost resources do no work."""

    work_minutes: int
    actual_work_minutes: int
    actual_cost: Decimal
    remaining_cost: Decimal
    budget: Accrued
    """What it costs as planned, whatever was spent."""

    @property
    def cost(self) -> Decimal:
        return self.actual_cost + self.remaining_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCost:
    """Of one task with all that is below it; `own_*` without."""

    work_minutes: int = 0
    actual_work_minutes: int = 0
    actual_cost: Decimal = NOTHING
    remaining_cost: Decimal = NOTHING
    duration_minutes: int = 0
    """Of the leaves, added up."""
    done_minutes: Decimal = NOTHING
    """Of these, how many are done."""
    finished: bool = True
    earned_share: Decimal = NOTHING
    """0 to 1, by the task's kind of percent complete; of a summary by duration."""
    own_actual_cost: Decimal = NOTHING
    own_remaining_cost: Decimal = NOTHING
    own_budget: Accrued = Accrued()

    @property
    def cost(self) -> Decimal:
        return self.actual_cost + self.remaining_cost

    @property
    def remaining_work_minutes(self) -> int:
        return self.work_minutes - self.actual_work_minutes

    @property
    def duration_share(self) -> Decimal:
        if self.duration_minutes:
            return min(ALL, self.done_minutes / self.duration_minutes)
        return ALL if self.finished else NOTHING

    @property
    def percent_complete(self) -> int:
        return _percent(self.duration_share)

    @property
    def percent_work_complete(self) -> int:
        return _percent(Decimal(self.actual_work_minutes) / self.work_minutes if self.work_minutes else NOTHING)


@dataclass(frozen=True, slots=True)
class Costs:
    """By uid of task and of assignment; `total` is the whole plan's."""

    tasks: Mapping[int, TaskCost]
    assignments: Mapping[int, AssignmentCost]
    total: TaskCost

    def __getitem__(self, uid: int) -> TaskCost:
        return self.tasks[uid]


def plan_costs(plan: Plan, schedule: Schedule) -> Costs:
    """Costs do not depend on dates; the schedule gives the durations of summaries."""
    tree = schedule.outline
    assignments = {a.uid: _assignment_cost(plan, schedule, a) for a in plan.assignments.values()}
    own: dict[int, list[AssignmentCost]] = {}
    for assignment in plan.assignments.values():
        own.setdefault(assignment.task_uid, []).append(assignments[assignment.uid])
    tasks: dict[int, TaskCost] = {}

    def below(uid: int | None) -> TaskCost:
        return _together(tasks[child] for child in tree.children.get(uid, ()) if plan.tasks[child].active)

    for uid in reversed(tree.uids):
        task, summary = plan.tasks[uid], uid in tree.children
        tasks[uid] = _with_own(task, below(uid) if summary else _leaf(task), own.get(uid, ()), summary=summary)
    return Costs({uid: tasks[uid] for uid in tree.uids}, assignments, below(None))


def duration_share(task: Task) -> Decimal:
    """How much of a task's duration is done, 0 to 1."""
    return ALL if task.actual_finish is not None else Decimal(task.percent_complete) / 100


def assignment_work(assignment: Assignment, resource: Resource, task: Task, dates: TaskDates) -> tuple[int, int, int]:
    """Planned, actual and remaining minutes; of a material, sixty a unit; of a cost resource, none but those said."""
    planned = assignment.work_minutes
    if planned is None:
        duration = dates.duration_minutes if dates.summary else task.duration_minutes
        usual = {ResourceKind.WORK: duration, ResourceKind.MATERIAL: UNIT_MINUTES, ResourceKind.COST: 0}
        planned = round(usual[resource.kind] * assignment.units)
    actual = assignment.actual_work_minutes
    if actual is None:
        actual = round(planned * duration_share(task))
    remaining = assignment.remaining_work_minutes
    if remaining is None:
        remaining = 0 if task.actual_finish is not None else max(0, planned - actual)
    return planned, actual, remaining


def _assignment_cost(plan: Plan, schedule: Schedule, assignment: Assignment) -> AssignmentCost:
    """Given actual and remaining values count; what is not given follows from the task's percent complete."""
    task, resource = plan.tasks[assignment.task_uid], plan.resources[assignment.resource_uid]
    planned, actual, remaining = assignment_work(assignment, resource, task, schedule[task.uid])
    share = duration_share(task)
    if assignment.actual_work_minutes is not None and actual + remaining:
        share = Decimal(actual) / (actual + remaining)
    expected = _accrued(_charge(assignment, resource, actual + remaining), resource.accrual)
    incurred = expected.incurred(share).total
    works = resource.kind is ResourceKind.WORK
    return AssignmentCost(
        work_minutes=actual + remaining if works else 0,
        actual_work_minutes=actual if works else 0,
        actual_cost=incurred if assignment.actual_cost is None else assignment.actual_cost,
        remaining_cost=expected.total - incurred,
        budget=_accrued(_charge(assignment, resource, planned), resource.accrual),
    )


def _charge(assignment: Assignment, resource: Resource, minutes: int) -> Decimal:
    if assignment.cost is not None:
        return assignment.cost
    match resource.kind:
        case ResourceKind.WORK:
            uses = Decimal(repr(assignment.units))
        case ResourceKind.MATERIAL:
            uses = ALL
        case ResourceKind.COST:
            return NOTHING
    return resource.standard_rate * minutes / UNIT_MINUTES + resource.cost_per_use * uses


def _accrued(cost: Decimal, accrual: Accrual) -> Accrued:
    match accrual:
        case Accrual.START:
            return Accrued(start=cost)
        case Accrual.PRORATED:
            return Accrued(prorated=cost)
        case Accrual.END:
            return Accrued(end=cost)


def _leaf(task: Task) -> TaskCost:
    share = duration_share(task)
    return TaskCost(
        duration_minutes=task.duration_minutes,
        done_minutes=task.duration_minutes * share,
        finished=share >= 1,
    )


def _with_own(task: Task, below: TaskCost, own: Sequence[AssignmentCost], *, summary: bool) -> TaskCost:
    work, actual_work = sum(one.work_minutes for one in own), sum(one.actual_work_minutes for one in own)
    if not work and not summary:
        work, actual_work = task.work_minutes, round(task.work_minutes * below.duration_share)
    fixed = _accrued(task.fixed_cost, task.fixed_cost_accrual)
    spent = fixed.incurred(below.duration_share).total
    actual = sum((one.actual_cost for one in own), spent)
    if task.actual_cost is not None:
        actual = task.actual_cost - below.actual_cost
    remaining = sum((one.remaining_cost for one in own), fixed.total - spent)
    return replace(
        below,
        work_minutes=below.work_minutes + work,
        actual_work_minutes=below.actual_work_minutes + actual_work,
        actual_cost=below.actual_cost + actual,
        remaining_cost=below.remaining_cost + remaining,
        earned_share=below.duration_share if summary else _earned_share(task, actual_work, work),
        own_actual_cost=actual,
        own_remaining_cost=remaining,
        own_budget=sum((one.budget for one in own), fixed),
    )


def _together(tasks: Iterable[TaskCost]) -> TaskCost:
    found = list(tasks)
    return TaskCost(
        work_minutes=sum(one.work_minutes for one in found),
        actual_work_minutes=sum(one.actual_work_minutes for one in found),
        actual_cost=sum((one.actual_cost for one in found), NOTHING),
        remaining_cost=sum((one.remaining_cost for one in found), NOTHING),
        duration_minutes=sum(one.duration_minutes for one in found),
        done_minutes=sum((one.done_minutes for one in found), NOTHING),
        finished=bool(found) and all(one.finished for one in found),
    )


def _earned_share(task: Task, actual_work: int, work: int) -> Decimal:
    if task.actual_finish is not None:
        return ALL
    match task.percent_kind:
        case PercentKind.PHYSICAL:
            return Decimal(task.physical_percent) / 100
        case PercentKind.UNITS if work:
            return min(ALL, Decimal(actual_work) / work)
        case _:
            return duration_share(task)


def _percent(share: Decimal) -> int:
    """Whole; what is not finished never shows as 100."""
    return 100 if share >= 1 else min(99, round(share * 100))
