"""An optimization from the job to its result. The plan itself is only read: whoever likes the result applies it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from functions.optimizer.sharing import Sharing, is_shared
from nirman.aws import keys
from nirman.aws.files import Files
from nirman.errors import InvalidInputError
from nirman.jobs.answers import CutShort, Proposal, brief, whole
from nirman.jobs.job import Job, JobOverError, JobTakenError, Output
from nirman.jobs.optimizations import OPTIMIZERS, Optimization, OptimizationParameters
from nirman.jobs.parts import Part
from nirman.jobs.ports import JobQueue
from nirman.jobs.service import Run
from nirman.jobs.watch import Held, Watch
from nirman.optimization.stop import Deadline
from nirman.planlog.history import plan_at
from nirman.planlog.service import PlanService
from nirman.planning.model import Plan
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


@dataclass(frozen=True, slots=True)
class _Task:
    """What a job asks for, read for the work: the plan is that of the revision that it names."""

    optimization: Optimization
    revision: int
    options: Any
    plan: Plan


class Optimizer:
    def __init__(
        self, *, plans: PlanService, directory: Directory, files: Files, queue: JobQueue, worker: Worker
    ) -> None:
        self._plans = plans
        self._directory = directory
        self._files = files
        self._sharing = Sharing(files, queue)
        self._worker = worker

    def work(self, run: Run) -> None:
        task = self._task(run.job)
        if is_shared(run.job.kind, task.options):
            self._sharing.share_out(run, task.options)
            return
        use_case = task.optimization.use_case()
        left_s = self._worker.left_s
        limit_s = min(left_s, getattr(task.options, "time_limit_s", left_s))
        watch = self._watch(run, limit_s)
        stop = Deadline(limit_s, self._worker.clock, watch.ended)
        threads = getattr(task.options, "workers", DEFAULT_WORKERS)
        with watch, ThreadPoolExecutor(threads, thread_name_prefix="search") as beside:
            result = use_case(task.plan, task.options, stop=stop, beside=beside, on_progress=watch.hear)
        _go_on(watch)
        out_of_time = limit_s == left_s and stop.elapsed >= limit_s
        self._answer(run, task, result, CutShort.OUT_OF_TIME if out_of_time else None)

    def compute_part(self, number: int, part: Part) -> None:
        task = self._task(part.job)
        with self._watch(part, self._worker.left_s) as watch:
            self._sharing.compute(part, number, task.plan, task.options)
        _go_on(watch)

    def put_together(self, run: Run) -> None:
        """Also of a job that was cancelled: what there is of it is kept."""
        task = self._task(run.job)
        with self._watch(run, self._worker.left_s) as watch:
            result = self._sharing.put_together(run.job, task.plan, task.options)
        _go_on(watch)
        self._answer(run, task, result)

    def _task(self, job: Job) -> _Task:
        """InvalidInputError for what this version cannot do, NotFoundError and ForbiddenError where the author is not
        let in: asked again, since they may have lost the right to, and the project may be gone.
        """
        optimization = OPTIMIZERS.get(job.kind)
        if optimization is None:
            raise InvalidInputError(f"{job.kind} jobs are not done here", place="kind")
        try:
            asked = msgspec.convert(job.parameters, OptimizationParameters)
            options = msgspec.convert(asked.options, optimization.options)
        except msgspec.ValidationError as exc:
            raise InvalidInputError(str(exc), place="parameters") from exc
        self._directory.open(job.created_by, job.project, Permission.EDIT)
        return _Task(optimization, asked.revision, options, plan_at(self._plans, job.key, asked.revision).plan)

    def _watch(self, held: Held, limit_s: float) -> Watch:
        worker = self._worker
        return Watch(held, clock=worker.clock, limit_s=limit_s, holding=worker.hold, trouble=worker.trouble)

    def _answer(self, run: Run, task: _Task, result: Any, cut_short: CutShort | None = None) -> None:
        told = whole(result) | whole(dict(task.optimization.beside(task.plan, task.options, result)))
        short, complete = brief(told)
        about = {"revision": task.revision, "complete": complete}
        output = self._put(run.job, "result.json", {**told, "revision": task.revision})
        proposal = self._propose(run.job, task, result)
        headway = task.optimization.headway(result)
        try:
            found = {**short, **about, "cut_short": cut_short}
            run.succeed(found, output=output, proposal=proposal, headway=headway)
        except JobOverError:
            # Cancelled meanwhile: the best that was found is kept, unless another worker was quicker.
            with suppress(JobOverError):
                kept = {**short, **about, "cut_short": CutShort.CANCELLED}
                run.keep(kept, output=output, proposal=proposal, headway=headway)

    def _propose(self, job: Job, task: _Task, result: Any) -> str | None:
        proposals = dict(task.optimization.proposals(result))
        if not proposals:
            return None
        key = keys.job_object(job.tenant, job.id, "proposal.json")
        data = msgspec.json.encode(Proposal(revision=task.revision, proposals=proposals))
        self._files.put(key, data, name="proposal.json", media_type="application/json")
        return key

    def _put(self, job: Job, name: str, content: Any) -> Output:
        key = keys.job_object(job.tenant, job.id, name)
        data = msgspec.json.encode(content)
        self._files.put(key, data, name=f"{job.kind}.json", media_type="application/json")
        return Output(object=key, name=f"{job.kind}.json", media_type="application/json", size_bytes=len(data))


def _go_on(watch: Watch) -> None:
    """Not when another worker has the job; when it was cancelled what was found is still to be kept."""
    if isinstance(watch.over, JobTakenError):
        raise watch.over
