"""The forward pass: how early each task can be, and which link decides it."""

from __future__ import annotations

from dataclasses import dataclass

from nirman.errors import InvalidPlanError
from nirman.planning.model import ConstraintKind, LinkKind, Task
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.network import NONE, Edge, Network
from nirman.scheduling.spans import finish_from, next_start, start_from


@dataclass(slots=True)
class Early:
    """By row, instants in minutes; spans of summaries included."""

    start: list[int]
    finish: list[int]
    logic_start: list[int]
    """What links ask for where a constraint date won over them; else the start. Slack is counted from it."""
    logic_finish: list[int]
    driver: list[int]
    """Row of the predecessor that decides the start, or NONE."""


@dataclass(slots=True)
class _Bound:
    """The latest of several lower bounds; of equal ones the first row in outline order counts as driver."""

    start: int
    driver: int = NONE
    finish: int | None = None

    def raise_to(self, start: int, driver: int) -> None:
        if start > self.start or (start == self.start and (self.driver == NONE or driver < self.driver)):
            self.start, self.driver = start, driver


def forward(net: Network, start: int, late: tuple[list[int], list[int]] | None = None) -> Early:
    """`late` dates, when given, are where the tasks that go as late as possible are put, for those that follow them."""
    return _Forward(net, start, late).run()


class _Forward:
    def __init__(self, net: Network, start: int, late: tuple[list[int], list[int]] | None) -> None:
        rows = len(net.tasks)
        self.net = net
        self.project_start = start
        self.late = late
        self.early = Early([start] * rows, [start] * rows, [start] * rows, [start] * rows, [NONE] * rows)
        self.gates: dict[int, _Bound] = {}
        self.gate_owner = {gate: row for row, gate in enumerate(net.gate) if gate != NONE}

    def run(self) -> Early:
        for node in self.net.order:
            try:
                self._node(node)
            except InvalidPlanError as error:
                raise named(error, self.net.tasks[self.gate_owner.get(node, node)]) from error
        return self.early

    def _node(self, node: int) -> None:
        if node >= len(self.net.tasks):
            self._gate(node)
        elif self.net.children[node]:
            self._span(node)
        else:
            self._task(node)

    def _gate(self, node: int) -> None:
        """Children of a summary start no earlier than links into it, and its own constraint, allow."""
        net, row = self.net, self.gate_owner[node]
        bound = self._inherited(row)
        for edge in net.incoming[node]:
            instant = self._lagged(edge)
            if edge.kind in (LinkKind.FS, LinkKind.SS):
                bound.raise_to(instant, edge.source)
            else:
                bound.finish = instant if bound.finish is None else max(bound.finish, instant)
        constraint_at = net.constraint_at[row]
        if constraint_at is not None and net.tasks[row].constraint in (ConstraintKind.SNET, ConstraintKind.MSO):
            bound.raise_to(constraint_at, NONE)
        self.gates[node] = bound

    def _inherited(self, row: int) -> _Bound:
        parent = self.net.parent[row]
        if parent == NONE:
            return _Bound(self.project_start)
        above = self.gates[self.net.gate[parent]]
        return _Bound(above.start, above.driver, above.finish)

    def _span(self, row: int) -> None:
        net, early, task = self.net, self.early, self.net.tasks[row]
        within = [child for child in net.children[row] if net.active[child]] or list(net.children[row])
        early.start[row] = early.logic_start[row] = min(self._shown_start(child) for child in within)
        early.finish[row] = early.logic_finish[row] = max(self._shown_finish(child) for child in within)
        fixed = manual_dates(net, row)
        if fixed is not None:
            early.start[row], early.finish[row] = early.logic_start[row], early.logic_finish[row] = fixed
        if task.actual_start is not None:
            early.start[row] = min(early.start[row], to_minutes(task.actual_start))

    def _task(self, row: int) -> None:
        net, early = self.net, self.early
        fixed = manual_dates(net, row)
        if fixed is not None:
            early.start[row], early.finish[row] = early.logic_start[row], early.logic_finish[row] = fixed
            return
        task = net.tasks[row]
        bound = self._bound(row)
        if task.actual_start is not None or task.actual_finish is not None:
            start, finish = actual_dates(net, row, task)
            early.start[row] = early.logic_start[row] = start
            early.finish[row] = early.logic_finish[row] = finish
            early.driver[row] = bound.driver if bound.start == start else NONE
            return
        start, finish = self._unconstrained(row, task, bound)
        early.driver[row] = bound.driver
        early.start[row], early.finish[row] = start, finish
        if net.constraint_at[row] is not None:
            self._constrain(row, task, net.constraint_at[row] or 0)
        else:
            early.logic_start[row], early.logic_finish[row] = start, finish

    def _bound(self, row: int) -> _Bound:
        net = self.net
        bound = self._inherited(row)
        if bound.finish is not None:
            bound.raise_to(start_from(net, row, bound.finish), bound.driver)
        for edge in net.incoming[row]:
            instant = self._lagged(edge)
            if edge.kind in (LinkKind.FF, LinkKind.SF):
                bound.finish = instant if bound.finish is None else max(bound.finish, instant)
                instant = start_from(net, row, instant)
            bound.raise_to(instant, edge.source)
        return bound

    def _unconstrained(self, row: int, task: Task, bound: _Bound) -> tuple[int, int]:
        net = self.net
        start = bound.start + task.leveling_delay_minutes
        if net.duration[row] or start != self.project_start:
            start = next_start(net, row, start)
        return start, self._finish(row, start, bound.finish)

    def _finish(self, row: int, start: int, bound: int | None) -> int:
        """MS Project leaves a finish that a link or date asks for at that instant, also when it is a morning's."""
        finish = finish_from(self.net, row, start)
        if bound is not None and bound > finish:
            calendar = self.net.calendar[row]
            if calendar.next_start(bound) == bound and calendar.between(finish, bound) == 0:
                return bound
        return finish

    def _constrain(self, row: int, task: Task, at: int) -> None:
        net, early = self.net, self.early
        start = early.start[row]
        kind = task.constraint
        finish_kind = kind in (ConstraintKind.FNET, ConstraintKind.FNLT, ConstraintKind.MFO)
        wanted = start_from(net, row, at) if finish_kind else next_start(net, row, at)
        early.logic_start[row], early.logic_finish[row] = start, early.finish[row]
        if wanted > start and kind not in (ConstraintKind.SNLT, ConstraintKind.FNLT):
            early.start[row] = early.logic_start[row] = wanted
            early.finish[row] = early.logic_finish[row] = self._finish(row, wanted, at if finish_kind else None)
            early.driver[row] = NONE
        elif wanted < start and net.honor_constraints and kind not in (ConstraintKind.SNET, ConstraintKind.FNET):
            early.start[row] = wanted
            early.finish[row] = self._finish(row, wanted, at if finish_kind else None)
            early.driver[row] = NONE

    def _lagged(self, edge: Edge) -> int:
        """The instant that a link gives to its successor."""
        from_finish = edge.kind in (LinkKind.FS, LinkKind.FF)
        instant = self._shown_finish(edge.source) if from_finish else self._shown_start(edge.source)
        if edge.lag > 0:
            return edge.calendar.add(instant, edge.lag)
        if edge.lag < 0:
            return edge.calendar.subtract(instant, -edge.lag)
        return instant

    def _shown_start(self, row: int) -> int:
        if self.late is not None and is_late(self.net.tasks[row]):
            return self.late[0][row]
        return self.early.start[row]

    def _shown_finish(self, row: int) -> int:
        if self.late is not None and is_late(self.net.tasks[row]):
            return self.late[1][row]
        return self.early.finish[row]


