"""Each way out of a conflict, by hand: two tasks that want the one mason of a plan of a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from nirman.errors import InvalidInputError, NotFoundError
from nirman.optimization.alternatives import Alternative, Way, Ways, alternatives, by_id
from nirman.optimization.options import AlternativesOptions
from nirman.planning.change import apply
from nirman.planning.estimates import Availability, DurationEstimate
from nirman.planning.model import Assignment, ConstraintKind, Kind, Plan, Resource, Rules, Split
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.patience import Impatient, Patient

MASON = Resource(
    uid=1,
    name="Mason",
    skills=("bricks",),
    standard_rate=Decimal(100),
    overtime_rate=Decimal(200),
    cost_per_use=Decimal(50),
)
OTHER = Resource(uid=2, name="Other mason", skills=("bricks", "tiles"), standard_rate=Decimal(150))
PAINTER = Resource(uid=3, name="Painter", skills=("paint",), standard_rate=Decimal(10))


def masons_plan(*, resources=(MASON,), second: dict[str, object] | None = None, **project: object) -> Plan:
    """Task 1: three days from Sunday, followed by five days of task 3. Task 2: two days from Sunday, with slack."""
    tasks = [
        make_task(1, duration_minutes=3 * 480),
        make_task(2, **{"duration_minutes": 2 * 480} | (second or {})),
        make_task(3, duration_minutes=5 * 480),
    ]
    assignments = [Assignment(uid=10 + uid, task_uid=uid, resource_uid=1) for uid in (1, 2)]
    return make_plan(tasks, [make_link(1, 1, 3)], resources=list(resources), assignments=assignments, **project)


def ways_out(plan: Plan, **options: object) -> Ways:
    (ways,) = alternatives(plan, AlternativesOptions(**options), stop=Patient()).conflicts
    return ways


def only(ways: Ways, way: Way, key: str = "") -> Alternative:
    (found,) = [one for one in ways.alternatives if one.way is way and one.id.endswith(key)]
    return found


def start_of(plan: Plan, alternative: Alternative, uid: int) -> datetime:
    after, _ = apply(plan, alternative.operations)
    return schedule_plan(after)[uid].start


def test_where_no_resource_lets_itself_be_levelled_tasks_wait_for_all():
    plan = masons_plan(resources=[replace(MASON, can_level=False)])
    assert only(ways_out(plan), Way.DELAY, ".2").operations
    free = [Resource(uid=2, name="Helper"), replace(MASON, can_level=False)]
    helped = masons_plan(resources=free)
    helped.assignments[20] = Assignment(uid=20, task_uid=3, resource_uid=2)
    (refused,) = [one for one in ways_out(helped).impossible if one.way is Way.DELAY]
    assert refused.rule == "levelling leaves the resource alone"


def test_the_task_with_slack_waits_at_no_cost_and_the_other_at_the_cost_of_days():
    plan = masons_plan(indirect_cost_per_day=Decimal(1000))
    ways = ways_out(plan)
    waits = only(ways, Way.DELAY, ".2")
    assert waits.solves
    assert start_of(plan, waits, 2) == datetime(2026, 1, 7, 8)
    assert (waits.finish_minutes, waits.cost_difference) == (0, 0)
    assert waits.risk.slack_consumed_minutes == 3 * 480
    other = only(ways, Way.DELAY, ".1")
    assert other.finish_minutes == 2 * 480
    assert other.cost_difference == 2 * 1000
    assert waits.rank < other.rank


def test_a_task_that_has_begun_pauses_while_the_other_is_done():
    plan = masons_plan(second={"priority": 900})
    later = make_link(2, 4, 2)
    tasks = {**plan.tasks, 4: make_task(4)}
    plan = Plan(
        plan.project, plan.calendars, tasks, {**plan.links, 2: later}, plan.resources, plan.assignments
    )  # task 2 begins a day after task 1
    paused = only(ways_out(plan), Way.SPLIT)
    after, _ = apply(plan, paused.operations)
    assert after.tasks[1].splits == (Split(after_minutes=480, pause_minutes=2 * 480),)
    assert paused.solves
    assert paused.finish_minutes == 2 * 480


def test_a_task_that_must_not_be_split_is_not():
    plan = masons_plan()
    whole = {uid: make_task(uid, duration_minutes=1440, leveling_can_split=False) for uid in (1, 2)}
    plan = Plan(plan.project, plan.calendars, whole, {}, plan.resources, plan.assignments)
    ways = ways_out(plan)
    assert not [one for one in ways.alternatives if one.way is Way.SPLIT]
    assert [one.way for one in ways.impossible if one.way is Way.SPLIT] == [Way.SPLIT]


def test_whoever_has_all_the_skills_stands_in_at_their_rate():
    plan = masons_plan(resources=(MASON, OTHER, PAINTER))
    ways = ways_out(plan)
    stands_in = only(ways, Way.SUBSTITUTE, ".12-2")
    assert stands_in.solves
    assert stands_in.cost_difference == 16 * (150 - 100) - 50
    after, _ = apply(plan, stands_in.operations)
    assert {uid: one.resource_uid for uid, one in after.assignments.items()} == {11: 1, 12: 2}
    assert not [one for one in ways.alternatives if one.way is Way.SUBSTITUTE and one.id.endswith("-3")]


def test_nobody_stands_in_who_is_busy_or_lacks_a_skill_and_the_reason_is_said():
    nobody = ways_out(masons_plan(resources=(MASON, PAINTER)))
    assert [one.rule for one in nobody.impossible if one.way is Way.SUBSTITUTE] == [
        "no other resource has the skills bricks"
    ]
    plan = masons_plan(resources=(MASON, OTHER))
    busy = {**plan.assignments, 20: Assignment(uid=20, task_uid=4, resource_uid=2)}
    tasks = {**plan.tasks, 4: make_task(4, duration_minutes=10 * 480)}
    plan = Plan(plan.project, plan.calendars, tasks, plan.links, plan.resources, busy)
    ways = ways_out(plan, resource_uid=1)
    assert [one.rule for one in ways.impossible if one.way is Way.SUBSTITUTE] == [
        "those who could do it have no units free then"
    ]


def test_as_many_units_as_are_too_many_go_to_somebody_else():
    gang = Resource(uid=1, name="Gang", max_units=4.0, skills=("bricks",), standard_rate=Decimal(100))
    plan = masons_plan(resources=(gang, OTHER))
    units = {11: 3.0, 12: 2.0}
    assignments = {uid: Assignment(uid=uid, task_uid=uid - 10, resource_uid=1, units=n) for uid, n in units.items()}
    plan = Plan(plan.project, plan.calendars, plan.tasks, plan.links, plan.resources, assignments)
    part = only(ways_out(plan), Way.SUBSTITUTE, ".12-2-part")
    after, _ = apply(plan, part.operations)
    shares = sorted((one.task_uid, one.resource_uid, one.units) for one in after.assignments.values())
    assert shares == [(1, 1, 3.0), (2, 1, 1.0), (2, 2, 1.0)]
    assert part.solves
    assert part.finish_minutes == 0
    assert part.cost_difference == 16 * (150 - 100)


def test_longer_days_are_ten_hours_and_paid_at_the_overtime_rate():
    plan = masons_plan()
    longer = only(ways_out(plan), Way.OVERTIME, ".1-after-2")
    after, _ = apply(plan, longer.operations)
    schedule = schedule_plan(after)
    assert schedule[1].finish == datetime(2026, 1, 6, 12)  # 24 hours as 10, 10 and 4
    assert after.tasks[1].fixed_cost == 4 * (200 - 100)
    assert longer.cost_difference == 400
    assert longer.solves
    assert longer.finish_minutes == -240


def test_without_an_overtime_rate_the_standard_rate_is_taken_and_that_is_said():
    cheap = Resource(uid=1, name="Mason", standard_rate=Decimal(100))
    longer = only(ways_out(masons_plan(resources=(cheap,))), Way.OVERTIME, ".1-after-2")
    assert longer.cost_difference == 0
    assert longer.remarks == ("a resource has no overtime rate: its standard rate is taken",)


def test_a_second_shift_is_a_second_crew_that_works_after_the_first():
    plan = masons_plan()
    shift = only(ways_out(plan), Way.SECOND_SHIFT, ".2")
    after, _ = apply(plan, shift.operations)
    schedule = schedule_plan(after)
    assert schedule[2].start == datetime(2026, 1, 4, 17)
    assert schedule[2].finish == datetime(2026, 1, 6, 19)  # 16 hours as 7, 7 and 2
    assert shift.solves
    assert shift.cost_difference == 16 * (200 - 100)
    crew = after.resources[after.assignments[12].resource_uid]
    assert (crew.name, crew.skills, crew.max_units) == ("Mason, second shift", ("bricks",), 1.0)


def test_there_is_no_second_shift_where_the_day_has_no_hours_left():
    plan = masons_plan()
    long = {1: plan.calendars[1].__class__(uid=1, name="Long days", week=(((360, 1320),),) * 7)}
    plan = Plan(plan.project, long, plan.tasks, plan.links, plan.resources, plan.assignments)
    ways = ways_out(plan)
    assert not [one for one in ways.alternatives if one.way in (Way.SECOND_SHIFT, Way.OVERTIME)]
    assert {Way.SECOND_SHIFT, Way.OVERTIME} <= {one.way for one in ways.impossible}


def test_more_units_are_hired_by_the_day_and_paid_when_idle_too():
    plan = masons_plan(second={"duration_minutes": 600})  # a quarter of Monday
    hired = only(ways_out(plan), Way.MORE_UNITS)
    after, _ = apply(plan, hired.operations)
    assert after.resources[1].availability == (
        Availability(start=date(2026, 1, 4), finish=date(2026, 1, 5), units=2.0),
    )
    assert hired.solves
    assert hired.finish_minutes == 0
    assert hired.cost_difference == 6 * 100 + 50  # two days hired, ten hours of them in the plan already


def test_more_units_come_on_top_of_what_else_is_said_of_them():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 9), units=0.0)
    mason = Resource(uid=1, name="Mason", availability=(away,), max_units=1.0)
    after, _ = apply(plan := masons_plan(resources=(mason,)), only(ways_out(plan), Way.MORE_UNITS).operations)
    assert after.resources[1].availability == (
        Availability(start=date(2026, 1, 4), finish=date(2026, 1, 4), units=3.0),
        Availability(start=date(2026, 1, 5), finish=date(2026, 1, 6), units=2.0),
        Availability(start=date(2026, 1, 7), finish=date(2026, 1, 9), units=0.0),
    )


@pytest.mark.parametrize("rules", list(Rules))
def test_a_date_that_holds_a_task_longer_than_the_delay_is_passed(rules):
    held = {"constraint": ConstraintKind.SNET, "constraint_date": datetime(2026, 1, 5, 8)}
    plan = masons_plan(second=held, rules=rules)
    waits = only(ways_out(plan), Way.DELAY, ".2")
    assert waits.solves
    assert start_of(plan, waits, 2) == datetime(2026, 1, 7, 8)


def test_what_may_not_wait_is_named_with_the_rule():
    plan = masons_plan()
    tasks = {uid: make_task(uid, duration_minutes=960, priority=1000) for uid in (1, 2)}
    plan = Plan(plan.project, plan.calendars, tasks, {}, plan.resources, plan.assignments)
    (refused,) = [one for one in ways_out(plan).impossible if one.way is Way.DELAY]
    assert refused.rule == "a task of priority 1000 is never levelled"
    assert refused.task_uids == (1, 2)


def test_a_missed_deadline_is_remarked():
    plan = masons_plan(second={"deadline": datetime(2026, 1, 6, 17)})
    assert only(ways_out(plan), Way.DELAY, ".2").remarks == ('the deadline of "Task 2" (2) is missed',)


def test_the_worst_conflicts_come_first_and_no_more_than_asked_for():
    plan = masons_plan(resources=(MASON, OTHER))
    more = {**plan.assignments}
    more |= {uid: Assignment(uid=uid, task_uid=task, resource_uid=2) for uid, task in ((20, 4), (21, 5))}
    tasks = {**plan.tasks, **{uid: make_task(uid, duration_minutes=2400) for uid in (4, 5)}}
    plan = Plan(plan.project, plan.calendars, tasks, plan.links, plan.resources, more)
    found = alternatives(plan, AlternativesOptions(limit=1), stop=Patient())
    assert [ways.resource_uid for ways in found.conflicts] == [2]
    assert found.conflict_count == 2
    (of_mason,) = alternatives(plan, AlternativesOptions(resource_uid=1), stop=Patient()).conflicts
    assert of_mason.resource_uid == 1


def test_stopped_it_has_the_conflicts_that_were_looked_at_whole():
    found = alternatives(masons_plan(), AlternativesOptions(), stop=Impatient())
    assert (found.status, found.conflicts, found.conflict_count) == ("stopped", (), 1)


def test_a_plan_without_conflicts_needs_no_way_out():
    found = alternatives(make_plan(3), AlternativesOptions(), stop=Patient())
    assert (found.conflicts, found.conflict_count) == ((), 0)


def test_a_resource_or_an_alternative_that_is_not_there_is_said_so():
    with pytest.raises(InvalidInputError, match="there is no resource 9"):
        alternatives(masons_plan(), AlternativesOptions(resource_uid=9), stop=Patient())
    found = alternatives(masons_plan(), AlternativesOptions(), stop=Patient())
    with pytest.raises(NotFoundError, match="there is no alternative x"):
        by_id(found, "x")


def test_progress_is_heard_conflict_by_conflict():
    heard: list[float | None] = []
    alternatives(masons_plan(), AlternativesOptions(), stop=Patient(), on_progress=lambda said: heard.append(said.done))
    assert heard == [1.0]


def test_where_durations_vary_the_best_say_what_finish_is_kept_with_some_certainty():
    estimate = DurationEstimate(optimistic_minutes=960, most_likely_minutes=960, pessimistic_minutes=4800)
    plan = masons_plan(second={"duration_estimate": estimate}, resources=(MASON, OTHER))
    ways = ways_out(plan)
    best, *_ = [one for one in ways.alternatives if one.way is Way.DELAY and one.id.endswith(".2")]
    assert best.risk.late_finish_before is None or best.risk.late_finish_before <= best.risk.late_finish_after
    simulated = [one for one in ways.alternatives if one.risk.late_finish_after is not None]
    assert [one.rank for one in simulated] == [1, 2, 3]
    assert all(one.risk.late_finish_after >= one.finish_after for one in simulated)
    assert not [one for one in ways_out(masons_plan()).alternatives if one.risk.late_finish_after is not None]


def test_a_way_out_that_makes_another_conflict_comes_after_those_that_make_none():
    plan = masons_plan(resources=(MASON, OTHER))
    tasks = {
        **plan.tasks,
        4: make_task(4),
        5: make_task(5, constraint=ConstraintKind.SNET, constraint_date=datetime(2026, 1, 11, 8)),
    }
    links = {**plan.links, 2: make_link(2, 2, 4)}
    more = {uid: Assignment(uid=uid, task_uid=uid - 10, resource_uid=2) for uid in (14, 15)}
    plan = Plan(plan.project, plan.calendars, tasks, links, plan.resources, plan.assignments | more)
    ways = ways_out(plan)
    waits = only(ways, Way.DELAY, ".2")  # then task 4 is done on the Sunday that task 5 wants
    assert waits.solves
    assert waits.new == ("resource-2-20260111T0800",)
    clean = [one for one in ways.alternatives if one.solves and not one.new]
    assert clean
    assert all(one.rank < waits.rank for one in clean)
    assert any(one.finish_after == waits.finish_after and one.cost_difference > 0 for one in clean)


def test_of_two_that_finish_alike_the_cheaper_comes_first():
    cheaper = Resource(uid=4, name="Third mason", skills=("bricks",), standard_rate=Decimal(120))
    ways = ways_out(masons_plan(resources=(MASON, OTHER, cheaper)))
    one, other = (only(ways, Way.SUBSTITUTE, f".12-{uid}") for uid in (4, 2))
    assert one.finish_after == other.finish_after
    assert one.rank < other.rank


def test_what_only_lessens_a_conflict_does_not_claim_to_solve_it_and_comes_last():
    plan = masons_plan(second={"priority": 1000})
    tasks = {**plan.tasks, 1: make_task(1, duration_minutes=1440, priority=1000), 4: make_task(4)}
    more = {14: Assignment(uid=14, task_uid=4, resource_uid=1)}
    plan = Plan(plan.project, plan.calendars, tasks, plan.links, plan.resources, plan.assignments | more)
    ways = ways_out(plan)
    waits = only(ways, Way.DELAY, ".4")
    assert not waits.solves
    assert waits.left == (ways.conflict_id,)
    assert waits.overload_after_minutes == waits.overload_before_minutes - 480
    assert all(one.rank < waits.rank for one in ways.alternatives if one.solves)


def test_a_task_that_asks_for_more_than_there_ever_is_waits_for_nothing():
    plan = masons_plan()
    gang = {**plan.assignments, 12: Assignment(uid=12, task_uid=2, resource_uid=1, units=2.0)}
    plan = Plan(plan.project, plan.calendars, plan.tasks, plan.links, plan.resources, gang)
    delays = [one for one in ways_out(plan).alternatives if one.way is Way.DELAY]
    assert [one.id.split(".")[-1] for one in delays] == ["1"]
    assert not delays[0].solves


def test_a_task_that_has_begun_keeps_whom_it_has_and_its_hours():
    begun = {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 50}
    ways = ways_out(masons_plan(resources=(MASON, OTHER), second=begun))
    assert [one.id for one in ways.alternatives if one.way is Way.SUBSTITUTE] == [f"{ways.conflict_id}.substitute.11-2"]
    hours = [one for one in ways.alternatives if one.way in (Way.OVERTIME, Way.SECOND_SHIFT)]
    assert hours
    touched = {(operation.kind, operation.uid) for one in hours for operation in one.operations}
    assert touched.isdisjoint({(Kind.TASK, 2), (Kind.ASSIGNMENT, 12)})
