"""An optimization from the job to its result. The plan itself is only read: whoever likes the result applies it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from nirman.aws import keys
from nirman.aws.files import Files
from nirman.jobs.answers import CutShort, Proposal, brief, whole
from nirman.jobs.job import Job, JobOverError, JobTakenError, Output
from nirman.jobs.optimizations import OPTIMIZERS, Optimization, OptimizationParameters
from nirman.jobs.service import Run
from nirman.jobs.watch import Watch
from nirman.optimization.stop import Deadline
from nirman.planlog.history import plan_at
from nirman.planlog.service import PlanService
from nirman.tenancy.directory import Directory
from nirman.tenancy.identity import Permission

LAST_S = 30.0
"""Before the end of the function the search stops, so that the best that it found is kept."""
DEFAULT_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Worker:
    """Where the work is done: `clock` gives seconds that never go back, at `ends_at` the function ends.

    `hold` keeps the message from others for so many seconds; `trouble` hears what went wrong and is tried again.
    """

    clock: Callable[[], float]
    ends_at: float
    hold: Callable[[int], None]
    trouble: Callable[[Exception], None]

    @property
    def left_s(self) -> float:
        return max(0.0, self.ends_at - self.clock() - LAST_S)


class Optimizer:
    def __init__(self, *, plans: PlanService, directory: Directory, files: Files, worker: Worker) -> None:
        self._plans = plans
        self._directory = directory
        self._files = files
        self._worker = worker

    def work(self, run: Run) -> None:
        job = run.job
        asked = msgspec.convert(job.parameters, OptimizationParameters)
        optimization = OPTIMIZERS[job.kind]
        options: Any = msgspec.convert(asked.options, optimization.options, strict=False)
        # Asked again: the author may have lost the right to since.
        self._directory.open(job.created_by, job.project, Permission.EDIT)
        use_case = optimization.use_case()
        plan = plan_at(self._plans, job.key, asked.revision).plan
        left_s = self._worker.left_s
        limit_s = min(left_s, getattr(options, "time_limit_s", left_s))
        watch = Watch(
            run,
            clock=self._worker.clock,
            limit_s=limit_s,
            holding=self._worker.hold,
            trouble=self._worker.trouble,
        )
        stop = Deadline(limit_s, self._worker.clock, watch.ended)
        threads = getattr(options, "workers", DEFAULT_WORKERS)
        with watch, ThreadPoolExecutor(threads, thread_name_prefix="search") as beside:
            result = use_case(plan, options, stop=stop, beside=beside, on_progress=watch.hear)
        if isinstance(watch.over, JobTakenError):
            raise watch.over
        out_of_time = limit_s == left_s and stop.elapsed >= limit_s
        self._answer(run, optimization, asked.revision, result, CutShort.OUT_OF_TIME if out_of_time else None)

    def _answer(
        self, run: Run, optimization: Optimization, revision: int, result: Any, cut_short: CutShort | None
    ) -> None:
        told = whole(result)
        short, complete = brief(told)
        about = {"revision": revision, "complete": complete}
        output = self._put(run.job, "result.json", {**told, "revision": revision})
        proposal = self._propose(run.job, optimization, revision, result)
        try:
            run.succeed({**short, **about, "cut_short": cut_short}, output=output, proposal=proposal)
        except JobOverError:
            # Cancelled meanwhile: the best that was found is kept, unless another worker was quicker.
            with suppress(JobOverError):
                kept = {**short, **about, "cut_short": CutShort.CANCELLED}
                run.keep(kept, output=output, proposal=proposal)

    def _propose(self, job: Job, optimization: Optimization, revision: int, result: Any) -> str | None:
        proposals = dict(optimization.proposals(result))
        if not proposals:
            return None
        key = keys.job_object(job.tenant, job.id, "proposal.json")
        data = msgspec.json.encode(Proposal(revision=revision, proposals=proposals))
        self._files.put(key, data, name="proposal.json", media_type="application/json")
        return key

    def _put(self, job: Job, name: str, content: Any) -> Output:
        key = keys.job_object(job.tenant, job.id, name)
        data = msgspec.json.encode(content)
        self._files.put(key, data, name=f"{job.kind}.json", media_type="application/json")
        return Output(object=key, name=f"{job.kind}.json", media_type="application/json", size_bytes=len(data))
