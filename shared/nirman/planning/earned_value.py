"""Earned value of every task, of its summaries and of the whole plan, against a baseline at the status date.

The figures themselves are in `earned_figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.planning.budget import Budget, budget
from nirman.planning.costs import NOTHING, Costs, plan_costs
from nirman.planning.curves import Curve
from nirman.planning.earned_figures import EarnedValue, Sums, figures, together
from nirman.planning.earned_schedule import EarnedSchedule, earned_periods, earned_schedule
from nirman.planning.findings import Finding
from nirman.planning.model import PercentKind, Plan
from nirman.planning.outline import Outline
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes


@dataclass(frozen=True, slots=True)
class Performance:
    """What `earned_value` finds; tasks are the active ones, in outline order.

    `schedule` is in working days of the project, counted from the first start of the baseline; None when the baseline
    is empty. `finish` is when IEAC(t) days have gone by; None without that, or beyond all calendars.
    """

    status_date: datetime
    baseline_uid: int
    total: EarnedValue
    tasks: Mapping[int, EarnedValue]
    schedule: EarnedSchedule | None
    finish: datetime | None
    findings: tuple[Finding, ...]


def earned_value(plan: Plan, schedule: Schedule, *, baseline_uid: int = 0) -> Performance:
    """`InvalidInputError` when the plan has no status date or no such baseline.

    Progress counts as reported, whatever its dates. A task earns its percent complete, of the kind it has, of its
    budget; by duration, what accrues at the start is earned with the start and what accrues at the end with the end,
    as it is planned.
    """
    status = plan.project.status_date
    if status is None:
        raise InvalidInputError("earned value needs a status date", place="project.status_date")
    if baseline_uid not in plan.baselines:
        raise InvalidInputError(f"there is no baseline {baseline_uid}", place="baseline")
    tree, costs = schedule.outline, plan_costs(plan, schedule)
    approved = budget(plan, tree, costs, plan.baselines[baseline_uid])
    sums = _sums(plan, tree, costs, approved, to_minutes(status))
    total = together([sums[uid] for uid in tree.children.get(None, ()) if plan.tasks[uid].active])
    reached = _reached(plan, approved, total, to_minutes(status), finished=costs.total.finished)
    return Performance(
        status_date=status,
        baseline_uid=baseline_uid,
        total=figures(total),
        tasks={uid: figures(sums[uid]) for uid in tree.uids if uid in sums},
        schedule=reached,
        finish=_finish(plan, approved, reached),
        findings=approved.findings,
    )


def earned(plan: Plan, costs: Costs, approved: Budget, uid: int) -> Decimal:
    """What a task itself has earned of its own budget."""
    spread = approved.spreads.get(uid)
    if spread is None:
        return NOTHING
    share = costs[uid].earned_share
    if plan.tasks[uid].percent_kind is PercentKind.DURATION:
        return spread.money.incurred(share).total
    return spread.money.total * share


def _sums(plan: Plan, tree: Outline, costs: Costs, approved: Budget, status: int) -> dict[int, Sums]:
    sums: dict[int, Sums] = {}
    for uid in reversed(tree.uids):
        if not plan.tasks[uid].active:
            continue
        spread = approved.spreads.get(uid)
        own = Sums(
            bac=spread.money.total if spread else NOTHING,
            pv=spread.until(status) if spread else NOTHING,
            ev=earned(plan, costs, approved, uid),
            ac=costs[uid].own_actual_cost,
        )
        below = [sums[child] for child in tree.children.get(uid, ()) if child in sums]
        sums[uid] = together([own, *below]) if below else own
    return sums


def _reached(plan: Plan, approved: Budget, total: Sums, status: int, *, finished: bool) -> EarnedSchedule | None:
    """Lipke's earned schedule with the project's working day as its period; the last may be less than a day."""
    if not approved.spreads:
        return None
    time, day = Calendars(plan.calendars).working_time(plan.project.calendar_uid), plan.project.minutes_per_day
    start, finish = _span(approved)
    minutes = time.between(start, finish)
    periods = max(1, -(-minutes // day))
    curve, begin = Curve(approved.spreads.values()), time.worked(start)
    planned = [NOTHING, *(curve.at(time.finish_at(begin + day * n)) for n in range(1, periods)), total.bac]
    reached = earned_periods(planned, total.ev)
    whole = min(reached, periods - 1)
    if finished:
        ended = [to_minutes(task.actual_finish) for task in plan.tasks.values() if task.actual_finish is not None]
        status = min([status, max(ended, default=status)])
    return earned_schedule(
        earned=whole + (reached - whole) * (minutes / day - (periods - 1)),
        actual=max(0, time.between(start, status)) / day,
        planned=minutes / day,
    )


def _finish(plan: Plan, approved: Budget, reached: EarnedSchedule | None) -> datetime | None:
    if reached is None or reached.estimate_at_completion is None:
        return None
    time = Calendars(plan.calendars).working_time(plan.project.calendar_uid)
    minutes = round(reached.estimate_at_completion * plan.project.minutes_per_day)
    try:
        return to_datetime(time.add(_span(approved)[0], minutes))
    except InvalidPlanError:
        return None  # further away than calendars reach


def _span(approved: Budget) -> tuple[int, int]:
    spreads = approved.spreads.values()
    return min(spread.start for spread in spreads), max(spread.finish for spread in spreads)
