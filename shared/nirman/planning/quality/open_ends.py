"""Tasks that hang loose in the network, and links that say nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nirman.planning.findings import Finding, Severity
from nirman.planning.logic import FROM_FINISH, SPANNING, TO_START, Logic, is_finished
from nirman.planning.model import Link, LinkKind, Task
from nirman.planning.words import about, described


def open_ends(logic: Logic) -> Iterator[Finding]:
    """Tasks without predecessors but the first, and without successors but the last: a network has one of each."""
    dates = logic.schedule
    tasks = list(_ahead(logic))
    starts = [task for task in tasks if not _into(logic, task)]
    first = min(starts, key=lambda task: dates[task.uid].start, default=None)
    for task in starts:
        if task is not first:
            yield about(task, "open-start", "has no predecessor: nothing decides its start", Severity.INFO)
    finishes = [task for task in tasks if not _out_of(logic, task)]
    last = max(finishes, key=lambda task: dates[task.uid].finish, default=None)
    for task in finishes:
        if task is not last:
            yield about(task, "open-finish", "has no successor: its delay delays nothing", Severity.INFO)


def dangling(logic: Logic) -> Iterator[Finding]:
    """A start that no link decides, a finish that decides nothing, though there are links."""
    for task in _ahead(logic):
        into, out_of = _into(logic, task), _out_of(logic, task)
        if into and not any(link.kind in TO_START for link in into):
            text = "its links decide its finish only: nothing decides its start"
            yield about(task, "dangling-start", text, Severity.INFO)
        if out_of and not any(link.kind in FROM_FINISH for link in out_of):
            text = "its links leave from its start only: working longer delays nothing"
            yield about(task, "dangling-finish", text, Severity.INFO)


def redundant_links(logic: Logic) -> Iterator[Finding]:
    """A finish-start link beside two others that lead the same way through one task."""
    after = {uid: _plain(links, forward=True) for uid, links in logic.outgoing.items()}
    before = {uid: _plain(links, forward=False) for uid, links in logic.incoming.items()}
    nothing: frozenset[int] = frozenset()
    for links in logic.outgoing.values():
        for link in links:
            if link.kind is not LinkKind.FS or link.lag_minutes > 0 or link.lag_percent is not None:
                continue
            between = after.get(link.predecessor_uid, nothing) & before.get(link.successor_uid, nothing)
            if between:
                through = logic.plan.tasks[min(between)]
                task = logic.plan.tasks[link.successor_uid]
                text = f'the {described(link, logic.plan)} says no more than the links through "{through.name}" do'
                yield about(task, "redundant-link", text, Severity.INFO)


def _plain(links: Sequence[Link], *, forward: bool) -> frozenset[int]:
    """Tasks at the other end of finish-start links without a lead."""
    return frozenset(
        link.successor_uid if forward else link.predecessor_uid
        for link in links
        if link.kind is LinkKind.FS and link.lag_minutes >= 0 and (link.lag_percent or 0) >= 0
    )


def _ahead(logic: Logic) -> Iterator[Task]:
    """Tasks and milestones that are not finished."""
    for dates in logic.schedule:
        task = logic.plan.tasks[dates.uid]
        if dates.uid in logic.active and not dates.summary and task.kind not in SPANNING and not is_finished(task):
            yield task


def _into(logic: Logic, task: Task) -> list[Link]:
    return [link for uid in (task.uid, *logic.ancestors(task.uid)) for link in logic.incoming.get(uid, ())]


def _out_of(logic: Logic, task: Task) -> list[Link]:
    return [link for uid in (task.uid, *logic.ancestors(task.uid)) for link in logic.outgoing.get(uid, ())]
