"""The compiled kernel, loaded once; solver.h says what each function does."""

from __future__ import annotations

import ctypes
import platform
from array import array

from nirman.optimization.solver.kernel import FOLDER
from nirman.scheduling.kernel import library_name

NEVER = -(2**31)
"""No such period."""
NONE = -1
"""No calendar."""
NUMBER = "i"
"""Type code of columns."""
LATE_WEIGHT = 2**32
"""Cost of a period of lateness, in periods of makespan."""

_POINTER, _I32, _I64, _U64 = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64
_FUNCTIONS = {
    "nirman_solver_fields": (ctypes.c_char_p, ()),
    "nirman_solver_new": (_POINTER, (_POINTER,)),
    "nirman_solver_free": (None, (_POINTER,)),
    "nirman_search_new": (_POINTER, (_POINTER, _U64)),
    "nirman_search_end": (None, (_POINTER,)),
    "nirman_search_run": (None, (_POINTER, _I64)),
    "nirman_search_best": (_I64, (_POINTER,) * 3),
    "nirman_search_join": (None, (_POINTER,) * 3),
    "nirman_search_schedules": (_I64, (_POINTER,)),
    "nirman_search_work": (_I64, (_POINTER,)),
    "nirman_search_segments": (_I32, (_POINTER, _POINTER, _I32)),
    "nirman_search_bound": (_I64, (_POINTER, _I32, _POINTER)),
    "nirman_search_free": (None, (_POINTER,) * 3),
}


def _load() -> ctypes.CDLL:
    path = FOLDER / library_name(platform.system(), platform.machine())
    try:
        library = ctypes.CDLL(str(path))
    except OSError as exc:
        rule = f"the solver's kernel is not built for this machine ({path.name}): run `make environment`"
        raise ImportError(rule) from exc
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


KERNEL = _load()
FIELDS: tuple[str, ...] = tuple(KERNEL.nirman_solver_fields().decode().split())
"""What a problem is told by, in order."""


def address(memory: array[int]) -> int:
    return memory.buffer_info()[0]
