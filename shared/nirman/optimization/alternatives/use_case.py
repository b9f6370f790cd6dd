"""Ways out of the conflicts of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from nirman.errors import InvalidInputError, NotFoundError
from nirman.optimization.alternatives.delays import delays, splits
from nirman.optimization.alternatives.evaluation import Evaluation, ranked
from nirman.optimization.alternatives.hire import more_units
from nirman.optimization.alternatives.hours import overtime, second_shifts
from nirman.optimization.alternatives.proposals import Case, Proposal
from nirman.optimization.alternatives.result import Alternative, Alternatives, Impossible, Way, Ways
from nirman.optimization.alternatives.simulated import BEST, late_finish, varies, with_late_finish
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.alternatives.substitutes import substitutes
from nirman.optimization.answers import Completion
from nirman.optimization.conflicts import Conflict
from nirman.optimization.options import AlternativesOptions
from nirman.optimization.progress import OnProgress, Progress, silent
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan

MOST_OF_A_WAY = 12
_WAYS: tuple[Callable[[Case], Iterable[Proposal | Impossible]], ...] = (
    delays,
    splits,
    substitutes,
    overtime,
    second_shifts,
    more_units,
)


def alternatives(
    plan: Plan,
    options: AlternativesOptions,
    *,
    stop: StopCriterion,
    beside: object = None,  # noqa: ARG001  # whoever runs optimizations calls all of them alike
    on_progress: OnProgress = silent,
) -> Alternatives:
    """The worst conflicts first, each with what could be done about it, tried and ranked.

    Stopped, those conflicts that were looked at whole are there. `InvalidInputError` for a resource that is not there.
    """
    if options.resource_uid is not None and options.resource_uid not in plan.resources:
        raise InvalidInputError(f"there is no resource {options.resource_uid}", place="resource_uid")
    evaluation = Evaluation(Situation(plan))
    before = late_finish(plan, stop) if varies(plan) else None
    chosen = [one for one in evaluation.conflicts if options.resource_uid in (None, one.resource_uids[0])]
    worst = sorted(chosen, key=lambda one: (-one.overload_minutes, one.start, one.id))[: options.limit]
    found: list[Ways] = []
    status = Completion.COMPLETE
    for conflict in worst:
        ways = _ways(evaluation, conflict, stop)
        if ways is None:
            status = Completion.STOPPED
            break
        if before is not None:
            simulated = (with_late_finish(plan, before, one, stop) for one in ways.alternatives[:BEST])
            ways = replace(ways, alternatives=(*simulated, *ways.alternatives[BEST:]))
        found.append(ways)
        on_progress(Progress(phase="alternatives", done=len(found) / len(worst)))
    return Alternatives(
        status=status,
        finish=evaluation.figures.finish,
        cost=evaluation.figures.money,
        conflict_count=len(chosen),
        conflicts=tuple(found),
    )


def by_id(found: Alternatives, alternative_id: str) -> Alternative:
    """`NotFoundError` where there is none of that id."""
    for ways in found.conflicts:
        for alternative in ways.alternatives:
            if alternative.id == alternative_id:
                return alternative
    raise NotFoundError(f"there is no alternative {alternative_id}")


def _ways(evaluation: Evaluation, conflict: Conflict, stop: StopCriterion) -> Ways | None:
    """None when it was stopped."""
    case = Case(evaluation.situation, conflict)
    tried: dict[str, Alternative] = {}
    impossible: list[Impossible] = []
    for way in _WAYS:
        useless: list[Proposal] = []
        for said in _some(way(case)):
            if stop():
                return None
            if isinstance(said, Impossible):
                impossible.append(said)
            elif (alternative := evaluation.tried(case, said)) is None:
                useless.append(said)
            else:
                tried.setdefault(alternative.id, alternative)
        if useless:
            impossible.append(_useless(case, useless))
    return Ways(
        conflict_id=conflict.id,
        resource_uid=conflict.resource_uids[0],
        resource_name=conflict.name,
        start=conflict.start,
        finish=conflict.finish,
        task_uids=tuple(share.uid for share in conflict.tasks),
        overload_minutes=conflict.overload_minutes,
        alternatives=ranked(list(tried.values()), conflict),
        impossible=tuple(impossible),
    )


def _some(said: Iterable[Proposal | Impossible]) -> Iterator[Proposal | Impossible]:
    for number, one in enumerate(said):
        if number == MOST_OF_A_WAY:
            return
        yield one


def _useless(case: Case, proposals: list[Proposal]) -> Impossible:
    way: Way = proposals[0].way
    texts = "; ".join(proposal.text for proposal in proposals)
    return case.impossible(way, f"would leave as much overload as there is: {texts}", (one.uid for one in case.tasks))
