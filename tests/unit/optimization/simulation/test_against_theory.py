"""Simulations of networks whose distribution is known: what is found differs by sampling error and no more.

Tolerances are four to five standard errors of the estimator (chance of a false alarm below 1e-4), for n samples:
mean σ/√n, standard deviation σ/√(2n), share √(p(1-p)/n), each widened by what rounding to whole minutes adds (half a
minute a task). Seeds are fixed, so a test that passes does so always.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation.model import make_model
from nirman.optimization.simulation.monte_carlo import simulate
from nirman.optimization.simulation.ranks import rank_correlations
from nirman.planning.estimates import Distribution, DurationEstimate, Risk, RiskState
from nirman.planning.model import Assignment, Calendar, Plan, Resource, ResourceKind, Task
from nirman.scheduling.instants import to_minutes
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.uncertain import never

N = 20_000
ERRORS = 4.5
ALWAYS = Calendar(uid=1, name="Every minute", week=(((0, 1440),),) * 7)


def varying(uid: int, least: int, likely: int, most: int, kind: Distribution, **values) -> Task:
    estimate = DurationEstimate(
        optimistic_minutes=least, most_likely_minutes=likely, pessimistic_minutes=most, distribution=kind
    )
    return make_task(uid, duration_minutes=likely, duration_estimate=estimate, **values)


def minutes(plan: Plan, **options) -> np.ndarray:
    """Of each sample, from the project's start to its finish."""
    samples = make_model(plan, SimulateOptions(**options)).run(0, N)
    return samples.finish.astype(np.int64) - to_minutes(plan.project.start)


def of_pert(least: int, likely: int, most: int) -> tuple[float, float]:
    """Mean and variance of its beta distribution."""
    mean = (least + 4 * likely + most) / 6
    return mean, (mean - least) * (most - mean) / 7


def of_triangle(least: int, likely: int, most: int) -> tuple[float, float]:
    square = least**2 + likely**2 + most**2 - least * likely - least * most - likely * most
    return (least + likely + most) / 3, square / 18


def assert_moments(found: np.ndarray, mean: float, variance: float, *, rounding: float = 0.0) -> None:
    deviation, n = math.sqrt(variance), len(found)
    assert found.mean() == pytest.approx(mean, abs=ERRORS * deviation / math.sqrt(n) + rounding)
    assert found.std() == pytest.approx(deviation, abs=ERRORS * deviation / math.sqrt(2 * n) + rounding)


@pytest.mark.parametrize(("kind", "of"), [(Distribution.PERT, of_pert), (Distribution.TRIANGULAR, of_triangle)])
def test_means_and_variances_of_a_chain_add_up(kind, of):
    points = [(1000 + 100 * n, 1500 + 100 * n, 4000 + 150 * n) for n in range(12)]
    tasks = [varying(uid, *three, kind) for uid, three in enumerate(points, 1)]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, len(tasks))]
    mean, variance = (sum(part) for part in zip(*(of(*three) for three in points), strict=True))
    found = minutes(make_plan(tasks, links, calendars=[ALWAYS]))
    assert_moments(found, mean, variance, rounding=0.5 * math.sqrt(len(tasks)))
    for percent in (10, 50, 80, 90):  # twelve of them are nearly normal: to a fiftieth of a deviation
        normal = NormalDist(mean, math.sqrt(variance)).inv_cdf(percent / 100)
        assert np.percentile(found, percent) == pytest.approx(normal, abs=0.06 * math.sqrt(variance))


def test_of_parallel_uniform_chains_the_finish_is_the_greatest():
    """The greatest of k uniform shares has the distribution x^k: mean k/(k+1), variance k/((k+1)²(k+2))."""
    k, width = 7, 10_000
    tasks = [varying(uid, 5000, 6000, 5000 + width, Distribution.UNIFORM) for uid in range(1, k + 1)]
    found = minutes(make_plan(tasks, calendars=[ALWAYS]))
    assert_moments(found, 5000 + width * k / (k + 1), width**2 * k / ((k + 1) ** 2 * (k + 2)), rounding=1)
    for share in (0.1, 0.5, 0.8, 0.9):
        met = (found <= 5000 + width * share ** (1 / k)).mean()
        assert met == pytest.approx(share, abs=ERRORS * math.sqrt(share * (1 - share) / N) + 1e-3)


def test_of_two_nearly_normal_chains_the_finish_is_clarks():
    """The greater of two independent normal chains of one mean and deviation: mean μ + σ/√π (Clark 1961)."""
    three = (1000, 1400, 2400)
    tasks = [varying(uid, *three, Distribution.TRIANGULAR) for uid in range(1, 61)]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, 60) if uid != 30]
    mean, variance = of_triangle(*three)
    chain, deviation = 30 * mean, math.sqrt(30 * variance)
    found = minutes(make_plan(tasks, links, calendars=[ALWAYS]))
    assert_moments(found, chain + deviation / math.sqrt(math.pi), 30 * variance * (1 - 1 / math.pi), rounding=5)


