"""Levelling by hand: who waits for whom, what stays, and what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from nirman.demo import demo_plan
from nirman.errors import InvalidInputError
from nirman.interchange.mspdi_reader import read_mspdi
from nirman.optimization.levelling import Levelling, Status, level
from nirman.optimization.options import LevelOptions
from nirman.optimization.progress import Progress
from nirman.optimization.stop import Deadline
from nirman.planning.change import apply
from nirman.planning.commands import Update
from nirman.planning.estimates import Availability
from nirman.planning.model import (
    Assignment,
    Calendar,
    ConstraintKind,
    LinkKind,
    Plan,
    Resource,
    ResourceKind,
    Rules,
    ScheduleFrom,
    Split,
    TaskKind,
)
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task, working_week

SUNDAY = datetime(2026, 1, 4, 8)
MASON = Resource(uid=1, name="Mason")
FOLDER = Path(__file__).parents[5] / "shared" / "data" / "msproject"


def day(number: int) -> datetime:
    """The morning of the n-th day of January."""
    return datetime(2026, 1, number, 8)


def of_mason(*tasks: int, **values: object) -> list[Assignment]:
    return [Assignment(uid=uid, task_uid=uid, resource_uid=1, **values) for uid in tasks]


def levelled(plan: Plan, **options: object) -> Levelling:
    asked = LevelOptions(**{"time_limit_s": 0.05, "workers": 1} | options)
    return level(plan, asked, stop=Deadline(1.0, lambda: 0.0))


def starts(plan: Plan, result: Levelling) -> dict[int, datetime]:
    after, _ = apply(plan, result.operations)
    return {dates.uid: dates.start for dates in schedule_plan(after)}


def reasons(result: Levelling) -> set[str]:
    return {reason.rule for left in result.unresolved for reason in left.reasons}


def test_two_tasks_of_one_mason_go_one_after_the_other():
    plan = make_plan(2, resources=[MASON], assignments=of_mason(1, 2))
    result = levelled(plan)
    assert starts(plan, result) == {1: day(4), 2: day(5)}
    assert (result.status, result.makespan_minutes, result.lower_bound_minutes) == (Status.OPTIMAL, 960, 960)
    assert result.bound_by == "energy"
    (moved,) = result.moved
    assert (moved.uid, moved.minutes, moved.delay_minutes) == (2, 480, 1440)
    (load,) = result.loads
    assert (load.peak_before, load.peak_after, load.overload_after_minutes) == (2.0, 1.0, 0)


def test_a_plan_without_conflict_stays_as_it_is():
    result = levelled(make_plan(2, [make_link(1, 1, 2)], resources=[MASON], assignments=of_mason(1, 2)))
    assert (result.status, result.moved, result.operations) == (Status.OPTIMAL, (), ())


def test_a_plan_without_resources_stays_as_it_is():
    assert levelled(make_plan(2)).operations == ()
    assert levelled(make_plan()).operations == ()


def test_whoever_is_on_the_long_way_goes_first():
    plan = make_plan(
        [make_task(1), make_task(2), make_task(3, duration_minutes=2400)],
        [make_link(1, 2, 3)],
        resources=[MASON],
        assignments=of_mason(1, 2),
    )
    result = levelled(plan)
    assert starts(plan, result)[2] == day(4)
    assert result.finish == result.finish_before


def test_of_equals_the_one_with_the_higher_priority_goes_first():
    tasks = [make_task(1, priority=400), make_task(2, priority=600)]
    plan = make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2))
    assert starts(plan, levelled(plan)) == {1: day(5), 2: day(4)}


@pytest.mark.parametrize(
    "stays",
    [
        {"priority": 1000},
        {"manual": True, "manual_start": SUNDAY, "manual_finish": SUNDAY.replace(hour=17)},
        {"actual_start": SUNDAY, "percent_complete": 10},
        {"constraint": ConstraintKind.MSO, "constraint_date": SUNDAY},
    ],
    ids=["priority", "manual", "begun", "must start on"],
)
def test_a_task_that_stays_is_waited_for(stays):
    plan = make_plan([make_task(1), make_task(2, **stays)], resources=[MASON], assignments=of_mason(1, 2))
    result = levelled(plan)
    assert starts(plan, result) == {1: day(5), 2: day(4)}
    assert not result.unresolved


def test_two_tasks_that_stay_remain_in_conflict_and_the_reason_is_told():
    tasks = [make_task(1, priority=1000), make_task(2, priority=1000)]
    result = levelled(make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2)))
    assert result.status is Status.PARTIAL
    assert reasons(result) == {"has priority 1000: not to be levelled"}
    (left,) = result.unresolved
    assert [reason.uid for reason in left.reasons] == [1, 2]


def test_what_leads_to_a_task_that_stays_does_not_push_it():
    """Though it would be done sooner if what leads to the long task went first."""
    tasks = [make_task(1), make_task(2), make_task(3, priority=1000), make_task(4, duration_minutes=1920)]
    links = [make_link(1, 1, 3), make_link(2, 2, 4)]
    plan = make_plan(tasks, links, resources=[MASON], assignments=of_mason(1, 2))
    assert starts(plan, levelled(plan)) == {1: day(4), 2: day(5), 3: day(5), 4: day(6)}


def test_a_task_that_goes_as_late_as_possible_is_made_way_for_where_it_ends_up():
    """Two tasks of the crane, one after the other, put off the project's finish, and with it the last task."""
    tasks = [
        make_task(1),
        make_task(2, duration_minutes=960),
        make_task(3, constraint=ConstraintKind.ALAP),
        make_task(4, duration_minutes=960),
        make_task(5, duration_minutes=960),
    ]
    crane = [Assignment(uid=uid, task_uid=uid, resource_uid=2) for uid in (4, 5)]
    two = [MASON, Resource(uid=2, name="Crane")]
    plan = make_plan(tasks, resources=two, assignments=[*of_mason(1, 2, 3), *crane])
    result = levelled(plan)
    assert not result.unresolved
    assert result.finish == datetime(2026, 1, 7, 17)


