"""The links of a scheduled plan: what each asks of its successor, and how far it is from being what decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from nirman.planning.model import LagCalendar, Link, LinkKind, Plan, ResourceKind, Rules, Task, TaskKind
from nirman.planning.outline import outline
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime

FROM_FINISH = frozenset({LinkKind.FS, LinkKind.FF})
TO_START = frozenset({LinkKind.FS, LinkKind.SS})
SPANNING = frozenset({TaskKind.LEVEL_OF_EFFORT, TaskKind.WBS_SUMMARY})
"""Kinds of task that follow what they are linked to and drive nothing."""


class Logic:
    """Links between active tasks that drive or are driven; instants are minutes since 1970, slack working minutes."""

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self.plan = plan
        self.schedule = schedule
        self.calendars = Calendars(plan.calendars)
        self.children = outline(plan.tasks).children
        self.active = _active(plan, schedule.uids)
        self.incoming: dict[int, list[Link]] = {}
        self.outgoing: dict[int, list[Link]] = {}
        for link in sorted(plan.links.values(), key=lambda link: link.uid):
            if self._counts(link.predecessor_uid) and self._counts(link.successor_uid):
                self.incoming.setdefault(link.successor_uid, []).append(link)
                self.outgoing.setdefault(link.predecessor_uid, []).append(link)
        self._times: dict[int, tuple[WorkingTime, ...]] = {}

    def _counts(self, uid: int) -> bool:
        return uid in self.active and self.plan.tasks[uid].kind not in SPANNING

    def ancestors(self, uid: int) -> list[int]:
        """The summaries it is below, the nearest first."""
        found = []
        above = self.plan.tasks[uid].parent_uid
        while above is not None:
            found.append(above)
            above = self.plan.tasks[above].parent_uid
        return found

    @cached_property
    def bound_from_above(self) -> Mapping[int, Sequence[int]]:
        """Of each task: the summaries above it that have predecessors, which hold it back too; nearest first."""
        found: dict[int | None, tuple[int, ...]] = {None: ()}
        for uid in self.schedule.uids:
            parent = self.plan.tasks[uid].parent_uid
            own = (parent,) if parent is not None and parent in self.incoming else ()
            found[uid] = (*own, *found[parent])
        return {uid: above for uid, above in found.items() if uid is not None}

    def start(self, uid: int) -> int:
        return to_minutes(self.schedule[uid].start)

    def finish(self, uid: int) -> int:
        return to_minutes(self.schedule[uid].finish)

    def asked(self, link: Link) -> int:
        """The earliest instant that a link allows its successor's start (FS, SS) or finish (FF, SF)."""
        uid = link.predecessor_uid
        instant = self.finish(uid) if link.kind in FROM_FINISH else self.start(uid)
        lag, calendar = self.lag(link)
        if lag > 0:
            return calendar.add(instant, lag)
        return calendar.subtract(instant, -lag) if lag < 0 else instant

    def slack(self, link: Link) -> int:
        """Working minutes of the successor between what the link asks for and where it is; 0 or less: it drives."""
        return self.slack_at(link, link.successor_uid)

    def slack_at(self, link: Link, uid: int) -> int:
        """The same for a task below the summary that a link leads to."""
        asked = self.asked(link)
        if link.kind not in TO_START:
            gap = self.gap(uid, asked, self.finish(uid))
        else:
            gap = self.gap(uid, asked, self.start(uid))
            if gap < 0 and self.is_in_progress(uid):
                # It began before the link allowed; what remains may wait for the link all the same.
                gap = self.gap(uid, asked, self.remaining_start(uid))
        if gap > 0 and self.schedule.driver(uid) == link.predecessor_uid:
            # Calendars of several resources, or a levelling delay, stand between: the schedule knows. Where it counts
            # to before the delay, or to the end of a day that is over sooner, the link is kept all the same.
            return min(gap, max(0, self.schedule.network.link_slack(link.uid)))
        return gap

    def gap(self, uid: int, start: int, finish: int) -> int:
        """Working minutes of a task between two instants: of its own calendar or its resources', what is nearest 0."""
        return min((time.between(start, finish) for time in self.times(uid)), key=abs)

    def times(self, uid: int) -> tuple[WorkingTime, ...]:
        """The task's own working time, then that of the people and machines that work on it."""
        found = self._times.get(uid)
        if found is None:
            if self.plan.tasks[uid].duration_elapsed:
                found = (ELAPSED,)
            else:
                found = tuple(self.calendars.working_time(calendar) for calendar in self.calendar_uids(uid))
            self._times[uid] = found
        return found

    def is_in_progress(self, uid: int) -> bool:
        task = self.plan.tasks[uid]
        return task.actual_start is not None and task.actual_finish is None

    def remaining_start(self, uid: int) -> int:
        """When what remains of a task in progress begins."""
        task = self.plan.tasks[uid]
        return self.times(uid)[0].subtract(self.finish(uid), remaining_minutes(task))

    def calendar_uids(self, uid: int) -> tuple[int, ...]:
        """Of the task's own calendar, then of those of the people and machines that work on it."""
        task = self.plan.tasks[uid]
        uids = [self.plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid]
        if not task.ignore_resource_calendar:
            uids += self._resource_calendars.get(task.uid, ())
        return tuple(dict.fromkeys(uids))

    @cached_property
    def _resource_calendars(self) -> Mapping[int, Sequence[int]]:
        found: dict[int, list[int]] = {}
        for assignment in self.plan.assignments.values():
            resource = self.plan.resources[assignment.resource_uid]
            if resource.kind is ResourceKind.WORK and resource.calendar_uid is not None:
                found.setdefault(assignment.task_uid, []).append(resource.calendar_uid)
        return found

    def lag(self, link: Link) -> tuple[int, WorkingTime]:
        """Minutes, negative of a lead, and the working time that they count."""
        predecessor = self.plan.tasks[link.predecessor_uid]
        lag, elapsed = link.lag_minutes, link.lag_elapsed
        if link.lag_percent is not None:
            lag = round(predecessor.duration_minutes * link.lag_percent / 100)
            elapsed = elapsed or predecessor.duration_elapsed
        return lag, ELAPSED if elapsed else self._lag_calendar(link)

    def _lag_calendar(self, link: Link) -> WorkingTime:
        project = self.plan.project
        by_rules = LagCalendar.SUCCESSOR if project.rules is Rules.MICROSOFT else LagCalendar.PREDECESSOR
        uid: int | None = None
        match project.lag_calendar or by_rules:
            case LagCalendar.ELAPSED:
                return ELAPSED
            case LagCalendar.PREDECESSOR:
                uid = self.plan.tasks[link.predecessor_uid].calendar_uid
            case LagCalendar.SUCCESSOR:
                uid = self.plan.tasks[link.successor_uid].calendar_uid
            case LagCalendar.PROJECT:
                pass
        return self.calendars.working_time(project.calendar_uid if uid is None else uid)


def remaining_minutes(task: Task) -> int:
    """Working minutes left of a task."""
    if is_finished(task):
        return 0
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100


def is_finished(task: Task) -> bool:
    return task.actual_finish is not None or task.percent_complete == 100


def _active(plan: Plan, uids: Sequence[int]) -> frozenset[int]:
    """A task below an inactive summary takes no part either."""
    active: set[int] = set()
    for uid in uids:
        task = plan.tasks[uid]
        if task.active and (task.parent_uid is None or task.parent_uid in active):
            active.add(uid)
    return frozenset(active)
