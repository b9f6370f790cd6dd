"""A proposal tried: applied to the plan and scheduled by the engine, whose figures are the only ones that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nirman.errors import NirmanError
from nirman.optimization.alternatives.figures import Figures, moved, risk_effect, working_minutes
from nirman.optimization.alternatives.proposals import Case, Proposal
from nirman.optimization.alternatives.result import Alternative
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.conflicts import Conflict, overload_of
from nirman.planning.model import Plan, Task
from nirman.planning.schedule import Schedule


@dataclass(frozen=True)
class Evaluation:
    """Tries proposals on one plan."""

    situation: Situation

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.situation.plan, self.situation.schedule)

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        return self.situation.conflicts

    def tried(self, case: Case, proposal: Proposal) -> Alternative | None:
        """None for what cannot be applied or scheduled, or leaves the conflict no smaller than it is."""
        try:
            after = self.situation.after(proposal.operations)
            figures = Figures(after.plan, after.schedule)
            found = after.conflicts
        except NirmanError:
            return None
        left = self._left(case.conflict, found)
        if left and overload_of(left) >= case.conflict.overload_minutes:
            return None
        before = self.figures
        count, furthest = moved(before, figures)
        return Alternative(
            id=f"{case.conflict.id}.{proposal.way}.{proposal.key}",
            rank=0,
            way=proposal.way,
            text=proposal.text,
            solves=not left,
            finish_before=before.finish,
            finish_after=figures.finish,
            finish_minutes=working_minutes(self.situation.plan, before.finish, figures.finish),
            cost_before=before.money,
            cost_after=figures.money,
            cost_difference=figures.money.total - before.money.total,
            overload_before_minutes=overload_of(self.conflicts),
            overload_after_minutes=overload_of(found),
            solved=tuple(one.id for one in self.conflicts if not self._left(one, found)),
            left=tuple(one.id for one in left),
            new=self._new(found),
            risk=risk_effect(before, figures),
            moved=furthest,
            moved_count=count,
            remarks=(*proposal.remarks, *_missed(self.situation, after)),
            operations=proposal.operations,
        )

    def _left(self, conflict: Conflict, found: Sequence[Conflict]) -> list[Conflict]:
        """What is found of a conflict: of its resource, at the same time; or new, and among the same tasks alone."""
        uids = {share.uid for share in conflict.tasks}
        return [
            other
            for other in found
            if other.resource_uids == conflict.resource_uids
            and (
                (other.start < conflict.finish and other.finish > conflict.start)
                or (other.id not in self._ids and uids.issuperset(share.uid for share in other.tasks))
            )
        ]

    def _new(self, found: Sequence[Conflict]) -> tuple[str, ...]:
        left = {other.id for conflict in self.conflicts for other in self._left(conflict, found)}
        return tuple(other.id for other in found if other.id not in self._ids and other.id not in left)

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.conflicts)


def ranked(alternatives: Sequence[Alternative], conflict: Conflict) -> tuple[Alternative, ...]:
    """The best first, by these in turn: it solves the conflict and makes no overload elsewhere; it solves it at all;
    the earlier finish; the lower cost; what the plan can bear then, near-critical tasks before slack; its id.
    """
    best_first = sorted(alternatives, key=lambda one: _key(one, conflict))
    return tuple(replace(one, rank=rank) for rank, one in enumerate(best_first, 1))


def _key(one: Alternative, conflict: Conflict) -> tuple[object, ...]:
    elsewhere = one.overload_after_minutes > one.overload_before_minutes - conflict.overload_minutes
    return (
        not (one.solves and not elsewhere),
        not one.solves,
        one.finish_after,
        one.cost_difference,
        one.risk.near_critical_after,
        one.risk.slack_consumed_minutes,
        one.id,
    )


def _missed(before: Situation, after: Situation) -> list[str]:
    """Deadlines that were kept and are not any more."""
    missed = [
        task
        for task in before.plan.tasks.values()
        if task.deadline is not None
        and _keeps(before.plan, before.schedule, task)
        and not _keeps(after.plan, after.schedule, task)
    ]
    return [f'the deadline of "{task.name}" ({task.uid}) is missed' for task in sorted(missed, key=lambda one: one.uid)]


def _keeps(plan: Plan, schedule: Schedule, task: Task) -> bool:
    deadline = plan.tasks[task.uid].deadline
    return deadline is None or schedule[task.uid].finish <= deadline
