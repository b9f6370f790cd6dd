"""What a job's record takes of a result, and what the file has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from nirman.jobs.answers import MAX_BRIEF_BYTES, brief, whole
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind


@dataclass(frozen=True)
class Way:
    id: str
    operations: tuple[Operation, ...] = (Update(Kind.TASK, 1, {"priority": 1}),)


@dataclass(frozen=True)
class Answer:
    finish: datetime = datetime(2027, 3, 1, 17)
    cost: Decimal = Decimal("1.50")
    ways: tuple[Way, ...] = (Way("a"), Way("b"))
    moved: tuple[int, ...] = ()
    operations: tuple[Operation, ...] = ()


def test_the_whole_is_plain_and_has_no_operations_at_any_depth() -> None:
    assert whole(Answer()) == {
        "finish": "2027-03-01T17:00:00",
        "cost": "1.50",
        "ways": [{"id": "a"}, {"id": "b"}],
        "moved": [],
    }


def test_what_is_small_is_told_whole() -> None:
    told = whole(Answer(moved=tuple(range(500))))
    assert brief(told) == (told, True)


def test_of_what_is_large_lists_lose_their_ends_and_figures_stay() -> None:
    told = whole(Answer(moved=tuple(range(100_000))))
    short, complete = brief(told)
    assert not complete
    assert short["finish"] == "2027-03-01T17:00:00"
    assert short["moved"] == list(range(500))
    assert len(msgspec.json.encode(short)) <= MAX_BRIEF_BYTES


def test_long_texts_shorten_the_lists_they_are_in_and_at_last_only_figures_are_left() -> None:
    ways = tuple(Way("x" * 900) for _ in range(400))
    assert len(brief(whole(Answer(ways=ways)))[0]["ways"]) == 50
    huge = {"names": {str(number): "x" * 900 for number in range(400)}, "score": 7}
    assert brief(huge) == ({"score": 7}, False)