def test_of_equal_parallel_tasks_each_is_critical_in_its_share_of_the_samples():
    k = 4
    tasks = [varying(uid, 10_000, 20_000, 90_000, Distribution.UNIFORM) for uid in range(1, k + 1)]
    samples = make_model(make_plan(tasks, calendars=[ALWAYS]), SimulateOptions()).run(0, N)
    for critical in samples.critical[:k]:
        assert critical / N == pytest.approx(1 / k, abs=ERRORS * math.sqrt(1 / k * (1 - 1 / k) / N) + 1e-4)


def test_triangular_percentiles_of_a_single_task():
    least, likely, most = 10_000, 14_000, 40_000
    found = minutes(make_plan([varying(1, least, likely, most, Distribution.TRIANGULAR)], calendars=[ALWAYS]))
    mode = (likely - least) / (most - least)
    for share in (0.05, 0.1, 0.25, 0.5, 0.8, 0.9, 0.95):
        form = math.sqrt(share * mode) if share < mode else 1 - math.sqrt((1 - share) * (1 - mode))
        met = (found <= least + (most - least) * form).mean()
        assert met == pytest.approx(share, abs=ERRORS * math.sqrt(share * (1 - share) / N))


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("kinds", [(Distribution.TRIANGULAR, Distribution.LOGNORMAL), (Distribution.PERT,) * 2])
def test_ranks_of_any_two_durations_have_the_correlation_that_was_asked_for(correlation, kinds):
    tasks = [varying(uid, 10_000, 12_000, 60_000, kind) for uid, kind in enumerate(kinds, 1)]
    model = make_model(make_plan(tasks, calendars=[ALWAYS]), SimulateOptions(correlation=correlation))
    drawn = model.run(0, N, record=True).each_minutes
    ranks = drawn.argsort(axis=0).argsort(axis=0)
    found = np.corrcoef(ranks[:, 0], ranks[:, 1])[0, 1]
    assert found == pytest.approx(correlation, abs=ERRORS / math.sqrt(N))


def test_correlated_chains_vary_more_and_not_elsewhere():
    points = (1000, 1500, 4000)
    tasks = [varying(uid, *points, Distribution.PERT) for uid in range(1, 13)]
    links = [make_link(uid, uid, uid + 1) for uid in range(1, 12)]
    plan = make_plan(tasks, links, calendars=[ALWAYS])
    mean, variance = of_pert(*points)
    alone, together = minutes(plan), minutes(plan, correlation=0.5)
    assert_moments(alone, 12 * mean, 12 * variance, rounding=2)
    assert together.mean() == pytest.approx(12 * mean, abs=ERRORS * together.std() / math.sqrt(N) + 2)
    # Pearson's of PERT durations is a little below that of their ranks, 0.5
    expected = math.sqrt(12 * variance * (1 + 11 * 0.5))
    assert together.std() == pytest.approx(expected, rel=0.05)


def test_the_rank_correlation_of_one_task_with_its_finish_is_spearmans():
    """Two tasks in a row, by an independent computation from the very samples."""
    tasks = [varying(uid, 1000 * uid, 2000 * uid, 9000 * uid, Distribution.TRIANGULAR) for uid in (1, 2)]
    model = make_model(make_plan(tasks, [make_link(1, 1, 2)], calendars=[ALWAYS]), SimulateOptions())
    samples = model.run(0, 10_000, record=True)
    found = rank_correlations(model, samples.finish).tasks
    ranks = [column.argsort(kind="stable").argsort() for column in (*samples.each_minutes.T, samples.finish)]
    for number in (0, 1):
        assert found[number] == pytest.approx(np.corrcoef(ranks[number], ranks[2])[0, 1], abs=0.005)


RISK = Risk(
    uid=1,
    name="Flood",
    probability=0.3,
    task_uids=(1, 2),
    least_delay_minutes=1000,
    likely_delay_minutes=2000,
    most_delay_minutes=6000,
    least_cost=Decimal(100),
    likely_cost=Decimal(500),
    most_cost=Decimal(900),
)


def risky(risk: Risk = RISK, **values) -> Plan:
    tasks = [make_task(1, duration_minutes=5000), make_task(2, duration_minutes=5000)]
    return make_plan(tasks, [make_link(1, 1, 2)], calendars=[ALWAYS], risks=[risk], **values)