@pytest.mark.parametrize("rules", Rules)
def test_a_task_that_a_date_holds_back_is_delayed_beyond_the_date(rules):
    held = {"constraint": ConstraintKind.SNET, "constraint_date": day(7)}
    tasks = [make_task(1, **held), make_task(2, **held), make_task(3, duration_minutes=960, priority=1000)]
    plan = make_plan(tasks, [make_link(1, 3, 2)], resources=[MASON], assignments=of_mason(1, 2), rules=rules)
    assert starts(plan, levelled(plan)) == {1: day(7), 2: day(8), 3: day(4)}


def test_a_task_that_asks_for_more_than_there_is_is_told_and_does_not_stop_the_others():
    tasks = [make_task(1), make_task(2), make_task(3)]
    assignments = [*of_mason(1, 2), Assignment(uid=3, task_uid=3, resource_uid=1, units=2.0)]
    plan = make_plan(tasks, resources=[MASON], assignments=assignments)
    result = levelled(plan)
    assert starts(plan, result)[1] != starts(plan, result)[2]
    assert reasons(result) == {"asks for more than there ever is"}


def test_a_task_that_must_start_by_a_date_is_not_pushed_beyond_it():
    late = {"constraint": ConstraintKind.SNLT, "constraint_date": SUNDAY}
    tasks = [make_task(1, **late), make_task(2, **late)]
    result = levelled(make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2)))
    assert result.moved == ()
    assert reasons(result) == {"would have to be delayed beyond a date of its own, or of what follows it"}


def test_a_deadline_does_not_bind_and_is_told_when_it_is_missed():
    tasks = [make_task(1, deadline=SUNDAY.replace(hour=17)), make_task(2, deadline=SUNDAY.replace(hour=17))]
    result = levelled(make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2)))
    assert (result.status, result.missed_deadlines) == (Status.OPTIMAL, (2,))


def test_within_slack_what_has_none_stays_in_conflict():
    tasks = [make_task(1), make_task(2), make_task(3, duration_minutes=960)]
    plan = make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2, 3))
    result = levelled(plan, within_slack=True)
    assert result.finish == result.finish_before
    assert reasons(result) == {"would have to be delayed by more than its slack"}
    assert starts(plan, result)[1] != starts(plan, result)[2]


def test_a_resource_that_is_not_to_be_levelled_is_left_alone_and_told():
    free = Resource(uid=2, name="Helper", can_level=False)
    helpers = [Assignment(uid=u, task_uid=u, resource_uid=2) for u in (3, 4)]
    plan = make_plan(4, resources=[MASON, free], assignments=[*of_mason(1, 2), *helpers])
    result = levelled(plan)
    assert starts(plan, result)[3] == starts(plan, result)[4] == day(4)
    assert reasons(result) == {"the resource is not to be levelled"}
    assert result.status is Status.OPTIMAL
    assert result.notes == ("not levelled, as can_level says: Helper",)


def test_where_no_resource_is_to_be_levelled_all_are():
    plan = make_plan(2, resources=[replace(MASON, can_level=False)], assignments=of_mason(1, 2))
    result = levelled(plan)
    assert starts(plan, result) == {1: day(4), 2: day(5)}
    assert result.notes == ("no resource of the plan lets itself be levelled (can_level), so all of them are",)


