"""What is odd about single tasks and links. Plans start on Sunday 4 January 2026; Friday and Saturday are off."""

from __future__ import annotations

from datetime import datetime

from nirman.planning.findings import Finding
from nirman.planning.model import ConstraintKind, LinkKind, Plan, TaskKind
from nirman.planning.quality import schedule_findings
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour)


def findings(plan: Plan, rule: str) -> list[Finding]:
    return [finding for finding in schedule_findings(plan, schedule_plan(plan)) if finding.rule == rule]


def found(plan: Plan, rule: str) -> list[int | None]:
    return [finding.uid for finding in findings(plan, rule)]


def said(plan: Plan, rule: str) -> str:
    [finding] = findings(plan, rule)
    return finding.text


def pair(kind: LinkKind = LinkKind.FS, *, first: dict | None = None, second: dict | None = None, **link) -> Plan:
    return make_plan(
        [make_task(1, name="Pile", **(first or {})), make_task(2, name="Cap", **(second or {}))],
        [make_link(1, 1, 2, kind=kind, **link)],
    )


def test_a_sound_plan_has_no_findings():
    plan = make_plan(3, [make_link(1, 1, 2), make_link(2, 2, 3)])
    assert schedule_findings(plan, schedule_plan(plan)) == ()


def test_a_plan_without_tasks_has_no_findings():
    assert schedule_findings(make_plan(), schedule_plan(make_plan())) == ()


def test_a_task_that_began_before_its_predecessor_ended_is_out_of_sequence():
    plan = pair(first={"duration_minutes": 960, "actual_start": at(4)}, second={"actual_start": at(5)})
    assert said(plan, "out-of-sequence") == (
        'started 2026-01-05 08:00, before its FS link "Pile" (1) -> "Cap" (2) allowed it (2026-01-05 17:00)'
    )
    assert found(plan, "out-of-sequence") == [2]


def test_a_task_that_began_the_morning_after_is_in_sequence():
    assert found(pair(first={"actual_start": at(4)}, second={"actual_start": at(5)}), "out-of-sequence") == []


def test_a_lag_is_part_of_the_sequence():
    started = {"first": {"actual_start": at(4)}, "second": {"actual_start": at(5)}}
    assert found(pair(**started, lag_minutes=480), "out-of-sequence") == [2]
    assert found(pair(LinkKind.SS, **started, lag_minutes=480), "out-of-sequence") == []


def test_a_task_that_finished_before_a_finish_link_allowed_it_is_out_of_sequence():
    done = {"actual_start": at(4), "actual_finish": at(4, 17)}
    plan = pair(LinkKind.FF, first={"duration_minutes": 960}, second=done)
    assert "finished 2026-01-04 17:00" in said(plan, "out-of-sequence")


def test_a_deadline_that_cannot_be_met_is_named_with_all_that_it_presses():
    tasks = [make_task(1), make_task(2), make_task(3, deadline=at(5, 17)), make_task(4, duration_minutes=0)]
    plan = make_plan(tasks, [make_link(1, 1, 2), make_link(2, 2, 3), make_link(3, 3, 4)])
    assert found(plan, "negative-slack") == [3]
    assert said(plan, "negative-slack") == "deadline 2026-01-05 17:00: 3 tasks have up to 1d too little time for it"


def test_each_cause_of_negative_slack_has_its_own_tasks():
    tasks = [make_task(1, deadline=at(4, 12)), make_task(2), make_task(3, deadline=at(4, 17))]
    plan = make_plan(tasks, [make_link(1, 2, 3)])
    assert [(finding.uid, "1 task has" in finding.text) for finding in findings(plan, "negative-slack")] == [
        (1, True),
        (3, False),
    ]


def test_the_worst_of_several_successors_is_the_cause_not_a_milder_bound_of_the_task_itself():
    tasks = [
        make_task(1, duration_minutes=2 * 480, deadline=at(4, 17)),
        make_task(2, deadline=at(4, 12)),
        make_task(3, deadline=at(5, 17)),
    ]
    plan = make_plan(tasks, [make_link(1, 1, 2), make_link(2, 1, 3)])
    assert [(finding.uid, "2 tasks have" in finding.text) for finding in findings(plan, "negative-slack")] == [
        (2, True),
        (3, False),
    ]


