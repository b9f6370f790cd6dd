"""What the solver answers: always a schedule, the shortest of small problems, and why there is none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given, settings

from nirman.optimization.solver.answer import Answer, Status
from nirman.optimization.solver.problem import (
    Activity,
    Link,
    Mode,
    NonRenewable,
    Part,
    Problem,
    Relation,
    Renewable,
    WorkingPeriods,
)
from nirman.optimization.solver.solve import first_answer, solve
from nirman.optimization.stop import Deadline
from tests.support.problem_checker import broken
from tests.unit.optimization.solver.problems import activity, crew, every_schedule, problems

FOREVER = 3600.0


def alone(problem: Problem, time_limit_s: float = 2.0, seed: int = 0) -> Answer:
    """By counted work; the clock stands still."""
    return solve(problem, time_limit_s=time_limit_s, stop=Deadline(FOREVER, lambda: 0.0), seed=seed)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_the_first_answer_keeps_to_links_calendars_dates_and_units(problem):
    answer = first_answer(problem)
    assert answer.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert broken(problem, answer.solution) == []
    assert answer.lower_bound <= answer.solution.makespan


@settings(max_examples=60, deadline=None)
@given(problems(several=True))
def test_the_first_answer_keeps_to_totals_in_several_modes(problem):
    answer = first_answer(problem)
    assert answer.solution is None or broken(problem, answer.solution) == []


@settings(max_examples=25, deadline=None)
@given(problems(plain=True, size=3))
def test_a_small_problem_is_solved_to_the_shortest_of_all_its_schedules(problem):
    answer = alone(problem)
    assert answer.status is Status.OPTIMAL
    assert broken(problem, answer.solution) == []
    shorter = every_schedule(problem, answer.solution.makespan - 1) if answer.solution.makespan else ()
    assert all(broken(problem, other) for other in shorter)
    assert answer.lower_bound == answer.solution.makespan


@settings(max_examples=10, deadline=None)
@given(problems(plain=True, several=True, size=3))
def test_so_is_one_with_a_choice_of_modes(problem):
    answer = alone(problem)
    assert answer.status is Status.OPTIMAL
    assert broken(problem, answer.solution) == []
    shorter = every_schedule(problem, answer.solution.makespan - 1) if answer.solution.makespan else ()
    assert all(broken(problem, other) for other in shorter)


def test_a_crew_does_one_thing_after_the_other():
    assert first_answer(crew(3, 4, 5)).solution.makespan == 12


def test_two_crews_share_the_work_as_well_as_can_be():
    answer = alone(crew(7, 6, 5, 4, 4, units=2))
    assert (answer.status, answer.solution.makespan) == (Status.OPTIMAL, 13)


def test_nothing_to_do_is_done_at_once():
    answer = alone(Problem(()))
    assert (answer.status, answer.solution.makespan, answer.gap) == (Status.OPTIMAL, 0, 0.0)


@pytest.mark.parametrize(
    ("relation", "lag", "start"), [("FS", 2, 7), ("SS", 2, 2), ("FF", 2, 4), ("SF", 2, 0), ("FS", -2, 3)]
)
def test_a_link_holds_back_the_end_that_it_is_tied_to(relation, lag, start):
    problem = Problem((activity(5), activity(3)), (Link(0, 1, Relation(relation), lag),))
    assert first_answer(problem).solution.starts == (0, start)


def test_a_lag_counts_the_working_periods_of_its_calendar():
    problem = Problem(
        (activity(1), activity(1)), (Link(0, 1, lag=2, calendar=0),), calendars=(WorkingPeriods(((0, 2), (10, 20))),)
    )
    assert first_answer(problem).solution.starts == (0, 11)


def test_work_goes_on_after_a_break_of_its_calendar_and_uses_nothing_meanwhile():
    day, night = WorkingPeriods(((0, 2), (4, 6))), WorkingPeriods(((2, 4), (6, 20)))
    two_shifts = Problem(
        (activity(4, 1, calendar=0), activity(2, 1, calendar=1)),
        renewables=(Renewable(((0, 1),)),),
        calendars=(day, night),
    )
    found = first_answer(two_shifts).solution
    assert (found.starts, found.finishes) == ((0, 2), (6, 4))


def test_crews_of_one_activity_each_work_in_their_own_calendar():
    """The second crew's share begins when it next works, and is waited for; the first is free again before that."""
    day, night = WorkingPeriods(((0, 2), (4, 6), (8, 10))), WorkingPeriods(((2, 4), (6, 20)))
    both = Activity((Mode(3, {0: 1}),), calendar=0, parts=(Part(3, {1: 1}, calendar=1),))
    problem = Problem(
        (both, activity(1, 1, calendar=0)),
        (Link(0, 1, Relation.SS),),
        renewables=(Renewable(((0, 1),)), Renewable(((0, 1),))),
        calendars=(day, night),
    )
    found = first_answer(problem).solution
    assert (found.starts, found.finishes) == ((0, 5), (7, 6))


