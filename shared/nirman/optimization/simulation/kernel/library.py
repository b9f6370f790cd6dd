"""The compiled kernel, loaded once; simulation.h says what each field is.

Fields of a simulation are 64-bit, those of a variable 32-bit; their places are the kernel's own to tell.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from nirman.optimization.simulation.kernel import FOLDER
from nirman.scheduling.kernel import library_name
from nirman.scheduling.kernel.library import TASK

LANES = 8
"""Samples that are drawn together; streams can be read from multiples of it on."""
QUANTILES, REACH = 257, 6
"""Points of a quantile function, and the standard deviations that they span to either side."""
RISK = np.dtype([("stream", "i8"), ("threshold", "i8"), ("delay", "f8", 3), ("cost", "f8", 3)])
SHARE = np.dtype([("percent", "f8"), ("link", "i8")])
SUM = np.dtype([("low", "u8"), ("high", "i8")])
NOT_REPORTED, REPORTED_TASK, REPORTED_SUMMARY = range(3)

Array = npt.NDArray[Any]


class Purpose(IntEnum):
    """What a random number is for."""

    DURATION = 0
    FACTOR = 1
    OCCURRENCE = 2
    DELAY = 3
    COST = 4
    RAIN = 5


def _load() -> ctypes.CDLL:
    path = FOLDER / library_name(platform.system(), platform.machine())
    try:
        library = ctypes.CDLL(str(path))
    except OSError as exc:
        rule = f"the simulation's kernel is not built for this machine ({path.name}): run `make environment`"
        raise ImportError(rule) from exc
    library.nirman_task_fields.restype = ctypes.c_char_p
    if tuple(library.nirman_task_fields().decode().split()) != tuple(TASK):
        raise ImportError(f"{path.name} is of another scheduling kernel: run `make environment`")
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    library.nirman_simulate.argtypes = (pointer, number, number)
    library.nirman_grade.argtypes = (pointer, pointer, pointer, number, pointer)
    library.nirman_words.argtypes = (*(number,) * 5, pointer)
    library.nirman_normal.argtypes = (pointer, *(number,) * 5, pointer)
    for function in (library.nirman_simulate, library.nirman_grade, library.nirman_words, library.nirman_normal):
        function.restype = None
    return library


_LIBRARY = _load()


def _places(fields: str) -> Mapping[str, int]:
    function = getattr(_LIBRARY, f"nirman_{fields}_fields")
    function.restype = ctypes.c_char_p
    return {name: place for place, name in enumerate(function().decode().split())}


SIMULATION = _places("simulation")
VARIABLE = _places("variable")
"""Place of each field."""


def address(memory: Array) -> int:
    return int(memory.ctypes.data)


def simulate(simulation: Array, first: int, count: int) -> None:
    """Leaves results, or what failed, in the simulation's memory. Other threads of Python run meanwhile."""
    _LIBRARY.nirman_simulate(address(simulation), first, count)


def grade(simulation: Array, normal: Array, ranks: Array, sums: Array) -> None:
    """Moments of the first samples, as many as there are ranks, for rank correlations."""
    _LIBRARY.nirman_grade(address(simulation), address(normal), address(ranks), len(ranks), address(sums))


def words(seed: int, purpose: Purpose, stream: int, first: int, count: int) -> npt.NDArray[np.uint32]:
    """Of 32 random bits each; `first` and `count` are multiples of `LANES`."""
    found = np.empty(count, np.uint32)
    _LIBRARY.nirman_words(seed, purpose, stream, first, count, address(found))
    return found


@cache
def deviates() -> npt.NDArray[np.float32]:
    """The deviates of the normal distribution from which variates are drawn, to 1e-5."""
    points = (2.0 ** (place // 64) * (1 + place % 64 / 64) / 2**25 for place in range(24 * 64 + 1))
    return np.array([NormalDist().inv_cdf(point) for point in points], np.float32)


def normal(seed: int, purpose: Purpose, stream: int, first: int, count: int) -> npt.NDArray[np.float32]:
    """Normal variates; `first` and `count` are multiples of `LANES`."""
    found = np.empty(count, np.float32)
    _LIBRARY.nirman_normal(address(deviates()), seed, purpose, stream, first, count, address(found))
    return found
