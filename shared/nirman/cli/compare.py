"""`nirman compare`: which tasks moved between two files of a project, and why."""

from __future__ import annotations

from argparse import Namespace

from nirman.cli.files import load, told_of
from nirman.cli.output import show
from nirman.planning.explain import explain
from nirman.planning.explain_text import lines


def run(arguments: Namespace) -> int:
    """Tasks are matched by their unique ids. Errors as of `files.load`."""
    (before, before_dates, _), (after, after_dates, _) = load(arguments.before), load(arguments.after)
    with told_of(arguments.after):
        found = explain((before, before_dates), (after, after_dates), max_tasks=arguments.limit)
    show(lambda: found, lambda: lines(found), as_json=arguments.json)
    return 0
