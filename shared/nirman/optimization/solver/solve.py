"""The engine: a first answer, the search, and constraint programming beside it, until nothing better can exist or time
is up.

Alone (without an executor) the work is counted, not timed: so many placements and so many of CP-SAT's deterministic
seconds stand for a second, so that the same seed gives the same answer on any machine that keeps up. The stop criterion
may still cut the work short; the answer then says that it is not reproducible.
"""

from __future__ import annotations

from nirman.optimization.solver.answer import Answer, Progress
from nirman.optimization.solver.companion import Companion, Executor
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.session import Session
from nirman.optimization.stop import StopCriterion

__all__ = ["Executor", "first_answer", "solve"]

NOMINAL_WORK = 5_000_000
"""Activities that the search places in a second, where work is counted."""
NOMINAL_PROOF_S = 5.0
"""Seconds that one of CP-SAT's deterministic seconds stands for."""
PROOF_SHARE = 0.25
"""Of the time that constraint programming gets whatever comes of it."""
_CHUNK_WORK = 200_000
"""Between two looks at the stop criterion: some 40 ms."""
_FIRST_TURN_S = 0.25
_WORTH_A_PROOF_S = 0.75
"""Below that OR-Tools would still be loading when time is up."""


def first_answer(problem: Problem, *, seed: int = 0) -> Answer:
    """What rules, chance and justification give within some 15 ms; the same from the same seed."""
    return Session(problem, seed, None).answer()


def solve(
    problem: Problem,
    *,
    time_limit_s: float,
    stop: StopCriterion,
    seed: int = 0,
    executor: Executor | None = None,
    known_bound: int = 0,
    on_progress: Progress | None = None,
) -> Answer:
    """The best schedule found until `stop` says so, or one that is proven to be the best.

    With an `executor` there is work in a second thread. `time_limit_s` is on the clock of `stop`, which ends the work.
    A schedule that is no longer than `known_bound` is good enough, whatever is proven here.
    """
    session = Session(problem, seed, on_progress, enough=known_bound)
    if session.finished:
        return session.answer()
    if executor is None:
        _alone(session, time_limit_s, stop)
    else:
        proof_s = PROOF_SHARE * time_limit_s if time_limit_s >= _WORTH_A_PROOF_S else 0.0
        companion = Companion(session, executor, stop, time_limit_s=time_limit_s, proof_s=proof_s)
        _together(session, companion, stop)
    return session.answer()


def _alone(session: Session, time_limit_s: float, stop: StopCriterion) -> None:
    """Search and constraint programming in turns that double."""
    turn, proof, searched = _FIRST_TURN_S, 0.0, 0.0
    while not session.finished and searched + proof < time_limit_s:
        if stop():
            session.reproducible = False
            return
        worth = (
            session.may_prove
            and time_limit_s >= _WORTH_A_PROOF_S
            and (session.close or proof < PROOF_SHARE * time_limit_s)
        )
        if worth and searched > proof + turn:
            allowed = min(turn, time_limit_s - searched - proof)
            verdict = session.run()(session.best, time_limit_s - stop.elapsed, allowed / NOMINAL_PROOF_S)
            if verdict.cut_short:
                session.reproducible = False
            proof += max(verdict.work * NOMINAL_PROOF_S, turn / 2)
            turn *= 2
            session.learn(verdict)
        else:
            session.search.run(_CHUNK_WORK)
            session.look()
            searched = session.search.work / NOMINAL_WORK


def _together(session: Session, companion: Companion, stop: StopCriterion) -> None:
    session.reproducible = False
    try:
        while not session.finished and not stop():
            session.search.run(_CHUNK_WORK)
            session.look()
            companion.look()
    finally:
        companion.end()
