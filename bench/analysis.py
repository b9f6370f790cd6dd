"""What is computed from a schedule of 10,000 tasks, beside the schedule itself and networkx's bare longest path.

    .venv/bin/python bench/analysis.py [--tasks N]

Input: the generated plan of bench/networks.py with a status date, a tenth of its tasks done and a baseline. Medians of
three; a ratio above 1 is how many times longer it takes than the longest path of a ready graph.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.engine import longest_path as bare_longest_path
from bench.engine import milliseconds
from bench.networks import building
from nirman.planning.baselines import take_baseline, variances
from nirman.planning.earned_value import earned_value
from nirman.planning.explain import explain
from nirman.planning.float_paths import float_paths, longest_path
from nirman.planning.model import Plan
from nirman.planning.quality import assess, schedule_findings
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.planning.time_series import Period, time_series


def measured_plan(count: int) -> tuple[Plan, Schedule]:
    plan = building(count)
    plan = replace(plan, project=replace(plan.project, status_date=plan.project.start + timedelta(days=400)))
    schedule = schedule_plan(plan)
    plan = replace(plan, baselines={0: take_baseline(plan, schedule, 0)})
    done = {
        uid: replace(task, actual_start=schedule[uid].start, actual_finish=schedule[uid].finish, percent_complete=100)
        for uid, task in plan.tasks.items()
        if uid <= count // 10 and uid % 21 != 1
    }
    plan = replace(plan, tasks={**plan.tasks, **done})
    return plan, schedule_plan(plan)


def works(plan: Plan, schedule: Schedule) -> list[tuple[str, Callable[[], Any]]]:
    uid = next(uid for uid in plan.tasks if uid > len(plan.tasks) // 5 and uid % 21 != 1)
    longer = replace(plan.tasks[uid], duration_minutes=plan.tasks[uid].duration_minutes + 4800)
    after = replace(plan, tasks={**plan.tasks, uid: longer})
    sides = ((plan, schedule), (after, schedule_plan(after)))
    return [
        ("schedule", lambda: schedule_plan(plan)),
        ("dates of all tasks read", lambda: list(schedule_plan(plan))),
        ("14 checks", lambda: assess(plan, schedule)),
        ("findings", lambda: schedule_findings(plan, schedule)),
        ("longest path", lambda: longest_path(plan, schedule)),
        ("100 float paths", lambda: float_paths(plan, schedule, limit=100)),
        ("what moved and why", lambda: explain(*sides)),
        ("variance from a baseline", lambda: list(variances(plan, schedule, plan.baselines[0]))),
        ("earned value", lambda: earned_value(plan, schedule)),
        ("S-curve by week", lambda: time_series(plan, schedule, Period.WEEK)),
    ]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What is computed from a schedule.")
    parser.add_argument("--tasks", type=int, default=10_000)
    options = parser.parse_args(arguments)
    plan, schedule = measured_plan(options.tasks)
    peer = statistics.median(milliseconds(bare_longest_path(plan), 5))
    print(f"{options.tasks:,} tasks; networkx longest path {peer:.1f} ms")
    for name, work in works(plan, schedule):
        took = statistics.median(milliseconds(work, 3))
        print(f"{name:<28}{took:>9.1f} ms   {took / peer:6.1f}x")


if __name__ == "__main__":
    main()
