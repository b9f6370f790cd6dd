"""The model of a scheduled plan, from the rows that the engine scheduled."""

from __future__ import annotations

from collections.abc import Mapping

from nirman.optimization.compression.board import Board
from nirman.optimization.compression.links import date_by, join
from nirman.optimization.compression.model import Model
from nirman.optimization.compression.offers import Market
from nirman.optimization.compression.summaries import add_gates
from nirman.optimization.compression.tasks import add_task
from nirman.planning.logic import SPANNING
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule


def model_of(plan: Plan, schedule: Schedule, market: Market) -> Model:
    """What takes no part in the network (inactive tasks, those that span others) is left away."""
    board = Board(plan, schedule, market)
    at_work = [uid for uid in schedule.uids if board.row(uid, "active")]
    for uid in at_work:
        if uid not in board.children and plan.tasks[uid].kind not in SPANNING:
            add_task(board, plan.tasks[uid])
    for uid in at_work:
        if uid in board.children:
            add_gates(board, uid)
    # Dates before arcs: an arc from a milestone has to know which of two instants it stands at.
    for link in [link for link in board.links if not date_by(board, link)]:
        join(board, link)
    return Model(
        market=market,
        axes={activity.axis: board.time(activity.axis) for activity in board.activities},
        lowest=board.lowest,
        activities=board.activities,
        arcs=board.arcs,
        fixed_finish=board.fixed_finish,
        loose=tuple(dict.fromkeys(board.loose)),
    )


def engine_finishes(model: Model, schedule: Schedule) -> Mapping[int, int]:
    """By activity that ends a task, milestones too: the position at which the engine finishes it."""
    rows = schedule.network.rows
    found = {}
    for number, activity in enumerate(model.activities):
        if activity.counts:
            finish = rows.task(rows.row_of[activity.uid], "early_finish")
            found[number] = model.axes[activity.axis].worked(finish)
    return found
