"""Work done and money in an MS Project XML file.

The file says of every task and assignment what it costs and how much of that is spent. What follows from rates and
progress is left open in the plan, so that it goes on following them; the rest (other cost rate tables, overtime, costs
entered by hand) is kept as it is in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from nirman.interchange.mspdi_fields import Fields
from nirman.planning.costs import AssignmentCost, assignment_work, plan_costs
from nirman.planning.model import Assignment, Plan, Task
from nirman.planning.schedule import Schedule

_SAME_MONEY = Decimal("0.01")
_SAME_MINUTES = 1


@dataclass(frozen=True, slots=True)
class _Said:
    """What the file has; None: nothing."""

    cost: Decimal | None
    actual_cost: Decimal | None
    actual_work: int | None = None
    remaining_work: int | None = None


class StoredCosts:
    """What was read so far."""

    def __init__(self) -> None:
        self._tasks: dict[int, _Said] = {}
        self._assignments: dict[int, _Said] = {}

    def task(self, fields: Fields, uid: int) -> None:
        self._tasks[uid] = _Said(_money(fields, "Cost"), _money(fields, "ActualCost"))

    def assignment(self, fields: Fields, uid: int) -> None:
        self._assignments[uid] = _Said(
            _money(fields, "Cost"),
            _money(fields, "ActualCost"),
            fields.lasting("ActualWork"),
            fields.lasting("RemainingWork"),
        )

    def settled(self, plan: Plan, schedule: Schedule) -> Plan:
        """The plan with what does not follow from rates and progress, of which work left may move dates."""
        plan = replace(plan, assignments=self._each(plan, lambda one, said: _worked(one, said, plan, schedule)))
        for name in ("cost", "actual_cost"):
            ours = plan_costs(plan, schedule).assignments
            plan = replace(plan, assignments=self._each(plan, partial(_priced, name, ours)))
        return replace(plan, tasks=self._spent(plan, schedule))

    def _each(self, plan: Plan, change: Callable[[Assignment, _Said], Assignment]) -> dict[int, Assignment]:
        return {uid: change(assignment, self._assignments[uid]) for uid, assignment in plan.assignments.items()}

    def _spent(self, plan: Plan, schedule: Schedule) -> dict[int, Task]:
        """A summary's costs are those of the tasks below it."""
        ours, found = plan_costs(plan, schedule), dict(plan.tasks)
        for uid, said in self._tasks.items():
            if not schedule[uid].summary and _differs(said.actual_cost, ours[uid].actual_cost):
                found[uid] = replace(found[uid], actual_cost=said.actual_cost)
        return found


def _worked(assignment: Assignment, said: _Said, plan: Plan, schedule: Schedule) -> Assignment:
    task, resource = plan.tasks[assignment.task_uid], plan.resources[assignment.resource_uid]
    _, actual, _ = assignment_work(assignment, resource, task, schedule[task.uid])
    if said.actual_work is not None and abs(said.actual_work - actual) > _SAME_MINUTES:
        assignment = replace(assignment, actual_work_minutes=said.actual_work)
    _, _, remaining = assignment_work(assignment, resource, task, schedule[task.uid])
    if said.remaining_work is not None and abs(said.remaining_work - remaining) > _SAME_MINUTES:
        assignment = replace(assignment, remaining_work_minutes=said.remaining_work)
    return assignment


def _priced(name: str, ours: Mapping[int, AssignmentCost], assignment: Assignment, said: _Said) -> Assignment:
    value = getattr(said, name)
    return replace(assignment, **{name: value}) if _differs(value, getattr(ours[assignment.uid], name)) else assignment


def _money(fields: Fields, name: str) -> Decimal | None:
    return fields.decimal(name, Decimal(0)) / 100 if fields.text(name) else None


def _differs(said: Decimal | None, reckoned: Decimal) -> bool:
    return said is not None and abs(said - reckoned) > _SAME_MONEY
