"""The 14 checks of the DCMA assessment: for each a plan that passes and one that fails.

Plans start on Sunday 4 January 2026, 08:00; Friday and Saturday are off. Thresholds as published: at most 5 % for most.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from nirman.planning.model import (
    Assignment,
    Baseline,
    Calendar,
    ConstraintKind,
    LinkKind,
    Plan,
    Resource,
    ScheduleFrom,
    TaskBaseline,
    TaskKind,
)
from nirman.planning.quality import Check, Verdict, assess
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task

DAY = 480


def at(day: int, hour: int = 8, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour)


def check(plan: Plan, name: str) -> Check:
    [found] = [check for check in assess(plan, schedule_plan(plan)) if check.name == name]
    return found


def verdict(plan: Plan, name: str) -> tuple[Verdict, tuple[int, ...]]:
    found = check(plan, name)
    return found.verdict, found.uids


def chain(count: int, *, change: dict[int, dict] | None = None, link: dict | None = None, **project) -> Plan:
    """Start milestone 1, `count` tasks of a day in a chain, finish milestone; link uids are those of the successors."""
    last = count + 2
    tasks = [
        make_task(uid, **({"duration_minutes": 0} if uid in (1, last) else {}) | (change or {}).get(uid, {}))
        for uid in range(1, last + 1)
    ]
    links = [make_link(uid, uid - 1, uid, **(link or {} if uid == 3 else {})) for uid in range(2, last + 1)]
    return make_plan(tasks, links, **project)


def baseline(**finishes: int) -> Baseline:
    """Of tasks t2, t3, …: the January day at whose end each finishes."""
    tasks = [TaskBaseline(uid=int(name[1:]), start=at(1), finish=at(day, 17)) for name, day in finishes.items()]
    return Baseline(uid=0, tasks=tuple(sorted(tasks, key=lambda task: task.uid)))


def with_baseline(plan: Plan, **finishes: int) -> Plan:
    return replace(plan, baselines={0: baseline(**finishes)})


def done(start: int, finish: int) -> dict:
    return {"actual_start": at(start), "actual_finish": at(finish, 17), "percent_complete": 100}


def test_the_fourteen_checks_come_in_their_published_order_with_their_thresholds():
    found = assess(chain(3), schedule_plan(chain(3)))
    assert [(check.number, check.name, check.threshold, check.at_least) for check in found] == [
        (1, "logic", 0.05, False),
        (2, "leads", 0.0, False),
        (3, "lags", 0.05, False),
        (4, "relationship_types", 0.9, True),
        (5, "hard_constraints", 0.05, False),
        (6, "high_float", 0.05, False),
        (7, "negative_float", 0.0, False),
        (8, "high_duration", 0.05, False),
        (9, "invalid_dates", 0.0, False),
        (10, "resources", 0.0, False),
        (11, "missed_tasks", 0.05, False),
        (12, "critical_path_test", 0.95, True),
        (13, "critical_path_length_index", 0.95, True),
        (14, "baseline_execution_index", 0.95, True),
    ]


def test_a_sound_chain_fails_nothing():
    assert {check.name for check in assess(chain(3), schedule_plan(chain(3))) if check.verdict is Verdict.FAIL} == set()


def test_what_counts_is_incomplete_detail_work():
    """No summaries, milestones, level of effort, inactive or finished tasks: of seven open tasks one is counted."""
    tasks = [
        make_task(1),
        make_task(2, parent_uid=1),
        make_task(3, duration_minutes=0),
        make_task(4, milestone=True),
        make_task(5, kind=TaskKind.LEVEL_OF_EFFORT),
        make_task(6, active=False),
        make_task(7, **done(4, 4)),
    ]
    found = check(make_plan(tasks), "logic")
    assert (found.uids, found.numerator, found.denominator) == ((2,), 1, 1)


def test_1_logic_fails_where_a_task_has_no_predecessor_or_no_successor():
    assert verdict(chain(3), "logic") == (Verdict.PASS, ())
    plan = chain(3)
    without = replace(plan, links={uid: link for uid, link in plan.links.items() if uid != 3})
    assert verdict(without, "logic") == (Verdict.FAIL, (2, 3))


def test_1_logic_of_a_summary_is_logic_of_the_tasks_below_it():
    tasks = [
        make_task(1, duration_minutes=0),
        make_task(2),
        make_task(3, parent_uid=2),
        make_task(4, duration_minutes=0),
    ]
    assert verdict(make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 4)]), "logic") == (Verdict.PASS, ())


def test_1_one_in_twenty_may_lack_logic_and_is_named_all_the_same():
    plan = chain(19)
    plan = replace(plan, tasks={**plan.tasks, 99: make_task(99)})
    assert verdict(plan, "logic") == (Verdict.PASS, (99,))


def test_2_leads_fails_for_any_negative_lag():
    assert verdict(chain(3), "leads") == (Verdict.PASS, ())
    found = check(chain(3, link={"lag_minutes": -60}), "leads")
    assert (found.verdict, found.uids, found.link_uids, found.denominator) == (Verdict.FAIL, (3,), (3,), 4)


def test_3_lags_fails_for_more_than_one_link_in_twenty():
    assert verdict(chain(3, link={"lag_minutes": 60}), "lags") == (Verdict.FAIL, (3,))
    assert verdict(chain(3, link={"lag_percent": 50.0}), "lags") == (Verdict.FAIL, (3,))
    assert verdict(chain(19, link={"lag_minutes": 60}), "lags") == (Verdict.PASS, (3,))


def test_4_relationship_types_fails_for_less_than_nine_finish_start_links_in_ten():
    found = check(chain(3, link={"kind": LinkKind.SS}), "relationship_types")
    assert (found.verdict, found.value, found.uids) == (Verdict.FAIL, 0.75, (3,))
    assert verdict(chain(9, link={"kind": LinkKind.FF}), "relationship_types") == (Verdict.PASS, (3,))


def test_links_into_finished_work_do_not_count():
    found = check(chain(3, change={2: done(4, 4), 3: done(5, 5)}, link={"lag_minutes": -60}), "leads")
    assert (found.verdict, found.denominator) == (Verdict.PASS, 2)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *((kind, Verdict.FAIL) for kind in ("MSO", "MFO", "SNLT", "FNLT", "SO", "FO")),
        *((kind, Verdict.PASS) for kind in ("ASAP", "ALAP", "SNET", "FNET")),
    ],
)
def test_5_hard_constraints_fails_for_constraints_that_stop_a_task_from_moving_later(kind, expected):
    constraint = {"constraint": ConstraintKind(kind), "constraint_date": at(6)}
    assert check(chain(3, change={3: constraint}), "hard_constraints").verdict is expected


def test_6_high_float_fails_for_more_than_44_working_days_of_total_slack():
    def beside(days: int) -> Plan:
        plan = chain(1, change={2: {"duration_minutes": days * DAY}})
        tasks = {**plan.tasks, 9: make_task(9)}
        return replace(plan, tasks=tasks, links={**plan.links, 8: make_link(8, 1, 9), 9: make_link(9, 9, 3)})

    assert verdict(beside(45), "high_float") == (Verdict.PASS, ())
    assert verdict(beside(46), "high_float") == (Verdict.FAIL, (9,))


def test_7_negative_float_fails_for_any_task_that_cannot_make_its_dates():
    assert verdict(chain(3, change={5: {"deadline": at(6, 17)}}), "negative_float") == (Verdict.PASS, ())
    assert verdict(chain(3, change={5: {"deadline": at(5, 17)}}), "negative_float") == (Verdict.FAIL, (2, 3, 4))


def test_8_high_duration_fails_for_tasks_longer_than_44_working_days():
    assert verdict(chain(3, change={3: {"duration_minutes": 44 * DAY}}), "high_duration") == (Verdict.PASS, ())
    assert verdict(chain(3, change={3: {"duration_minutes": 45 * DAY}}), "high_duration") == (Verdict.FAIL, (3,))


def test_8_a_day_is_the_plans_own_and_an_elapsed_day_has_24_hours():
    long = {3: {"duration_minutes": 45 * DAY}}
    assert verdict(chain(3, change=long, minutes_per_day=600), "high_duration") == (Verdict.PASS, ())
    elapsed = {3: {"duration_minutes": 44 * 1440, "duration_elapsed": True}}
    assert verdict(chain(3, change=elapsed), "high_duration") == (Verdict.PASS, ())


def test_8_the_duration_of_the_baseline_is_what_counts():
    plan = chain(3, change={3: {"duration_minutes": 45 * DAY}})
    planned = TaskBaseline(uid=3, start=at(5), finish=at(6), duration_minutes=2 * DAY)
    assert verdict(replace(plan, baselines={0: Baseline(uid=0, tasks=(planned,))}), "high_duration")[0] is Verdict.PASS


def test_9_invalid_dates_fails_for_work_forecast_in_the_past_or_done_in_the_future():
    started = {"actual_start": at(4), "actual_finish": at(4, 17), "percent_complete": 100}
    assert verdict(chain(3, change={2: started}, status_date=at(5)), "invalid_dates") == (Verdict.PASS, ())
    manual = {"manual": True, "manual_start": at(5), "manual_finish": at(5, 17)}
    assert verdict(chain(3, change={2: started, 3: manual}, status_date=at(6)), "invalid_dates")[1] == (3,)
    assert verdict(chain(3, change={2: started}, status_date=at(4, 12)), "invalid_dates") == (Verdict.FAIL, (2,))


def test_9_the_start_of_a_task_not_started_counts_and_the_status_date_itself_is_neither_past_nor_future():
    across = {"manual": True, "manual_start": at(5), "manual_finish": at(8, 17)}
    assert verdict(chain(3, change={3: across}, status_date=at(6)), "invalid_dates")[1] == (3,)
    assert verdict(chain(3, change={2: done(4, 4)}, status_date=at(4, 17)), "invalid_dates") == (Verdict.PASS, ())


def test_9_invalid_dates_needs_a_status_date():
    found = check(chain(3), "invalid_dates")
    assert (found.verdict, found.value, found.note) == (Verdict.NOT_APPLICABLE, None, "the project has no status date")


def test_10_resources_fails_for_a_task_of_a_day_or_more_that_nobody_does_and_that_costs_nothing():
    plan = replace(chain(3, change={3: {"fixed_cost": Decimal(5)}}), resources={1: Resource(uid=1)})
    assigned = {uid: Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (2, 4)}
    assert verdict(replace(plan, assignments=assigned), "resources") == (Verdict.PASS, ())
    assert verdict(replace(plan, assignments={2: assigned[2]}), "resources") == (Verdict.FAIL, (4,))


def test_10_resources_looks_at_no_short_task_and_at_no_plan_without_resources():
    assert check(chain(3), "resources").verdict is Verdict.NOT_APPLICABLE
    plan = chain(3, change={3: {"duration_minutes": DAY - 1}, 4: {"fixed_cost": Decimal(1)}})
    assert check(plan, "resources").denominator == 2


def test_11_missed_tasks_fails_where_due_tasks_finish_after_their_baseline():
    plan = chain(3, change={2: done(4, 4), 3: done(5, 6)}, status_date=at(6, 17))
    assert verdict(with_baseline(plan, t2=4, t3=6, t4=7), "missed_tasks") == (Verdict.PASS, ())
    found = check(with_baseline(plan, t2=4, t3=5, t4=6), "missed_tasks")
    assert (found.verdict, found.uids, found.numerator, found.denominator) == (Verdict.FAIL, (3, 4), 2, 3)


def test_11_a_task_that_finished_before_its_baseline_is_not_missed():
    plan = chain(3, change={2: done(4, 4)}, status_date=at(6, 17))
    assert verdict(with_baseline(plan, t2=5), "missed_tasks") == (Verdict.PASS, ())


@pytest.mark.parametrize("name", ["missed_tasks", "baseline_execution_index"])
def test_checks_against_a_baseline_say_what_they_miss(name):
    assert check(chain(3, status_date=at(5)), name).note == "the plan has no baseline 0"
    assert check(with_baseline(chain(3), t2=4, t3=5, t4=6), name).note == "the project has no status date"
    due_later = with_baseline(chain(3, status_date=at(4)), t2=4, t3=5, t4=6)
    assert check(due_later, name).note == "no task is due by the baseline yet"


def test_12_critical_path_test_passes_where_600_days_of_a_critical_task_move_the_finish_by_as_much():
    found = check(chain(3), "critical_path_test")
    assert (found.verdict, found.numerator, found.denominator, found.uids) == (Verdict.PASS, 600, 600, ())
    assert '"Task 2"' in found.note


def test_12_critical_path_test_fails_where_a_date_holds_what_follows():
    held = {4: {"constraint": ConstraintKind.MSO, "constraint_date": at(6)}}
    found = check(chain(3, change=held), "critical_path_test")
    assert (found.verdict, found.uids) == (Verdict.FAIL, (2,))
    assert found.numerator < 600


def test_12_critical_path_test_makes_started_and_assigned_work_longer_too():
    plan = chain(2, change={2: {"actual_start": at(4), "percent_complete": 50}})
    crew = Calendar(uid=2, name="Mornings", week=(((480, 720),),) * 7)
    assigned = Assignment(uid=1, task_uid=3, resource_uid=1, units=0.5, work_minutes=240)
    plan = replace(
        plan,
        calendars={**plan.calendars, 2: crew},
        resources={1: Resource(uid=1, calendar_uid=2)},
        assignments={1: assigned},
    )
    assert check(plan, "critical_path_test").verdict is Verdict.PASS
    behind = replace(plan, tasks={**plan.tasks, 2: replace(plan.tasks[2], **done(4, 4))})
    found = check(behind, "critical_path_test")
    assert (found.verdict, '"Task 3"' in found.note) == (Verdict.PASS, True)


def test_12_a_plan_scheduled_from_its_finish_must_start_earlier():
    plan = chain(3, schedule_from=ScheduleFrom.FINISH, finish=datetime(2030, 1, 31, 17))
    assert check(plan, "critical_path_test").verdict is Verdict.PASS


def test_12_nothing_is_tested_when_all_is_done():
    plan = chain(1, change={uid: done(4, 4) for uid in (1, 2, 3)})
    assert check(plan, "critical_path_test").verdict is Verdict.NOT_APPLICABLE


def test_13_critical_path_length_index_fails_where_the_end_has_too_little_time():
    assert check(chain(20), "critical_path_length_index").value == 1
    ends = schedule_plan(chain(20))[22].finish
    assert ends == at(29, 17)
    near = check(chain(20, change={22: {"deadline": at(28, 17)}}), "critical_path_length_index")
    assert (near.verdict, near.value) == (Verdict.PASS, 0.95)
    far = check(chain(20, change={22: {"deadline": at(27, 17)}}), "critical_path_length_index")
    assert (far.verdict, far.value, far.uids) == (Verdict.FAIL, 0.9, (21, 22))


def test_13_the_length_is_counted_from_the_status_date():
    change = {2: done(4, 4), 22: {"deadline": at(28, 17)}}
    assert check(chain(20, change=change), "critical_path_length_index").verdict is Verdict.PASS
    found = check(chain(20, change=change, status_date=at(5)), "critical_path_length_index")
    assert (found.verdict, found.numerator, found.denominator) == (Verdict.FAIL, 18, 19)


def test_14_baseline_execution_index_fails_where_less_is_finished_than_was_due():
    plan = chain(3, change={2: done(4, 4), 3: done(5, 5)}, status_date=at(6, 17))
    assert verdict(with_baseline(plan, t2=4, t3=5, t4=7), "baseline_execution_index") == (Verdict.PASS, ())
    found = check(with_baseline(plan, t2=4, t3=5, t4=6), "baseline_execution_index")
    assert (found.verdict, found.numerator, found.denominator, found.uids) == (Verdict.FAIL, 2, 3, (4,))


def test_14_tasks_that_the_baseline_does_not_know_count_as_due():
    plan = chain(3, change={2: done(4, 4), 3: done(5, 5)}, status_date=at(6, 17))
    assert check(with_baseline(plan, t2=4, t3=5), "baseline_execution_index").denominator == 3


def test_a_plan_without_tasks_fails_nothing():
    found = assess(make_plan(), schedule_plan(make_plan()))
    assert {check.verdict for check in found} == {Verdict.NOT_APPLICABLE}
