"""A network without what MPXJ is known to schedule otherwise than P6.

Each difference is one function, which finds its construct in a plan and says what stands in its place; a line of
docs/scheduling-primavera.md tells why Nirman does not do as MPXJ does. Nothing else is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from nirman.planning.model import ConstraintKind, LagCalendar, Link, LinkKind, Plan, Task, TaskKind
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes

_TO_FINISH = (LinkKind.FF, LinkKind.SF)
_FROM_FINISH = (LinkKind.FS, LinkKind.FF)


def on_common_ground(plan: Plan) -> Plan:
    """The plan, its constructs replaced until none is left: a start that moves may make another one."""
    while True:
        schedule = schedule_plan(plan)
        tasks = {task.uid: task for find in _IN_TASKS for task in find(plan, schedule)}
        links = {link.uid: link for find in _IN_LINKS for link in find(plan, schedule)}
        if not tasks and not links:
            return plan
        plan = replace(plan, tasks={**plan.tasks, **tasks}, links={**plan.links, **links})


def _unstarted(plan: Plan, *kinds: ConstraintKind) -> Iterator[tuple[Task, datetime]]:
    """What has such a constraint, and its date."""
    for task in plan.tasks.values():
        if task.constraint in kinds and task.constraint_date is not None and task.actual_start is None:
            yield task, task.constraint_date


def _unconstrained(task: Task) -> Task:
    return replace(task, constraint=ConstraintKind.ASAP, constraint_date=None)


def _start_on_the_day_of_its_constraint(plan: Plan, schedule: Schedule) -> Iterator[Task]:
    """MPXJ pulls a start that links put off until later on that day back to the date."""
    calendars = Calendars(plan.calendars)
    for task, at in _unstarted(plan, ConstraintKind.SNET):
        tomorrow = datetime.combine(at.date() + timedelta(days=1), time())
        working = calendars.working_time(task.calendar_uid or plan.project.calendar_uid)
        if at < schedule[task.uid].early_start <= to_datetime(working.next_start(to_minutes(tomorrow))):
            yield replace(task, constraint_date=at - timedelta(days=1))


def _start_after_an_asked_finish(plan: Plan, schedule: Schedule) -> Iterator[Task]:
    """MPXJ keeps the finish that a link asks for when the constraint then moves the start."""
    asked = {link.successor_uid for link in plan.links.values() if link.kind in _TO_FINISH}
    for task, _ in _unstarted(plan, ConstraintKind.SNET, ConstraintKind.SO, ConstraintKind.MSO):
        if task.uid in asked and schedule[task.uid].driver is None:
            yield _unconstrained(task)


def _finish_before_the_data_date(plan: Plan, schedule: Schedule) -> Iterator[Task]:
    """MPXJ lets work without predecessors finish on the date, however early."""
    linked = {link.successor_uid for link in plan.links.values()}
    for task, at in _unstarted(plan, ConstraintKind.FNET):
        if task.uid not in linked and at < schedule[task.uid].early_finish:
            yield _unconstrained(task)


def _date_at_midnight(plan: Plan, _: Schedule) -> Iterator[Task]:
    """MPXJ miscounts the work before a midnight outside working time. SNET counts forward only."""
    kinds = [kind for kind in ConstraintKind if kind is not ConstraintKind.SNET]
    for task in plan.tasks.values():
        first = _after_midnight(task.constraint_date) if task.constraint in kinds else task.constraint_date
        second = _after_midnight(task.second_constraint_date)
        if (first, second) != (task.constraint_date, task.second_constraint_date):
            yield replace(task, constraint_date=first, second_constraint_date=second)


def _after_midnight(at: datetime | None) -> datetime | None:
    return at + timedelta(hours=1) if at is not None and at.time() == time() else at


def _no_room_to_be_late(plan: Plan, schedule: Schedule) -> Iterator[Task]:
    """MPXJ pulls work that is as late as possible before its early start, and so before what it follows."""
    late = [task for task in plan.tasks.values() if task.constraint is ConstraintKind.ALAP]
    soon = {task.uid: _unconstrained(task) for task in late}
    early = schedule_plan(replace(plan, tasks={**plan.tasks, **soon}))
    yield from (soon[task.uid] for task in late if schedule[task.uid].start == early[task.uid].start)


def _late_resources_at_the_end(plan: Plan, _: Schedule) -> Iterator[Task]:
    """MPXJ shows the end of the project as the finish, not when the last of the resources is done."""
    followed = {
        link.predecessor_uid
        for link in plan.links.values()
        if plan.tasks[link.successor_uid].kind is not TaskKind.LEVEL_OF_EFFORT
    }
    for task in plan.tasks.values():
        late = task.kind is TaskKind.RESOURCE_DEPENDENT and task.constraint is ConstraintKind.ALAP
        if late and task.uid not in followed:
            yield _unconstrained(task)


def _lag_after_late_work(plan: Plan, _: Schedule) -> Iterator[Link]:
    """MPXJ takes the lag off after the duration: in another calendar, or of a lead, that is another start."""
    for link in plan.links.values():
        source = plan.tasks[link.predecessor_uid]
        same_calendar = (
            source.kind is not TaskKind.RESOURCE_DEPENDENT and plan.project.lag_calendar is LagCalendar.PREDECESSOR
        )
        harmless = link.lag_minutes == 0 or (link.lag_minutes > 0 and same_calendar)
        if source.constraint is ConstraintKind.ALAP and link.kind is LinkKind.FS and not harmless:
            yield replace(link, lag_minutes=0)


def _start_finish_out_of(plan: Plan, _: Schedule) -> Iterator[Link]:
    """MPXJ goes on with the duration that an expected finish replaced; what is as late as possible it puts nowhere."""
    for link in plan.links.values():
        source = plan.tasks[link.predecessor_uid]
        late = source.constraint is ConstraintKind.ALAP
        if link.kind is LinkKind.SF and (late or source.expected_finish is not None):
            yield replace(link, kind=LinkKind.FS)


def _late_start_beside_a_constraint(plan: Plan, _: Schedule) -> Iterator[Link]:
    """MPXJ keeps the late start that the link allows beside the late finish that the constraint does."""
    kinds = (ConstraintKind.SNLT, ConstraintKind.MSO, ConstraintKind.MFO)
    for link in plan.links.values():
        source = plan.tasks[link.predecessor_uid]
        dated = source.constraint in kinds or source.second_constraint is ConstraintKind.FNLT
        exact = link.lag_minutes <= 0 or source.actual_start is not None
        if link.kind in (LinkKind.SS, LinkKind.SF) and dated and exact:
            yield replace(link, kind=LinkKind.FS)


def _finish_on_a_day_off(plan: Plan, schedule: Schedule) -> Iterator[Link]:
    """MPXJ lets what remains, or what waits for a lag, end before the day off on which it should."""
    calendars = Calendars(plan.calendars)
    for link in plan.links.values():
        source, target = plan.tasks[link.predecessor_uid], plan.tasks[link.successor_uid]
        begun = source.actual_start is not None or target.actual_start is not None
        if link.kind is not LinkKind.FF or target.actual_finish is not None or not (begun or link.lag_minutes > 0):
            continue
        working = calendars.working_time(target.calendar_uid or plan.project.calendar_uid)
        finish = to_minutes(schedule[target.uid].early_finish)
        if working.previous_finish(finish) != finish:
            yield replace(link, kind=LinkKind.FS)


def _level_of_effort_backwards(plan: Plan, schedule: Schedule) -> Iterator[Link]:
    """MPXJ lets it end before it starts, Nirman when it starts: no link says any more when it ends."""
    backwards = {
        task.uid
        for task in plan.tasks.values()
        if task.kind is TaskKind.LEVEL_OF_EFFORT and schedule[task.uid].start == schedule[task.uid].finish
    }
    for link in plan.links.values():
        ends_it = link.successor_uid in backwards and link.kind in _TO_FINISH
        if ends_it or (link.predecessor_uid in backwards and link.kind in _FROM_FINISH):
            yield replace(link, kind=LinkKind.SS)


_IN_TASKS = (
    _start_on_the_day_of_its_constraint,
    _start_after_an_asked_finish,
    _finish_before_the_data_date,
    _date_at_midnight,
    _no_room_to_be_late,
    _late_resources_at_the_end,
)
_IN_LINKS = (
    _lag_after_late_work,
    _start_finish_out_of,
    _late_start_beside_a_constraint,
    _finish_on_a_day_off,
    _level_of_effort_backwards,
)
