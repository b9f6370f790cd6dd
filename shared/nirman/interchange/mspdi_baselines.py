"""Baselines 0 to 10 of an MS Project XML file, gathered from its tasks and assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from nirman.interchange.mspdi_derived import DERIVED_BASELINE
from nirman.interchange.mspdi_fields import Fields
from nirman.planning.findings import Severity
from nirman.planning.model import AssignmentBaseline, Baseline, TaskBaseline

_LAST = 10


class Baselines:
    """What was read so far; a number is a baseline when any task has one of it."""

    def __init__(self) -> None:
        self._tasks: dict[int, dict[int, TaskBaseline]] = {}
        self._assignments: dict[int, dict[int, AssignmentBaseline]] = {}

    def task(self, owner: Fields, uid: int) -> None:
        for number, fields in _each(owner):
            start, finish = _dates(owner, fields, number)
            if start is None or finish is None:
                owner.report.dropped[f"{owner.kind}/Baseline without dates"] += 1
            else:
                self._tasks.setdefault(number, {})[uid] = TaskBaseline(
                    uid=uid,
                    start=start,
                    finish=finish,
                    duration_minutes=fields.lasting("Duration") or 0,
                    work_minutes=fields.lasting("Work") or 0,
                    cost=fields.decimal("Cost", Decimal(0)) / 100,
                )
            fields.count_leftovers(DERIVED_BASELINE)

    def assignment(self, owner: Fields, uid: int) -> None:
        for number, fields in _each(owner):
            start, finish = _dates(owner, fields, number)
            self._assignments.setdefault(number, {})[uid] = AssignmentBaseline(
                uid=uid,
                start=start,
                finish=finish,
                work_minutes=fields.lasting("Work") or 0,
                cost=fields.decimal("Cost", Decimal(0)) / 100,
            )
            fields.count_leftovers(DERIVED_BASELINE)

    def result(self, assignments: Collection[int]) -> dict[int, Baseline]:
        """By number; of assignments only those that the plan has."""
        return {
            number: Baseline(
                uid=number,
                tasks=tuple(kept for _, kept in sorted(tasks.items())),
                assignments=tuple(
                    kept for uid, kept in sorted(self._assignments.get(number, {}).items()) if uid in assignments
                ),
            )
            for number, tasks in sorted(self._tasks.items())
        }


def _each(owner: Fields) -> Iterator[tuple[int, Fields]]:
    for element in owner.nested("Baseline"):
        fields = Fields(element, owner.report, "Baseline")
        number = fields.integer("Number", 0, high=_LAST)
        if fields.flag("Interim"):
            owner.report.dropped[f"{owner.kind}/Baseline of an interim plan"] += 1
        else:
            yield number, fields


def _dates(owner: Fields, fields: Fields, number: int) -> tuple[datetime | None, datetime | None]:
    start, finish = fields.instant("Start"), fields.instant("Finish")
    if start is not None and finish is not None and finish < start:
        owner.finding(Severity.WARNING, "bad-baseline", f"baseline {number} finishes before it starts: left out")
        return None, None
    return start, finish
