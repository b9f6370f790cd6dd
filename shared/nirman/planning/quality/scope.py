"""Which tasks and links the assessment counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nirman.planning.logic import SPANNING, Logic, is_finished
from nirman.planning.model import Link, Plan, Task, TaskBaseline
from nirman.planning.schedule import Schedule

LONG_DAYS = 44
"""Two months of working days: what the assessment takes as long, for slack and for durations."""


@dataclass(frozen=True)
class Scope:
    """The assessment counts detail tasks: no summaries, level of effort, milestones, inactive tasks."""

    plan: Plan
    schedule: Schedule
    logic: Logic

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Detail tasks in outline order, finished ones too."""
        return tuple(self.plan.tasks[dates.uid] for dates in self.schedule if self._counts(dates.uid))

    @cached_property
    def incomplete(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if not is_finished(task))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links into what is not finished yet, milestones and summaries too."""
        into = (link for links in self.logic.incoming.values() for link in links)
        ahead = (link for link in into if not is_finished(self.plan.tasks[link.successor_uid]))
        return tuple(sorted(ahead, key=lambda link: link.uid))

    @cached_property
    def baselined(self) -> dict[int, TaskBaseline]:
        """What baseline 0 says of each task; empty without one."""
        baseline = self.plan.baselines.get(0)
        return {task.uid: task for task in baseline.tasks} if baseline else {}

    @property
    def status_date(self) -> datetime | None:
        return self.plan.project.status_date

    @property
    def minutes_per_day(self) -> int:
        return self.plan.project.minutes_per_day

    def day_minutes(self, task: Task) -> int:
        """A day of the task's duration and slack: the project's working day, or 24 hours for an elapsed duration."""
        return 1440 if task.duration_elapsed else self.minutes_per_day

    def _counts(self, uid: int) -> bool:
        dates, task = self.schedule[uid], self.plan.tasks[uid]
        return not (dates.summary or dates.milestone or task.kind in SPANNING) and uid in self.logic.active