def test_a_risk_comes_about_as_often_as_it_says_and_delays_each_of_its_tasks_by_one_delay():
    model = make_model(risky(), SimulateOptions())
    samples = model.run(0, N, record=True)
    delays = samples.each_minutes - 5000
    assert np.array_equal(delays[:, 0], delays[:, 1])
    happened = delays[:, 0] > 0
    assert samples.occurred[0] == happened.sum()
    assert happened.mean() == pytest.approx(0.3, abs=ERRORS * math.sqrt(0.3 * 0.7 / N))
    assert_moments(delays[happened, 0], *of_triangle(1000, 2000, 6000), rounding=0.5)
    assert not samples.cost[~happened].any()
    assert_moments(samples.cost[happened], *of_triangle(100, 500, 900))


@pytest.mark.parametrize("state", [RiskState.OCCURRED, RiskState.CLOSED])
def test_only_an_open_risk_can_come_about(state):
    found = minutes(risky(replace(RISK, state=state, probability=1.0)))
    assert set(found) == {10_000}
    assert set(minutes(risky(replace(RISK, probability=1.0)), risks=False)) == {10_000}
    assert set(minutes(risky(replace(RISK, probability=1.0, least_delay_minutes=2000, most_delay_minutes=2000)))) == {
        14_000
    }


def test_rain_takes_as_many_working_days_of_a_month_as_it_does_on_average():
    """Twelve days in June, of its 22 working days (Sunday to Thursday): each is lost with the chance of 12/22."""
    long = make_task(1, duration_minutes=480 * 300, rain_stops_work=True)
    rain = (0.0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0)
    plan = make_plan([long], rain_days=rain)
    samples = make_model(plan, SimulateOptions()).run(0, 4000, record=True)
    first = plan.project.start.date()
    june = [(date(2026, 6, 1) + timedelta(days=n) - first).days for n in range(30)]
    working = [day for day in june if (first + timedelta(days=day)).weekday() not in (4, 5)]
    assert len(working) == 22
    wet = samples.each_rain[:, working].sum(axis=1)
    assert_moments(wet, 12, 12 * (1 - 12 / 22))
    others = np.delete(samples.each_rain[:, : june[-1] + 30], june, axis=1)
    assert not others.any()


def test_rain_does_not_touch_what_it_does_not_stop_nor_what_has_happened():
    rain = (31.0,) * 12
    dry = make_plan([make_task(1, duration_minutes=4800)], rain_days=rain)
    assert len(set(make_model(dry, SimulateOptions()).run(0, 100).finish)) == 1
    started = make_task(
        1,
        duration_minutes=4800,
        rain_stops_work=True,
        actual_start=datetime(2026, 1, 4, 8),
        percent_complete=50,
    )
    rain = (8.0, *(0.0,) * 11)
    plan = make_plan([started], rain_days=rain, status_date=datetime(2026, 1, 11, 8))
    samples = make_model(plan, SimulateOptions()).run(0, 400, record=True)
    assert samples.each_rain[:, 0].any(), "the first day that may be wet is the status date's"
    assert samples.finish.min() == to_minutes(datetime(2026, 1, 15, 17))
    assert samples.finish.max() > samples.finish.min()


def test_what_is_paid_by_the_hour_costs_as_much_more_as_a_task_takes_longer():
    task = varying(1, 480, 960, 4800, Distribution.TRIANGULAR, fixed_cost=Decimal(1000))
    resources = [
        Resource(uid=1, standard_rate=Decimal(60), cost_per_use=Decimal(30)),
        Resource(uid=2, kind=ResourceKind.MATERIAL, standard_rate=Decimal(7)),
    ]
    assignments = [
        Assignment(uid=1, task_uid=1, resource_uid=1, units=2.0),
        Assignment(uid=2, task_uid=1, resource_uid=2, units=10.0),
    ]
    plan = make_plan([task], resources=resources, assignments=assignments, indirect_cost_per_day=Decimal(100))
    found = simulate(plan, SimulateOptions(iterations=N), stop=never())
    two_days = 1000 + 2 * 960 + 2 * 30 + 70
    assert found.cost.planned == two_days + 2 * 100
    mean, _ = of_triangle(480, 960, 4800)
    days = [
        sample.finish.date().toordinal() - plan.project.start.date().toordinal() + 1 for sample in found.finish.curve
    ]
    direct = 1000 + 2 * mean + 2 * 30 + 70
    assert direct + 100 * min(days) < float(found.cost.mean) < direct + 100 * max(days)
    without = replace(plan, project=replace(plan.project, indirect_cost_per_day=Decimal(0)))
    exact = simulate(without, SimulateOptions(iterations=N), stop=never())
    assert float(exact.cost.mean) == pytest.approx(direct, abs=ERRORS * float(exact.cost.deviation) / math.sqrt(N) + 1)
