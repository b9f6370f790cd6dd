from __future__ import annotations

from typing import Literal

from nirman.collaboration.messages import Person, Presence
from nirman.collaboration.roster import Roster


def change(what: Literal["joined", "left"], user: str, at: int) -> Presence:
    return Presence("tower", what, user, user.title(), f"{at:03d}", at)


def started(*users: str, at: int = 10) -> Roster:
    roster = Roster()
    roster.start([Person(user, user.title(), 1) for user in users], f"{at:03d}", at)
    return roster


def test_of_two_messages_about_a_person_the_later_holds_in_either_order() -> None:
    for changes in ([12, 11], [11, 12]):
        roster = started("amina")
        for at in changes:
            roster.offer(change("left" if at == 12 else "joined", "bashir", at))
        assert set(roster.names) == {"amina"}, changes


def test_what_is_older_than_the_list_is_in_it_already() -> None:
    roster = started("amina")
    roster.offer(change("left", "amina", 9))
    assert set(roster.names) == {"amina"}


def test_what_came_before_the_list_but_is_later_still_holds() -> None:
    roster = Roster()
    roster.offer(change("joined", "bashir", 11))
    roster.offer(change("left", "chitra", 9))
    roster.start([Person("amina", "Amina", 1), Person("chitra", "Chitra", 1)], "010", 10)
    assert set(roster.names) == {"amina", "bashir", "chitra"}


def test_a_lost_message_is_missed_at_the_second_pong_that_knows_of_it() -> None:
    roster = started("amina")
    assert not roster.misses(10)
    assert not roster.misses(12), "it may be on its way"
    roster.offer(change("joined", "bashir", 12))
    assert roster.misses(12), "the one before it was lost"
    roster.offer(change("joined", "chitra", 11))
    assert not roster.misses(12)
