"""What holds of every schedule, tried on random plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.planning.model import Calendar, CalendarException, ConstraintKind, LinkKind, Plan
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week

START = datetime(2026, 1, 4, 8)
CALENDARS = [
    working_week(),
    Calendar(
        uid=2,
        name="Six days",
        week=(DAY, DAY, DAY, DAY, (), ((420, 780),), DAY),
        exceptions=(CalendarException(start=date(2026, 1, 12), finish=date(2026, 1, 13)),),
    ),
]


@st.composite
def plans(draw: st.DrawFn, *, constrained: bool = True, one_calendar: bool = False) -> Plan:
    count = draw(st.integers(2, 12))
    tasks = []
    for uid in range(1, count + 1):
        values = {
            "duration_minutes": draw(st.sampled_from([0, 60, 480, 960, 1200, 2400])),
            "calendar_uid": None if one_calendar else draw(st.sampled_from([None, None, 2])),
        }
        if constrained and draw(st.booleans()):
            kind = draw(st.sampled_from([ConstraintKind.SNET, ConstraintKind.FNET]))
            when = START + timedelta(hours=draw(st.integers(0, 400)))
            values |= {"constraint": kind, "constraint_date": when}
        tasks.append(make_task(uid, **values))
    links = []
    for successor in range(2, count + 1):
        for predecessor in draw(st.sets(st.integers(1, successor - 1), max_size=2)):
            lag = draw(st.sampled_from([0, 0, 240, 480, 700]))
            elapsed = not one_calendar and draw(st.booleans())
            kind = draw(st.sampled_from(list(LinkKind)))
            links.append(
                make_link(len(links) + 1, predecessor, successor, kind=kind, lag_minutes=lag, lag_elapsed=elapsed)
            )
    return make_plan(tasks, links, calendars=CALENDARS)


def working_time(plan: Plan, uid: int):
    return Calendars(plan.calendars).working_time(plan.tasks[uid].calendar_uid or plan.project.calendar_uid)


@settings(max_examples=80, deadline=None)
@given(plans())
def test_no_link_constraint_or_calendar_is_violated(plan):
    schedule = schedule_plan(plan)
    for dates in schedule:
        task, working = plan.tasks[dates.uid], working_time(plan, dates.uid)
        start, finish = to_minutes(dates.start), to_minutes(dates.finish)
        assert working.between(start, finish) == task.duration_minutes
        if task.duration_minutes:
            assert working.next_start(start) == start
        if task.constraint is ConstraintKind.SNET:
            assert working.between(to_minutes(task.constraint_date), start) >= 0
        if task.constraint is ConstraintKind.FNET:
            assert working.between(to_minutes(task.constraint_date), finish) >= 0
    for link in plan.links.values():
        before, after = schedule[link.predecessor_uid], schedule[link.successor_uid]
        from_finish = link.kind in (LinkKind.FS, LinkKind.FF)
        to_start = link.kind in (LinkKind.FS, LinkKind.SS)
        instant = to_minutes(before.finish if from_finish else before.start)
        working = working_time(plan, link.successor_uid)
        instant = instant + link.lag_minutes if link.lag_elapsed else working.add(instant, link.lag_minutes)
        assert working.between(instant, to_minutes(after.start if to_start else after.finish)) >= 0


@settings(max_examples=80, deadline=None)
@given(plans(constrained=False))
def test_nothing_is_late_before_it_is_early_without_constraints(plan):
    schedule = schedule_plan(plan)
    for dates in schedule:
        working = working_time(plan, dates.uid)
        assert working.between(to_minutes(dates.early_start), to_minutes(dates.late_start)) >= 0
        assert working.between(to_minutes(dates.early_finish), to_minutes(dates.late_finish)) >= 0
        assert 0 <= dates.free_slack_minutes <= max(dates.total_slack_minutes, 0)
    assert any(dates.critical for dates in schedule)


@settings(max_examples=40, deadline=None)
@given(plans(constrained=False, one_calendar=True), st.data())
def test_a_task_delayed_by_its_slack_does_not_move_the_finish(plan, data):
    """Total slack means what it says. (Where calendars mix, a limit may lie in a night that no start reaches.)"""
    schedule = schedule_plan(plan)
    uid = data.draw(st.sampled_from(sorted(plan.tasks)))
    dates = schedule[uid]
    later = make_task(
        uid,
        duration_minutes=plan.tasks[uid].duration_minutes,
        calendar_uid=plan.tasks[uid].calendar_uid,
        constraint=ConstraintKind.SNET,
        constraint_date=dates.late_start,
    )
    delayed = Plan(project=plan.project, calendars=plan.calendars, tasks={**plan.tasks, uid: later}, links=plan.links)
    finish, after = to_minutes(schedule.project_finish), to_minutes(schedule_plan(delayed).project_finish)
    assert working_time(plan, uid).between(finish, after) <= 0