def test_a_constraint_that_wins_over_links_is_the_cause_of_its_own_negative_slack():
    plan = pair(second={"constraint": ConstraintKind.MSO, "constraint_date": at(4)})
    assert found(plan, "negative-slack") == [2]
    assert "MSO 2026-01-04 08:00" in said(plan, "negative-slack")


def test_the_deadline_of_a_summary_is_the_cause_for_the_tasks_below_it():
    tasks = [make_task(1, deadline=at(4, 17)), make_task(2, parent_uid=1), make_task(3, parent_uid=1)]
    plan = make_plan(tasks, [make_link(1, 2, 3)])
    assert found(plan, "negative-slack") == [1]
    assert "2 tasks have" in said(plan, "negative-slack")


def test_a_constraint_that_puts_a_task_before_its_predecessor_overrides_logic():
    plan = pair(second={"constraint": ConstraintKind.MSO, "constraint_date": at(4)})
    assert said(plan, "logic-overridden") == (
        'its constraint MSO 2026-01-04 08:00 puts it 1d before its FS link "Pile" (1) -> "Cap" (2) allows'
    )


def test_planning_by_hand_overrides_logic():
    plan = pair(second={"manual": True, "manual_start": at(4), "manual_finish": at(4, 17)})
    assert "planning by hand puts it 1d before" in said(plan, "logic-overridden")


def test_work_on_the_wrong_side_of_the_status_date_is_found():
    by_hand = {"manual": True, "manual_start": at(5), "manual_finish": at(5, 17)}
    plan = make_plan(
        [
            make_task(1, actual_start=at(4), actual_finish=at(4, 17)),
            make_task(2, **by_hand),
            make_task(3, actual_start=at(7), actual_finish=at(8, 17)),
        ],
        status_date=at(6),
    )
    assert found(plan, "before-status-date") == [2]
    assert found(plan, "after-status-date") == [3, 3]


def test_days_off_between_the_dates_of_a_task_are_found():
    """Friday and Saturday, planned by hand."""
    plan = make_plan([make_task(1, manual=True, manual_start=at(9), manual_finish=at(10, 17))])
    assert found(plan, "no-working-time") == [1]


def test_a_network_has_one_open_start_and_one_open_end():
    plan = make_plan(5, [make_link(1, 1, 2), make_link(2, 3, 4)])
    assert found(plan, "open-start") == [3, 5]
    assert found(plan, "open-finish") == [4, 5]


def test_links_that_leave_a_start_or_a_finish_hanging_are_found():
    ends = [make_link(1, 1, 2, kind=LinkKind.SS), make_link(2, 2, 3, kind=LinkKind.FF), make_link(3, 2, 4)]
    plan = make_plan([*make_plan(4).tasks.values()], ends)
    assert found(plan, "dangling-finish") == [1]
    assert found(plan, "dangling-start") == [3]


def test_a_link_beside_a_way_through_another_task_is_redundant():
    links = [make_link(1, 1, 2), make_link(2, 2, 3), make_link(3, 1, 3)]
    plan = make_plan(3, links)
    assert said(plan, "redundant-link") == (
        'the FS link "Task 1" (1) -> "Task 3" (3) says no more than the links through "Task 2" do'
    )
    assert found(make_plan(3, [*links[:2], make_link(3, 1, 3, lag_minutes=960)]), "redundant-link") == []
    assert found(make_plan(3, [make_link(1, 1, 2, lag_minutes=-60), *links[1:]]), "redundant-link") == []


def test_level_of_effort_and_inactive_tasks_are_no_logic():
    tasks = [make_task(1), make_task(2, kind=TaskKind.LEVEL_OF_EFFORT), make_task(3, active=False), make_task(4)]
    plan = make_plan(tasks, [make_link(1, 1, 2), make_link(2, 1, 3)])
    assert found(plan, "open-finish") == [4]
    assert found(plan, "open-start") == [4]


def test_a_chain_that_ends_too_late_is_told_with_the_open_ends_beside_it():
    tasks = [make_task(uid) for uid in range(1, 10_000)] + [make_task(10_000, deadline=at(5, 17))]
    plan = make_plan(tasks, [make_link(uid, uid - 1, uid) for uid in range(1001, 10_001)])
    schedule = schedule_plan(plan)
    rules = {finding.rule for finding in schedule_findings(plan, schedule)}
    assert {"negative-slack", "open-start"} <= rules
