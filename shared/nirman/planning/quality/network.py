"""Checks 1 to 5: links and constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nirman.planning.model import ConstraintKind, Link, LinkKind
from nirman.planning.quality.check import Check, Rule
from nirman.planning.quality.scope import Scope

HARD = frozenset(
    {
        *(ConstraintKind.MSO, ConstraintKind.MFO, ConstraintKind.SNLT, ConstraintKind.FNLT),
        *(ConstraintKind.SO, ConstraintKind.FO),
    }
)
"""Constraints that keep a task from moving later with what it depends on."""

_LOGIC = Rule(1, "logic", "Tasks without predecessor or successor", 0.05)
_LEADS = Rule(2, "leads", "Links with a lead", 0.0)
_LAGS = Rule(3, "lags", "Links with a lag", 0.05)
_TYPES = Rule(4, "relationship_types", "Finish-start links", 0.9, at_least=True)
_HARD = Rule(5, "hard_constraints", "Tasks with a hard constraint", 0.05)

NO_TASK = "no task is incomplete"
_NO_LINK = "no link leads to an incomplete task"


def logic(scope: Scope) -> Check:
    """A link of a summary holds for the tasks below it too."""
    into, out_of = scope.logic.incoming, scope.logic.outgoing
    missing = (
        task.uid
        for task in scope.incomplete
        if not (_linked(scope, task.uid, into) and _linked(scope, task.uid, out_of))
    )
    return _LOGIC.share(missing, len(scope.incomplete), empty=NO_TASK)


def leads(scope: Scope) -> Check:
    return _links(_LEADS, scope, [link for link in scope.links if lag_of(link) < 0])


def lags(scope: Scope) -> Check:
    return _links(_LAGS, scope, [link for link in scope.links if lag_of(link) > 0])


def relationship_types(scope: Scope) -> Check:
    """The tasks and links named are those of the other types."""
    if not scope.links:
        return _TYPES.not_applicable(_NO_LINK)
    others = [link for link in scope.links if link.kind is not LinkKind.FS]
    finish_start = len(scope.links) - len(others)
    return _TYPES.ratio(finish_start, len(scope.links), uids=_successors(scope, others), links=_uids(others))


def hard_constraints(scope: Scope) -> Check:
    hard = (task.uid for task in scope.incomplete if {task.constraint, task.second_constraint} & HARD)
    return _HARD.share(hard, len(scope.incomplete), empty=NO_TASK)


def lag_of(link: Link) -> float:
    """Only its sign is of use: minutes, or a percentage."""
    return link.lag_minutes if link.lag_percent is None else link.lag_percent


def _linked(scope: Scope, uid: int, links: Mapping[int, Sequence[Link]]) -> bool:
    return uid in links or any(above in links for above in scope.logic.ancestors(uid))


def _links(rule: Rule, scope: Scope, failing: Sequence[Link]) -> Check:
    if not scope.links:
        return rule.not_applicable(_NO_LINK)
    uids = _successors(scope, failing)
    return rule.ratio(len(failing), len(scope.links), uids=uids, links=_uids(failing))


def _successors(scope: Scope, links: Iterable[Link]) -> list[int]:
    return sorted({link.successor_uid for link in links}, key=lambda uid: scope.schedule[uid].id)


def _uids(links: Iterable[Link]) -> list[int]:
    return [link.uid for link in links]
