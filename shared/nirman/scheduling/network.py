"""A plan in the kernel's rows, and its schedule: made whole, or from the one before by what has changed."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import TypeVar

from nirman.errors import InvalidPlanError
from nirman.planning.events import Change
from nirman.planning.model import CriticalBy, Plan, ProgressLogic, Project, Rules, ScheduleFrom, SlackKind
from nirman.planning.outline import outline
from nirman.scheduling.assigned import worked_by
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.circles import refuse_circle
from nirman.scheduling.columns import (
    RowsOf,
    active_of,
    codes,
    link_columns,
    task_columns,
    usual_lag_calendar,
)
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.kernel import library
from nirman.scheduling.kernel.library import NEVER, PLAN, ROW, UidIndex
from nirman.scheduling.patch import Patch
from nirman.scheduling.rows import Rows
from nirman.scheduling.timetable import Timetable

_Record = TypeVar("_Record")
_BATCH = 1024
_RULES, _LOGIC, _SLACK = codes(Rules), codes(ProgressLogic), codes(SlackKind)


@dataclass(frozen=True, slots=True)
class Network:
    """Rows with their results. Never changed: the network after an edit is another, which shares what is the same."""

    rows: Rows
    settings: array[int]
    """`Plan` of kernel.h."""

    def setting(self, name: str) -> int:
        return self.settings[PLAN[name]]

    def link_slack(self, uid: int) -> int:
        """What free slack is the least of: working minutes of the predecessor's calendar until the link decides.

        Negative: a constraint or an actual date breaks it. Links of inactive tasks have 0. How far a link is from
        driving its successor, in the successor's own working time, is told by `planning.logic`.
        """
        return self.rows.link(self.rows.link_row_of[uid], "slack")


def network(plan: Plan) -> Network:
    """The plan scheduled; `InvalidPlanError` names what is missing, or the tasks of a circle in order."""
    timetable = Timetable(Calendars(plan.calendars), to_minutes(plan.project.start))
    rows = Rows.usual(timetable, len(plan.tasks), len(plan.links))
    summaries = _Summaries(plan)
    rows_of = UidIndex(array(ROW, plan.tasks)).rows
    _fill(rows, plan, summaries, rows_of)
    every_worked = worked_by(plan, timetable, summaries.__contains__)
    for row, worked in zip(rows_of(array(ROW, every_worked)), every_worked.values(), strict=True):
        rows.put_worked(row, worked)
    rows.lay_graph()
    return _scheduled(rows, _settings(plan.project, timetable), plan, arranged=False)


def rescheduled(before: Network, plan: Plan, changes: Sequence[Change]) -> Network:
    """What `network(plan)` gives, from the network before the changes: only what they bear upon is computed again."""
    patch = Patch(before.rows.copy(), plan)
    if not patch.apply(changes) or _is_worn(patch.rows):
        return network(plan)
    if not (patch.changed or patch.everything) and patch.arranged:
        return before
    settings = _settings(plan.project, before.rows.timetable)
    if not patch.everything:
        for name in ("late_finish", "last_early_finish", "any_late", "project_start", "project_finish"):
            settings[PLAN[name]] = before.setting(name)
        settings[PLAN["full"]] = 0
    if not patch.arranged:
        patch.rows.lay_graph()
    return _scheduled(patch.rows, settings, plan, sorted(patch.changed), arranged=patch.arranged)


def _is_worn(rows: Rows) -> bool:
    """More rows out of use than in use."""
    return rows.count > 2 * len(rows.row_of) + 100 or rows.link_count > 2 * len(rows.link_row_of) + 100


class _Summaries:
    """Uids of tasks that have children, looked for when somebody asks."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __contains__(self, uid: int) -> bool:
        return uid in self._uids

    @cached_property
    def _uids(self) -> set[int | None]:
        return set(map(attrgetter("parent_uid"), self._plan.tasks.values()))


