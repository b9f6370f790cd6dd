"""However a run is cut, its figures are the same to the last bit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidInputError
from nirman.optimization.answers import Completion
from nirman.optimization.options import SimulateOptions
from nirman.optimization.progress import Progress
from nirman.optimization.simulation.chunk import Chunk
from nirman.optimization.simulation.model import make_model
from nirman.optimization.simulation.monte_carlo import merge, simulate, simulate_chunk
from nirman.optimization.stop import Deadline
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.plans import make_plan
from tests.builders.uncertain import never, uncertain

RAIN = tuple(float(days) for days in (1, 1, 2, 4, 8, 12, 14, 12, 8, 4, 1, 0))


def wet_plan(seed: int = 1, size: int = 15):
    plan = uncertain(microsoft_network(seed, Traits.LAGS | Traits.SUMMARIES | Traits.DEADLINES, size), seed)
    tasks = {uid: replace(task, rain_stops_work=uid % 2 == 0) for uid, task in plan.tasks.items()}
    return replace(plan, tasks=tasks, project=replace(plan.project, rain_days=RAIN))


PLAN = wet_plan()
OPTIONS = SimulateOptions(iterations=500, seed=11, correlation=0.25)
WHOLE = msgspec.json.encode(simulate(PLAN, OPTIONS, stop=never()))


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, 499), max_size=6), st.randoms(use_true_random=False))
def test_chunks_of_any_cut_merge_to_the_figures_of_the_whole_run(cuts, random):
    edges = [0, *sorted(cuts), 500]
    chunks = [simulate_chunk(PLAN, OPTIONS, a, b - a) for a, b in pairwise(edges)]
    random.shuffle(chunks)
    sent = [Chunk.from_bytes(chunk.to_bytes()) for chunk in chunks]
    assert msgspec.json.encode(merge(PLAN, OPTIONS, sent)) == WHOLE


@pytest.mark.slow
def test_two_at_a_time_give_the_same_figures():
    plan = wet_plan(size=300)
    options = SimulateOptions(iterations=14_500, seed=3)
    with ThreadPoolExecutor(1) as executor:
        beside = simulate(plan, options, stop=never(), beside=executor)
    assert msgspec.json.encode(beside) == msgspec.json.encode(simulate(plan, options, stop=never()))


def test_a_longer_run_begins_with_the_samples_of_a_shorter_one():
    short = simulate_chunk(PLAN, OPTIONS, 0, 500)
    long = simulate_chunk(PLAN, SimulateOptions(iterations=900, seed=11, correlation=0.25), 0, 900)
    assert np.array_equal(long.finish[:500], short.finish)
    assert np.array_equal(long.cost[:500], short.cost)


def test_another_seed_gives_other_samples():
    one, other = (simulate_chunk(PLAN, SimulateOptions(seed=seed), 0, 100) for seed in (1, 2))
    assert not np.array_equal(one.finish, other.finish)


def test_what_one_task_takes_does_not_depend_on_what_other_tasks_there_are():
    plan = uncertain(make_plan(9), 1, share=1, risks=0)
    fewer = replace(plan, tasks={uid: plan.tasks[uid] for uid in (3, 5)})
    all_drawn, drawn = (make_model(one, OPTIONS).run(0, 50, record=True).each_minutes for one in (plan, fewer))
    assert np.array_equal(all_drawn[:, [2, 4]], drawn)


@pytest.mark.parametrize(
    ("ranges", "rule"),
    [
        ([], "must have chunks"),
        ([(0, 200)], "all of the 500"),
        ([(0, 200), (300, 200)], "without gaps"),
        ([(0, 300), (200, 300)], "without overlaps"),
        ([(100, 400)], "all of the 500"),
    ],
)
def test_chunks_that_are_not_the_whole_run_are_refused(ranges, rule):
    chunks = [simulate_chunk(PLAN, OPTIONS, first, count) for first, count in ranges]
    with pytest.raises(InvalidInputError, match=rule):
        merge(PLAN, OPTIONS, chunks)


def test_chunks_of_another_plan_or_of_other_options_are_refused():
    chunks = [simulate_chunk(PLAN, OPTIONS, 0, 500)]
    others = ((wet_plan(2), OPTIONS), (PLAN, msgspec.structs.replace(OPTIONS, seed=12)))
    for plan, options in others:
        with pytest.raises(InvalidInputError, match="this plan and these options"):
            merge(plan, options, chunks)
    mixed = [simulate_chunk(PLAN, OPTIONS, 0, 250), simulate_chunk(*others[1], 250, 250)]
    with pytest.raises(InvalidInputError, match="one plan and the same options"):
        merge(PLAN, OPTIONS, mixed)


@pytest.mark.parametrize("data", [b"", b"no chunk", WHOLE])
def test_what_is_no_chunk_is_refused(data):
    with pytest.raises(InvalidInputError, match="is not a chunk"):
        Chunk.from_bytes(data)


@pytest.mark.parametrize(("first", "count"), [(-1, 10), (0, 0), (495, 6)])
def test_a_chunk_lies_within_its_run(first, count):
    with pytest.raises(InvalidInputError, match="within the 500 samples"):
        simulate_chunk(PLAN, OPTIONS, first, count)


@pytest.mark.slow
def test_a_chunk_of_ten_thousand_samples_of_a_thousand_tasks_is_small():
    plan = uncertain(microsoft_network(1, Traits.LAGS, 1000), 1)
    data = simulate_chunk(plan, SimulateOptions(), 0, 10_000).to_bytes()
    assert len(data) < 2 * 2**20


def test_a_run_that_is_stopped_gives_the_figures_of_what_was_done():
    seconds = iter(range(100))
    heard: list[Progress] = []
    plan = uncertain(microsoft_network(1, Traits.LAGS, 1000), 1)
    stop = Deadline(limit_s=2, clock=lambda: float(next(seconds)))
    found = simulate(plan, SimulateOptions(iterations=100_000), stop=stop, on_progress=heard.append)
    assert found.status is Completion.STOPPED
    assert 0 < found.iterations < 100_000
    assert found.iterations == round(heard[-1].done * 100_000)
    chunk = simulate_chunk(plan, SimulateOptions(iterations=found.iterations), 0, found.iterations)
    assert found.finish.least == merge(plan, SimulateOptions(iterations=found.iterations), [chunk]).finish.least
