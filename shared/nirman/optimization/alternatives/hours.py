"""More hours: the crews of some tasks work longer days, or do them in a second shift.

Longer days are a calendar of the task, in which all of its crew works; the hours beyond the usual are paid at the
overtime rate, and what this is more than the standard rate becomes a fixed cost of the task. A second shift is a second
crew with hours of its own: for each resource of the task another of the same skills, at the overtime rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nirman.optimization.alternatives.delays import levelled_by
from nirman.optimization.alternatives.eligibility import why_kept
from nirman.optimization.alternatives.levelling import Levelled
from nirman.optimization.alternatives.proposals import Case, Proposal, joined
from nirman.optimization.alternatives.result import Impossible, Way
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.alternatives.working_hours import (
    LEAST_SHIFT_MINUTES,
    MOST_DAYS,
    added,
    exceptions,
    longer_days,
    reshaped,
    second_shift,
)
from nirman.optimization.demand import Interval
from nirman.planning.baselines import rounded
from nirman.planning.commands import Create, Operation, Update
from nirman.planning.costs import NOTHING, UNIT_MINUTES
from nirman.planning.model import Kind, Resource, Rules, Task, TaskKind
from nirman.planning.records import to_plain
from nirman.scheduling.instants import DAY, to_minutes
from nirman.scheduling.working_time import ShiftTime, WorkingTime

_NO_RATE = "a resource has no overtime rate: its standard rate is taken"
_MOST_SETS = 2


def overtime(case: Case) -> Iterator[Proposal | Impossible]:
    """Longer days for the tasks that stay, or for all, and as much delay as the conflict then still needs."""
    fit = [task for task in case.tasks if why_not_longer(case.situation, task) is None]
    if not fit:
        rules = sorted({str(why_not_longer(case.situation, task)) for task in case.tasks})
        yield case.impossible(Way.OVERTIME, "; ".join(rules), (task.uid for task in case.tasks))
        return
    found = False
    for members in (*case.sets[:_MOST_SETS], ()):
        staying = tuple(task.uid for task in fit if task.uid not in members)
        choices = [staying, tuple(task.uid for task in fit)] if members else [staying]
        for uids in dict.fromkeys(choices):
            if uids and (proposal := _overtime(case, uids, members)) is not None:
                found = True
                yield proposal
    if not found:
        yield case.impossible(
            Way.OVERTIME, "their days cannot be longer, or it does not help", (one.uid for one in fit)
        )


def second_shifts(case: Case) -> Iterator[Proposal | Impossible]:
    """Tasks without which the resource is not overloaded, in a shift after the last of the day."""
    failed: set[int] = set()
    for members in case.sets:
        tasks = [case.situation.plan.tasks[uid] for uid in members]
        values = [_shift_of(case, task) for task in tasks]
        if any(value is None for value in values):
            failed.update(members)
            continue
        yield _second_shift(case, [_Shift(task, value) for task, value in zip(tasks, values, strict=True) if value])
    if failed or not case.sets:
        least = LEAST_SHIFT_MINUTES // 60
        rule = f"{least} hours must be left after the last shift of the day, and the task must not have begun"
        yield case.impossible(Way.SECOND_SHIFT, rule, sorted(failed) or (task.uid for task in case.tasks))


def why_not_longer(situation: Situation, task: Task) -> str | None:
    """The rule by which a task's crew cannot work longer days; None where it can."""
    if (rule := why_kept(task, situation.schedule.outline.children)) is not None:
        return rule.replace("keeps its resources", "keeps its hours")
    if task.manual or task.duration_elapsed:
        return "a task with dates of its own, or that runs in every minute, has no longer days"
    if situation.plan.project.rules is Rules.PRIMAVERA and task.kind is TaskKind.RESOURCE_DEPENDENT:
        return "a resource-dependent task works in the calendars of its resources"
    rows = situation.schedule.network.rows
    if rows.task(rows.row_of[task.uid], "parts") or not isinstance(_counted_in(situation, task.uid), ShiftTime):
        return "the crew of the task has no hours in common"
    return None


def _counted_in(situation: Situation, uid: int) -> WorkingTime:
    rows = situation.schedule.network.rows
    return rows.timetable[rows.task(rows.row_of[uid], "calendar")]


def _overtime(case: Case, uids: Sequence[int], members: tuple[int, ...]) -> Proposal | None:
    """None where nobody's days can be longer, or the conflict cannot be levelled then."""
    delayed = levelled_by(case, case.situation, members) if members else None
    if members and delayed is None:
        return None
    operations: list[Operation] = []
    hours: dict[int, list[Interval]] = {}
    calendar_uid = case.situation.plan.next_uid(Kind.CALENDAR)
    for uid in uids:
        made = _longer(case, uid, calendar_uid + len(hours), delayed)
        if made is not None:
            operations += made[0]
            hours[uid] = made[1]
    if not hours:
        return None
    longer = case.situation.after(operations)
    if members:
        levelled = levelled_by(case, longer, members)
        if levelled is None:
            return None
        operations += levelled.operations()
        longer = levelled.situation
    premiums = {uid: _premium(longer, uid, added) for uid, added in hours.items()}
    operations += [
        Update(Kind.TASK, uid, increase={"fixed_cost": premium}) for uid, premium in premiums.items() if premium
    ]
    worked = [case.situation.plan.resources[one] for uid in hours for one in case.situation.resources_of(uid)]
    waiting = f", with a delay of {case.named(members)}" if members else ""
    return Proposal(
        way=Way.OVERTIME,
        key=f"{joined(hours)}-after-{joined(members)}" if members else joined(hours),
        text=f"Work longer days on {case.named(hours)}{waiting}",
        operations=tuple(operations),
        remarks=(_NO_RATE,) if any(not one.overtime_rate for one in worked) else (),
    )


