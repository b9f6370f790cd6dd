"""What holds of every schedule by the rules of P6, tried on generated networks of every kind of activity."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from random import Random

import pytest

from nirman.planning.events import Change
from nirman.planning.model import ConstraintKind, Kind, Link, Plan, Task, TaskKind
from nirman.planning.schedule import reschedule, schedule_plan
from tests.builders.p6_networks import Traits, p6_network

TRAITS = Traits(
    size=120,
    constraints=0.1,
    milestones=0.1,
    resources=0.1,
    effort=0.06,
    external=0.03,
    expected=0.05,
    progress=True,
    out_of_sequence=0.1,
)
VARIANTS = (TRAITS, replace(TRAITS, must_finish=True), replace(TRAITS, late=0.05), Traits(size=120, effort=0.06))


def network(seed: int) -> Plan:
    return p6_network(seed, VARIANTS[seed % len(VARIANTS)])


def updated(plan: Plan, before: Task | Link, after: Task | Link) -> tuple[Plan, Change]:
    kind = Kind.TASK if isinstance(before, Task) else Kind.LINK
    changed = {
        field.name: (getattr(before, field.name), getattr(after, field.name))
        for field in fields(before)
        if getattr(before, field.name) != getattr(after, field.name)
    }
    records = {**plan.records(kind), after.uid: after}
    made = replace(plan, tasks=records) if kind is Kind.TASK else replace(plan, links=records)
    return made, Change(kind=kind, uid=after.uid, op="updated", fields=changed)


def edited(plan: Plan, random: Random) -> tuple[Plan, Change]:
    if random.random() < 0.3:
        link = random.choice(list(plan.links.values()))
        return updated(plan, link, replace(link, lag_minutes=link.lag_minutes + random.choice((60, 480, -61))))
    task = random.choice([task for task in plan.tasks.values() if task.uid > 10])
    values = random.choice(
        (
            {"duration_minutes": task.duration_minutes + 480},
            {"remaining_minutes": random.choice((0, 60, 2400))},
            {"calendar_uid": random.randint(1, 6)},
            {"kind": random.choice((TaskKind.TASK, TaskKind.START_MILESTONE, TaskKind.LEVEL_OF_EFFORT))},
            {
                "constraint": ConstraintKind.SNET,
                "constraint_date": plan.project.start + timedelta(days=random.randint(0, 90)),
            },
        )
    )
    if task.actual_start is not None and random.random() < 0.5:
        values = {"actual_finish": plan.project.status_date, "remaining_minutes": 0}
    return updated(plan, task, replace(task, **values))


@pytest.mark.parametrize("seed", range(1, 17))
def test_after_an_edit_the_schedule_is_what_it_would_be_from_scratch(seed):
    random, plan = Random(seed), network(seed)
    schedule = schedule_plan(plan)
    for _ in range(8):
        plan, change = edited(plan, random)
        schedule, whole = reschedule(schedule, plan, [change]), schedule_plan(plan)
        assert {dates.uid: dates for dates in schedule} == {dates.uid: dates for dates in whole}
        assert schedule.project_finish == whole.project_finish


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_order_of_tasks_and_links_does_not_matter(seed):
    random, plan = Random(seed), network(seed)
    tasks, links = list(plan.tasks.items()), list(plan.links.items())
    random.shuffle(tasks)
    random.shuffle(links)
    shuffled = schedule_plan(replace(plan, tasks=dict(tasks), links=dict(links)))
    assert list(shuffled) == list(schedule_plan(plan))


@pytest.mark.parametrize("seed", range(1, 9))
def test_work_that_is_not_done_is_not_before_the_data_date_unless_it_must_be(seed):
    plan = network(seed)
    mandatory = (ConstraintKind.MSO, ConstraintKind.MFO)
    follows = (TaskKind.LEVEL_OF_EFFORT, TaskKind.WBS_SUMMARY)  # also what must be before it
    data_date = plan.project.status_date or plan.project.start
    early = [
        dates.uid
        for dates in schedule_plan(plan)
        if not dates.summary
        and plan.tasks[dates.uid].kind not in follows
        and plan.tasks[dates.uid].constraint not in mandatory
        and plan.tasks[dates.uid].actual_finish is None
        and dates.early_start < data_date
    ]
    assert early == []
