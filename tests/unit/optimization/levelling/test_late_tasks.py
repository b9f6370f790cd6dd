"""Plans with tasks that go as late as possible, or stay, of which every delay in whole days can be tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nirman.optimization.levelling import Levelling, level
from nirman.optimization.levelling.settling import in_steps
from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.logic import Logic
from nirman.planning.model import Assignment, Calendar, ConstraintKind, LinkKind, Plan, Resource, Rules
from nirman.planning.schedule import Schedule, schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task

LATE = ConstraintKind.ALAP
DAY_MINUTES = 480
ELAPSED_DAY = 1440
EVERY_DAY = Calendar(uid=1, name="Every day", week=(DAY,) * 7)
many = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def day(number: int) -> datetime:
    """The morning of the n-th day of January."""
    return datetime(2026, 1, number, 8)


def levelled(plan: Plan) -> tuple[Schedule, Levelling]:
    """With a clock that stands still: what ends the search is counted."""
    result = level(plan, LevelOptions(time_limit_s=0.1, workers=1), stop=Deadline(1.0, lambda: 0.0))
    after, _ = apply(plan, result.operations)
    return schedule_plan(after), result


@st.composite
def late_plans(
    draw: st.DrawFn, most: int = 9, rules: Rules = Rules.MICROSOFT, days: int = 3, *, late: bool = True
) -> Plan:
    """Everybody works every day; whole days; one or two people."""
    count = draw(st.integers(2, most))
    tasks = []
    for uid in range(1, count + 1):
        values = draw(st.sampled_from(({}, {}, {"constraint": LATE}) if late else ({},)))
        tasks.append(make_task(uid, duration_minutes=DAY_MINUTES * draw(st.integers(1, days)), **values))
    pairs = st.tuples(st.integers(1, count), st.integers(1, count)).filter(lambda pair: pair[0] < pair[1])
    links = [
        make_link(number, *pair, kind=draw(st.sampled_from((LinkKind.FS, LinkKind.FS, LinkKind.SS, LinkKind.FF))))
        for number, pair in enumerate(sorted(draw(st.sets(pairs, max_size=count))), 1)
    ]
    asked = [Assignment(uid=uid, task_uid=uid, resource_uid=draw(st.integers(1, 2))) for uid in range(1, count + 1)]
    people = [Resource(uid=1), Resource(uid=2)]
    return make_plan(tasks, links, resources=people, assignments=asked, rules=rules, calendars=[EVERY_DAY])


def key(plan: Plan, schedule: Schedule) -> tuple[int, datetime]:
    """What counts: how many days somebody works more than once, and then the finish."""
    asked = Counter(
        (assignment.resource_uid, schedule[assignment.task_uid].start.date() + timedelta(days=day))
        for assignment in plan.assignments.values()
        for day in range(plan.tasks[assignment.task_uid].duration_minutes // DAY_MINUTES)
    )
    return sum(times - 1 for times in asked.values()), schedule.project_finish


def delayed(plan: Plan, stay: Collection[int] = (), more: int = 0) -> Iterator[Plan]:
    """Every task but those that stay, by every number of days that it can be worth."""
    days = sum(task.duration_minutes for task in plan.tasks.values()) // DAY_MINUTES + more
    for delays in product(*(range(1 if uid in stay else days) for uid in plan.tasks)):
        tasks = {
            uid: replace(task, leveling_delay_minutes=ELAPSED_DAY * delay)
            for (uid, task), delay in zip(plan.tasks.items(), delays, strict=True)
        }
        yield replace(plan, tasks=tasks)


@pytest.mark.slow
@pytest.mark.parametrize("rules", Rules)
@many
@given(st.data())
def test_no_plan_is_longer_than_all_its_tasks_one_after_the_other(rules, data):
    plan = data.draw(late_plans(rules=rules))
    _, result = levelled(plan)
    assert result.makespan_minutes <= sum(task.duration_minutes for task in plan.tasks.values())


@pytest.mark.slow
@many
@given(late_plans(most=3, days=2))
def test_no_delays_in_whole_days_are_better(plan):
    schedule, result = levelled(plan)
    assert key(plan, schedule) == min(key(one, schedule_plan(one)) for one in delayed(plan))
    assert result.finish == schedule.project_finish


def test_a_task_that_nothing_follows_stands_last_and_its_delay_holds_the_finish():
    tasks = [make_task(1, duration_minutes=960), make_task(2, duration_minutes=1440, constraint=LATE)]
    mason = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2)]
    plan = make_plan(tasks, resources=[Resource(uid=1)], assignments=mason, calendars=[EVERY_DAY])
    schedule, result = levelled(plan)
    assert (schedule[1].start, schedule[2].start) == (day(4), day(6))
    assert [(update.uid, update.values) for update in result.operations] == [(2, {"leveling_delay_minutes": 2880})]
    after, _ = apply(plan, result.operations)
    assert not level(after, LevelOptions(time_limit_s=0.1), stop=Deadline(1.0, lambda: 0.0)).operations


def test_what_follows_pulls_a_task_out_of_the_way_of_another():
    """Both go as late as possible and what follows each is with others: the delay of one of these makes room."""
    tasks = [make_task(1, constraint=LATE), make_task(2, constraint=LATE), make_task(3), make_task(4)]
    links = [make_link(1, 1, 3), make_link(2, 2, 4)]
    people = [Resource(uid=uid) for uid in (1, 2, 3)]
    asked = [Assignment(uid=n, task_uid=n, resource_uid=who) for n, who in ((1, 1), (2, 1), (3, 2), (4, 3))]
    plan = make_plan(tasks, links, resources=people, assignments=asked, calendars=[EVERY_DAY])
    schedule, result = levelled(plan)
    assert not result.unresolved
    assert sorted(schedule[uid].start for uid in (1, 2)) == [day(4), day(5)]
    assert schedule.project_finish.day == 6


def test_two_tasks_that_both_end_the_project_remain_in_conflict_and_it_is_told():
    tasks = [make_task(1, constraint=LATE), make_task(2, duration_minutes=960, constraint=LATE)]
    mason = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2)]
    schedule, result = levelled(make_plan(tasks, resources=[Resource(uid=1)], assignments=mason, calendars=[EVERY_DAY]))
    assert {reason.rule for one in result.unresolved for reason in one.reasons} == {"goes as late as possible"}
    assert schedule.project_finish.day == 5


@st.composite
def plans_with_tasks_that_stay(draw: st.DrawFn) -> tuple[Plan, set[int]]:
    """And the uids of these."""
    plan = draw(late_plans(most=4, days=2, late=False))
    stay = draw(st.sets(st.sampled_from(sorted(plan.tasks)), min_size=1, max_size=2))
    tasks = dict(plan.tasks)
    for uid in stay:
        start = day(draw(st.integers(4, 7)))
        finish = start + timedelta(days=tasks[uid].duration_minutes // DAY_MINUTES - 1, hours=9)
        kinds: tuple[dict[str, Any], ...] = (
            {"priority": 1000},
            {"manual": True, "manual_start": start, "manual_finish": finish},
            {"constraint": ConstraintKind.MSO, "constraint_date": start},
            {"priority": 1000, "constraint": ConstraintKind.SNET, "constraint_date": start},
        )
        tasks[uid] = replace(tasks[uid], **draw(st.sampled_from(kinds)))
    return replace(plan, tasks=tasks), stay


@pytest.mark.slow
@many
@given(plans_with_tasks_that_stay())
def test_no_delays_of_others_are_better_where_tasks_stay(given_plan):
    """Of delays that neither push what stays nor break a link that leads to it."""
    plan, stay = given_plan
    assume(len(plan.tasks) - len(stay) <= 2)
    schedule, result = levelled(plan)
    after, _ = apply(plan, result.operations)
    assert stays(plan, after, stay)
    assert key(plan, schedule) == min(
        key(one, schedule_plan(one)) for one in delayed(plan, stay, 2) if stays(plan, one, stay)
    )


def stays(plan: Plan, after: Plan, uids: Collection[int]) -> bool:
    old, new = Logic(plan, schedule_plan(plan)), Logic(after, schedule_plan(after))
    links = [link for uid in uids for link in new.incoming.get(uid, ())]
    return all(old.start(uid) == new.start(uid) for uid in uids) and all(
        min(0, new.slack(link)) >= min(0, old.slack(link)) for link in links
    )


def test_overload_counts_in_twentieths_of_what_there_was():
    assert [in_steps(minutes, 1000) for minutes in (0, 1, 50, 51, 1000)] == [0, 1, 1, 2, 20]
    assert in_steps(0, 0) == 0
