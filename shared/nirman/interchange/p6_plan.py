"""The gathered records of a Primavera P6 file tied together to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from nirman.interchange.p6_activity import Activity
from nirman.interchange.p6_assigned import actual_costs, tied_assignments, tied_resources
from nirman.interchange.p6_baselines import SavedBaseline, make_baselines
from nirman.interchange.p6_calendar_bases import project_calendar, tied_calendars
from nirman.interchange.p6_calendars import CalendarRecord
from nirman.interchange.p6_gathering import Costs, Gathering
from nirman.interchange.p6_links import tied_links
from nirman.interchange.p6_outline import Node, Tree, make_tree
from nirman.interchange.p6_project import Options, ProjectRecord, make_project, read_options
from nirman.interchange.result import ImportResult
from nirman.planning.findings import Severity
from nirman.planning.model import (
    Plan,
    Project,
    Task,
)


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
        self.begins = self._find_begins()
        self.busy = self._busy_projects()
        self.apart = len(self.busy) > 1 and self.options[self.first.uid].own_finish
        """Float is counted from the finish of each project."""

    def result(self, currency: str, saved: Sequence[SavedBaseline]) -> Plan | None:
        """None, with the finding, when the work breakdown structure cannot be."""
        self._compare_projects()
        calendar = project_calendar(self.file.calendars, self.first)
        tree = self._tree()
        if self.report.failed:
            return None
        tasks = self._tasks(tree)
        assignments = tied_assignments(self.file)
        return Plan(
            project=self._project(calendar, currency),
            calendars=tied_calendars(self.file.calendars),
            tasks=tasks,
            links=tied_links(self.file),
            resources=tied_resources(self.file, self.first.data_date or self.first.start),
            assignments=assignments,
            baselines=make_baselines(self.file, saved, tasks, assignments),
        )

    def _options(self, project: ProjectRecord) -> Options:
        return read_options(project.row, self.file.options.get(project.uid) or self.file.options.get(None))

    def _compare_projects(self) -> None:
        """One plan has one set of options, the first project's, and one data date: the earliest."""
        others = [project for uid, project in self.file.projects.items() if uid != self.first.uid]
        for project in others:
            if project.data_date != self.first.data_date:
                project.row.count(
                    Severity.WARNING,
                    "data-dates-differ",
                    "a project has another data date: its work begins there, lags count what has run to the earliest",
                )
            if self.options[project.uid] != self.options[self.first.uid]:
                project.row.count(
                    Severity.WARNING, "options-differ", "a project is scheduled by other options: the first's are taken"
                )
            if project.must_finish != self.first.must_finish and not self.options[self.first.uid].own_finish:
                project.row.count(
                    Severity.WARNING,
                    "options-differ",
                    "a project must finish by another date: that of the first is taken",
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
        must_finish = [p.must_finish for p in self.file.projects.values() if self.apart and p.must_finish is not None]
        return make_project(
            replace(
                self.first,
                data_date=self._data_date(),
                must_finish=max(must_finish, default=self.first.must_finish),
            ),
            replace(self.options[self.first.uid], own_finish=self.apart),
            name=", ".join(names)[:512],
            start=start,
            calendar=calendar,
            currency=currency,
        )

    def _data_date(self) -> datetime | None:
        return min((p.data_date for p in self.file.projects.values() if p.data_date is not None), default=None)

    def _find_begins(self) -> dict[int, datetime]:
        """When work of a project may begin, by its uid, where that is later than when the plan's may."""
        starts = [p.start for p in self.file.projects.values() if p.start is not None]
        first = _latest(min(starts, default=None), self._data_date())
        begins = {uid: _latest(p.start, p.data_date) for uid, p in self.file.projects.items()}
        return {uid: at for uid, at in begins.items() if at is not None and first is not None and at > first}

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
            {uid: self.roots[uid] for uid in self.busy},
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
        for project, top in tree.top.items() if self.apart else ():
            if top is not None:
                tasks[top] = replace(tasks[top], deadline=self.file.projects[project].must_finish)
        ordered = sorted(self.file.activities.values(), key=lambda activity: (activity.task.code, activity.task.uid))
        actual = actual_costs(self.file)
        for position, activity in enumerate(ordered, 1):
            task = activity.task
            costs = self.file.expenses.get(task.uid)
            notes = self.file.activity_notes.get(task.uid, "")
            tasks[task.uid] = replace(
                task,
                parent_uid=tree.parent_of(activity.project, activity.wbs),
                position=float(position),
                calendar_uid=self._known_calendar(task.calendar_uid, activity),
                external_early_start=self._early_start(activity),
                external_late_finish=task.external_late_finish if self._external(activity) else None,
                notes=f"{task.notes}\n\n{notes}"[:32_000] if task.notes and notes else task.notes or notes,
                actual_cost=actual.get(task.uid),
                **({} if costs is None else self._fixed_cost(task.uid, costs)),
            )
        return tasks

    def _fixed_cost(self, uid: int, costs: Costs) -> dict[str, Any]:
        cost = self.report.money(costs.total, "expenses of an activity", place=f"activity {uid}")
        return {"fixed_cost": cost, "fixed_cost_accrual": costs.accrual}

    def _early_start(self, activity: Activity) -> datetime | None:
        asked = activity.task.external_early_start if self._external(activity) else None
        project = self.first.uid if activity.project is None else activity.project
        return _latest(asked, self.begins.get(project))

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


def _latest(*instants: datetime | None) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)
