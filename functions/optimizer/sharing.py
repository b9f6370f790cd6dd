"""A very large simulation shared out over the queue: every worker takes some of its samples, the last adds them up."""

from __future__ import annotations

from typing import Any

from nirman.aws import keys
from nirman.aws.files import Files
from nirman.jobs.job import Job, JobKind
from nirman.jobs.parts import Part
from nirman.jobs.ports import JobQueue
from nirman.jobs.service import Run
from nirman.optimization.options import SimulateOptions
from nirman.planning.model import Plan

SHARED_ABOVE = 50_000
"""Samples; fewer are done sooner by one worker."""
SAMPLES = 25_000
"""Of a part."""
_MAX_BYTES = 64 * 1024 * 1024


def is_shared(kind: JobKind, options: Any) -> bool:
    """Of levelled samples so few are taken that one worker does."""
    return kind is JobKind.SIMULATE and options.iterations > SHARED_ABOVE and not options.levelled


class Sharing:
    def __init__(self, files: Files, queue: JobQueue) -> None:
        self._files = files
        self._queue = queue

    def share_out(self, run: Run, options: SimulateOptions) -> None:
        """Sends what is not done yet: a worker that died half-way is followed by one that sends it all again."""
        if run.job.parts:
            run.release()
        else:
            run.split(-(-options.iterations // SAMPLES))
        for part in range(run.job.parts):
            if part not in run.job.parts_done:
                self._queue.send(run.job, part=part)

    def compute(self, part: Part, number: int, plan: Plan, options: SimulateOptions) -> None:
        from nirman.optimization.simulation.monte_carlo import simulate_chunk  # noqa: PLC0415 - loads numpy

        first = number * SAMPLES
        chunk = simulate_chunk(plan, options, first, min(SAMPLES, options.iterations - first))
        name = _name(number)
        media_type = "application/octet-stream"
        self._files.put(_key(part.job, number), chunk.to_bytes(), name=name, media_type=media_type)

    def put_together(self, job: Job, plan: Plan, options: SimulateOptions) -> Any:
        """The simulation, as if one worker had done it; of a job that was cancelled, of its first samples."""
        from nirman.optimization.simulation.chunk import Chunk  # noqa: PLC0415 - loads numpy
        from nirman.optimization.simulation.monte_carlo import merge  # noqa: PLC0415

        parts = range(job.parts_from_first)
        stored = (self._files.get(_key(job, number), max_bytes=_MAX_BYTES) for number in parts)
        return merge(plan, options, [Chunk.from_bytes(file.data) for file in stored], unfinished=not job.complete)


def _name(part: int) -> str:
    return f"part-{part:04d}"


def _key(job: Job, part: int) -> str:
    return keys.job_object(job.tenant, job.id, _name(part))