def test_a_part_may_begin_later_than_its_activity():
    late = Activity((Mode(4, {}),), parts=(Part(2, {0: 1}, after=2),))
    problem = Problem((late, activity(3, 1)), renewables=(Renewable(((0, 1),)),))
    assert first_answer(problem).solution.makespan == 5


def test_a_part_of_no_duration_does_not_finish_its_activity():
    late = Activity((Mode(1),), parts=(Part(0, after=2),))
    problem = Problem((activity(5), late), (Link(0, 1, Relation.FF),))
    assert first_answer(problem).solution.starts == (0, 4)


def test_what_must_not_split_waits_for_units_without_a_gap():
    away = (Renewable(((0, 1), (2, 0), (4, 1))),)
    assert first_answer(Problem((activity(3, 1),), renewables=away)).solution.starts == (4,)


def test_what_may_split_works_before_and_after_the_gap():
    away = (Renewable(((0, 1), (2, 0), (4, 1))),)
    found = first_answer(Problem((activity(3, 1, may_split=True),), renewables=away)).solution
    assert (found.starts, found.finishes, dict(found.segments)) == ((0,), (5,), {0: ((0, 2), (4, 5))})


def test_a_fixed_activity_stays_and_others_work_around_it():
    problem = Problem((activity(2, 1), activity(3, 1, fixed_start=1)), renewables=(Renewable(((0, 1),)),))
    assert first_answer(problem).solution.starts == (4, 1)


def test_what_must_be_finished_is_done_first():
    problem = crew(3, 3, 3, 3)
    hurried = replace(problem.activities[2], latest_finish=3)
    problem = replace(problem, activities=(*problem.activities[:2], hurried, problem.activities[3]))
    answer = first_answer(problem)
    assert (answer.status, answer.solution.finishes[2], answer.solution.lateness) == (Status.OPTIMAL, 3, 0)


def test_of_what_is_alike_the_higher_priority_goes_first():
    problem = Problem(
        tuple(activity(2, 1, priority=priority) for priority in (100, 900, 500)), renewables=(Renewable(((0, 1),)),)
    )
    assert first_answer(problem).solution.starts == (4, 0, 2)


def test_of_schedules_that_are_as_long_the_one_that_suits_priorities_is_kept():
    """The first rule starts what has more behind it; nothing is shorter than the six periods of the last."""
    urgent, ahead, behind = activity(2, 1, priority=1000), activity(2, 1, priority=100), activity(1, priority=100)
    problem = Problem((ahead, urgent, behind, activity(6)), (Link(0, 2),), (Renewable(((0, 1),)),))
    found = first_answer(problem).solution
    assert (found.makespan, found.starts) == (6, (2, 0, 4, 0))


def test_the_cheaper_mode_is_taken_where_the_total_does_not_allow_the_fast_one():
    fast, slow = Mode(2, consumption={0: 3}), Mode(5, consumption={0: 1})
    problem = Problem((Activity((fast, slow)), Activity((fast, slow))), (Link(0, 1),), (), (NonRenewable(4),))
    answer = alone(problem)
    assert (answer.status, answer.solution.makespan, sum(answer.solution.modes)) == (Status.OPTIMAL, 7, 1)


def test_minutes_are_counted_in_what_they_are_all_multiples_of():
    by_minutes = crew(480 * 3, 480 * 4)
    assert first_answer(by_minutes).solution.makespan == 480 * 7


@pytest.mark.parametrize(
    ("problem", "words", "place"),
    [
        (
            Problem((activity(2, 3, name="Crane work"),), renewables=(Renewable(((0, 2),), "crane"),)),
            "Crane work needs 3 of crane, and there are 2 at most",
            {"activity": 0, "renewable": 0},
        ),
        (
            Problem((activity(5), activity(2, latest_finish=6, name="Roof")), (Link(0, 1),)),
            "Roof must finish by period 6, and its links let it finish in 7 at the earliest",
            {"activity": 1},
        ),
        (
            Problem((activity(5, name="Walls"), activity(2, fixed_start=4)), (Link(0, 1),)),
            "Walls must finish by period 4 for what follows it, and can in 5 at the earliest",
            {"activity": 0},
        ),
        (
            Problem(
                (activity(3, 1, fixed_start=1), activity(3, 1, fixed_start=3)),
                renewables=(Renewable(((0, 1),), "crew"),),
            ),
            "fixed activities need 2 of crew in period 3, and there are 1",
            {"renewable": 0, "period": 3},
        ),
        (
            Problem((Activity((Mode(1, consumption={0: 5}),)),), (), (), (NonRenewable(4, "money"),)),
            "activities take 5 of money at least, and there are 4",
            {"non_renewable": 0},
        ),
    ],
)
def test_what_cannot_be_is_told_with_the_rule_and_who_breaks_it(problem, words, place):
    answer = alone(problem)
    assert (answer.status, answer.solution) == (Status.INFEASIBLE, None)
    conflict = answer.conflicts[0]
    assert conflict.rule == words
    assert {name: getattr(conflict, name) for name in place} == place


