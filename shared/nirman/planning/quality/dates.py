"""Checks 6 to 10: slack, durations, dates, resources."""

from __future__ import annotations

from datetime import datetime

from nirman.planning.logic import is_finished
from nirman.planning.model import Task
from nirman.planning.quality.check import Check, Rule
from nirman.planning.quality.network import NO_TASK
from nirman.planning.quality.scope import LONG_DAYS, Scope

_HIGH_FLOAT = Rule(6, "high_float", f"Tasks with more than {LONG_DAYS} days of total slack", 0.05)
_NEGATIVE_FLOAT = Rule(7, "negative_float", "Tasks with negative total slack", 0.0)
_HIGH_DURATION = Rule(8, "high_duration", f"Tasks longer than {LONG_DAYS} days", 0.05)
_INVALID_DATES = Rule(9, "invalid_dates", "Tasks forecast before, or done after, the status date", 0.0)
_RESOURCES = Rule(10, "resources", "Tasks of a day or more without resources or cost", 0.0)

NO_STATUS_DATE = "the project has no status date"


def high_float(scope: Scope) -> Check:
    high = (
        task.uid
        for task in scope.incomplete
        if scope.schedule[task.uid].total_slack_minutes > LONG_DAYS * scope.day_minutes(task)
    )
    return _HIGH_FLOAT.share(high, len(scope.incomplete), empty=NO_TASK)


def negative_float(scope: Scope) -> Check:
    negative = (task.uid for task in scope.incomplete if scope.schedule[task.uid].total_slack_minutes < 0)
    return _NEGATIVE_FLOAT.share(negative, len(scope.incomplete), empty=NO_TASK)


def high_duration(scope: Scope) -> Check:
    """The baseline's duration where there is one, as published; else the task's own."""
    high = (
        task.uid for task in scope.incomplete if _planned_minutes(scope, task) > LONG_DAYS * scope.day_minutes(task)
    )
    return _HIGH_DURATION.share(high, len(scope.incomplete), empty=NO_TASK)


def invalid_dates(scope: Scope) -> Check:
    status_date = scope.status_date
    if status_date is None:
        return _INVALID_DATES.not_applicable(NO_STATUS_DATE)
    invalid = (task.uid for task in scope.tasks if has_invalid_date(scope, task, status_date))
    return _INVALID_DATES.share(invalid, len(scope.tasks), empty="the plan has no tasks")


def resources(scope: Scope) -> Check:
    if not scope.plan.assignments and not any(task.fixed_cost for task in scope.plan.tasks.values()):
        return _RESOURCES.not_applicable("the plan is not loaded with resources or cost")
    loaded = {assignment.task_uid for assignment in scope.plan.assignments.values()}
    counted = [task for task in scope.incomplete if task.duration_minutes >= scope.day_minutes(task)]
    missing = (task.uid for task in counted if task.uid not in loaded and not task.fixed_cost)
    return _RESOURCES.share(missing, len(counted), empty="no incomplete task lasts a day")


def has_invalid_date(scope: Scope, task: Task, status_date: datetime) -> bool:
    """Work that is not done lies before the status date, or work that is done after it."""
    return is_before(scope, task, status_date) or is_after(task, status_date)


def is_before(scope: Scope, task: Task, status_date: datetime) -> bool:
    """Forecast earlier than the status date: the start of a task not started, the finish of one not finished."""
    if is_finished(task):
        return False
    dates = scope.schedule[task.uid]
    return dates.finish < status_date or (task.actual_start is None and dates.start < status_date)


def is_after(task: Task, status_date: datetime) -> bool:
    """Said to have started or finished later than the status date."""
    return any(actual is not None and actual > status_date for actual in (task.actual_start, task.actual_finish))


def _planned_minutes(scope: Scope, task: Task) -> int:
    baseline = scope.baselined.get(task.uid)
    return baseline.duration_minutes if baseline is not None and baseline.duration_minutes else task.duration_minutes
