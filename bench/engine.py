"""The engine: a full schedule and an edit, beside MPXJ's scheduler and networkx's bare longest path, in one run.

    .venv/bin/python bench/engine.py [--tasks N ...] [--repeats N] [--without-mpxj]

Input: plans of bench/networks.py, deep (predecessors among the last 40 tasks) and wide (among the last 2,000), with
calendars, lags, constraints and assignments. Every engine schedules the same plan from its own objects in memory, warm:

records   Nirman, from the records of a `Plan` to all dates, slack and drivers: what a cold function does
again     Nirman, every task again from the rows that a function keeps of a project: what another project start takes
edit      Nirman, from the schedule before an edit to the schedule after it
networkx  from a ready graph, only the longest path by durations, without calendars
MPXJ      MicrosoftScheduler, from its ProjectFile (read from the MS Project XML that Nirman writes), dates and slack

Each size runs in a process of its own, so that its peak memory is its own. Times are the best of all runs, because
others use this machine too (MPXJ gets faster for a dozen runs); of edits the median. A ratio above 1 says how many
times longer the peer takes. How time grows from 10,000 to 100,000 tasks is measured in one process, in turns, best of
each: minutes apart this machine is not the same.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import networkx as nx

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.networks import building
from nirman.errors import InvalidPlanError, LimitExceededError
from nirman.interchange.formats import write_plan
from nirman.planning.change import apply
from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.model import Kind, Plan
from nirman.planning.schedule import reschedule, schedule_plan

SIZES = (1_000, 10_000, 100_000)
SHAPES = {"deep": 40, "wide": 2_000}
EDITS = 200
DAY = timedelta(days=1)


def milliseconds(work: Callable[[], Any], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def memory_mb() -> float:
    """Most that this process ever held (what the kernel counts for it includes its parent's where it was forked)."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def edit(plan: Plan, choose: random.Random) -> list[Operation]:
    """One of what planners do most: a duration, a lag, progress, a constraint, a link or task made or deleted."""
    task, link = choose.choice(list(plan.tasks)), choose.choice(list(plan.links))
    other = choose.choice(list(plan.tasks))
    when = plan.project.start + timedelta(days=choose.randrange(900))
    match choose.randrange(10):
        case 0 | 1 | 2:
            return [Update(Kind.TASK, task, {"duration_minutes": 480 * choose.randint(1, 12)})]
        case 3:
            return [Update(Kind.LINK, link, {"lag_minutes": choose.choice((0, 480, 960, -240))})]
        case 4:
            started = {"actual_start": when.isoformat(), "percent_complete": choose.randrange(1, 90)}
            return [Update(Kind.TASK, task, started)]
        case 5:
            return [Update(Kind.TASK, task, {"constraint": "SNET", "constraint_date": when.isoformat()})]
        case 6:
            return [Create(Kind.LINK, {"predecessor_uid": min(task, other), "successor_uid": max(task, other)})]
        case 7:
            return [Delete(Kind.LINK, link)]
        case 8:
            return [Create(Kind.TASK, {"name": "New", "parent_uid": plan.tasks[task].parent_uid})]
        case _:
            return [Update(Kind.TASK, task, {"name": "Renamed"})]


def edits(plan: Plan, count: int, seed: int = 1) -> Iterator[tuple[float, int]]:
    """Milliseconds of each edit, one upon the other, and how many nodes were computed; refused edits do not count."""
    choose = random.Random(seed)
    schedule = schedule_plan(plan)
    done = 0
    while done < count:
        try:
            after, changes = apply(plan, edit(plan, choose))
            start = time.perf_counter()
            rescheduled = reschedule(schedule, after, changes)
            took = 1000 * (time.perf_counter() - start)
        except (InvalidPlanError, LimitExceededError):
            continue  # a circle, a second link between the same two, or more tasks than a plan may have
        if rescheduled.network is not schedule.network:
            yield took, rescheduled.network.setting("nodes")
            done += 1
        plan, schedule = after, rescheduled


def longest_path(plan: Plan) -> Callable[[], Any]:
    graph = nx.DiGraph()
    graph.add_nodes_from(plan.tasks)
    for link in plan.links.values():
        weight = plan.tasks[link.predecessor_uid].duration_minutes
        graph.add_edge(link.predecessor_uid, link.successor_uid, weight=weight)
    return lambda: nx.dag_longest_path(graph)


def measure(count: int, window: int, repeats: int) -> dict[str, Any]:
    plan = building(count, window=window)
    schedule = schedule_plan(plan)  # calendars are compiled, as MPXJ's are
    base = memory_mb()
    full = milliseconds(lambda: schedule_plan(plan), repeats)
    later, moved = apply(plan, [Update(Kind.PROJECT, 0, {"start": (plan.project.start + DAY).isoformat()})])
    again = milliseconds(lambda: reschedule(schedule, later, moved), repeats)
    peak = memory_mb()
    taken = list(edits(plan, EDITS))
    times = sorted(took for took, _ in taken)
    peer = milliseconds(longest_path(plan), repeats)
    return {
        "tasks": len(plan.tasks),
        "links": len(plan.links),
        "finish": schedule.project_finish.isoformat(),
        "full_ms": min(full),
        "again_ms": min(again),
        "edit_p50_ms": statistics.median(times),
        "edit_p90_ms": times[len(times) * 9 // 10],
        "edit_max_ms": times[-1],
        "edit_nodes": statistics.median(nodes for _, nodes in taken),
        "networkx_ms": min(peer),
        "memory_mb": peak,
        "plan_mb": base,
    }


MPXJ = """
import json, sys, time, jpype, mpxj
from bench.engine import memory_mb
jpype.startJVM("-Xmx6g", "-Xss512m")
from org.mpxj.reader import UniversalProjectReader
from org.mpxj.cpm import MicrosoftScheduler
project = UniversalProjectReader().read(sys.argv[1])
start = project.getProjectProperties().getStartDate()
times = []
for _ in range(int(sys.argv[2])):
    begun = time.perf_counter()
    MicrosoftScheduler().schedule(project, start)
    times.append(1000 * (time.perf_counter() - begun))
finish = max(str(task.getFinish()) for task in project.getTasks() if task.getFinish() is not None)
print(json.dumps({"times": times, "finish": finish, "memory_mb": memory_mb()}))
"""


def mpxj(count: int, window: int, repeats: int) -> dict[str, Any] | None:
    """None where there is no Java, or where MPXJ gives up."""
    plan = building(count, window=window)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.xml"
        file.write_bytes(write_plan(plan, schedule_plan(plan), "mspdi"))
        command = [sys.executable, "-c", MPXJ, str(file), str(repeats)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def growth(window: int, rounds: int = 6) -> float:
    """How many times longer 100,000 tasks take than 10,000, from records."""
    small, large = building(10_000, window=window), building(100_000, window=window)
    times: dict[int, list[float]] = {10_000: [], 100_000: []}
    for _ in range(rounds):
        times[10_000] += milliseconds(lambda: schedule_plan(small), 3)
        times[100_000] += milliseconds(lambda: schedule_plan(large), 1)
    return min(times[100_000]) / min(times[10_000])


def apart(function: str, *arguments: int) -> Any:
    """What a function of this module gives in a process of its own."""
    call = f"import json; from bench import engine; print(json.dumps(engine.{function}(*{arguments})))"
    done = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True
    )
    return json.loads(done.stdout)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The engine beside MPXJ and networkx.")
    parser.add_argument("--tasks", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repeats", type=int, default=9, help="at 10,000 tasks and below")
    parser.add_argument("--without-mpxj", action="store_true")
    options = parser.parse_args(arguments)
    print(HEADS)
    for shape, window in SHAPES.items():
        for count in options.tasks:
            repeats = options.repeats if count <= 10_000 else 4
            ours = apart("measure", count, window, repeats)
            theirs = None if options.without_mpxj else mpxj(count, window, 2 * repeats if count <= 10_000 else 2)
            print(line(shape, ours, min(theirs["times"]) if theirs else None), flush=True)
        if {10_000, 100_000} <= set(options.tasks):
            print(f"{shape}: from 10,000 to 100,000 tasks {apart('growth', window):.1f} times as long", flush=True)


HEADS = (
    "                            milliseconds                                            times as long as"
    "                     edit: times faster\n"
    "network   tasks    links  records    again  edit p50      p90      max  networkx     MPXJ"
    "  networkx: records  again   MPXJ: records  again   than records  again    MB"
)


def line(shape: str, ours: dict[str, Any], mpxj_ms: float | None) -> str:
    full, again, edit_ms, bare = (ours[name] for name in ("full_ms", "again_ms", "edit_p50_ms", "networkx_ms"))
    beside_mpxj = ("-", "-", "-")
    if mpxj_ms is not None:
        beside_mpxj = (f"{mpxj_ms:,.0f}", f"{mpxj_ms / full:.0f}x", f"{mpxj_ms / again:.0f}x")
    return (
        f"{shape:<6}{ours['tasks']:>9,}{ours['links']:>9,}{full:>9.1f}{again:>9.1f}{edit_ms:>10.2f}"
        f"{ours['edit_p90_ms']:>9.2f}{ours['edit_max_ms']:>9.1f}{bare:>10.1f}{beside_mpxj[0]:>9}"
        f"{bare / full:>18.1f}x{bare / again:>6.1f}x{beside_mpxj[1]:>16}{beside_mpxj[2]:>7}"
        f"{full / edit_ms:>14.0f}x{again / edit_ms:>6.0f}x{ours['memory_mb']:>6.0f}"
    )


if __name__ == "__main__":
    main()
