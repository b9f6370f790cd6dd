"""Every sample is what the engine makes of the plan with the sample's durations and rain, whatever the plan holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation.kernel.library import REPORTED_TASK
from nirman.optimization.simulation.model import Model, make_model
from nirman.optimization.simulation.rain import first_wet_day
from nirman.planning.estimates import Risk
from nirman.planning.model import (
    Assignment,
    Calendar,
    LinkKind,
    Plan,
    Resource,
    Rules,
    SlackKind,
    TaskKind,
)
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_date, to_minutes
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.p6_networks import Traits as P6Traits
from tests.builders.p6_networks import p6_network
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week
from tests.builders.uncertain import uncertain
from tests.support.sampled_plan import with_minutes, with_rain

SAMPLES = 11
"""More than one batch of eight, and not a multiple of it."""
MICROSOFT = ~Traits(0)
PRIMAVERA = P6Traits(
    size=25,
    constraints=0.2,
    milestones=0.1,
    expected=0.05,
    external=0.05,
    progress=True,
    out_of_sequence=0.1,
    must_finish=True,
)


def compare(plan: Plan, options: SimulateOptions, *, first: int = 3) -> Model:
    """Dates, slack and the project's finish of some samples, task by task, with the engine's."""
    model = make_model(plan, options)
    samples = model.run(first, SAMPLES, record=True)
    wet = first_wet_day(plan)
    for place in range(SAMPLES):
        drawn = {one.task.uid: int(m) for one, m in zip(model.varying, samples.each_minutes[place], strict=True)}
        sampled = with_minutes(plan, drawn)
        if model.wet_tasks:
            days = [to_date(wet + int(day)) for day in np.flatnonzero(samples.each_rain[place])]
            sampled = with_rain(sampled, [uid for uid, t in plan.tasks.items() if t.rain_stops_work], days)
        expected = schedule_plan(sampled)
        for row, uid in enumerate(model.uids):
            if model.reported[row] != REPORTED_TASK:
                continue
            dates = expected[uid]
            found = [int(column[place][row]) for column in (samples.each_start, samples.each_finish)]
            if plan.tasks[uid].actual_start is None:
                assert found[0] == to_minutes(dates.start), (place, uid)
            assert found[1] == to_minutes(dates.finish), (place, uid)
            if plan.tasks[uid].actual_finish is None:
                assert samples.each_slack[place][row] == dates.total_slack_minutes, (place, uid)
        assert samples.finish[place] == to_minutes(expected.project_finish)
    return model


def drawn(seed: int, traits: Traits, size: int, risks: int = 3) -> Plan:
    return uncertain(microsoft_network(seed, traits, size), seed, risks=risks)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 25), st.sampled_from(list(SlackKind)))
def test_samples_of_plans_by_microsofts_rules_are_the_engines_schedules(seed, size, slack_kind):
    traits = MICROSOFT & ~(Traits.CREWS | Traits.CREW_CALENDARS | Traits.TEAMS | Traits.PROGRESS | Traits.ALAP)
    plan = drawn(seed, traits, size)
    compare(replace(plan, project=replace(plan.project, slack_kind=slack_kind)), SimulateOptions(seed=seed))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 25))
def test_samples_of_plans_in_progress_are_the_engines_schedules(seed, size):
    plan = drawn(seed, MICROSOFT & ~(Traits.CREWS | Traits.CREW_CALENDARS | Traits.TEAMS | Traits.ALAP), size)
    status = plan.project.start + timedelta(days=60)
    plan = replace(plan, project=replace(plan.project, status_date=status, work_after_status_date=seed % 2 == 0))
    compare(plan, SimulateOptions(seed=seed, correlation=0.3))


def nights(seed: int) -> Plan:
    """Lags in elapsed time, which may lead into the night, on links of all kinds between tasks of two calendars."""
    random = Random(seed)
    six_days = Calendar(uid=2, name="Six days", week=(DAY, DAY, DAY, DAY, (), ((420, 780),), DAY))
    tasks = [
        make_task(
            uid,
            duration_minutes=random.choice((0, 240, 480, 1200)),
            calendar_uid=random.choice((None, None, 2)),
            deadline=random.choice((None, None, datetime(2026, 1, random.randint(5, 20), random.choice((8, 17))))),
        )
        for uid in range(1, 8)
    ]
    links = [
        make_link(
            uid,
            *sorted(random.sample(range(1, 8), 2)),
            kind=random.choice((LinkKind.FF, LinkKind.FF, LinkKind.FS, LinkKind.SS)),
            lag_minutes=random.choice((0, 240, 600, 900, -300)),
            lag_elapsed=random.random() < 0.6,
        )
        for uid in range(1, 9)
    ]
    return uncertain(make_plan(tasks, links, calendars=[working_week(), six_days]), seed)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100_000))
def test_samples_of_lags_that_run_at_night_are_the_engines_schedules(seed):
    compare(nights(seed), SimulateOptions(seed=seed))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 25))
def test_samples_of_tasks_as_late_as_possible_are_the_engines_schedules(seed, size):
    model = compare(drawn(seed, Traits.ALAP | Traits.LAGS | Traits.SUMMARIES, size), SimulateOptions(seed=seed))
    assert model.whole == any(task.constraint == "ALAP" for task in model.plan.tasks.values())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.booleans())
def test_samples_of_plans_by_primaveras_rules_are_the_engines_schedules(seed, plain):
    plan = p6_network(seed, P6Traits(size=25) if plain else PRIMAVERA)
    compare(uncertain(plan, seed), SimulateOptions(seed=seed))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 25), st.booleans())
def test_rain_is_days_off_for_the_tasks_that_it_stops(seed, size, primavera):
    plan = p6_network(seed, P6Traits(size=size)) if primavera else drawn(seed, Traits.LAGS | Traits.CALENDARS, size)
    tasks = {
        uid: replace(task, rain_stops_work=uid % 3 == 0 and task.duration_minutes > 0 and not task.duration_elapsed)
        for uid, task in plan.tasks.items()
    }
    summaries = {task.parent_uid for task in tasks.values()}
    tasks = {uid: replace(task, rain_stops_work=False) if uid in summaries else task for uid, task in tasks.items()}
    rain = tuple(float(days) for days in (0, 0.5, 2, 4, 8, 12, 14, 12, 8, 4, 1, 0))
    plan = replace(plan, tasks=tasks, project=replace(plan.project, rain_days=rain))
    compare(plan, SimulateOptions(seed=seed))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 30), st.booleans())
def test_with_every_duration_as_planned_a_sample_is_the_plans_own_schedule(seed, size, primavera):
    """Also of crews and teams, whose assignments decide how long a task takes."""
    traits = P6Traits(size=size, constraints=0.1, milestones=0.1, resources=0.2, effort=0.1, late=0.05, progress=True)
    plan = uncertain(p6_network(seed, traits) if primavera else microsoft_network(seed, MICROSOFT, size), seed)
    model = make_model(plan, SimulateOptions(seed=seed))
    planned = np.array([[one.base] * SAMPLES for one in model.varying], np.int32).reshape(len(model.varying), SAMPLES)
    samples = model.run(0, SAMPLES, record=True, given=planned)
    schedule = schedule_plan(plan)
    for row, uid in enumerate(model.uids):
        if model.reported[row] == REPORTED_TASK:
            assert set(samples.each_finish[:, row]) == {to_minutes(schedule[uid].finish)}
            critical = schedule[uid].critical
            assert samples.critical[row] == (SAMPLES if critical else 0), uid
    assert set(samples.finish) == {to_minutes(schedule.project_finish)}
    assert not samples.cost.any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 30), st.booleans())
def test_node_by_node_and_by_the_engine_as_a_whole_samples_are_the_same(seed, size, primavera):
    """Also where tasks are done by crews, for which no plan could be entered that is the sample."""
    traits = P6Traits(size=size, constraints=0.1, milestones=0.1, resources=0.2, effort=0.1, progress=True)
    plan = p6_network(seed, traits) if primavera else microsoft_network(seed, MICROSOFT & ~Traits.ALAP, size)
    model = make_model(uncertain(plan, seed), SimulateOptions(seed=seed))
    by_node = model.run(0, SAMPLES, record=True)
    model.whole = True
    whole = model.run(0, SAMPLES, record=True)
    leaves = model.reported == REPORTED_TASK
    for name in ("finish", "cost", "critical", "late", "minutes"):
        assert np.array_equal(getattr(by_node, name), getattr(whole, name)), name
    assert np.array_equal(by_node.each_finish[:, leaves], whole.each_finish[:, leaves])


def test_most_tasks_of_a_usual_plan_are_computed_for_all_lanes_at_once():
    model = make_model(drawn(1, Traits.LAGS | Traits.CALENDARS | Traits.SUMMARIES, 200), SimulateOptions())
    model.run(0, 8)
    assert model.quick_nodes >= 0.8 * model.nodes


def test_a_sample_that_leads_out_of_time_is_refused_with_the_task_that_does():
    plan = uncertain(microsoft_network(3, Traits.LAGS, 3), 3, risks=0)
    uid = next(uid for uid, task in plan.tasks.items() if task.duration_minutes)
    estimate = replace(plan.tasks[uid].duration_estimate, pessimistic_minutes=2**28)
    plan = replace(plan, tasks=plan.tasks | {uid: replace(plan.tasks[uid], duration_estimate=estimate)})
    with pytest.raises(InvalidPlanError, match="2400"):
        make_model(plan, SimulateOptions()).run(0, 80)


@pytest.mark.parametrize("rules", list(Rules))
def test_a_risk_delays_what_has_no_duration_of_its_own_too(rules):
    """A milestone, and by P6's rules a task that its resources' work decides, of which there is none."""
    kind = TaskKind.RESOURCE_DEPENDENT if rules is Rules.PRIMAVERA else TaskKind.TASK
    always = dict.fromkeys(("least_delay_minutes", "likely_delay_minutes", "most_delay_minutes"), 480)
    plan = make_plan(
        [make_task(1, duration_minutes=0, kind=kind), make_task(2)],
        [make_link(1, 1, 2)],
        resources=[Resource(uid=1)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=1, work_minutes=0)],
        risks=[Risk(uid=1, probability=1.0, task_uids=(1,), **always)],
        rules=rules,
    )
    samples = make_model(plan, SimulateOptions()).run(0, 8)
    assert set(samples.finish) == {to_minutes(plan.project.start + timedelta(days=1, hours=9))}
