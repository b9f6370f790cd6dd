"""`nirman convert`: a plan in another format, with its computed dates."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from nirman.cli.files import load, save
from nirman.errors import InvalidInputError
from nirman.interchange import FORMATS, write_plan
from nirman.planning.findings import Severity
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule


def run(arguments: Namespace) -> int:
    """What the target cannot hold, or the reader left out, is said on stderr."""
    format_name = format_of(arguments.target, arguments.to)
    plan, schedule, result = load(arguments.source)
    write(arguments.target, plan, schedule, format_name)
    for finding in result.findings:
        if finding.severity is Severity.WARNING:
            place = f"{finding.place}: " if finding.place else ""
            print(f"warning: {arguments.source}: {place}{finding.text}", file=sys.stderr)
    return 0


def write(target: str, plan: Plan, schedule: Schedule, format_name: str) -> None:
    """`InvalidInputError` names the file when its format cannot hold the plan."""
    try:
        data = write_plan(plan, schedule, format_name)
    except InvalidInputError as error:
        raise InvalidInputError(error.rule, place=f"{target}: {error.place}" if error.place else target) from error
    save(target, data)


def format_of(target: str, to: str | None) -> str:
    """What `to` names, else what the extension says; `InvalidInputError` where that is not one that is written."""
    writable = {name: form for name, form in FORMATS.items() if form.writer is not None}
    known = ", ".join(f"{name} (.{form.extension})" for name, form in writable.items())
    if to is not None:
        if to not in writable:
            raise InvalidInputError(f"--to {to} is none of {known}", place=target)
        return to
    extension = Path(target).suffix.lstrip(".").lower()
    found = next((name for name, form in writable.items() if form.extension == extension), None)
    if found is None:
        raise InvalidInputError(f"its extension must be that of {known}; or give --to", place=target)
    return found