def test_a_material_that_may_be_levelled_does_not_make_the_people_wait_alone():
    brick = Resource(uid=2, name="Brick", kind=ResourceKind.MATERIAL)
    bricks = Assignment(uid=3, task_uid=1, resource_uid=2)
    people = replace(MASON, can_level=False)
    plan = make_plan(2, resources=[people, brick], assignments=[*of_mason(1, 2), bricks])
    assert starts(plan, levelled(plan)) == {1: day(4), 2: day(5)}


def test_delays_of_an_earlier_levelling_are_taken_back():
    tasks = [make_task(1, leveling_delay_minutes=10 * 1440), make_task(2)]
    plan = make_plan(tasks, [make_link(1, 2, 1)], resources=[MASON], assignments=of_mason(1, 2))
    result = levelled(plan)
    assert starts(plan, result) == {1: day(5), 2: day(4)}
    assert result.operations == (Update("task", 1, {"leveling_delay_minutes": 0}),)
    assert result.notes == ("delays that 1 task had by levelling before were taken back first",)


def test_a_levelled_plan_is_levelled_to_itself():
    plan = make_plan(4, resources=[MASON], assignments=of_mason(1, 2, 3, 4))
    after, _ = apply(plan, levelled(plan).operations)
    assert levelled(after).operations == ()


def test_who_is_away_is_waited_for():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 7), units=0.0)
    plan = make_plan(2, resources=[replace(MASON, availability=(away,))], assignments=of_mason(1, 2))
    assert starts(plan, levelled(plan)) == {1: day(4), 2: day(8)}


def test_a_task_that_may_be_split_works_around_what_is_in_its_way():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 5), units=0.0)
    plan = make_plan(
        [make_task(1, duration_minutes=960)], resources=[replace(MASON, availability=(away,))], assignments=of_mason(1)
    )
    result = levelled(plan, split=True)
    after, _ = apply(plan, result.operations)
    assert after.tasks[1].splits == (Split(after_minutes=480, pause_minutes=480),)
    assert result.finish == datetime(2026, 1, 6, 17)
    assert levelled(plan).finish == datetime(2026, 1, 7, 17), "in one piece it waits"


def test_a_task_that_must_not_be_split_waits():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 5), units=0.0)
    whole = make_task(1, duration_minutes=960, leveling_can_split=False)
    plan = make_plan([whole], resources=[replace(MASON, availability=(away,))], assignments=of_mason(1))
    assert starts(plan, levelled(plan, split=True)) == {1: day(6)}


@pytest.mark.parametrize("rules", Rules)
@pytest.mark.parametrize(
    ("kind", "lag", "starts_at"),
    [
        (LinkKind.FS, 480, day(7)),
        (LinkKind.SS, 480, day(6)),
        (LinkKind.FF, 960, day(7)),
        (LinkKind.SF, 960, day(6)),
    ],
)
def test_what_follows_a_delayed_task_follows_it_by_its_link(rules, kind, lag, starts_at):
    tasks = [make_task(1, priority=600), make_task(2), make_task(3)]
    link = make_link(1, 2, 3, kind=kind, lag_minutes=lag)
    plan = make_plan(tasks, [link], resources=[MASON], assignments=of_mason(1, 2), rules=rules)
    locked = replace(plan, tasks={**plan.tasks, 1: replace(tasks[0], priority=1000)})
    result = levelled(locked)
    found = starts(locked, result)
    assert (found[2], found[3]) == (day(5), starts_at)


def test_a_task_with_several_people_waits_until_all_are_there():
    two = [MASON, Resource(uid=2, name="Crane")]
    tasks = [make_task(1, priority=1000), make_task(2, duration_minutes=960, priority=1000), make_task(3)]
    assignments = [
        Assignment(uid=1, task_uid=1, resource_uid=1),
        Assignment(uid=2, task_uid=2, resource_uid=2),
        Assignment(uid=3, task_uid=3, resource_uid=1),
        Assignment(uid=4, task_uid=3, resource_uid=2),
    ]
    plan = make_plan(tasks, resources=two, assignments=assignments)
    assert starts(plan, levelled(plan))[3] == day(6)


def test_everybody_works_in_their_own_hours():
    night = Calendar(uid=2, name="Night", week=(((0, 360),),) * 7)
    guard = Resource(uid=1, name="Guard", calendar_uid=2)
    tasks = [make_task(uid, duration_minutes=360) for uid in (1, 2)]
    plan = make_plan(tasks, resources=[guard], assignments=of_mason(1, 2), calendars=[working_week(), night])
    assert starts(plan, levelled(plan)) == {1: datetime(2026, 1, 5), 2: datetime(2026, 1, 6)}


