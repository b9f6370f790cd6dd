"""Levelling of plans beside the rule that planning tools level by, in one run, on the same plans.

    .venv/bin/python bench/levelling_plans.py [FILE ...] [--limits S ...] [--workers N] [--projects N] [--tasks N]

Input: MS Project files (portfolios of MPSPLIB are in ../shared/data, if that is beside the project), and generated
portfolios of 20 projects of 100 tasks (bench/portfolios.py) that share six crews, of one calendar and of three, and
such as planners have them, under way: ten crews, calendars of each project and each crew, leave, priorities, dates and
progress.

rule    every task as early as its predecessors and its crews let it, those with the least slack first, then by date
        and by priority: what MS Project's help says of its "standard" order. MS Project itself is not here to be run.
nirman  levelling with each time limit and seed, from the file's bytes (or the plan) to the engine's schedule of the
        levelled plan: `took` is all of that. Each run is a process of its own: `MB` is the most memory that it had.
command `nirman level FILE --out FILE` with its usual limit, of the plan as MS Project XML, from start to end.

`days` are working days of the project's calendar from its start; `gap` is by how much of them a plan may be too long,
by the best bound that was proven in these runs. `over` is what stays overloaded, in hours, quarter of an hour by
quarter of an hour, by tests/support/levelling_checker.py, which shares no code with levelling; of files, whose times
may be any, by the engine's conflicts.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.portfolios import portfolio, under_way
from nirman.cli.convert import write
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
from tests.support.levelling_checker import overloads

SHARED = Path(__file__).parents[2] / "shared" / "data" / "msproject"
ROW = "{:<34} {:<17} {:>10} {:>8} {:>8} {:>7} {:>7} {:>8} {:>6}"


@dataclass(frozen=True)
class Case:
    """A plan, and whether its times are whole quarters of an hour; `read_s` is how long it took to read."""

    name: str
    plan: Plan
    in_quarters: bool
    read_s: float = 0.0


@dataclass(frozen=True)
class Row:
    """`days` and `least` are working days of the project's calendar; `least` None: nothing was proven."""

    how: str
    finish: str
    days: float
    over_hours: float
    took_s: float
    memory_mb: float
    least: float | None = None


def cases(arguments: argparse.Namespace) -> Iterator[Case]:
    for path in arguments.files or sorted(SHARED.glob("mpsplib_*.xml")):
        began = time.perf_counter()
        found = read_plan(Path(path).read_bytes(), Path(path).name).plan
        assert found is not None, path
        yield Case(Path(path).name[:34], found, False, time.perf_counter() - began)
    if arguments.only_files:
        return
    projects, tasks = arguments.projects, arguments.tasks
    size = f"{projects} x {tasks}"
    for seed in arguments.portfolios:
        for mixed, name in ((False, "one calendar"), (True, "three calendars")):
            plan = portfolio(projects=projects, tasks=tasks, mixed=mixed, seed=seed)
            yield Case(f"{size}, {name}, {seed}", plan, True)
        plan = under_way(projects=projects, tasks=tasks, by=lambda plan: by_rule(plan)[1], seed=seed)
        yield Case(f"{size}, under way, {seed}", plan, True)


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


def over(case: Case, plan: Plan, schedule: Schedule) -> float:
    if not case.in_quarters:
        return overload_of(conflicts(plan, schedule)) / 60
    return sum((asked - there) / 4 for found in overloads(plan, schedule).values() for asked, there in found.values())


def row(case: Case, how: str, plan: Plan, schedule: Schedule, took_s: float, least: float | None = None) -> Row:
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    finish = f"{schedule.project_finish:%Y-%m-%d}"
    return Row(how, finish, days(plan, schedule), over(case, plan, schedule), took_s, memory_mb, least)


def nobody(case: Case) -> Row:
    return row(case, "nobody", case.plan, schedule_plan(case.plan), case.read_s)


def rule(case: Case) -> Row:
    began = time.perf_counter()
    plan, schedule = by_rule(case.plan)
    return row(case, "rule", plan, schedule, time.perf_counter() - began + case.read_s)


def nirman(case: Case, limit_s: float, workers: int, seed: int) -> Row:
    began = time.perf_counter()
    options = LevelOptions(time_limit_s=limit_s, workers=workers, seed=seed)
    with ThreadPoolExecutor(1) as beside:
        result = level(case.plan, options, stop=Deadline(limit_s, time.monotonic), beside=beside)
    after, _ = apply(case.plan, result.operations)
    schedule = schedule_plan(after)
    took_s = time.perf_counter() - began + case.read_s
    least = result.lower_bound_minutes / case.plan.project.minutes_per_day
    return row(case, f"nirman {limit_s:g} s, {seed}", after, schedule, took_s, least)


def command(case: Case) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.xml", Path(folder) / "after.xml"
        write(str(before), case.plan, schedule_plan(case.plan), "mspdi")
        began = time.perf_counter()
        arguments = (str(Path(sys.executable).with_name("nirman")), "level", str(before), "--out", str(after), "--json")
        subprocess.run(arguments, check=True, capture_output=True)
        took_s = time.perf_counter() - began
        plan = read_plan(after.read_bytes(), after.name).plan
    assert plan is not None
    found = row(case, "command", plan, schedule_plan(plan), took_s)
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Row(found.how, found.finish, found.days, found.over_hours, took_s, memory_mb)


def apart(function, *arguments) -> Row:  # type: ignore[no-untyped-def]  # any of the above
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def tell(case: Case, found: Row, least: float) -> None:
    gap = "" if found.how == "nobody" else f"{100 * (found.days - least) / found.days:.2f} %"
    proven = "" if found.least is None else f"{found.least:.1f}"
    told = (
        f"{found.days:.1f}",
        proven,
        gap,
        f"{found.over_hours:g}",
        f"{found.took_s:.1f} s",
        f"{found.memory_mb:.0f}",
    )
    print(ROW.format(case.name, found.how, found.finish, *told), flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--only-files", action="store_true")
    parser.add_argument("--limits", type=float, nargs="+", default=[1.0, 5.0, 20.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--portfolios", type=int, nargs="+", default=[1], help="seeds of the generated ones")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--command", action="store_true", help="the whole command too")
    arguments = parser.parse_args(argv)
    print(ROW.format("plan", "levelled by", "finish", "days", "at least", "gap", "over h", "took", "MB"))
    for case in cases(arguments):
        found = [apart(nobody, case), apart(rule, case)]
        for limit_s in arguments.limits:
            found += [apart(nirman, case, limit_s, arguments.workers, seed) for seed in arguments.seeds]
        if arguments.command:
            found.append(apart(command, case))
        least = max(one.least or 0.0 for one in found)
        for one in found:
            tell(case, one, least)


if __name__ == "__main__":
    main()
