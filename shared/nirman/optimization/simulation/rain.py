"""Rain: which days are lost, by chance, to tasks that rain stops.

`Project.rain_days` says how many working days of each month rain takes on average. A month of the project's calendar
has so many working days, so each of its days is rainy with the chance of lost days to working days, independently of
other days, for the whole site: what works seven days a week loses days in that proportion. Real rain comes in spells;
the number of days lost in a month then varies more than here, its mean is the same.

A rainy day is a day off in the calendars of the tasks that rain stops, exactly as an exception without shifts: lags
that run in these calendars wait too. What has happened is dry: days before the status date, or the project's start, are
not drawn. Durations in elapsed time run on.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from nirman.optimization.simulation.kernel.library import Array
from nirman.planning.model import Plan, Task
from nirman.planning.rain import working_days
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_date, to_day


def stopped_by_rain(plan: Plan) -> tuple[Task, ...]:
    """Leaves with a duration that rain stops; none where it is not known how much it rains."""
    if not any(plan.project.rain_days):
        return ()
    summaries = {task.parent_uid for task in plan.tasks.values()}
    return tuple(
        task
        for task in plan.tasks.values()
        if task.rain_stops_work and task.duration_minutes and task.uid not in summaries
    )


def first_wet_day(plan: Plan) -> int:
    """Days since 1970."""
    project = plan.project
    return to_day(max(project.start, project.status_date or project.start).date())


def thresholds(plan: Plan, last: int) -> Array:
    """Of 2^32, how likely rain is on each day from the first wet one until `last`, the first of a month, excluded."""
    working = Calendars(plan.calendars).working_time(plan.project.calendar_uid)

    @cache
    def chance(year: int, month: int) -> int:
        worked = len(working_days(working, date(year, month, 1)))
        lost = plan.project.rain_days[month - 1]
        return 0 if worked == 0 else round(min(1.0, lost / worked) * 2**32)

    dates = map(to_date, range(first_wet_day(plan), last))
    return np.array([chance(day.year, day.month) for day in dates], np.int64)
