"""Compression beside an independent linear program, and beside the greedy method that is in textbooks, in one run.

    .venv/bin/python bench/compression.py [--tasks N ...] [--seed N] [--mixed [PLAN ...]]

Input: seeded networks of one calendar, whole days, 1.5 links a task of mixed kinds and lags, each task crashable at its
own slope; asked for the date halfway between the plan as it is and its earliest finish. The linear program is written
here from the plan alone, with starts and finishes as variables of their own, and solved by HiGHS; its optimum must be
ours. Greedy shortens, a day at a time, the critical task with the least slope (up to 1,000 tasks; beyond, it takes
minutes). Then the same plan where only whole steps are to be had, and a plan with two calendars, with what the search
proves in its time limit. Times are single runs: schedule, model, solver and the engine's check of the proposal.

`--mixed`: only plans whose calendars meet (`demo`, or a number of tasks; without any: demo, 200, 1,000), asked for the
dates a quarter, a half and three quarters of the way from the plan as it is to its earliest finish, for the finish that
half of the cost of the date halfway buys, for the optimum (of a day that costs what a day costs halfway) and for the
curve, each in 20 s.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ortools.linear_solver import pywraplp

from bench.networks import DAY, building
from nirman.demo.plan import demo_plan
from nirman.optimization.compression import Compression, compress
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import Deadline
from nirman.planning.estimates import Crash, CrashPoint
from nirman.planning.model import Calendar, Link, LinkKind, Plan, Project, Task
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes

SIZES = (1_000, 10_000)
WORKDAY = 480
GREEDY_UP_TO = 1_000
MIXED = ("demo", "200", "1000")
HALF = 0.5


def network(count: int, seed: int, *, linear: bool) -> Plan:
    choose = random.Random(seed)
    tasks, links = {}, {}
    for uid in range(1, count + 1):
        days = choose.randint(2, 12)
        saved = choose.randint(1, days - 1)
        steps = sorted({saved, choose.randint(1, saved)})
        slope = choose.randint(500, 20_000)
        points = tuple(
            CrashPoint(duration_minutes=(days - step) * WORKDAY, cost=Decimal(slope * step)) for step in steps
        )
        tasks[uid] = Task(uid=uid, duration_minutes=days * WORKDAY, crash=Crash(points=points, linear=linear))
        for back in {choose.randint(1, min(uid - 1, 40)) for _ in range(choose.choice((1, 2)))} if uid > 1 else ():
            kind = choose.choice((LinkKind.FS, LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF))
            lag = choose.choice((0, 0, 0, WORKDAY))
            number = len(links) + 1
            links[number] = Link(uid=number, predecessor_uid=uid - back, successor_uid=uid, kind=kind, lag_minutes=lag)
    week = (DAY, DAY, DAY, DAY, (), (), DAY)
    calendar = Calendar(uid=1, name="Sunday-Thursday", week=week)
    return Plan(Project(name=f"Bench {count}", start=datetime(2026, 1, 4, 8, 0)), {1: calendar}, tasks, links)


def of_calendars(count: int, seed: int) -> Plan:
    """The plan of the other benchmarks: two calendars, days off, constraints."""
    choose, plan = random.Random(seed), building(count)
    summaries = {task.parent_uid for task in plan.tasks.values()}
    tasks = {
        uid: task
        if uid in summaries
        else replace(
            task,
            crash=Crash(
                points=(
                    CrashPoint(
                        duration_minutes=int(task.duration_minutes * choose.uniform(0.4, 0.9)),
                        cost=Decimal(choose.randint(1_000, 100_000)),
                    ),
                )
            ),
        )
        for uid, task in plan.tasks.items()
    }
    return replace(plan, tasks=tasks)


def shortest(task: Task) -> int:
    assert task.crash is not None
    return task.crash.points[-1].duration_minutes


def slope(task: Task) -> float:
    assert task.crash is not None
    last = task.crash.points[-1]
    return float(last.cost) / (task.duration_minutes - last.duration_minutes)


def by_linear_program(plan: Plan, minutes: int) -> tuple[float, float]:
    """The least cost of a project of so many working minutes, and the seconds it took."""
    began = time.perf_counter()
    solver = pywraplp.Solver.CreateSolver("HIGHS")
    solver.SuppressOutput()
    starts = {uid: solver.NumVar(0, minutes, "") for uid in plan.tasks}
    finishes = {uid: solver.NumVar(0, minutes, "") for uid in plan.tasks}
    for uid, task in plan.tasks.items():
        solver.Add(finishes[uid] - starts[uid] <= task.duration_minutes)
        solver.Add(finishes[uid] - starts[uid] >= shortest(task))
    for link in plan.links.values():
        source = finishes if link.kind in (LinkKind.FS, LinkKind.FF) else starts
        target = starts if link.kind in (LinkKind.FS, LinkKind.SS) else finishes
        solver.Add(target[link.successor_uid] - source[link.predecessor_uid] >= link.lag_minutes)
    cost = solver.Sum(
        slope(task) * (task.duration_minutes - finishes[uid] + starts[uid]) for uid, task in plan.tasks.items()
    )
    solver.Minimize(cost)
    assert solver.Solve() == solver.OPTIMAL
    return cost.solution_value(), time.perf_counter() - began


def greedily(plan: Plan, minutes: int) -> float:
    """The cheapest critical task loses a day, again and again."""
    left = {uid: task.duration_minutes for uid, task in plan.tasks.items()}
    cost = 0.0
    while True:
        critical = _critical(plan, left)
        if critical is None or critical[0] <= minutes:
            return cost
        open_tasks = [uid for uid in critical[1] if left[uid] > shortest(plan.tasks[uid])]
        if not open_tasks:
            return float("nan")
        uid = min(open_tasks, key=lambda uid: slope(plan.tasks[uid]))
        less = min(WORKDAY, left[uid] - shortest(plan.tasks[uid]))
        left[uid] -= less
        cost += less * slope(plan.tasks[uid])


def _critical(plan: Plan, left: dict[int, int]) -> tuple[int, list[int]]:
    """The finish, and the tasks without slack; predecessors have lower uids here."""
    start, late = dict.fromkeys(left, 0), {}
    links = list(plan.links.values())
    for link in links:
        i, j = link.predecessor_uid, link.successor_uid
        source = start[i] + (left[i] if link.kind in (LinkKind.FS, LinkKind.FF) else 0) + link.lag_minutes
        start[j] = max(start[j], source - (left[j] if link.kind is LinkKind.FF else 0))
    finish = max(start[uid] + left[uid] for uid in left)
    late = {uid: finish - left[uid] for uid in left}
    for link in reversed(links):
        i, j = link.predecessor_uid, link.successor_uid
        target = late[j] + (left[j] if link.kind is LinkKind.FF else 0) - link.lag_minutes
        late[i] = min(late[i], target - (left[i] if link.kind in (LinkKind.FS, LinkKind.FF) else 0))
    return finish, [uid for uid in left if late[uid] == start[uid]]


def asked(plan: Plan, options: CompressOptions) -> tuple[Compression, float]:
    began = time.perf_counter()
    result = compress(plan, options, stop=Deadline(options.time_limit_s, time.perf_counter))
    return result, time.perf_counter() - began


def halfway(plan: Plan) -> int:
    late = to_minutes(schedule_plan(plan).project_finish)
    tasks = {
        uid: replace(task, duration_minutes=shortest(task)) if task.crash else task for uid, task in plan.tasks.items()
    }
    early = to_minutes(schedule_plan(replace(plan, tasks=tasks)).project_finish)
    return (late + early) // 2


def one_size(count: int, seed: int) -> None:
    plan = network(count, seed, linear=True)
    time_of = Calendars(plan.calendars).working_time(1)
    finish = halfway(plan)
    minutes = time_of.between(to_minutes(plan.project.start), finish)
    result, seconds = asked(plan, CompressOptions(finish=to_datetime(finish), time_limit_s=120))
    optimum, theirs = by_linear_program(plan, minutes)
    print(f"{count:,} tasks, one calendar, linear: {result.cost:,.2f} in {seconds:.2f} s, {result.status}")
    off = float(result.cost) - optimum
    print(f"  independent linear program      {optimum:,.2f} in {theirs:.2f} s; ours is {off:.4f} above")
    if count <= GREEDY_UP_TO:
        cost = greedily(plan, minutes)
        print(f"  greedy, a day at a time         {cost:,.2f}: {100 * (cost / optimum - 1):.1f} % more")
    whole, seconds = asked(plan, CompressOptions(curve=True, time_limit_s=60))
    cut = " (cut by the limit)" if whole.stopped else ""
    print(f"  whole curve                     {len(whole.curve)} points in {seconds:.1f} s{cut}")
    for name, other in (
        ("steps only", network(count, seed, linear=False)),
        ("two calendars", of_calendars(count, seed)),
    ):
        result, seconds = asked(other, CompressOptions(finish=to_datetime(halfway(other)), time_limit_s=20))
        gap = "no bound" if result.gap is None else f"gap {100 * result.gap:.2f} %"
        print(f"  {name:<32}{result.cost:,.2f} in {seconds:.1f} s, {result.status}, {gap} ({result.method})")


def mixed(name: str, seed: int, limit_s: float) -> None:
    """All that can be asked of a plan whose calendars meet."""
    plan = demo_plan() if name == "demo" else of_calendars(int(name), seed)
    print(f"{name}, calendars that meet, {limit_s:.0f} s each")
    half, late = Decimal(0), schedule_plan(plan).project_finish
    too_early, _ = asked(plan, CompressOptions(finish=plan.project.start, time_limit_s=limit_s))
    assert too_early.reachable is not None
    way = late - too_early.reachable
    for share in (0.25, HALF, 0.75):
        finish = late - way * share
        result, seconds = asked(plan, CompressOptions(finish=finish, time_limit_s=limit_s))
        half = result.cost if share == HALF else half
        print(f"  {share:4.0%} of the way, by {finish:%Y-%m-%d}   {_said(result)} in {seconds:.1f} s")
    result, seconds = asked(plan, CompressOptions(budget=(half / 2).quantize(Decimal(1)), time_limit_s=limit_s))
    print(f"  budget {half / 2:,.0f}   {_finishes(result)} in {seconds:.1f} s, {result.status}")
    a_day = 2 * half // way.days
    dear = replace(plan, project=replace(plan.project, indirect_cost_per_day=a_day))
    result, seconds = asked(dear, CompressOptions(time_limit_s=limit_s))
    print(f"  optimum of {a_day:,} a day   {_said(result)}, {result.after.finish:%Y-%m-%d} in {seconds:.1f} s")
    result, seconds = asked(plan, CompressOptions(curve=True, time_limit_s=limit_s))
    print(f"  curve   {len(result.curve)} points in {seconds:.1f} s, {result.status}")


def _said(result: Compression) -> str:
    bound = "no bound" if result.bound is None else f"bound {result.bound:,.2f}, gap {result.gap:.2%}"
    return f"{result.cost:,.2f}, {result.status}, {bound}"


def _finishes(result: Compression) -> str:
    bound = "" if result.finish_bound is None else f", not before {result.finish_bound:%Y-%m-%d %H:%M}"
    return f"{result.after.finish:%Y-%m-%d %H:%M}{bound}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Crashing at the least cost.")
    parser.add_argument("--tasks", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mixed", nargs="*", metavar="PLAN", help="only plans whose calendars meet")
    parser.add_argument("--limit", type=float, default=20, help="seconds for each question of --mixed")
    options = parser.parse_args(arguments)
    if options.mixed is not None:
        for name in options.mixed or MIXED:
            mixed(name, options.seed, options.limit)
        return
    for count in options.tasks:
        one_size(count, options.seed)


if __name__ == "__main__":
    main()
