"""A Gantt chart on A3 landscape pages: a table at the left, time fitted to the width, tasks on as many pages as needed.

A name that its column cuts off keeps its whole text, so that it is found when searched for. Links are drawn between
tasks of one page, and not at all on a page where they would cover it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nirman.interchange import gantt_marks as marks
from nirman.interchange.gantt_scale import MONDAY, SUNDAY, Scale
from nirman.interchange.pdf_canvas import Canvas, Color
from nirman.interchange.progress import Progress, counted
from nirman.planning.model import Link, Plan
from nirman.planning.schedule import Schedule, TaskDates

_MARGIN = 9.0
_HEADER = 12.0
_SCALE_ROW = 5.0
_ROW = 4.9
_FOOTER = 7.0
_TEXT_DROP = 0.9
"""Of the baseline below the middle of a row."""
_MOST_LINKS = 160
"""On a page; more than these cannot be followed by eye."""
_NAME_SHORTEST, _NAME_LONGEST = 45.0, 105.0
_MEASURED_NAMES = 60
"""How many of the names with the most letters are measured for the width of their column."""
_INDENT = 2.4
_SIZE = 6.6

_INK: Color = (25, 25, 25)
_FAINT: Color = (205, 210, 216)
_BAND: Color = (245, 247, 250)
_HEAD: Color = (31, 58, 95)
_WHITE: Color = (255, 255, 255)
_RED: Color = (150, 10, 10)
_DATA_DATE: Color = (0, 120, 60)


def write_pdf(plan: Plan, schedule: Schedule, progress: Progress | None = None) -> bytes:
    """The pages' bytes; the same for the same plan, as no clock is read."""
    with Canvas(plan.project.name, made=plan.project.status_date or plan.project.start) as canvas:
        chart = _Chart(canvas, plan, schedule)
        pages = chart.pages()
        for number, rows in enumerate(counted(pages, len(pages), progress, last=90), 1):
            chart.draw(rows, number, len(pages))
        return canvas.output()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Right edges of the table's columns."""

    id: float
    name: float
    duration: float
    start: float
    finish: float
    slack: float


def _columns(name_width: float) -> _Columns:
    at = _MARGIN
    edges = []
    for width in (9, name_width, 13, 18, 18, 13):
        at += width
        edges.append(at)
    return _Columns(*edges)


