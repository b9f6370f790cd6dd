"""How risky a plan is: a score, the tasks that make it so and why, and how much time and money to keep in reserve.

All of it follows from a simulation; docs/simulation.md says how the score is made and where each threshold is from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from nirman.optimization.options import SimulateOptions
from nirman.optimization.progress import OnProgress, silent
from nirman.optimization.simulation.monte_carlo import Executor, simulate
from nirman.optimization.simulation.rain import stopped_by_rain
from nirman.optimization.simulation.result import Simulation, TargetKind, TaskFigures
from nirman.optimization.simulation.variables import open_risks, varying_tasks
from nirman.optimization.stop import StopCriterion
from nirman.planning.estimates import DurationEstimate
from nirman.planning.model import Plan
from nirman.planning.quality.assessment import assess
from nirman.planning.quality.check import Verdict
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

MOST_TASKS = 20
FULL_OVERRUN = 0.2
"""An overrun of this share of the planned time or cost counts as the worst."""
OFTEN_CRITICAL = 0.5
CRUCIAL = 0.1
SOMETIMES_CRITICAL = 0.1
WIDE_RANGE = 0.5
"""From optimistic to pessimistic, as a share of the most likely duration."""
LONG_SHARE = 0.1
"""Of the project's working time."""
WET_SHARE = 0.2
"""Of a task's days that rain is expected to take."""
_OF_EXPOSURE, _OF_QUALITY = 0.8, 0.2
_NOTHING = Decimal(0)


