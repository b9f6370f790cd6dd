"""What came of an optimization: all of it for a file, what is small for the job's record, the changes to apply."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from nirman.planning.commands import Operation

MAX_BRIEF_BYTES = 60_000
"""Of what the job's record says; each step of a job writes the record, and rooms are told of it."""
_CUTS = ((500, 500), (200, 50), (100, 20), (50, 10), (50, 3), (20, 3), (20, 1), (10, 1), (10, 0), (3, 0), (0, 0))
"""How much is left of lists, and of lists within them: the first with which the record is small enough."""
_OPERATIONS = "operations"


class CutShort(StrEnum):
    """Why a result is only the best that there was: somebody cancelled, or the worker's own time was over."""

    CANCELLED = "cancelled"
    OUT_OF_TIME = "out_of_time"


class Proposal(Struct, frozen=True, kw_only=True):
    """Changes to the plan as of `revision`, by name; one that has no other has the empty name."""

    revision: int
    proposals: dict[str, tuple[Operation, ...]]


def whole(result: Any) -> dict[str, Any]:
    """The result as JSON has it, without the operations: these are applied by the job, not sent back."""
    plain: dict[str, Any] = _without_operations(msgspec.to_builtins(result))
    return plain


def brief(told: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """As much of it as the record of a job takes, and whether that is all; lists lose their ends first."""
    for cut in _CUTS:
        short = _shortened(told, *cut)
        if len(msgspec.json.encode(short)) <= MAX_BRIEF_BYTES:
            return short, short == told
    return {name: value for name, value in told.items() if not isinstance(value, dict | list)}, False


def _without_operations(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_operations(inner) for name, inner in value.items() if name != _OPERATIONS}
    if isinstance(value, list | tuple):
        return [_without_operations(inner) for inner in value]
    return value


def _shortened(value: Any, longest: int, inner: int) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(held, longest, inner) for name, held in value.items()}
    if isinstance(value, list):
        return [_shortened(held, inner, inner) for held in value[:longest]]
    return value
