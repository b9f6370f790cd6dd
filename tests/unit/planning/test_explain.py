"""What moved between two plans and why. Plans start on Sunday 4 January 2026; Friday and Saturday are off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from nirman.planning.explain import Explanation, explain
from nirman.planning.explain_text import lines
from nirman.planning.model import (
    Assignment,
    Calendar,
    CalendarException,
    ConstraintKind,
    LinkKind,
    Plan,
    Resource,
    WorkWeek,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week

DAY_MINUTES = 480


def explained(before: Plan, after: Plan, **bounds: int) -> Explanation:
    return explain((before, schedule_plan(before)), (after, schedule_plan(after)), **bounds)


def edited(plan: Plan, uid: int, **values: Any) -> Plan:
    return replace(plan, tasks={**plan.tasks, uid: replace(plan.tasks[uid], **values)})


def without_link(plan: Plan, uid: int) -> Plan:
    return replace(plan, links={key: link for key, link in plan.links.items() if key != uid})


def without_task(plan: Plan, uid: int) -> Plan:
    tasks = {key: task for key, task in plan.tasks.items() if key != uid}
    links = {key: link for key, link in plan.links.items() if uid not in (link.predecessor_uid, link.successor_uid)}
    return replace(plan, tasks=tasks, links=links)


def chain(count: int, **project: Any) -> Plan:
    """Tasks A, B, C, … of one day; link n leads from task n to the next."""
    tasks = [make_task(uid, name=chr(64 + uid)) for uid in range(1, count + 1)]
    return make_plan(tasks, [make_link(uid, uid, uid + 1) for uid in range(1, count)], **project)


def told(explanation: Explanation) -> dict[str, list[str]]:
    """By the name of each moved task: its chain."""
    return {
        task.name: [f"{step.name} {step.minutes // DAY_MINUTES:+}" for step in task.chain] for task in explanation.tasks
    }


def causes(explanation: Explanation) -> list[tuple[str, int]]:
    return [(cause.text, cause.moved) for cause in explanation.causes]


def why(before: Plan, after: Plan) -> list[tuple[str, int]]:
    return causes(explained(before, after))


CHAIN = chain(4)


def test_nothing_moved_between_a_plan_and_itself():
    same = explained(CHAIN, CHAIN)
    assert (same.tasks, same.causes, same.unexplained) == ((), (), 0)
    assert list(lines(same)) == ["Finish 2026-01-07 17:00, as before", "No task moved."]


def test_a_longer_task_moves_its_own_finish_and_all_that_follows():
    found = explained(CHAIN, edited(CHAIN, 2, duration_minutes=4 * DAY_MINUTES))
    assert causes(found) == [('"B" (2): duration 1d -> 4d', 3)]
    assert told(found) == {"B": ["B +3"], "C": ["B +3", "C +3"], "D": ["B +3", "C +3", "D +3"]}
    b, c = found.tasks[:2]
    assert (b.start_minutes, b.finish_minutes, c.start_minutes) == (0, 3 * DAY_MINUTES, 3 * DAY_MINUTES)
    # Two of the five days to the finish are a weekend.
    assert c.calendar_days == 5


def test_a_shorter_task_lets_what_it_held_come_earlier():
    before = edited(CHAIN, 2, duration_minutes=4 * DAY_MINUTES)
    found = explained(before, CHAIN)
    assert causes(found) == [('"B" (2): duration 4d -> 1d', 3)]
    assert told(found)["D"] == ["B -3", "C -3", "D -3"]


def test_two_causes_on_one_way_add_up():
    after = edited(edited(CHAIN, 1, duration_minutes=2 * DAY_MINUTES), 3, duration_minutes=3 * DAY_MINUTES)
    found = explained(CHAIN, after)
    assert causes(found) == [('"A" (1): duration 1d -> 2d', 4), ('"C" (3): duration 1d -> 3d', 2)]
    assert told(found)["D"] == ["A +1", "B +1", "C +3", "D +3"]
    assert {task.name: task.causes for task in found.tasks} == {"A": (0,), "B": (0,), "C": (0, 1), "D": (0, 1)}
    assert (found.causes[0].largest.name, found.causes[1].largest.name) == ("C", "C")


def test_a_cause_that_drives_nothing_is_not_told():
    plan = replace(CHAIN, tasks={**CHAIN.tasks, 9: make_task(9, name="Fence")})
    after = edited(edited(plan, 9, duration_minutes=2 * DAY_MINUTES), 1, duration_minutes=2 * DAY_MINUTES)
    found = explained(plan, after)
    assert causes(found)[0] == ('"A" (1): duration 1d -> 2d', 4)
    assert told(found)["Fence"] == ["Fence +1"]


def test_what_no_date_depends_on_is_no_cause():
    after = edited(
        edited(CHAIN, 1, name="Piles", notes="x", deadline=datetime(2026, 1, 5, 17)), 2, duration_minutes=960
    )
    assert why(CHAIN, after) == [('"B" (2): duration 1d -> 2d', 3)]


def test_a_new_link_is_the_cause():
    plan = without_link(CHAIN, 2)
    assert why(plan, CHAIN) == [('FS link "B" (2) -> "C" (3) added', 2)]


def test_a_link_taken_away_is_the_cause():
    assert why(CHAIN, without_link(CHAIN, 2)) == [('FS link "B" (2) -> "C" (3) removed', 2)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lag_minutes": 960}, 'FS link "B" (2) -> "C" (3): lag 0d -> 2d'),
        ({"kind": LinkKind.SS}, 'SS link "B" (2) -> "C" (3): kind FS -> SS'),
    ],
)
def test_a_changed_link_is_the_cause(values, said):
    after = replace(CHAIN, links={**CHAIN.links, 2: replace(CHAIN.links[2], **values)})
    assert why(CHAIN, after) == [(said, 2)]


def test_a_new_task_between_is_the_cause_and_its_links_are_not_told_apart():
    plan = without_link(CHAIN, 2)
    new = replace(
        plan,
        tasks={**plan.tasks, 9: make_task(9, name="Inspection")},
        links={**plan.links, 8: make_link(8, 2, 9), 9: make_link(9, 9, 3)},
    )
    found = explained(CHAIN, new)
    # The link that it took the place of was taken away too, but it held nothing back.
    assert causes(found) == [('"Inspection" (9) added', 3)]
    assert told(found)["D"] == ["Inspection +0", "C +1", "D +1"]
    assert [task.name for task in found.tasks] == ["C", "D", "Inspection"]


def test_a_task_taken_away_is_the_cause():
    after = without_task(CHAIN, 2)
    found = explained(CHAIN, after)
    assert causes(found) == [('"B" (2) removed', 3)]
    gone = found.tasks[-1]
    assert (gone.name, gone.start[1], gone.finish[1]) == ("B", None, None)


def test_a_constraint_is_the_cause():
    constraint = {"constraint": ConstraintKind.SNET, "constraint_date": datetime(2026, 1, 7, 8)}
    assert why(CHAIN, edited(CHAIN, 3, **constraint)) == [
        ('"C" (3): constraint ASAP -> SNET, constraint date none -> 2026-01-07 08:00', 2)
    ]
    assert [count for _, count in why(edited(CHAIN, 3, **constraint), CHAIN)] == [2]


def test_progress_is_the_cause():
    late = {"actual_start": datetime(2026, 1, 6, 8)}
    assert why(CHAIN, edited(CHAIN, 2, **late)) == [('"B" (2): actual start none -> 2026-01-06 08:00', 3)]


def test_a_later_project_start_moves_all():
    after = replace(CHAIN, project=replace(CHAIN.project, start=datetime(2026, 1, 5, 8)))
    assert why(CHAIN, after) == [("project: start 2026-01-04 08:00 -> 2026-01-05 08:00", 4)]


def test_a_holiday_moves_what_it_falls_on_and_what_follows():
    eid = CalendarException(start=date(2026, 1, 6), finish=date(2026, 1, 6), name="ঈদ")
    after = replace(CHAIN, calendars={1: replace(working_week(), exceptions=(eid,))})
    found = explained(CHAIN, after)
    assert causes(found) == [('calendar "Sunday-Thursday" (1): added "ঈদ" 2026-01-06', 2)]
    assert told(found) == {"C": ["C +1"], "D": ["C +1", "D +1"]}


def test_a_holiday_in_the_middle_of_a_task_makes_it_last_longer():
    plan = edited(CHAIN, 1, duration_minutes=3 * DAY_MINUTES)
    base = Calendar(uid=2, name="Base", week=(DAY,) * 7)
    plan = replace(plan, calendars={1: Calendar(uid=1, name="Site", base_uid=2), 2: base})
    eid = CalendarException(start=date(2026, 1, 5), finish=date(2026, 1, 6))
    after = replace(plan, calendars={**plan.calendars, 2: replace(base, exceptions=(eid,))})
    found = explained(plan, after)
    assert causes(found) == [('calendar "Base" (2): added 2026-01-05 to 2026-01-06', 4)]
    assert told(found)["B"] == ["A +2", "B +2"]


def test_a_task_that_starts_later_for_one_reason_and_lasts_longer_for_another_has_both():
    eid = CalendarException(start=date(2026, 1, 4), finish=date(2026, 1, 4), name="Eid")
    after = edited(CHAIN, 1, duration_minutes=2 * DAY_MINUTES)
    after = replace(after, calendars={1: replace(working_week(), exceptions=(eid,))})
    assert why(CHAIN, after) == [
        ('calendar "Sunday-Thursday" (1): added "Eid" 2026-01-04', 4),
        ('"A" (1): duration 1d -> 2d', 4),
    ]


def test_a_resource_with_other_hours_is_the_cause():
    mornings = Calendar(uid=2, name="Mornings", week=(((480, 720),),) * 7)
    plan = replace(
        CHAIN,
        calendars={**CHAIN.calendars, 2: mornings},
        resources={1: Resource(uid=1, name="Crane")},
        assignments={1: Assignment(uid=1, task_uid=2, resource_uid=1)},
    )
    after = replace(plan, resources={1: replace(plan.resources[1], calendar_uid=2)})
    assert why(plan, after) == [('resource "Crane" (1): calendar none -> 2', 3)]
    unassigned = replace(after, assignments={})
    assert why(unassigned, after) == [('assignment of "Crane" to "B" (2) added', 3)]


def test_chains_lead_through_summaries():
    tasks = [
        make_task(1, name="Floor 1"),
        make_task(2, name="Slab", parent_uid=1),
        make_task(3, name="Wall", parent_uid=1),
        make_task(4, name="Floor 2"),
        make_task(5, name="Slab 2", parent_uid=4),
    ]
    plan = make_plan(tasks, [make_link(1, 2, 3), make_link(2, 1, 4)])
    found = explained(plan, edited(plan, 2, duration_minutes=2 * DAY_MINUTES))
    assert told(found)["Slab 2"] == ["Slab +1", "Wall +1", "Slab 2 +1"]
    assert causes(found) == [('"Slab" (2): duration 1d -> 2d', 3)]


def test_a_task_that_goes_as_late_as_possible_follows_what_comes_after_it():
    late = {"constraint": ConstraintKind.ALAP}
    tasks = [
        make_task(1, name="Order", **late),
        make_task(2, name="Build", duration_minutes=5 * 480),
        make_task(3, name="Fit"),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 3), make_link(2, 2, 3)])
    found = explained(plan, edited(plan, 2, duration_minutes=7 * 480))
    assert told(found)["Order"] == ["Build +2", "Fit +2", "Order +2"]
    assert found.unexplained == 0


def test_only_so_many_tasks_and_causes_are_told_and_the_rest_is_counted():
    plan = make_plan([make_task(uid) for uid in range(1, 31)])
    after = replace(
        plan, tasks={uid: replace(task, duration_minutes=480 + 480 * uid) for uid, task in plan.tasks.items()}
    )
    found = explained(plan, after, max_tasks=5, max_causes=3)
    assert ([task.uid for task in found.tasks], found.tasks_left_out) == ([30, 29, 28, 27, 26], 25)
    assert (len(found.causes), found.causes_left_out) == (3, 27)
    assert all(index < 3 for task in found.tasks for index in task.causes)


def test_a_long_chain_is_told_without_its_middle():
    plan = chain(20)
    found = explained(plan, edited(plan, 1, duration_minutes=960))
    last = next(task for task in found.tasks if task.uid == 20)
    assert ([step.uid for step in last.chain], last.chain_left_out) == ([1, 2, 3, 4, 18, 19, 20], 13)
    assert '"D" +1d -> (13 more) -> "R" +1d' in next(line for line in lines(found) if '"T" +1d' in line)


def test_the_text_tells_causes_first_and_a_line_a_task():
    found = explained(CHAIN, edited(CHAIN, 3, duration_minutes=2 * DAY_MINUTES))
    assert list(lines(found)) == [
        "Finish 2026-01-07 17:00 -> 2026-01-08 17:00",
        "",
        "Why",
        '  "C" (3): duration 1d -> 2d; moved 2 tasks, at most "C" +1d',
        "",
        "What moved",
        '  "C" +1d: finishes 2026-01-06 17:00 -> 2026-01-07 17:00',
        '  "C" +1d -> "D" +1d: finishes 2026-01-07 17:00 -> 2026-01-08 17:00',
    ]


def test_a_task_has_no_more_causes_than_anybody_reads_and_keeps_its_own():
    plan = chain(26)
    after = replace(plan, tasks={uid: replace(task, duration_minutes=960) for uid, task in plan.tasks.items()})
    found = explained(plan, after, max_causes=26)
    last = next(task for task in found.tasks if task.uid == 26)
    assert len(last.causes) == 16
    assert '"Z" (26): duration 1d -> 2d' in {found.causes[index].text for index in last.causes}


def test_ramadan_hours_are_the_cause():
    short = WorkWeek(start=date(2026, 1, 5), finish=date(2026, 1, 8), week=(((480, 720),),) * 7)
    after = replace(CHAIN, calendars={1: replace(working_week(), work_weeks=(short,))})
    found = explained(CHAIN, after)
    assert [(cause.text, cause.moved) for cause in found.causes] == [
        ('calendar "Sunday-Thursday" (1): work weeks changed', 3)
    ]


@pytest.mark.slow
def test_thousands_of_moves_are_all_explained():
    plan = make_plan(
        [make_task(uid) for uid in range(1, 10_001)],
        [make_link(uid, uid - 1, uid) for uid in range(2, 10_001) if uid % 100],
    )
    after = edited(plan, 1, duration_minutes=960)
    after = replace(
        after,
        tasks={uid: replace(task, duration_minutes=960) if uid % 7 == 0 else task for uid, task in after.tasks.items()},
    )
    sides = [(side, schedule_plan(side)) for side in (plan, after)]
    found = explain(*sides)
    assert found.unexplained == 0


@pytest.mark.parametrize("seed", range(12))
def test_every_task_that_moved_in_a_random_network_is_told_and_explained(seed):
    chance = Random(seed)
    tasks = [make_task(uid, duration_minutes=chance.choice([0, 240, 480, 2400])) for uid in range(1, 41)]
    links = [
        make_link(uid, chance.randrange(1, uid + 1), uid + 1, lag_minutes=chance.choice([0, 0, 480, -240]))
        for uid in range(1, 40)
    ]
    plan = make_plan(tasks, links)
    after = edited(plan, chance.randrange(1, 41), duration_minutes=chance.choice([120, 960, 4800]))
    was, now = schedule_plan(plan), schedule_plan(after)
    found = explain((plan, was), (after, now))
    moved = {dates.uid for dates in was if (dates.start, dates.finish) != (now[dates.uid].start, now[dates.uid].finish)}
    assert {task.uid for task in found.tasks} == moved
    assert found.unexplained == 0
    assert [cause.moved for cause in found.causes] == ([len(moved)] if moved else [])
