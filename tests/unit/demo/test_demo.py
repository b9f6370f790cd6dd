"""The demo is a plan that one can work with."""

from __future__ import annotations

import pytest

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.optimization.conflicts import conflicts
from nirman.planning.earned_value import earned_value
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.model import LinkKind
from nirman.planning.outline import outline
from nirman.planning.periods import Period
from nirman.planning.rules import check_plan
from nirman.planning.schedule import schedule_plan
from nirman.planning.time_series import time_series

PLAN = demo_plan(bangladesh_holidays(DEMO_YEARS))
SCHEDULE = schedule_plan(PLAN)


def test_it_keeps_every_rule_and_is_the_same_each_time():
    check_plan(PLAN)
    assert demo_plan(bangladesh_holidays(DEMO_YEARS)) == PLAN


def test_it_is_a_building_of_some_size():
    tree = outline(PLAN.tasks)
    assert len(PLAN.tasks) >= 120
    assert max(tree.levels.values()) == 3
    assert len(PLAN.resources) >= 15
    assert len(PLAN.assignments) > 200
    assert len(PLAN.calendars) >= 2


def test_names_are_in_bengali_and_english():
    for task in PLAN.tasks.values():
        bengali, english = task.name.split(" / ")
        assert any("\u0980" <= letter <= "\u09ff" for letter in bengali)
        assert english.isascii()


def test_all_kinds_of_links_lags_and_leads_occur():
    assert {link.kind for link in PLAN.links.values()} == set(LinkKind)
    assert any(link.lag_minutes < 0 for link in PLAN.links.values())
    assert any(link.lag_elapsed for link in PLAN.links.values())
    assert any(task.deadline for task in PLAN.tasks.values())
    assert len({task.constraint for task in PLAN.tasks.values()}) >= 3


@pytest.mark.parametrize("holidays", [(), bangladesh_holidays(DEMO_YEARS)], ids=["plain", "with holidays"])
def test_one_critical_path_leads_from_start_to_occupancy(holidays):
    plan = demo_plan(holidays)
    schedule = schedule_plan(plan)
    uid = {task.name.split(" / ")[1]: task.uid for task in plan.tasks.values()}
    for name in (
        "Project start",
        "RAJUK construction permit",
        "Bored piling",
        "Foundation excavation",
        "Pile cap casting",
        "Columns, floor 1",
        "Slab casting, floor 10",
        "External plaster",
        "Occupancy certificate",
        "Project complete",
    ):
        assert schedule[uid[name]].critical, name
    share = sum(dates.critical for dates in schedule if not dates.summary) / len(plan.tasks)
    assert 0.1 < share < 0.5


def test_it_ends_within_the_years_whose_holidays_it_has_and_before_its_deadlines():
    assert SCHEDULE.project_start.year >= DEMO_YEARS[0]
    assert SCHEDULE.project_finish.year <= DEMO_YEARS[-1]
    for task in PLAN.tasks.values():
        assert task.deadline is None or SCHEDULE[task.uid].finish <= task.deadline
    assert all(dates.total_slack_minutes >= 0 for dates in SCHEDULE)


def test_holidays_make_it_longer():
    assert SCHEDULE.project_finish > schedule_plan(demo_plan()).project_finish


def test_it_can_be_measured_against_its_contract():
    found = earned_value(PLAN, SCHEDULE)
    assert found.total.bac > 10_000_000, "taka"
    assert (found.total.pv, found.total.ev, found.findings) == (0, 0, ())
    assert len(time_series(PLAN, SCHEDULE, Period.MONTH)) > 12


def test_it_has_something_to_optimize():
    """Conflicts to level, faster ways and overlaps to buy, ranges, rain and risks to simulate, others to assign."""
    assert len(conflicts(PLAN, SCHEDULE)) > 20
    assert sum(task.crash is not None for task in PLAN.tasks.values()) > 50
    assert sum(link.overlap is not None for link in PLAN.links.values()) == 23
    assert sum(task.duration_estimate is not None for task in PLAN.tasks.values()) > 100
    assert sum(task.rain_stops_work for task in PLAN.tasks.values()) > 10
    assert len(PLAN.risks) == 5
    skills = [resource.skills for resource in PLAN.resources.values() if resource.skills]
    assert len(set(skills)) < len(skills), "somebody can stand in for somebody"
    assert PLAN.project.rain_days
    assert PLAN.project.indirect_cost_per_day
