"""The schedule of a plan: every task's dates, slack and driver, computed by the critical path method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nirman.planning.findings import Finding
from nirman.planning.model import Plan
from nirman.planning.outline import Outline, outline
from nirman.scheduling.backward import Late, backward
from nirman.scheduling.forward import Early, forward, is_late
from nirman.scheduling.instants import to_datetime
from nirman.scheduling.network import NONE, Network, network
from nirman.scheduling.slack import free_slack, total_slack


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


@dataclass(frozen=True, slots=True)
class Schedule:
    """Dates by uid; iterating gives them in outline order."""

    project_start: datetime
    project_finish: datetime
    uids: Sequence[int]
    by_uid: Mapping[int, TaskDates]
    findings: tuple[Finding, ...] = ()

    def __getitem__(self, uid: int) -> TaskDates:
        return self.by_uid[uid]

    def __contains__(self, uid: object) -> bool:
        return uid in self.by_uid

    def __iter__(self) -> Iterator[TaskDates]:
        return iter(self.by_uid.values())

    def __len__(self) -> int:
        return len(self.by_uid)


def schedule_plan(plan: Plan) -> Schedule:
    """`InvalidPlanError` for a circle of links (naming the tasks in order) and for anything named but not there."""
    tree = outline(plan.tasks)
    net = network(plan, tree)
    if not net.tasks:
        finish = plan.project.start if net.finish is None or plan.project.finish is None else plan.project.finish
        return Schedule(min(plan.project.start, finish), finish, (), {})
    start, early, late = _passes(net)
    total = total_slack(net, early, late)
    free = free_slack(net, early, total)
    shown = _Shown(plan, tree, net, early, late, total, free)
    dates = {uid: shown.dates(row) for row, uid in enumerate(tree.uids)}
    return Schedule(
        to_datetime(start), max((d.finish for d in _counted(net, dates)), default=to_datetime(start)), tree.uids, dates
    )


def _passes(net: Network) -> tuple[int, Early, Late]:
    start = net.start
    if net.finish is None:
        early = forward(net, start)
        late = backward(net, _last_finish(net, early, start), early)
    else:
        late = backward(net, net.finish, None)
        start = min((late.start[row] for row in _leaves(net)), default=net.finish)
        early = forward(net, start)
        late = backward(net, net.finish, early)
    if any(is_late(task) for task in net.tasks):
        # Tasks that go as late as possible push those that follow them.
        early = forward(net, start, (late.start, late.finish))
    return start, early, late


def _leaves(net: Network) -> list[int]:
    return [row for row, below in enumerate(net.children) if not below and net.active[row]]


def _last_finish(net: Network, early: Early, start: int) -> int:
    return max((early.finish[row] for row in _leaves(net)), default=start)


def _counted(net: Network, dates: Mapping[int, TaskDates]) -> list[TaskDates]:
    return [found for active, found in zip(net.active, dates.values(), strict=True) if active]


@dataclass(frozen=True, slots=True)
class _Shown:
    """Rows of the engine's columns turned into what people see."""

    plan: Plan
    tree: Outline
    net: Network
    early: Early
    late: Late
    total: list[int]
    free: list[int]

    def dates(self, row: int) -> TaskDates:
        net, early, late = self.net, self.early, self.late
        task = net.tasks[row]
        summary = bool(net.children[row])
        as_late = is_late(task) and not summary
        start = late.start[row] if as_late else early.start[row]
        finish = late.finish[row] if as_late else early.finish[row]
        duration = net.slack_calendar[row].between(start, finish) if summary else task.duration_minutes
        driver = early.driver[row]
        return TaskDates(
            uid=task.uid,
            id=row + 1,
            wbs=self.tree.wbs[task.uid],
            summary=summary,
            milestone=not summary and (task.milestone or task.duration_minutes == 0),
            start=to_datetime(start),
            finish=to_datetime(finish),
            early_start=to_datetime(early.start[row]),
            early_finish=to_datetime(early.finish[row]),
            late_start=to_datetime(late.start[row]),
            late_finish=to_datetime(late.finish[row]),
            total_slack_minutes=self.total[row],
            free_slack_minutes=self.free[row],
            critical=self._critical(row),
            driver=None if driver == NONE or as_late else net.tasks[driver].uid,
            duration_minutes=duration,
        )

    def _critical(self, row: int) -> bool:
        task = self.net.tasks[row]
        if not self.net.active[row] or task.actual_finish is not None:
            return False
        return self.total[row] <= self.plan.project.critical_slack_minutes
