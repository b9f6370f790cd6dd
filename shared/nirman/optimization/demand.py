"""Who asks for how much of whom, and when: the work of every assignment laid out over time; and how much there is.

An assignment works where the engine lets it work: in the calendar that the task's duration, or its own part of it, is
counted in, from the task's start (and its own delay) on, with the task's pauses. What is done of a task that has begun
is apart from what is left. Material and cost resources, inactive tasks and assignments of no units ask for nothing.

Instants are minutes since 1970, units whole ten-thousandths of a unit: sums are exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nirman.errors import InvalidPlanError
from nirman.planning.model import Assignment, EffortKind, Plan, Resource, ResourceKind, Rules, Split, Task
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.columns import remaining_minutes
from nirman.scheduling.instants import DAY, FIRST_DAY, LAST_DAY, to_day, to_minutes
from nirman.scheduling.kernel.library import NONE
from nirman.scheduling.working_time import ShiftTime, WorkingTime

UNIT = 10_000
"""One unit, 100 %, as these modules count."""
Interval = tuple[int, int]
"""From an instant until another, the last excluded."""
Steps = tuple[tuple[int, int], ...]
"""From an instant on, so many ten-thousandths of a unit; the first instant is before all plans."""
_PART_WIDTH = 5
_THROUGHOUT = ((0, None),)


@dataclass(frozen=True, slots=True)
class Pattern:
    """How an assignment works from its task's start on: `units` in those `stretches` of its working `time`.

    A stretch is from so many working minutes after the start (with the assignment's own delay) until so many; None:
    until the task's finish.
    """

    assignment_uid: int
    resource_uid: int
    units: int
    time: WorkingTime
    stretches: tuple[tuple[int, int | None], ...]

    def worked(self, start: int, finish: int) -> Iterator[Interval]:
        """The same in working minutes of `time`, of a task with these dates."""
        if start >= finish:
            return
        base, end = self.time.worked(start), self.time.worked(finish)
        for since, until in self.stretches:
            last = end if until is None else min(end, base + until)
            if base + since < last:
                yield base + since, last

    def laid(self, start: int, finish: int) -> Iterator[Interval]:
        """When it works, of a task with these dates."""
        if self.stretches == _THROUGHOUT:
            yield from intervals(self.time, start, finish)
            return
        for since, until in self.worked(start, finish):
            yield from intervals(self.time, self.time.start_at(since), self.time.finish_at(until))


@dataclass(frozen=True, slots=True)
class Use:
    """What one assignment asks of its resource, in working intervals that ascend and do not overlap."""

    assignment_uid: int
    task_uid: int
    resource_uid: int
    units: int
    left: tuple[Interval, ...]
    """Where what is not done is worked on."""
    done: tuple[Interval, ...] = ()
    """Where what is done was worked on."""


def uses(plan: Plan, schedule: Schedule) -> tuple[Use, ...]:
    """Of every assignment that works at all, in outline order of tasks and by uid."""
    demands = Demands(plan, schedule)
    return tuple(use for uid in demands.task_uids for use in demands.uses(uid))


def capacity(resource: Resource) -> Steps:
    """How much of the resource there is while it works, by date; its hours are its calendar's matter."""
    usual = whole_units(resource.max_units)
    steps = [(FIRST_DAY * DAY, usual)]
    for period in resource.availability:
        start = FIRST_DAY if period.start is None else to_day(period.start)
        finish = LAST_DAY if period.finish is None else to_day(period.finish) + 1
        steps += [(start * DAY, whole_units(period.units)), (finish * DAY, usual)]
    by_instant = dict(steps)  # where one period ends and the next begins, the next counts
    return tuple(sorted(by_instant.items()))


def available(steps: Steps, instant: int) -> int:
    return steps[max(0, bisect_right(steps, (instant, 2**62)) - 1)][1]


def whole_units(units: float) -> int:
    return round(units * UNIT)


def intervals(time: WorkingTime, start: int, finish: int) -> list[Interval]:
    """When work goes on from start to finish."""
    if start >= finish:
        return []
    if not isinstance(time, ShiftTime):
        return [(start, finish)]
    time.worked(start)
    time.worked(finish)  # both laid out now
    layout = time.layout
    first, last = bisect_right(layout.finishes, start), bisect_left(layout.starts, finish)
    found = list(zip(layout.starts[first:last], layout.finishes[first:last], strict=True))
    if found:
        found[0] = (max(start, found[0][0]), found[0][1])
        found[-1] = (found[-1][0], min(finish, found[-1][1]))
    return found


class Demands:
    """What the assignments of each task ask for, by the schedule's dates."""

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self._plan = plan
        self._rows = rows = schedule.network.rows
        self._calendars = Calendars(plan.calendars)
        self._primavera = plan.project.rules is Rules.PRIMAVERA
        by_task: dict[int, list[Assignment]] = {}
        for assignment in plan.assignments.values():
            if plan.resources[assignment.resource_uid].kind is ResourceKind.WORK and assignment.units > 0:
                by_task.setdefault(assignment.task_uid, []).append(assignment)
        self._assignments = {
            uid: sorted(by_task[uid], key=lambda assignment: assignment.uid)
            for uid in schedule.uids
            if uid in by_task and rows.task(rows.row_of[uid], "active")
        }

    @property
    def task_uids(self) -> Iterable[int]:
        """Of active tasks with people or machines, in outline order."""
        return self._assignments.keys()

    def patterns(self, uid: int) -> tuple[Pattern, ...]:
        """Of a task's assignments, as if nothing were done."""
        task = self._plan.tasks[uid]
        return tuple(
            self._pattern(uid, place, (0, task.duration_minutes), self._amount(task, assignment)[1])
            for place, assignment in enumerate(self._assignments.get(uid, ()))
        )

    def uses(self, uid: int) -> Iterator[Use]:
        rows, task = self._rows, self._plan.tasks[uid]
        row = rows.row_of[uid]
        start, finish = rows.task(row, "start"), rows.task(row, "finish")
        done, goes_on = self._progress(task, row, start, finish)
        for place, assignment in enumerate(self._assignments.get(uid, ())):
            units, minutes = self._amount(task, assignment)
            past: tuple[Interval, ...] = ()
            if done is None:
                left = tuple(self._pattern(uid, place, (0, task.duration_minutes), minutes).laid(start, finish))
            else:
                rest = _rest(task, assignment, minutes)
                worked = None if minutes is None else max(0, minutes - (rest or 0))
                first = self._pattern(uid, place, (0, done), worked)
                again = min(finish, self._own_part_goes_on(row, first) or goes_on)
                past = tuple(first.laid(start, again))
                second = self._pattern(uid, place, (done, max(done, task.duration_minutes)), rest, begun=True)
                left = tuple(second.laid(again, finish))
            yield Use(assignment.uid, uid, assignment.resource_uid, units, left, past)

    def _pattern(self, uid: int, place: int, part: Interval, minutes: int | None, *, begun: bool = False) -> Pattern:
        """Of that part of the task's minutes, or so many `minutes`; what has `begun` waits for nobody any more."""
        task, assignment = self._plan.tasks[uid], self._assignments[uid][place]
        delay = 0 if begun else assignment.delay_minutes
        stretches = tuple(
            (delay + since, None if until is None else delay + until)
            for since, until in _stretches(task.splits, part, minutes)
        )
        units = self._amount(task, assignment)[0]
        return Pattern(assignment.uid, assignment.resource_uid, units, self._time(task, place), stretches)

    def _progress(self, task: Task, row: int, start: int, finish: int) -> tuple[int | None, int]:
        """Minutes of a task's duration that are done (None: it has not begun), and when what is left goes on."""
        if task.actual_finish is not None:
            return task.duration_minutes, finish
        if task.actual_start is None:
            return None, start
        left = remaining_minutes(task)
        done = max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0)
        if left == 0:
            return done, finish
        if self._primavera:
            return done, self._rows.task(row, "early_start")
        counted = self._rows.timetable[self._rows.task(row, "calendar")]
        return done, max(start, counted.subtract(finish, self._rows.task(row, "remaining")))

    def _own_part_goes_on(self, row: int, done: Pattern) -> int | None:
        """Of a started task whose crews each work in their own hours: when one of them has `done` its share."""
        until = done.stretches[-1][1]
        if self._primavera or not self._rows.task(row, "parts") or until is None:
            return None
        instant = done.time.add(self._rows.task(row, "start"), until)
        project = self._plan.project
        if project.status_date is None or not project.work_after_status_date:
            return instant
        return max(instant, to_minutes(project.status_date))

    def _time(self, task: Task, place: int) -> WorkingTime:
        """Of a fixed duration, the resource works in those of its hours that lie in the task's, if there are any."""
        rows, row, assignments = self._rows, self._rows.row_of[task.uid], self._assignments[task.uid]
        if rows.task(row, "parts") == len(assignments):
            return rows.timetable[rows.parts[(rows.task(row, "first_part") + place) * _PART_WIDTH]]
        counted = rows.timetable[rows.task(row, "calendar")]
        resource = self._plan.resources[assignments[place].resource_uid].calendar_uid
        apart = self._primavera or task.duration_elapsed or task.ignore_resource_calendar
        if apart or resource is None or task.effort is not EffortKind.FIXED_DURATION:
            return counted
        own = self._plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid
        common = self._calendars.common(own, resource)
        try:
            together = common.between(rows.task(row, "start"), rows.task(row, "finish"))
        except InvalidPlanError:  # they never work together
            return counted
        return common if together else counted

    def _amount(self, task: Task, assignment: Assignment) -> tuple[int, int | None]:
        """Units, and for how many working minutes; None: as long as the task."""
        work, units, duration = assignment.work_minutes, assignment.units, task.duration_minutes
        row = self._rows.row_of[task.uid]
        own_part = self._rows.task(row, "parts") > 0
        spans = self._rows.task(row, "first_child") != NONE or task.manual
        # Files keep units to a hundredth: 160 minutes at 0.33 are the 480 minutes they were entered as.
        if work is None or spans or abs(work - duration * units) <= duration * 0.005 + 0.5:
            return whole_units(units), duration if own_part and not spans else None
        longer = work > duration * units and not own_part
        if duration and (task.effort is EffortKind.FIXED_DURATION or longer):
            return round(work * UNIT / duration), None
        return whole_units(units), round(work / units)


def _rest(task: Task, assignment: Assignment, minutes: int | None) -> int | None:
    """Working minutes of the assignment that are left; None: as long as the task's."""
    left, work = remaining_minutes(task), assignment.remaining_work_minutes
    if work is not None and abs(work - left * assignment.units) > left * 0.005 + 0.5:
        return round(work / assignment.units)
    return None if minutes is None else minutes * left // max(1, task.duration_minutes)


def _stretches(splits: Sequence[Split], part: Interval, minutes: int | None) -> Iterator[tuple[int, int | None]]:
    """From and until which working minute something is done, pauses counted; None: to the end."""
    at, last = part if minutes is None else (part[0], part[0] + minutes)
    since = 0
    for split in splits:
        if at <= split.after_minutes < last:
            yield since, since + split.after_minutes - at
            since += split.after_minutes - at + split.pause_minutes
            at = split.after_minutes
    yield since, None if minutes is None else since + last - at
