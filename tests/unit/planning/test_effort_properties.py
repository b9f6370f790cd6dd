"""Units times duration is work after any edits."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidInputError
from nirman.planning.commands import Operation
from nirman.planning.model import EffortKind, Plan
from tests.builders.effort import DURATION, UNITS, WORK, assign, crew, edited, numbers, remove, share, task, work_of

_MINUTES = st.integers(1, 20_000)
_UNITS = st.integers(1, 500).map(lambda percent: percent / 100)
_ONE_EDIT = st.one_of(
    st.builds(lambda minutes: [task(duration_minutes=minutes)], _MINUTES),
    st.builds(lambda minutes: [task(work_minutes=minutes)], _MINUTES),
    st.builds(lambda minutes: [share(work_minutes=minutes)], _MINUTES),
    st.builds(lambda units: [share(units=units)], _UNITS),
    st.builds(lambda minutes, units: [task(duration_minutes=minutes), share(units=units)], _MINUTES, _UNITS),
    st.builds(lambda minutes, work: [task(duration_minutes=minutes, work_minutes=work)], _MINUTES, _MINUTES),
    st.builds(lambda kind: [task(effort=kind)], st.sampled_from(EffortKind)),
)


def rounded(plan: Plan, uid: int) -> float:
    """What work may be off by: a minute of each unit, and a hundredth of a percent of the time."""
    assignment = plan.assignments[uid]
    return max(1.0, assignment.units) + plan.tasks[1].duration_minutes * 0.0001


@settings(max_examples=200, deadline=None)
@given(st.lists(_ONE_EDIT, max_size=12), st.sampled_from(EffortKind), st.booleans())
def test_units_times_duration_is_work_after_any_edits(edits, effort, stated):
    plan = crew({"work_minutes": 480 if stated else None}, effort=effort, work_minutes=480 if stated else 0)
    for operations in edits:
        with suppress(InvalidInputError):  # what would follow is out of bounds
            plan = edited(plan, *operations)
        assert abs(numbers(plan).units * numbers(plan).duration - numbers(plan).work) <= rounded(plan, 1)
        assert plan.tasks[1].work_minutes in (0, work_of(plan))
        if stated:
            assert plan.assignments[1].work_minutes is not None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("units"), st.sampled_from((1, 2, 3)), _UNITS),
            st.tuples(st.just("work"), st.sampled_from((1, 2, 3)), _MINUTES),
            st.tuples(st.just("member"), st.sampled_from((1, 2, 3)), _UNITS),
            st.tuples(st.just("duration"), st.just(0), _MINUTES),
        ),
        max_size=12,
    ),
    st.sampled_from([UNITS, WORK]),
)
def test_a_task_is_as_long_as_its_longest_assignment_after_any_edits(edits, effort):
    plan = crew({}, {"units": 0.5}, effort=effort, effort_driven=True)
    for what, uid, value in edits:
        there = uid in plan.assignments
        if what == "duration":
            with suppress(InvalidInputError):  # what would follow is out of bounds
                plan = edited(plan, task(duration_minutes=value))
        elif what == "member":
            if not there:
                plan = keeping_work(plan, assign(uid, units=value))
            elif len(plan.assignments) > 1:
                plan = keeping_work(plan, remove(uid))
        elif there:
            plan = edited(plan, share(uid, **{"units": value} if what == "units" else {"work_minutes": value}))
        duration = plan.tasks[1].duration_minutes
        over = [work_of(plan, uid) - one.units * duration for uid, one in plan.assignments.items()]
        # Half a hundredth of the units is as good as none, and what several edits round off adds up.
        off = [duration * 0.01 + len(edits) * rounded(plan, uid) for uid in plan.assignments]
        assert all(more <= most for more, most in zip(over, off, strict=True))
        assert any(more >= -most for more, most in zip(over, off, strict=True))


def keeping_work(plan: Plan, operation: Operation) -> Plan:
    after = edited(plan, operation)
    before = sum(work_of(plan, uid) for uid in plan.assignments)
    assert before in (0, sum(work_of(after, uid) for uid in after.assignments))
    return after


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((1, 2, 3)), _UNITS), max_size=10), _MINUTES, st.sampled_from(EffortKind))
def test_the_work_of_a_task_that_effort_drives_is_constant_whoever_joins_and_leaves(edits, duration, effort):
    plan = crew({}, duration_minutes=duration, effort=effort, effort_driven=True)
    for uid, units in edits:
        if uid not in plan.assignments:
            plan = keeping_work(plan, assign(uid, units=units))
        elif len(plan.assignments) > 1:
            plan = keeping_work(plan, remove(uid))
        if effort is DURATION:
            assert plan.tasks[1].duration_minutes == duration
