"""Whether people and machines are asked for more than there is, counted quarter of an hour by quarter of an hour.

It shares nothing with `nirman.optimization`: calendars are read anew, and dates are those of the schedule that it is
given. Plans must be in whole quarters; it knows weeks, and exceptions without recurrence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache

from nirman.planning.model import Assignment, Calendar, EffortKind, Plan, ResourceKind, Rules, Task, TaskKind
from nirman.planning.schedule import Schedule

QUARTER = timedelta(minutes=15)
Overloads = dict[int, dict[datetime, tuple[float, float]]]
"""By resource and quarter: units asked for and units there."""


def overloads(plan: Plan, schedule: Schedule) -> Overloads:
    asked: dict[int, Counter[datetime]] = defaultdict(Counter)
    for assignment in plan.assignments.values():
        resource = plan.resources[assignment.resource_uid]
        if resource.kind is ResourceKind.WORK and assignment.units:
            for quarter in worked_quarters(plan, schedule, assignment):
                asked[resource.uid][quarter] += round(assignment.units * 10_000)
    found: Overloads = {}
    for uid, quarters in asked.items():
        for quarter, units in quarters.items():
            there = round(_available(plan, uid, quarter.date()) * 10_000)
            if units > there:
                found.setdefault(uid, {})[quarter] = (units / 10_000, there / 10_000)
    return found


def worked_quarters(plan: Plan, schedule: Schedule, assignment: Assignment) -> list[datetime]:
    """In which what is left of the assignment is worked on."""
    task, dates = plan.tasks[assignment.task_uid], schedule[assignment.task_uid]
    if not _is_active(plan, task) or task.actual_finish is not None:
        return []
    works = _hours(plan, task, assignment, dates.start, dates.finish)
    quarters = [q for q in _quarters(dates.start, dates.finish) if works(q)]
    summary = any(other.parent_uid == task.uid for other in plan.tasks.values())
    if summary or task.kind is TaskKind.LEVEL_OF_EFFORT or task.manual:
        return quarters
    if task.actual_start is not None:
        left = (task.duration_minutes - task.duration_minutes * task.percent_complete // 100) // 15
        return [quarter for quarter in quarters if quarter >= _goes_on(plan, task, quarters, dates.finish, left)]
    minutes = task.duration_minutes
    if assignment.work_minutes is not None:
        minutes = min(minutes, round(assignment.work_minutes / assignment.units))
    first = assignment.delay_minutes // 15
    pauses = {split.after_minutes // 15: split.pause_minutes // 15 for split in task.splits}
    found: list[datetime] = []
    for quarter in quarters[first:]:
        if len(found) == minutes // 15:
            break
        if pauses.get(len(found), 0):
            pauses[len(found)] -= 1
        else:
            found.append(quarter)
    return found


def _goes_on(plan: Plan, task: Task, quarters: list[datetime], finish: datetime, left: int) -> datetime:
    """When the last `left` quarters begin; of a fixed duration the task's own, whoever works in them."""
    if left and task.effort is EffortKind.FIXED_DURATION:
        own = plan.calendars[plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid]
        assert task.actual_start is not None
        quarters = [quarter for quarter in _quarters(task.actual_start, finish) if _works(own, quarter)]
    return quarters[-left] if left else finish


def _quarters(start: datetime, finish: datetime) -> Iterator[datetime]:
    while start < finish:
        yield start
        start += QUARTER


def _hours(
    plan: Plan, task: Task, assignment: Assignment, start: datetime, finish: datetime
) -> Callable[[datetime], bool]:
    resource = plan.resources[assignment.resource_uid]
    own = plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid
    theirs = own if resource.calendar_uid is None else resource.calendar_uid

    def always(_: datetime) -> bool:
        return True

    def of_task(quarter: datetime) -> bool:
        return _works(plan.calendars[own], quarter)

    def of_resource(quarter: datetime) -> bool:
        return _works(plan.calendars[theirs], quarter)

    def of_both(quarter: datetime) -> bool:
        return of_task(quarter) and of_resource(quarter)

    if task.duration_elapsed:
        return always
    ignores = task.ignore_resource_calendar and task.calendar_uid is not None
    if plan.project.rules is Rules.PRIMAVERA or ignores:
        return of_task
    if task.effort is EffortKind.FIXED_DURATION:
        return of_both if any(map(of_both, _quarters(start, finish))) else of_task
    return of_resource if task.calendar_uid is None else of_both


def _works(calendar: Calendar, quarter: datetime) -> bool:
    minute = quarter.hour * 60 + quarter.minute
    return any(start <= minute < finish for start, finish in _shifts(calendar, quarter.date()))


@cache
def _shifts(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    for exception in calendar.exceptions:
        if exception.start <= day <= exception.finish:
            return exception.shifts
    return calendar.week[day.weekday()] or ()


def _available(plan: Plan, resource_uid: int, day: date) -> float:
    resource = plan.resources[resource_uid]
    for period in resource.availability:
        if (period.start is None or period.start <= day) and (period.finish is None or day <= period.finish):
            return period.units
    return resource.max_units


def _is_active(plan: Plan, task: Task) -> bool:
    above: Task | None = task
    while above is not None:
        if not above.active:
            return False
        above = None if above.parent_uid is None else plan.tasks[above.parent_uid]
    return True
