"""What a plan comes to: its finish, its money, and how little it can bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nirman.optimization.alternatives.result import RiskEffect
from nirman.optimization.answers import Money, MovedTask
from nirman.optimization.days import Days
from nirman.planning.baselines import rounded
from nirman.planning.costs import Costs, plan_costs
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes

MOST_MOVED = 50
_NEAR_CRITICAL_SHARE = 10
"""A task is near-critical with slack of at most one in so many minutes of the project's working time."""


@dataclass(frozen=True)
class Figures:
    """Of one plan as the engine schedules it."""

    plan: Plan
    schedule: Schedule

    @property
    def finish(self) -> datetime:
        return self.schedule.project_finish

    @cached_property
    def costs(self) -> Costs:
        return plan_costs(self.plan, self.schedule)

    @cached_property
    def money(self) -> Money:
        """To the hundredth of the currency."""
        days = Days(self.plan, self.schedule.project_start)
        return Money(
            direct=rounded(self.costs.total.cost),
            indirect=rounded(days.indirect(self.finish)),
            damages=rounded(days.damages(self.finish)),
        )

    @cached_property
    def slack(self) -> Mapping[int, int]:
        """Total slack of the leaf tasks that are not finished, in working minutes."""
        rows, tree = self.schedule.network.rows, self.schedule.outline
        column, active = rows.task_column("total_slack"), rows.task_column("active")
        return {
            uid: column[row]
            for uid, row in rows.row_of.items()
            if active[row] and uid not in tree.children and self.plan.tasks[uid].actual_finish is None
        }

    @cached_property
    def working_minutes(self) -> int:
        """Of the project's calendar, from the project's start to its finish."""
        return working_minutes(self.plan, self.schedule.project_start, self.finish)


def working_minutes(plan: Plan, start: datetime, finish: datetime) -> int:
    """Of the project's calendar; negative when finish is earlier."""
    time = Calendars(plan.calendars).working_time(plan.project.calendar_uid)
    return time.between(to_minutes(start), to_minutes(finish))


def risk_effect(before: Figures, after: Figures) -> RiskEffect:
    """Slack is counted to the finish before: a later finish gives slack to tasks that are no safer for it.

    That of the contract, where there is one, is the same before and after.
    """
    later = 0
    if before.plan.project.must_finish is None:
        later = max(0, working_minutes(before.plan, before.finish, after.finish))
    at_most = before.working_minutes // _NEAR_CRITICAL_SHARE
    slack = {uid: minutes - later for uid, minutes in after.slack.items()}
    return RiskEffect(
        slack_consumed_minutes=sum(max(0, own - slack.get(uid, own)) for uid, own in before.slack.items()),
        near_critical_before=sum(own <= at_most for own in before.slack.values()),
        near_critical_after=sum(own <= at_most for own in slack.values()),
    )


def moved(before: Figures, after: Figures) -> tuple[int, tuple[MovedTask, ...]]:
    """How many leaf tasks start or finish at another time, and those of them that move furthest."""
    found = sorted(_moved(before, after), key=lambda one: (-abs(one.minutes), one.uid))
    return len(found), tuple(found[:MOST_MOVED])


def _moved(before: Figures, after: Figures) -> Iterator[MovedTask]:
    old, new = before.schedule.network.rows, after.schedule.network.rows
    columns = [(rows.task_column("start"), rows.task_column("finish")) for rows in (old, new)]
    for uid, row in old.row_of.items():
        there = new.row_of.get(uid)
        if there is None or uid in before.schedule.outline.children:
            continue
        (start, finish), (start_after, finish_after) = (
            (starts[place], finishes[place]) for (starts, finishes), place in zip(columns, (row, there), strict=True)
        )
        if (start, finish) != (start_after, finish_after):
            yield MovedTask(
                uid=uid,
                name=before.plan.tasks[uid].name,
                start_before=to_datetime(start),
                start_after=to_datetime(start_after),
                finish_before=to_datetime(finish),
                finish_after=to_datetime(finish_after),
                minutes=finish_after - finish,
            )
