from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.collaboration.frames import event_message
from nirman.collaboration.messages import EventMessage
from nirman.collaboration.replica import MAX_HELD, Replica
from tests.fakes.rooms import event


def message(revision: int) -> EventMessage:
    return event_message(event(revision))


def drain(replica: Replica) -> list[int]:
    applied = []
    while (following := replica.next()) is not None:
        replica.applied(following)
        applied.append(following.revision)
    return applied


@given(st.lists(st.integers(1, 12), max_size=60), st.integers(0, 6))
def test_whatever_comes_in_what_order_comes_out_once_and_in_order(arrivals: list[int], start: int) -> None:
    replica = Replica(start)
    applied: list[int] = []
    for revision in arrivals:
        replica.offer(message(revision))
        applied += drain(replica)
    assert applied == list(range(start + 1, start + 1 + len(applied)))
    missing = start + len(applied) + 1
    assert missing not in arrivals
    assert replica.gap == any(revision > missing for revision in arrivals)


def test_before_a_plan_is_loaded_events_wait() -> None:
    replica = Replica()
    replica.offer(message(4))
    replica.offer(message(6))
    replica.offer(message(5))
    assert (replica.next(), replica.gap) == (None, False)
    replica.start(4)
    assert drain(replica) == [5, 6]


def test_a_plan_loaded_anew_makes_older_events_needless() -> None:
    replica = Replica(2)
    for revision in (5, 6, 9):
        replica.offer(message(revision))
    assert replica.gap
    replica.start(8)
    assert drain(replica) == [9]
    assert not replica.gap


def test_an_event_that_was_not_applied_stays() -> None:
    replica = Replica(2)
    replica.offer(message(3))
    assert replica.next() is replica.next() is not None
    assert replica.revision == 2


def test_an_event_out_of_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        Replica(2).applied(message(4))


def test_of_too_many_that_wait_the_latest_are_dropped_so_that_the_missing_one_is_not() -> None:
    replica = Replica(0)
    for revision in range(2, MAX_HELD + 100):
        replica.offer(message(revision))
    replica.offer(message(1))
    assert drain(replica) == list(range(1, MAX_HELD + 1))
