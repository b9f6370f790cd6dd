"""Some of the tasks wait, or pause, until there is room for them."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.optimization.alternatives.levelling import Levelled, level
from nirman.optimization.alternatives.proposals import Case, Proposal, joined
from nirman.optimization.alternatives.result import Impossible, Way
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.alternatives.waiting import first_to_wait
from nirman.planning.words import named


def delays(case: Case) -> Iterator[Proposal | Impossible]:
    """One for each set of tasks that could wait; what else must wait then waits too."""
    if (refused := why_nobody_waits(case, Way.DELAY)) is not None:
        yield refused
        return
    failed: set[int] = set()
    for members in case.sets:
        levelled = levelled_by(case, case.situation, members)
        if levelled is None or not levelled.task_uids:
            failed.update(members)
            continue
        text = "Delay " + _listed(case, levelled)
        operations = levelled.operations()
        yield Proposal(way=Way.DELAY, key=joined(members), text=text, operations=operations)
    if failed:
        rule = "levelled by these tasks alone the conflict stays: a constraint, or what else they need, holds them"
        yield case.impossible(Way.DELAY, rule, sorted(failed))


def splits(case: Case) -> Iterator[Proposal | Impossible]:
    """Tasks that are being worked on when the conflict begins pause, the others wait."""
    if (refused := why_nobody_waits(case, Way.SPLIT)) is not None:
        yield refused
        return
    found = False
    for members in case.sets:
        levelled = levelled_by(case, case.situation, members, split=True)
        if levelled is None or not levelled.splits:
            continue
        found = True
        text = "Split " + _listed(case, levelled)
        operations = levelled.operations()
        yield Proposal(way=Way.SPLIT, key=joined(members), text=text, operations=operations)
    if not found:
        rule = "no task that may be split has begun when the conflict begins, and could go on after it"
        yield case.impossible(Way.SPLIT, rule, case.may_wait)


def levelled_by(case: Case, situation: Situation, members: tuple[int, ...], *, split: bool = False) -> Levelled | None:
    """The conflict levelled in a situation that came of the case's, by delaying these, and others if they do not do.

    None where that is not enough.
    """
    others = first_to_wait(case.situation, case.may_wait)
    return level(situation, case.resource.uid, case.window, members, others, split=split)


def why_nobody_waits(case: Case, way: Way) -> Impossible | None:
    if not case.situation.levels(case.resource.uid):
        return case.impossible(way, "levelling leaves the resource alone", (task.uid for task in case.tasks))
    if case.sets:
        return None
    return case.impossible(way, "; ".join(sorted(set(case.staying.values()))), case.staying)


def _listed(case: Case, levelled: Levelled) -> str:
    """`"Slab" (3) to 2026-01-07 08:00`, of every task that is touched."""
    schedule = levelled.situation.schedule
    told = []
    for uid in levelled.task_uids:
        name = named(case.situation.plan.tasks[uid])
        if uid in levelled.splits:
            told.append(f"{name} to finish on {schedule[uid].finish:%Y-%m-%d %H:%M}")
        else:
            told.append(f"{name} to {schedule[uid].start:%Y-%m-%d %H:%M}")
    return ", ".join(told)
