"""The numbers that effort is about: of a task the time done and left, of an assignment the work done and left.

Units times time left is work left; what is done stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from nirman.planning.costs import duration_share
from nirman.planning.model import Assignment, Plan, Resource, Rules, Task
from nirman.scheduling.columns import remaining_minutes

_UNITS_DIGITS = 4
"""Units are kept to a hundredth of a percent."""
LEAST_UNITS = 10.0**-_UNITS_DIGITS


def nearly_none(task_minutes: int) -> float:
    """Minutes of work that the engine does not tell from none: files keep units to a hundredth."""
    return task_minutes * 0.005 + 0.5


@dataclass(frozen=True, slots=True)
class Time:
    """Working minutes of a task; elapsed ones of an elapsed duration."""

    done: int
    left: int


@dataclass(frozen=True, slots=True)
class Share:
    """What an assignment has of its task: `done` and `left` are minutes of work, `delay` is still to come."""

    units: float
    done: int
    left: int
    delay: int

    @property
    def work(self) -> int:
        return self.done + self.left

    def fills(self, minutes: int) -> bool:
        """Work left is units times that time, but for what rounding does: to minutes, and of units."""
        return abs(self.left - self.units * minutes) <= max(1.0, self.units) + minutes * LEAST_UNITS

    def minutes(self, task_minutes: int) -> float:
        """How long the work left takes: as long as the task where rounding, also that of units in files, hides it."""
        if self.units <= 0:
            return 0.0
        nearly = abs(self.left - self.units * task_minutes) <= nearly_none(task_minutes)
        return task_minutes if nearly or self.fills(task_minutes) else self.left / self.units


def time_of(task: Task) -> Time:
    """As the engine reads progress."""
    left = remaining_minutes(task)
    if not _begun(task):
        return Time(0, left)
    return Time(max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0), left)


def with_time(task: Task, time: Time, rules: Rules) -> Task:
    """The task with other time left; by P6's rules what has begun keeps the duration that was planned.

    Percent complete and remaining duration follow; the latter stays open where percent complete says as much.
    """
    whole = time.done + time.left
    if not _begun(task):
        return replace(task, duration_minutes=whole)
    planned = rules is Rules.PRIMAVERA and (task.remaining_minutes is not None or task.duration_minutes != whole)
    if planned:
        return replace(task, remaining_minutes=time.left)
    percent = round(100 * time.done / whole) if whole else task.percent_complete
    if whole * percent // 100 > time.done:
        percent -= 1
    changed = replace(task, duration_minutes=whole, percent_complete=percent)
    said = replace(changed, remaining_minutes=None)
    left_open = task.remaining_minutes is None and remaining_minutes(said) == time.left
    return said if left_open else replace(changed, remaining_minutes=time.left)


def share_of(task: Task, assignment: Assignment) -> Share:
    """What is not said follows from the task's duration and percent complete."""
    planned = planned_work(task, assignment)
    done = assignment.actual_work_minutes
    if done is None:
        done = _done_of(task, planned)
    left = assignment.remaining_work_minutes
    if left is None:
        left = max(0, planned - done)
    started = _begun(task) or assignment.actual_start is not None
    return Share(assignment.units, done, left, 0 if started else assignment.delay_minutes)


def with_share(task: Task, assignment: Assignment, share: Share) -> Assignment:
    """The assignment with these numbers; what is left open stays so where the task says the same."""
    changed = replace(assignment, units=share.units)
    planned = planned_work(task, replace(changed, work_minutes=None))
    if assignment.work_minutes is not None or planned != share.work:
        planned = share.work
        changed = replace(changed, work_minutes=planned)
    if assignment.actual_work_minutes is not None or _done_of(task, planned) != share.done:
        changed = replace(changed, actual_work_minutes=share.done)
    if assignment.remaining_work_minutes is not None:
        changed = replace(changed, remaining_work_minutes=share.left)
    return changed


def reported(was: Task, task: Task, assignment: Assignment) -> Assignment:
    """The assignment after a report of the task's progress: stated work is left as time is, and the rest is done."""
    if assignment.actual_work_minutes is None and assignment.remaining_work_minutes is None:
        return assignment
    share, before, after = share_of(was, assignment), time_of(was).left, time_of(task).left
    if before == after:
        return assignment
    pace = share.units if share.fills(before) or not before else share.left / before
    left = round(pace * after)
    done = max(share.done, share.work - left)
    return with_share(task, assignment, Share(share.units, done, left, share.delay))


def planned_work(task: Task, assignment: Assignment) -> int:
    """Minutes, done and not."""
    if assignment.work_minutes is not None:
        return assignment.work_minutes
    return round(task.duration_minutes * assignment.units)


def units_for(left: int, minutes: float, now: float) -> float:
    """Units that do the work in the time; those of now where they do. ZeroDivisionError without time."""
    if not left:
        return 0.0
    units = left / minutes
    return now if abs(units - now) <= LEAST_UNITS / 2 else max(round(units, _UNITS_DIGITS), LEAST_UNITS)


def divided(total: int, weights: Sequence[float]) -> list[int]:
    """Whole minutes in proportion to the weights, or alike without any; their sum is the total."""
    weights = weights if sum(weights) > 0 else [1.0] * len(weights)
    reached = [round(total * part / sum(weights)) for part in accumulate(weights)]
    return [upper - lower for lower, upper in zip([0, *reached], reached, strict=False)]


def on_task_calendar(plan: Plan, task: Task, resource: Resource) -> bool:
    """The resource works when the task's duration runs, so that the two can be compared."""
    own = plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid
    return task.ignore_resource_calendar or resource.calendar_uid in (None, own)


def _begun(task: Task) -> bool:
    return task.percent_complete > 0 or task.remaining_minutes is not None


def _done_of(task: Task, planned: int) -> int:
    return round(planned * duration_share(task))
