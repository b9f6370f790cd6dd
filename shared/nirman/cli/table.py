"""Columns that line up in a terminal, whatever script the names are in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_GAP = "  "
_NO_WIDTH = ("Mn", "Me", "Cf", "Cc")


def width(text: str) -> int:
    """Cells a terminal gives it: wide characters take two, combining marks none.

    Bengali vowel signs that stand beside their letter (Mc) count one, as terminals draw them.
    """
    return sum(
        0 if unicodedata.category(char) in _NO_WIDTH else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[str] = frozenset()) -> Iterator[str]:
    """Lines: the head, then the rows; columns named in `right` are flush right."""
    cells = [tuple(head), *(tuple(plain(cell) for cell in row) for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        padded = (
            " " * (widths[column] - width(cell)) + cell
            if head[column] in right
            else cell + " " * (widths[column] - width(cell))
            for column, cell in enumerate(row)
        )
        yield _GAP.join(padded).rstrip()


def plain(cell: str) -> str:
    """Names come from strangers: no line breaks, no control characters for the terminal to obey."""
    return "".join(char if unicodedata.category(char) != "Cc" else " " for char in cell)
