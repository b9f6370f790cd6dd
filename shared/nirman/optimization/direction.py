"""Plans that are scheduled back from their finish, and what cannot be asked of them.

Microsoft Project levels them by negative delays, which are taken off a task's finish. Plans here have no such field: a
levelling delay comes before a start, and where late dates are the plan it moves what leads to a task, not the task. A
finish that is given cannot be drawn by chance either, nor be bought. Primavera P6 has no such plans.
"""

from __future__ import annotations

from nirman.errors import InvalidInputError
from nirman.planning.model import Plan, ScheduleFrom

_PLACE = "project.schedule_from"
_INSTEAD = "schedule it from its start, and say with must_finish when it has to be done"
_BACK = "a plan that is scheduled from its finish"
NOT_LEVELLED_BACK = f"{_BACK} is not levelled, as no delay makes a task earlier: {_INSTEAD}"
NOT_SIMULATED_BACK = f"{_BACK} has that finish in every sample: {_INSTEAD}"
NOT_COMPRESSED_BACK = f"{_BACK} ends where it ends: {_INSTEAD}"


def check_from_start(plan: Plan, rule: str) -> None:
    """`InvalidInputError` with the rule for a plan that is scheduled from its finish."""
    if plan.project.schedule_from is ScheduleFrom.FINISH:
        raise InvalidInputError(rule, place=_PLACE)
