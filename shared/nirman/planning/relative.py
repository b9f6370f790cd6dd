"""Changes said relative to what is there: members of sets, amounts of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nirman.errors import InvalidInputError
from nirman.planning import records
from nirman.planning.commands import ASSIGNEES, Amount, Update
from nirman.planning.model import Kind, Record

SETS: Mapping[Kind, frozenset[str]] = {
    Kind.TASK: frozenset({"labels"}),
    Kind.RESOURCE: frozenset({"labels", "skills"}),
    Kind.RISK: frozenset({"task_uids"}),
}
"""Fields that are sets, by kind of record."""
COUNTERS: Mapping[Kind, frozenset[str]] = {
    Kind.TASK: frozenset(
        {
            *("duration_minutes", "work_minutes", "remaining_minutes", "percent_complete", "physical_percent"),
            *("leveling_delay_minutes", "fixed_cost", "actual_cost"),
        }
    ),
    Kind.LINK: frozenset({"lag_minutes"}),
    Kind.RESOURCE: frozenset({"max_units", "standard_rate", "overtime_rate", "cost_per_use"}),
    Kind.ASSIGNMENT: frozenset(
        {
            *("units", "work_minutes", "delay_minutes", "actual_work_minutes", "remaining_work_minutes"),
            *("cost", "actual_cost"),
        }
    ),
}
"""Amounts that people add to, by kind of record: minutes, percents, units, money."""
_MOST = 10**15


def check_update(operation: Update, place: str) -> None:
    """InvalidInputError where it names a field that is no set or no amount, or says two things of one."""
    sets, counters = SETS.get(operation.kind, frozenset()), COUNTERS.get(operation.kind, frozenset())
    if operation.kind is Kind.TASK:
        sets |= {ASSIGNEES}
    for part, allowed in (("add", sets), ("remove", sets), ("increase", counters)):
        for name in getattr(operation, part):
            if name not in allowed:
                known = f"of a {operation.kind}: {', '.join(sorted(allowed))}" if allowed else "of this kind: none"
                what = "amount" if part == "increase" else "set"
                raise InvalidInputError(f"is no {what} ({known})", place=f"{place}.{part}.{name}")
            if name in operation.values:
                raise InvalidInputError("say either what it is or how it changes", place=f"{place}.{part}.{name}")
    for name in operation.add.keys() & operation.remove.keys():
        if set(operation.add[name]) & set(operation.remove[name]):
            raise InvalidInputError("is added and removed at once", place=f"{place}.remove.{name}")


def changed(record: Record, operation: Update, place: str) -> Record:
    """The record with members of its set fields added and removed, and its numbers increased.

    The bounds of the fields hold for what comes of it; InvalidInputError.
    """
    for part in ("remove", "add"):
        named = {name: members for name, members in getattr(operation, part).items() if name != ASSIGNEES}
        values = {name: _members(getattr(record, name), members, part) for name, members in named.items()}
        record = records.change(operation.kind, record, values, place=f"{place}.{part}")
    sums = {name: _sum(record, name, amount, place) for name, amount in operation.increase.items()}
    return records.change(operation.kind, record, sums, place=f"{place}.increase")


def _members(there: tuple[Any, ...], members: tuple[Any, ...], part: str) -> tuple[Any, ...]:
    if part == "remove":
        return tuple(member for member in there if member not in members)
    return (*there, *(member for member in members if member not in there))


def _sum(record: Record, name: str, amount: Amount, place: str) -> Any:
    """As a plain value, reckoned in decimals: 0.1 and 0.2 are 0.3."""
    there = getattr(record, name)
    if there is None:
        raise InvalidInputError("is not set; say a value first", place=f"{place}.increase.{name}")
    more = Decimal(str(amount))
    if not more.is_finite() or more.copy_abs() > _MOST:
        raise InvalidInputError(f"must be a number of at most {_MOST}", place=f"{place}.increase.{name}")
    total = Decimal(str(there)) + more
    if isinstance(there, Decimal):
        return str(total)
    return int(total) if isinstance(there, int) and total == total.to_integral_value() else float(total)