class Level(StrEnum):
    """Of a score: below 25, 50 and 75, and above."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    EXTREME = "extreme"


class ReasonKind(StrEnum):
    CRITICAL = "critical"
    CRUCIAL = "crucial"
    WIDE_RANGE = "wide_range"
    LONG_WITHOUT_SLACK = "long_without_slack"
    RISKS = "risks"
    RAIN = "rain"
    DEADLINE = "deadline"


_WEIGHTS = {
    ReasonKind.CRITICAL: 25,
    ReasonKind.CRUCIAL: 25,
    ReasonKind.DEADLINE: 20,
    ReasonKind.RISKS: 15,
    ReasonKind.WIDE_RANGE: 10,
    ReasonKind.LONG_WITHOUT_SLACK: 10,
    ReasonKind.RAIN: 10,
}
_ENOUGH = 20
"""Weight from which a task is told."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`value` is what the reason measures: a probability, an index, or a share, as its kind says."""

    kind: ReasonKind
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskyTask:
    """`weight`: the more reasons, and the graver, the more."""

    uid: int
    name: str
    weight: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingency:
    """What lies between the plan and the confidence; never negative. Working days are the project's."""

    working_days: float
    calendar_days: float
    finish: datetime
    cost: Decimal
    """In the project's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAssessment:
    """`score` 0 to 100. `target` is the date that must be met, or as planned; the other figures are what it is made of,
    each 0 to 1.
    """

    score: int
    level: Level
    target: datetime
    miss_probability: float
    time_impact: float
    cost_impact: float
    quality_impact: float
    failed_checks: tuple[str, ...]
    confidence_percent: int
    contingency: Contingency
    tasks: tuple[RiskyTask, ...]
    notes: tuple[str, ...]


def assess_risk(
    plan: Plan,
    options: SimulateOptions,
    *,
    stop: StopCriterion,
    beside: Executor | None = None,
    on_progress: OnProgress = silent,
) -> RiskAssessment:
    """By a simulation of its own. Errors as for `simulate`."""
    found = simulate(plan, options, stop=stop, beside=beside, on_progress=on_progress)
    return assessment(plan, options, found)


def assessment(plan: Plan, options: SimulateOptions, found: Simulation) -> RiskAssessment:
    """Of a simulation of this plan with these options."""
    schedule = schedule_plan(plan)
    of = _Assessment(plan, options, schedule, found)
    miss = 1 - of.target_probability()
    time_impact, cost_impact = of.time_impact(), of.cost_impact()
    failed = tuple(check.name for check in assess(plan, schedule) if check.verdict is Verdict.FAIL)
    quality = len(failed) / 14
    exposure = math.sqrt(miss * max(time_impact, cost_impact))
    score = round(100 * (_OF_EXPOSURE * exposure + _OF_QUALITY * quality))
    return RiskAssessment(
        score=score,
        level=tuple(Level)[min(score // 25, 3)],
        target=of.target(),
        miss_probability=round(miss, 4),
        time_impact=round(time_impact, 4),
        cost_impact=round(cost_impact, 4),
        quality_impact=round(quality, 4),
        failed_checks=failed,
        confidence_percent=found.confidence_percent,
        contingency=of.contingency(),
        tasks=tuple(of.risky_tasks()),
        notes=found.notes,
    )


class _Assessment:
    def __init__(self, plan: Plan, options: SimulateOptions, schedule: Schedule, found: Simulation) -> None:
        self.plan, self.schedule, self.found = plan, schedule, found
        self.working = Calendars(plan.calendars).working_time(plan.project.calendar_uid)
        self.estimates = {one.task.uid: one.estimate for one in varying_tasks(plan, options)}
        self.risks: dict[int, list[str]] = {}
        for risk in open_risks(plan) if options.risks else ():
            for uid in risk.task_uids if risk.most_delay_minutes else ():
                self.risks.setdefault(uid, []).append(f"{risk.name or risk.uid} ({risk.probability:.0%})")
        self.wet = {task.uid for task in stopped_by_rain(plan)} if options.rain else set()
        self.deadlines = {one.uid: one for one in found.targets if one.kind is TargetKind.DEADLINE}
        self.whole = max(1, self._between(schedule.project_start, schedule.project_finish))

    def _between(self, start: datetime, finish: datetime) -> int:
        """Working minutes of the project's calendar."""
        return self.working.between(to_minutes(start), to_minutes(finish))

    def target(self) -> datetime:
        return self.plan.project.must_finish or self.found.finish.planned

    def target_probability(self) -> float:
        for target in self.found.targets:
            if target.kind is TargetKind.MUST_FINISH:
                return target.probability
        return self.found.finish.planned_percentile / 100

    def time_impact(self) -> float:
        over = self._between(self.target(), self.found.finish_at_confidence)
        return min(1.0, max(0, over) / (FULL_OVERRUN * self.whole))

    def cost_impact(self) -> float:
        planned = self.found.cost.planned
        over = max(_NOTHING, self.found.cost_at_confidence - planned)
        if planned <= 0:
            return 1.0 if over else 0.0
        return min(1.0, float(over / planned) / FULL_OVERRUN)

    def contingency(self) -> Contingency:
        planned, finish = self.found.finish.planned, self.found.finish_at_confidence
        minutes = max(0, self._between(planned, finish))
        return Contingency(
            working_days=round(minutes / self.plan.project.minutes_per_day, 2),
            calendar_days=round(max(0.0, (finish - planned) / timedelta(days=1)), 2),
            finish=max(planned, finish),
            cost=max(_NOTHING, self.found.cost_at_confidence - self.found.cost.planned),
        )

    def risky_tasks(self) -> list[RiskyTask]:
        """The gravest first."""
        found = []
        for figures in self.found.tasks:
            if figures.summary or self.plan.tasks[figures.uid].actual_finish is not None:
                continue
            reasons = tuple(self._reasons(figures))
            weight = sum(_WEIGHTS[reason.kind] for reason in reasons)
            if weight >= _ENOUGH:
                found.append((weight, figures, reasons))
        found.sort(key=lambda one: (-one[0], -one[1].cruciality, -one[1].criticality, one[1].uid))
        return [
            RiskyTask(uid=figures.uid, name=figures.name, weight=weight, reasons=reasons)
            for weight, figures, reasons in found[:MOST_TASKS]
        ]

    def _reasons(self, figures: TaskFigures) -> Iterator[Reason]:
        uid, criticality = figures.uid, figures.criticality
        if criticality >= OFTEN_CRITICAL:
            yield Reason(ReasonKind.CRITICAL, criticality, f"critical in {criticality:.0%} of the samples")
        if figures.cruciality >= CRUCIAL:
            text = f"its duration and the project's finish go together (cruciality {figures.cruciality:.2f})"
            yield Reason(ReasonKind.CRUCIAL, figures.cruciality, text)
        target = self.deadlines.get(uid)
        if target is not None and target.probability < OFTEN_CRITICAL:
            yield Reason(
                ReasonKind.DEADLINE,
                target.probability,
                f"meets its deadline in {target.probability:.0%} of the samples",
            )
        if uid in self.risks and criticality >= SOMETIMES_CRITICAL:
            yield Reason(ReasonKind.RISKS, float(len(self.risks[uid])), f"open risks: {', '.join(self.risks[uid])}")
        spread = _spread(self.estimates.get(uid))
        if spread >= WIDE_RANGE and criticality >= SOMETIMES_CRITICAL:
            yield Reason(ReasonKind.WIDE_RANGE, spread, f"its range is {spread:.0%} of its most likely duration")
        yield from self._of_dates(uid)

    def _of_dates(self, uid: int) -> Iterator[Reason]:
        dates = self.schedule[uid]
        share = max(0, self._between(dates.start, dates.finish)) / self.whole
        if share >= LONG_SHARE and dates.total_slack_minutes <= 0:
            text = f"takes {share:.0%} of the project's time and has no slack"
            yield Reason(ReasonKind.LONG_WITHOUT_SLACK, round(share, 4), text)
        if uid in self.wet:
            lost = self._lost_share(dates.start, dates.finish)
            if lost >= WET_SHARE:
                yield Reason(
                    ReasonKind.RAIN, round(lost, 4), f"rain is expected to take {lost:.0%} of its working days"
                )

    def _lost_share(self, start: datetime, finish: datetime) -> float:
        """Of the days from start to finish: what rain takes of a month, by its working days."""
        days = [start + timedelta(days=n) for n in range((finish - start).days + 1)]
        rain = self.plan.project.rain_days
        worked = self.plan.project.days_per_month
        return sum(min(1.0, rain[day.month - 1] / worked) for day in days) / len(days)


def _spread(estimate: DurationEstimate | None) -> float:
    if estimate is None or not estimate.most_likely_minutes:
        return 0.0
    return round((estimate.pessimistic_minutes - estimate.optimistic_minutes) / estimate.most_likely_minutes, 4)
