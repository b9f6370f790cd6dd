"""Faster ways of tasks from a table, for plans of formats that have no place for them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.planning.estimates import Crash, CrashPoint
from nirman.planning.fields import MAX_MONEY
from nirman.planning.model import Plan

_COLUMNS = ("uid", "duration", "cost")
_LINEAR = "linear"
_YES_NO = {"": True, "yes": True, "no": False}
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[mhd]?)", re.ASCII)
_MOST_MINUTES = 52_560_000
_MOST_BYTES = 2**24
_Row = tuple[str, int, int, Decimal, bool]


def with_crash_file(plan: Plan, path: str) -> Plan:
    """The plan with the faster ways that the table gives: its columns are `uid`, `duration` (so many minutes, or with
    a unit: 90m, 20h, 3d) and `cost`, which the duration costs more than the task's own; `linear` may be `no` where only
    these durations are to be had. Of a task there may be several lines. `UnreadableFileError` names line and rule.
    """
    file = Path(path)
    if file.stat().st_size > _MOST_BYTES:
        raise UnreadableFileError(f"a table must not be larger than {_MOST_BYTES // 2**20} MB", place=path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("a table must be UTF-8", place=path) from error
    of_task: dict[int, list[_Row]] = {}
    for uid, row in _rows(plan, text, path):
        of_task.setdefault(uid, []).append(row)
    tasks = {uid: replace(plan.tasks[uid], crash=_crash(rows)) for uid, rows in of_task.items()}
    return replace(plan, tasks={**plan.tasks, **tasks})


def _rows(plan: Plan, text: str, path: str) -> Iterator[tuple[int, _Row]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        head = [name.strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in _COLUMNS if name not in head]
        if missing:
            rule = f"the first line must name the columns {', '.join(_COLUMNS)}; there is no {missing[0]}"
            raise UnreadableFileError(rule, place=f"{path}: line 1")
        reader.fieldnames = head
        for fields in reader:
            place = f"{path}: line {reader.line_num}"
            yield _row(plan, {name: (fields.get(name) or "").strip() for name in (*_COLUMNS, _LINEAR)}, place)
    except csv.Error as error:
        raise UnreadableFileError(f"not a table: {error}", place=f"{path}: line {reader.line_num + 1}") from error


def _row(plan: Plan, fields: dict[str, str], place: str) -> tuple[int, _Row]:
    if not (fields["uid"].isascii() and fields["uid"].isdigit()) or int(fields["uid"]) not in plan.tasks:
        raise UnreadableFileError(f"uid must be that of a task; there is no task {fields['uid']!r}", place=place)
    if fields[_LINEAR].lower() not in _YES_NO:
        raise UnreadableFileError("linear must be yes or no", place=place)
    uid = int(fields["uid"])
    minutes = _minutes(fields["duration"], plan.project.minutes_per_day, place)
    own = plan.tasks[uid].duration_minutes
    if minutes >= own:
        rule = f"a faster way must be shorter than the task: {minutes} minutes are not less than its {own}"
        raise UnreadableFileError(rule, place=place)
    return uid, (place, uid, minutes, _cost(fields["cost"], place), _YES_NO[fields[_LINEAR].lower()])


def _minutes(text: str, minutes_per_day: int, place: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UnreadableFileError(f"duration must be like 960, 960m, 16h or 2d, not {text!r}", place=place)
    minutes = Decimal(match["number"]) * {"": 1, "m": 1, "h": 60, "d": minutes_per_day}[match["unit"]]
    if minutes % 1 or minutes > _MOST_MINUTES:
        raise UnreadableFileError("duration must be whole minutes, at most a hundred years", place=place)
    return int(minutes)


def _cost(text: str, place: str) -> Decimal:
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal("NaN")
    if not (cost.is_finite() and cost >= 0 and text.isascii()):
        raise UnreadableFileError(f"cost must be a number, not negative, not {text!r}", place=place)
    if cost > MAX_MONEY:
        raise UnreadableFileError(f"cost must be at most 10^{MAX_MONEY.adjusted()}, not {text!r}", place=place)
    return cost


def _crash(rows: list[_Row]) -> Crash:
    """In the order that a crash has; what contradicts it is placed at the line that does."""
    points: list[CrashPoint] = []
    for place, uid, minutes, cost, linear in sorted(rows, key=lambda row: -row[2]):
        if linear is not rows[0][4]:
            raise UnreadableFileError(f"the lines of task {uid} must agree on linear", place=place)
        if points and (points[-1].duration_minutes == minutes or points[-1].cost > cost):
            rule = f"of task {uid} a shorter duration must cost no less, and each be there once"
            raise UnreadableFileError(rule, place=place)
        points.append(CrashPoint(duration_minutes=minutes, cost=cost))
    if len(points) > 20:
        raise UnreadableFileError(
            f"a task has at most 20 faster ways, task {rows[0][1]} has {len(points)}", place=place
        )
    try:
        return Crash(points=tuple(points), linear=rows[0][4])
    except ValueError as error:
        raise InvalidInputError(str(error), place=place) from error
