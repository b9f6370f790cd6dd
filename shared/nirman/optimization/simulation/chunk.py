"""Some of the samples of a run, as what is kept of them: to be computed anywhere, sent, and joined to the whole.

Everything but the samples' own finishes and costs is a count or a sum of whole numbers, so chunks join to the same
figures however a run was cut.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from nirman.errors import InvalidInputError
from nirman.optimization.simulation.kernel.library import Array
from nirman.optimization.simulation.model import Samples

_COLUMNS: dict[str, str] = {
    "finish": "<i4",
    "cost": "<f8",
    "critical": "<i8",
    "late": "<i8",
    "finishes": "<i8",
    "minutes": "<i8",
    "occurred": "<i8",
    "occurred_finishes": "<i8",
    "histogram": "<u4",
}
_SUMS = ("finish_squares", "minute_squares")
_OF_SAMPLES = ("finish", "cost")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples `first` until `first + count`; columns by reported row, variable or risk as in `Samples`.

    `fingerprint` tells the plan and the options. Sums of squares are Python's whole numbers.
    """

    fingerprint: bytes
    first: int
    count: int
    finish: Array
    cost: Array
    critical: Array
    late: Array
    finishes: Array
    finish_squares: tuple[int, ...]
    minutes: Array
    minute_squares: tuple[int, ...]
    occurred: Array
    occurred_finishes: Array
    histogram: Array

    def to_bytes(self) -> bytes:
        """Compressed: about 100 bytes a task, and 8 to 10 a sample."""
        columns = {name: np.ascontiguousarray(getattr(self, name), kind).tobytes() for name, kind in _COLUMNS.items()}
        sums = {name: [str(number) for number in getattr(self, name)] for name in _SUMS}
        head = {"fingerprint": self.fingerprint, "first": self.first, "count": self.count}
        return zlib.compress(msgspec.msgpack.encode({**head, **columns, **sums}), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> Chunk:
        """`InvalidInputError` for what `to_bytes` did not make."""
        try:
            found = msgspec.msgpack.decode(zlib.decompress(data))
            columns: dict[str, Any] = {name: np.frombuffer(found[name], kind) for name, kind in _COLUMNS.items()}
            rows = len(columns["critical"])
            columns["histogram"] = columns["histogram"].reshape(rows, -1) if rows else np.zeros((0, 1), np.uint32)
            columns |= {name: tuple(map(int, found[name])) for name in _SUMS}
            return cls(found["fingerprint"], found["first"], found["count"], **columns)
        except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInputError("is not a chunk of a simulation") from error


def chunk_of(samples: Samples, fingerprint: bytes, rows: Array) -> Chunk:
    """Of the rows that are reported."""
    assert samples.histogram is not None, "finishes are counted in bins"
    return Chunk(
        fingerprint=fingerprint,
        first=samples.first,
        count=samples.count,
        finish=samples.finish,
        cost=samples.cost,
        critical=samples.critical[rows],
        late=samples.late[rows],
        finishes=samples.finishes[rows],
        finish_squares=_whole(samples.finish_squares[rows]),
        minutes=samples.minutes,
        minute_squares=_whole(samples.minute_squares),
        occurred=samples.occurred,
        occurred_finishes=samples.occurred_finishes,
        histogram=samples.histogram[rows],
    )


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """One chunk of all; `InvalidInputError` where they are of different runs, overlap, or leave samples out."""
    ordered = sorted(chunks, key=lambda chunk: chunk.first)
    if not ordered:
        raise InvalidInputError("a simulation must have chunks")
    first = ordered[0]
    follows = first.first
    for chunk in ordered:
        if chunk.fingerprint != first.fingerprint:
            raise InvalidInputError("chunks must be of one plan and the same options")
        if chunk.first != follows:
            raise InvalidInputError("chunks must follow one another, without gaps and without overlaps")
        follows += chunk.count
    if len(ordered) == 1:
        return first
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(chunk, name) for chunk in ordered])
        if name in _OF_SAMPLES
        else _added([getattr(chunk, name) for chunk in ordered])
        for name in _COLUMNS
    }
    columns |= {name: tuple(map(sum, zip(*(getattr(c, name) for c in ordered), strict=True))) for name in _SUMS}
    return Chunk(first.fingerprint, first.first, follows - first.first, **columns)


def _added(columns: Sequence[Array]) -> Array:
    total = columns[0].copy()
    for column in columns[1:]:
        total += column
    return total


def _whole(sums: Array) -> tuple[int, ...]:
    return tuple(
        int(high) << 64 | int(low) for low, high in zip(sums["low"].tolist(), sums["high"].tolist(), strict=True)
    )
