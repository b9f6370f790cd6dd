"""The S-curve and the cash flow: money by day, week or month, of each period and up to its end.

Planned value is laid out over the baseline. Actual cost and earned value of a task are laid out from its actual start
to its finish, or the status date while it goes on, since a plan keeps how much was done and not when; later periods
have none. The forecast is the actual cost, and what is still to be spent over what is still to be done: never before
the status date. Planned early and late are the whole cost of the plan as it is now, over early and late dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise, repeat

from nirman.planning.baselines import rounded
from nirman.planning.budget import budget, task_times
from nirman.planning.costs import NOTHING, Accrued, plan_costs
from nirman.planning.curves import Curve, Spread
from nirman.planning.earned_value import earned
from nirman.planning.model import Plan, Task
from nirman.planning.periods import Period, boundaries
from nirman.planning.schedule import Schedule, TaskDates
from nirman.scheduling.instants import DAY, to_date, to_minutes
from nirman.scheduling.working_time import WorkingTime

_NO_MONEY = Accrued()


@dataclass(frozen=True, slots=True)
class Flow:
    """Money of one period, and up to its end; hundredths, so that the totals are exactly the amounts added up."""

    amount: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period, from `start` until the day before `end`.

    None: planned value without a baseline, earned value without a baseline and status date, actual cost without a
    status date, both of periods that begin after it.
    """

    start: date
    end: date
    planned_value: Flow | None
    earned_value: Flow | None
    actual_cost: Flow | None
    planned_early: Flow
    planned_late: Flow
    forecast: Flow


def time_series(plan: Plan, schedule: Schedule, period: Period, *, baseline_uid: int = 0) -> tuple[Point, ...]:
    """From the first cost, of plan or baseline, to the last; none without costs.

    `InvalidInputError` for more than `MAX_POINTS` periods.
    """
    laid = _laid_out(plan, schedule, baseline_uid)
    spreads = [*laid.early, *laid.late, *laid.forecast, *(laid.planned or ())]
    if not spreads:
        return ()
    first, last = min(spread.start for spread in spreads), max(spread.finish for spread in spreads)
    days = boundaries(period, first, last)
    status = None if plan.project.status_date is None else to_minutes(plan.project.status_date)
    past = 0 if status is None else bisect_right(days[:-1], status // DAY)
    return tuple(
        Point(
            start=to_date(start),
            end=to_date(end),
            planned_value=planned,
            earned_value=value,
            actual_cost=cost,
            planned_early=early,
            planned_late=late,
            forecast=forecast,
        )
        for (start, end), planned, value, cost, early, late, forecast in zip(
            pairwise(days),
            _known(laid.planned, days, len(days) - 1),
            _known(laid.earned, days, past),
            _known(laid.actual, days, past),
            _flows(laid.early, days),
            _flows(laid.late, days),
            _flows(laid.forecast, days),
            strict=True,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _LaidOut:
    planned: Sequence[Spread] | None
    earned: Sequence[Spread] | None
    actual: Sequence[Spread] | None
    early: Sequence[Spread]
    late: Sequence[Spread]
    forecast: Sequence[Spread]


def _laid_out(plan: Plan, schedule: Schedule, baseline_uid: int) -> _LaidOut:
    tree, costs, times = schedule.outline, plan_costs(plan, schedule), task_times(plan)
    baseline, status_date = plan.baselines.get(baseline_uid), plan.project.status_date
    approved = None if baseline is None else budget(plan, tree, costs, baseline)
    status = None if status_date is None else to_minutes(status_date)
    early, late, actual, left, earned_spreads = [], [], [], [], []
    for dates in schedule:
        task, cost, time = plan.tasks[dates.uid], costs[dates.uid], times(dates.uid)
        if not task.active:
            continue
        whole = cost.own_budget.scaled(cost.own_actual_cost + cost.own_remaining_cost)
        early.append(_spread(whole, to_minutes(dates.early_start), to_minutes(dates.early_finish), time))
        late.append(_spread(whole, to_minutes(dates.late_start), to_minutes(dates.late_finish), time))
        if status is None:
            left.append(_spread(whole, to_minutes(dates.start), to_minutes(dates.finish), time))
            continue
        incurred = cost.own_budget.incurred(cost.duration_share)
        start, finish = _worked(task, dates, status)
        actual.append(_spread(incurred.scaled(cost.own_actual_cost), start, finish, time))
        remaining = (cost.own_budget - incurred).scaled(cost.own_remaining_cost)
        left.append(_spread(remaining, max(status, to_minutes(dates.start)), to_minutes(dates.finish), time))
        if approved is not None:
            value = Accrued(prorated=earned(plan, costs, approved, dates.uid))
            earned_spreads.append(_spread(value, start, finish, time))
    return _LaidOut(
        planned=None if approved is None else list(approved.spreads.values()),
        earned=None if approved is None or status is None else earned_spreads,
        actual=None if status is None else actual,
        early=_paid(early),
        late=_paid(late),
        forecast=_paid([*actual, *left]),
    )


def _worked(task: Task, dates: TaskDates, status: int) -> tuple[int, int]:
    start = dates.start if task.actual_start is None else task.actual_start
    finish = status if task.actual_finish is None else min(status, to_minutes(task.actual_finish))
    return min(status, to_minutes(start)), finish


def _spread(money: Accrued, start: int, finish: int, time: WorkingTime) -> Spread:
    return Spread(money, start, max(start, finish), time)


def _paid(spreads: Iterable[Spread]) -> list[Spread]:
    """Those with money: the others would only make the series longer."""
    return [spread for spread in spreads if spread.money != _NO_MONEY]


def _flows(spreads: Sequence[Spread], days: Sequence[int]) -> Iterator[Flow]:
    curve, before = Curve(spreads), NOTHING
    for end in days[1:]:
        total = rounded(curve.at(end * DAY))
        yield Flow(total - before, total)
        before = total


def _known(spreads: Sequence[Spread] | None, days: Sequence[int], past: int) -> Iterator[Flow | None]:
    """Of the first `past` periods; None for the others, or for all where there are no spreads."""
    if spreads is not None:
        yield from _flows(spreads, days[: past + 1])
    else:
        past = 0
    yield from repeat(None, len(days) - 1 - past)
