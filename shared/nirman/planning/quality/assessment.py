"""The DCMA 14-Point Assessment of a schedule.

Source: Defense Contract Management Agency, Earned Value Management System Program Analysis Pamphlet, DCMA-EA PAM 200.1,
October 2012, section 4; read with R. Winter, "DCMA 14-Point Schedule Assessment", 2011, for which tasks count.
Where the pamphlet leaves a choice, docs/quality.md says which was taken.
"""

from __future__ import annotations

from nirman.planning.logic import Logic
from nirman.planning.model import Plan
from nirman.planning.quality import dates, execution, network
from nirman.planning.quality.check import Check
from nirman.planning.quality.scope import Scope
from nirman.planning.schedule import Schedule


def assess(plan: Plan, schedule: Schedule) -> tuple[Check, ...]:
    """The 14 checks in their order. The twelfth schedules the plan once more."""
    scope = Scope(plan, schedule, Logic(plan, schedule))
    return (
        network.logic(scope),
        network.leads(scope),
        network.lags(scope),
        network.relationship_types(scope),
        network.hard_constraints(scope),
        dates.high_float(scope),
        dates.negative_float(scope),
        dates.high_duration(scope),
        dates.invalid_dates(scope),
        dates.resources(scope),
        execution.missed_tasks(scope),
        execution.critical_path_test(scope),
        execution.critical_path_length_index(scope),
        execution.baseline_execution_index(scope),
    )
