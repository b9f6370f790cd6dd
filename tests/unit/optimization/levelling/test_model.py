"""A plan as a problem for the solver: exact where one calendar is worked in, on the safe side where not."""

from __future__ import annotations

from datetime import date, datetime

from nirman.optimization.levelling.model import Model, model_of
from nirman.optimization.levelling.placing import Placing
from nirman.optimization.levelling.shop import shop_of
from nirman.optimization.solver.problem import Relation
from nirman.planning.estimates import Availability
from nirman.planning.model import Assignment, Calendar, LinkKind, Plan, Resource
from nirman.scheduling.instants import to_datetime
from tests.builders.plans import make_link, make_plan, make_task, working_week

EVERY_DAY = Calendar(uid=2, name="Every day", week=(((480, 1020),),) * 7)


def modelled(plan: Plan) -> Model:
    shop = shop_of(plan, within_slack=False)
    first = Placing(shop, split=False).serial([(job.number,) for job in shop.jobs])
    return model_of(shop, first, split=False)


def masons(*minutes: int, resource: Resource | None = None, **values: object) -> Plan:
    tasks = [make_task(uid, duration_minutes=each) for uid, each in enumerate(minutes, 1)]
    assignments = [Assignment(uid=task.uid, task_uid=task.uid, resource_uid=1) for task in tasks]
    return make_plan(tasks, resources=[resource or Resource(uid=1)], assignments=assignments, **values)


def test_whole_days_of_one_calendar_become_periods():
    model = modelled(masons(480, 960, 2400))
    assert (model.period, model.exact) == (480, True)
    assert [activity.modes[0].duration for activity in model.problem.activities] == [1, 2, 5]
    assert to_datetime(model.instant(5)) == datetime(2026, 1, 8, 17)


def test_a_period_is_what_everything_is_a_multiple_of():
    assert modelled(masons(480, 720)).period == 240
    assert modelled(masons(480, 481)).period == 1


def test_units_are_told_in_what_they_are_multiples_of():
    problem = modelled(masons(480, resource=Resource(uid=1, max_units=2.5))).problem
    assert problem.activities[0].modes[0].demands == {0: 1}
    assert problem.renewables[0].capacity == ((0, 2),)


def test_who_is_away_is_less_of_the_resource():
    away = Availability(start=date(2026, 1, 6), finish=date(2026, 1, 7), units=0.0)
    problem = modelled(masons(480, resource=Resource(uid=1, availability=(away,)))).problem
    assert problem.renewables[0].capacity == ((0, 1), (2, 0), (4, 1))


def test_an_axis_that_would_be_too_long_has_longer_periods_and_all_is_rounded_to_the_safe_side():
    odd = Calendar(uid=1, name="Odd", week=(((485, 1020),),) * 7)
    away = Availability(start=date(2026, 1, 6), finish=date(2026, 1, 7), units=0.0)
    model = modelled(masons(481, 1_440_000, resource=Resource(uid=1, availability=(away,)), calendars=[odd]))
    assert (model.period, model.exact) == (60, False)
    assert [activity.modes[0].duration for activity in model.problem.activities] == [9, 24_000]
    assert model.problem.renewables[0].capacity == ((0, 1), (2 * 535 // 60, 0), (4 * 535 // 60 + 1, 1))


def test_several_calendars_are_told_on_an_axis_of_wall_time():
    plan = make_plan(
        2,
        resources=[Resource(uid=1), Resource(uid=2, calendar_uid=2)],
        assignments=[Assignment(uid=uid, task_uid=uid, resource_uid=uid) for uid in (1, 2)],
        calendars=[working_week(), EVERY_DAY],
    )
    model = modelled(plan)
    assert not model.exact
    assert len(model.problem.calendars) == 2
    first = model.problem.calendars[model.problem.activities[0].calendar].intervals
    assert [(start * model.period, finish * model.period) for start, finish in first[:2]] == [(480, 720), (780, 1020)]


def test_crews_that_work_in_different_hours_are_parts_of_an_activity():
    plan = make_plan(
        1,
        resources=[Resource(uid=1), Resource(uid=2, calendar_uid=2)],
        assignments=[Assignment(uid=uid, task_uid=1, resource_uid=uid, delay_minutes=60 * (uid - 1)) for uid in (1, 2)],
        calendars=[working_week(), EVERY_DAY],
    )
    model = modelled(plan)
    (found,) = model.problem.activities
    told = [(part.after, part.duration, dict(part.demands)) for part in found.parts]
    (first,) = found.modes
    hours = 60 // model.period
    assert (first.duration, dict(first.demands)) == (9 * hours, {})
    assert sorted(told) == [(0, 8 * hours, {0: 1}), (hours, 8 * hours, {1: 1})]


def test_links_keep_their_kind_and_lag():
    tasks = [make_task(1), make_task(2)]
    link = make_link(1, 1, 2, kind=LinkKind.FF, lag_minutes=960)
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2)]
    (found,) = modelled(make_plan(tasks, [link], resources=[Resource(uid=1)], assignments=assignments)).problem.links
    assert (found.predecessor, found.successor, found.relation, found.lag) == (0, 1, Relation.FF, 2)


def test_a_summary_is_an_activity_of_no_duration_between():
    tasks = [make_task(9), make_task(1, parent_uid=9), make_task(2, parent_uid=9), make_task(3), make_task(4)]
    links = [make_link(1, 3, 9), make_link(2, 9, 4)]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3, 4)]
    problem = modelled(make_plan(tasks, links, resources=[Resource(uid=1)], assignments=assignments)).problem
    assert [activity.modes[0].duration for activity in problem.activities] == [1, 1, 1, 1, 0, 0]
    ends = {(link.predecessor, link.successor) for link in problem.links}
    assert ends == {(2, 4), (3, 4), (4, 1), (0, 5), (5, 2), (5, 3)}
