"""The use case: a plan scheduled many times, with durations, risks and rain drawn by chance.

What is drawn for a sample depends on the seed and the number of the sample alone, so a run may be cut into chunks,
computed anywhere, and merged: the figures are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from nirman.errors import InvalidInputError
from nirman.optimization.answers import Completion
from nirman.optimization.options import SimulateOptions
from nirman.optimization.progress import OnProgress, Progress, silent
from nirman.optimization.simulation.chunk import Chunk, chunk_of, joined
from nirman.optimization.simulation.figures import Figures
from nirman.optimization.simulation.kernel.library import LANES, NOT_REPORTED, Array
from nirman.optimization.simulation.levelled import iterations_of, levelled_samples
from nirman.optimization.simulation.model import Bins, Model, Samples, make_model
from nirman.optimization.simulation.result import Simulation
from nirman.optimization.stop import StopCriterion
from nirman.planning.model import Plan
from nirman.scheduling.instants import to_datetime

_BLOCK_NODES = 2**22
"""Nodes, samples times rows, between two questions whether to stop: some tenths of a second."""
_LEAST_BLOCK = 64
_PILOT = 256
"""First samples, from which bins are laid for finishes of tasks."""
_LEVELLED_PILOT = 32
_LEVELLED_ROWS = 4_000
"""The same of a levelled run: samples times rows."""
_LEVELLED_BLOCK = 8
_MOST_COUNTS = 2**20
_MOST_APART = 8
"""Chunks that are kept before they are joined, so that memory does not grow with the samples."""
_BINS_BELOW, _BINS_ABOVE = 6, 8
"""How far bins reach, in standard deviations of the pilot."""


class Future(Protocol):
    def result(self) -> Any: ...


class Executor(Protocol):
    """What calls a function beside the caller: one of `concurrent.futures`."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future: ...


def simulate(
    plan: Plan,
    options: SimulateOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Simulation:
    """With `beside` two blocks of samples are computed at a time; figures are the same. At least one block is.

    `InvalidPlanError` as for scheduling the plan, or for a sample that leads out of the time that plans live in;
    `InvalidInputError` for a plan that is scheduled from its finish.
    """
    model = make_model(plan, options)
    bins = _bins(model, stop)
    iterations = iterations_of(plan, options)
    chunk = _computed(model, bins, 0, iterations, stop=stop, beside=beside, on_progress=on_progress)
    status = Completion.COMPLETE if chunk.count == iterations else Completion.STOPPED
    return Figures(model, chunk, bins, status).simulation()


def simulate_chunk(plan: Plan, options: SimulateOptions, first: int, count: int) -> Chunk:
    """Samples `first` until `first + count` of the run that the options say."""
    if first < 0 or count < 1 or first + count > iterations_of(plan, options):
        raise InvalidInputError(f"a chunk must lie within the {iterations_of(plan, options)} samples of its run")
    model = make_model(plan, options)
    return _computed(model, _bins(model), first, count)


def merge(plan: Plan, options: SimulateOptions, chunks: Sequence[Chunk], *, unfinished: bool = False) -> Simulation:
    """Of all samples of a run, each once; `InvalidInputError` else. `unfinished`: of the first, if not of all."""
    model = make_model(plan, options)
    chunk = joined(chunks)
    if chunk.fingerprint != model.fingerprint():
        raise InvalidInputError("chunks must be of this plan and these options")
    complete = chunk.count == iterations_of(plan, options)
    if chunk.first != 0 or not (complete or unfinished):
        raise InvalidInputError(f"chunks must be all of the {iterations_of(plan, options)} samples")
    return Figures(model, chunk, _bins(model), Completion.COMPLETE if complete else Completion.STOPPED).simulation()


def _bins(model: Model, stop: Callable[[], bool] = lambda: False) -> Bins:
    """The same for every chunk of a run: from its first samples, or some of them where the run is stopped."""
    finishes = _pilot(model, stop).astype(np.float64)
    mean, deviation = finishes.mean(axis=0), finishes.std(axis=0)
    count = 256
    while count > 64 and count * model.rows > _MOST_COUNTS:
        count //= 2
    reach = _BINS_BELOW + _BINS_ABOVE
    width = np.maximum(reach * deviation / count, 1.0)
    start = np.round(mean - _BINS_BELOW / reach * width * count)
    return Bins(count, start.astype(np.int32), (1 / width).astype(np.float32))


def _pilot(model: Model, stop: Callable[[], bool]) -> Array:
    """Finishes by sample and row."""
    if not model.options.levelled:
        return _finishes(model.run(0, _PILOT, record=True))
    count, block = min(_LEVELLED_PILOT, model.options.iterations), _levelled_block(model)
    found: list[Array] = []
    for first in range(0, count, block):
        found.append(_finishes(levelled_samples(model, first, min(block, count - first), record=True)))
        if stop():
            break
    return np.concatenate(found)


def _finishes(samples: Samples) -> Array:
    assert samples.each_finish is not None, "it was to be recorded"
    return samples.each_finish


def _levelled_block(model: Model) -> int:
    return max(1, min(_LEVELLED_BLOCK, _LEVELLED_ROWS // max(model.rows, 1)))


def _computed(
    model: Model,
    bins: Bins,
    first: int,
    count: int,
    *,
    stop: Callable[[], bool] = lambda: False,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Chunk:
    fingerprint, rows = model.fingerprint(), np.flatnonzero(model.reported != NOT_REPORTED)
    chunks: list[Chunk] = []
    for samples in _blocks(model, bins, first, count, beside):
        chunks.append(chunk_of(samples, fingerprint, rows))
        if len(chunks) == _MOST_APART:
            chunks = [joined(chunks)]
        done = chunks[-1].first + chunks[-1].count - first
        on_progress(Progress(phase="samples", done=done / count, finish=_median(samples.finish)))
        if stop():
            break
    return joined(chunks)


def _blocks(model: Model, bins: Bins, first: int, count: int, beside: Executor | None) -> Iterator[Samples]:
    """In order. Calendars grow only while nothing else runs: a block that needs more of them is computed again."""
    levelled = model.options.levelled
    block = max(_LEAST_BLOCK, _BLOCK_NODES // max(model.rows, 1) // LANES * LANES)
    block = _levelled_block(model) if levelled else block
    ranges = [(start, min(block, first + count - start)) for start in range(first, first + count, block)]

    def attempt(start: int, size: int) -> Samples | None:
        return levelled_samples(model, start, size, bins) if levelled else model.attempt(start, size, bins=bins)

    pairs = 1 if beside is None or levelled else 2
    for place in range(0, len(ranges), pairs):
        here, *there = ranges[place : place + pairs]
        waiting = [] if beside is None or not there else [beside.submit(attempt, *other) for other in there]
        found = [attempt(*here), *(future.result() for future in waiting)]
        for (start, size), samples in zip((here, *there), found, strict=True):
            yield model.run(start, size, bins=bins) if samples is None else samples


def _median(finish: Array) -> Any:
    return to_datetime(int(np.partition(finish, len(finish) // 2)[len(finish) // 2]))
