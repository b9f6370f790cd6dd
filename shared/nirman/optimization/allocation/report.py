"""What came of an allocation, told by the engine's schedules before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nirman.optimization.allocation.choices import Choices
from nirman.optimization.allocation.result import Allocation, Reassigned
from nirman.optimization.allocation.trial import Trial, Trials
from nirman.optimization.alternatives.figures import Figures, moved, working_minutes
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.answers import Status
from nirman.optimization.conflicts import overload_of
from nirman.optimization.options import Aim

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Best:
    """The best that was found, and what is proven of all choices."""

    trial: Trial
    finish_bound: datetime | None
    cost_bound: Decimal | None
    method: str
    stopped: bool
    reproducible: bool


def report(situation: Situation, choices: Choices, trials: Trials, levelled: Trial, best: Best, aim: Aim) -> Allocation:
    """`levelled`: the plan with everybody where they are."""
    trial = best.trial
    before, after = Figures(situation.plan, situation.schedule), trial.figures
    count, furthest = moved(before, after)
    return Allocation(
        status=_status(best, aim),
        minimise=aim,
        finish_before=before.finish,
        finish_after=after.finish,
        levelled_finish=levelled.figures.finish,
        cost_before=before.money,
        cost_after=after.money,
        levelled_cost=levelled.figures.money,
        overload_before_minutes=overload_of(situation.conflicts),
        levelled_overload_minutes=levelled.overload,
        overload_after_minutes=trial.overload,
        finish_bound=best.finish_bound,
        cost_bound=best.cost_bound,
        gap=_gap(best, before, after),
        method=best.method,
        tried=trials.count,
        reassigned=tuple(_reassigned(choices, trial, before, after)),
        kept=choices.kept,
        moved=furthest,
        moved_count=count,
        stopped=best.stopped,
        reproducible=best.reproducible,
        operations=trial.operations,
    )


def _status(best: Best, aim: Aim) -> Status:
    figures = best.trial.figures
    if best.trial.overload:
        return Status.PARTIAL
    if aim is Aim.FINISH:
        proven = best.finish_bound is not None and figures.finish <= best.finish_bound
    else:
        proven = best.cost_bound is not None and figures.money.total <= best.cost_bound + _CENT
    return Status.OPTIMAL if proven else Status.FEASIBLE


def _gap(best: Best, before: Figures, after: Figures) -> float | None:
    if best.cost_bound is not None:
        total = after.money.total
        return max(0.0, float((total - best.cost_bound) / total)) if total else 0.0
    if best.finish_bound is None:
        return None
    whole = working_minutes(before.plan, before.schedule.project_start, after.finish)
    return max(0.0, working_minutes(before.plan, best.finish_bound, after.finish) / whole) if whole else 0.0


def _reassigned(choices: Choices, trial: Trial, before: Figures, after: Figures) -> Iterator[Reassigned]:
    plan = before.plan
    for task, number in zip(choices.tasks, trial.vector, strict=True):
        for uid, to in sorted(task.options[number].resources.items()):
            present = plan.assignments[uid].resource_uid
            if to != present:
                yield Reassigned(
                    task_uid=task.uid,
                    task_name=plan.tasks[task.uid].name,
                    assignment_uid=uid,
                    from_uid=present,
                    from_name=plan.resources[present].name,
                    to_uid=to,
                    to_name=plan.resources[to].name,
                    cost_before=before.costs.assignments[uid].cost,
                    cost_after=after.costs.assignments[uid].cost,
                )
