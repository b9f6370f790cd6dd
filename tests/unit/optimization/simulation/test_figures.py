"""What is said of the samples: percentiles, curves, targets, indices, notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from nirman.errors import InvalidInputError
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation.figures import MOST_POINTS, percentile
from nirman.optimization.simulation.model import make_model
from nirman.optimization.simulation.monte_carlo import simulate
from nirman.optimization.simulation.result import Method, Source, TargetKind
from nirman.planning.estimates import Distribution, Risk
from nirman.planning.model import ConstraintKind, CriticalBy, ScheduleFrom
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_datetime
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.uncertain import estimated, never, uncertain

OPTIONS = SimulateOptions(iterations=2_000, seed=5)
PLAN = uncertain(microsoft_network(4, Traits.LAGS | Traits.SUMMARIES | Traits.DEADLINES | Traits.CALENDARS, 40), 4)
FOUND = simulate(PLAN, OPTIONS, stop=never())


def two_ways(long: int = 9600, short: int = 4800):
    """A long and a short task side by side, then one more."""
    tasks = [
        estimated(make_task(1, duration_minutes=long), 0.2, 0.4),
        estimated(make_task(2, duration_minutes=short), 0.2, 0.4),
        estimated(make_task(3, duration_minutes=4800), 0.2, 0.4, Distribution.TRIANGULAR),
    ]
    return make_plan(tasks, [make_link(1, 1, 3), make_link(2, 2, 3)])


def test_percentiles_are_those_of_the_samples_themselves():
    samples = make_model(PLAN, OPTIONS).run(0, 2_000)
    ordered = np.sort(samples.finish)
    for percent, finish in FOUND.finish.percentiles.items():
        assert finish == to_datetime(int(ordered[percent * 20 - 1]))
        assert (samples.finish <= ordered[percent * 20 - 1]).mean() >= percent / 100
    assert FOUND.finish_at_confidence == FOUND.finish.percentiles[80]
    assert percentile(np.array([1, 2, 3]), 50) == 2


def test_curves_ascend_to_certainty_in_few_points():
    for curve in (FOUND.finish.curve, FOUND.cost.curve):
        assert 1 < len(curve) <= MOST_POINTS
        assert all(one.probability < other.probability for one, other in pairwise(curve))
        assert curve[-1].probability == 1
    assert (FOUND.finish.curve[0].finish, FOUND.finish.curve[-1].finish) == (FOUND.finish.least, FOUND.finish.most)


def test_the_planned_finish_is_the_engines_and_its_percentile_how_many_samples_meet_it():
    schedule = schedule_plan(PLAN)
    assert FOUND.finish.planned == schedule.project_finish
    samples = make_model(PLAN, OPTIONS).run(0, 2_000)
    met = np.mean([to_datetime(int(finish)) <= schedule.project_finish for finish in samples.finish])
    assert FOUND.finish.planned_percentile == pytest.approx(100 * met)


def test_figures_of_tasks_are_those_of_their_samples():
    """Percentiles are read from bins of an eighteenth of a deviation."""
    model = make_model(PLAN, OPTIONS)
    samples = model.run(0, 2_000, record=True)
    row_of = {uid: row for row, uid in enumerate(model.uids)}
    assert [task.uid for task in FOUND.tasks] == [uid for uid in schedule_plan(PLAN).uids if uid in row_of]
    for task in FOUND.tasks:
        finishes = samples.each_finish[:, row_of[task.uid]].astype(float)
        assert task.deviation_days * 1440 == pytest.approx(finishes.std(), abs=2)
        assert abs((task.mean_finish - to_datetime(round(finishes.mean()))).total_seconds()) <= 60
        for found, percent in ((task.p50, 50), (task.p80, 80)):
            near = [np.percentile(finishes, percent + by) for by in (-3, 3)]
            low, high = to_datetime(int(near[0])), to_datetime(int(np.ceil(near[1])))
            assert low <= found <= high or abs((found - low).total_seconds()) < 3600 * 24 * 4


def test_a_summary_ends_with_the_last_task_below_it():
    model = make_model(PLAN, OPTIONS)
    samples = model.run(0, 50, record=True)
    row_of = {uid: row for row, uid in enumerate(model.uids)}
    below: dict[int, list[int]] = {}
    for task in PLAN.tasks.values():
        if task.parent_uid is not None:
            below.setdefault(task.parent_uid, []).append(row_of[task.uid])
    assert below
    for uid, rows in below.items():
        assert np.array_equal(samples.each_finish[:, row_of[uid]], samples.each_finish[:, rows].max(axis=1))


def test_criticality_and_cruciality_tell_the_task_that_decides_from_the_one_that_waits():
    long, short, last = simulate(two_ways(), OPTIONS, stop=never()).tasks
    assert (long.criticality, short.criticality, last.criticality) == (1.0, 0.0, 1.0)
    assert long.cruciality == pytest.approx(long.rank_correlation)
    assert long.rank_correlation > last.rank_correlation > 0.3
    assert (short.cruciality, short.sensitivity) == (0.0, 0.0)
    assert abs(short.rank_correlation) < 0.1
    # what two tasks in a row share of a variance adds up to all of it
    assert long.sensitivity**2 + last.sensitivity**2 == pytest.approx(1, abs=0.05)


def test_the_tornado_moves_one_thing_at_a_time_and_leaves_out_what_is_chance():
    plan = two_ways()
    risk = Risk(
        uid=7, name="Strike", probability=0.5, task_uids=(3,), likely_delay_minutes=960, most_delay_minutes=1920
    )
    found = simulate(replace(plan, risks={7: risk}), OPTIONS, stop=never())
    assert {(bar.source, bar.uid) for bar in found.tornado} == {
        (Source.TASK, 1),
        (Source.TASK, 3),
        (Source.RISK, 7),
    }
    bars = {(bar.source, bar.uid): bar for bar in found.tornado}
    planned = schedule_plan(plan).project_finish
    flood = bars[Source.RISK, 7]
    assert (flood.low_finish, flood.swing_minutes) == (planned, 960)
    assert bars[Source.TASK, 1].low_finish < planned < bars[Source.TASK, 1].high_finish
    correlations = [abs(bar.rank_correlation) for bar in found.tornado]
    assert correlations == sorted(correlations, reverse=True)


def test_a_risk_is_told_with_how_much_later_it_makes_the_finish():
    always = dict.fromkeys(("least_delay_minutes", "likely_delay_minutes", "most_delay_minutes"), 4800)
    plan = replace(two_ways(), risks={7: Risk(uid=7, probability=0.5, task_uids=(1,), **always)})
    [told] = simulate(plan, OPTIONS, stop=never()).risks
    assert told.occurred == pytest.approx(0.5, abs=0.05)
    assert told.delay_days == pytest.approx(14, abs=1)  # ten working days
    assert told.rank_correlation > 0.7


def test_targets_are_met_as_often_as_samples_meet_them():
    plan = two_ways()
    by = datetime(2026, 2, 8, 17)
    deadline = replace(plan.tasks[1], deadline=datetime(2026, 2, 3, 17))
    project = replace(plan.project, must_finish=by)
    plan = replace(plan, tasks=plan.tasks | {1: deadline}, project=project)
    options = SimulateOptions(iterations=2_000, seed=5, finish_by=datetime(2030, 1, 1))
    found = simulate(plan, options, stop=never())
    samples = make_model(plan, options).run(0, 2_000, record=True)
    of = {target.kind: target for target in found.targets}
    assert of[TargetKind.FINISH_BY].probability == 1
    met = np.mean([to_datetime(int(finish)) <= by for finish in samples.finish])
    assert 0 < met < 1
    assert of[TargetKind.MUST_FINISH].probability == pytest.approx(met)
    met = np.mean([to_datetime(int(finish)) <= deadline.deadline for finish in samples.each_finish[:, 0]])
    assert of[TargetKind.DEADLINE].probability == pytest.approx(met)


def test_damages_are_paid_for_each_calendar_day_after_the_date():
    plan = make_plan(
        [estimated(make_task(1, duration_minutes=4800), 0, 2)],
        must_finish=datetime(2026, 1, 15, 17),
        delay_damages_per_day=Decimal(1000),
    )
    found = simulate(plan, OPTIONS, stop=never())
    assert found.cost.planned == 0
    assert found.cost.most == 1000 * (found.finish.most.date() - datetime(2026, 1, 15).date()).days


def test_a_plan_in_which_nothing_varies_says_so_and_finishes_as_planned():
    plan = make_plan(3, [make_link(1, 1, 2)])
    found = simulate(plan, OPTIONS, stop=never())
    assert "nothing varies" in found.notes[0]
    assert {found.finish.least, found.finish.most, found.finish.mean} == {schedule_plan(plan).project_finish}
    assert found.tornado == ()


def test_tasks_without_an_estimate_vary_by_the_spread_that_is_asked_for():
    options = SimulateOptions(iterations=2_000, spread_below_percent=10, spread_above_percent=50)
    model = make_model(make_plan([make_task(1, duration_minutes=4800)]), options)
    drawn = model.run(0, 2_000, record=True).each_minutes
    assert 4320 <= drawn.min() < 4800 < drawn.max() <= 7200
    assert drawn.mean() == pytest.approx((4320 + 4800 + 7200) / 3, rel=0.02)


def test_an_empty_plan_has_no_tasks_to_tell_of():
    found = simulate(make_plan(), OPTIONS, stop=never())
    assert (found.tasks, found.finish.planned) == ((), found.finish.most)


@pytest.mark.parametrize("by_path", [True, False])
def test_where_a_task_depends_on_more_than_its_neighbours_the_engine_schedules_every_sample(by_path):
    plan = two_ways()
    if by_path:
        plan = replace(plan, project=replace(plan.project, critical_by=CriticalBy.LONGEST_PATH))
    else:
        plan = replace(plan, tasks=plan.tasks | {2: replace(plan.tasks[2], constraint=ConstraintKind.ALAP)})
    found = simulate(plan, OPTIONS, stop=never())
    assert found.method is Method.ENGINE
    usual = simulate(two_ways(), OPTIONS, stop=never())
    assert found.finish == usual.finish
    critical = [1.0, 0.0 if by_path else 1.0, 1.0]  # as late as possible, a task has no slack left
    assert [task.criticality for task in found.tasks] == critical


def test_a_plan_that_is_scheduled_from_its_finish_is_refused():
    project = replace(PLAN.project, schedule_from=ScheduleFrom.FINISH, finish=datetime(2027, 1, 1))
    with pytest.raises(InvalidInputError, match="schedule it from its start"):
        simulate(replace(PLAN, project=project), OPTIONS, stop=never())


def test_a_risk_of_a_summary_is_told_to_delay_nothing_there():
    tasks = [make_task(1), make_task(2, parent_uid=1)]
    risk = Risk(
        uid=1, name="Storm", probability=0.5, task_uids=(1, 2), likely_delay_minutes=480, most_delay_minutes=480
    )
    found = simulate(make_plan(tasks, risks=[risk]), OPTIONS, stop=never())
    assert any("delays nothing in tasks 1:" in note for note in found.notes)
    assert found.finish.most > found.finish.planned
