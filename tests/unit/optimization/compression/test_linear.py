"""The linear case against its dual: a flow through the network that nobody can make larger."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.compression import by_linear_program
from nirman.optimization.compression import Status, compress
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import Deadline
from nirman.planning.model import LinkKind, Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes
from tests.builders.faster import one_calendar


def least_cost(plan: Plan, minutes: int) -> int:
    """Of a project that takes so many working minutes: the largest flow, by length times amount, less that duration.

    A task's arc is as long as it takes and as wide as a minute less costs; as long as its shortest, without limit; and
    back, since work once begun goes on. (Fulkerson 1961; integers throughout.)
    """
    graph = nx.MultiDiGraph()
    for uid, task in plan.tasks.items():
        assert task.crash is not None
        (point,) = task.crash.points
        slope = int(point.cost) // (task.duration_minutes - point.duration_minutes)
        graph.add_edge(("start", uid), ("finish", uid), weight=-task.duration_minutes, capacity=slope)
        graph.add_edge(("start", uid), ("finish", uid), weight=-point.duration_minutes)
        graph.add_edge(("finish", uid), ("start", uid), weight=task.duration_minutes)
        graph.add_edge("begin", ("start", uid), weight=0)
        graph.add_edge(("finish", uid), "end", weight=0)
    for link in plan.links.values():
        source = "finish" if link.kind in (LinkKind.FS, LinkKind.FF) else "start"
        target = "start" if link.kind in (LinkKind.FS, LinkKind.SS) else "finish"
        graph.add_edge((source, link.predecessor_uid), (target, link.successor_uid), weight=-link.lag_minutes)
    graph.add_edge("end", "begin", weight=minutes)
    cost, _ = nx.network_simplex(graph)
    return -cost


def span(plan: Plan, share: float) -> tuple[int, int]:
    """That share of the way from the finish as planned to the earliest, as an instant and in working minutes."""
    time_of = Calendars(plan.calendars).working_time(1)
    crashed = compress(plan, CompressOptions(finish=plan.project.start), stop=patiently())
    late, early = (
        time_of.between(to_minutes(plan.project.start), to_minutes(finish))
        for finish in (schedule_plan(plan).project_finish, crashed.reachable)
    )
    minutes = round(late + (early - late) * share)
    return time_of.add(to_minutes(plan.project.start), minutes), minutes


def patiently() -> Deadline:
    return Deadline(120, time.monotonic)


def agrees(plan: Plan, share: float) -> None:
    finish, minutes = span(plan, share)
    result = compress(plan, CompressOptions(finish=to_datetime(finish)), stop=patiently())
    assert result.status is Status.OPTIMAL
    assert result.after.finish <= to_datetime(finish)
    assert result.cost == least_cost(plan, minutes)
    assert result.bound == result.cost
    assert result.after.direct - result.before.direct == result.cost


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(0, 10_000), st.floats(0.05, 1), st.sampled_from((3, 40)))
def test_the_cost_is_that_of_the_largest_flow(count, seed, share, window):
    agrees(one_calendar(count, seed, window=window), share)


@pytest.mark.slow
@pytest.mark.parametrize("window", [40, 400])
def test_the_cost_is_that_of_another_linear_program_by_another_solver_for_a_thousand_tasks(window):
    plan = one_calendar(1_000, 3, window=window)
    finish, minutes = span(plan, 0.6)
    result = compress(plan, CompressOptions(finish=to_datetime(finish)), stop=patiently())
    optimum, _ = by_linear_program(plan, minutes)
    assert result.status is Status.OPTIMAL
    assert abs(float(result.cost) - optimum) < 0.01


def test_the_curve_has_the_cost_of_the_largest_flow_at_each_of_its_points_and_between_them():
    plan = one_calendar(30, 5)
    time_of = Calendars(plan.calendars).working_time(1)
    curve = compress(plan, CompressOptions(curve=True), stop=patiently()).curve
    at = [(time_of.between(to_minutes(plan.project.start), to_minutes(one.finish)), one.compression) for one in curve]
    assert len(at) > 5
    for (late, cheap), (early, dear) in pairwise(at):
        middle = (late + early) // 2
        between = cheap + (dear - cheap) * (late - middle) / (late - early)
        assert dear == least_cost(plan, early)
        assert abs(between - Decimal(least_cost(plan, middle))) < Decimal("0.001")