def test_what_is_below_a_summary_waits_for_what_the_summary_waits_for():
    tasks = [
        make_task(1, priority=1000),
        make_task(2),
        make_task(9, name="Floor"),
        make_task(3, parent_uid=9),
        make_task(4, parent_uid=9, duration_minutes=960),
        make_task(5),
    ]
    links = [make_link(1, 2, 9), make_link(2, 9, 5)]
    plan = make_plan(tasks, links, resources=[MASON], assignments=of_mason(1, 2, 3, 4))
    found = starts(plan, levelled(plan))
    assert found[2] == day(5)
    assert min(found[3], found[4]) == day(6)
    assert found[5] == day(11)


def test_a_level_of_effort_is_not_levelled():
    effort = make_task(3, kind=TaskKind.LEVEL_OF_EFFORT)
    plan = make_plan(
        [make_task(1), make_task(2), effort],
        [make_link(1, 1, 3, kind=LinkKind.SS), make_link(2, 2, 3, kind=LinkKind.FF)],
        resources=[MASON],
        assignments=of_mason(1, 2, 3),
        rules=Rules.PRIMAVERA,
    )
    result = levelled(plan)
    assert starts(plan, result)[1] != starts(plan, result)[2]
    assert "spans what it is linked to, or what is below it" in reasons(result)


def test_a_plan_from_its_finish_is_refused_with_the_place_and_the_rule():
    values = {"schedule_from": ScheduleFrom.FINISH, "finish": datetime(2026, 1, 15, 17)}
    plan = make_plan(2, resources=[MASON], assignments=of_mason(1, 2), **values)
    with pytest.raises(InvalidInputError, match="schedule it from its start") as refused:
        levelled(plan)
    assert refused.value.place == "project.schedule_from"


def test_a_search_that_is_ended_at_once_still_has_a_plan_without_conflicts():
    plan = make_plan(8, resources=[MASON], assignments=of_mason(*range(1, 9)))
    result = level(plan, LevelOptions(workers=1), stop=Deadline(0.0, lambda: 0.0))
    assert not result.unresolved
    assert result.loads[0].peak_after == 1.0


def test_progress_tells_finish_bound_and_gap():
    heard: list[Progress] = []
    plan = make_plan(2, resources=[MASON], assignments=of_mason(1, 2))
    level(plan, LevelOptions(workers=1), stop=Deadline(1.0, lambda: 0.0), on_progress=heard.append)
    assert (heard[-1].finish, heard[-1].bound, heard[-1].gap) == (datetime(2026, 1, 5, 17), datetime(2026, 1, 5, 17), 0)


def test_no_finish_is_promised_that_the_engine_does_not_keep():
    """Crews of several calendars: the solver's own model of the demo building ends days before any plan of it can."""
    heard: list[Progress] = []
    plan = demo_plan()
    options = LevelOptions(workers=1, time_limit_s=0.2)
    result = level(plan, options, stop=Deadline(60.0, lambda: 0.0), on_progress=heard.append)
    assert {progress.finish >= result.finish for progress in heard} == {True}
    assert (heard[-1].finish, heard[-1].bound, heard[-1].gap) == (result.finish, result.lower_bound_finish, result.gap)
    assert schedule_plan(apply(plan, result.operations)[0]).project_finish == result.finish


def test_what_levelling_does_not_move_is_in_what_is_promised():
    heard: list[Progress] = []
    tasks = [make_task(1), make_task(2), make_task(3, duration_minutes=4800, priority=1000)]
    plan = make_plan(tasks, resources=[MASON], assignments=of_mason(1, 2))
    result = level(plan, LevelOptions(workers=1), stop=Deadline(1.0, lambda: 0.0), on_progress=heard.append)
    assert {progress.finish for progress in heard} == {result.finish} == {day(15).replace(hour=17)}


def test_the_result_is_plain_values():
    plain = msgspec.to_builtins(levelled(make_plan(2, resources=[MASON], assignments=of_mason(1, 2))))
    assert list(plain["operations"]) == [
        {"op": "update", "kind": "task", "uid": 2, "values": {"leveling_delay_minutes": 1440}}
    ]
    assert plain["status"] == "optimal"


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER.exists(), reason="../shared is not beside the project")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("mpsplib_*.xml")), ids=lambda path: path.name)
def test_portfolios_of_mpsplib_are_levelled_with_a_bound(path):
    plan = read_mspdi(path.read_bytes()).plan
    result = levelled(plan, time_limit_s=1.0)
    assert not result.unresolved
    assert {load.overload_after_minutes for load in result.loads} == {0}
    assert result.finish_before < result.lower_bound_finish <= result.finish
    assert result.gap < 0.1
