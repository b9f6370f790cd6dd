"""Links as arcs, or as dates where nothing moves the predecessor."""

from __future__ import annotations

from nirman.optimization.compression.board import Board, End, lag_calendar_of
from nirman.planning.logic import FROM_FINISH, TO_START
from nirman.planning.model import Link, LinkKind
from nirman.scheduling.instants import to_minutes


def _source(board: Board, link: Link) -> End | None:
    found = board.finishes if link.kind in FROM_FINISH else board.starts
    return found.get(link.predecessor_uid)


def _target(board: Board, link: Link) -> int | None:
    uid = link.successor_uid
    if uid in board.held:
        return None
    if uid in board.children:
        return board.gates.get((uid, link.kind not in TO_START))
    if board.plan.tasks[uid].actual_start is not None:
        return board.finishes[uid].activity
    end = board.entry(uid) if link.kind in TO_START else board.finishes[uid]
    return end.activity


def date_by(board: Board, link: Link) -> bool:
    """A link from what nothing moves is a date."""
    source, target = _source(board, link), _target(board, link)
    if source is None or target is None:
        return True
    if link.kind is LinkKind.FF and link.successor_uid not in board.children and not board.primavera:
        board.raise_to(target, board.start)
    if source.activity is not None:
        return False
    instant = _lagged(board, link, source.instant)
    if link.kind in TO_START:
        board.raise_to(target, instant)
    else:
        board.raise_finish(target, instant)
    return True


def _lagged(board: Board, link: Link, instant: int) -> int:
    """By P6's rules only what has not run of a lag since the actual finish counts, from the data date."""
    lag = board.rows.link(board.rows.link_row_of[link.uid], "lag")
    time = board.time(lag_calendar_of(board.schedule, link.uid))
    task = board.plan.tasks[link.predecessor_uid]
    if board.primavera and task.actual_start is not None:
        if link.kind is not LinkKind.FS or task.actual_finish is None:
            return board.first
        lag = max(0, lag - max(0, time.between(to_minutes(task.actual_finish), board.first)))
    return time.add(instant, lag) if lag > 0 else time.subtract(instant, -lag)


def join(board: Board, link: Link) -> None:
    source, target = _source(board, link), _target(board, link)
    assert source is not None
    assert target is not None
    assert source.activity is not None
    lag = board.rows.link(board.rows.link_row_of[link.uid], "lag")
    if link.lag_percent is not None:
        offer = board.activities[source.activity].offer
        if offer is not None:
            shortest = board.market.offers[offer].shortest + board.market.offers[offer].done_minutes
            lag = min(lag, round(shortest * link.lag_percent / 100))
            board.loose.append(f"the lag of link {link.uid}, a share of a duration that can be shortened")
    if _takes_off_first(board, link, target, lag):
        board.loose.append(f"the lag of start-finish link {link.uid}, which runs before its successor's duration does")
        return
    board.arc(source, target, to_finish=link.kind not in TO_START, link=link, lag=lag)


def _takes_off_first(board: Board, link: Link, target: int, lag: int) -> bool:
    """By P6's rules the successor's duration is taken off before the lag is added: another time, in other hours."""
    if not board.primavera or link.kind is not LinkKind.SF:
        return False
    runs_in = lag_calendar_of(board.schedule, link.uid)
    begun = board.plan.tasks[link.successor_uid].actual_start is not None
    return begun or (lag != 0 and runs_in != board.activities[target].axis)
