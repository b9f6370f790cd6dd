"""What the commands print alike: JSON, instants, days, findings."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import msgspec

from nirman.planning.findings import Finding


def print_json(document: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
    sys.stdout.write("\n")


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
