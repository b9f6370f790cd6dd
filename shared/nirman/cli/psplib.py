"""PSPLIB problems (.sm, .mm) on the command line: `uid` is the job's number, all times are whole periods."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

from nirman.cli.output import print_json
from nirman.cli.table import plain, table
from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.interchange.psplib import MAX_BYTES, read_psplib
from nirman.optimization.solver.answer import Answer
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.solve import solve
from nirman.optimization.stop import Deadline

EXTENSIONS = (".sm", ".mm")
_OVERTIME = 1.5
"""How much longer than its limit a search may take that counts its work: the clock only ends what is stuck."""


def is_psplib(path: str) -> bool:
    return path.lower().endswith(EXTENSIONS)


def schedule(path: str, *, as_json: bool) -> int:
    """Earliest dates as if there were enough of every resource, each job in its shortest mode."""
    problem = _load(path)
    modes = [min(range(len(a.modes)), key=lambda mode: a.modes[mode].duration) for a in problem.activities]
    starts, finishes = _earliest(problem, modes)
    finish = max(finishes, default=0)
    if as_json:
        tasks = _tasks(path, starts, finishes, modes)
        print_json({"project": {"start": 0, "finish": finish, "status_date": None}, "tasks": tasks, "findings": []})
    else:
        _print(f"{path}: {finish} periods without regard to resources", path, starts, finishes, modes)
    return 0


def level(path: str, *, time_limit_s: float, workers: int, seed: int, as_json: bool) -> int:
    """With one worker the same seed gives the same schedule again."""
    problem = _load(path)
    limit_s = time_limit_s if workers > 1 else _OVERTIME * time_limit_s
    with ThreadPoolExecutor(1) if workers > 1 else nullcontext() as executor:
        answer = solve(
            problem, time_limit_s=time_limit_s, stop=Deadline(limit_s, monotonic), seed=seed, executor=executor
        )
    if answer.solution is None or answer.solution.lateness:
        rules = "; ".join(conflict.rule for conflict in answer.conflicts[:3]) or "no schedule was found in the time"
        raise InvalidInputError(rules, place=path)
    found = answer.solution
    if as_json:
        print_json(_document(path, problem, answer))
    else:
        gap = 100 * (answer.gap or 0)
        head = (
            f"{path}: {found.makespan} periods, {answer.status.value}; at least {answer.lower_bound}, gap {gap:.1f} %"
        )
        _print(head, path, found.starts, found.finishes, found.modes)
    return 0


def _document(path: str, problem: Problem, answer: Answer) -> dict[str, Any]:
    found = answer.solution
    assert found is not None
    before, _ = _earliest(problem, found.modes)
    return {
        "project": {"start": 0, "finish": found.makespan, "status_date": None},
        "tasks": _tasks(path, found.starts, found.finishes, found.modes),
        "findings": [],
        "finish": found.makespan,
        "makespan_minutes": found.makespan,
        "lower_bound": answer.lower_bound,
        "gap": answer.gap,
        "status": answer.status.value,
        "moved": [
            {"uid": job, "start": [early, start]}
            for job, (early, start) in enumerate(zip(before, found.starts, strict=True), 1)
            if early != start
        ],
        "bound_by": answer.bound_by,
        "schedules": answer.schedules,
        "reproducible": answer.reproducible,
    }


def _load(path: str) -> Problem:
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise UnreadableFileError(f"a file must not be larger than {MAX_BYTES // 2**20} MB")
        return read_psplib(Path(path).read_bytes())
    except InvalidInputError as error:
        place = f"{path}: {error.place}" if error.place else path
        raise UnreadableFileError(error.rule, place=place) from error


def _earliest(problem: Problem, modes: Sequence[int]) -> tuple[list[int], list[int]]:
    """By links alone, which are all finish-start without lag."""
    starts, finishes = [0] * len(problem.activities), [0] * len(problem.activities)
    following: list[list[int]] = [[] for _ in problem.activities]
    for link in problem.links:
        following[link.predecessor].append(link.successor)
    for number in problem.order():
        finishes[number] = starts[number] + problem.activities[number].modes[modes[number]].duration
        for successor in following[number]:
            starts[successor] = max(starts[successor], finishes[number])
    return starts, finishes


def _tasks(path: str, starts: Sequence[int], finishes: Sequence[int], modes: Sequence[int]) -> list[dict[str, int]]:
    several = path.lower().endswith(".mm")
    return [
        {"uid": job, "start": start, "finish": finish} | ({"mode": mode + 1} if several else {})
        for job, (start, finish, mode) in enumerate(zip(starts, finishes, modes, strict=True), 1)
    ]


def _print(head: str, path: str, starts: Sequence[int], finishes: Sequence[int], modes: Sequence[int]) -> None:
    rows = [tuple(str(value) for value in task.values()) for task in _tasks(path, starts, finishes, modes)]
    names = ("job", "start", "finish", "mode")[: len(rows[0]) if rows else 3]
    lines = [head, "", *table(names, rows, right=frozenset(names))]
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
