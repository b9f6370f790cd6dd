"""Whether constraint dates won over links in an MS Project XML file.

Its `HonorConstraints` does not tell: MS Project itself stores 0 with the option on, other programs store 1. The dates
do: where the option is on, no task stands later than a constraint of its own lets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nirman.planning.model import ConstraintKind, Task
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

_LATEST_START = (ConstraintKind.MSO, ConstraintKind.SNLT)
_LATEST_FINISH = (ConstraintKind.MFO, ConstraintKind.FNLT)


def honors_constraints(
    tasks: Mapping[int, Task],
    stored: Mapping[int, tuple[datetime, datetime]],
    calendars: Calendars,
    project_calendar_uid: int,
) -> bool:
    """`stored`: start and finish in the file, by uid."""
    summaries = {task.parent_uid for task in tasks.values()}
    for uid, (start, finish) in stored.items():
        task = tasks[uid]
        if task.constraint_date is None or task.manual or not task.active or task.actual_start or uid in summaries:
            continue
        if task.constraint not in _LATEST_START + _LATEST_FINISH:
            continue
        calendar = calendars.working_time(project_calendar_uid if task.calendar_uid is None else task.calendar_uid)
        at = start if task.constraint in _LATEST_START else finish
        if calendar.between(to_minutes(task.constraint_date), to_minutes(at)) > 0:
            return False
    return True
