"""Levelling of plans beside the rule that planning tools level by, in one run, on the same plans.

    .venv/bin/python bench/levelling_plans.py [FILE ...] [--limits S ...] [--workers N] [--projects N] [--tasks N]

Input: MS Project files (portfolios of MPSPLIB are in ../shared/data, if that is beside the project), and two generated
portfolios of 20 projects of 100 tasks that share six crews, of one calendar and of several (bench/portfolios.py).

rule    every task as early as its predecessors and its crews let it, those with the least slack first, then by date
        and by priority: what MS Project's help says of its "standard" order. MS Project itself is not here to be run.
nirman  `nirman level` with each time limit, from the file's bytes (or the plan) to the engine's schedule of the
        levelled plan: `took` is all of that.

`days` are working days of the project's calendar from its start; `gap` is by how much of them a plan may be too long,
by the bound that was proven in the same run. `over` is what stays overloaded, in hours, from the engine's dates.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.portfolios import portfolio
from nirman.interchange import read_plan
from nirman.optimization.conflicts import conflicts, overload_of
from nirman.optimization.levelling import level
from nirman.optimization.levelling.delays import delayed
from nirman.optimization.levelling.placing import Placing
from nirman.optimization.levelling.shop import cleared, shop_of
from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule, schedule_plan

SHARED = Path(__file__).parents[2] / "shared" / "data" / "msproject"
ROW = "{:<44} {:<12} {:>10} {:>8} {:>8} {:>7} {:>8} {:>8}"


def plans(arguments: argparse.Namespace) -> Iterator[tuple[str, Plan, float]]:
    """Name, plan, and how many seconds it took to read."""
    for path in arguments.files or sorted(SHARED.glob("mpsplib_*.xml")):
        began = time.perf_counter()
        found = read_plan(Path(path).read_bytes(), Path(path).name).plan
        assert found is not None, path
        yield Path(path).name[:44], found, time.perf_counter() - began
    size = f"{arguments.projects} x {arguments.tasks}"
    for mixed, name in ((False, "one calendar"), (True, "several calendars")):
        yield f"{size}, {name}", portfolio(projects=arguments.projects, tasks=arguments.tasks, mixed=mixed), 0.0


def by_rule(plan: Plan) -> tuple[Plan, Schedule]:
    shop = shop_of(cleared(plan), within_slack=False)
    rank = [
        (job.late_finish - job.floor - job.duration, job.floor, -job.task.priority, job.number) for job in shop.jobs
    ]
    found = delayed(shop, Placing(shop, split=False).parallel(rank))
    return found.plan, found.schedule


def days(plan: Plan, schedule: Schedule) -> float:
    rows = schedule.network
    time_ = rows.rows.timetable[rows.setting("base_calendar")]
    return time_.between(rows.setting("project_start"), rows.setting("project_finish")) / plan.project.minutes_per_day


def told(name: str, how: str, plan: Plan, schedule: Schedule, took: float, bound: float | None) -> None:
    length = days(plan, schedule)
    gap = "" if bound is None else f"{100 * (length - bound) / length:.2f} %"
    over = overload_of(conflicts(plan, schedule)) / 60
    least = "" if bound is None else f"{bound:.1f}"
    finish = f"{schedule.project_finish:%Y-%m-%d}"
    print(ROW.format(name, how, finish, f"{length:.1f}", least, gap, f"{over:g}", f"{took:.1f} s"), flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--limits", type=float, nargs="+", default=[1.0, 5.0, 20.0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=100)
    arguments = parser.parse_args(argv)
    print(ROW.format("plan", "levelled by", "finish", "days", "at least", "gap", "over h", "took"))
    for name, plan, read_s in plans(arguments):
        best = 0.0
        rows = []
        for limit in arguments.limits:
            began = time.perf_counter()
            options = LevelOptions(time_limit_s=limit, workers=arguments.workers)
            with ThreadPoolExecutor(1) as beside:
                result = level(plan, options, stop=Deadline(limit, time.monotonic), beside=beside)
            after, _ = apply(plan, result.operations)
            rows.append((f"nirman {limit:g} s", after, schedule_plan(after), time.perf_counter() - began + read_s))
            best = max(best, result.lower_bound_minutes / plan.project.minutes_per_day)
        told(name, "nobody", plan, schedule_plan(plan), read_s, None)
        began = time.perf_counter()
        told(name, "rule", *by_rule(plan), time.perf_counter() - began + read_s, best)
        for how, after, schedule, took in rows:
            told(name, how, after, schedule, took, best)


if __name__ == "__main__":
    main()
