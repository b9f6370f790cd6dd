"""An Excel workbook: tasks with dates, costs and variance, links, resources, assignments, calendars, money, project.

For people and spreadsheets; the days in it are the project's working days (`minutes_per_day`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO

import xlsxwriter

from nirman.interchange.progress import Progress, counted
from nirman.interchange.text import lag_text, xml_safe
from nirman.interchange.xlsx_calendars import CALENDAR_COLUMNS, calendar_rows
from nirman.interchange.xlsx_money import MONEY_COLUMNS, SERIES_COLUMNS, money_of_tasks, money_over_time, series_rows
from nirman.interchange.xlsx_table import DATE_TIME, DAYS, MONEY, WHOLE, Book, Column, Row, Style
from nirman.planning.model import Plan, Task
from nirman.planning.schedule import Schedule, TaskDates

_TASKS = (
    Column("ID", 6, WHOLE),
    Column("WBS", 10),
    Column("Name", 58, indented=True),
    Column("Duration (days)", 10, DAYS),
    Column("Start", 17, DATE_TIME),
    Column("Finish", 17, DATE_TIME),
    Column("Complete (%)", 10, WHOLE),
    Column("Predecessors", 18),
    Column("Resources", 34),
    Column("Total slack (days)", 10, DAYS),
    Column("Free slack (days)", 10, DAYS),
    Column("Critical", 9),
    Column("Driver (ID)", 8, WHOLE),
    Column("Kind", 11),
    Column("Duration (minutes)", 11, WHOLE),
    Column("Early start", 17, DATE_TIME),
    Column("Early finish", 17, DATE_TIME),
    Column("Late start", 17, DATE_TIME),
    Column("Late finish", 17, DATE_TIME),
    Column("Constraint", 11),
    Column("Constraint date", 17, DATE_TIME),
    Column("Deadline", 17, DATE_TIME),
    Column("Calendar", 24),
    Column("Actual start", 17, DATE_TIME),
    Column("Actual finish", 17, DATE_TIME),
    Column("Fixed cost", 13, MONEY),
    *MONEY_COLUMNS,
    Column("Code", 14),
    Column("UID", 8, WHOLE),
    Column("Notes", 40),
)
_LINKS = (
    Column("Predecessor (ID)", 12, WHOLE),
    Column("Predecessor", 48),
    Column("Successor (ID)", 12, WHOLE),
    Column("Successor", 48),
    Column("Type", 7),
    Column("Lag", 9),
    Column("Lag (minutes)", 10, WHOLE),
    Column("Predecessor (UID)", 12, WHOLE),
    Column("Successor (UID)", 12, WHOLE),
    Column("UID", 8, WHOLE),
)
_RESOURCES = (
    Column("Name", 40),
    Column("Kind", 10),
    Column("Group", 24),
    Column("Most units", 10, DAYS),
    Column("Standard rate (an hour or unit)", 14, MONEY),
    Column("Overtime rate (an hour)", 14, MONEY),
    Column("Cost per use", 13, MONEY),
    Column("Unit", 16),
    Column("Calendar", 24),
    Column("Initials", 9),
    Column("Code", 12),
    Column("Email", 24),
    Column("UID", 8, WHOLE),
    Column("Notes", 40),
)
_ASSIGNMENTS = (
    Column("Task (ID)", 9, WHOLE),
    Column("Task", 48),
    Column("Resource", 40),
    Column("Units", 9, DAYS),
    Column("Work (hours)", 11, DAYS),
    Column("Delay (minutes)", 10, WHOLE),
    Column("Start", 17, DATE_TIME),
    Column("Finish", 17, DATE_TIME),
    Column("Task (UID)", 9, WHOLE),
    Column("Resource (UID)", 10, WHOLE),
    Column("UID", 8, WHOLE),
)
_PROJECT = (Column("Setting", 32), Column("Value", 60, DATE_TIME))


def write_xlsx(plan: Plan, schedule: Schedule, progress: Progress | None = None) -> bytes:
    """The workbook's bytes."""
    stream = BytesIO()
    # Rows go straight to a temporary file instead of piling up as objects: half the time and a tenth of the memory.
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        # No clock is read here: the same plan gives the same bytes.
        made = plan.project.status_date or plan.project.start
        workbook.set_properties({"title": xml_safe(plan.project.name), "created": made})
        book = Book(workbook)
        book.table(
            "Tasks", _TASKS, counted(_task_rows(plan, schedule), len(plan.tasks), progress, last=70), frozen_columns=3
        )
        book.table("Links", _LINKS, counted(_link_rows(plan, schedule), len(plan.links), progress, first=70, last=90))
        book.table("Resources", _RESOURCES, _resource_rows(plan), frozen_columns=1)
        book.table("Assignments", _ASSIGNMENTS, _assignment_rows(plan, schedule))
        book.table("Calendars", CALENDAR_COLUMNS, calendar_rows(plan.calendars), frozen_columns=1)
        if series := money_over_time(plan, schedule):
            book.table("S-curve", SERIES_COLUMNS, series_rows(series), frozen_columns=1)
        book.table("Project", _PROJECT, _project_rows(plan, schedule))
    return stream.getvalue()


