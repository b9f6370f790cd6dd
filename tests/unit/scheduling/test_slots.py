"""Fields of records as the kernel reads them are what Python says they are."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import pytest

from nirman.planning.model import ConstraintKind, Link, LinkKind, Task
from nirman.scheduling.kernel.library import NONE
from nirman.scheduling.slots import Slots

TASKS = Slots(Task, [field.name for field in dataclasses.fields(Task)])
LATER = datetime(2026, 1, 5, 8)


def tasks() -> list[Task]:
    return [
        Task(uid=1, duration_minutes=2**31 - 1),
        Task(uid=2, parent_uid=1, name="a name", active=False),
        Task(uid=700_000, parent_uid=0, duration_minutes=0, constraint=ConstraintKind.SNET, constraint_date=LATER),
    ]


def test_numbers_are_those_of_the_records_and_none_has_its_own():
    records = TASKS.of(tasks())
    assert list(records.numbers("uid")) == [1, 2, 700_000]
    assert list(records.numbers("duration_minutes")) == [2**31 - 1, 480, 0]
    assert list(records.numbers("parent_uid")) == [NONE, 1, 0]
    assert list(records.numbers("parent_uid", none=-7)) == [-7, 1, 0]


def test_a_negative_number_is_kept():
    links = [Link(uid=1, predecessor_uid=1, successor_uid=2, lag_minutes=-480, kind=LinkKind.SF)]
    of = Slots(Link, ["lag_minutes", "kind"]).of(links)
    assert list(of.numbers("lag_minutes")) == [-480]
    assert list(of.codes("kind", tuple(LinkKind))) == [list(LinkKind).index(LinkKind.SF)]


def test_more_records_than_are_asked_for_ahead_are_all_read():
    many = [Task(uid=uid, duration_minutes=uid * 1_000) for uid in range(1_000)]
    assert list(TASKS.of(many).numbers("duration_minutes")) == [uid * 1_000 for uid in range(1_000)]
    assert list(TASKS.of(many).unusual({"duration_minutes": many[-1].duration_minutes})) == list(range(999))


def test_a_number_without_room_is_refused_and_named():
    tall = object.__new__(Task)
    for field in dataclasses.fields(Task):
        object.__setattr__(tall, field.name, 2**40 if field.name == "duration_minutes" else 5)
    with pytest.raises(OverflowError, match="duration_minutes of 5"):
        TASKS.of([*tasks(), tall]).numbers("duration_minutes")


def test_members_are_numbered_by_their_place_and_others_refused():
    records = TASKS.of(tasks())
    assert list(records.codes("active", (False, True))) == [1, 0, 1]
    with pytest.raises(ValueError, match="constraint of 700000"):
        records.codes("constraint", (ConstraintKind.ASAP,))


def test_records_with_another_object_than_usual_are_found():
    records = TASKS.of(tasks())
    assert list(records.unusual({"active": True})) == [1]
    assert list(records.unusual({"active": True, "constraint_date": None})) == [1, 2]
    assert list(records.unusual({"kind": Task(uid=9).kind})) == []


def test_no_records_are_no_columns():
    empty = TASKS.of([])
    assert list(empty.numbers("uid")) == list(empty.unusual({"active": True})) == []


def test_a_class_that_keeps_its_fields_elsewhere_is_refused():
    @dataclass
    class Loose:
        uid: int

    with pytest.raises(RuntimeError, match="Loose"):
        Slots(Loose, ["uid"])
