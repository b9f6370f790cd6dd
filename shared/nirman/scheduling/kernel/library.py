"""The compiled kernel, loaded once; kernel.h says what each field is.

Tasks and links are rows of 32-bit integers (`ROW`) in memory of Python's, a plan's settings are 64-bit; the places of
their fields are the kernel's own to tell, so that the two never disagree.
"""

from __future__ import annotations

import ctypes
import platform
from array import array
from collections.abc import Mapping
from typing import Any

from nirman.scheduling.kernel import FOLDER, library_name

NEVER = -(2**31)
"""No such instant or amount."""
NONE = -1
"""No row."""
ROW = "i"
"""Type code of arrays that hold rows."""

FINE, CIRCLE, CALENDAR_TOO_EARLY, CALENDAR_TOO_LATE, OUT_OF_TIME, OUT_OF_MEMORY = range(6)
"""`failure` of a plan."""


_PATH = FOLDER / library_name(platform.system(), platform.machine())


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(_PATH))
    except OSError as exc:
        rule = f"the scheduling kernel is not built for this machine ({_PATH.name}): run `make environment`"
        raise ImportError(rule) from exc
    library.nirman_schedule.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    library.nirman_schedule.restype = None
    library.nirman_moved.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
    library.nirman_moved.restype = ctypes.c_int64
    for many in (library.nirman_shift, library.nirman_between):
        many.argtypes = (*(ctypes.c_void_p, ctypes.c_int64), *(ctypes.c_void_p,) * 3, ctypes.c_int64)
        many.restype = None
    library.nirman_index_uids.argtypes = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    library.nirman_index_uids.restype = None
    library.nirman_find.argtypes = (
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64),
        *(ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p),
    )
    library.nirman_find.restype = ctypes.c_int64
    library.nirman_index.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    library.nirman_index.restype = None
    return library


_LIBRARY = _load()


def _load_readers() -> ctypes.PyDLL:
    """What reads Python's objects must not run beside Python, so it is called with the interpreter's lock held."""
    readers = ctypes.PyDLL(str(_PATH))
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    readers.nirman_slot_numbers.argtypes = (pointer, number, number, pointer, number, pointer, pointer)
    readers.nirman_slot_codes.argtypes = (pointer, number, number, pointer, number, pointer)
    readers.nirman_slot_unusual.argtypes = (pointer, number, pointer, pointer, number, pointer)
    for reader in (readers.nirman_slot_numbers, readers.nirman_slot_codes, readers.nirman_slot_unusual):
        reader.restype = number
    readers.nirman_slot_records.argtypes = (ctypes.py_object, number, pointer, pointer)
    readers.nirman_slot_records.restype = None
    return readers


_READERS = _load_readers()
_AS_INTEGER = ctypes.cast(ctypes.pythonapi.PyLong_AsLong, ctypes.c_void_p)
_ITEM = ctypes.cast(ctypes.pythonapi.PyList_GetItem, ctypes.c_void_p)


def _places(fields: str) -> Mapping[str, int]:
    function = getattr(_LIBRARY, f"nirman_{fields}_fields")
    function.restype = ctypes.c_char_p
    return {name: place for place, name in enumerate(function().decode().split())}


PLAN = _places("plan")
TASK = _places("task")
LINK = _places("link")
"""Place of each field in a row."""


def address(memory: array[int]) -> int:
    return memory.buffer_info()[0]


def run(plan: array[int], changed: array[int], *, arranged: bool) -> None:
    """Leaves results, or what failed, in the plan's memory; `changed` rows, when it is not to be computed in full."""
    _LIBRARY.nirman_schedule(address(plan), address(changed), len(changed), int(arranged))


class UidIndex:
    """Rows by uid, of many at once."""

    def __init__(self, uids: array[int]) -> None:
        """In the order of their rows."""
        self._uids = uids
        self._table = array(ROW, [NONE]) * (1 << (2 * len(uids)).bit_length())
        _LIBRARY.nirman_index_uids(address(uids), len(uids), address(self._table), len(self._table))

    def rows(self, uids: array[int]) -> array[int]:
        """NONE for NONE; `KeyError` with the first uid that is not there."""
        found = array(ROW, [0]) * len(uids)
        table = (address(self._table), len(self._table))
        missing = _LIBRARY.nirman_find(address(self._uids), *table, address(uids), len(uids), address(found))
        if missing != NONE:
            raise KeyError(uids[missing])
        return found


def index_calendar(row: array[int], by_day: array[int], by_work: array[int]) -> None:
    """Fills in the two indexes of a `Calendar`."""
    _LIBRARY.nirman_index(address(row), address(by_day), address(by_work))


def moved_rows(before: array[int], after: array[int]) -> array[int]:
    """Rows of tasks that start or finish at another time; both have as many rows."""
    rows = len(after) // len(TASK)
    moved = array(ROW, [0]) * rows
    del moved[_LIBRARY.nirman_moved(address(before), address(after), rows, address(moved)) :]
    return moved


def shift(plan: array[int], instants: array[int], minutes: array[int], shifted: array[int]) -> None:
    """Working time of the plan's first calendar added to each instant; `plan` says what failed."""
    _LIBRARY.nirman_shift(address(plan), 0, address(instants), address(minutes), address(shifted), len(instants))


def between(plan: array[int], starts: array[int], finishes: array[int], minutes: array[int]) -> None:
    """Working time of the plan's first calendar between starts and finishes; `plan` says what failed."""
    _LIBRARY.nirman_between(address(plan), 0, address(starts), address(finishes), address(minutes), len(starts))


def memory_of(instance: object) -> array[int]:
    """Where and what an object is to CPython, in words."""
    return array("Q", ctypes.string_at(id(instance), type(instance).__basicsize__))


def slot_records(records: list[Any]) -> array[int]:
    """Where the records are."""
    addresses = array("Q", [0]) * len(records)
    _READERS.nirman_slot_records(records, len(records), _ITEM, address(addresses))
    return addresses


def slot_numbers(records: array[int], offset: int, none: int, numbers: array[int]) -> int:
    """NONE, or the place of the first record whose field does not fit; `none` stands for None."""
    found = (id(None), none, _AS_INTEGER, address(numbers))
    return int(_READERS.nirman_slot_numbers(address(records), len(records), offset, *found))


def slot_codes(records: array[int], offset: int, members: array[int], codes: array[int]) -> int:
    """NONE, or the place of the first record whose field is none of the members."""
    which = (address(members), len(members), address(codes))
    return int(_READERS.nirman_slot_codes(address(records), len(records), offset, *which))


def slot_unusual(records: array[int], offsets: array[int], usual: array[int]) -> array[int]:
    """Places of records of which one of the fields at `offsets` is another object than the usual one."""
    places = array(ROW, [0]) * len(records)
    which = (address(offsets), address(usual), len(usual), address(places))
    del places[_READERS.nirman_slot_unusual(address(records), len(records), *which) :]
    return places
