"""Summaries as points: what holds all that is below them, and what waits for all of that."""

from __future__ import annotations

from collections.abc import Iterable

from nirman.optimization.compression.board import Board, End
from nirman.optimization.compression.tasks import STARTS_NO_EARLIER
from nirman.planning.logic import FROM_FINISH, TO_START
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.timetable import ELAPSED_NUMBER


def add_gates(board: Board, uid: int) -> None:
    """What links into a summary ask for holds for all that is below it; what leads out of it waits for all that."""
    task = board.plan.tasks[uid]
    into = board.into.get(uid, ())
    dated = task.constraint in STARTS_NO_EARLIER and task.constraint_date is not None
    if dated or any(link.kind in TO_START for link in into):
        gate = board.gates[uid, False] = board.point(uid, _common_axis(board, uid), counts=False)
        if dated:
            assert task.constraint_date is not None
            board.raise_to(gate, max(board.start, to_minutes(task.constraint_date)))
        _lead_to_below(board, uid, gate, to_finish=False)
    if any(link.kind not in TO_START for link in into):
        gate = board.gates[uid, True] = board.point(uid, _common_axis(board, uid), counts=False)
        _lead_to_below(board, uid, gate, to_finish=True)
    out = [link for link in board.links if link.predecessor_uid == uid]
    if any(link.kind in FROM_FINISH for link in out):
        manual = task.manual and (task.manual_start is not None or task.manual_finish is not None)
        if manual:
            board.finishes[uid] = End(instant=board.row(uid, "early_finish"))
        else:
            span = board.point(uid, _common_axis(board, uid), counts=False)
            board.finishes[uid] = End(span, is_finish=True)
            for below in _leaves(board, uid):
                board.arc(board.finishes[below], span, to_finish=False)
    if any(link.kind not in FROM_FINISH for link in out):
        board.loose.append(f'links from the start of summary "{task.name}" ({uid})')


def _lead_to_below(board: Board, uid: int, gate: int, *, to_finish: bool) -> None:
    for below in _leaves(board, uid):
        if below in board.held:
            continue
        end = board.finishes[below] if to_finish else board.entry(below)
        if end.activity is not None:
            board.arc(End(gate, is_finish=True), end.activity, to_finish=to_finish)
            if to_finish:
                board.raise_to(end.activity, board.start)


def _leaves(board: Board, uid: int) -> Iterable[int]:
    waiting = [uid]
    while waiting:
        for child in board.children.get(waiting.pop(), ()):
            if child in board.children:
                waiting.append(child)
            elif child in board.finishes:
                yield child


def _common_axis(board: Board, uid: int) -> int:
    axes = {
        board.activities[end.activity].axis
        for below in _leaves(board, uid)
        if (end := board.finishes[below]).activity is not None
    }
    return axes.pop() if len(axes) == 1 else ELAPSED_NUMBER