def _longer(
    case: Case, uid: int, calendar_uid: int, delayed: Levelled | None
) -> tuple[list[Operation], list[Interval]] | None:
    """A calendar with longer days from when the task may begin until it ends at the latest, and when that is worked."""
    task, plan, time = case.situation.plan.tasks[uid], case.situation.plan, _counted_in(case.situation, uid)
    schedules = [case.situation.schedule] if delayed is None else [case.situation.schedule, delayed.situation.schedule]
    first = min(to_minutes(schedule[uid].start) for schedule in schedules) // DAY
    last = max(to_minutes(schedule[uid].finish) for schedule in schedules) // DAY
    longer = longer_days(time, first, min(last, first + MOST_DAYS))
    if not longer:
        return None
    owners = {plan.resources[one].calendar_uid for one in case.situation.resources_of(uid)}
    base = owners.pop() if task.calendar_uid is None and len(owners) == 1 else task.calendar_uid
    name = f"Longer days for {task.name}"[:512]
    values = {
        "name": name,
        "base_uid": plan.project.calendar_uid if base is None else base,
        "exceptions": exceptions(longer, "Longer day"),
    }
    hours = {"calendar_uid": calendar_uid, "ignore_resource_calendar": True}
    return [Create(Kind.CALENDAR, values, calendar_uid), Update(Kind.TASK, uid, hours)], added(longer, time)


def _premium(situation: Situation, uid: int, hours: Sequence[Interval]) -> Decimal:
    """What the work in these hours costs more than at the standard rate."""
    premium = NOTHING
    for resource_uid in situation.resources_of(uid):
        resource = situation.plan.resources[resource_uid]
        more = max(NOTHING, resource.overtime_rate - resource.standard_rate)
        for use in situation.uses_by(uid, resource_uid):
            minutes = _common_minutes(use.left, hours)
            premium += more * minutes * use.units / (UNIT_MINUTES * 10_000)
    return rounded(premium)


def _common_minutes(one: Sequence[Interval], other: Sequence[Interval]) -> int:
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)


@dataclass(frozen=True, slots=True)
class _Shift:
    task: Task
    calendar: dict[str, object]


def _shift_of(case: Case, task: Task) -> dict[str, object] | None:
    """Values of a calendar for a second shift on the task; None where there is no room for one."""
    situation = case.situation
    if why_kept(task, situation.schedule.outline.children) is not None or task.duration_elapsed:
        return None
    time = _counted_in(situation, task.uid)
    if not isinstance(time, ShiftTime):
        return None
    first = to_minutes(situation.schedule[task.uid].start) // DAY
    last = max(to_minutes(situation.schedule.project_finish) // DAY, first + 28)
    values = reshaped(time, first, min(last, first + MOST_DAYS), second_shift, f"Second shift for {task.name}"[:512])
    return values if any(values["week"]) else None


def _second_shift(case: Case, shifts: Sequence[_Shift]) -> Proposal:
    plan = case.situation.plan
    calendar_uid, resource_uid = plan.next_uid(Kind.CALENDAR), plan.next_uid(Kind.RESOURCE)
    operations: list[Operation] = []
    remarks: set[str] = set()
    for number, shift in enumerate(shifts):
        operations.append(Create(Kind.CALENDAR, shift.calendar, calendar_uid + number))
        for assignment in case.situation.by_task[shift.task.uid]:
            crew = plan.resources[assignment.resource_uid]
            if not crew.overtime_rate:
                remarks.add(_NO_RATE)
            values = _second_crew(crew, assignment.units, calendar_uid + number)
            operations.append(Create(Kind.RESOURCE, values, resource_uid))
            operations.append(Update(Kind.ASSIGNMENT, assignment.uid, {"resource_uid": resource_uid}))
            resource_uid += 1
        operations.append(Update(Kind.TASK, shift.task.uid, {"calendar_uid": calendar_uid + number}))
    uids = [shift.task.uid for shift in shifts]
    return Proposal(
        way=Way.SECOND_SHIFT,
        key=joined(uids),
        text=f"Do {case.named(uids)} in a second shift",
        operations=tuple(operations),
        remarks=tuple(sorted(remarks)),
    )


def _second_crew(crew: Resource, units: float, calendar_uid: int) -> dict[str, object]:
    rate = max(crew.overtime_rate, crew.standard_rate)
    return {
        "name": f"{crew.name}, second shift"[:512],
        "calendar_uid": calendar_uid,
        "max_units": units,
        "skills": to_plain(crew.skills),
        "group": crew.group,
        "standard_rate": to_plain(rate),
        "overtime_rate": to_plain(rate),
        "cost_per_use": to_plain(crew.cost_per_use),
        "accrual": to_plain(crew.accrual),
    }
