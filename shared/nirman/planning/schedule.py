"""The schedule of a plan: every task's dates, slack and driver, computed by the critical path method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nirman.planning.events import Change
from nirman.planning.model import CriticalBy, Kind, Plan, Task
from nirman.planning.outline import Outline, outline
from nirman.scheduling.instants import to_datetime
from nirman.scheduling.kernel.library import NONE
from nirman.scheduling.network import Network, network, rescheduled

_OUTLINE_FIELDS = frozenset(("parent_uid", "position"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDates:
    """What the schedule says of one task.

    `id` is its 1-based row; slack is in working minutes of the task's calendar; `driver` is the uid of the predecessor
    that decides the start. `duration_minutes` of a summary are the working minutes from its start to its finish.
    """

    uid: int
    id: int
    wbs: str
    summary: bool
    milestone: bool
    start: datetime
    finish: datetime
    early_start: datetime
    early_finish: datetime
    late_start: datetime
    late_finish: datetime
    total_slack_minutes: int
    free_slack_minutes: int
    critical: bool
    driver: int | None
    duration_minutes: int


class Schedule:
    """Dates by uid, made when they are asked for; iterating gives them in outline order."""

    def __init__(self, plan: Plan, net: Network, tree: Outline | None = None) -> None:
        """`tree`: the plan's outline, where it is known."""
        self.plan = plan
        self.network = net
        self._dates: dict[int, TaskDates] = {}
        if tree is not None:
            self.__dict__["outline"] = tree

    @cached_property
    def outline(self) -> Outline:
        return outline(self.plan.tasks)

    @property
    def uids(self) -> Sequence[int]:
        """In outline order."""
        return self.outline.uids

    @property
    def project_start(self) -> datetime:
        return to_datetime(self.network.setting("project_start"))

    @property
    def project_finish(self) -> datetime:
        """The last finish; of a plan without tasks the project's own, if it has one."""
        project = self.plan.project
        if not self.plan.tasks and project.finish is not None:
            return project.finish
        return to_datetime(self.network.setting("project_finish"))

    def __getitem__(self, uid: int) -> TaskDates:
        found = self._dates.get(uid)
        if found is None:
            found = self._dates[uid] = self._read(self.plan.tasks[uid])
        return found

    def get(self, uid: int) -> TaskDates | None:
        return self[uid] if uid in self.plan.tasks else None

    def __contains__(self, uid: object) -> bool:
        return uid in self.plan.tasks

    def __iter__(self) -> Iterator[TaskDates]:
        return (self[uid] for uid in self.uids)

    def __len__(self) -> int:
        return len(self.plan.tasks)

    def driver(self, uid: int) -> int | None:
        """Uid of the predecessor that decides the start."""
        rows = self.network.rows
        row = rows.row_of[uid]
        driver = rows.task(row, "driver")
        # Links do not decide where a task stands that goes as late as possible.
        return (
            None
            if driver == NONE or rows.task(row, "start") != rows.task(row, "early_start")
            else rows.task(driver, "uid")
        )

    def _read(self, task: Task) -> TaskDates:
        rows, tree = self.network.rows, self.outline
        row = rows.row_of[task.uid]
        summary = tree.is_summary(task.uid)
        start, finish = rows.task(row, "start"), rows.task(row, "finish")
        slack = rows.task(row, "total_slack")
        duration = task.duration_minutes
        if summary:
            duration = rows.timetable[rows.task(row, "slack_calendar")].between(start, finish)
        return TaskDates(
            uid=task.uid,
            id=tree.rows[task.uid],
            wbs=tree.wbs[task.uid],
            summary=summary,
            milestone=not summary and (task.milestone or task.duration_minutes == 0),
            start=to_datetime(start),
            finish=to_datetime(finish),
            early_start=to_datetime(rows.task(row, "early_start")),
            early_finish=to_datetime(rows.task(row, "early_finish")),
            late_start=to_datetime(rows.task(row, "late_start")),
            late_finish=to_datetime(rows.task(row, "late_finish")),
            total_slack_minutes=slack,
            free_slack_minutes=rows.task(row, "free_slack"),
            critical=self._is_critical(task, row, slack),
            driver=self.driver(task.uid),
            duration_minutes=duration,
        )

    def _is_critical(self, task: Task, row: int, slack: int) -> bool:
        rows, project = self.network.rows, self.plan.project
        if not rows.task(row, "active") or task.actual_finish is not None:
            return False
        if project.critical_by is CriticalBy.LONGEST_PATH:
            return bool(rows.task(row, "on_longest_path"))
        return slack <= project.critical_slack_minutes


def schedule_plan(plan: Plan) -> Schedule:
    """`InvalidPlanError` for a circle of links (naming the tasks in order) and for anything named but not there."""
    return Schedule(plan, network(plan))


def reschedule(before: Schedule, plan: Plan, changes: Sequence[Change]) -> Schedule:
    """The same as `schedule_plan(plan)`, from the schedule of the plan before `changes` made it `plan`.

    Only what the changes can move is computed. Errors as for `schedule_plan`.
    """
    net = rescheduled(before.network, plan, changes)
    return Schedule(plan, net, None if any(map(_moves_outline, changes)) else before.__dict__.get("outline"))


def _moves_outline(change: Change) -> bool:
    return change.kind is Kind.TASK and (change.op != "updated" or not _OUTLINE_FIELDS.isdisjoint(change.fields))