def _fill(rows: Rows, plan: Plan, summaries: _Summaries, rows_of: RowsOf) -> None:
    """Some thousand records at a time, so that they stay in the processor's cache while field after field is read."""
    timetable = rows.timetable
    usual_lag = usual_lag_calendar(plan.project, timetable)
    any_inactive = False
    for places, tasks in _batches(plan.tasks.values()):
        try:
            of_tasks = task_columns(tasks, timetable, plan.project, rows_of, summaries.__contains__)
        except KeyError:
            outline(plan.tasks)  # names the parent that is not there
            raise
        any_inactive = any_inactive or of_tasks.any_inactive
        rows.fill_tasks(places, of_tasks)
    if any_inactive:
        rows.put_tasks(range(rows.count), {"active": active_of(plan.tasks.values(), plan.tasks)})
    for places, links in _batches(plan.links.values()):
        columns = link_columns(links, plan.tasks, rows_of, usual_lag)
        rows.fill_links(places, columns.every)
        rows.percent_lags = rows.percent_lags or columns.any_percent


def _batches(records: Iterable[_Record]) -> Iterator[tuple[range, list[_Record]]]:
    """Some records, and their places among all."""
    waiting = iter(records)
    first = 0
    while batch := list(islice(waiting, _BATCH)):
        yield range(first, first + len(batch)), batch
        first += len(batch)


def _settings(project: Project, timetable: Timetable) -> array[int]:
    primavera = project.rules is Rules.PRIMAVERA
    back_from = project.finish if project.schedule_from is ScheduleFrom.FINISH else None
    data_date = project.status_date if primavera or project.work_after_status_date else None
    usual_slack = SlackKind.FINISH if primavera else SlackKind.LEAST
    given = {
        "rules": _RULES[project.rules],
        "start": to_minutes(project.start),
        "finish": NEVER if back_from is None else to_minutes(back_from),
        "must_finish": NEVER if project.must_finish is None else to_minutes(project.must_finish),
        "data_date": NEVER if data_date is None else to_minutes(data_date),
        "honor_constraints": int(project.honor_constraints),
        "progress_logic": _LOGIC[project.progress_logic],
        "slack_kind": _SLACK[project.slack_kind or usual_slack],
        "lag_from_actual_start": int(not project.start_lag_from_early_start),
        "open_ends_critical": int(project.open_ends_critical or project.multiple_critical_paths),
        "float_by_project": int(project.float_by_project),
        "use_expected_finish": int(project.use_expected_finish),
        "critical_by_path": int(project.critical_by is CriticalBy.LONGEST_PATH),
        "base_calendar": timetable.number(project.calendar_uid),
        "full": 1,
    }
    return array("q", [given.get(name, 0) for name in PLAN])


def _scheduled(
    rows: Rows, settings: array[int], plan: Plan, changed: Collection[int] = (), *, arranged: bool
) -> Network:
    start, late_finish = settings[PLAN["start"]], settings[PLAN["late_finish"]]
    while True:
        rows.point(settings)
        library.run(settings, array(ROW, changed), arranged=arranged)
        match settings[PLAN["failure"]]:
            case library.FINE:
                return Network(rows, settings)
            case library.CIRCLE:
                outline(plan.tasks)  # refuses a task below itself
                refuse_circle(plan)
            case library.CALENDAR_TOO_EARLY | library.CALENDAR_TOO_LATE as failure:
                _extend(rows, settings, plan, later=failure == library.CALENDAR_TOO_LATE)
            case library.OUT_OF_TIME:
                raise _named(rows, settings, plan, "a schedule must stay between the years 1700 and 2400")
            case _:
                raise MemoryError("no memory is left for a schedule")
        # What was computed so far is void; how tasks and links stand to one another is not.
        arranged = True
        settings[PLAN["start"]], settings[PLAN["late_finish"]] = start, late_finish
        settings[PLAN["full"]] = 1


def _extend(rows: Rows, settings: array[int], plan: Plan, *, later: bool) -> None:
    try:
        rows.timetable.extend(settings[PLAN["failed_calendar"]], later=later)
    except InvalidPlanError as error:
        raise _named(rows, settings, plan, error.rule) from error


def _named(rows: Rows, settings: array[int], plan: Plan, rule: str) -> InvalidPlanError:
    task = plan.tasks[rows.task(settings[PLAN["failed_row"]], "uid")]
    return InvalidPlanError(rule, place=f'task "{task.name}" ({task.uid})', uids=(task.uid,))
