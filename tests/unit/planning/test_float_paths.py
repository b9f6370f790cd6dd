"""The longest path and float paths into a task. Plans start on Sunday 4 January 2026; Friday and Saturday are off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from nirman.errors import InvalidInputError
from nirman.planning.float_paths import RankedBy, float_paths, longest_path
from nirman.planning.logic import Logic
from nirman.planning.model import Calendar, ConstraintKind, CriticalBy, LagCalendar, LinkKind, Rules, TaskKind
from nirman.planning.schedule import schedule_plan
from tests.builders.msp_networks import Traits, microsoft_network
from tests.builders.plans import DAY, make_link, make_plan, make_task

DAY_MINUTES = 480


def days(*durations: int, **values):
    return [make_task(uid, duration_minutes=DAY_MINUTES * count, **values) for uid, count in enumerate(durations, 1)]


def paths(plan, **options):
    found = float_paths(plan, schedule_plan(plan), **options)
    return [(path.uids, path.float_minutes // DAY_MINUTES, path.joins) for path in found]


def longest(plan):
    return longest_path(plan, schedule_plan(plan))


def slack_of(plan, link_uid: int) -> int:
    return Logic(plan, schedule_plan(plan)).slack(plan.links[link_uid])


# 1 -> 2 -> 5 is the longest; 3 -> 5 has two days, 4 -> 2 has one.
BRANCHES = make_plan(
    days(3, 2, 3, 2, 1), [make_link(uid, *ends) for uid, ends in enumerate([(1, 2), (2, 5), (3, 5), (4, 2)], 1)]
)


def test_paths_are_ranked_by_what_they_may_slip_and_say_where_they_join():
    assert paths(BRANCHES) == [((1, 2, 5), 0, None), ((4,), 1, 2), ((3,), 2, 5)]


def test_no_more_paths_than_asked_for():
    assert len(paths(BRANCHES, limit=2)) == 2


def test_slack_adds_up_along_a_path():
    links = [(1, 4), (2, 4), (3, 2)]
    plan = make_plan(days(6, 2, 1, 1), [make_link(uid, *ends) for uid, ends in enumerate(links, 1)])
    assert paths(plan) == [((1, 4), 0, None), ((3, 2), 3, 4)]


def test_a_branch_of_a_path_has_the_slack_of_the_path_and_its_own():
    links = [(1, 4), (2, 4), (3, 2), (5, 2)]
    plan = make_plan(days(6, 2, 2, 1, 1), [make_link(uid, *ends) for uid, ends in enumerate(links, 1)])
    assert paths(plan) == [((1, 4), 0, None), ((3, 2), 2, 4), ((5,), 3, 2)]


def test_an_end_in_the_middle_has_its_own_driving_path_though_it_has_slack():
    """The example of T. Boyle: driving logic to a task that is not critical is not a matter of total slack."""
    links = [(1, 2), (1, 3), (3, 4), (2, 5)]
    plan = make_plan(days(2, 5, 1, 1, 3), [make_link(uid, *ends) for uid, ends in enumerate(links, 1)])
    assert paths(plan, end_uid=4) == [((1, 3, 4), 0, None)]


def test_total_float_ranks_by_the_predecessors_own_slack():
    # 2 drives 4, but 1, whose delay also delays 3, is what is critical.
    links = [make_link(1, 1, 3), make_link(2, 1, 4), make_link(3, 2, 4), make_link(4, 4, 5), make_link(5, 3, 5)]
    plan = make_plan(days(3, 4, 6, 2, 1), links)
    assert paths(plan, end_uid=4)[0][0] == (2, 4)
    by_total = paths(plan, end_uid=4, ranked_by=RankedBy.TOTAL_FLOAT)
    assert by_total[0][0] == (1, 4)


def test_an_end_that_is_not_there_is_refused():
    with pytest.raises(InvalidInputError, match="no task 9"):
        paths(BRANCHES, end_uid=9)


def test_a_plan_without_tasks_has_no_paths():
    plan = make_plan()
    assert (paths(plan), longest(plan)) == ([], ())


def test_the_longest_path_is_what_drives_the_finish():
    assert longest(BRANCHES) == (1, 2, 5)


def test_all_chains_that_drive_the_last_tasks_are_on_the_longest_path():
    plan = make_plan(days(2, 2, 1, 3), [make_link(1, 1, 3), make_link(2, 2, 3)])
    assert longest(plan) == (1, 2, 3, 4)


def test_the_longest_path_begins_where_a_constraint_decides():
    tasks = days(1, 1)
    tasks[1] = make_task(2, constraint=ConstraintKind.SNET, constraint_date=datetime(2026, 1, 11, 8))
    assert longest(make_plan(tasks, [make_link(1, 1, 2)])) == (2,)


def test_a_link_that_a_levelling_delay_keeps_by_far_is_not_broken():
    # The day of six to two is over before the predecessor is, so that the successor could end three hours before it.
    early_days = Calendar(uid=2, name="Early", week=(((360, 840),),) * 7)
    tasks = [make_task(1), make_task(2, duration_minutes=240, calendar_uid=2, leveling_delay_minutes=1200)]
    link = make_link(1, 1, 2, kind=LinkKind.FF)
    plan = make_plan(tasks, [link], calendars=[make_plan(0).calendars[1], early_days])
    assert schedule_plan(plan)[2].finish == datetime(2026, 1, 5, 10)
    assert slack_of(plan, 1) == 0


def test_a_task_that_goes_as_late_as_possible_drives_nothing():
    late = make_task(1, constraint=ConstraintKind.ALAP)
    plan = make_plan([late, make_task(2, duration_minutes=960), make_task(3)], [make_link(1, 1, 3), make_link(2, 2, 3)])
    assert longest(plan) == (2, 3)


def test_a_link_that_a_constraint_breaks_does_not_drive():
    pinned = make_task(2, constraint=ConstraintKind.MSO, constraint_date=datetime(2026, 1, 5, 8))
    plan = make_plan([make_task(1, duration_minutes=960), pinned], [make_link(1, 1, 2)])
    assert slack_of(plan, 1) < 0
    assert longest(replace(plan, tasks={**plan.tasks, 2: replace(pinned, duration_minutes=960)})) == (2,)


def test_a_link_over_a_weekend_drives():
    seven_days = Calendar(uid=2, name="Seven days", week=(DAY,) * 7)
    tasks = [make_task(1, duration_minutes=DAY_MINUTES * 6, calendar_uid=2), make_task(2)]
    plan = make_plan(tasks, [make_link(1, 1, 2)], calendars=[make_plan(0).calendars[1], seven_days])
    # From Friday evening to Sunday morning.
    assert slack_of(plan, 1) == 0
    assert longest(plan) == (1, 2)


@pytest.mark.parametrize(
    ("kind", "lag", "slack"),
    [
        (LinkKind.FS, 480, 480),
        (LinkKind.FS, -240, 1200),
        (LinkKind.SS, 960, 480),
        (LinkKind.FF, 480, 960),
        (LinkKind.SF, 1440, 480),
    ],
)
def test_the_slack_of_a_link_is_from_what_it_asks_for_to_where_the_successor_is(kind, lag, slack):
    tasks = [*days(1), make_task(2, constraint=ConstraintKind.SNET, constraint_date=datetime(2026, 1, 7, 8))]
    assert slack_of(make_plan(tasks, [make_link(1, 1, 2, kind=kind, lag_minutes=lag)]), 1) == slack


def test_a_lag_runs_in_the_calendar_that_the_plan_says():
    long_days = Calendar(uid=2, name="Long days", week=(((0, 1440),),) * 7)
    later = {"constraint": ConstraintKind.SNET, "constraint_date": datetime(2026, 1, 11, 8)}
    tasks = [*days(1), make_task(2, calendar_uid=2, **later)]
    found = [
        slack_of(
            make_plan(
                tasks,
                [make_link(1, 1, 2, lag_minutes=1440)],
                calendars=[make_plan(0).calendars[1], long_days],
                **project,
            ),
            1,
        )
        for project in (
            {"lag_calendar": LagCalendar.SUCCESSOR},
            {"lag_calendar": LagCalendar.PREDECESSOR},
            {"lag_calendar": LagCalendar.ELAPSED},
            {"rules": Rules.PRIMAVERA},
        )
    ]
    # One day of 24 hours, or three of eight.
    after_one_day, after_three_days = 5 * 1440 + 15 * 60, 3 * 1440 + 15 * 60
    assert found == [after_one_day, after_three_days, after_one_day, after_three_days]


def test_paths_lead_through_summaries():
    """Task 4 below summary 3 waits for summary 1; of what is below that, 6 finishes last."""
    tasks = [
        make_task(1),
        make_task(2, parent_uid=1),
        make_task(6, parent_uid=1, duration_minutes=960),
        make_task(3, position=7.0),
        make_task(4, parent_uid=3),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 3)])
    assert longest(plan) == (6, 4)
    assert paths(plan) == [((6, 4), 0, None), ((2,), 1, 4)]


def test_what_is_done_or_drives_nothing_is_on_no_path():
    started = {"actual_start": datetime(2026, 1, 4, 8), "actual_finish": datetime(2026, 1, 4, 17)}
    tasks = [
        make_task(1, **started),
        make_task(2),
        make_task(3, kind=TaskKind.LEVEL_OF_EFFORT),
        make_task(4, active=False),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 2), make_link(2, 3, 2), make_link(3, 4, 2)])
    assert [path[0] for path in paths(plan, end_uid=2)] == [(2,)]


@pytest.mark.parametrize("seed", range(6))
def test_tasks_critical_by_the_longest_path_are_those_on_it(seed):
    plan = microsoft_network(seed, Traits.LAGS | Traits.CALENDARS | Traits.CONSTRAINTS | Traits.START_FINISH, 120)
    plan = replace(plan, project=replace(plan.project, critical_by=CriticalBy.LONGEST_PATH))
    schedule = schedule_plan(plan)
    critical = {dates.uid for dates in schedule if dates.critical and not dates.summary}
    assert critical == {uid for uid in longest_path(plan, schedule) if plan.tasks[uid].actual_finish is None}
