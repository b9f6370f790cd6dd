"""Costs and baseline 0 of each task, and the S-curve, in an Excel workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from nirman.interchange.xlsx_table import DATE, DATE_TIME, DAYS, MONEY, Column, Row, Value
from nirman.planning.baselines import rounded, variances
from nirman.planning.costs import plan_costs
from nirman.planning.model import Plan
from nirman.planning.periods import Period
from nirman.planning.schedule import Schedule
from nirman.planning.time_series import Flow, Point, time_series

MONEY_COLUMNS = (
    Column("Cost", 14, MONEY),
    Column("Actual cost", 14, MONEY),
    Column("Work (hours)", 10, DAYS),
    Column("Baseline start", 17, DATE_TIME),
    Column("Baseline finish", 17, DATE_TIME),
    Column("Baseline cost", 14, MONEY),
    Column("Start variance (days)", 10, DAYS),
    Column("Finish variance (days)", 10, DAYS),
    Column("Cost variance", 14, MONEY),
)
_FLOWS = ("Planned value", "Earned value", "Actual cost", "Planned early", "Planned late", "Forecast")
SERIES_COLUMNS = (
    Column("From", 12, DATE),
    Column("To", 12, DATE),
    *(Column(name, 15, MONEY) for name in _FLOWS),
    *(Column(f"{name}, total", 15, MONEY) for name in _FLOWS),
)
_LONG = timedelta(days=3 * 365)
"""A plan that takes longer is told by month, others by week."""


def money_of_tasks(plan: Plan, schedule: Schedule) -> Callable[[int], Sequence[Value]]:
    """The values of `MONEY_COLUMNS` by uid; empty where there is no cost, work or baseline."""
    costs, per_day = plan_costs(plan, schedule), plan.project.minutes_per_day
    baseline = plan.baselines.get(0)
    kept = {} if baseline is None else {one.uid: one for one in variances(plan, schedule, baseline)}

    def values(uid: int) -> Sequence[Value]:
        cost, was = costs[uid], kept.get(uid)
        now = (rounded(cost.cost) or None, rounded(cost.actual_cost) or None, cost.work_minutes / 60 or None)
        if was is None:
            return (*now, None, None, None, None, None, None)
        late = (was.start_minutes / per_day, was.finish_minutes / per_day)
        return (*now, was.baseline_start, was.baseline_finish, was.baseline_cost, *late, was.cost)

    return values


def money_over_time(plan: Plan, schedule: Schedule) -> Sequence[Point]:
    dates = [schedule.project_start, schedule.project_finish, plan.project.status_date or schedule.project_start]
    if 0 in plan.baselines:
        dates += (at for kept in plan.baselines[0].tasks for at in (kept.start, kept.finish))
    return time_series(plan, schedule, Period.MONTH if max(dates) - min(dates) > _LONG else Period.WEEK)


def series_rows(points: Iterable[Point]) -> Iterator[Row]:
    for point in points:
        flows: tuple[Flow | None, ...] = (
            *(point.planned_value, point.earned_value, point.actual_cost),
            *(point.planned_early, point.planned_late, point.forecast),
        )
        amounts = (None if flow is None else flow.amount for flow in flows)
        totals = (None if flow is None else flow.total for flow in flows)
        yield Row((point.start, point.end - timedelta(days=1), *amounts, *totals))
