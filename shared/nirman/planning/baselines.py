"""Baselines: the plan as it was approved, and how far it is from that now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from nirman.planning.costs import NOTHING, Costs, plan_costs
from nirman.planning.model import AssignmentBaseline, Baseline, Plan, TaskBaseline
from nirman.planning.outline import Outline
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

_HUNDREDTH = Decimal("0.01")
_LAST_DIGITS = Decimal("1e-9")
_EVERY_DIGIT = Context(prec=60)
"""Of hundredths of all that a plan can cost: `MAX_TOTAL` for each of its tasks."""


def rounded(money: Decimal) -> Decimal:
    """To hundredths, as money is kept in baselines and shown; halves away from zero.

    The last digits of a quotient are put right first: half a hundredth is half, whichever way it was added up.
    """
    exact = money.quantize(_LAST_DIGITS, ROUND_HALF_UP, _EVERY_DIGIT)
    return exact.quantize(_HUNDREDTH, ROUND_HALF_UP, _EVERY_DIGIT)


def take_baseline(
    plan: Plan, schedule: Schedule, uid: int, name: str = "", taken_at: datetime | None = None
) -> Baseline:
    """Dates, duration, work and cost of every active task and its assignments as they are now.

    Money is rounded task by task and the rounded is summed, so that a baseline adds up. A summary has the sums of what
    is below it and its own; an inactive task is no part of the plan and so of no baseline.
    """
    costs, tree = plan_costs(plan, schedule), schedule.outline
    money = _rounded_up_the_tree(plan, tree, costs)
    counted = [task_uid for task_uid in sorted(plan.tasks) if plan.tasks[task_uid].active]
    tasks = tuple(
        TaskBaseline(
            uid=task_uid,
            start=schedule[task_uid].start,
            finish=max(schedule[task_uid].start, schedule[task_uid].finish),
            duration_minutes=max(0, schedule[task_uid].duration_minutes),
            work_minutes=costs[task_uid].work_minutes,
            cost=money[task_uid],
        )
        for task_uid in counted
    )
    dates = {task.uid: (task.start, task.finish) for task in tasks}
    assignments = tuple(
        AssignmentBaseline(
            uid=assignment.uid,
            start=dates[assignment.task_uid][0],
            finish=dates[assignment.task_uid][1],
            work_minutes=costs.assignments[assignment.uid].work_minutes,
            cost=rounded(costs.assignments[assignment.uid].cost),
        )
        for _, assignment in sorted(plan.assignments.items())
        if assignment.task_uid in dates
    )
    return Baseline(uid=uid, name=name, taken_at=taken_at, tasks=tasks, assignments=assignments)


def _rounded_up_the_tree(plan: Plan, tree: Outline, costs: Costs) -> dict[int, Decimal]:
    money: dict[int, Decimal] = {}
    for uid in reversed(tree.uids):
        own = rounded(costs[uid].own_actual_cost + costs[uid].own_remaining_cost)
        below = (money[child] for child in tree.children.get(uid, ()) if plan.tasks[child].active)
        money[uid] = sum(below, own)
    return money


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """Now less baseline, as MS Project counts: positive is later, longer, more.

    Minutes of start and finish are working minutes of the task's calendar, else the project's.
    """

    uid: int
    baseline_start: datetime
    baseline_finish: datetime
    baseline_duration_minutes: int
    baseline_work_minutes: int
    baseline_cost: Decimal
    start_minutes: int
    finish_minutes: int
    duration_minutes: int
    work_minutes: int
    cost: Decimal


def variances(plan: Plan, schedule: Schedule, baseline: Baseline) -> Iterator[Variance]:
    """Of the tasks that are in the baseline and still in the plan, in outline order."""
    kept = {task.uid: task for task in baseline.tasks}
    costs, calendars = plan_costs(plan, schedule), Calendars(plan.calendars)
    for dates in schedule:
        was = kept.get(dates.uid)
        if was is None:
            continue
        calendar_uid = plan.tasks[dates.uid].calendar_uid
        between = calendars.working_time(plan.project.calendar_uid if calendar_uid is None else calendar_uid).between
        yield Variance(
            uid=dates.uid,
            baseline_start=was.start,
            baseline_finish=was.finish,
            baseline_duration_minutes=was.duration_minutes,
            baseline_work_minutes=was.work_minutes,
            baseline_cost=was.cost,
            start_minutes=between(to_minutes(was.start), to_minutes(dates.start)),
            finish_minutes=between(to_minutes(was.finish), to_minutes(dates.finish)),
            duration_minutes=dates.duration_minutes - was.duration_minutes,
            work_minutes=costs[dates.uid].work_minutes - was.work_minutes,
            cost=rounded(costs[dates.uid].cost - was.cost),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineTotals:
    """A baseline in figures: from its first start to its last finish, work and cost of the tasks at the top.

    `gone` are tasks that were deleted since: they stay in the baseline, and are counted with their summary only.
    `variance` is of the whole plan, in working minutes of its calendar; None for an empty baseline.
    """

    uid: int
    name: str
    taken_at: datetime | None
    tasks: int
    gone: tuple[int, ...]
    start: datetime | None
    finish: datetime | None
    work_minutes: int
    cost: Decimal
    variance: PlanVariance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVariance:
    """Now less baseline; positive is later, more."""

    start_minutes: int
    finish_minutes: int
    work_minutes: int
    cost: Decimal


def baseline_totals(plan: Plan, schedule: Schedule, baseline: Baseline) -> BaselineTotals:
    """Work and cost are those of tasks at the top of the outline, which hold what is below them."""
    present = [task for task in baseline.tasks if task.uid in plan.tasks]
    top = [task for task in present if plan.tasks[task.uid].parent_uid is None]
    start, finish = min((t.start for t in present), default=None), max((t.finish for t in present), default=None)
    work, cost = sum(task.work_minutes for task in top), sum((task.cost for task in top), NOTHING)
    variance = None
    if start is not None and finish is not None:
        between = Calendars(plan.calendars).working_time(plan.project.calendar_uid).between
        now = plan_costs(plan, schedule).total
        variance = PlanVariance(
            start_minutes=between(to_minutes(start), to_minutes(schedule.project_start)),
            finish_minutes=between(to_minutes(finish), to_minutes(schedule.project_finish)),
            work_minutes=now.work_minutes - work,
            cost=rounded(now.cost - cost),
        )
    return BaselineTotals(
        uid=baseline.uid,
        name=baseline.name,
        taken_at=baseline.taken_at,
        tasks=len(present),
        gone=tuple(task.uid for task in baseline.tasks if task.uid not in plan.tasks),
        start=start,
        finish=finish,
        work_minutes=work,
        cost=cost,
        variance=variance,
    )
