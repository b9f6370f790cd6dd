"""Pauses of split tasks, as MS Project XML has them: in the work that each assignment spreads over time.

The format says nowhere that a task is split. An assignment lists its remaining and its actual work period by period
(`TimephasedData` of types 1 and 2); where its calendar has working time in which nothing is done before work goes on,
the task pauses. A task without resources has such a list in its assignment to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from nirman.interchange.mspdi_fields import Fields
from nirman.planning.model import Assignment, EffortKind, Resource, ResourceKind, Split, Task
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime

_REMAINING_WORK, _ACTUAL_WORK = 1, 2
_BY_PERIOD = 8
"""WorkContour of work that is given period by period, as that of split tasks is."""

Period = tuple[int, int]
"""From and until, minutes since 1970."""


@dataclass(slots=True)
class Spread:
    """The work of one assignment over time."""

    assignment: Fields
    units: float
    contour: int
    periods: list[Period] = field(default_factory=list)
    """In which something is done."""
    left: list[Period] = field(default_factory=list)
    """Those of work that is not done yet."""
    minutes: list[int] = field(default_factory=list)
    """Work done in each."""

    def is_even(self, hours: Sequence[WorkingTime]) -> bool:
        """As much in every minute of one of `hours` that is worked; the last period may end before its time."""
        if self.contour != _BY_PERIOD or not self.periods:
            return self.contour == 0
        inner = list(zip(self.periods, self.minutes, strict=True))[:-1]
        return any(
            all(abs(working.between(*period) * self.units - minutes) <= 1 for period, minutes in inner)
            for working in hours
        )


def read_spread(assignment: Fields) -> Spread:
    """What else is time-phased (baselines, costs) is counted as not kept."""
    spread = Spread(
        assignment, float(assignment.decimal("Units", Decimal(1))), assignment.integer("WorkContour", 0, high=8)
    )
    others = 0
    for element in assignment.nested("TimephasedData"):
        record = Fields(element, assignment.report, "TimephasedData")
        kind = record.integer("Type", 0)
        if kind not in (_REMAINING_WORK, _ACTUAL_WORK):
            others += 1
            continue
        minutes = record.lasting("Value")
        start, finish = record.instant("Start"), record.instant("Finish")
        if minutes and start is not None and finish is not None and start < finish:
            spread.periods.append((to_minutes(start), to_minutes(finish)))
            spread.minutes.append(minutes)
            if kind == _REMAINING_WORK:
                spread.left.append(spread.periods[-1])
    if others:
        assignment.report.dropped["Assignment/TimephasedData"] += others
    return spread


def with_pauses(task: Task, spreads: Sequence[Spread], hours: Sequence[WorkingTime]) -> Task:
    """The task, with the pauses that its assignments tell of; `hours`: of each who works on it."""
    periods = [period for spread in spreads for period in spread.periods]
    splits = _pauses(periods, hours, 0, task.duration_minutes)
    if splits:
        # The resume date would say the last of these pauses a second time.
        return replace(task, splits=splits, resume=None)
    if task.actual_start is None or task.remaining_minutes is None:
        return task
    # What is done may have taken another time than was planned; what is left goes on from the resume date.
    periods = [period for spread in spreads for period in spread.left]
    done = max(0, task.duration_minutes - task.remaining_minutes)
    splits = _pauses(periods, hours, done, task.remaining_minutes)
    return replace(task, splits=splits) if splits else task


def _pauses(periods: Iterable[Period], hours: Sequence[WorkingTime], done: int, duration: int) -> tuple[Split, ...]:
    """Where all assignments of a task pause at once; none when what they work is not its duration after all.

    It is worked on when anybody works, and pauses when everybody could and nobody does: that one of several has a day
    off is no pause. `done`: minutes of work before the first of `periods`.
    """
    united = _united(periods)
    worked, found = 0, dict[int, int]()
    for index, (start, finish) in enumerate(united):
        idle = min(working.between(united[index - 1][1], start) for working in hours) if index else 0
        if idle > 0:
            found[done + worked] = found.get(done + worked, 0) + idle
        worked += max(working.between(start, finish) for working in hours)
    # Files tell seconds, of which each end loses some.
    if abs(worked - duration) > len(united):
        return ()
    return tuple(Split(after_minutes=after, pause_minutes=pause) for after, pause in sorted(found.items()) if after)


def worked_by(assignments: Iterable[Assignment], resources: Mapping[int, Resource]) -> dict[int, list[Resource]]:
    """By task, the resources whose calendars decide when it is worked on: people and machines."""
    found: dict[int, list[Resource]] = {}
    for assignment in assignments:
        resource = resources[assignment.resource_uid]
        if resource.kind is ResourceKind.WORK and assignment.units > 0 and assignment.work_minutes != 0:
            found.setdefault(assignment.task_uid, []).append(resource)
    return found


def counted_in(
    task: Task, resources: Sequence[Resource], calendars: Calendars, project_calendar_uid: int
) -> WorkingTime:
    """The calendar of the task's duration: its resources' where they agree, else its own or the project's."""
    found = hours_of(task, resources, calendars, project_calendar_uid)
    if len(found) == 1:
        return found[0]
    return calendars.working_time(project_calendar_uid if task.calendar_uid is None else task.calendar_uid)


def hours_of(
    task: Task, resources: Sequence[Resource], calendars: Calendars, project_calendar_uid: int
) -> tuple[WorkingTime, ...]:
    """When those who work on the task do, the same hours once; its own or the project's where nobody is assigned."""
    if task.duration_elapsed:
        return (ELAPSED,)
    own = project_calendar_uid if task.calendar_uid is None else task.calendar_uid
    if not resources or task.effort is EffortKind.FIXED_DURATION or task.ignore_resource_calendar:
        return (calendars.working_time(own),)
    theirs = sorted({own if resource.calendar_uid is None else resource.calendar_uid for resource in resources})
    found = [calendars.working_time(uid) if task.calendar_uid is None else calendars.common(own, uid) for uid in theirs]
    return tuple({id(working): working for working in found}.values())


def _united(periods: Iterable[Period]) -> Sequence[Period]:
    united: list[Period] = []
    for start, finish in sorted(periods):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], finish))
        else:
            united.append((start, finish))
    return united
