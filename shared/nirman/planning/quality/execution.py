"""Checks 11 to 14: the plan against its baseline, and whether its critical path is one."""

from __future__ import annotations

from dataclasses import replace

from nirman.errors import InvalidPlanError
from nirman.planning.logic import is_finished, remaining_minutes
from nirman.planning.model import Plan, ScheduleFrom, Task
from nirman.planning.quality.check import Check, Rule
from nirman.planning.quality.dates import NO_STATUS_DATE
from nirman.planning.quality.network import NO_TASK
from nirman.planning.quality.scope import Scope
from nirman.planning.schedule import Schedule, TaskDates, schedule_plan
from nirman.scheduling.instants import to_minutes

SLIP_DAYS = 600
"""Working days that the critical path test adds to one task."""

_MISSED = Rule(11, "missed_tasks", "Tasks due by the baseline that finish later than it says", 0.05)
_TEST = Rule(12, "critical_path_test", f"Days the finish moves when a critical task takes {SLIP_DAYS} more", 0.95, True)
_CPLI = Rule(13, "critical_path_length_index", "Critical path length index", 0.95, at_least=True)
_BEI = Rule(14, "baseline_execution_index", "Baseline execution index", 0.95, at_least=True)

_NO_BASELINE = "the plan has no baseline 0"


def missed_tasks(scope: Scope) -> Check:
    """Of the tasks whose baseline finish is due, those that finished, or are forecast to, later than it."""
    if unknown := _unknown(scope):
        return _MISSED.not_applicable(unknown)
    due = _due(scope)
    missed = (task.uid for task in due if scope.schedule[task.uid].finish > scope.baselined[task.uid].finish)
    return _MISSED.share(missed, len(due), empty="no task is due by the baseline yet")


def critical_path_test(scope: Scope) -> Check:
    """Make a critical task 600 working days longer and schedule again: what finishes last must move with it.

    A plan scheduled from its finish must start earlier instead. The published rule asks for "direct proportion"; 95 %
    leaves room for calendars that differ along the path.
    """
    tested = _tested(scope)
    if tested is None:
        return _TEST.not_applicable(NO_TASK)
    slip = SLIP_DAYS * scope.minutes_per_day
    try:
        after = schedule_plan(_slipped(scope.plan, tested, slip))
    except InvalidPlanError as error:
        return _TEST.not_applicable(f'with {SLIP_DAYS} days more of "{tested.name}": {error.rule}')
    moved = _moved(scope, tested, after) / scope.minutes_per_day
    check = _TEST.ratio(moved, SLIP_DAYS, note=f'{SLIP_DAYS} days more of "{tested.name}" ({tested.uid})')
    return check if moved >= SLIP_DAYS * _TEST.threshold else replace(check, uids=(tested.uid,))


def critical_path_length_index(scope: Scope) -> Check:
    """(critical path length + total slack) / critical path length.

    The length is the working days from the status date (or the start) to the finish; the slack that of the task that
    finishes last, which a deadline, a constraint or a date the project must finish by can make negative.
    """
    if not scope.incomplete:
        return _CPLI.not_applicable(NO_TASK)
    ends = _ends(scope)
    slack = min(dates.total_slack_minutes for dates in ends)
    begin = max(scope.status_date or scope.schedule.project_start, scope.schedule.project_start)
    calendar = scope.logic.calendars.working_time(scope.plan.project.calendar_uid)
    length = calendar.between(to_minutes(begin), to_minutes(ends[0].finish))
    if length <= 0:
        return _CPLI.not_applicable("no working time is left from the status date to the finish")
    uids = [dates.uid for dates in ends if dates.total_slack_minutes < 0]
    return _CPLI.ratio((length + slack) / scope.minutes_per_day, length / scope.minutes_per_day, uids=uids)


def baseline_execution_index(scope: Scope) -> Check:
    """Tasks finished, over tasks due by the baseline and tasks that the baseline does not know."""
    if unknown := _unknown(scope):
        return _BEI.not_applicable(unknown)
    finished = [task for task in scope.tasks if is_finished(task)]
    unplanned = sum(1 for task in scope.tasks if task.uid not in scope.baselined)
    due = _due(scope)
    if not due and not unplanned:
        return _BEI.not_applicable("no task is due by the baseline yet")
    late = [task.uid for task in due if not is_finished(task)]
    return _BEI.ratio(len(finished), len(due) + unplanned, uids=late)


def _unknown(scope: Scope) -> str:
    if not scope.baselined:
        return _NO_BASELINE
    return NO_STATUS_DATE if scope.status_date is None else ""


def _due(scope: Scope) -> list[Task]:
    status_date, baselined = scope.status_date, scope.baselined
    assert status_date is not None
    return [task for task in scope.tasks if task.uid in baselined and baselined[task.uid].finish <= status_date]


def _ends(scope: Scope) -> list[TaskDates]:
    """The tasks and milestones that finish last."""
    tasks = [dates for dates in scope.schedule if not dates.summary and dates.uid in scope.logic.active]
    finish = max(dates.finish for dates in tasks)
    return [dates for dates in tasks if dates.finish == finish]


def _tested(scope: Scope) -> Task | None:
    """The first to start of the critical tasks; where none is critical, of those with the least slack."""
    if not scope.incomplete:
        return None
    least = min(scope.schedule[task.uid].total_slack_minutes for task in scope.incomplete)
    critical = [task for task in scope.incomplete if scope.schedule[task.uid].critical]
    chosen = critical or [task for task in scope.incomplete if scope.schedule[task.uid].total_slack_minutes == least]
    return min(chosen, key=lambda task: scope.schedule[task.uid].start)


def _slipped(plan: Plan, task: Task, minutes: int) -> Plan:
    """The plan with that much more to do on a task, by everybody who works on it."""
    remaining = remaining_minutes(task) + minutes
    longer = replace(task, duration_minutes=task.duration_minutes + minutes, remaining_minutes=remaining)
    if task.actual_start is None:
        longer = replace(longer, remaining_minutes=None)
    assignments = dict(plan.assignments)
    for uid, assignment in plan.assignments.items():
        if assignment.task_uid == task.uid and assignment.work_minutes is not None:
            more = round(minutes * assignment.units)
            left = assignment.remaining_work_minutes
            assignments[uid] = replace(
                assignment,
                work_minutes=assignment.work_minutes + more,
                remaining_work_minutes=None if left is None else left + more,
            )
    return replace(plan, tasks={**plan.tasks, task.uid: longer}, assignments=assignments)


def _moved(scope: Scope, task: Task, after: Schedule) -> int:
    """Minutes that the end of the plan moved by, of whichever working time of the tested task gives most."""
    if scope.plan.project.schedule_from is ScheduleFrom.FINISH:
        moves = [(after.project_start, scope.schedule.project_start)]
    else:
        moves = [(end.finish, after[end.uid].finish) for end in _ends(scope)]
    return max(
        calendar.between(to_minutes(earlier), to_minutes(later))
        for earlier, later in moves
        for calendar in scope.logic.times(task.uid)
    )
