"""The rows of tasks and links that the kernel works on (kernel.h), and which record each belongs to."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from nirman.scheduling.assigned import Worked
from nirman.scheduling.columns import USUAL_LINK, USUAL_TASK, Column, TaskColumns
from nirman.scheduling.kernel.library import LINK, PLAN, ROW, TASK, address
from nirman.scheduling.timetable import Timetable

_TASK_WIDTH, _LINK_WIDTH, _PART_WIDTH = len(TASK), len(LINK), 5
_GRAPH = ("in_links", "out_links", "order", "position")


def _zeros(count: int) -> array[int]:
    return array(ROW, [0]) * count  # not a value more: a sanitizer sees where it ends


def _numbered(uids: array[int]) -> dict[int, int]:
    return dict(zip(uids, range(len(uids)), strict=True))


def _usual(count: int, places: Mapping[str, int], codes: Mapping[str, int]) -> array[int]:
    row = _zeros(len(places))
    for name, code in codes.items():
        row[places[name]] = code
    return row * count


def _fill(
    memory: array[int], rows: range, places: Mapping[str, int], columns: Mapping[str, Column], usual: Mapping[str, int]
) -> None:
    width = len(places)
    columns = {name: column for name, column in columns.items() if column != usual.get(name, 0)}
    for name, column in columns.items():
        memory[rows.start * width + places[name] : rows.stop * width : width] = _memory(column, len(rows))


def _memory(column: Column, count: int) -> array[int]:
    if isinstance(column, array):
        return column
    return array(ROW, [column]) * count if isinstance(column, int) else array(ROW, column)


@dataclass(slots=True)
class Rows:
    """Written until they are scheduled, then never again: what comes after works on a `copy`.

    A task keeps its row; one that is deleted leaves its row unused.
    """

    timetable: Timetable
    tasks: array[int]
    links: array[int]
    parts: array[int] = field(default_factory=lambda: array(ROW))
    graph: tuple[array[int], ...] = ()
    assignments_of: dict[int, list[int]] | None = None
    """Uids of the assignments of each task, once they have been asked for."""
    percent_lags: bool = False
    """Some lag is a share of its predecessor's duration."""
    _row_of: dict[int, int] | None = None
    _link_row_of: dict[int, int] | None = None
    _shared: set[str] = field(default_factory=set)

    @classmethod
    def usual(cls, timetable: Timetable, tasks: int, links: int) -> Rows:
        """So many rows, with nothing that is their own."""
        return cls(timetable, _usual(tasks, TASK, USUAL_TASK), _usual(links, LINK, USUAL_LINK))

    @property
    def row_of(self) -> dict[int, int]:
        """Row of each task, by uid; made when first asked for, before any row comes or goes."""
        if self._row_of is None:
            self._row_of = _numbered(self.task_column("uid"))
        return self._row_of

    @property
    def link_row_of(self) -> dict[int, int]:
        if self._link_row_of is None:
            self._link_row_of = _numbered(self.links[LINK["uid"] :: _LINK_WIDTH])
        return self._link_row_of

    def fill_tasks(self, rows: range, columns: TaskColumns) -> None:
        _fill(self.tasks, rows, TASK, columns.every, USUAL_TASK)
        if len(columns.places) == len(rows):
            _fill(self.tasks, rows, TASK, columns.unusual, USUAL_TASK)
        else:
            self.put_tasks([rows.start + place for place in columns.places], columns.unusual)

    def fill_links(self, rows: range, columns: Mapping[str, Column]) -> None:
        _fill(self.links, rows, LINK, columns, USUAL_LINK)

    def put_tasks(self, places: Sequence[int], columns: Mapping[str, Column]) -> None:
        """Each column has one value a place, or one for all."""
        for name, column in columns.items():
            field, memory = TASK[name], self.tasks
            values = repeat(column) if isinstance(column, int) else column
            for place, value in zip(places, values, strict=False):
                memory[place * _TASK_WIDTH + field] = value

    @property
    def count(self) -> int:
        return len(self.tasks) // _TASK_WIDTH

    @property
    def link_count(self) -> int:
        return len(self.links) // _LINK_WIDTH

    def copy(self) -> Rows:
        """Maps and parts are shared until one side writes to them."""
        shared = {"_row_of", "_link_row_of", "parts", "graph"}
        return Rows(
            self.timetable,
            self.tasks[:],
            self.links[:],
            self.parts,
            self.graph,
            self.assignments_of,
            self.percent_lags,
            self.row_of,
            self.link_row_of,
            shared,
        )

    def task_column(self, name: str) -> array[int]:
        """One value a row; rows no longer used are among them."""
        return self.tasks[TASK[name] :: _TASK_WIDTH]

    def task(self, row: int, name: str) -> int:
        return self.tasks[row * _TASK_WIDTH + TASK[name]]

    def put_task(self, row: int, name: str, value: int) -> None:
        self.tasks[row * _TASK_WIDTH + TASK[name]] = value

    def link(self, row: int, name: str) -> int:
        return self.links[row * _LINK_WIDTH + LINK[name]]

    def put_link(self, row: int, name: str, value: int) -> None:
        self.links[row * _LINK_WIDTH + LINK[name]] = value

    def ends(self, link_row: int) -> tuple[int, int]:
        """Rows of the link's predecessor and successor."""
        return self.link(link_row, "source"), self.link(link_row, "target")

    def add_task(self, uid: int) -> int:
        self._own("_row_of")
        row = self.row_of.setdefault(uid, self.count)
        if row == self.count:
            self.tasks.extend(_zeros(_TASK_WIDTH))
            self.put_task(row, "active", 1)
        return row

    def remove_task(self, uid: int) -> None:
        self._own("_row_of")
        del self.row_of[uid]

    def add_link(self, uid: int) -> int:
        self._own("_link_row_of")
        row = self.link_row_of[uid] = self.link_count
        self.links.extend(_zeros(_LINK_WIDTH))
        return row

    def remove_link(self, uid: int) -> None:
        self._own("_link_row_of")
        del self.link_row_of[uid]

    def put_worked(self, row: int, worked: Worked) -> None:
        """Which working time the duration of a task is counted in."""
        if worked.calendar is not None:
            self.put_task(row, "calendar", worked.calendar)
            return
        self._own("parts")
        self.put_task(row, "first_part", len(self.parts) // _PART_WIDTH)
        self.put_task(row, "parts", len(worked.parts))
        for part in worked.parts:
            self.parts.extend((part.calendar, part.both, part.minutes, part.remaining, part.delay))

    def lay_graph(self) -> None:
        """Room for the kernel to arrange tasks and links in."""
        links, nodes = self.link_count, 2 * self.count
        self.graph = (_zeros(links), _zeros(links), _zeros(nodes), _zeros(nodes))
        self._shared.discard("graph")

    def point(self, settings: array[int]) -> None:
        """Tells the kernel where everything is; holds until the next write."""
        calendars = self.timetable.memory()
        counts = {
            "rows": self.count,
            "links": self.link_count,
            "parts": len(self.parts) // _PART_WIDTH,
            "calendars": len(self.timetable),
        }
        memory = {"task": self.tasks, "link": self.links, "part": self.parts, "calendar": calendars}
        memory |= dict(zip(_GRAPH, self.graph, strict=True))
        for name, count in counts.items():
            settings[PLAN[name]] = count
        for name, place in memory.items():
            settings[PLAN[name]] = address(place)

    def _own(self, name: str) -> None:
        if name in self._shared:
            setattr(self, name, getattr(self, name)[:] if name == "parts" else dict(getattr(self, name)))
            self._shared.discard(name)
