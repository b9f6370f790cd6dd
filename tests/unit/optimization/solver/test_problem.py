"""A problem that cannot be is refused with the rule that it breaks, and where."""

from __future__ import annotations

import pytest

from nirman.errors import InvalidInputError
from nirman.optimization.solver.problem import (
    MAX_INSTANT,
    MAX_PERIODS,
    MAX_UNITS,
    Activity,
    Link,
    Mode,
    NonRenewable,
    Part,
    Problem,
    Renewable,
    WorkingPeriods,
)
from tests.unit.optimization.solver.problems import activity


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Mode(-1), f"a duration must be from 0 to {MAX_PERIODS} periods"),
        (lambda: Mode(1, {0: -1}), f"a demand must be from 0 to {MAX_UNITS} units"),
        (lambda: Mode(1, {}, {0: 2**31}), f"a demand must be from 0 to {MAX_UNITS} units"),
        (lambda: Activity(()), "an activity must have a mode"),
        (lambda: activity(1, earliest_start=-1), f"an activity must start from period 0 to {MAX_INSTANT}"),
        (lambda: activity(1, fixed_start=2**31), f"an activity must start from period 0 to {MAX_INSTANT}"),
        (lambda: activity(1, latest_finish=2**31), f"a latest finish must be at most {MAX_INSTANT}"),
        (lambda: activity(1, priority=1001), "a priority must be from 0 to 1000"),
        (lambda: Activity((Mode(1), Mode(2)), fixed_start=0), "an activity with a fixed start must have one mode"),
        (lambda: activity(1, fixed_start=0, may_split=True), "an activity with a fixed start must not be one that may"),
        (lambda: Link(0, 1, lag=MAX_PERIODS + 1), f"a lag must be at most {MAX_PERIODS} periods either way"),
        (lambda: Renewable(()), "a capacity must be given from period 0 on"),
        (lambda: Renewable(((1, 1),)), "a capacity must be given from period 0 on"),
        (lambda: Renewable(((0, 1), (5, 2), (5, 3))), "the periods of a capacity must ascend"),
        (lambda: Renewable(((0, -1),)), f"a capacity must be 0 to {MAX_UNITS} units"),
        (lambda: NonRenewable(-1), f"a total must be from 0 to {MAX_UNITS} units"),
        (lambda: WorkingPeriods(()), "working intervals must ascend and be apart"),
        (lambda: WorkingPeriods(((0, 4), (4, 8))), "working intervals must ascend and be apart"),
        (lambda: WorkingPeriods(((0, 2**31),)), f"working intervals must end by period {MAX_INSTANT}"),
        (lambda: Problem((activity(1, 1, name="Roof"),)), "activity Roof: its renewable resources must exist"),
        (lambda: Problem((Activity((Mode(1, {}, {0: 1}),)),)), "activity 0: its non-renewables must exist"),
        (
            lambda: Activity((Mode(2, {0: 1}),), parts=(Part(1, {0: 1}, after=1),)),
            "parts that take of one resource must follow one another",
        ),
        (lambda: Activity((Mode(2),), may_split=True, parts=(Part(1),)), "an activity in parts must have one mode"),
        (
            lambda: Problem((Activity((Mode(1),), parts=(Part(1, calendar=1),)),)),
            "activity 0: the calendars of its parts must exist",
        ),
        (lambda: Problem((activity(1, calendar=0),)), "activity 0: its calendar must exist"),
        (lambda: Problem((activity(1),), (Link(0, 1),)), "link 0: its activities must exist"),
        (lambda: Problem((activity(1),) * 2, (Link(0, 1, calendar=3),)), "link 0: its calendar must exist"),
        (lambda: Problem((activity(1),) * 2, (Link(0, 1), Link(1, 0))), "activity 0: links must not lead in a circle"),
        (lambda: Problem((activity(1),), (Link(0, 0),)), "activity 0: links must not lead in a circle"),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(make, told):
    with pytest.raises(InvalidInputError) as caught:
        make()
    assert str(caught.value).startswith(told)


def test_the_order_follows_links_then_priorities_then_numbers():
    problem = Problem(tuple(activity(1, priority=p) for p in (500, 900, 500, 500)), (Link(0, 1), Link(3, 2)))
    assert problem.order() == [0, 1, 3, 2]
