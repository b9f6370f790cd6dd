"""More units of the resource while the conflict lasts.

They are hired by the day, from the first of the conflict to its last, in whole units, and paid at the standard rate for
all the hours of the resource's calendar on these days, and once for being there. What they work is in the plan already,
since work costs the same whoever does it; what is left to pay becomes a fixed cost of the task that they come for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from nirman.errors import InvalidPlanError
from nirman.optimization.alternatives.proposals import Case, Proposal
from nirman.optimization.alternatives.result import Way
from nirman.optimization.alternatives.waiting import first_to_wait
from nirman.optimization.demand import UNIT, Steps, available, capacity, whole_units
from nirman.planning.baselines import rounded
from nirman.planning.commands import Operation, Update
from nirman.planning.costs import NOTHING, UNIT_MINUTES
from nirman.planning.estimates import Availability
from nirman.planning.model import Kind, Resource
from nirman.planning.records import to_plain
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import DAY, FIRST_DAY, LAST_DAY, to_date


def more_units(case: Case) -> Iterator[Proposal]:
    start, finish = case.window
    first, last = start // DAY, (finish - 1) // DAY
    extra = -(-case.worst.overload // UNIT)
    resource = case.resource
    raised = with_more(resource, first, last, extra)
    operations: list[Operation] = [Update(Kind.RESOURCE, resource.uid, {"availability": to_plain(raised)})]
    cost = _left_to_pay(case, first, last, extra)
    comes_for = first_to_wait(case.situation, (task.uid for task in case.tasks))[0]
    if cost > 0:
        operations.append(Update(Kind.TASK, comes_for, increase={"fixed_cost": cost}))
    days = f"on {to_date(first)}" if first == last else f"from {to_date(first)} to {to_date(last)}"
    yield Proposal(
        way=Way.MORE_UNITS,
        key=f"{extra}",
        text=f"Hire {extra} more of {resource.name} ({resource.uid}) {days}",
        operations=tuple(operations),
        remarks=() if resource.standard_rate else ("the resource has no rate: what is hired costs nothing here",),
    )


def with_more(resource: Resource, first: int, last: int, extra: int) -> tuple[Availability, ...]:
    """Availabilities with so many whole units more from day to day, both included, days since 1970."""
    steps = capacity(resource)
    edges = {instant // DAY for instant, _ in steps} | {first, last + 1}
    raised: Steps = tuple(
        (day * DAY, available(steps, day * DAY) + (extra * UNIT if first <= day <= last else 0))
        for day in sorted(edges)
    )
    return _availabilities(raised, whole_units(resource.max_units))


def _availabilities(steps: Steps, usual: int) -> tuple[Availability, ...]:
    """The periods in which there are other units than usual."""
    found: list[Availability] = []
    ends = [instant // DAY for instant, _ in steps[1:]] + [LAST_DAY]
    for (instant, units), end in zip(steps, ends, strict=True):
        start, day = instant // DAY, end - 1
        if units == usual or day < start:
            continue
        since, until = _date(start, FIRST_DAY), _date(day, LAST_DAY - 1)
        found.append(Availability(start=since, finish=until, units=units / UNIT))
    return tuple(found)


def _date(day: int, endless: int) -> date | None:
    return None if day == endless else to_date(day)


def _left_to_pay(case: Case, first: int, last: int, extra: int) -> Decimal:
    plan, resource = case.situation.plan, case.resource
    uid = plan.project.calendar_uid if resource.calendar_uid is None else resource.calendar_uid
    try:
        hours = Calendars(plan.calendars).working_time(uid).between(first * DAY, (last + 1) * DAY)
    except InvalidPlanError:  # a calendar that never works
        hours = 0
    idle = max(0, extra * hours - case.conflict.overload_minutes)
    return rounded(resource.standard_rate * idle / UNIT_MINUTES + resource.cost_per_use * extra) + NOTHING
