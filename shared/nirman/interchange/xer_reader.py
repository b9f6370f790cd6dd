"""XER files of Primavera P6 (versions 3 to 24) to a plan; see `p6_plan` for what both of P6's formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nirman.errors import UnreadableFileError
from nirman.interchange import p6_names as names
from nirman.interchange.p6_gathering import Gathering
from nirman.interchange.p6_leftovers import is_nothing
from nirman.interchange.p6_limits import MAX_BYTES
from nirman.interchange.p6_plan import make_plan
from nirman.interchange.p6_project import currency_code
from nirman.interchange.p6_report import Report
from nirman.interchange.p6_row import Row, Source
from nirman.interchange.result import ImportResult
from nirman.interchange.xer_calendar import read_calendar_data
from nirman.interchange.xer_tables import XerFile
from nirman.interchange.xer_text import decode
from nirman.planning.findings import Severity

_TABLES = {record.table: record for record in names.RECORDS}
_CURRENCY_CELL = 8
"""Of the header: the code of the currency that amounts are in."""


def read_xer(data: bytes, *, max_bytes: int = MAX_BYTES, encoding: str | None = None) -> ImportResult:
    """`encoding`: of the file; without it UTF-8, or Windows-1252 when it is not UTF-8.

    `UnreadableFileError` when the file is refused as a whole; findings with line and table for all else that is wrong.
    """
    if len(data) > max_bytes:
        raise UnreadableFileError(f"a file must not be larger than {max_bytes // 2**20} MB, this has {len(data)} bytes")
    text, used, damaged = decode(data, encoding)
    file = XerFile(text, frozenset(_TABLES))
    return _Reader(file, used, damaged=damaged).result()


class _Reader:
    def __init__(self, file: XerFile, encoding: str, *, damaged: bool) -> None:
        self.file = file
        self.report = Report()
        self.gathered = Gathering(self.report)
        self.currency = file.header[_CURRENCY_CELL].strip() if len(file.header) > _CURRENCY_CELL else ""
        self.decimal_symbol = "."
        self._tell_encoding(encoding, damaged=damaged)

    def result(self) -> ImportResult:
        self._read_currencies()
        file, gathered = self.file, self.gathered
        for row in self._rows(names.PROJECT):
            gathered.project(row)
        self._keep_exported()
        for row in self._rows(names.CALENDAR):
            gathered.calendar(row, *read_calendar_data(row, row.texts.get("data", "")))
        readers: tuple[tuple[names.Record, Callable[[Row], None]], ...] = (
            (names.OPTIONS, gathered.option),
            (names.WBS, gathered.node),
            (names.RESOURCE, gathered.resource),
            (names.RATE, gathered.rate),
            (names.MEASURE, gathered.measure),
            (names.ACTIVITY, gathered.activity),
            (names.RELATION, gathered.relation),
            (names.ASSIGNMENT, gathered.assignment),
            (names.EXPENSE, gathered.expense),
            (names.ACTIVITY_NOTE, gathered.activity_note),
            (names.WBS_NOTE, gathered.node_note),
        )
        for record, take in readers:
            for row in self._rows(record):
                if self._is_exported(row):
                    take(row)
        for name, number in file.others.items():
            if number:
                self.report.drop("tables", name, number)
        if not file.complete:
            self.report.add(Severity.WARNING, "no-end", "the file does not end with %E: it may have been cut off")
        return make_plan(gathered, currency=currency_code(None, self.currency))

    def _rows(self, record: names.Record) -> Iterator[Row]:
        table = self.file.tables.get(record.table)
        if table is None:
            return
        source = Source(
            report=self.report,
            kind=record.table,
            own_names={name: column for column, name in record.columns.items()},
            percent_scale=1,
            decimal_symbol=self.decimal_symbol,
        )
        known = [(at, record.columns[column]) for at, column in enumerate(table.columns) if column in record.columns]
        others = [
            (at, column)
            for at, column in enumerate(table.columns)
            if column not in record.columns and column not in record.computed
        ]
        for line, cells in self.file.rows(record.table):
            width = len(cells)
            for at, column in others:
                if at < width and not is_nothing(column, cells[at]):
                    self.report.drop(record.table, column)
            yield Row(source, {name: cells[at] for at, name in known if at < width and cells[at].strip()}, line)

    def _read_currencies(self) -> None:
        for row in self._rows(names.CURRENCY):
            if row.text("code") == self.currency:
                self.decimal_symbol = row.text("decimal") or "."

    def _keep_exported(self) -> None:
        """Projects that are only there because others link to them are not flagged as exported."""
        projects = self.gathered.projects
        if any(project.exported for project in projects.values()):
            for uid in [uid for uid, project in projects.items() if not project.exported]:
                projects[uid].row.count(Severity.INFO, "not-exported", "a project that was not exported is left out")
                del projects[uid]

    def _is_exported(self, row: Row) -> bool:
        if "project" not in row.texts:
            return True
        project = row.reference("project")
        return project is None or project in self.gathered.projects

    def _tell_encoding(self, encoding: str, *, damaged: bool) -> None:
        if not encoding.startswith("utf"):
            self.report.add(
                Severity.INFO,
                "code-page",
                f"the file is not UTF-8 and does not say its code page: its text is read as {encoding}",
            )
        if damaged:
            self.report.add(
                Severity.WARNING, "lost-characters", f"some characters are not those of {encoding} and are lost"
            )
