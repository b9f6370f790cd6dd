"""What varies from sample to sample: durations by their estimates, and by the risks that may delay them.

Before a task starts its whole duration varies; once it has started, what is left does, in the proportion in which the
whole would. What is finished stays. A duration that had any minutes has at least one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nirman.errors import InvalidInputError
from nirman.optimization.options import SimulateOptions
from nirman.planning.estimates import Distribution, DurationEstimate, Risk, RiskState
from nirman.planning.model import Plan, Task, TaskKind
from nirman.scheduling.columns import active_of, remaining_minutes

MOST_MINUTES = 2**28
"""Of any one duration, delays included: five hundred years."""


@dataclass(frozen=True, slots=True)
class Varying:
    """`estimate` None: only its risks bear on it; `planned` and `left` are working minutes of the task's calendar."""

    task: Task
    estimate: DurationEstimate | None
    risks: tuple[int, ...]
    """Uids of open risks that delay it."""

    @property
    def started(self) -> bool:
        return self.task.actual_start is not None

    @property
    def planned(self) -> int:
        return self.task.duration_minutes

    @property
    def left(self) -> int:
        return remaining_minutes(self.task)

    @property
    def base(self) -> int:
        """What is drawn, as planned: the whole duration, of a started task what is left."""
        return self.left if self.started else self.planned

    @property
    def done(self) -> int:
        return max(self.planned - self.left, self.planned * self.task.percent_complete // 100, 0)


def open_risks(plan: Plan) -> tuple[Risk, ...]:
    """Risks that can still come about, by uid."""
    return tuple(
        risk for _, risk in sorted(plan.risks.items()) if risk.state is RiskState.OPEN and risk.probability > 0
    )


def varying_tasks(plan: Plan, options: SimulateOptions) -> tuple[Varying, ...]:
    """In the order of the plan's tasks. `InvalidInputError` for durations beyond five hundred years."""
    delayed = _delayed(plan) if options.risks else {}
    return tuple(_found(plan, options, delayed))


def _found(plan: Plan, options: SimulateOptions, delayed: Mapping[int, list[Risk]]) -> Iterator[Varying]:
    for task in working_tasks(plan):
        if task.actual_finish is not None or _keeps_dates(task):
            continue
        risks = delayed.get(task.uid, [])
        estimate = _estimate(task, options) if remaining_minutes(task) and task.duration_minutes else None
        if estimate is None and not risks:
            continue
        most = max(task.duration_minutes, 0 if estimate is None else estimate.pessimistic_minutes)
        if most + sum(risk.most_delay_minutes for risk in risks) > MOST_MINUTES:
            rule = f"a duration must not exceed {MOST_MINUTES} minutes, delays included"
            raise InvalidInputError(rule, place=f'task "{task.name}" ({task.uid})')
        yield Varying(task, estimate, tuple(risk.uid for risk in risks))


def working_tasks(plan: Plan) -> Iterator[Task]:
    """Leaves that take part: not inactive, nor what only spans others."""
    summaries = {task.parent_uid for task in plan.tasks.values()}
    active = active_of(plan.tasks.values(), plan.tasks)
    for task, takes_part in zip(plan.tasks.values(), active, strict=True):
        spans = task.kind in (TaskKind.LEVEL_OF_EFFORT, TaskKind.WBS_SUMMARY)
        if takes_part and not spans and task.uid not in summaries:
            yield task


def _keeps_dates(task: Task) -> bool:
    return task.manual and task.manual_start is not None and task.manual_finish is not None


def _delayed(plan: Plan) -> dict[int, list[Risk]]:
    found: dict[int, list[Risk]] = {}
    for risk in open_risks(plan):
        if risk.most_delay_minutes:
            for uid in risk.task_uids:
                found.setdefault(uid, []).append(risk)
    return found


def _estimate(task: Task, options: SimulateOptions) -> DurationEstimate | None:
    """The task's own, else the spread that is asked for around its duration."""
    if task.duration_estimate is not None:
        return task.duration_estimate
    below, above = options.spread_below_percent or 0, options.spread_above_percent or 0
    if not (below or above):
        return None
    duration = task.duration_minutes
    return DurationEstimate(
        optimistic_minutes=duration - duration * below // 100,
        most_likely_minutes=duration,
        pessimistic_minutes=duration + duration * above // 100,
        distribution=Distribution.TRIANGULAR,
    )
