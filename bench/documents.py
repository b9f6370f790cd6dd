"""Import and export of 500 and 10,000 tasks, each beside the barest peer that does part of the same.

    .venv/bin/python bench/documents.py

The peers do less: lxml only parses, xlsxwriter only writes as many cells of text. A ratio above 1 is how many times
longer Nirman takes than that.
"""

from __future__ import annotations

import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from lxml import etree

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.networks import building
from nirman.interchange.formats import read_plan, write_plan
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan


def median_ms(work: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def bare_cells(rows: int, columns: int = 20) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    for row in range(rows):
        for column in range(columns):
            sheet.write_string(row, column, "text")
    book.close()
    return target.getvalue()


def rows(plan: Plan) -> list[tuple[str, Callable[[], Any], str, Callable[[], Any] | None]]:
    schedule = schedule_plan(plan)
    xml = write_plan(plan, schedule, "mspdi")
    count = len(plan.tasks)
    return [
        ("import mspdi", lambda: read_plan(xml, "x.xml"), "lxml parse", lambda: etree.fromstring(xml)),
        ("export mspdi", lambda: write_plan(plan, schedule, "mspdi"), "", None),
        ("export xlsx", lambda: write_plan(plan, schedule, "xlsx"), "xlsxwriter cells", lambda: bare_cells(count)),
        ("export pdf", lambda: write_plan(plan, schedule, "pdf"), "", None),
        ("export json", lambda: write_plan(plan, schedule, "json"), "", None),
    ]


def main() -> None:
    print(f"{'what':<28}{'tasks':>7}{'ms':>10}   beside")
    for count, repeats in ((500, 5), (10_000, 3)):
        for name, work, peer_name, peer in rows(building(count)):
            ours = median_ms(work, 1 if name == "export pdf" and count > 1000 else repeats)
            beside = ""
            if peer is not None:
                theirs = median_ms(peer, repeats)
                beside = f"{peer_name} {theirs:.1f} ms: {ours / theirs:.1f}x"
            print(f"{name:<28}{count:>7}{ours:>10.1f}   {beside}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
