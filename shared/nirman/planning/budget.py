"""The performance measurement baseline: each task's own part of the approved budget, laid out over its baseline dates.

A baseline keeps what each task costs with all that is below it. A leaf's part is that. A summary's is what its children
leave of it, and no more than it costs itself now, so that the budget of a deleted child is not taken for its own; when
none of its children is in the baseline (it was broken down later) it carries the whole budget. A baseline does not keep
when costs fall due: they do in the proportions in which the task's accrue now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nirman.planning.costs import NOTHING, Costs
from nirman.planning.curves import Spread
from nirman.planning.findings import Finding, Severity
from nirman.planning.model import Baseline, Plan
from nirman.planning.outline import Outline
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.working_time import ELAPSED, WorkingTime

_NAMED = 10
"""Tasks named one by one in a finding; beyond, their number."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Spreads by task; `findings` name the tasks of which only the plan or only the baseline knows."""

    spreads: Mapping[int, Spread]
    findings: tuple[Finding, ...]


def task_times(plan: Plan) -> Callable[[int], WorkingTime]:
    """The working time in which a task's money is laid out: its own calendar, else the project's."""
    calendars = Calendars(plan.calendars)

    def of(uid: int) -> WorkingTime:
        task = plan.tasks[uid]
        if task.duration_elapsed:
            return ELAPSED
        return calendars.working_time(plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid)

    return of


def budget(plan: Plan, tree: Outline, costs: Costs, baseline: Baseline) -> Budget:
    """The costs of tasks laid out over their dates in the baseline."""
    kept = {task.uid: task for task in baseline.tasks}
    parts = _parts(plan, tree, costs, {uid: task.cost for uid, task in kept.items()})
    times = task_times(plan)
    spreads = {
        uid: Spread(
            money=costs[uid].own_budget.scaled(part),
            start=to_minutes(kept[uid].start),
            finish=to_minutes(kept[uid].finish),
            working_time=times(uid),
        )
        for uid, part in parts.items()
    }
    return Budget(spreads, tuple(_findings(plan, tree, kept.keys())))


def _parts(plan: Plan, tree: Outline, costs: Costs, kept: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Of each active task in the baseline."""
    below: dict[int, Decimal | None] = {}
    """What a task and those below it have in the baseline; None when none of them is in it."""
    parts: dict[int, Decimal] = {}
    for uid in reversed(tree.uids):
        known = [found for child in tree.children.get(uid, ()) if (found := below[child]) is not None]
        below[uid] = kept.get(uid, sum(known, NOTHING) if known else None)
        if uid in kept and plan.tasks[uid].active:
            parts[uid] = kept[uid]
            if known:
                parts[uid] = max(NOTHING, min(kept[uid] - sum(known), costs[uid].own_budget.total))
    return parts


def _findings(plan: Plan, tree: Outline, kept: Collection[int]) -> Iterator[Finding]:
    gone = [uid for uid in kept if uid not in plan.tasks]
    if gone:
        yield _finding("baseline-of-deleted-task", "in the baseline and not in the plan any more: not counted", gone)
    added = [uid for uid in tree.uids if uid not in kept and uid not in tree.children and plan.tasks[uid].active]
    if added:
        yield _finding("not-in-baseline", "not in the baseline: without a budget, their actual cost counts", added)


def _finding(rule: str, text: str, uids: Sequence[int]) -> Finding:
    named = ", ".join(map(str, uids[:_NAMED])) + (f" and {len(uids) - _NAMED} more" if len(uids) > _NAMED else "")
    return Finding(severity=Severity.WARNING, rule=rule, text=f"tasks {named} are {text}", place="baseline")