def _task_rows(plan: Plan, schedule: Schedule) -> Iterator[Row]:
    predecessors = _predecessors(plan, schedule)
    resources = _resource_names(plan)
    per_day = plan.project.minutes_per_day
    money = money_of_tasks(plan, schedule)
    for dates in schedule:
        task = plan.tasks[dates.uid]
        yield Row(
            (
                dates.id,
                dates.wbs,
                task.name,
                dates.duration_minutes / (1440 if task.duration_elapsed and not dates.summary else per_day),
                dates.start,
                dates.finish,
                task.percent_complete,
                ", ".join(predecessors[task.uid]),
                ", ".join(resources[task.uid]),
                dates.total_slack_minutes / per_day,
                dates.free_slack_minutes / per_day,
                "critical" if dates.critical else "",
                None if dates.driver is None else schedule[dates.driver].id,
                _kind(task, dates),
                dates.duration_minutes,
                dates.early_start,
                dates.early_finish,
                dates.late_start,
                dates.late_finish,
                task.constraint.value,
                task.constraint_date,
                task.deadline,
                "" if task.calendar_uid is None else plan.calendars[task.calendar_uid].name,
                task.actual_start,
                task.actual_finish,
                task.fixed_cost or None,
                *money(task.uid),
                task.code,
                task.uid,
                task.notes,
            ),
            style=Style.SUMMARY if dates.summary else Style.CRITICAL if dates.critical else Style.PLAIN,
            level=dates.wbs.count("."),
        )


def _kind(task: Task, dates: TaskDates) -> str:
    if not task.active:
        return "inactive"
    if dates.summary:
        return "summary"
    return "milestone" if dates.milestone else "manual" if task.manual else "task"


def _predecessors(plan: Plan, schedule: Schedule) -> dict[int, list[str]]:
    """By successor, as planners write them: `12FS+2d`, by row; finish-start without lag is the row alone."""
    found: dict[int, list[str]] = defaultdict(list)
    per_day = plan.project.minutes_per_day
    for link in plan.links.values():
        lag = lag_text(link.lag_minutes, per_day, elapsed=link.lag_elapsed, percent=link.lag_percent)
        kind = "" if link.kind == "FS" and not lag else link.kind.value
        found[link.successor_uid].append(f"{schedule[link.predecessor_uid].id}{kind}{lag}")
    return found


def _resource_names(plan: Plan) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for assignment in plan.assignments.values():
        name = plan.resources[assignment.resource_uid].name
        found[assignment.task_uid].append(name if assignment.units == 1 else f"{name} [{assignment.units:g}]")
    return found


def _link_rows(plan: Plan, schedule: Schedule) -> Iterator[Row]:
    per_day = plan.project.minutes_per_day
    for link in plan.links.values():
        before, after = plan.tasks[link.predecessor_uid], plan.tasks[link.successor_uid]
        yield Row(
            (
                schedule[before.uid].id,
                before.name,
                schedule[after.uid].id,
                after.name,
                link.kind.value,
                lag_text(link.lag_minutes, per_day, elapsed=link.lag_elapsed, percent=link.lag_percent),
                link.lag_minutes,
                before.uid,
                after.uid,
                link.uid,
            )
        )


def _resource_rows(plan: Plan) -> Iterator[Row]:
    for resource in plan.resources.values():
        yield Row(
            (
                resource.name,
                resource.kind.value,
                resource.group,
                resource.max_units,
                resource.standard_rate,
                resource.overtime_rate,
                resource.cost_per_use,
                resource.material_label,
                "" if resource.calendar_uid is None else plan.calendars[resource.calendar_uid].name,
                resource.initials,
                resource.code,
                resource.email,
                resource.uid,
                resource.notes,
            )
        )


def _assignment_rows(plan: Plan, schedule: Schedule) -> Iterator[Row]:
    for assignment in plan.assignments.values():
        dates = schedule[assignment.task_uid]
        work = assignment.work_minutes
        yield Row(
            (
                dates.id,
                plan.tasks[assignment.task_uid].name,
                plan.resources[assignment.resource_uid].name,
                assignment.units,
                None if work is None else work / 60,
                assignment.delay_minutes,
                dates.start,
                dates.finish,
                assignment.task_uid,
                assignment.resource_uid,
                assignment.uid,
            )
        )


def _project_rows(plan: Plan, schedule: Schedule) -> Iterator[Row]:
    project = plan.project
    for setting, value in (
        ("Name", project.name),
        ("Start", schedule.project_start),
        ("Finish", schedule.project_finish),
        ("Data date", project.status_date),
        ("Scheduled from", project.schedule_from.value),
        ("Calendar", plan.calendars[project.calendar_uid].name),
        ("Time zone", project.time_zone),
        ("Currency", project.currency),
        ("Minutes a day", str(project.minutes_per_day)),
        ("Minutes a week", str(project.minutes_per_week)),
        ("Days a month", str(project.days_per_month)),
        ("Critical when slack is at most (minutes)", str(project.critical_slack_minutes)),
        ("Tasks", str(len(plan.tasks))),
        ("Critical tasks", str(sum(1 for dates in schedule if dates.critical and not dates.summary))),
    ):
        yield Row((setting, value))
