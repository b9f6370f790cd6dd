"""Monte Carlo beside a bare numpy loop, in one run: time and memory of 10,000 samples of 1,000 tasks.

    .venv/bin/python bench/simulation.py [--tasks N ...] [--samples N] [--repeats N]

The peer is what one writes in numpy in an afternoon: float32 durations drawn from triangular distributions in batches
of 1,000 samples, a forward pass by links (1.5 a task; finish-start, start-start, finish-finish, with lags), a backward
pass, how often each task is critical, percentiles of the finish. No calendars, constraints, costs or risks; it gives
other numbers when it is cut otherwise, and no figures of tasks but the one.

Nirman runs the whole use case, from a `Plan` to all figures: two calendars with 120 days off, lags in working time,
constraints, estimates of three kinds on every task, criticality, cruciality, percentiles of each task, tornado.

alone  on one thread, as the peer
two    with a second thread
wet    a third of the tasks stopped by rain, five open risks, a correlation of 0.2
P6     by Primavera's rules

Times are of the processor (of `two` of the wall clock), the best of all repeats, taken in turns with the peer's. Memory
is the most that a process of its own ever held, with Python and numpy (30 MB), before the peer ran.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.engine import memory_mb
from bench.networks import building
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation.monte_carlo import Executor, simulate
from nirman.optimization.stop import Deadline
from nirman.planning.estimates import Distribution, DurationEstimate, Risk
from nirman.planning.model import LagCalendar, Plan, Rules, Task

BATCH = 1_000
KINDS = ("FS", "FS", "FS", "FS", "SS", "FF")
CASES = ("alone", "two", "wet", "P6")
Links = list[list[tuple[int, str, float]]]
THREE = (Distribution.PERT, Distribution.TRIANGULAR, Distribution.LOGNORMAL)


def bare_network(tasks: int) -> list[tuple[int, int, str, float]]:
    """Predecessors among the last forty tasks, as in bench/networks.py."""
    choose = Random(1)
    links = []
    for successor in range(1, tasks):
        for _ in range(choose.choice((1, 2))):
            predecessor = max(0, successor - choose.randint(1, 40))
            links.append((predecessor, successor, choose.choice(KINDS), choose.choice((0.0, 0.0, 0.0, 1.0, 2.0, -0.5))))
    return links


def forward(into: Links, duration: Any, start: Any, finish: Any) -> None:
    for task, links in enumerate(into):
        for one, kind, lag in links:
            if kind == "FS":
                np.maximum(start[task], finish[one] + np.float32(lag), out=start[task])
            elif kind == "SS":
                np.maximum(start[task], start[one] + np.float32(lag), out=start[task])
            else:
                np.maximum(start[task], finish[one] + np.float32(lag) - duration[task], out=start[task])
        np.add(start[task], duration[task], out=finish[task])


def backward(out: Links, duration: Any, last: Any, late_start: Any, late: Any) -> None:
    for task in range(len(out) - 1, -1, -1):
        late[task] = last
        for other, kind, lag in out[task]:
            if kind == "FS":
                np.minimum(late[task], late_start[other] - np.float32(lag), out=late[task])
            elif kind == "FF":
                np.minimum(late[task], late[other] - np.float32(lag), out=late[task])
            else:
                np.minimum(late[task], late_start[other] - np.float32(lag) + duration[task], out=late[task])
        np.subtract(late[task], duration[task], out=late_start[task])


def bare(tasks: int, samples: int) -> tuple[Any, Any]:
    """Percentiles of the finish, and how often each task is critical."""
    into: Links = [[] for _ in range(tasks)]
    out: Links = [[] for _ in range(tasks)]
    for one, other, kind, lag in bare_network(tasks):
        into[other].append((one, kind, lag))
        out[one].append((other, kind, lag))
    draw = np.random.default_rng(1)
    likely = draw.integers(1, 13, (tasks, 1)).astype(np.float32)
    least, most = likely * np.float32(0.8), likely * np.float32(1.5)
    rise, fall = (most - least) * (likely - least), (most - least) * (most - likely)
    critical, finishes = np.zeros(tasks), []
    for _ in range(0, samples, BATCH):
        share = draw.random((tasks, BATCH), dtype=np.float32)
        rising, falling = least + np.sqrt(share * rise), most - np.sqrt((1 - share) * fall)
        duration = np.where(share < (likely - least) / (most - least), rising, falling)
        start, finish, late_start, late = (np.zeros((tasks, BATCH), np.float32) for _ in range(4))
        forward(into, duration, start, finish)
        backward(out, duration, finish.max(axis=0), late_start, late)
        critical += np.count_nonzero(late - finish <= 1e-3, axis=1)
        finishes.append(finish.max(axis=0))
    return np.percentile(np.concatenate(finishes), (10, 50, 80, 90)), critical / samples


def estimated(task: Task, choose: Random) -> Task:
    minutes = task.duration_minutes
    estimate = DurationEstimate(
        optimistic_minutes=round(minutes * choose.uniform(0.7, 1)),
        most_likely_minutes=minutes,
        pessimistic_minutes=round(minutes * choose.uniform(1, 2)),
        distribution=choose.choice(THREE),
    )
    return replace(task, duration_estimate=estimate, rain_stops_work=choose.random() < 1 / 3)


def uncertain(tasks: int, case: str) -> Plan:
    """So many leaves: every 21st task of the building is a summary."""
    plan, choose = building(tasks * 21 // 20), Random(2)
    summaries = {task.parent_uid for task in plan.tasks.values()}
    found = {uid: task if uid in summaries else estimated(task, choose) for uid, task in plan.tasks.items()}
    leaves = [uid for uid in found if uid not in summaries]
    risks, project = {}, plan.project
    if case == "wet":
        project = replace(project, rain_days=(0.0, 0, 1, 2, 6, 10, 12, 10, 8, 4, 1, 0))
        risks = {
            uid: Risk(uid=uid, probability=0.2, task_uids=tuple(choose.sample(leaves, 3)), most_delay_minutes=4800)
            for uid in range(1, 6)
        }
    if case == "P6":
        project = replace(project, rules=Rules.PRIMAVERA, lag_calendar=LagCalendar.SUCCESSOR)
    return replace(plan, tasks=found, risks=risks, project=project)


def use_case(plan: Plan, case: str, samples: int, beside: Executor | None) -> Any:
    options = SimulateOptions(iterations=samples, correlation=0.2 if case == "wet" else 0.0)
    return simulate(plan, options, stop=Deadline(3600, time.monotonic), beside=beside)


def timed(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def measure(case: str, tasks: int, samples: int, repeats: int) -> dict[str, Any]:
    plan = uncertain(tasks, case)
    clock = time.perf_counter if case == "two" else time.process_time
    ours, theirs = [], []
    with ThreadPoolExecutor(1) as executor:
        beside = executor if case == "two" else None
        found = use_case(plan, case, samples, beside)
        memory = memory_mb()
        for _ in range(repeats):
            ours.append(timed(lambda: use_case(plan, case, samples, beside), clock))
            theirs.append(timed(lambda: bare(tasks, samples), clock))
    return {
        "links": len(plan.links),
        "at_once": found.nodes_at_once / found.nodes,
        "ours": min(ours),
        "theirs": min(theirs),
        "memory": memory,
    }


def apart(*arguments: object) -> Any:
    call = f"import json; from bench import simulation; print(json.dumps(simulation.measure(*{arguments})))"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, cwd=root, check=True)
    return json.loads(done.stdout)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Monte Carlo beside a bare numpy loop.")
    parser.add_argument("--tasks", type=int, nargs="+", default=(1_000,))
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    print("case      tasks    links  samples  at once  Nirman s  numpy s  ratio     MB")
    for tasks in options.tasks:
        for case in CASES:
            found = apart(case, tasks, options.samples, options.repeats)
            sizes = f"{case:<6}{tasks:>9,}{found['links']:>9,}{options.samples:>9,}{found['at_once']:>9.0%}"
            times = f"{found['ours']:>10.2f}{found['theirs']:>9.2f}{found['ours'] / found['theirs']:>7.2f}"
            print(f"{sizes}{times}{found['memory']:>7.0f}", flush=True)


if __name__ == "__main__":
    main()
