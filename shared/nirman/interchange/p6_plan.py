"""The gathered records of a Primavera P6 file tied together to a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from nirman.interchange.p6_activity import Activity
from nirman.interchange.p6_baselines import SavedBaseline, make_baselines
from nirman.interchange.p6_calendars import CalendarRecord, standard_calendar
from nirman.interchange.p6_gathering import Gathering, Relation
from nirman.interchange.p6_outline import Node, Tree, make_tree
from nirman.interchange.p6_project import Options, ProjectRecord, make_project, read_options
from nirman.interchange.result import ImportResult
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Assignment,
    Calendar,
    Link,
    LinkKind,
    Plan,
    Project,
    Resource,
    ResourceKind,
    Task,
)

Ends = tuple[int, int, LinkKind]
_MAX_BASES = 8
"""Calendars based on one another; P6 has two levels."""


def make_plan(gathered: Gathering, *, currency: str, saved: Sequence[SavedBaseline] = ()) -> ImportResult:
    """`saved`: the baselines of the file. No plan when any finding is an error."""
    if not gathered.projects:
        gathered.report.add(Severity.ERROR, "no-project", "the file must have a project")
    if gathered.report.failed:
        return ImportResult(None, gathered.report.all_findings())
    plan = _Plan(gathered).result(currency, saved)
    return ImportResult(None if gathered.report.failed else plan, gathered.report.all_findings())


class _Plan:
    def __init__(self, gathered: Gathering) -> None:
        self.file = gathered
        self.report = gathered.report
        self.first = next(iter(gathered.projects.values()))
        self.roots = self._find_roots()
        self.options = {uid: self._options(project) for uid, project in gathered.projects.items()}

    def result(self, currency: str, saved: Sequence[SavedBaseline]) -> Plan | None:
        """None, with the finding, when the work breakdown structure cannot be."""
        self._compare_projects()
        calendar = self._project_calendar()
        tree = self._tree()
        if self.report.failed:
            return None
        tasks = self._tasks(tree)
        assignments = self._assignments()
        return Plan(
            project=self._project(calendar, currency),
            calendars=self._calendars(calendar),
            tasks=tasks,
            links=self._links(),
            resources=self._resources(),
            assignments=assignments,
            baselines=make_baselines(self.file, saved, tasks, assignments),
        )

    def _options(self, project: ProjectRecord) -> Options:
        return read_options(project.row, self.file.options.get(project.uid) or self.file.options.get(None))

    def _compare_projects(self) -> None:
        """One plan has one data date and one set of options: the first project's."""
        others = [project for uid, project in self.file.projects.items() if uid != self.first.uid]
        for project in others:
            if project.data_date != self.first.data_date:
                project.row.count(
                    Severity.WARNING, "data-dates-differ", "a project has another data date: that of the first is taken"
                )
            if self.options[project.uid] != self.options[self.first.uid]:
                project.row.count(
                    Severity.WARNING, "options-differ", "a project is scheduled by other options: the first's are taken"
                )
            if project.must_finish != self.first.must_finish:
                project.row.count(
                    Severity.WARNING,
                    "options-differ",
                    "a project must finish by another date: that of the first is taken",
                )
        if others and self.options[self.first.uid].own_finish:
            self.first.row.count(
                Severity.WARNING,
                "float-of-all",
                "float is counted from the finish of all projects, not of each its own",
            )

    def _project(self, calendar: CalendarRecord, currency: str) -> Project:
        starts = [p.start for p in self.file.projects.values() if p.start is not None]
        start = min(starts, default=None) or self.first.data_date or self._earliest()
        if start is None:
            self.first.row.finding(
                Severity.ERROR, "no-start", f"the project must have a {self.first.row.own_name('start')}"
            )
            start = datetime.min  # noqa: DTZ901  # not used: the finding is an error
        names = [self._name(project) for project in self.file.projects.values()]
        return make_project(
            self.first,
            self.options[self.first.uid],
            name=", ".join(names)[:512],
            start=start,
            calendar=calendar,
            currency=currency,
        )

    def _earliest(self) -> datetime | None:
        return min((a.planned.start for a in self.file.activities.values() if a.planned is not None), default=None)

    def _name(self, project: ProjectRecord) -> str:
        return project.name or self.roots[project.uid].name or project.code

    def _find_roots(self) -> dict[int, Node]:
        """Of each project the WBS node that it is: named by the project, or marked; else one made up for it."""
        marked = {node.project: node for node in reversed(self.file.nodes.values()) if node.is_root}
        found: dict[int, Node] = {}
        for number, (uid, project) in enumerate(self.file.projects.items(), 1):
            named = None if project.root is None else self.file.nodes.get(project.root)
            found[uid] = (
                named
                or marked.get(uid)
                or Node(
                    uid=-number if project.root is None else project.root,
                    project=uid,
                    parent=None,
                    order=0,
                    is_root=True,
                    code=project.code,
                    name=project.name,
                    line=project.row.line,
                )
            )
        return found

    def _tree(self) -> Tree:
        activities = self.file.activities
        return make_tree(
            self.file.nodes,
            {uid: self.roots[uid] for uid in self._busy_projects()},
            {activity.wbs for activity in activities.values() if activity.wbs is not None},
            taken=set(activities),
            report=self.report,
        )

    def _busy_projects(self) -> list[int]:
        """A project without activities would be a summary of nothing."""
        busy = {self.first.uid if a.project is None else a.project for a in self.file.activities.values()}
        for uid, project in self.file.projects.items():
            if uid not in busy:
                project.row.count(Severity.INFO, "empty-project", "a project has no activities")
        return [uid for uid in self.file.projects if uid in busy]

    def _tasks(self, tree: Tree) -> dict[int, Task]:
        tasks = dict(tree.summaries)
        for wbs, notes in self.file.node_notes.items():
            uid = None if wbs is None else tree.task_uids.get(wbs)
            if uid is not None:
                tasks[uid] = replace(tasks[uid], notes=notes)
        ordered = sorted(self.file.activities.values(), key=lambda activity: (activity.task.code, activity.task.uid))
        actual = self._actual_costs()
        for position, activity in enumerate(ordered, 1):
            task = activity.task
            costs = self.file.expenses.get(task.uid)
            notes = self.file.activity_notes.get(task.uid, "")
            tasks[task.uid] = replace(
                task,
                parent_uid=tree.parent_of(activity.project, activity.wbs),
                position=float(position),
                calendar_uid=self._known_calendar(task.calendar_uid, activity),
                external_early_start=task.external_early_start if self._external(activity) else None,
                external_late_finish=task.external_late_finish if self._external(activity) else None,
                notes=f"{task.notes}\n\n{notes}"[:32_000] if task.notes and notes else task.notes or notes,
                actual_cost=actual.get(task.uid),
                **({} if costs is None else {"fixed_cost": costs.total, "fixed_cost_accrual": costs.accrual}),  # type: ignore[arg-type]
            )
        return tasks

    def _external(self, activity: Activity) -> bool:
        options = self.options.get(self.first.uid if activity.project is None else activity.project)
        return options is None or options.external_dates

    def _known_calendar(self, uid: int | None, activity: Activity) -> int | None:
        if uid is not None and uid not in self.file.calendars:
            self.report.count(
                Severity.WARNING,
                "calendar-to-nowhere",
                f"calendar {uid} of an activity is not in the file: the project's is taken",
                place=f"line {activity.line}",
            )
            return None
        return uid

    def _project_calendar(self) -> CalendarRecord:
        calendars = self.file.calendars
        if self.first.calendar is not None and self.first.calendar in calendars:
            return calendars[self.first.calendar]
        found = next((c for c in calendars.values() if c.is_default), None) or next(iter(calendars.values()), None)
        if found is None:
            found = standard_calendar(self.first.row, 1)
            calendars[1] = found
        what = "names no calendar" if self.first.calendar is None else f"has a calendar ({self.first.calendar}) that is"
        self.first.row.finding(
            Severity.WARNING,
            "calendar-to-nowhere",
            f'it {what}{"" if self.first.calendar is None else " not in the file"}: "{found.calendar.name}" is taken',
        )
        return found

    def _calendars(self, project: CalendarRecord) -> dict[int, Calendar]:
        known = {uid: record.calendar for uid, record in self.file.calendars.items()}
        for uid, record in self.file.calendars.items():
            base = known[uid].base_uid
            if base is None:
                continue
            endless = base in known and _has_endless_base(known, base)
            if base in known and not endless:
                continue
            record.row.finding(
                Severity.WARNING,
                "calendar-to-nowhere",
                f"its base calendar {base} "
                + ("has no first one that all rests on" if endless else "is not in the file")
                + ": its own days are all it has",
            )
            known[uid] = replace(known[uid], base_uid=None)
            if not any(known[uid].week) and not any(e.shifts for e in known[uid].exceptions):
                known[uid] = replace(known[uid], week=project.calendar.week)
        return known

    def _links(self) -> dict[int, Link]:
        links: dict[Ends, Relation] = {}
        for relation in self.file.relations:
            if relation.predecessor not in self.file.activities or relation.successor not in self.file.activities:
                self.report.count(
                    Severity.WARNING,
                    "link-to-other-project",
                    "a link to an activity that is not in the file is left out; "
                    "what it asked for stays in the activity's external dates",
                    place=f"line {relation.line}",
                )
                continue
            ends = relation.predecessor, relation.successor, relation.kind
            known = links.get(ends)
            if known is not None:
                self.report.count(
                    Severity.WARNING,
                    "double-link",
                    "two links of one kind between the same activities: the larger lag counts",
                    place=f"line {relation.line}",
                )
            if known is None or relation.lag_minutes > known.lag_minutes:
                links[ends] = relation
        return _with_uids(links)

    def _resources(self) -> dict[int, Resource]:
        found: dict[int, Resource] = {}
        for uid, record in self.file.resources.items():
            rates = sorted(self.file.rates.get(uid, ()), key=lambda rate: rate.since)
            if len(rates) > 1:
                self.report.count(
                    Severity.WARNING,
                    "rates-over-time",
                    "a resource's rates and limits change over time: those at the data date are taken for all",
                    place=f"resource {uid}",
                )
            at = self.first.data_date or self.first.start
            past = [rate for rate in rates if at is None or rate.since <= at]
            rate = past[-1] if past else next(iter(rates), None)
            calendar = record.resource.calendar_uid
            if calendar is not None and calendar not in self.file.calendars:
                self.report.count(
                    Severity.WARNING,
                    "calendar-to-nowhere",
                    f"calendar {calendar} of a resource is not in the file: the project's is taken",
                    place=f"resource {uid}",
                )
                calendar = None
            above = self.file.resources.get(record.parent) if record.parent is not None else None
            price = Decimal(0) if rate is None else rate.price
            is_material = record.resource.kind is ResourceKind.MATERIAL
            found[uid] = replace(
                record.resource,
                calendar_uid=calendar,
                max_units=record.units if rate is None else rate.units,
                standard_rate=price,
                overtime_rate=price * record.overtime_factor,
                group="" if above is None else above.resource.name,
                material_label=self.file.measures.get(record.measure or 0, "") if is_material else "",
            )
        return found

    def _assignments(self) -> dict[int, Assignment]:
        found: dict[int, Assignment] = {}
        for uid, record in self.file.assignments.items():
            assignment = record.assignment
            if assignment.task_uid in self.file.activities and assignment.resource_uid in self.file.resources:
                found[uid] = assignment
                continue
            what = "an activity" if assignment.task_uid not in self.file.activities else "a resource"
            self.report.count(
                Severity.WARNING,
                "assignment-to-nowhere",
                f"an assignment to {what} that is not in the file is left out",
                place=f"line {record.line}",
            )
        return found

    def _actual_costs(self) -> dict[int, Decimal]:
        """Of assignments and expenses; an activity that has neither is not in it."""
        costs = {uid: expense.actual for uid, expense in self.file.expenses.items()}
        for record in self.file.assignments.values():
            task, actual = record.assignment.task_uid, record.assignment.actual_cost
            if actual is not None:
                costs[task] = costs.get(task, Decimal(0)) + actual
        return costs


def _has_endless_base(calendars: Mapping[int, Calendar], uid: int) -> bool:
    """Calendars based on one another in a circle, or on more than P6 knows levels."""
    at: int | None = uid
    for _ in range(_MAX_BASES):
        if at is None or at not in calendars:
            return False
        at = calendars[at].base_uid
    return True


def _with_uids(links: Mapping[Ends, Relation]) -> dict[int, Link]:
    """The file's own uid where it is the only one of it, else one above all."""
    following = max((relation.uid or 0 for relation in links.values()), default=0) + 1
    found: dict[int, Link] = {}
    for (predecessor, successor, kind), relation in links.items():
        uid = relation.uid
        if uid is None or uid in found:
            uid, following = following, following + 1
        found[uid] = Link(
            uid=uid,
            predecessor_uid=predecessor,
            successor_uid=successor,
            kind=kind,
            lag_minutes=relation.lag_minutes,
        )
    return found
