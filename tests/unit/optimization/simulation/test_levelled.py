"""Samples in which resources hold tasks back."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from nirman.optimization.answers import Completion
from nirman.optimization.conflicts import conflicts
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation import levelled, monte_carlo
from nirman.optimization.simulation.model import make_model
from nirman.optimization.simulation.monte_carlo import merge, simulate, simulate_chunk
from nirman.optimization.simulation.result import Method
from nirman.optimization.stop import Deadline
from nirman.planning.estimates import Risk
from nirman.planning.model import Assignment, Calendar, Plan, Resource
from nirman.scheduling.instants import to_minutes
from tests.builders.plans import make_plan, make_task
from tests.builders.uncertain import estimated, never

OPTIONS = SimulateOptions(iterations=20, seed=5, levelled=True)


def one_gang(count: int = 3) -> Plan:
    """Tasks side by side, every minute worked, all done by one gang."""
    always = Calendar(uid=1, name="Every minute", week=(((0, 1440),),) * 7)
    return make_plan(
        [estimated(make_task(uid, duration_minutes=960), 0.2, 0.9) for uid in range(1, count + 1)],
        calendars=[always],
        resources=[Resource(uid=1)],
        assignments=[Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in range(1, count + 1)],
        risks=[Risk(uid=1, probability=0.5, task_uids=(1,), likely_delay_minutes=100, most_delay_minutes=200)],
    )


def test_one_gang_does_its_tasks_one_after_the_other_in_every_sample():
    plan = one_gang()
    model = make_model(plan, OPTIONS)
    found = levelled.levelled_samples(model, 0, 20, record=True)
    together = found.each_minutes.sum(axis=1)
    assert np.array_equal(found.finish - to_minutes(plan.project.start), together)


def test_no_sample_overloads_anybody():
    model = make_model(one_gang(4), OPTIONS)
    free = model.run(0, 5, record=True)
    for place in range(5):
        schedule = levelled._levelled(levelled._entered(model, free, place))
        assert conflicts(schedule.plan, schedule) == ()


def test_levelling_says_so_and_finishes_later_than_without():
    plan = one_gang()
    found = simulate(plan, OPTIONS, stop=never())
    free = simulate(plan, msgspec.structs.replace(OPTIONS, levelled=False), stop=never())
    assert found.method is Method.LEVELLED
    assert "resources are levelled in each of 20 samples" in found.notes[0]
    assert found.finish.least > free.finish.most
    assert found.risks[0].occurred == free.risks[0].occurred


def test_a_levelled_run_has_as_many_samples_as_its_work_allows_says_so_and_can_be_cut_too(monkeypatch):
    monkeypatch.setattr(levelled, "LEAST_LEVELLED", 5)
    monkeypatch.setattr(levelled, "LEVELLED_TASKS", 12 * (3 + 40))
    plan, options = one_gang(), SimulateOptions(seed=5, levelled=True)
    whole = simulate(plan, options, stop=never())
    assert (whole.iterations, whole.iterations_asked, whole.status) == (12, 10_000, Completion.COMPLETE)
    assert "12 samples of 10,000 asked for" in whole.notes[0]
    assert "about 14.4 points" in whole.notes[1]
    chunks = [simulate_chunk(plan, options, first, count) for first, count in ((0, 5), (5, 7))]
    assert msgspec.json.encode(merge(plan, options, chunks)) == msgspec.json.encode(whole)


def test_however_many_tasks_there_are_a_hundred_samples_are_taken():
    asked = SimulateOptions(levelled=True)
    assert levelled.iterations_of(make_plan(9_000), asked) == 100
    assert levelled.iterations_of(make_plan(1_000), asked) == 230
    assert levelled.iterations_of(make_plan(1_000), SimulateOptions(levelled=True, iterations=7)) == 7


def test_a_levelled_run_is_ended_between_any_two_samples_of_a_large_plan(monkeypatch):
    monkeypatch.setattr(monte_carlo, "_LEVELLED_ROWS", 1)
    taken: list[int] = []
    sampled = monte_carlo.levelled_samples

    def counted(model, first, count, *more, **how):
        taken.append(count)
        return sampled(model, first, count, *more, **how)

    monkeypatch.setattr(monte_carlo, "levelled_samples", counted)
    found = simulate(one_gang(), OPTIONS, stop=Deadline(0.0, lambda: 0.0))
    assert taken == [1, 1], "one to lay out the figures, one to count"
    assert (found.iterations, found.status) == (1, Completion.STOPPED)


@pytest.mark.parametrize("wet", [False, True])
def test_without_resources_a_levelled_sample_is_the_free_one(wet):
    tasks = [estimated(make_task(uid, duration_minutes=4800), 0.2, 0.9) for uid in (1, 2)]
    plan = make_plan([replace(task, rain_stops_work=wet) for task in tasks], rain_days=(9.0,) * 12)
    model = make_model(plan, OPTIONS)
    one, other = levelled.levelled_samples(model, 3, 6, record=True), model.run(3, 6, record=True)
    for name in ("finish", "critical", "late", "finishes", "finish_squares", "each_finish", "each_slack", "cost"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
