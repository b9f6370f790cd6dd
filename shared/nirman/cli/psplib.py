"""PSPLIB problems (.sm, .mm) on the command line: `uid` is the job's number, all times are whole periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nirman.cli.files import told_of
from nirman.cli.output import show
from nirman.cli.searching import searching
from nirman.cli.table import table
from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.interchange.psplib import MAX_BYTES, read_psplib
from nirman.optimization.options import LevelOptions
from nirman.optimization.solver.answer import Answer, Solution
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.solve import solve

_Task = dict[str, int]


def schedule(path: str, *, as_json: bool) -> int:
    """Earliest dates as if there were enough of every resource, each job in its shortest mode."""
    problem = _load(path)
    modes = [min(range(len(a.modes)), key=lambda mode: a.modes[mode].duration) for a in problem.activities]
    starts, finishes = _earliest(problem, modes)
    finish = max(finishes, default=0)
    tasks = _tasks(path, starts, finishes, modes)
    show(
        lambda: _document(finish, tasks),
        lambda: _report(f"{path}: {finish} periods without regard to resources", tasks),
        as_json=as_json,
    )
    return 0


def level(path: str, options: LevelOptions, *, as_json: bool) -> int:
    """With one worker the same seed gives the same schedule again. `InvalidInputError` where there is none."""
    problem = _load(path)
    with told_of(path), searching(options) as (stop, executor):
        answer = solve(problem, time_limit_s=options.time_limit_s, stop=stop, seed=options.seed, executor=executor)
    if answer.solution is None or answer.solution.lateness:
        rules = "; ".join(conflict.rule for conflict in answer.conflicts[:3]) or "no schedule was found in the time"
        raise InvalidInputError(rules, place=path)
    found = answer.solution
    tasks = _tasks(path, found.starts, found.finishes, found.modes)
    gap = 100 * (answer.gap or 0)
    head = f"{path}: {found.makespan} periods, {answer.status.value}; at least {answer.lower_bound}, gap {gap:.1f} %"
    show(
        lambda: _document(found.makespan, tasks) | _figures(problem, answer, found),
        lambda: _report(head, tasks),
        as_json=as_json,
    )
    return 0


def _document(finish: int, tasks: Sequence[_Task]) -> dict[str, Any]:
    return {"project": {"start": 0, "finish": finish, "status_date": None}, "tasks": tasks, "findings": []}


def _figures(problem: Problem, answer: Answer, found: Solution) -> dict[str, Any]:
    return {
        "finish": found.makespan,
        "makespan_minutes": found.makespan,
        "lower_bound": answer.lower_bound,
        "gap": answer.gap,
        "status": answer.status.value,
        "moved": list(_moved(problem, found)),
        "bound_by": answer.bound_by,
        "schedules": answer.schedules,
        "reproducible": answer.reproducible,
    }


def _moved(problem: Problem, found: Solution) -> Iterator[dict[str, Any]]:
    """Jobs that start later than links alone would have them; the keys are those of plans, in periods, and `start`."""
    starts, finishes = _earliest(problem, found.modes)
    ready = [0] * len(starts)
    for link in problem.links:
        ready[link.successor] = max(ready[link.successor], found.finishes[link.predecessor])
    for number, (early, start) in enumerate(zip(starts, found.starts, strict=True)):
        if early != start:
            yield {
                "uid": number + 1,
                "name": problem.label(number),
                "from_start": early,
                "from_finish": finishes[number],
                "to_start": start,
                "to_finish": found.finishes[number],
                "minutes": start - early,
                "delay_minutes": start - ready[number],
                "pauses": 0,
                "start": [early, start],
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


def _tasks(path: str, starts: Sequence[int], finishes: Sequence[int], modes: Sequence[int]) -> list[_Task]:
    several = path.lower().endswith(".mm")
    return [
        {"uid": job, "start": start, "finish": finish} | ({"mode": mode + 1} if several else {})
        for job, (start, finish, mode) in enumerate(zip(starts, finishes, modes, strict=True), 1)
    ]


def _report(head: str, tasks: Sequence[_Task]) -> Iterator[str]:
    rows = [tuple(map(str, task.values())) for task in tasks]
    names = ("job", "start", "finish", "mode")[: len(rows[0]) if rows else 3]
    yield from (head, "", *table(names, rows, right=frozenset(names)))
