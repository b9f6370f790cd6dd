"""The backward pass: how late each task can be without moving the project's finish, a constraint or a deadline."""

from __future__ import annotations

from dataclasses import dataclass

from nirman.errors import InvalidPlanError
from nirman.planning.model import ConstraintKind, LinkKind, Task
from nirman.scheduling.forward import Early, manual_dates, named, remaining_minutes
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.network import NONE, Edge, Network
from nirman.scheduling.spans import finish_from, next_start, previous_finish, start_from


@dataclass(slots=True)
class Late:
    """By row, instants in minutes; spans of summaries included."""

    start: list[int]
    finish: list[int]


@dataclass(slots=True)
class _Bound:
    """The earliest of several upper bounds."""

    finish: int
    start: int | None = None

    def lower_start(self, instant: int) -> None:
        self.start = instant if self.start is None else min(self.start, instant)


def backward(net: Network, finish: int, early: Early | None) -> Late:
    """`early` is absent when the plan is scheduled back from its finish and nothing is known yet."""
    return _Backward(net, finish, early).run()


class _Backward:
    def __init__(self, net: Network, finish: int, early: Early | None) -> None:
        self.net = net
        self.project_finish = finish
        self.early = early
        rows = len(net.tasks)
        nodes = len(net.incoming)
        self.late = Late([finish] * rows, [finish] * rows)
        # What predecessors have to keep to: of a task in progress, when its remaining work must start.
        self.must_start = [finish] * nodes
        self.must_finish = [finish] * nodes
        self.bounds: dict[int, _Bound] = {}
        self.gate_owner = {gate: row for row, gate in enumerate(net.gate) if gate != NONE}

    def run(self) -> Late:
        for node in reversed(self.net.order):
            try:
                self._node(node)
            except InvalidPlanError as error:
                raise named(error, self.net.tasks[self.gate_owner.get(node, node)]) from error
        for row in range(len(self.net.tasks) - 1, -1, -1):  # children come after their parent
            if self.net.children[row]:
                self._span(row)
        return self.late

    def _node(self, node: int) -> None:
        if node >= len(self.net.tasks):
            self._gate(node)
        elif self.net.children[node]:
            self.bounds[node] = self._bound(node)
        else:
            self._task(node)

    def _gate(self, node: int) -> None:
        """A link into a summary leaves room for all of its children that would move."""
        net = self.net
        held = [
            child if net.gate[child] == NONE else net.gate[child]
            for child in net.children[self.gate_owner[node]]
            if net.active[child] and not net.tasks[child].manual
        ]
        if held:
            self.must_start[node] = min(self.must_start[child] for child in held)
            self.must_finish[node] = min(self.must_finish[child] for child in held)

    def _span(self, row: int) -> None:
        net = self.net
        within = [child for child in net.children[row] if net.active[child]] or list(net.children[row])
        self.late.start[row] = min(self._shown(child)[0] for child in within)
        self.late.finish[row] = max(self._shown(child)[1] for child in within)

    def _shown(self, row: int) -> tuple[int, int]:
        """Manual tasks count in their summary with the dates they have."""
        fixed = manual_dates(self.net, row)
        return fixed if fixed is not None else (self.late.start[row], self.late.finish[row])

    def _bound(self, row: int) -> _Bound:
        """What links out of a node, its summary and its own latest dates allow."""
        net, task = self.net, self.net.tasks[row]
        bound = _Bound(self.project_finish)
        parent = net.parent[row]
        if parent != NONE and net.active[row]:
            above = self.bounds[parent]
            bound.finish = min(bound.finish, above.finish)
            if above.start is not None and self._is_first(row, parent):
                bound.start = above.start
        for edge in net.outgoing[row]:
            target = edge.target if edge.target < len(net.tasks) else self.gate_owner[edge.target]
            if not _is_complete(net.tasks[target]):
                self._limit(bound, edge, target, task)
        if net.children[row]:
            at = net.constraint_at[row]
            if at is not None and task.constraint in (ConstraintKind.FNLT, ConstraintKind.MFO):
                bound.finish = min(bound.finish, at)
            if task.deadline is not None:
                bound.finish = min(bound.finish, to_minutes(task.deadline))
        return bound

    def _limit(self, bound: _Bound, edge: Edge, target: int, task: Task) -> None:
        match edge.kind:
            case LinkKind.FS:
                bound.finish = min(bound.finish, _unlagged(edge, self.must_start[edge.target]))
            case LinkKind.FF:
                bound.finish = min(bound.finish, self._before_finish(edge, target))
            case _ if task.actual_start is not None or task.manual or self.net.tasks[target].actual_start is not None:
                pass  # A start that has happened, or that a person put there, is not held by what follows it.
            case LinkKind.SS:
                bound.lower_start(_unlagged(edge, self.must_start[edge.target]))
            case LinkKind.SF:
                bound.lower_start(self._before_finish(edge, target))

    def _before_finish(self, edge: Edge, target: int) -> int:
        """How late an end of the predecessor may be for the target's finish.

        To finish in the evening or the next morning is the same to work, but not to a lag that runs at night or to a
        predecessor that works then: what the forward pass let happen there is not too late.
        """
        evening = _unlagged(edge, self.must_finish[edge.target])
        if self.early is None:
            return evening
        early = self.early.finish if edge.kind is LinkKind.FF else self.early.start
        if evening >= early[edge.source]:
            return evening
        morning = _unlagged(edge, next_start(self.net, target, self.must_finish[edge.target]))
        return min(max(evening, morning), early[edge.source])

    def _is_first(self, row: int, parent: int) -> bool:
        """A summary starts with its first child: only that one is held by a link from the summary's start."""
        if self.early is None:
            return True
        return self.early.start[row] == self.early.start[parent]

    def _task(self, row: int) -> None:
        net, late, task = self.net, self.late, self.net.tasks[row]
        bound = self._bound(row) if net.active[row] else _Bound(self.project_finish)
        if task.actual_finish is not None:
            start, finish = self._early_of(row)
        elif manual_dates(net, row) is not None:
            finish = self._latest(row, task, bound.finish)
            start = net.calendar[row].subtract(finish, net.duration[row])
        else:
            finish = previous_finish(net, row, self._latest(row, task, bound.finish))
            start = start_from(net, row, finish)
            if bound.start is not None:
                limit = next_start(net, row, bound.start)
                if limit < start:
                    start, finish = limit, min(finish, finish_from(net, row, limit))
        self.must_start[row], self.must_finish[row] = start, finish
        if task.actual_start is not None and task.actual_finish is None:
            self.must_start[row] = net.calendar[row].subtract(finish, remaining_minutes(task))
            start = to_minutes(task.actual_start)
        late.start[row], late.finish[row] = start, finish

    def _early_of(self, row: int) -> tuple[int, int]:
        if self.early is not None:
            return self.early.start[row], self.early.finish[row]
        task = self.net.tasks[row]
        finish = self.project_finish if task.actual_finish is None else to_minutes(task.actual_finish)
        return start_from(self.net, row, finish), finish

    def _latest(self, row: int, task: Task, finish: int) -> int:
        net, at = self.net, self.net.constraint_at[row]
        if at is not None:
            match task.constraint:
                case ConstraintKind.MSO:
                    finish = finish_from(net, row, next_start(net, row, at))
                case ConstraintKind.MFO:
                    finish = at
                case ConstraintKind.SNLT:
                    finish = min(finish, finish_from(net, row, next_start(net, row, at)))
                case ConstraintKind.FNLT:
                    finish = min(finish, at)
                case _:
                    pass
        if task.deadline is not None:
            finish = min(finish, to_minutes(task.deadline))
        return finish


def _unlagged(edge: Edge, instant: int) -> int:
    if edge.lag > 0:
        return edge.calendar.subtract(instant, edge.lag)
    if edge.lag < 0:
        return edge.calendar.add(instant, -edge.lag)
    return instant


def _is_complete(task: Task) -> bool:
    return task.actual_finish is not None
