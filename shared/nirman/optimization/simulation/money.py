"""What a sample costs: the plan's cost, and what longer or shorter durations change of it.

What is paid by the day that the project lasts counts calendar days from its start to its finish, both included;
damages, those after the day by which it must finish.

What is paid by the hour grows with a task's duration: work of people and machines at their rate, as much longer as the
task is. Fixed costs, materials, costs per use and costs that were entered do not change, nor what was spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from nirman.optimization.days import last_day
from nirman.optimization.simulation.kernel.library import Array
from nirman.optimization.simulation.variables import Varying
from nirman.planning.costs import UNIT_MINUTES, assignment_work, plan_costs
from nirman.planning.model import Assignment, Plan, ResourceKind
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import DAY, to_day, to_minutes


def planned_cost(plan: Plan, schedule: Schedule) -> Decimal:
    """Of all tasks, and by the day."""
    finish = np.array([to_minutes(schedule.project_finish)])
    of_tasks = plan_costs(plan, schedule).total.cost if _has_money(plan) else Decimal(0)
    return of_tasks + Decimal(float(by_the_day(plan, schedule, finish)[0]))


def _has_money(plan: Plan) -> bool:
    """Whether anything costs anything: adding up thousands of nothings takes as long as a thousand samples."""
    return (
        any(resource.standard_rate or resource.cost_per_use for resource in plan.resources.values())
        or any(task.fixed_cost or task.actual_cost for task in plan.tasks.values())
        or any(assignment.cost or assignment.actual_cost for assignment in plan.assignments.values())
    )


def by_the_day(plan: Plan, schedule: Schedule, finish: Array) -> Array:
    """What indirect costs and damages come to for each finish, minutes since 1970; the days are those of `Days`."""
    project, days = plan.project, (finish - 1) // DAY
    found = float(project.indirect_cost_per_day) * (days - to_day(schedule.project_start.date()) + 1)
    if project.must_finish is not None:
        found = found + float(project.delay_damages_per_day) * np.maximum(
            0, days - to_day(last_day(project.must_finish))
        )
    return np.asarray(found, np.float64)


def slopes(plan: Plan, schedule: Schedule, varying: Sequence[Varying]) -> Array:
    """Money that each varying task costs more for a minute more of what is drawn for it."""
    of_task: dict[int, list[Assignment]] = {one.task.uid: [] for one in varying}
    for assignment in plan.assignments.values():
        if assignment.task_uid in of_task:
            of_task[assignment.task_uid].append(assignment)
    return np.array([_slope(plan, schedule, one, of_task[one.task.uid]) for one in varying], np.float64)


def _slope(plan: Plan, schedule: Schedule, one: Varying, assignments: Sequence[Assignment]) -> float:
    if not one.base:
        return 0.0
    total = 0.0
    for assignment in assignments:
        resource = plan.resources[assignment.resource_uid]
        if resource.kind is ResourceKind.WORK and resource.standard_rate and assignment.cost is None:
            *_, remaining = assignment_work(assignment, resource, one.task, schedule[one.task.uid])
            total += float(resource.standard_rate) * remaining / UNIT_MINUTES / one.base
    return total
