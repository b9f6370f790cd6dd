"""What is known of a problem while it is solved: the best schedule, the best bound, what cannot be."""

from __future__ import annotations

from nirman.optimization.solver.answer import Answer, Progress, Solution, Status
from nirman.optimization.solver.bounds import lower_bound
from nirman.optimization.solver.checks import conflicts
from nirman.optimization.solver.constraints import Run, Verdict, can_model
from nirman.optimization.solver.contradictions import contradiction
from nirman.optimization.solver.problem import Problem
from nirman.optimization.solver.search import Found, Search

FIRST_WORK = 60_000
"""Activities placed for the first answer: some 15 ms."""
CLOSE = 0.04
"""A gap that constraint programming may close: from here on it is worth its time, above it searching is."""
SMALL = 80
"""Activities of a problem that it may close from any gap."""


class Session:
    """Made with a first answer; `Run`s and other searches add to it."""

    def __init__(self, problem: Problem, seed: int, on_progress: Progress | None, *, enough: int = 0) -> None:
        self.problem, self.seed = problem, seed
        self.reproducible = True
        self._enough = enough
        self.schedules_elsewhere = 0
        self.may_prove = can_model(problem)
        self._splits = any(activity.may_split for activity in problem.activities)
        self._on_progress = on_progress
        self.search = Search(problem, seed)
        early, late = self.search.without_resources()
        self.conflicts = tuple(conflicts(problem, early, late))
        self.bound, self.bound_by = lower_bound(problem, self.search, early)
        self.size = max(1, len(problem.activities))
        if not self.conflicts:
            self.search.run(FIRST_WORK)  # whatever is proven of the first schedule: others may suit priorities better
        self.best = self.search.best()
        self._tell()

    @property
    def finished(self) -> bool:
        """Whether nothing better is wanted, or can be."""
        return bool(self.conflicts) or (not self.best.late and self.best.makespan <= max(self.bound, self._enough))

    @property
    def close(self) -> bool:
        """Whether constraint programming may be near to a proof."""
        gap = self.best.makespan - self.bound
        return self.size <= SMALL or (not self.best.late and gap <= CLOSE * self.best.makespan)

    def look(self) -> None:
        """Takes what the search has, when that is better."""
        self._take(self.search.best())

    def _take(self, found: Found) -> None:
        if (found.late, found.makespan) < (self.best.late, self.best.makespan):
            self.best = found
            self._tell()

    def run(self) -> Run:
        """Constraint programming for something below the best makespan, or for anything at all."""
        limit = self.search.axis if self.best.late else self.best.makespan - self.search.period
        return Run(self.problem, self.search.period, limit=limit, bound=self.bound, seed=self.seed)

    def learn(self, verdict: Verdict) -> None:
        if verdict.better is not None:
            # The search may not get there: it places predecessors first, which leads can make a detour.
            self._take(verdict.better)
            self.search.join(verdict.better.starts, verdict.better.modes)
        elif verdict.exhausted and self.best.late:
            self.conflicts = (contradiction(self.problem),)
            return
        self.raise_bound(verdict.bound)

    def raise_bound(self, bound: int) -> None:
        if bound > self.bound:
            self.bound, self.bound_by = bound, "constraint programming"
            self._tell()

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(None if self.best.late else self._solution(), self.bound)

    def _solution(self) -> Solution:
        best = self.best
        lateness = sum(
            max(0, finish - activity.latest_finish)
            for finish, activity in zip(best.finishes, self.problem.activities, strict=True)
            if activity.latest_finish is not None
        )
        segments = self.search.segments() if self._splits else {}
        return Solution(best.starts, best.finishes, best.modes, best.makespan, lateness, segments)

    def _takes_too_much(self) -> bool:
        """Whether the modes of the best schedule take more of a non-renewable than there is."""
        chosen = [a.modes[mode] for a, mode in zip(self.problem.activities, self.best.modes, strict=True)]
        return any(
            sum(mode.consumption.get(number, 0) for mode in chosen) > resource.total
            for number, resource in enumerate(self.problem.non_renewables)
        )

    def answer(self) -> Answer:
        self.look()
        found = self.search.best()
        if (found.late, found.makespan) == (self.best.late, self.best.makespan):
            self.best = found  # of schedules as long as this one, the search keeps the one that suits priorities
        proven = not self.best.late and self.best.makespan <= self.bound
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        if self.conflicts:
            status = Status.INFEASIBLE
        elif self.best.late:
            status = Status.UNKNOWN
        solution = None if self.conflicts or self._takes_too_much() else self._solution()
        return Answer(
            status=status,
            solution=solution,
            lower_bound=self.bound,
            bound_by=self.bound_by,
            schedules=self.search.schedules + self.schedules_elsewhere,
            reproducible=self.reproducible,
            conflicts=self.conflicts,
        )
