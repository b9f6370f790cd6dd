"""How far a long writer has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[int], None]
"""Called with whole percents, ascending, each at most once."""
_T = TypeVar("_T")


def counted(
    items: Iterable[_T], total: int, progress: Progress | None, *, first: int = 0, last: int = 99
) -> Iterator[_T]:
    """The items, while `progress` is told the share done, from `first` to `last` percent (100 is said at the end)."""
    if progress is None:
        yield from items
        return
    told = first
    for number, item in enumerate(items, 1):
        yield item
        percent = first + (last - first) * number // max(total, 1)
        if percent > told:
            progress(percent)
            told = percent