def test_latest_finishes_that_only_a_search_can_refute_are_refuted():
    problem = crew(3, 3)
    problem = replace(problem, activities=tuple(replace(a, latest_finish=5) for a in problem.activities))
    answer = alone(problem)
    assert answer.status is Status.INFEASIBLE
    assert answer.conflicts[0].rule == (
        "there is no schedule that keeps to the latest finishes of 0 and 1 and what there is of crew"
    )


def dear_or_slow(totals: dict[str, int]) -> Problem:
    """Two activities that take 2 of the first or of the second total, and 1 of every other, in either mode."""
    others = dict.fromkeys(range(2, len(totals)), 1)
    either = Activity((Mode(1, consumption={0: 2} | others), Mode(1, consumption={1: 2} | others)))
    return Problem((either, either), non_renewables=tuple(NonRenewable(most, name) for name, most in totals.items()))


def test_totals_that_no_choice_of_modes_keeps_together_are_named_and_no_others():
    answer = alone(dear_or_slow({"cement": 2, "sand": 1, "water": 2}))
    assert (answer.status, answer.solution) == (Status.INFEASIBLE, None)
    conflict = answer.conflicts[0]
    assert conflict.rule == "no choice of modes keeps to the totals of cement (2) and sand (1) together"
    assert conflict.non_renewable == 0


def test_where_modes_can_be_chosen_all_rules_that_there_are_are_named():
    problem = dear_or_slow({"cement": 2, "sand": 2})
    late = tuple(
        replace(each, latest_finish=1, modes=tuple(replace(m, demands={0: 1}) for m in each.modes))
        for each in problem.activities
    )
    answer = alone(replace(problem, activities=late, renewables=(Renewable(((0, 1),), "crane"),)))
    assert answer.status is Status.INFEASIBLE
    assert answer.conflicts[0].rule == (
        "there is no schedule that keeps to the latest finishes of 0 and 1, the totals of cement and sand "
        "and what there is of crane"
    )


def test_alone_the_same_seed_gives_the_same_answer_again():
    problem = crew(*(3 + number * 7 % 11 for number in range(30)), units=4)
    first, again = alone(problem, 0.3, seed=7), alone(problem, 0.3, seed=7)
    assert first == again
    assert first.reproducible


def test_a_clock_that_cuts_in_is_admitted():
    problem = replace(crew(*range(1, 30), units=7), links=tuple(Link(k, k + 9) for k in range(20)))
    ticks = iter(range(10**6))
    answer = solve(problem, time_limit_s=FOREVER, stop=Deadline(3.0, lambda: float(next(ticks))))
    assert answer.status is Status.OPTIMAL or not answer.reproducible


def test_what_is_found_is_told_while_it_goes_on():
    heard = []
    solve(
        crew(3, 4, 5),
        time_limit_s=1.0,
        stop=Deadline(FOREVER, lambda: 0.0),
        on_progress=lambda best, bound: heard.append((best.makespan, bound)),
    )
    assert heard[-1] == (12, 12)


def test_with_another_thread_the_answer_is_as_good():
    hard = crew(7, 5, 5, 4, 4, 3, units=2)
    with ThreadPoolExecutor(1) as executor:
        answer = solve(hard, time_limit_s=60.0, stop=Deadline(60.0, monotonic), executor=executor)
    assert (answer.status, answer.solution.makespan) == (Status.OPTIMAL, 14)


def test_the_other_thread_proves_what_counting_does_not():
    three_and_a_bit = crew(4, 4, 4, 1, units=2)
    with ThreadPoolExecutor(1) as executor:
        answer = solve(three_and_a_bit, time_limit_s=60.0, stop=Deadline(60.0, monotonic), executor=executor)
    assert (answer.status, answer.solution.makespan, answer.bound_by) == (Status.OPTIMAL, 8, "constraint programming")


def test_a_mode_that_wants_more_than_there_ever_is_is_not_taken():
    greedy, modest = Mode(1, {0: 5}), Mode(4, {0: 1})
    problem = Problem((Activity((greedy, modest)), activity(2, 1)), (), (Renewable(((0, 1),)),))
    answer = alone(problem)
    assert (answer.status, answer.solution.makespan, answer.solution.modes) == (Status.OPTIMAL, 6, (1, 0))


def test_units_of_which_there_are_none_do_not_matter_to_what_takes_no_time():
    problem = Problem((activity(0, 3), activity(2)), (Link(0, 1),), (Renewable(((0, 0),)),))
    assert first_answer(problem).solution.finishes == (0, 2)
