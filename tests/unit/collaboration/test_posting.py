from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from nirman.collaboration.ports import GoneError, NotDeliveredError
from nirman.collaboration.posting import Posted, Posting
from tests.fakes.rooms import Clock, RecordingSockets, three_tries

LATER = timedelta(hours=1)


@pytest.fixture
def sockets() -> RecordingSockets:
    return RecordingSockets(GoneError)


def posting(sockets: RecordingSockets, clock: Clock) -> Posting:
    return Posting(sockets, pauses=three_tries, now=clock, threads=2)


def busy(times: int) -> list[Exception]:
    return [NotDeliveredError("LimitExceededException", again=True)] * times


def test_after_a_missed_frame_the_later_ones_are_posted_once_each(sockets: RecordingSockets) -> None:
    clock = Clock()
    sockets.fail["a"] = busy(4)  # three tries of the first frame, one of the second
    posted = posting(sockets, clock).post(["a"], [b"1", b"2", b"3"], until=clock() + LATER)
    assert posted == Posted(delivered=1, failed=2)
    assert sockets.posted["a"] == [b"3"]
    assert sockets.tried == ["a"] * 5


def test_nothing_is_posted_to_a_connection_after_it_was_found_gone(sockets: RecordingSockets) -> None:
    clock = Clock()
    sockets.gone.add("a")
    posted = posting(sockets, clock).post(["a", "b"], [b"1", b"2"], until=clock() + LATER)
    assert posted == Posted(delivered=2, gone=("a",))
    assert sockets.tried.count("a") == 1


def test_what_is_not_begun_in_time_has_failed_and_what_was_begun_is_finished(sockets: RecordingSockets) -> None:
    clock = Clock()
    until = clock() + timedelta(seconds=1)

    def slow(_: str) -> None:
        clock.time += timedelta(seconds=0.6)

    sockets.before_post = slow
    posted = Posting(sockets, pauses=three_tries, now=clock, threads=1).post(
        ["a", "b"], [b"1", b"2", b"3"], until=until
    )
    assert posted == Posted(delivered=2, failed=4)
    assert sockets.posted == {"a": [b"1", b"2"]}


def test_trying_again_stays_with_the_pauses_that_it_is_given(sockets: RecordingSockets) -> None:
    clock = Clock()
    waited: list[int] = []

    def pauses() -> Iterator[None]:
        for number in range(2):
            waited.append(number)
            yield

    sockets.fail["a"] = busy(9)
    Posting(sockets, pauses=pauses, now=clock, threads=1).post(["a"], [b"1"], until=clock() + LATER)
    assert waited == [0, 1]
