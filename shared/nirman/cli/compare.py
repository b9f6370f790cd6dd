"""`nirman compare`: which tasks moved between two files of a project, and why."""

from __future__ import annotations

import sys

from nirman.cli.files import load
from nirman.cli.output import print_json
from nirman.cli.table import plain
from nirman.planning.explain import explain
from nirman.planning.explain_text import lines


def run(before: str, after: str, *, as_json: bool, limit: int) -> int:
    """Tasks are matched by their unique ids."""
    (first, first_dates, _), (second, second_dates, _) = load(before), load(after)
    found = explain((first, first_dates), (second, second_dates), max_tasks=limit)
    if as_json:
        print_json(found)
    else:
        sys.stdout.writelines(f"{plain(line)}\n" for line in lines(found))
    return 0
