"""Whose working time a task's duration is counted in, when people and machines are assigned to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nirman.errors import InvalidPlanError
from nirman.planning.model import Assignment, EffortKind, Plan, Resource, ResourceKind, Rules, Task, TaskKind
from nirman.scheduling.columns import remaining_minutes
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.timetable import Timetable

_UNTOLD = -1


@dataclass(frozen=True, slots=True)
class Part:
    """What one assignment of a task does: so many minutes of its own calendar, that long after the task's start.

    `remaining` of the minutes are not done (_UNTOLD: as the task's progress has it); `both` is when the task's calendar
    works too.
    """

    calendar: int
    both: int
    minutes: int
    remaining: int
    delay: int


@dataclass(frozen=True, slots=True)
class Worked:
    """Either one `calendar` that the duration is counted in, or `parts` that decide how long the task takes."""

    calendar: int | None = None
    parts: tuple[Part, ...] = ()


def worked_by(
    plan: Plan, timetable: Timetable, is_summary: Callable[[int], bool], only: Iterable[Assignment] | None = None
) -> dict[int, Worked]:
    """By task uid, for those whose assignments make a difference; `only` those assignments: all of the tasks asked for.

    `InvalidPlanError` for a task or resource that is not in the plan.
    """
    assignments = list(plan.assignments.values() if only is None else only)
    tasks = plan.tasks
    plain = {uid for uid, resource in plan.resources.items() if resource.calendar_uid is None}
    # Of a resource without hours of its own, a share of the whole duration leaves it to the task's calendar.
    other = [
        a
        for a in assignments
        if a.resource_uid not in plain or a.work_minutes is not None or a.delay_minutes or a.task_uid not in tasks
    ]
    _check_references(plan, other)
    if not other:
        return {}
    special = _Special(plan, timetable)
    concerned = {assignment.task_uid for assignment in other if special.matters(assignment)}
    by_task: dict[int, list[Assignment]] = {}
    for assignment in assignments:
        if assignment.task_uid in concerned and special.works(assignment):
            by_task.setdefault(assignment.task_uid, []).append(assignment)
    found: dict[int, Worked] = {}
    for uid, of_task in by_task.items():
        if not is_summary(uid) and _by_resources(plan, plan.tasks[uid]):
            worked = special.worked(plan.tasks[uid], sorted(of_task, key=lambda assignment: assignment.uid))
            if worked is not None:
                found[uid] = worked
    return found


def _check_references(plan: Plan, assignments: Sequence[Assignment]) -> None:
    for assignment in assignments:
        is_task = assignment.task_uid not in plan.tasks
        if is_task or assignment.resource_uid not in plan.resources:
            missing = f"task {assignment.task_uid}" if is_task else f"resource {assignment.resource_uid}"
            raise InvalidPlanError(f"{missing} is not in the plan", place=f"assignment {assignment.uid}")


def _by_resources(plan: Plan, task: Task) -> bool:
    if plan.project.rules is Rules.PRIMAVERA:
        return task.kind is TaskKind.RESOURCE_DEPENDENT
    return not task.duration_elapsed and task.effort is not EffortKind.FIXED_DURATION


class _Special:
    def __init__(self, plan: Plan, timetable: Timetable) -> None:
        self._tasks: Mapping[int, Task] = plan.tasks
        self._resources: Mapping[int, Resource] = plan.resources
        self._timetable = timetable
        self._primavera = plan.project.rules is Rules.PRIMAVERA
        self._start = to_minutes(plan.project.start)
        self._together: dict[tuple[int, int], int] = {}
        self._project_uid = plan.project.calendar_uid
        self._base = timetable.number(plan.project.calendar_uid)
        self._same = {
            uid: resource.calendar_uid is None or timetable.number(resource.calendar_uid) == self._base
            for uid, resource in plan.resources.items()
        }

    def works(self, assignment: Assignment) -> bool:
        """People and machines with work to do decide when a task is worked on, not material or cost."""
        resource = self._resources[assignment.resource_uid]
        idle = assignment.work_minutes == 0 and not self._primavera
        return resource.kind is ResourceKind.WORK and assignment.units > 0 and not idle

    def matters(self, assignment: Assignment) -> bool:
        """False where it surely leaves the duration to the task's own calendar."""
        same = self._same[assignment.resource_uid]
        task = self._tasks[assignment.task_uid]
        if self._primavera:
            return task.kind is TaskKind.RESOURCE_DEPENDENT and self.works(assignment)
        if same and assignment.delay_minutes == 0 and assignment.work_minutes is None and task.calendar_uid is None:
            return False
        return self.works(assignment)

    def worked(self, task: Task, assignments: Sequence[Assignment]) -> Worked | None:
        if self._primavera:
            return Worked(parts=tuple(self._activity_part(task, assignment) for assignment in assignments))
        parts = tuple(self._part(task, assignment) for assignment in assignments)
        own = self._base if task.calendar_uid is None else self._timetable.number(task.calendar_uid)
        only = parts[0].calendar if all(part.calendar == parts[0].calendar for part in parts) else None
        # A duration is when anybody works (Microsoft): so long one calendar is worked in, whatever the work. It leaves
        # out the time in which all wait for one who comes late, which a split would tell.
        last = max(part.delay + part.minutes for part in parts)
        waits = last > task.duration_minutes and any(part.delay for part in parts) and not task.splits
        if only is not None and not waits:
            return None if only == own else Worked(calendar=only)
        pauses = sum(split.pause_minutes for split in task.splits if split.after_minutes < task.duration_minutes)
        if pauses:
            parts = tuple(replace(part, minutes=part.minutes + pauses) for part in parts)
        return Worked(parts=parts) if task.duration_minutes else None

    def _part(self, task: Task, assignment: Assignment) -> Part:
        calendar, minutes = self._calendar(task, assignment), _minutes(task, assignment)
        delay = assignment.delay_minutes
        if task.effort is EffortKind.FIXED_WORK:
            # Who comes late has until the others are done; of fixed units all of the work comes late.
            delay = min(delay, task.duration_minutes)
            minutes = min(minutes, task.duration_minutes - delay)
        return Part(calendar, calendar, minutes, _left(assignment, minutes), delay)

    def _activity_part(self, task: Task, assignment: Assignment) -> Part:
        """P6: work runs in the resource's calendar alone; it begins and ends when the activity's works too."""
        own = self._project_uid if task.calendar_uid is None else task.calendar_uid
        resource = self._resources[assignment.resource_uid].calendar_uid
        uid = own if resource is None else resource
        whole, left = assignment.work_minutes, assignment.remaining_work_minutes
        if whole is None:
            whole = round(task.duration_minutes * assignment.units)
        if left is None:
            left = whole * remaining_minutes(task) // max(task.duration_minutes, 1)
        minutes, remaining = (int(work / assignment.units + 0.5) for work in (whole, left))
        return Part(self._timetable.number(uid), self._both(own, uid), minutes, remaining, assignment.delay_minutes)

    def _both(self, own: int, other: int) -> int:
        """Where the two never work together, the resource's hours count."""
        found = self._together.get((own, other))
        if found is None:
            found = self._timetable.common(own, other)
            try:
                self._timetable[found].next_start(self._start)
            except InvalidPlanError:
                found = self._timetable.number(other)
            self._together[own, other] = found
        return found

    def _calendar(self, task: Task, assignment: Assignment) -> int:
        """The resource's, within the task's if it has one of its own and does not ignore the resource's."""
        resource = self._resources[assignment.resource_uid]
        if task.calendar_uid is None:
            uid = self._project_uid if resource.calendar_uid is None else resource.calendar_uid
            return self._timetable.number(uid)
        if resource.calendar_uid is None or task.ignore_resource_calendar:
            return self._timetable.number(task.calendar_uid)
        return self._timetable.common(task.calendar_uid, resource.calendar_uid)


def _minutes(task: Task, assignment: Assignment) -> int:
    """How long the assignment's work takes; the task's duration when that is what it comes to.

    Files keep units to a hundredth, so 160 minutes at 0.33 of a worker are still the 480 minutes they were entered as.
    """
    work, units = assignment.work_minutes, assignment.units
    if work is None or abs(work - task.duration_minutes * units) <= task.duration_minutes * 0.005 + 0.5:
        return task.duration_minutes
    return round(work / units)


def _left(assignment: Assignment, minutes: int) -> int:
    """How long what is left takes of an assignment of so many minutes, where it says what is done or what is left."""
    if assignment.remaining_work_minutes is not None:
        return round(assignment.remaining_work_minutes / assignment.units)
    if assignment.actual_work_minutes is not None:
        return max(0, minutes - round(assignment.actual_work_minutes / assignment.units))
    return _UNTOLD
