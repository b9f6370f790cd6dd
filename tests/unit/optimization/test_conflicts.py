"""Who is over-allocated, when, by how much and by which tasks; by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.optimization.conflicts import Pool, TaskShare, conflicts
from nirman.planning.estimates import Availability
from nirman.planning.model import Assignment, Calendar, EffortKind, Plan, Resource, ResourceKind, Split
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task, working_week

SUNDAY = datetime(2026, 1, 4, 8)
MASON = Resource(uid=1, name="Mason")
FOLDER = Path(__file__).parents[4] / "shared" / "data" / "msproject"
EVERY_HOUR = Calendar(uid=2, name="Night and day", week=(((0, 1440),),) * 7)


def found(plan: Plan, *, pools: bool = False):
    return conflicts(plan, schedule_plan(plan), pools=pools)


def on(resource: int, *tasks: int, units: float = 1.0, first: int = 1, **values: object) -> list[Assignment]:
    """An assignment of the resource to each task."""
    return [
        Assignment(uid=uid, task_uid=task, resource_uid=resource, units=units, **values)
        for uid, task in enumerate(tasks, first)
    ]


def test_two_tasks_of_one_mason_on_one_day_are_a_conflict():
    (conflict,) = found(make_plan(2, resources=[MASON], assignments=on(1, 1, 2)))
    assert (conflict.start, conflict.finish) == (SUNDAY, SUNDAY.replace(hour=17))
    assert (conflict.demanded_units, conflict.available_units) == (2.0, 1.0)
    assert (conflict.working_minutes, conflict.overload_minutes) == (480, 480), "lunch is no work"
    assert conflict.tasks == (TaskShare(1, "Task 1", 1.0), TaskShare(2, "Task 2", 1.0))
    assert conflict.id == "resource-1-20260104T0800"


def test_tasks_one_after_the_other_are_none():
    assert not found(make_plan(2, [make_link(1, 1, 2)], resources=[MASON], assignments=on(1, 1, 2)))


def test_two_masons_can_do_two_tasks():
    assert not found(make_plan(2, resources=[Resource(uid=1, max_units=2.0)], assignments=on(1, 1, 2)))


def test_tenths_of_a_unit_add_up_exactly():
    plan = make_plan(10, resources=[MASON], assignments=on(1, *range(1, 11), units=0.1))
    assert not found(plan)


def test_nights_and_weekends_do_not_end_a_conflict():
    tasks = [make_task(1, duration_minutes=4800), make_task(2, duration_minutes=4800)]
    (conflict,) = found(make_plan(tasks, resources=[MASON], assignments=on(1, 1, 2)))
    assert conflict.finish == datetime(2026, 1, 15, 17)
    assert conflict.overload_minutes == 4800


def test_a_day_without_overload_ends_it():
    tasks = [make_task(1, duration_minutes=1440), make_task(2), make_task(3)]
    plan = make_plan(tasks, [make_link(1, 2, 3, lag_minutes=480)], resources=[MASON], assignments=on(1, 1, 2, 3))
    assert [conflict.start.day for conflict in found(plan)] == [4, 6]


def test_the_worst_instant_says_how_much_is_asked_for():
    tasks = [make_task(1, duration_minutes=960), make_task(2, duration_minutes=960), make_task(3)]
    (conflict,) = found(make_plan(tasks, resources=[MASON], assignments=on(1, 1, 2, 3)))
    assert conflict.demanded_units == 3.0
    assert conflict.overload_minutes == 2 * 480 + 480


def test_fewer_are_there_while_some_are_away():
    away = Availability(start=date(2026, 1, 5), finish=date(2026, 1, 5), units=1.0)
    masons = Resource(uid=1, max_units=2.0, availability=(away,))
    plan = make_plan([make_task(1, duration_minutes=1440)], resources=[masons], assignments=on(1, 1, units=2.0))
    (conflict,) = found(plan)
    assert (conflict.start, conflict.finish) == (datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 17))
    assert (conflict.demanded_units, conflict.available_units) == (2.0, 1.0)


def test_pauses_of_a_split_task_ask_for_nobody():
    split = make_task(1, duration_minutes=960, splits=(Split(after_minutes=480, pause_minutes=480),))
    second = make_task(2, leveling_delay_minutes=1440)
    assert not found(make_plan([split, second], resources=[MASON], assignments=on(1, 1, 2)))


def test_an_assignment_that_begins_later_asks_later():
    tasks = [make_task(1, duration_minutes=960, effort=EffortKind.FIXED_DURATION), make_task(2)]
    late = on(1, 1, delay_minutes=480, work_minutes=480)
    plan = make_plan(tasks, resources=[MASON], assignments=[*late, *on(1, 2, first=2)])
    assert [conflict.start for conflict in found(plan)] == []


def test_what_is_done_is_in_no_conflict_any_more():
    done = make_task(1, percent_complete=100, actual_start=SUNDAY, actual_finish=SUNDAY.replace(hour=17))
    assert not found(make_plan([done, make_task(2)], resources=[MASON], assignments=on(1, 1, 2)))


def test_what_is_left_of_a_started_task_is():
    begun = make_task(1, duration_minutes=960, percent_complete=50, actual_start=SUNDAY)
    second = make_task(2, duration_minutes=960)
    (conflict,) = found(make_plan([begun, second], resources=[MASON], assignments=on(1, 1, 2)))
    assert conflict.start == SUNDAY + timedelta(days=1)


def test_crews_of_a_started_task_go_on_in_their_own_hours():
    """Half of sixteen hours is done: the mason goes on the second day, the guard, with short nights, the third."""
    night = Calendar(uid=3, name="Short nights", week=(((0, 240),),) * 7)
    crews = [MASON, Resource(uid=2, name="Guard", calendar_uid=3)]
    begun = make_task(1, duration_minutes=960, percent_complete=50, actual_start=SUNDAY)
    both = [*on(1, 1, units=2.0), *on(2, 1, units=2.0, first=2)]
    plan = make_plan([begun], resources=crews, assignments=both, calendars=[working_week(), night])
    assert {conflict.name: conflict.start for conflict in found(plan)} == {
        "Mason": datetime(2026, 1, 5, 8),
        "Guard": datetime(2026, 1, 7),
    }


def test_inactive_tasks_material_and_cost_ask_for_nobody():
    tasks = [make_task(1), make_task(2, active=False), make_task(3)]
    sand = Resource(uid=2, kind=ResourceKind.MATERIAL)
    plan = make_plan(tasks, resources=[MASON, sand], assignments=[*on(1, 1, 2), *on(2, 1, 3, units=9.0, first=3)])
    assert not found(plan)


def test_people_are_asked_for_in_their_own_hours():
    night = Calendar(uid=3, name="Night", week=(((0, 360),),) * 7)
    guard = Resource(uid=1, calendar_uid=3)
    plan = make_plan(
        [make_task(1, duration_minutes=360), make_task(2, duration_minutes=360)],
        resources=[guard],
        assignments=on(1, 1, 2),
        calendars=[working_week(), night],
    )
    (conflict,) = found(plan)
    assert (conflict.start, conflict.finish) == (datetime(2026, 1, 5), datetime(2026, 1, 5, 6))


def test_more_work_than_its_units_can_do_in_the_time_takes_more_units():
    task = make_task(1, effort=EffortKind.FIXED_DURATION)
    (conflict,) = found(make_plan([task], resources=[MASON], assignments=on(1, 1, work_minutes=720)))
    assert conflict.demanded_units == 1.5


def test_a_group_is_in_conflict_only_when_others_of_it_could_not_help():
    two = [Resource(uid=1, group="Masons"), Resource(uid=2, group="Masons")]
    one_idle = make_plan(2, resources=two, assignments=on(1, 1, 2))
    assert [conflict.pool for conflict in found(one_idle, pools=True)] == [Pool.RESOURCE]
    both_busy = make_plan(3, resources=two, assignments=[*on(1, 1, 2), *on(2, 3, first=3)])
    group, single = sorted(found(both_busy, pools=True), key=lambda conflict: conflict.pool)
    assert (group.name, group.demanded_units, group.available_units) == ("Masons", 3.0, 2.0)
    assert group.resource_uids == (1, 2)
    assert single.name == ""


def test_those_who_are_off_cannot_help_their_group():
    day, night = Resource(uid=1, group="Guards"), Resource(uid=2, group="Guards", calendar_uid=3)
    nights = Calendar(uid=3, name="Night", week=(((0, 360),),) * 7)
    plan = make_plan(2, resources=[day, night], assignments=on(1, 1, 2), calendars=[working_week(), nights])
    assert Pool.GROUP in [conflict.pool for conflict in found(plan, pools=True)]


def test_all_who_have_a_skill_are_looked_at_together():
    two = [Resource(uid=1, skills=("welder",)), Resource(uid=2, skills=("mason", "welder"))]
    plan = make_plan(3, resources=two, assignments=[*on(1, 1, 2), *on(2, 3, first=3)])
    assert [(c.pool, c.name) for c in found(plan, pools=True) if c.pool is Pool.SKILL] == [(Pool.SKILL, "welder")]


def test_the_same_conflict_has_the_same_id_whatever_else_is_changed():
    plan = make_plan(2, resources=[MASON], assignments=on(1, 1, 2))
    more = make_plan(3, resources=[MASON], assignments=on(1, 1, 2, 3))
    assert [c.id for c in found(plan)] == [c.id for c in found(more)]


@pytest.mark.skipif(not FOLDER.exists(), reason="../shared is not beside the project")
def test_peaks_are_those_that_ms_project_stored():
    data = (FOLDER / "mpsplib_127_mp_j120_a2_nr5_AgentCopp6.mspdi.xml").read_bytes()
    stored = {
        int(resource.findtext("{*}UID")): float(resource.findtext("{*}PeakUnits"))
        for resource in ET.fromstring(data).iter("{http://schemas.microsoft.com/project}Resource")
        if resource.findtext("{*}Name")
    }
    peaks: dict[int, float] = {}
    for conflict in found(read_mspdi(data).plan):
        (uid,) = conflict.resource_uids
        peaks[uid] = max(peaks.get(uid, 0.0), conflict.demanded_units)
    assert peaks == stored
