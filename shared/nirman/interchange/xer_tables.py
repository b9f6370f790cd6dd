"""XER, the text format of Primavera P6: lines of cells that tabs divide, `%T` a table, `%F` its columns, `%R` a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from nirman.errors import UnreadableFileError
from nirman.interchange.p6_limits import MAX_RECORDS

_MAX_COLUMNS = 1_000
_MAX_ROW = 4 * 2**20
_MARKS = ("%T", "%F", "%R", "%E", "ERMHDR")


@dataclass(slots=True)
class Table:
    """`spans`: line, first and last character of each row, from behind its mark."""

    name: str
    line: int
    columns: tuple[str, ...] = ()
    spans: list[tuple[int, int, int]] = field(default_factory=list)


class XerFile:
    """The rows of the tables in `kept` can be read; of the others their number is known.

    `UnreadableFileError` names the line, the table and the rule.
    """

    def __init__(self, text: str, kept: frozenset[str]) -> None:
        self._text = text
        self._kept = kept
        self._table: Table | None = None
        self.header: tuple[str, ...] = ()
        self.tables: dict[str, Table] = {}
        self.others: Counter[str] = Counter()
        self.complete = False
        self._read()

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each row; cells beyond the columns are not there, doubled quotes are one."""
        table = self.tables.get(name)
        if table is None:
            return
        width = len(table.columns)
        for line, start, end in table.spans:
            cells = self._text[start:end].rstrip("\r\n").split("\t", width)[:width]
            yield line, [cell.replace('""', '"') if '""' in cell else cell for cell in cells]

    def _read(self) -> None:
        at, line = 0, 0
        while at < len(self._text) and not self.complete:
            end = self._text.find("\n", at)
            end = len(self._text) if end < 0 else end
            line += 1
            if line == 1:
                self._take_header(at, end)
            else:
                self._take(line, at, end)
            at = end + 1
        if not self.header:
            raise UnreadableFileError('an XER file must begin with "ERMHDR"', place="line 1")

    def _take_header(self, start: int, end: int) -> None:
        cells = self._text[start : min(end, start + 4096)].rstrip("\r").split("\t")
        if cells[0] != "ERMHDR":
            raise UnreadableFileError('an XER file must begin with "ERMHDR"', place="line 1")
        self.header = tuple(cells)

    def _take(self, line: int, start: int, end: int) -> None:
        mark = self._text[start : start + 2]
        divided = end - start <= 2 or self._text[start + 2] in "\t\r"
        if mark == "%R" and divided:
            self._take_row(line, start + 3, end)
        elif mark == "%T" and divided:
            self._begin(line, self._text[start + 3 : min(end, start + 256)].strip())
        elif mark == "%F" and divided:
            self._take_columns(line, start + 3, end)
        elif mark == "%E" and divided:
            self.complete = True
        elif self._table is not None and self._table.spans:
            # A line break inside a cell.
            first, begin, _ = self._table.spans[-1]
            self._check_row(first, begin, end)
            self._table.spans[-1] = first, begin, end

    def _begin(self, line: int, name: str) -> None:
        self._table = None
        self._name = name
        if name not in self._kept:
            self.others[name] += 0
            if len(self.others) > _MAX_COLUMNS:
                raise UnreadableFileError(f"a file must not have more than {_MAX_COLUMNS} tables", place=f"line {line}")
        elif name in self.tables:
            raise UnreadableFileError(
                f"a table must be there once, this one is already on line {self.tables[name].line}",
                place=f"line {line}, table {name}",
            )
        else:
            self._table = self.tables[name] = Table(name, line)

    def _take_columns(self, line: int, start: int, end: int) -> None:
        if self._table is None:
            return
        place = f"line {line}, table {self._table.name}"
        columns = self._text[start:end].rstrip("\r").split("\t", _MAX_COLUMNS)
        if len(columns) > _MAX_COLUMNS:
            raise UnreadableFileError(f"a table must not have more than {_MAX_COLUMNS} columns", place=place)
        if self._table.columns:
            raise UnreadableFileError("a table must have its columns (%F) once", place=place)
        self._table.columns = tuple(column.strip().lower() for column in columns)

    def _take_row(self, line: int, start: int, end: int) -> None:
        if self._table is None:
            if self.others:
                self.others[self._name] += 1
                return
            raise UnreadableFileError("a row (%R) must stand below a table (%T)", place=f"line {line}")
        place = f"line {line}, table {self._table.name}"
        if not self._table.columns:
            raise UnreadableFileError("a row (%R) must stand below its table's columns (%F)", place=place)
        if len(self._table.spans) >= MAX_RECORDS:
            raise UnreadableFileError(f"a table must not have more than {MAX_RECORDS} rows", place=place)
        self._check_row(line, start, end)
        self._table.spans.append((line, min(start, end), end))

    def _check_row(self, line: int, start: int, end: int) -> None:
        if end - start > _MAX_ROW and self._table is not None:
            raise UnreadableFileError(
                f"a row must not have more than {_MAX_ROW} characters", place=f"line {line}, table {self._table.name}"
            )
