"""Fields of many records at once, read by the kernel where CPython keeps them: in the slots of an instance.

Asking Python for a quarter of a million fields, one by one, takes five times as long as scheduling ten thousand tasks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nirman.scheduling.kernel import library
from nirman.scheduling.kernel.library import NONE, ROW

ADDRESS = "Q"


class Slots:
    """Where the fields of a class with slots are; RuntimeError for a class, or a Python, that keeps them elsewhere."""

    def __init__(self, kind: type, fields: Sequence[str]) -> None:
        marks = {field: object() for field in fields}
        probe: object = object.__new__(kind)
        for field, mark in marks.items():
            object.__setattr__(probe, field, mark)
        memory = library.memory_of(probe)
        try:
            self._offsets = {field: memory.index(id(mark)) * memory.itemsize for field, mark in marks.items()}
        except ValueError:
            raise RuntimeError(f"instances of {kind.__name__} do not keep their fields in slots") from None

    def of(self, records: list[Any]) -> SlotsOf:
        return SlotsOf(self._offsets, records)


class SlotsOf:
    """Columns of some records, which it keeps alive; nothing must change them while it reads."""

    def __init__(self, offsets: Mapping[str, int], records: list[Any]) -> None:
        self._records = records
        self._offsets = offsets
        self._addresses = library.slot_records(records)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records)

    def __getitem__(self, place: int) -> Any:
        return self._records[place]

    def numbers(self, field: str, none: int = NONE) -> array[int]:
        """One 32-bit integer a record, `none` for None; OverflowError names a value that has no room."""
        numbers = array(ROW, [0]) * len(self._records)
        failed = library.slot_numbers(self._addresses, self._offsets[field], none, numbers)
        if failed != NONE:
            raise OverflowError(f"{field} of {self._records[failed].uid} is out of bounds")
        return numbers

    def codes(self, field: str, members: Sequence[Any]) -> array[int]:
        """The place among `members`, of objects that there is only one of each, such as those of an enumeration."""
        codes = array(ROW, [0]) * len(self._records)
        failed = library.slot_codes(self._addresses, self._offsets[field], array(ADDRESS, map(id, members)), codes)
        if failed != NONE:
            raise ValueError(f"{field} of {self._records[failed].uid} is none of {members}")
        return codes

    def unusual(self, usual: Mapping[str, Any]) -> array[int]:
        """Places of records with a field that is another object than usual: equal ones may be among them."""
        offsets = array("q", map(self._offsets.__getitem__, usual))
        return library.slot_unusual(self._addresses, offsets, array(ADDRESS, map(id, usual.values())))
