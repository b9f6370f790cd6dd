"""What a few changes do to the rows of a network; the kernel then computes what they bear upon."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from nirman.planning.events import Change
from nirman.planning.model import Assignment, Kind, Link, Plan, Task
from nirman.scheduling.assigned import worked_by
from nirman.scheduling.columns import Column, link_columns, task_columns, usual_lag_calendar
from nirman.scheduling.kernel.library import NONE, ROW
from nirman.scheduling.rows import Rows

_UNSEEN: Mapping[Kind, frozenset[str]] = {
    Kind.PROJECT: frozenset(("name", "currency", "time_zone", "minutes_per_day", "minutes_per_week", "days_per_month")),
    Kind.TASK: frozenset(
        (
            "name",
            "position",
            "notes",
            "labels",
            "code",
            "priority",
            "milestone",
            "physical_percent",
            "percent_kind",
            "actual_cost",
            "leveling_can_split",
            "duration_estimate",
            "crash",
            "rain_stops_work",
        )
    ),
}
"""Fields that no date depends on, of those that people change often."""
_IN_ROWS = frozenset(("calendar_uid", "rules", "lag_calendar"))
"""Settings of the project that rows are written by."""
_FAR_REACHING = frozenset(("active", "kind"))
_LENGTH = frozenset(("duration_minutes", "duration_elapsed"))
"""What a lag that is a share of a duration depends on."""
_MANY = 200
"""More tasks than this at once are not a few changes."""


class Patch:
    """`rows` are a copy, with what has changed written into them.

    `changed`: rows of tasks whose own fields, or links, are others than before; `arranged`: whether tasks and links
    stand to one another as they did; `everything`: a setting of the project is another, and bears upon every node.
    """

    def __init__(self, rows: Rows, plan: Plan) -> None:
        self.rows = rows
        self.changed: set[int] = set()
        self.arranged = True
        self.everything = False
        self._plan = plan
        self._rewritten: dict[int, Task] = {}

    def apply(self, changes: Sequence[Change]) -> bool:
        """False when the changes go so far that the plan is better scheduled whole."""
        return all(self._one(change) for change in changes) and self._rewrite()

    def _one(self, change: Change) -> bool:
        if change.op == "updated" and change.fields.keys() <= _UNSEEN.get(change.kind, frozenset()):
            return True
        match change.kind:
            case Kind.TASK:
                return self._task(change)
            case Kind.LINK:
                return self._link(change)
            case Kind.ASSIGNMENT:
                return self._tasks_of_assignment(change)
            case Kind.RESOURCE:
                return self._tasks_of_resource(change)
            case Kind.CALENDAR:
                # The timetable that the rows share has the calendars there were; a new one would not be found in it.
                return False
            case Kind.PROJECT:
                self.everything = True
                return change.fields.keys().isdisjoint(_IN_ROWS)
            case Kind.BASELINE | Kind.RISK:
                return True

    def _task(self, change: Change) -> bool:
        if change.op != "updated" or "parent_uid" in change.fields:
            if 0 in self.rows.task_column("active"):
                return False
            self._arrange_family(change)
        task = self._plan.tasks.get(change.uid)
        if task is None:
            return True
        if change.op == "updated" and not _FAR_REACHING.isdisjoint(change.fields):
            return False
        if self.rows.percent_lags and not _LENGTH.isdisjoint(change.fields):
            return False
        self._rewritten[change.uid] = task
        return change.op == "updated" or (task.active and task.kind == "task")

    def _arrange_family(self, change: Change) -> None:
        self.arranged = False
        if change.op == "created" and change.uid in self._plan.tasks:
            self.rows.add_task(change.uid)
        for parent_uid in change.fields.get("parent_uid", (None, None)):
            # A task that comes to have children, or has none any more, is counted in other working time.
            if parent_uid in self._plan.tasks:
                self._rewritten[parent_uid] = self._plan.tasks[parent_uid]
        if change.op == "deleted":
            row = self.rows.row_of[change.uid]
            self.rows.put_task(row, "exists", 0)
            self.rows.put_task(row, "parent", NONE)
            self.rows.remove_task(change.uid)
            self.changed.discard(row)

    def _link(self, change: Change) -> bool:
        link = self._plan.links.get(change.uid)
        row = self.rows.link_row_of.get(change.uid)
        if row is not None:
            self.changed.update(self.rows.ends(row))
        if change.op != "updated" or not change.fields.keys().isdisjoint(("predecessor_uid", "successor_uid")):
            self.arranged = False
        if link is None:
            if row is not None:
                self.rows.put_link(row, "exists", 0)
                self.rows.remove_link(change.uid)
            return True
        self._write_link(link, self.rows.add_link(change.uid) if row is None else row)
        return True

    def _write_link(self, link: Link, row: int) -> None:
        for uid in (link.predecessor_uid, link.successor_uid):
            if uid not in self.rows.row_of:  # made later in the same change
                self.rows.add_task(uid)
        for field, column in self._link_columns(link).items():
            self.rows.put_link(row, field, column if isinstance(column, int) else column[0])
        self.rows.percent_lags = self.rows.percent_lags or link.lag_percent is not None
        self.changed.update(self.rows.ends(row))

    def _link_columns(self, link: Link) -> Mapping[str, Column]:
        usual = usual_lag_calendar(self._plan.project, self.rows.timetable)
        return link_columns([link], self._plan.tasks, self._rows_of, usual).every

    def _tasks_of_assignment(self, change: Change) -> bool:
        self.rows.assignments_of = None
        assignment = self._plan.assignments.get(change.uid)
        uids = set(change.fields.get("task_uid", ()))
        if assignment is not None:
            uids.add(assignment.task_uid)
        self._rewritten.update((uid, self._plan.tasks[uid]) for uid in uids if uid in self._plan.tasks)
        return True

    def _tasks_of_resource(self, change: Change) -> bool:
        if change.op == "updated":
            assigned = (a for a in self._plan.assignments.values() if a.resource_uid == change.uid)
            self._rewritten.update((a.task_uid, self._plan.tasks[a.task_uid]) for a in assigned)
        return True

    def _rewrite(self) -> bool:
        if len(self._rewritten) > _MANY:
            return False
        if not self._rewritten:
            return True
        tasks, rows = list(self._rewritten.values()), self.rows
        timetable = rows.timetable
        is_summary = self._is_summary if self.arranged else self._summaries().__contains__
        columns = task_columns(tasks, timetable, self._plan.project, self._rows_of, is_summary)
        places = [rows.row_of[uid] for uid in self._rewritten]
        # Whether a task is active does not change here, and depends on those above it.
        rows.put_tasks(places, _without_active(columns.every))
        rows.put_tasks([places[place] for place in columns.places], _without_active(columns.unusual))
        for uid, worked in worked_by(self._plan, timetable, is_summary, self._assignments()).items():
            rows.put_worked(rows.row_of[uid], worked)
        self.changed.update(places)
        return True

    def _assignments(self) -> list[Assignment]:
        """Of the tasks that are rewritten."""
        every = self._plan.assignments
        if self.rows.assignments_of is None:
            self.rows.assignments_of = {}
            for assignment in every.values():
                self.rows.assignments_of.setdefault(assignment.task_uid, []).append(assignment.uid)
        of = self.rows.assignments_of
        return [every[assignment] for uid in self._rewritten for assignment in of.get(uid, ())]

    def _rows_of(self, uids: array[int]) -> array[int]:
        return array(ROW, (uid if uid == NONE else self.rows.row_of[uid] for uid in uids))

    def _is_summary(self, uid: int) -> bool:
        return self.rows.task(self.rows.row_of[uid], "first_child") != NONE

    def _summaries(self) -> set[int]:
        return {task.parent_uid for task in self._plan.tasks.values() if task.parent_uid is not None}


def _without_active(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: column for name, column in columns.items() if name != "active"}