class _Chart:
    def __init__(self, canvas: Canvas, plan: Plan, schedule: Schedule) -> None:
        self._canvas = canvas
        self._plan = plan
        self._schedule = schedule
        self._links: dict[int, list[Link]] = {}
        for link in plan.links.values():
            self._links.setdefault(link.successor_uid, []).append(link)
        self._columns = _columns(self._name_width())
        left = self._columns.slack
        sunday = plan.calendars[plan.project.calendar_uid].week[SUNDAY]
        self._scale = Scale(
            min((dates.start for dates in schedule), default=schedule.project_start),
            max((dates.finish for dates in schedule), default=schedule.project_finish),
            left,
            canvas.width - _MARGIN - left,
            SUNDAY if sunday else MONDAY,
        )
        self._coarse, self._fine = self._scale.coarse(), self._scale.fine()
        self._top = _MARGIN + _HEADER
        self._body = self._top + 2 * _SCALE_ROW
        self._rows_a_page = int((canvas.height - _MARGIN - _FOOTER - self._body) / _ROW)

    def pages(self) -> list[Sequence[TaskDates]]:
        """One page at least, for a plan without tasks too."""
        rows = list(self._schedule)
        step = self._rows_a_page
        return [rows[first : first + step] for first in range(0, max(len(rows), 1), step)]

    def draw(self, rows: Sequence[TaskDates], number: int, of: int) -> None:
        self._canvas.new_page()
        bottom = self._body + len(rows) * _ROW
        self._header(number, of)
        self._grid(len(rows), bottom)
        self._table_head()
        self._axis()
        self._table(rows, bottom)
        self._gantt(rows, bottom)
        self._legend()

    def _name_width(self) -> float:
        tasks = sorted(self._plan.tasks.values(), key=lambda task: -len(task.name))[:_MEASURED_NAMES]
        widest = max(
            (self._canvas.text_width(task.name, _SIZE) + self._indent(task.uid) for task in tasks), default=0.0
        )
        return min(max(widest + 2, _NAME_SHORTEST), _NAME_LONGEST)

    def _indent(self, uid: int) -> float:
        return self._schedule[uid].wbs.count(".") * _INDENT

    def _header(self, number: int, of: int) -> None:
        canvas, project, schedule = self._canvas, self._plan.project, self._schedule
        with canvas.clipped(_MARGIN, _MARGIN - 3, canvas.width - 2 * _MARGIN - 40, _HEADER + 3):
            canvas.text(_MARGIN, _MARGIN + 4, project.name, size=13, color=_INK, bold=True)
        critical = sum(1 for dates in schedule if dates.critical and not dates.summary)
        facts = [
            f"Start {schedule.project_start:%Y-%m-%d}",
            f"Finish {schedule.project_finish:%Y-%m-%d %H:%M}",
            f"{len(self._plan.tasks)} rows, {critical} critical",
        ]
        if project.status_date:
            facts.append(f"Data date {project.status_date:%Y-%m-%d}")
        canvas.text(_MARGIN, _MARGIN + 9.5, "   |   ".join(facts), size=8, color=_INK)
        canvas.number(canvas.width - _MARGIN, _MARGIN + 4, f"Page {number} of {of}", size=9, color=_INK)

    def _grid(self, rows: int, bottom: float) -> None:
        canvas, right = self._canvas, self._canvas.width - _MARGIN
        for row in range(1, rows, 2):
            canvas.box(_MARGIN, self._body + row * _ROW, right - _MARGIN, _ROW, fill=_BAND)
        for tick in self._fine:
            canvas.rule(tick.left, self._body, tick.left, bottom, color=_FAINT, line=0.06)
        for tick in self._coarse:
            canvas.rule(tick.left, self._body, tick.left, bottom, color=_FAINT, line=0.2)
        columns = self._columns
        for edge in (_MARGIN, columns.id, columns.name, columns.duration, columns.start, columns.finish, columns.slack):
            canvas.rule(edge, self._body, edge, bottom, color=_FAINT, line=0.15)
        canvas.box(_MARGIN, self._top, right - _MARGIN, bottom - self._top, edge=_HEAD, line=0.25)

    def _table_head(self) -> None:
        canvas, columns = self._canvas, self._columns
        canvas.box(_MARGIN, self._top, columns.slack - _MARGIN, 2 * _SCALE_ROW, fill=_HEAD)
        baseline = self._body - 2.6
        canvas.number(columns.id - 1, baseline, "ID", color=_WHITE)
        canvas.text(columns.id + 1, baseline, "কাজ / Task", size=7.5, color=_WHITE)
        for right, title in (
            (columns.duration, "Duration"),
            (columns.start, "Start"),
            (columns.finish, "Finish"),
            (columns.slack, "Slack"),
        ):
            canvas.number(right - 1, baseline, title, color=_WHITE)

    def _axis(self) -> None:
        canvas = self._canvas
        for ticks, top, size in ((self._coarse, self._top, 7.0), (self._fine, self._top + _SCALE_ROW, 6.0)):
            for tick in ticks:
                canvas.box(tick.left, top, tick.right - tick.left, _SCALE_ROW, fill=_HEAD, edge=_WHITE, line=0.08)
                width = canvas.number_width(tick.label, size)
                if width + 0.6 <= tick.right - tick.left:
                    middle = (tick.left + tick.right + width) / 2
                    canvas.number(middle, top + 3.4, tick.label, size=size, color=_WHITE)

    def _table(self, rows: Sequence[TaskDates], bottom: float) -> None:
        canvas, columns = self._canvas, self._columns
        for row, dates in enumerate(rows):
            baseline, color = self._baseline(row), _RED if dates.critical and not dates.summary else _INK
            canvas.number(columns.id - 1, baseline, str(dates.id), size=_SIZE, color=color)
            canvas.number(columns.duration - 1, baseline, self._duration(dates), size=_SIZE, color=color)
            canvas.number(columns.start - 1, baseline, _day(dates.start), size=_SIZE, color=color)
            canvas.number(columns.finish - 1, baseline, _day(dates.finish), size=_SIZE, color=color)
            canvas.number(columns.slack - 1, baseline, self._days(dates.total_slack_minutes), size=_SIZE, color=color)
        with canvas.clipped(columns.id, self._body, columns.name - columns.id - 0.4, bottom - self._body):
            for row, dates in enumerate(rows):
                color = _RED if dates.critical and not dates.summary else _INK
                canvas.text(
                    columns.id + 1 + self._indent(dates.uid),
                    self._baseline(row),
                    self._plan.tasks[dates.uid].name,
                    size=_SIZE,
                    color=color,
                    bold=dates.summary,
                )

    def _baseline(self, row: int) -> float:
        return self._middle(row) + _TEXT_DROP

    def _middle(self, row: int) -> float:
        return self._body + (row + 0.5) * _ROW

    def _duration(self, dates: TaskDates) -> str:
        task = self._plan.tasks[dates.uid]
        if task.duration_elapsed and not dates.summary:
            return f"{round(dates.duration_minutes / 1440, 1):g}ed"
        return self._days(dates.duration_minutes)

    def _days(self, minutes: int) -> str:
        return f"{round(minutes / self._plan.project.minutes_per_day, 1):g}d"

    def _gantt(self, rows: Sequence[TaskDates], bottom: float) -> None:
        canvas, scale = self._canvas, self._scale
        placed = {dates.uid: self._mark(row, dates) for row, dates in enumerate(rows)}
        with canvas.clipped(scale.left, self._body, scale.width, bottom - self._body):
            self._data_date(bottom)
            links = [link for uid in placed for link in self._links.get(uid, ()) if link.predecessor_uid in placed]
            if len(links) <= _MOST_LINKS:
                for link in links:
                    marks.draw_link(canvas, link.kind, placed[link.predecessor_uid], placed[link.successor_uid])
            for dates in rows:
                self._draw_mark(dates, placed[dates.uid])

    def _mark(self, row: int, dates: TaskDates) -> marks.Mark:
        scale = self._scale
        return marks.Mark(scale.x(dates.start), scale.x(dates.finish), self._middle(row), dates.critical)

    def _draw_mark(self, dates: TaskDates, mark: marks.Mark) -> None:
        task = self._plan.tasks[dates.uid]
        if not task.active:
            marks.draw_inactive(self._canvas, mark)
        elif dates.summary:
            marks.draw_summary(self._canvas, mark)
        elif dates.milestone:
            marks.draw_milestone(self._canvas, mark)
        else:
            marks.draw_bar(self._canvas, mark, task.percent_complete)

    def _data_date(self, bottom: float) -> None:
        at = self._plan.project.status_date
        if at is not None and self._scale.covers(at):
            with self._canvas.dashed():
                self._canvas.rule(self._scale.x(at), self._body, self._scale.x(at), bottom, color=_DATA_DATE, line=0.4)

    def _legend(self) -> None:
        canvas = self._canvas
        middle, x = canvas.height - _MARGIN - 1.5, _MARGIN
        samples: tuple[tuple[str, Callable[[marks.Mark], None]], ...] = (
            ("Task", lambda at: marks.draw_bar(canvas, at, 0)),
            ("Done", lambda at: marks.draw_bar(canvas, at, 60)),
            ("Critical", lambda at: marks.draw_bar(canvas, _critical(at), 0)),
            ("Summary", lambda at: marks.draw_summary(canvas, at)),
            ("Milestone", lambda at: marks.draw_milestone(canvas, replace(at, right=(at.left + at.right) / 2))),
            ("Link between tasks of one page", lambda at: canvas.path([(at.left, middle), (at.right, middle)])),
            ("Data date", self._data_date_sample),
        )
        for label, drawn in samples:
            drawn(marks.Mark(x, x + 9, middle, critical=False))
            canvas.text(x + 11, middle + _TEXT_DROP, label, size=7, color=_INK)
            x += 15 + canvas.number_width(label, 7)

    def _data_date_sample(self, at: marks.Mark) -> None:
        with self._canvas.dashed():
            self._canvas.rule(at.left, at.middle, at.right, at.middle, color=_DATA_DATE, line=0.4)


def _critical(mark: marks.Mark) -> marks.Mark:
    return marks.Mark(mark.left, mark.right, mark.middle, critical=True)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
