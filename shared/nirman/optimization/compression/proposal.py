"""A choice as operations on the plan: durations, leads and what they cost, and nothing else.

The work of people and machines stays what it was: to be faster there are more of them, or they work longer days, and
what that costs more is the crash cost. So units rise as the duration falls, and the fixed cost takes what the points
say, less what follows by itself (a cost per use of more units).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from nirman.optimization.compression.offers import Choice, Market
from nirman.planning.change import apply
from nirman.planning.commands import Operation, Update
from nirman.planning.costs import plan_costs
from nirman.planning.effort_values import LEAST_UNITS, share_of
from nirman.planning.model import Assignment, Kind, Plan, ResourceKind, Rules, Task
from nirman.planning.schedule import Schedule, schedule_plan

_NOTHING = Decimal(0)


class Proposals:
    """Choices from one market carried out on one plan."""

    def __init__(self, plan: Plan, market: Market) -> None:
        self._plan, self._market = plan, market
        self._assigned: dict[int, list[Assignment]] = {}
        crashed = {offer.uid for offer in market.offers}
        for assignment in plan.assignments.values():
            works = plan.resources[assignment.resource_uid].kind is ResourceKind.WORK
            if works and assignment.task_uid in crashed:
                self._assigned.setdefault(assignment.task_uid, []).append(assignment)

    def scheduled(self, choice: Choice) -> Schedule:
        """What the engine makes of it; money is not looked at."""
        tasks, links, assignments = dict(self._plan.tasks), dict(self._plan.links), dict(self._plan.assignments)
        for kind, uid, values in self._values(choice):
            match kind:
                case Kind.TASK:
                    tasks[uid] = replace(tasks[uid], **values)
                case Kind.LINK:
                    links[uid] = replace(links[uid], **values)
                case _:
                    assignments[uid] = replace(assignments[uid], **values)
        return schedule_plan(replace(self._plan, tasks=tasks, links=links, assignments=assignments))

    def operations(self, choice: Choice) -> tuple[Operation, ...]:
        """One command's worth, applied to the plan it was made for; `planning.change.apply` checks it."""
        values = {(kind, uid): fields for kind, uid, fields in self._values(choice)}
        if not values:
            return ()
        changed, _ = apply(self._plan, [Update(*record, fields) for record, fields in values.items()])
        more = self._fixed_costs(choice, self._follows(changed))
        return tuple(
            Update(kind, uid, fields, increase={"fixed_cost": more[uid]} if kind is Kind.TASK and uid in more else {})
            for (kind, uid), fields in values.items()
        )

    def _fixed_costs(self, choice: Choice, follows: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
        """By task, what its fixed cost has to take."""
        bought = {
            offer.uid: offer.cost(minutes) - follows.get(offer.uid, _NOTHING)
            for offer, minutes in zip(self._market.offers, choice.durations, strict=True)
            if minutes != offer.longest
        }
        return {uid: more for uid, more in bought.items() if more}

    def _follows(self, changed: Plan) -> Mapping[int, Decimal]:
        """By task, what its assignments cost more by themselves."""
        if not self._assigned:
            return {}
        before, after = (plan_costs(plan, schedule_plan(plan)).assignments for plan in (self._plan, changed))
        found: dict[int, Decimal] = {}
        for uid, assignments in self._assigned.items():
            found[uid] = sum((after[one.uid].cost - before[one.uid].cost for one in assignments), _NOTHING)
        return found

    def _values(self, choice: Choice) -> Iterator[tuple[Kind, int, dict[str, Any]]]:
        """The fields that change, record by record."""
        plan, market = self._plan, self._market
        for offer, minutes in zip(market.offers, choice.durations, strict=True):
            if minutes != offer.longest:
                task = plan.tasks[offer.uid]
                yield Kind.TASK, task.uid, self._duration(task, minutes, offer.done_minutes)
                for assignment in self._assigned.get(task.uid, ()):
                    if kept := _kept_work(task, assignment, minutes):
                        yield Kind.ASSIGNMENT, assignment.uid, kept
        for lead, overlap in zip(market.leads, choice.overlaps, strict=True):
            if overlap:
                link = plan.links[lead.link_uid]
                lag: dict[str, Any] = {"lag_minutes": link.lag_minutes - overlap}
                yield Kind.LINK, link.uid, lag | ({"lag_elapsed": False} if link.lag_elapsed else {})

    def _duration(self, task: Task, left: int, done: int) -> dict[str, Any]:
        """By P6's rules what has begun keeps the duration that was planned."""
        if task.actual_start is None:
            return {"duration_minutes": left}
        if self._plan.project.rules is Rules.PRIMAVERA:
            return {"remaining_minutes": left}
        whole = done + left
        percent = min(99, 100 * done // whole) if whole else 0
        return {"duration_minutes": whole, "percent_complete": percent, "remaining_minutes": left}


def _kept_work(task: Task, assignment: Assignment, minutes: int) -> dict[str, Any]:
    share = share_of(task, assignment)
    if not share.left or not assignment.units or not minutes:
        return {}
    units = max(round(share.left / minutes, 4), LEAST_UNITS)
    values: dict[str, Any] = {"units": units, "work_minutes": share.work}
    if task.actual_start is not None:
        values |= {"actual_work_minutes": share.done, "remaining_work_minutes": share.left}
    return values
