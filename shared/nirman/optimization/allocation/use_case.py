"""Which resource does which task, at least cost or for the earliest finish.

The plan is levelled with every choice, since a choice that two tasks fight over is none: the answer says who does what
and how long tasks wait for that. What has begun keeps whom it has; see `docs/alternatives.md`.
"""

from __future__ import annotations

from decimal import Decimal

from nirman.errors import InvalidInputError
from nirman.optimization.allocation.choices import Choices, choices_of
from nirman.optimization.allocation.exact import Exact
from nirman.optimization.allocation.modes import Modes, modes_of
from nirman.optimization.allocation.report import Best, report
from nirman.optimization.allocation.result import Allocation
from nirman.optimization.allocation.search import MOST_VECTORS, NOMINAL_TASKS, Walked, all_choices, neighbours
from nirman.optimization.allocation.trial import Trial, Trials
from nirman.optimization.alternatives.figures import Figures
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.days import Days
from nirman.optimization.direction import NOT_LEVELLED_BACK, check_from_start
from nirman.optimization.options import Aim, AllocateOptions
from nirman.optimization.progress import OnProgress, Progress, silent
from nirman.optimization.solver.companion import Executor
from nirman.optimization.stop import Sooner, StopCriterion
from nirman.planning.model import Plan

_PRESENT_S = 0.3
_WALKING_SHARE = 0.9


def allocate(
    plan: Plan,
    options: AllocateOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> Allocation:
    """`InvalidInputError` for a task that is not there, and for a plan that is scheduled from its finish."""
    if missing := sorted(set(options.task_uids) - plan.tasks.keys()):
        raise InvalidInputError(f"there is no task {missing[0]}", place="task_uids")
    check_from_start(plan, NOT_LEVELLED_BACK)
    situation = Situation(plan)
    choices = choices_of(situation, frozenset(options.task_uids))
    trials = Trials(choices, stop, options.seed)
    levelled = trials.levelled(choices.present, _PRESENT_S)
    search = _Search(situation, choices, trials, levelled, options, stop, beside, on_progress)
    return report(situation, choices, trials, levelled, search.run(), options.minimise)


class _Search:
    def __init__(
        self,
        situation: Situation,
        choices: Choices,
        trials: Trials,
        levelled: Trial,
        options: AllocateOptions,
        stop: StopCriterion,
        beside: Executor | None,
        on_progress: OnProgress,
    ) -> None:
        self._situation, self._choices, self._trials, self._levelled = situation, choices, trials, levelled
        self._options, self._stop, self._on_progress = options, stop, on_progress
        self._aim = options.minimise
        self._beside = beside if options.workers > 1 else None
        self._before = Figures(situation.plan, situation.schedule)

    def run(self) -> Best:
        modes = modes_of(self._choices) if self._choices.tasks else None
        search = None if modes is None else self._exact(modes)
        found = search.run() if search is not None and modes is not None and modes.exact else None
        if found is None:
            return self._walked(search)
        best = min(found.best, self._levelled, key=self._key)
        stopped = self._stop()
        reproducible = found.reproducible and not stopped
        cost_bound = found.cost_bound if self._aim is Aim.COST else None
        return Best(best, found.finish_bound, cost_bound, "constraint programming", stopped, reproducible)

    def _key(self, trial: Trial) -> tuple[object, ...]:
        return trial.key(self._aim)

    def _exact(self, modes: Modes) -> Exact:
        self._hear(self._levelled)
        return Exact(
            modes,
            self._trials,
            self._levelled,
            self._before,
            self._options,
            self._stop,
            self._beside,
            self._on_progress,
        )

    def _walked(self, search: Exact | None) -> Best:
        """By trying choices; what is tried is proven where nothing else is left."""
        seconds = _WALKING_SHARE * self._options.time_limit_s
        stop = Sooner(self._stop, seconds)
        few = self._choices.complete and self._choices.count <= MOST_VECTORS
        if few:
            walked = all_choices(self._trials, self._aim, seconds, stop, self._hear)
        else:
            begin = [self._levelled]
            if self._choices.cheapest != self._choices.present:
                begin.append(self._trials.levelled(self._choices.cheapest, _PRESENT_S))
            size = max(1, len(self._situation.plan.tasks))
            most = max(20, int(self._options.time_limit_s * NOMINAL_TASKS / size))
            if search is not None and (trial := search.begin()) is not None:
                begin.append(trial)
            walked = neighbours(self._trials, self._aim, begin, most, stop, self._hear)
        best = min(walked.best, self._levelled, key=self._key)
        finish_bound = best.figures.finish if walked.all_tried and walked.all_proven else None
        cost_bound = self._cost_bound(walked, best) if self._aim is Aim.COST else None
        method = "all choices" if few else "neighbours"
        stopped = walked.stopped
        clock = self._stop.elapsed >= seconds or self._stop()
        return Best(
            trial=best,
            finish_bound=finish_bound if self._aim is Aim.FINISH else None,
            cost_bound=cost_bound,
            method=method,
            stopped=stopped,
            reproducible=not (stopped and clock),
        )

    def _cost_bound(self, walked: Walked, best: Trial) -> Decimal | None:
        """The cheapest hands, and the days of the project's first day; or the best, where all were tried."""
        if walked.all_tried and walked.all_proven:
            return best.figures.money.total
        if not self._choices.complete:
            return None
        rest = self._before.money.direct - self._choices.cost(self._choices.present)
        start = self._before.schedule.project_start
        return rest + self._choices.cost(self._choices.cheapest) + Days(self._choices.plan, start).both(start)

    def _hear(self, trial: Trial) -> None:
        figures = trial.figures
        self._on_progress(Progress(phase="allocation", finish=figures.finish, cost=figures.money.total))
