"""The levelling solver on PSPLIB, beside plain CP-SAT in the same run.

    .venv/bin/python bench/levelling.py [--only first|search|modes|projects ...] [--seconds S] [--data FOLDER]

first     every file: the first answer, its time and mean gap to the best makespan known; targets 2.1 / 2.6 / 6.4 %
search    the first file of every fifth set (what is hard is among them): Nirman and plain CP-SAT, S seconds each (10),
          both with two threads. Of those that plain CP-SAT did not prove, the mean gaps are told apart
optimal   every file of j30: which are at the best makespan known after half of the time, and which are proven
modes     every fifth file of several modes, half of the time each
projects  2,000 activities of twenty projects that share their resources: first answer, then S seconds

Plain CP-SAT is an interval for each activity and a cumulative constraint for each resource, on an axis as long as all
activities one after the other. The gap is to `best_known.csv`. Each schedule is checked by
tests/support/rcpsp_checker.py, which reads the file itself; one that is none ends the run.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from ortools.sat.python import cp_model

sys.path.insert(0, str(Path(__file__).parents[1]))

from nirman.interchange.psplib import read_psplib
from nirman.optimization.solver.answer import Answer
from nirman.optimization.solver.problem import Link, Problem, Renewable
from nirman.optimization.solver.solve import first_answer, solve
from nirman.optimization.stop import Deadline
from tests.support.problem_checker import broken
from tests.support.rcpsp_checker import PsplibFile, violations

DATA = Path(__file__).parents[2] / "shared" / "data" / "psplib"
SETS = ("j30", "j60", "j120")
PARTS = ("first", "search", "optimal", "modes", "projects")
WORKERS = 2


@dataclass(frozen=True)
class Case:
    name: str
    path: Path
    best: int

    @property
    def problem(self) -> Problem:
        return read_psplib(self.path.read_bytes())

    def gap(self, makespan: int) -> float:
        """In per cent of the best makespan known."""
        return 100 * (makespan / self.best - 1)

    def check(self, starts: Sequence[int], modes: Sequence[int]) -> None:
        file = PsplibFile(self.path.read_text())
        wrong = violations(file, dict(enumerate(starts, 1)), {job: mode + 1 for job, mode in enumerate(modes, 1)})
        if wrong:
            raise SystemExit(f"{self.name}: {wrong[0]}")


def cases(data: Path, folder: str) -> list[Case]:
    with (data / "best_known.csv").open() as file:
        best = {row["instance"]: int(row["makespan"]) for row in csv.DictReader(file)}
    found = []
    for path in sorted((data / folder).iterdir()):
        name = path.name if path.suffix == ".mm" else path.stem
        if name in best:
            found.append(Case(name, path, best[name]))
    return found


def hard(data: Path, folder: str) -> list[Case]:
    """The first of every fifth set for j120, of every fourth else: of the ones known to be hard, a good part."""
    sets = range(1, 61, 5) if folder == "j120" else range(1, 49, 4)
    wanted = {f"{folder}{number}_1" for number in sets}
    return [case for case in cases(data, folder) if case.name in wanted]


def searched(problem: Problem, seconds: float) -> Answer:
    with ThreadPoolExecutor(1) as executor:
        stop = Deadline(seconds, time.monotonic)
        return solve(problem, time_limit_s=seconds, stop=stop, seed=1, executor=executor)


def plain(problem: Problem, seconds: float) -> tuple[int | None, bool]:
    """Makespan, and whether it is proven."""
    model = cp_model.CpModel()
    horizon = sum(activity.modes[0].duration for activity in problem.activities)
    intervals = []
    for activity in problem.activities:
        start = model.new_int_var(0, horizon, "")
        duration = activity.modes[0].duration
        intervals.append(model.new_interval_var(start, duration, start + duration, ""))
    for link in problem.links:
        model.add(intervals[link.successor].start_expr() >= intervals[link.predecessor].end_expr())
    for resource, renewable in enumerate(problem.renewables):
        demands = [activity.modes[0].demands.get(resource, 0) for activity in problem.activities]
        model.add_cumulative(intervals, demands, renewable.capacity[0][1])
    makespan = model.new_int_var(0, horizon, "")
    model.add_max_equality(makespan, [interval.end_expr() for interval in intervals])
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return int(solver.objective_value) if found else None, status == cp_model.OPTIMAL


def first(data: Path) -> None:
    print("\nFirst answers: mean gap to the best makespan known, time of a call")
    for folder in SETS:
        gaps, times = [], []
        for case in cases(data, folder):
            problem = case.problem
            began = time.perf_counter()
            answer = first_answer(problem, seed=1)
            times.append(1000 * (time.perf_counter() - began))
            assert answer.solution is not None
            case.check(answer.solution.starts, answer.solution.modes)
            gaps.append(case.gap(answer.solution.makespan))
        times.sort()
        print(
            f"{folder:5} {len(gaps):4} files  mean gap {mean(gaps):5.2f} %  worst {max(gaps):5.1f} %  "
            f"time {times[len(times) // 2]:5.1f} ms  95 % within {times[int(0.95 * len(times))]:5.1f} ms"
        )


def search(data: Path, seconds: float) -> None:
    for folder in ("j60", "j120"):
        print(f"\n{folder}, {seconds:g} s: makespans (* proven), gap to the best known")
        own, others = [], []
        for case in hard(data, folder):
            problem = case.problem
            answer = searched(problem, seconds)
            assert answer.solution is not None
            case.check(answer.solution.starts, answer.solution.modes)
            other, proven = plain(problem, seconds)
            mine = case.gap(answer.solution.makespan)
            theirs = float("inf") if other is None else case.gap(other)
            print(
                f"{case.name:10} best known {case.best:4}  Nirman {answer.solution.makespan:4}"
                f"{'*' if answer.status == 'optimal' else ' '} {mine:5.2f} %, at least {answer.lower_bound:4}  "
                f"CP-SAT {other or 0:4}{'*' if proven else ' '} {theirs:5.2f} %",
                flush=True,
            )
            if not proven:
                own.append(mine)
                others.append(theirs)
        if own:
            print(f"{len(own)} that CP-SAT left open: mean gap Nirman {mean(own):.2f} %, CP-SAT {mean(others):.2f} %")


def counted(found: Iterator[tuple[Case, Answer]], title: str) -> None:
    gaps, proven = [], 0
    for case, answer in found:
        if answer.solution is None:
            raise SystemExit(f"{case.name}: no schedule")
        case.check(answer.solution.starts, answer.solution.modes)
        gaps.append(case.gap(answer.solution.makespan))
        proven += answer.status == "optimal"
        if gaps[-1] > 0:
            print(f"{case.name:12} best known {case.best}, found {answer.solution.makespan}, {answer.status.value}")
    print(
        f"{title}: {len(gaps)} files, {sum(gap <= 0 for gap in gaps)} at the best known, {proven} proven, "
        f"mean gap {mean(gaps):.3f} %",
        flush=True,
    )


def optimal(data: Path, seconds: float) -> None:
    print(f"\nj30, {seconds:g} s at most")
    counted(((case, searched(case.problem, seconds)) for case in cases(data, "j30")), "j30")


def modes(data: Path, seconds: float) -> None:
    print(f"\nSeveral modes, {seconds:g} s at most")
    counted(((case, searched(case.problem, seconds)) for case in cases(data, "mm")[::5]), "mm")


def shared(data: Path) -> Problem:
    """A hundred activities of each of twenty files of j120, and a third of all their units."""
    activities, links, units = [], [], [0, 0, 0, 0]
    for number, case in enumerate(cases(data, "j120")[::9]):
        problem, before = case.problem, len(activities)
        activities += problem.activities[:100]
        links += [
            Link(link.predecessor + before, link.successor + before)
            for link in problem.links
            if link.predecessor < 100 and link.successor < 100
        ]
        units = [sum(pair) for pair in zip(units, (r.capacity[0][1] for r in problem.renewables), strict=True)]
        if number == 19:
            break
    return Problem(tuple(activities), tuple(links), tuple(Renewable(((0, u // 3),)) for u in units))


def projects(data: Path, seconds: float) -> None:
    problem = shared(data)
    print(f"\n{len(problem.activities)} activities of twenty projects")
    for what, make in (("first answer", lambda: first_answer(problem)), ("search", lambda: searched(problem, seconds))):
        began = time.perf_counter()
        answer = make()
        took = time.perf_counter() - began
        assert answer.solution is not None
        assert broken(problem, answer.solution) == []
        print(
            f"{what:12} {took:6.2f} s  makespan {answer.solution.makespan}, at least {answer.lower_bound} "
            f"({answer.bound_by}), gap {100 * (answer.gap or 0):.1f} %"
        )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--data", type=Path, default=DATA)
    chosen = parser.parse_args(arguments)
    if not chosen.data.exists():
        raise SystemExit(f"{chosen.data} is not there: give the folder of the PSPLIB files with --data")
    if "first" in chosen.only:
        first(chosen.data)
    if "optimal" in chosen.only:
        optimal(chosen.data, chosen.seconds / 2)
    if "search" in chosen.only:
        search(chosen.data, chosen.seconds)
    if "modes" in chosen.only:
        modes(chosen.data, chosen.seconds / 2)
    if "projects" in chosen.only:
        projects(chosen.data, chosen.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
