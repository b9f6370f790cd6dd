"""Search as one types over 100 projects of 1,000 tasks, beside a plain rapidfuzz.process.extract over the same names.

    .venv/bin/python bench/search.py [--projects N] [--tasks N]

Both are warm: the names are in memory. Of the plain one `WRatio` is the usual scorer, `partial_ratio` one that finds
beginnings too; both get the names folded as ours are, and folding the text that is looked for counts for all.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.edits import told
from nirman.search.index import Index, best
from nirman.search.text import folded

WORKS = (
    *("Pile boring", "Pile cap casting", "Column rebar", "Column shuttering", "Slab casting", "Brick wall", "Plaster"),
    *("Electrical conduit", "Sanitary rough-in", "Floor tiles", "Window grills", "Paint first coat", "Lift shaft wall"),
    *("পাইল বোরিং", "পাইল ক্যাপ ঢালাই", "কলামের রড বাঁধাই", "ছাদ ঢালাই", "ইটের গাঁথুনি", "প্লাস্টার", "টাইলস বসানো"),
)
TYPED = ("s", "sl", "slab", "slab ca", "slab casting 7", "colum shutering", "plstr", "ঢালা", "ছাদ ঢালাই ৭", "কলমের রড")
"""Begun, whole, with typos; the last of each script with a number."""


def names(projects: int, tasks: int) -> list[list[str]]:
    chosen = random.Random(7)
    return [
        [
            f"{chosen.choice(WORKS)}, floor {chosen.randint(1, 20)}, block {chosen.choice('ABCDEF')}"
            for _ in range(tasks)
        ]
        for _ in range(projects)
    ]


def timed(work: Callable[[], Any], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--projects", type=int, default=100)
    options.add_argument("--tasks", type=int, default=1_000)
    chosen = options.parse_args(argv)
    of_projects = names(chosen.projects, chosen.tasks)
    [made] = timed(lambda: [Index([(name,) for name in those]) for those in of_projects], 1)
    indexes = [Index([(name,) for name in those]) for those in of_projects]
    plain = [folded(name) for those in of_projects for name in those]
    print(f"{len(plain)} names in {len(indexes)} projects; made ready in {1000 * made:.0f} ms; milliseconds a search")
    ours: list[float] = []
    theirs: list[float] = []
    for text in TYPED:
        mine = timed(lambda text=text: best(text, indexes, limit=20), 9)  # type: ignore[misc]
        usual, beginning = (
            timed(lambda text=text, by=by: process.extract(folded(text), plain, scorer=by, limit=20), 3)  # type: ignore[misc]
            for by in (fuzz.WRatio, fuzz.partial_ratio)
        )
        ours += mine
        theirs += usual
        peers = (
            f"WRatio {1000 * statistics.median(usual):6.1f}  partial_ratio {1000 * statistics.median(beginning):6.1f}"
        )
        hit = next((indexes[match.source].names[match.row][0] for match in best(text, indexes, limit=1)), "nothing")
        print(f"{text:<18} {1000 * statistics.median(mine):7.1f}   {peers}   -> {hit}")
    print(f"all of them        {told(ours)}   WRatio {told(theirs)}")


if __name__ == "__main__":
    main()
