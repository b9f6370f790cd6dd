"""A sheet with one table: frozen header, filter, widths; every value typed, and text never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from nirman.interchange.text import xml_safe

Value = str | int | float | Decimal | date | datetime | None
GENERAL, WHOLE, DAYS, MONEY = "General", "#,##0", "#,##0.0##", "#,##,##0.00"
DATE, DATE_TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
MAX_LEVEL = 7
"""Of grouped rows, in Excel."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")
_FIRST_YEAR = 1900
"""Excel has no earlier dates."""


class Style(Enum):
    PLAIN = "plain"
    SUMMARY = "summary"
    CRITICAL = "critical"


_STYLES = {
    Style.PLAIN: {},
    Style.SUMMARY: {"bold": True, "bg_color": "#E8EDF2"},
    Style.CRITICAL: {"font_color": "#B00020", "bold": True},
}


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters; `indented`: text moves right with the row's level."""

    title: str
    width: float
    number_format: str = GENERAL
    indented: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    values: Sequence[Value]
    style: Style = Style.PLAIN
    level: int = 0
    """Depth of grouping, 0 for none."""


class Book:
    """A workbook and the cell formats it has been asked for."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._cell_format = cache(self._new_format)
        self._header = workbook.add_format(
            {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )

    def table(self, title: str, columns: Sequence[Column], rows: Iterable[Row], *, frozen_columns: int = 0) -> None:
        """A sheet with a filter in its first row. Rows are written as they come, each with a value for every column."""
        sheet = self._workbook.add_worksheet(title)
        sheet.outline_settings(symbols_below=False)
        sheet.freeze_panes(1, frozen_columns)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, column.title, self._header)
        last = 0
        for last, row in enumerate(rows, 1):
            if row.level:
                sheet.set_row(last, None, None, {"level": min(row.level, MAX_LEVEL)})
            for index, (column, value) in enumerate(zip(columns, row.values, strict=True)):
                if value is not None and value != "":
                    self._write(sheet, last, index, column, row, value)
        sheet.autofilter(0, 0, last, len(columns) - 1)

    def _write(self, sheet: Any, at: int, index: int, column: Column, row: Row, value: Value) -> None:
        indent = row.level if column.indented else 0
        if isinstance(value, date) and value.year < _FIRST_YEAR:
            value = value.isoformat()
        if isinstance(value, str):
            # The prefix keeps a text from becoming a formula when somebody edits its cell.
            prefixed = value.startswith(_FORMULA_STARTS)
            sheet.write_string(at, index, xml_safe(value), self._cell_format(row.style, GENERAL, indent, prefixed))
        elif isinstance(value, date):
            sheet.write_datetime(at, index, value, self._cell_format(row.style, column.number_format, indent, False))
        else:
            sheet.write_number(at, index, value, self._cell_format(row.style, column.number_format, indent, False))

    def _new_format(self, style: Style, number_format: str, indent: int, prefixed: bool) -> Any:
        properties: dict[str, Any] = {"num_format": number_format, **_STYLES[style]}
        if indent:
            properties["indent"] = min(indent, 15)
        if prefixed:
            properties["quote_prefix"] = True
        return self._workbook.add_format(properties)
