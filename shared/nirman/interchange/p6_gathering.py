"""The records of a Primavera P6 file as they come: each is what the plan keeps of it, not yet tied together."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from decimal import Decimal

from nirman.errors import UnreadableFileError
from nirman.interchange.p6_activity import Activity, read_activity
from nirman.interchange.p6_calendars import CalendarRecord, read_calendar
from nirman.interchange.p6_limits import MAX_EXCEPTIONS
from nirman.interchange.p6_notes import plain_text
from nirman.interchange.p6_outline import Node, read_node
from nirman.interchange.p6_project import ProjectRecord, read_project
from nirman.interchange.p6_report import Report
from nirman.interchange.p6_resources import (
    AssignmentRecord,
    Rate,
    ResourceRecord,
    read_assignment,
    read_rate,
    read_resource,
)
from nirman.interchange.p6_row import Row
from nirman.interchange.p6_vocabulary import ACCRUALS, LINK_KINDS
from nirman.planning.findings import Severity
from nirman.planning.model import Accrual, DayShifts, LinkKind

_MAX_NOTES = 32_000


class Relation:
    """A link whose ends may not be there."""

    __slots__ = ("kind", "lag_minutes", "line", "predecessor", "successor", "uid")

    def __init__(self, row: Row, predecessor: int, successor: int) -> None:
        self.uid = row.uid
        self.line = row.line
        self.predecessor = predecessor
        self.successor = successor
        self.kind = row.choice("kind", LINK_KINDS, LinkKind.FS)
        self.lag_minutes = row.minutes("lag", signed=True) or 0


class Costs:
    """What expenses of one activity cost; `accrual` of the first."""

    __slots__ = ("accrual", "actual", "planned", "total")

    def __init__(self) -> None:
        self.actual = self.planned = self.total = Decimal(0)
        self.accrual: Accrual | None = None


class Gathering:
    """Records by uid, in the order of the file."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.projects: dict[int, ProjectRecord] = {}
        self.options: dict[int | None, Row] = {}
        self.calendars: dict[int, CalendarRecord] = {}
        self.nodes: dict[int, Node] = {}
        self.activities: dict[int, Activity] = {}
        self.relations: list[Relation] = []
        self.resources: dict[int, ResourceRecord] = {}
        self.rates: dict[int, list[Rate]] = {}
        self.measures: dict[int, str] = {}
        self.assignments: dict[int, AssignmentRecord] = {}
        self.expenses: dict[int, Costs] = {}
        self.activity_notes: dict[int, str] = {}
        self.node_notes: dict[int | None, str] = {}
        self._exceptions = 0

    def project(self, row: Row) -> None:
        found = read_project(row)
        if self._is_new(row, found.uid, self.projects):
            self.projects[found.uid] = found

    def option(self, row: Row) -> None:
        self.options.setdefault(row.reference("project"), row)

    def calendar(self, row: Row, week: list[DayShifts] | None, days: dict[date, DayShifts]) -> None:
        found = read_calendar(row, week, days)
        if found is None:
            return
        self._exceptions += len(found.calendar.exceptions)
        if self._exceptions > MAX_EXCEPTIONS:
            raise UnreadableFileError(
                f"a file must not have more than {MAX_EXCEPTIONS} exceptions of calendars", place=row.place
            )
        known = self.calendars.get(found.calendar.uid)
        if known is None:
            self.calendars[found.calendar.uid] = found
        elif known.calendar != found.calendar:
            row.finding(
                Severity.WARNING, "duplicate-uid", f"a calendar on line {known.row.line} has this uid: that one counts"
            )

    def node(self, row: Row) -> None:
        uid = self._uid(row, self.nodes)
        if uid is not None:
            self.nodes[uid] = read_node(row, uid)

    def activity(self, row: Row) -> None:
        uid = self._uid(row, self.activities)
        if uid is not None:
            self.activities[uid] = read_activity(row, uid)

    def relation(self, row: Row) -> None:
        predecessor, successor = row.reference("predecessor"), row.reference("successor")
        if predecessor is None or successor is None:
            row.count(Severity.WARNING, "link-to-nowhere", "a link that does not name two activities is left out")
        elif predecessor == successor:
            row.finding(Severity.ERROR, "link-to-itself", "an activity must not be linked to itself", uid=successor)
        else:
            self.relations.append(Relation(row, predecessor, successor))

    def resource(self, row: Row) -> None:
        uid = self._uid(row, self.resources)
        if uid is not None:
            self.resources[uid] = read_resource(row, uid)

    def rate(self, row: Row) -> None:
        found = read_rate(row)
        if found is not None:
            self.rates.setdefault(found.resource, []).append(found)

    def measure(self, row: Row) -> None:
        if row.uid is not None:
            self.measures[row.uid] = row.text("code")

    def assignment(self, row: Row) -> None:
        activity, resource = row.reference("activity"), row.reference("resource")
        if activity is None:
            row.count(Severity.WARNING, "assignment-to-nowhere", "an assignment to no activity is left out")
            return
        if resource is None:
            row.count(
                Severity.WARNING,
                "role-assignment",
                "an assignment of a role that no resource fills is left out: its units and costs are not planned",
            )
            return
        if row.has("role"):
            self.report.drop(row.source.kind, row.own_name("role"))
        uid = self._uid(row, self.assignments)
        if uid is not None:
            self.assignments[uid] = read_assignment(row, uid, activity, resource)

    def expense(self, row: Row) -> None:
        activity = row.reference("activity")
        if activity is None:
            return
        costs = self.expenses.setdefault(activity, Costs())
        actual, remaining = row.money("actual") or Decimal(0), row.money("remaining")
        planned = row.money("planned") or Decimal(0)
        costs.actual += actual
        costs.planned += planned
        costs.total += planned if remaining is None and not row.has("actual") else actual + (remaining or Decimal(0))
        accrual = row.choice("accrual", ACCRUALS, Accrual.PRORATED)
        if costs.accrual not in (None, accrual):
            row.count(
                Severity.WARNING, "accrual", "an activity's expenses accrue in several ways: the first counts for all"
            )
        costs.accrual = costs.accrual or accrual

    def activity_note(self, row: Row) -> None:
        owner = row.reference("owner")
        if owner is not None:
            self.activity_notes[owner] = _joined(self.activity_notes.get(owner, ""), row)

    def node_note(self, row: Row) -> None:
        owner = row.reference("owner")
        self.node_notes[owner] = _joined(self.node_notes.get(owner, ""), row)

    def _uid(self, row: Row, taken: Container[int]) -> int | None:
        if row.uid is None:
            if not row.has("uid"):
                row.finding(Severity.ERROR, "no-uid", f"it must have a {row.own_name('uid')}")
            return None
        return row.uid if self._is_new(row, row.uid, taken) else None

    def _is_new(self, row: Row, uid: int, taken: Container[int]) -> bool:
        if uid in taken:
            row.finding(Severity.ERROR, "duplicate-uid", f"{row.own_name('uid')} {uid} is already that of another")
            return False
        return True


def _joined(before: str, row: Row) -> str:
    text = plain_text(row.text("text", 10 * _MAX_NOTES))
    both = f"{before}\n\n{text}" if before and text else before or text
    if len(both) > _MAX_NOTES:
        row.count(Severity.WARNING, "cut", f"notes of more than {_MAX_NOTES} characters are cut")
    return both[:_MAX_NOTES]
