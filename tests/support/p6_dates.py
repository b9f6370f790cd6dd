"""The dates and float that Primavera P6 itself stored in its files, read without the product's readers."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # of files we trust
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Stored:
    """Of one activity; None where the file has none (P6 stores no float of completed activities, PMXML none at all)."""

    uid: int
    start: datetime | None
    finish: datetime | None
    total_float_minutes: int | None


def stored_dates(path: Path) -> dict[int, Stored]:
    """By activity: actual dates, else the early ones, else (a project never scheduled) those of the remaining work."""
    data = path.read_bytes()
    rows = _xer(data) if data.startswith(b"ERMHDR") else _pmxml(data)
    return {row.uid: row for row in rows}


def _xer(data: bytes) -> Iterator[Stored]:
    table, columns = "", []
    for line in data.decode("cp1252", errors="replace").split("\n"):
        mark, *cells = line.rstrip("\r").split("\t")
        if mark == "%T":
            table = cells[0]
        elif mark == "%F":
            columns = cells
        elif mark == "%R" and table == "TASK":
            row = dict(zip(columns, cells, strict=False))
            hours = row.get("total_float_hr_cnt", "")
            yield Stored(
                int(row["task_id"]),
                _first(row, "act_start_date", "early_start_date", "restart_date"),
                _first(row, "act_end_date", "early_end_date", "reend_date"),
                round(float(hours) * 60) if hours else None,
            )


def _pmxml(data: bytes) -> Iterator[Stored]:
    root = ET.fromstring(data)
    for project in root.iterfind("{*}Project"):
        for element in project.iterfind("{*}Activity"):
            row = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
            hours = row.get("TotalFloat", "")
            yield Stored(
                int(row["ObjectId"]),
                _first(row, "ActualStartDate", "StartDate", "RemainingEarlyStartDate"),
                _first(row, "ActualFinishDate", "FinishDate", "RemainingEarlyFinishDate"),
                round(float(hours) * 60) if hours else None,
            )


def _first(row: dict[str, str], *names: str) -> datetime | None:
    text = next((row[name] for name in names if row.get(name)), None)
    return None if text is None else datetime.fromisoformat(text)