def named(error: InvalidPlanError, task: Task) -> InvalidPlanError:
    """The same, with the task it was met at."""
    return InvalidPlanError(error.rule, place=f'task "{task.name}" ({task.uid})', uids=(task.uid,))


def is_late(task: Task) -> bool:
    """As late as possible, and still free to be."""
    return task.constraint is ConstraintKind.ALAP and task.actual_start is None and not task.manual


def manual_dates(net: Network, row: int) -> tuple[int, int] | None:
    """None where the engine decides: an automatic task, or a manual one without any date."""
    task = net.tasks[row]
    if not task.manual or (task.manual_start is None and task.manual_finish is None):
        return None
    if task.manual_start is None:
        finish = to_minutes(task.manual_finish) if task.manual_finish is not None else 0
        return start_from(net, row, finish), finish
    start = to_minutes(task.manual_start)
    return start, finish_from(net, row, start) if task.manual_finish is None else to_minutes(task.manual_finish)


def actual_dates(net: Network, row: int, task: Task) -> tuple[int, int]:
    """Dates of a task that has started: what has happened stays, what remains follows it (or the resume date)."""
    if task.actual_start is None:
        finish = to_minutes(task.actual_finish) if task.actual_finish is not None else 0
        return start_from(net, row, finish), finish
    start = to_minutes(task.actual_start)
    if task.actual_finish is not None:
        return start, to_minutes(task.actual_finish)
    calendar, remaining = net.calendar[row], remaining_minutes(task)
    if task.resume is not None and to_minutes(task.resume) > start:
        return start, calendar.add(to_minutes(task.resume), remaining)
    if row in net.parts and task.remaining_minutes is None:
        return start, finish_from(net, row, start)
    done = max(task.duration_minutes - remaining, task.duration_minutes * task.percent_complete // 100, 0)
    return start, calendar.add(start, done + remaining)


def remaining_minutes(task: Task) -> int:
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100
