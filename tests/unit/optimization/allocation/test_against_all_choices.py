"""An allocation is as good as the best of all choices and all schedules, which are counted here in whole days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.allocation import Status, allocate
from nirman.optimization.conflicts import conflicts
from nirman.optimization.options import Aim, AllocateOptions
from nirman.optimization.progress import Progress
from nirman.planning.change import apply
from nirman.planning.costs import plan_costs
from nirman.planning.model import Assignment, Calendar, Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task
from tests.support.patience import Patient

EVERY_DAY = Calendar(uid=1, name="Every day", week=(DAY,) * 7)
HOURS = 8


@dataclass(frozen=True)
class Crew:
    units: int
    rate: int
    skills: frozenset[str]


@dataclass(frozen=True)
class Work:
    days: int
    crew: int
    after: frozenset[int]


@dataclass(frozen=True)
class Site:
    crews: tuple[Crew, ...]
    works: tuple[Work, ...]
    indirect: int
    damages: int
    must_finish_days: int

    def plan(self) -> Plan:
        start = make_plan().project.start
        return make_plan(
            [make_task(n, duration_minutes=work.days * 480) for n, work in enumerate(self.works, 1)],
            [
                make_link(n, one + 1, other + 1)
                for n, (one, other) in enumerate(
                    ((one, other) for other, work in enumerate(self.works) for one in sorted(work.after)), 1
                )
            ],
            resources=[
                Resource(
                    uid=n,
                    name=f"Crew {n}",
                    max_units=float(crew.units),
                    standard_rate=Decimal(crew.rate),
                    skills=tuple(crew.skills),
                )
                for n, crew in enumerate(self.crews, 1)
            ],
            assignments=[
                Assignment(uid=n, task_uid=n, resource_uid=work.crew + 1) for n, work in enumerate(self.works, 1)
            ],
            calendars=[EVERY_DAY],
            indirect_cost_per_day=Decimal(self.indirect),
            delay_damages_per_day=Decimal(self.damages),
            must_finish=start.replace(hour=17, day=start.day + self.must_finish_days - 1),
        )

    def who_could(self, work: Work) -> list[int]:
        needed = self.crews[work.crew].skills
        return [n for n, crew in enumerate(self.crews) if n == work.crew or (needed and needed <= crew.skills)]

    def every(self) -> Iterator[tuple[int, int]]:
        """Days and cost of every choice with every order, as soon as links and crews let it."""
        for crews in product(*(self.who_could(work) for work in self.works)):
            hands = sum(self.crews[crew].rate * work.days * HOURS for crew, work in zip(crews, self.works, strict=True))
            for order in permutations(range(len(self.works))):
                days = self.placed(order, crews)
                if days is not None:
                    late = max(0, max(days, 1) - self.must_finish_days)
                    yield days, hands + self.indirect * max(days, 1) + self.damages * late

    def placed(self, order: Sequence[int], crews: Sequence[int]) -> int | None:
        taken: dict[tuple[int, int], int] = {}
        finishes: dict[int, int] = {}
        for n in order:
            work, crew = self.works[n], crews[n]
            if not work.after <= finishes.keys():
                return None
            day = max((finishes[before] for before in work.after), default=0)
            while any(taken.get((crew, d), 0) >= self.crews[crew].units for d in range(day, day + work.days)):
                day += 1
            for d in range(day, day + work.days):
                taken[crew, d] = taken.get((crew, d), 0) + 1
            finishes[n] = day + work.days
        return max(finishes.values())


@st.composite
def sites(draw: st.DrawFn) -> Site:
    skills = st.sampled_from([frozenset({"mason"}), frozenset({"mason", "tiler"}), frozenset({"tiler"}), frozenset()])
    crews = tuple(
        Crew(draw(st.integers(1, 2)), draw(st.integers(1, 5)) * 100, draw(skills))
        for _ in range(draw(st.integers(2, 3)))
    )
    works = tuple(
        Work(
            draw(st.integers(1, 4)),
            draw(st.integers(0, len(crews) - 1)),
            frozenset(draw(st.sets(st.integers(0, n - 1), max_size=1)) if n else ()),
        )
        for n in range(draw(st.integers(2, 4)))
    )
    return Site(crews, works, draw(st.sampled_from([0, 0, 900, 4000])), draw(st.sampled_from([0, 2500])), 4)


@settings(max_examples=40, deadline=None)
@given(sites())
def test_the_earliest_finish_and_the_least_cost_for_it(site):
    plan, every = site.plan(), list(site.every())
    best = min(every)
    found = allocate(plan, AllocateOptions(minimise=Aim.FINISH, workers=1, time_limit_s=5), stop=Patient())
    days, cost = measured(plan, found.operations)
    assert (days, cost) == (best[0], best[1])
    assert found.status is Status.OPTIMAL
    assert found.finish_bound == found.finish_after


@settings(max_examples=40, deadline=None)
@given(sites())
def test_the_least_cost_and_the_earliest_finish_for_it(site):
    plan, every = site.plan(), list(site.every())
    best = min((cost, days) for days, cost in every)
    found = allocate(plan, AllocateOptions(minimise=Aim.COST, workers=1, time_limit_s=5), stop=Patient())
    days, cost = measured(plan, found.operations)
    assert (cost, days) == best
    assert found.status is Status.OPTIMAL


@pytest.mark.parametrize("aim", list(Aim))
def test_two_workers_find_the_same(aim):
    site = Site(
        (Crew(1, 100, frozenset({"mason"})), Crew(1, 300, frozenset({"mason"}))),
        (Work(2, 0, frozenset()), Work(3, 0, frozenset()), Work(1, 0, frozenset({0}))),
        900,
        0,
        4,
    )
    with ThreadPoolExecutor(1) as beside:
        options = AllocateOptions(minimise=aim, workers=2, time_limit_s=60)
        heard: list[Progress] = []
        found = allocate(site.plan(), options, stop=Patient(), beside=beside, on_progress=heard.append)
    best = min(site.every()) if aim is Aim.FINISH else min((cost, days) for days, cost in site.every())[::-1]
    assert measured(site.plan(), found.operations) == best
    assert found.status is Status.OPTIMAL
    # What is told meanwhile is of plans that there are: none is better than the answer, and no bound is beyond it.
    told = [one.finish if aim is Aim.FINISH else one.cost for one in heard]
    assert told
    assert min(told) >= (found.finish_after if aim is Aim.FINISH else found.cost_after.total)
    assert all(one.bound is None or one.bound <= found.finish_after for one in heard)


def measured(plan: Plan, operations) -> tuple[int, Decimal]:
    """Days and cost of the plan with the operations, by the engine; and nobody is asked for too much."""
    after, _ = apply(plan, operations)
    schedule = schedule_plan(after)
    assert conflicts(after, schedule) == ()
    project = after.project
    days = (schedule.project_finish.date() - schedule.project_start.date()).days + 1
    late = max(0, (schedule.project_finish.date() - project.must_finish.date()).days)
    hands = plan_costs(after, schedule).total.cost
    return days, hands + project.indirect_cost_per_day * days + project.delay_damages_per_day * late
