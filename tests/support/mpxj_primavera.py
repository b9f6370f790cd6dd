"""What MPXJ's PrimaveraScheduler makes of a plan: the independent scheduler that ours is held against.

`schedules(plans)` runs it in a process of its own, one Java machine for all plans. Run as a program, this reads the
plans from standard input and writes their dates to standard output.

MPXJ asks for what P6 would have stored: of work in progress the duration from its actual start to its finish. Where
nothing precedes it, that is work from the data date on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    DayShifts,
    LagCalendar,
    LinkKind,
    Plan,
    ResourceKind,
    SlackKind,
    Task,
    TaskKind,
)
from nirman.planning.outline import outline
from nirman.scheduling.columns import remaining_minutes
from tests.support.mpxj import ENVIRONMENT, TIMEOUT_S, mpxj_interpreter

_CONSTRAINTS = {
    ConstraintKind.ASAP: "AS_SOON_AS_POSSIBLE",
    ConstraintKind.ALAP: "AS_LATE_AS_POSSIBLE",
    ConstraintKind.SNET: "START_NO_EARLIER_THAN",
    ConstraintKind.SNLT: "START_NO_LATER_THAN",
    ConstraintKind.FNET: "FINISH_NO_EARLIER_THAN",
    ConstraintKind.FNLT: "FINISH_NO_LATER_THAN",
    ConstraintKind.MSO: "MUST_START_ON",
    ConstraintKind.MFO: "MUST_FINISH_ON",
    ConstraintKind.SO: "START_ON",
    ConstraintKind.FO: "FINISH_ON",
}
_LINKS = {
    LinkKind.FS: "FINISH_START",
    LinkKind.SS: "START_START",
    LinkKind.FF: "FINISH_FINISH",
    LinkKind.SF: "START_FINISH",
}
_KINDS = {TaskKind.TASK: "TASK_DEPENDENT"}
_LAG_CALENDARS = {LagCalendar.PROJECT: "PROJECT_DEFAULT", LagCalendar.ELAPSED: "TWENTY_FOUR_HOUR"}
_SLACK = {SlackKind.START: "START_SLACK", SlackKind.FINISH: "FINISH_SLACK", SlackKind.LEAST: "SMALLEST_SLACK"}


class OracleDates(msgspec.Struct):
    """`None` where MPXJ has no date."""

    start: datetime | None
    finish: datetime | None
    early_start: datetime | None
    early_finish: datetime | None
    late_start: datetime | None
    late_finish: datetime | None
    total_slack_minutes: int | None
    free_slack_minutes: int | None
    longest_path: bool


Found = dict[int, OracleDates]


def schedules(plans: Sequence[Plan]) -> list[Found]:
    """Dates by task uid, for each plan."""
    done = subprocess.run(
        [mpxj_interpreter(), "-m", __name__],
        input=msgspec.json.encode(plans),
        capture_output=True,
        check=False,
        timeout=TIMEOUT_S,
        env={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=list[Found])


class Mpxj:
    """The Java classes, once the machine runs."""

    def __init__(self) -> None:
        import jpype  # noqa: PLC0415 - starts Java
        import mpxj  # noqa: F401, PLC0415 - puts its archives on the class path

        if not jpype.isJVMStarted():
            jpype.startJVM("-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory")
        self._class = jpype.JClass
        for name in ("Duration", "ProjectFile", "Relation", "LocalTimeRange", "ActivityType", "ConstraintType"):
            setattr(self, name, jpype.JClass(f"org.mpxj.{name}"))

    def __getattr__(self, name: str) -> Any:
        package = "java.time" if name in ("LocalDate", "LocalDateTime", "LocalTime", "DayOfWeek") else "org.mpxj"
        found = self._class(f"{package}.{name}")
        setattr(self, name, found)
        return found

    def instant(self, at: datetime | None) -> Any:
        return None if at is None else self.LocalDateTime.of(at.year, at.month, at.day, at.hour, at.minute)

    def hours(self, minutes: float) -> Any:
        return self.Duration.getInstance(float(minutes) / 60, self.TimeUnit.HOURS)

    def number(self, value: float) -> Any:
        return self._class("java.lang.Double").valueOf(float(value))

    def integer(self, value: int) -> Any:
        return self._class("java.lang.Integer").valueOf(value)


@dataclass
class _Project:
    """One plan as MPXJ holds it."""

    java: Mpxj
    plan: Plan

    def __post_init__(self) -> None:
        java, plan = self.java, self.plan
        self.file = java.ProjectFile()
        self.file.getProjectConfig().setSlackClaculator(  # so spelt by MPXJ
            java._class("org.mpxj.cpm.PrimaveraSlackCalculator")(self.file)
        )
        self.calendars: dict[int, Any] = {}
        for calendar in plan.calendars.values():
            self._add_calendar(calendar)
        self._set_properties()
        self.tasks: dict[int, Any] = {}
        tree = outline(plan.tasks)
        for uid in tree.uids:
            self._add_task(plan.tasks[uid], summary=tree.is_summary(uid))
        for link in sorted(plan.links.values(), key=lambda link: link.uid):
            relation = (
                java.Relation.Builder()
                .predecessorTask(self.tasks[link.predecessor_uid])
                .type(getattr(java.RelationType, _LINKS[link.kind]))
                .lag(java.hours(link.lag_minutes))
            )
            self.tasks[link.successor_uid].addPredecessor(relation)
        self.resources: dict[int, Any] = {}
        for resource in plan.resources.values():
            made = self.resources[resource.uid] = self.file.addResource()
            made.setName(resource.name)
            made.setType(java.ResourceType.WORK if resource.kind is ResourceKind.WORK else java.ResourceType.MATERIAL)
            made.setCalendar(self.calendars[resource.calendar_uid or plan.project.calendar_uid])
        for assignment in plan.assignments.values():
            self._add_assignment(assignment)
        for task in plan.tasks.values():
            if task.actual_start is not None:
                self._set_progress(task)

    def _hours_of(self, owner: Any, shifts: DayShifts) -> None:
        for start, finish in shifts:
            owner.add(self.java.LocalTimeRange(self._time(start), self._time(finish)))

    def _time(self, minute: int) -> Any:
        return self.java.LocalTime.of(minute // 60 % 24, minute % 60)

    def _add_calendar(self, calendar: Calendar) -> None:
        java = self.java
        made = self.calendars[calendar.uid] = self.file.addCalendar()
        made.setName(calendar.name)
        for day, shifts in zip(java.DayOfWeek.values(), calendar.week, strict=True):
            assert shifts is not None, "calendars of generated plans stand alone"
            made.setCalendarDayType(day, java.DayType.WORKING if shifts else java.DayType.NON_WORKING)
            self._hours_of(made.addCalendarHours(day), shifts)
        for exception in calendar.exceptions:
            first, last = exception.start, exception.finish
            self._hours_of(
                made.addCalendarException(
                    java.LocalDate.of(first.year, first.month, first.day),
                    java.LocalDate.of(last.year, last.month, last.day),
                ),
                exception.shifts,
            )

    def _set_properties(self) -> None:
        java, project = self.java, self.plan.project
        self.file.setDefaultCalendar(self.calendars[project.calendar_uid])
        properties = self.file.getProjectProperties()
        properties.setStatusDate(java.instant(project.status_date))
        properties.setMustFinishBy(java.instant(project.must_finish))
        properties.setUseExpectedFinishDates(project.use_expected_finish)
        lag_calendar = project.lag_calendar or LagCalendar.PREDECESSOR
        properties.setRelationshipLagCalendar(
            getattr(java.RelationshipLagCalendar, _LAG_CALENDARS.get(lag_calendar, lag_calendar.name))
        )
        slack = java.TotalSlackCalculationType
        properties.setTotalSlackCalculationType(getattr(slack, _SLACK[project.slack_kind or SlackKind.FINISH]))

    def _add_task(self, task: Task, *, summary: bool) -> None:
        java = self.java
        above = self.file if task.parent_uid is None else self.tasks[task.parent_uid]
        made = self.tasks[task.uid] = above.addTask()
        made.setName(task.name)
        made.setSummary(summary)
        if summary:
            return
        made.setActivityType(getattr(java.ActivityType, _KINDS.get(task.kind, task.kind.name)))
        made.setCalendar(self.calendars[task.calendar_uid or self.plan.project.calendar_uid])
        remaining = 0 if task.actual_finish else remaining_minutes(task)
        made.setPlannedDuration(java.hours(task.duration_minutes))
        made.setDuration(java.hours(remaining))
        made.setActualDuration(java.hours(0))
        made.setRemainingDuration(java.hours(remaining))
        made.setPercentCompleteType(java.PercentCompleteType.DURATION)
        made.setPercentageComplete(java.number(0))
        made.setConstraintType(getattr(java.ConstraintType, _CONSTRAINTS[task.constraint]))
        made.setConstraintDate(java.instant(task.constraint_date))
        if task.second_constraint is not ConstraintKind.ASAP:
            made.setSecondaryConstraintType(getattr(java.ConstraintType, _CONSTRAINTS[task.second_constraint]))
            made.setSecondaryConstraintDate(java.instant(task.second_constraint_date))
        made.setExpectedFinish(java.instant(task.expected_finish))
        made.setExternalEarlyStart(java.instant(task.external_early_start))
        made.setExternalLateFinish(java.instant(task.external_late_finish))
        made.setActualStart(java.instant(task.actual_start))
        made.setActualFinish(java.instant(task.actual_finish))
        made.setSuspendDate(java.instant(task.stop))
        made.setResume(java.instant(task.resume))

    def _add_assignment(self, assignment: Assignment) -> None:
        java, task = self.java, self.plan.tasks[assignment.task_uid]
        work = task.duration_minutes * assignment.units if assignment.work_minutes is None else assignment.work_minutes
        actual = assignment.actual_work_minutes or 0
        remaining = work - actual if assignment.remaining_work_minutes is None else assignment.remaining_work_minutes
        made = self.tasks[assignment.task_uid].addResourceAssignment(self.resources[assignment.resource_uid])
        made.setUnits(java.number(assignment.units * 100))
        made.setRemainingUnits(java.number(assignment.units * 100))
        made.setWork(java.hours(work))
        made.setActualWork(java.hours(actual))
        made.setRemainingWork(java.hours(remaining))

    def _set_progress(self, task: Task) -> None:
        """What a reader works out of the dates that P6 stored."""
        java, made = self.java, self.tasks[task.uid]
        calendar, start = made.getEffectiveCalendar(), made.getActualStart()
        now = self.file.getProjectProperties().getStatusDate()
        until = made.getActualFinish()
        if until is None:
            until = start if now.isBefore(start) else now
        actual = calendar.getWork(start, until, java.TimeUnit.HOURS)
        made.setActualDuration(actual)
        if made.getActualFinish() is not None:
            made.setDuration(actual)
            return
        remaining = made.getRemainingDuration()
        if actual.getDuration() == 0 or remaining.getDuration() == 0:
            made.setDuration(remaining if actual.getDuration() == 0 else actual)
            return
        finish = calendar.getDate(calendar.getNextWorkStart(now), remaining)
        made.setDuration(calendar.getWork(start, finish, java.TimeUnit.HOURS))

    def scheduled(self) -> Found:
        self.java._class("org.mpxj.cpm.PrimaveraScheduler")().schedule(
            self.file, self.java.instant(self.plan.project.start)
        )
        return {uid: _dates(task) for uid, task in self.tasks.items()}


def _instant(at: Any) -> datetime | None:
    return None if at is None else datetime.fromisoformat(str(at))


def _minutes(duration: Any) -> int | None:
    return None if duration is None else round(float(duration.getDuration()) * 60)


def _dates(task: Any) -> OracleDates:
    return OracleDates(
        start=_instant(task.getStart()),
        finish=_instant(task.getFinish()),
        early_start=_instant(task.getEarlyStart()),
        early_finish=_instant(task.getEarlyFinish()),
        late_start=_instant(task.getLateStart()),
        late_finish=_instant(task.getLateFinish()),
        total_slack_minutes=_minutes(task.getTotalSlack()),
        free_slack_minutes=_minutes(task.getFreeSlack()),
        longest_path=bool(task.getLongestPath()),
    )


def in_process(plans: Sequence[Plan]) -> list[Found]:
    java = Mpxj()
    return [_Project(java, plan).scheduled() for plan in plans]


def main() -> None:
    plans = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Plan])
    sys.stdout.buffer.write(msgspec.json.encode(in_process(plans)))


if __name__ == "__main__":
    main()
