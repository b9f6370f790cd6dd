"""Ranges, faster ways, overlaps and risks: what cannot be is refused, and they follow the tasks they are about."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.interchange import FORMATS, read_plan, write_plan
from nirman.planning.change import apply, apply_changes, keeping
from nirman.planning.commands import Create, Delete, Update
from nirman.planning.estimates import (
    Availability,
    Crash,
    CrashPoint,
    Distribution,
    DurationEstimate,
    Overlap,
    Risk,
    RiskState,
)
from nirman.planning.model import Kind, Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

ESTIMATE = DurationEstimate(optimistic_minutes=240, most_likely_minutes=480, pessimistic_minutes=960)
CRASH = Crash(points=(CrashPoint(duration_minutes=240, cost=Decimal(5000)),), linear=False)


def uncertain() -> Plan:
    return make_plan(
        [
            make_task(1, duration_estimate=ESTIMATE, crash=CRASH, rain_stops_work=True, leveling_can_split=False),
            make_task(2),
        ],
        [make_link(1, 1, 2, overlap=Overlap(max_percent=50, rework_probability=0.2, rework_percent=30))],
        resources=[
            Resource(
                uid=1,
                skills=("welder", "mason"),
                can_level=False,
                availability=(Availability(start=date(2026, 2, 1), finish=date(2026, 2, 28), units=2.0),),
            )
        ],
        risks=[Risk(uid=1, name="Flood", probability=0.1, task_uids=(2, 1, 2), most_delay_minutes=4800)],
    )


@pytest.mark.parametrize(
    ("kind", "values", "rule"),
    [
        (
            Kind.TASK,
            {"duration_estimate": {"optimistic_minutes": 9, "most_likely_minutes": 5, "pessimistic_minutes": 10}},
            "an estimate must ascend from optimistic over most likely to pessimistic",
        ),
        (
            Kind.TASK,
            {"crash": {"points": [{"duration_minutes": 5, "cost": "1"}, {"duration_minutes": 9, "cost": "2"}]}},
            "shorter durations must follow longer ones and cost no less",
        ),
        (
            Kind.TASK,
            {"crash": {"points": [{"duration_minutes": 5, "cost": "-1"}]}},
            "the cost of a shorter duration must be a number, not negative",
        ),
        (
            Kind.RESOURCE,
            {"availability": [{"units": 1.0}, {"units": 2.0, "start": "2026-01-01"}]},
            "availabilities must ascend and not overlap",
        ),
        (
            Kind.RISK,
            {"least_delay_minutes": 5},
            "delays must ascend from least over likely to most",
        ),
        (Kind.RISK, {"least_cost": "5"}, "costs must ascend from least over likely to most"),
        (Kind.PROJECT, {"rain_days": [1, 2]}, "rain_days must have one number for each month, or none"),
        (Kind.PROJECT, {"delay_damages_per_day": "-1"}, "a cost a day must be a number, not negative"),
        (Kind.PROJECT, {"indirect_cost_per_day": "1e40"}, "a cost a day must be at most 10^15"),
        (
            Kind.TASK,
            {"crash": {"points": [{"duration_minutes": 5, "cost": "1e16"}]}},
            "the cost of a shorter duration must be at most 10^15",
        ),
        (
            Kind.RISK,
            {"least_cost": "1", "likely_cost": "2", "most_cost": "1e99"},
            "the cost of a risk must be at most 10^15",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(kind: Kind, values: dict[str, Any], rule: str) -> None:
    plan = make_plan(1)
    operation = Update(kind, {"project": 0}.get(kind, 1), values)
    if kind in (Kind.RESOURCE, Kind.RISK):
        operation = Create(kind, values)  # type: ignore[assignment]
    with pytest.raises(InvalidInputError) as refused:
        apply(plan, [operation])
    assert refused.value.rule.startswith(rule)
    assert refused.value.place.startswith("operations[0].values")


def test_only_a_finish_start_link_overlaps() -> None:
    with pytest.raises(InvalidInputError, match="only a finish-start link may overlap"):
        apply(uncertain(), [Update(Kind.LINK, 1, {"kind": "SS"})])


def test_a_risk_is_about_tasks_that_are_there_each_once() -> None:
    assert uncertain().risks[1].task_uids == (1, 2)
    with pytest.raises(InvalidPlanError, match="there is no task 9"):
        apply(uncertain(), [Update(Kind.RISK, 1, {"task_uids": [9]})])


def test_a_risk_outlives_the_tasks_it_bears_upon_and_forgets_them() -> None:
    plan, changes = apply(uncertain(), [Delete(Kind.TASK, 2)])
    assert plan.risks[1].task_uids == (1,)
    assert apply_changes(uncertain(), changes) == plan


def test_tasks_of_a_risk_and_skills_are_sets_to_add_to() -> None:
    plan, _ = apply(uncertain(), [Update(Kind.RISK, 1, {}, remove={"task_uids": (2,)})])
    plan, _ = apply(plan, [Update(Kind.RESOURCE, 1, {}, add={"skills": ("carpenter",)})])
    assert plan.risks[1].task_uids == (1,)
    assert plan.resources[1].skills == ("carpenter", "mason", "welder")


def test_json_keeps_all_of_it() -> None:
    plan = uncertain()
    assert read_plan(write_plan(plan, schedule_plan(plan), "json"), "plan.json").plan == plan


def test_ms_project_has_the_levelling_flags_and_a_project_keeps_the_rest_beside_its_file() -> None:
    plan = uncertain()
    read = read_plan(write_plan(plan, schedule_plan(plan), "mspdi"), "plan.xml").plan
    assert read is not None
    assert (read.tasks[1].leveling_can_split, read.tasks[2].leveling_can_split) == (False, True)
    assert read.resources[1].can_level is False
    assert read.tasks[1].duration_estimate is None
    kept = keeping(plan, read, FORMATS["mspdi"].unsaid)
    assert (kept.tasks[1].duration_estimate, kept.tasks[1].crash) == (ESTIMATE, CRASH)
    assert kept.links[1].overlap == plan.links[1].overlap
    assert kept.resources[1].skills == ("mason", "welder")
    assert kept.risks == plan.risks


def test_risks_kept_beside_a_file_forget_tasks_that_it_has_not() -> None:
    kept = keeping(uncertain(), make_plan(1), frozenset({"risks"}))
    assert kept.risks[1].task_uids == (1,)


def test_words_of_distributions_and_states_are_the_fields_own() -> None:
    assert [str(one) for one in Distribution] == ["triangular", "pert", "uniform", "lognormal"]
    assert Risk(uid=1).state is RiskState.OPEN
    assert uncertain().project.start == datetime(2026, 1, 4, 8)
