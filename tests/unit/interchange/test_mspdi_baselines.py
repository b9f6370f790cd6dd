"""Baselines, costs and work done in MS Project XML: read, written, and found by an independent reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from lxml import etree

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.costs import plan_costs
from nirman.planning.findings import Severity
from nirman.planning.model import Accrual, Assignment
from nirman.planning.schedule import schedule_plan
from tests.unit.interchange.examples import data, tracked_plan
from tests.unit.interchange.test_mspdi_reader import plan_of, project, task
from tests.unit.interchange.test_mspdi_round_trip import again, assert_same

BASELINE = (
    "<Baseline><Number>{number}</Number><Start>2026-01-04T08:00:00</Start><Finish>{finish}T17:00:00</Finish>"
    "<Duration>PT16H0M0S</Duration><DurationFormat>7</DurationFormat><Work>PT24H0M0S</Work><Cost>12345</Cost></Baseline>"
)
WORKER = "<Resource><UID>1</UID><Name>Mason</Name><Type>1</Type><StandardRate>60</StandardRate>{more}</Resource>"


def assigned(more: str) -> str:
    return (
        f"<Assignment><UID>5</UID><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID><Units>1</Units>{more}</Assignment>"
    )


def test_baselines_of_tasks_are_read_by_number():
    text = BASELINE.format(number=0, finish="2026-01-05") + BASELINE.format(number=10, finish="2026-01-06")
    found = plan_of(project(task(1, text), task(2))).baselines
    assert found.keys() == {0, 10}
    [kept] = found[0].tasks
    assert (kept.uid, kept.start, kept.finish) == (1, datetime(2026, 1, 4, 8), datetime(2026, 1, 5, 17))
    assert (kept.duration_minutes, kept.work_minutes, kept.cost) == (960, 1440, Decimal("123.45"))
    assert found[10].tasks[0].finish == datetime(2026, 1, 6, 17)


def test_baselines_of_assignments_too():
    text = BASELINE.format(number=0, finish="2026-01-05")
    of_assignment = "<Baseline><Number>0</Number><Work>PT8H0M0S</Work><Cost>4800</Cost></Baseline>"
    rows = project(task(1, text), resources=WORKER.format(more=""), assignments=assigned(of_assignment))
    [kept] = plan_of(rows).baselines[0].assignments
    assert (kept.uid, kept.start, kept.work_minutes, kept.cost) == (5, None, 480, 48)


def test_a_baseline_that_cannot_be_is_left_out_and_said():
    result = read_mspdi(project(task(1, BASELINE.format(number=0, finish="2026-01-01"))))
    assert result.plan is not None
    assert result.plan.baselines == {}
    assert "bad-baseline" in [finding.rule for finding in result.findings if finding.severity is Severity.WARNING]
    assert read_mspdi(project(task(1, BASELINE.format(number=11, finish="2026-01-05")))).plan is None


def test_interim_plans_are_not_baselines():
    text = BASELINE.format(number=1, finish="2026-01-05").replace("<Start>", "<Interim>1</Interim><Start>", 1)
    assert plan_of(project(task(1, text))).baselines == {}


@pytest.mark.parametrize(("number", "accrual"), [(1, Accrual.START), (2, Accrual.END), (3, Accrual.PRORATED)])
def test_accruals_are_read(number: int, accrual: Accrual):
    more = f"<AccrueAt>{number}</AccrueAt>"
    plan = plan_of(
        project(task(1, f"<FixedCostAccrual>{number}</FixedCostAccrual>"), resources=WORKER.format(more=more))
    )
    assert (plan.resources[1].accrual, plan.tasks[1].fixed_cost_accrual) == (accrual, accrual)


def test_what_follows_from_rates_and_progress_stays_open():
    done = "<PercentComplete>25</PercentComplete><ActualStart>2026-01-04T08:00:00</ActualStart>"
    costs = "<ActualCost>12000</ActualCost><Cost>48000</Cost>"
    work = "<ActualWork>PT2H0M0S</ActualWork><RemainingWork>PT6H0M0S</RemainingWork><Work>PT8H0M0S</Work>"
    rows = project(task(1, done + costs), resources=WORKER.format(more=""), assignments=assigned(costs + work))
    plan = plan_of(rows)
    assert plan.tasks[1].actual_cost is None
    assert plan.assignments[5] == Assignment(uid=5, task_uid=1, resource_uid=1)


def test_what_does_not_is_kept():
    done = "<PercentComplete>25</PercentComplete><ActualStart>2026-01-04T08:00:00</ActualStart>"
    costs = "<ActualCost>20000</ActualCost><Cost>50000</Cost>"
    work = "<ActualWork>PT3H0M0S</ActualWork><RemainingWork>PT7H0M0S</RemainingWork><Work>PT10H0M0S</Work>"
    rows = project(
        task(1, done + "<ActualCost>20500</ActualCost>"),
        resources=WORKER.format(more=""),
        assignments=assigned(costs + work),
    )
    plan = plan_of(rows)
    assignment = plan.assignments[5]
    assert (assignment.actual_work_minutes, assignment.remaining_work_minutes) == (180, None)
    assert (assignment.cost, assignment.actual_cost) == (500, 200)
    assert plan.tasks[1].actual_cost == 205


def test_costs_and_baselines_come_back_the_same():
    plan = tracked_plan()
    read = again(plan)
    # What is done and left is all the work there is, in the file.
    worked = replace(plan.assignments[1], work_minutes=540, remaining_work_minutes=None)
    assert_same(replace(plan, assignments={**plan.assignments, 1: worked}), read)
    ours, theirs = plan_costs(plan, schedule_plan(plan)), plan_costs(read, schedule_plan(read))
    for uid in plan.tasks:
        assert round(theirs[uid].cost, 2) == round(ours[uid].cost, 2)
        assert round(theirs[uid].actual_cost, 2) == round(ours[uid].actual_cost, 2)


def test_what_is_written_is_valid_by_the_schema():
    text = write_mspdi(tracked_plan(), schedule_plan(tracked_plan())).decode()
    # The schema of Project 2007 names the format otherwise than the programs do.
    document = etree.fromstring(text.replace("microsoft.com/project", "microsoft.com/project/2007").encode())
    schema = etree.XMLSchema(etree.parse(data("xsd/mspdi_pj12_assembled.xsd")))
    assert schema.validate(document), schema.error_log


@pytest.mark.parametrize("name", ["mpsplib_8_mp_j30_a2_nr3.mspdi.xml"])
def test_costs_of_a_real_file_are_those_that_it_stores(name: str):
    content = data(f"msproject/{name}").read_bytes()
    plan = plan_of(content)
    costs = plan_costs(plan, schedule_plan(plan))
    root = etree.fromstring(content)
    names = {"m": root.nsmap[None]}
    stored = {
        int(row.findtext("m:UID", namespaces=names)): Decimal(row.findtext("m:Cost", namespaces=names)) / 100
        for row in root.iterfind("m:Tasks/m:Task", names)
        if row.find("m:Cost", names) is not None
    }
    assert len(stored) >= 60
    assert {uid: costs[uid].cost for uid in stored if uid in costs.tasks} == {
        uid: cost for uid, cost in stored.items() if uid in costs.tasks
    }
    assert all(assignment.cost is None for assignment in plan.assignments.values()), "rates explain them all"
