"""Resources of Primavera P6, their rates and their assignments; quantities are hours of work, or units of material."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nirman.interchange.p6_row import MAX_MINUTES, Row
from nirman.interchange.p6_vocabulary import RESOURCE_KINDS
from nirman.planning.findings import Severity
from nirman.planning.model import Assignment, AssignmentBaseline, Resource, ResourceKind

_MAX_UNITS = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """`units`: what an assignment takes at most where no rate says it."""

    resource: Resource
    parent: int | None
    measure: int | None
    overtime_factor: Decimal
    units: float


@dataclass(frozen=True, slots=True)
class Rate:
    resource: int
    since: datetime
    units: float
    price: Decimal


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    assignment: Assignment
    planned: AssignmentBaseline
    line: int


def read_resource(row: Row, uid: int) -> ResourceRecord:
    overtime = row.flag("overtime", default=False)
    return ResourceRecord(
        resource=Resource(
            uid=uid,
            name=row.text("name"),
            code=row.text("code"),
            kind=row.choice("kind", RESOURCE_KINDS, ResourceKind.WORK),
            calendar_uid=row.reference("calendar"),
            email=row.text("email"),
            notes=row.text("notes", 32_000),
        ),
        parent=row.reference("parent"),
        measure=row.reference("measure"),
        overtime_factor=(row.number("factor") or Decimal(0)) if overtime else Decimal(0),
        units=_units(row, row.number("units") if row.has("units") else Decimal(1)),
    )


def read_rate(row: Row) -> Rate | None:
    """None when it belongs to no resource or begins at no time."""
    resource, since = row.reference("resource"), row.instant("since")
    if resource is None:
        return None
    return Rate(
        resource=resource,
        since=since or datetime.min,  # noqa: DTZ901  # wall time, before all else
        units=_units(row, row.number("units") if row.has("units") else Decimal(1)),
        price=row.money("price") or Decimal(0),
    )


def read_assignment(row: Row, uid: int, activity: int, resource: int) -> AssignmentRecord:
    actual = _sum(row, "actual", "actual_overtime", "actual_total")
    remaining = row.number("remaining")
    if remaining is None:
        remaining = row.number("planned") if actual is None else Decimal(0)
    actual_cost = _sum(row, "cost", "cost_overtime", "cost_total")
    remaining_cost = row.money("remaining_cost")
    cost = None if actual_cost is None and remaining_cost is None else _cost(actual_cost, remaining_cost)
    finished = row.instant("actual_finish")
    started = row.instant("actual_start")
    if row.has("curve"):
        row.count(Severity.WARNING, "contour", "work is spread evenly: resource curves are not kept")
    return AssignmentRecord(
        assignment=Assignment(
            uid=uid,
            task_uid=activity,
            resource_uid=resource,
            units=_assigned_units(row, finished=finished is not None),
            work_minutes=_minutes(row, (actual or Decimal(0)) + (remaining or Decimal(0))),
            actual_work_minutes=_minutes(row, actual or Decimal(0)),
            remaining_work_minutes=_minutes(row, remaining or Decimal(0)),
            delay_minutes=_delay(row, started=started is not None),
            actual_start=started,
            actual_finish=finished,
            cost=_money(row, cost),
            actual_cost=_money(row, actual_cost),
        ),
        planned=read_planned_assignment(row, uid),
        line=row.line,
    )


def read_planned_assignment(row: Row, uid: int) -> AssignmentBaseline:
    start, finish = row.instant("planned_start"), row.instant("planned_finish")
    return AssignmentBaseline(
        uid=uid,
        start=start,
        finish=finish if start is None or finish is None else max(start, finish),
        work_minutes=_minutes(row, row.number("planned") or Decimal(0)),
        cost=row.money("planned_cost") or Decimal(0),
    )


def _sum(row: Row, regular: str, overtime: str, total: str) -> Decimal | None:
    """Regular and overtime; where a file has no regular, the total."""
    if row.has(total) and not row.has(regular):
        return row.number(total)
    if not row.has(regular) and not row.has(overtime):
        return None
    return _cost(row.number(regular), row.number(overtime))


def _cost(*parts: Decimal | None) -> Decimal:
    return sum((part for part in parts if part is not None), Decimal(0))


def _money(row: Row, amount: Decimal | None) -> Decimal | None:
    return None if amount is None else row.report.money(amount, "costs of an assignment", place=row.place)


def _units(row: Row, number: Decimal | None) -> float:
    if number is not None and number < 0:
        row.count(Severity.WARNING, "negative", "units are negative and count as 0")
    elif number is not None and number > _MAX_UNITS:
        row.count(Severity.WARNING, "too-many-units", f"units over {_MAX_UNITS} are taken to be {_MAX_UNITS}")
    return float(min(max(number or Decimal(0), Decimal(0)), _MAX_UNITS))


def _assigned_units(row: Row, *, finished: bool) -> float:
    """Units an hour: of what remains, while something does."""
    left, planned = row.number("remaining_rate"), row.number("planned_rate")
    if finished or not left:
        return _units(row, planned if planned is not None else Decimal(1) if left is None else left)
    return _units(row, left)


def _minutes(row: Row, hours: Decimal) -> int:
    minutes = round(hours * 60)
    if minutes > MAX_MINUTES:
        row.count(
            Severity.WARNING, "too-much-work", f"a quantity over {MAX_MINUTES // 60} is taken to be {MAX_MINUTES // 60}"
        )
    if minutes < 0:
        row.count(Severity.WARNING, "negative", "a quantity is negative and counts as 0")
    return min(max(minutes, 0), MAX_MINUTES)


def _delay(row: Row, *, started: bool) -> int:
    """A lag before the activity's start cannot be."""
    name = "remaining_lag" if started and row.has("remaining_lag") else "planned_lag"
    return row.minutes(name) or 0
