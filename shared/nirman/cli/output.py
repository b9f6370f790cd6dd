"""What the commands print alike: JSON or lines, instants, days, findings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from nirman.cli.table import plain
from nirman.planning.findings import Finding


def show(document: Callable[[], object], lines: Callable[[], Iterable[str]], *, as_json: bool) -> None:
    """What a command found: `document` as JSON for programs, or `lines` for people; only what is shown is made.

    All of it is made before any is printed, so that of a plan that turns out to be wrong nothing is.
    """
    if as_json:
        encoded = msgspec.json.encode(document())
        sys.stdout.write(f"{msgspec.json.format(encoded, indent=1).decode()}\n")
    else:
        sys.stdout.writelines([f"{plain(line)}\n" for line in lines()])


def finding(found: Finding) -> dict[str, Any]:
    return {
        "severity": found.severity.value,
        "rule": found.rule,
        "text": found.text,
        "place": found.place,
        "uid": found.uid,
    }


def line(found: Finding) -> str:
    return f"{found.severity.value}: {found.place + ': ' if found.place else ''}{found.text}"


def when(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M")


def in_days(minutes: float, minutes_per_day: int) -> str:
    return f"{minutes / minutes_per_day:.2f}".rstrip("0").rstrip(".")
