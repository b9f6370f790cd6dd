"""Total and free slack, in working minutes of the task's calendar."""

from __future__ import annotations

from nirman.planning.model import LinkKind
from nirman.scheduling.backward import Late
from nirman.scheduling.forward import Early, is_late
from nirman.scheduling.network import Network


def total_slack(net: Network, early: Early, late: Late) -> list[int]:
    """The lesser of start and finish slack; of a task in progress the finish slack. Negative where dates conflict."""
    slack: list[int] = []
    for row, task in enumerate(net.tasks):
        between = net.slack_calendar[row].between
        if task.actual_finish is not None or (is_late(task) and not net.children[row]):
            slack.append(0)
            continue
        at_finish = between(early.logic_finish[row], late.finish[row])
        if task.actual_start is None:
            at_finish = min(at_finish, between(early.logic_start[row], late.start[row]))
        slack.append(at_finish)
    return slack


def free_slack(net: Network, early: Early, total: list[int]) -> list[int]:
    """How far a task can move before it moves another; without successors, its total slack. Never negative."""
    gates = {gate: row for row, gate in enumerate(net.gate) if gate >= 0}
    free: list[int] = []
    for row, task in enumerate(net.tasks):
        if task.actual_finish is not None:
            free.append(0)
            continue
        least: int | None = None
        for edge in net.outgoing[row]:
            target = gates.get(edge.target, edge.target)
            if net.tasks[target].actual_finish is not None:
                continue
            source = early.finish[row] if edge.kind in (LinkKind.FS, LinkKind.FF) else early.start[row]
            if edge.lag:
                lag = edge.lag
                source = edge.calendar.add(source, lag) if lag > 0 else edge.calendar.subtract(source, -lag)
            limit = early.start[target] if edge.kind in (LinkKind.FS, LinkKind.SS) else early.finish[target]
            gap = net.slack_calendar[row].between(source, limit)
            least = gap if least is None else min(least, gap)
        free.append(max(0, total[row] if least is None else min(least, total[row])))
    return free
