"""The score, the tasks at risk and why, and what to keep in reserve."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from nirman.optimization.options import SimulateOptions
from nirman.optimization.risk import Level, ReasonKind, RiskAssessment, assess_risk
from nirman.optimization.simulation.monte_carlo import simulate
from nirman.planning.estimates import Risk
from nirman.planning.model import Assignment, Plan, Resource
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.uncertain import estimated, never

OPTIONS = SimulateOptions(iterations=2_000, seed=5)


def chain(above: float = 1.0, **project) -> Plan:
    """Three tasks in a row, each a gang's; the second and longest may take much longer."""
    tasks = [
        make_task(1, duration_minutes=2400),
        estimated(make_task(2, duration_minutes=9600), 0.1, above),
        make_task(3, duration_minutes=2400),
    ]
    return make_plan(
        tasks,
        [make_link(1, 1, 2), make_link(2, 2, 3)],
        resources=[Resource(uid=1, standard_rate=Decimal(60))],
        assignments=[Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3)],
        **project,
    )


def assessed(plan: Plan, options: SimulateOptions = OPTIONS) -> RiskAssessment:
    return assess_risk(plan, options, stop=never())


def reasons(found: RiskAssessment, uid: int) -> set[ReasonKind]:
    return {reason.kind for task in found.tasks if task.uid == uid for reason in task.reasons}


def test_the_reserve_is_what_lies_between_the_plan_and_the_confidence():
    plan = chain()
    found, simulated = assessed(plan), simulate(plan, OPTIONS, stop=never())
    assert found.contingency.finish == simulated.finish.percentiles[80]
    assert found.contingency.cost == simulated.cost.percentiles[80] - simulated.cost.planned > 0
    minutes = found.contingency.working_days * 480
    assert float(found.contingency.cost) == pytest.approx(minutes, rel=0.02), "a minute more costs one taka"
    nearly_sure = assessed(plan, SimulateOptions(iterations=2_000, seed=5, confidence_percent=95))
    assert nearly_sure.contingency.working_days > found.contingency.working_days
    assert nearly_sure.contingency.cost > found.contingency.cost


def test_what_is_certain_needs_no_reserve_and_scores_for_its_quality_alone():
    found = assessed(make_plan(2, [make_link(1, 1, 2)]))
    assert (found.contingency.working_days, found.contingency.cost) == (0, 0)
    assert found.miss_probability == 0
    assert found.score == round(100 * 0.2 * len(found.failed_checks) / 14)
    assert found.level is Level.LOW


def test_the_later_it_must_finish_the_lower_is_the_score():
    dates = [datetime(2026, month, 1, 17) for month in (2, 3, 12)]
    scores = [assessed(chain(must_finish=date)).score for date in dates]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_the_score_is_made_of_the_figures_beside_it():
    found = assessed(chain())
    exposure = (found.miss_probability * max(found.time_impact, found.cost_impact)) ** 0.5
    assert found.score == round(100 * (0.8 * exposure + 0.2 * found.quality_impact))
    assert found.level is tuple(Level)[min(found.score // 25, 3)]


def test_the_task_that_decides_is_told_with_its_reasons():
    found = assessed(chain())
    assert found.tasks[0].uid == 2
    assert reasons(found, 2) >= {
        ReasonKind.CRITICAL,
        ReasonKind.CRUCIAL,
        ReasonKind.WIDE_RANGE,
        ReasonKind.LONG_WITHOUT_SLACK,
    }
    assert all(reason.text for task in found.tasks for reason in task.reasons)
    assert found.tasks[0].weight >= found.tasks[-1].weight


def test_open_risks_rain_and_deadlines_are_reasons_too():
    plan = chain(rain_days=(12.0,) * 12)
    wet = replace(plan.tasks[2], rain_stops_work=True, deadline=datetime(2026, 2, 6, 17))
    risk = Risk(uid=1, name="Strike", probability=0.4, task_uids=(2,), likely_delay_minutes=480, most_delay_minutes=960)
    plan = replace(plan, tasks=plan.tasks | {2: wet}, risks={1: risk})
    found = assessed(plan)
    assert reasons(found, 2) >= {ReasonKind.RISKS, ReasonKind.RAIN, ReasonKind.DEADLINE}
    texts = " ".join(reason.text for reason in found.tasks[0].reasons)
    assert "Strike (40%)" in texts
    without = assessed(plan, SimulateOptions(iterations=2_000, seed=5, risks=False, rain=False))
    assert reasons(without, 2).isdisjoint({ReasonKind.RISKS, ReasonKind.RAIN})


def test_what_is_finished_is_no_risk():
    plan = chain()
    done = replace(
        plan.tasks[1],
        actual_start=datetime(2026, 1, 4, 8),
        actual_finish=datetime(2026, 1, 8, 17),
        percent_complete=100,
    )
    found = assessed(replace(plan, tasks=plan.tasks | {1: done}))
    assert 1 not in {task.uid for task in found.tasks}
