"""Resources of a Primavera P6 file with their rates, assignments to activities of the file, and what these cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from nirman.interchange.p6_gathering import Gathering
from nirman.planning.findings import Severity
from nirman.planning.model import Assignment, Resource, ResourceKind


def tied_resources(gathered: Gathering, at: datetime | None) -> dict[int, Resource]:
    """With the rates of `at`."""
    found: dict[int, Resource] = {}
    for uid, record in gathered.resources.items():
        rates = sorted(gathered.rates.get(uid, ()), key=lambda rate: rate.since)
        if len(rates) > 1:
            gathered.report.count(
                Severity.WARNING,
                "rates-over-time",
                "a resource's rates and limits change over time: those at the data date are taken for all",
                place=f"resource {uid}",
            )
        past = [rate for rate in rates if at is None or rate.since <= at]
        rate = past[-1] if past else next(iter(rates), None)
        calendar = record.resource.calendar_uid
        if calendar is not None and calendar not in gathered.calendars:
            gathered.report.count(
                Severity.WARNING,
                "calendar-to-nowhere",
                f"calendar {calendar} of a resource is not in the file: the project's is taken",
                place=f"resource {uid}",
            )
            calendar = None
        above = gathered.resources.get(record.parent) if record.parent is not None else None
        price = Decimal(0) if rate is None else rate.price
        is_material = record.resource.kind is ResourceKind.MATERIAL
        found[uid] = replace(
            record.resource,
            calendar_uid=calendar,
            max_units=record.units if rate is None else rate.units,
            standard_rate=price,
            overtime_rate=gathered.report.money(
                price * record.overtime_factor, "an overtime rate", place=f"resource {uid}"
            ),
            group="" if above is None else above.resource.name,
            material_label=gathered.measures.get(record.measure or 0, "") if is_material else "",
        )
    return found


def tied_assignments(gathered: Gathering) -> dict[int, Assignment]:
    """By uid. Those to an activity or a resource that is not in the file are left out, which is told."""
    found: dict[int, Assignment] = {}
    for uid, record in gathered.assignments.items():
        assignment = record.assignment
        if assignment.task_uid in gathered.activities and assignment.resource_uid in gathered.resources:
            found[uid] = assignment
            continue
        what = "an activity" if assignment.task_uid not in gathered.activities else "a resource"
        gathered.report.count(
            Severity.WARNING,
            "assignment-to-nowhere",
            f"an assignment to {what} that is not in the file is left out",
            place=f"line {record.line}",
        )
    return found


def actual_costs(gathered: Gathering) -> dict[int, Decimal]:
    """Of assignments and expenses; an activity that has neither is not in it."""
    costs = {uid: expense.actual for uid, expense in gathered.expenses.items()}
    for record in gathered.assignments.values():
        task, actual = record.assignment.task_uid, record.assignment.actual_cost
        if actual is not None:
            costs[task] = costs.get(task, Decimal(0)) + actual
    return {
        uid: gathered.report.money(cost, "actual costs of an activity", place=f"activity {uid}")
        for uid, cost in costs.items()
    }
