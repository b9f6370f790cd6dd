"""One run of constraint programming: it keeps to the time there is, and may be stopped before it begins."""

from __future__ import annotations

from nirman.optimization.solver.constraints import Run
from tests.unit.optimization.solver.problems import crew


def run() -> Run:
    return Run(crew(3, 2), 1, limit=9, bound=3, seed=0)


def test_it_finds_the_shortest_and_proves_it() -> None:
    verdict = run()(None, 10.0)
    assert (verdict.exhausted, verdict.bound, verdict.cut_short) == (True, 5, False)
    assert verdict.better is not None
    assert verdict.better.makespan == 5


def test_stopped_before_it_begins_it_says_nothing_new() -> None:
    stopped = run()
    stopped.stop()
    verdict = stopped(None, 10.0)
    assert (verdict.better, verdict.exhausted, verdict.bound, verdict.work) == (None, False, 3, 0.0)


def test_without_time_it_is_cut_short() -> None:
    verdict = run()(None, 0.0)
    assert verdict.exhausted or verdict.cut_short
    assert verdict.bound <= 5
