"""What happened, as people read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, get_args

import msgspec
import pytest

from nirman.activity.entry import MAX_ENTRY_BYTES, MAX_FACTS, Entry, entry_of
from nirman.activity.sentences import Language, sentence
from nirman.activity.vocabulary import CHOSEN, COMPUTED, FIELDS, KINDS, REFERRING, VALUES
from nirman.jobs.job import JobKind
from nirman.jobs.optimizations import OPTIMIZERS
from nirman.planning.events import Change, Event
from nirman.planning.model import Kind
from nirman.planning.records import field_types
from nirman.projection.catalogue import Catalogue, TaskName
from nirman.projection.standing import Standing

BEFORE = Catalogue(
    tasks={1: TaskName("Piling"), 2: TaskName("ক্যাপ"), 3: TaskName("Foundation")},
    resources={1: "Crane"},
    calendars={1: "Site", 2: "Rain"},
    baselines={1: "Approved"},
    links={5: (1, 2)},
    assignments={7: (1, 1)},
)
STANDING = Standing(revision=11, name="Tower", minutes_per_day=480, finish="2027-03-01T17:00:00", ordered_at="2026")


def entry(*changes: Change, **values: Any) -> Entry:
    plain = {
        "format": 1,
        "tenant": "padma",
        "project": "tower",
        "revision": 12,
        "type": "plan.changed",
        "command_id": "c",
        "user": "karim",
        "user_name": "Karim",
        "at": "2026-11-22T04:30:00.000+00:00",
        "previous_digest": "",
        "changes": changes,
        "project_finish": "2027-03-01T17:00:00",
    }
    return entry_of(Event(**{**plain, **values}), STANDING, BEFORE)


def both(*changes: Change, **values: Any) -> tuple[str, str]:
    made = entry(*changes, **values)
    return sentence(made, Language.ENGLISH), sentence(made, Language.BENGALI)


def updated(kind: Kind, uid: int, **fields: tuple[Any, Any]) -> Change:
    return Change(kind, uid, "updated", fields)


def created(kind: Kind, uid: int, **fields: Any) -> Change:
    return Change(kind, uid, "created", {name: (None, value) for name, value in fields.items()})


def deleted(kind: Kind, uid: int, **fields: Any) -> Change:
    return Change(kind, uid, "deleted", {name: (value, None) for name, value in fields.items()})


def test_a_changed_duration_with_what_it_moved():
    duration = updated(Kind.TASK, 1, duration_minutes=(2400, 3360), work_minutes=(2400, 3360))
    assert both(duration, moved_count=12, project_finish="2027-03-03T17:00:00") == (
        "Karim changed the duration of “Piling” from 5 to 7 days; 12 tasks moved, finish 3 Mar 2027 (+2 days).",
        "Karim “Piling”-এর সময়কাল ৫ থেকে ৭ দিন করেছেন; ১২টি কাজ সরেছে, শেষ ৩ মার্চ ২০২৭ (+২ দিন)।",
    )


def test_days_are_the_projects_own():
    [told, _] = both(
        updated(Kind.PROJECT, 0, minutes_per_day=(480, 600)), updated(Kind.TASK, 1, duration_minutes=(1200, 600))
    )
    assert told == "Karim changed 1 task and 1 project."
    made = entry_of(
        Event(**msgspec.structs.asdict(event_of(updated(Kind.TASK, 1, duration_minutes=(1200, 600))))),
        msgspec.structs.replace(STANDING, minutes_per_day=600),
        BEFORE,
    )
    assert sentence(made, Language.ENGLISH) == "Karim changed the duration of “Piling” from 2 days to 1 day."


def event_of(*changes: Change) -> Event:
    return Event(1, "padma", "tower", 12, "plan.changed", "c", "karim", "Karim", "2026-11-22", "", changes)


@pytest.mark.parametrize(
    ("change", "english", "bengali"),
    [
        (
            updated(Kind.TASK, 1, name=("Piling", "পাইলিং")),
            "renamed task “Piling” to “পাইলিং”",
            "কাজ “Piling”-এর নাম বদলে “পাইলিং” রেখেছেন",
        ),
        (
            updated(Kind.TASK, 1, percent_complete=(0, 40)),
            "changed the progress of “Piling” from 0% to 40%",
            "“Piling”-এর অগ্রগতি ০% থেকে ৪০% করেছেন",
        ),
        (
            updated(Kind.TASK, 2, deadline=(None, "2027-02-21T17:00:00")),
            "set the deadline of “ক্যাপ” to 21 Feb 2027 17:00",
            "“ক্যাপ”-এর শেষ সময়সীমা ২১ ফেব্রুয়ারি ২০২৭ ১৭:০০ ঠিক করেছেন",
        ),
        (
            updated(Kind.TASK, 2, deadline=("2027-02-21T17:00:00", None)),
            "removed the deadline of “ক্যাপ” (it was 21 Feb 2027 17:00)",
            "“ক্যাপ”-এর শেষ সময়সীমা বাদ দিয়েছেন (ছিল ২১ ফেব্রুয়ারি ২০২৭ ১৭:০০)",
        ),
        (
            updated(Kind.TASK, 1, parent_uid=(None, 3)),
            "set the summary of “Piling” to “Foundation”",
            "“Piling”-এর মূল কাজ “Foundation” ঠিক করেছেন",
        ),
        (
            updated(Kind.TASK, 1, constraint=("ASAP", "SNET"), constraint_date=(None, "2027-01-01T08:00:00")),
            "changed the constraint and constraint date of “Piling”",
            "“Piling”-এর শর্ত ও শর্তের তারিখ বদলেছেন",
        ),
        (
            updated(Kind.TASK, 1, effort=("fixed_units", "fixed_work")),
            "changed the kind of effort of “Piling” from fixed units to fixed work",
            "“Piling”-এর শ্রমের ধরন স্থির একক থেকে স্থির শ্রম করেছেন",
        ),
        (
            updated(Kind.TASK, 1, active=(True, False)),
            "changed the active mark of “Piling” from yes to no",
            "“Piling”-এর সক্রিয়তা হ্যাঁ থেকে না করেছেন",
        ),
        (
            updated(Kind.TASK, 1, notes=("", "Mind the cables")),
            "changed the notes of “Piling”",
            "“Piling”-এর মন্তব্য বদলেছেন",
        ),
        (
            updated(Kind.TASK, 1, labels=([], ["north", "কাঠামো"])),
            "set the labels of “Piling” to “north, কাঠামো”",
            "“Piling”-এর লেবেল “north, কাঠামো” ঠিক করেছেন",
        ),
        (
            updated(Kind.LINK, 5, lag_minutes=(0, 960)),
            "changed the lag of link “Piling” → “ক্যাপ” from 0 to 2 days",
            "সংযোগ “Piling” → “ক্যাপ”-এর বিরতি ০ থেকে ২ দিন করেছেন",
        ),
        (
            created(Kind.LINK, 6, predecessor_uid=1, successor_uid=3),
            "added link “Piling” → “Foundation”",
            "সংযোগ “Piling” → “Foundation” যোগ করেছেন",
        ),
        (deleted(Kind.LINK, 5), "removed link “Piling” → “ক্যাপ”", "সংযোগ “Piling” → “ক্যাপ” বাদ দিয়েছেন"),
        (created(Kind.TASK, 9, name="ছাদ"), "added “ছাদ”", "“ছাদ” যোগ করেছেন"),
        (deleted(Kind.TASK, 1, name="Piling"), "removed “Piling”", "“Piling” বাদ দিয়েছেন"),
        (
            updated(Kind.RESOURCE, 1, max_units=(1.0, 2.5)),
            "changed the most units of resource “Crane” from 1 to 2.5",
            "রিসোর্স “Crane”-এর সর্বোচ্চ একক ১ থেকে ২.৫ করেছেন",
        ),
        (
            updated(Kind.ASSIGNMENT, 7, units=(1.0, 0.5)),
            "changed the units of assignment “Crane” → “Piling” from 1 to 0.5",
            "বরাদ্দ “Crane” → “Piling”-এর একক ১ থেকে ০.৫ করেছেন",
        ),
        (
            updated(Kind.CALENDAR, 2, exceptions=([], [{"start": "2027-03-26"}])),
            "changed the holidays and exceptions of calendar “Rain”",
            "ক্যালেন্ডার “Rain”-এর ছুটি ও ব্যতিক্রম বদলেছেন",
        ),
        (
            updated(Kind.PROJECT, 0, default_start_minute=(480, 450)),
            "changed the usual start of a day of the project from 08:00 to 07:30",
            "প্রকল্পের দিনের স্বাভাবিক শুরু ০৮:০০ থেকে ০৭:৩০ করেছেন",
        ),
        (
            updated(Kind.PROJECT, 0, minutes_per_day=(480, 600)),
            "changed the working time of a day of the project from 8 to 10 hours",
            "প্রকল্পের দিনের কর্মসময় ৮ থেকে ১০ ঘণ্টা করেছেন",
        ),
        (
            created(Kind.BASELINE, 0, name="Tender", tasks=[{"uid": 1}]),
            "took baseline 0 “Tender”",
            "বেসলাইন ০ “Tender” নিয়েছেন",
        ),
        (
            updated(Kind.BASELINE, 1, name=("Approved", "Signed")),
            "renamed baseline “Approved” to “Signed”",
            "বেসলাইন “Approved”-এর নাম বদলে “Signed” রেখেছেন",
        ),
        (deleted(Kind.BASELINE, 1), "cleared baseline 1 “Approved”", "বেসলাইন ১ “Approved” মুছে দিয়েছেন"),
    ],
    ids=lambda value: f"{value.kind} {value.op}" if isinstance(value, Change) else None,
)
def test_each_kind_of_change_is_a_sentence_in_both_languages(change, english, bengali):
    assert both(change) == (f"Karim {english}.", f"Karim {bengali}।")


def test_many_changes_are_summed_up():
    changes = [updated(Kind.TASK, uid, priority=(500, 600)) for uid in range(14)]
    changes += [created(Kind.LINK, uid, predecessor_uid=1, successor_uid=2) for uid in (8, 9)]
    assert both(*changes, moved_count=1) == (
        "Karim changed 14 tasks, added 2 links; 1 task moved.",
        "Karim ১৪টি কাজ বদলেছেন, ২টি সংযোগ যোগ করেছেন; ১টি কাজ সরেছে।",
    )


def test_what_goes_with_a_task_is_not_told_beside_it():
    gone = (deleted(Kind.ASSIGNMENT, 7), deleted(Kind.LINK, 5), deleted(Kind.TASK, 1, name="Piling"))
    assert both(*gone)[0] == "Karim removed “Piling”."
    follows = (updated(Kind.TASK, 1, duration_minutes=(480, 960)), updated(Kind.ASSIGNMENT, 7, work_minutes=(480, 960)))
    assert both(*follows)[0] == "Karim changed the duration of “Piling” from 1 day to 2 days."


def test_imports_undo_redo_beginning_and_end():
    assert both(updated(Kind.TASK, 1, priority=(1, 2)), type="plan.replaced", source="plan.xml") == (
        "Karim imported “plan.xml”: changed 1 task.",
        "Karim “plan.xml” থেকে পরিকল্পনা এনেছেন: ১টি কাজ বদলেছেন।",
    )
    change = updated(Kind.TASK, 1, priority=(1, 2))
    assert both(change, undoes=9) == ("Karim took back revision 9.", "Karim সংস্করণ ৯ ফিরিয়ে নিয়েছেন।")
    assert both(change, redoes=10) == (
        "Karim made again what revision 10 had taken back.",
        "Karim সংস্করণ ১০-এ ফিরিয়ে নেওয়া পরিবর্তন আবার করেছেন।",
    )
    made = updated(Kind.PROJECT, 0, name=("", "পদ্মা টাওয়ার"))
    assert both(made, type="project.created") == (
        "Karim created the project “পদ্মা টাওয়ার”.",
        "Karim “পদ্মা টাওয়ার” প্রকল্পটি তৈরি করেছেন।",
    )
    assert both(type="project.deleted") == (
        "Karim deleted the project “Tower”.",
        "Karim “Tower” প্রকল্পটি মুছে দিয়েছেন।",
    )


def test_a_finish_that_comes_nearer_is_told_so():
    change = updated(Kind.TASK, 1, priority=(1, 2))
    assert both(change, project_finish="2027-02-28T17:00:00")[0].endswith("; finish 28 Feb 2027 (-1 day).")


def test_an_entry_is_small_whatever_was_committed():
    text = "ক" * 30_000
    changes = [
        updated(Kind.TASK, uid, notes=("", text), name=(text, text[1:]), code=("", text), splits=([], [{}] * 9_000))
        for uid in range(1, 500)
    ]
    made = entry(*changes)
    assert len(msgspec.json.encode(made)) <= MAX_ENTRY_BYTES
    assert 1 <= len(made.facts) <= MAX_FACTS
    assert made.counts[0].records == 499


def test_every_field_and_every_value_to_choose_from_has_words_in_both_languages():
    for kind in Kind:
        assert KINDS[kind]
        for name, type_ in field_types(kind).items():
            if name == "uid":
                continue
            assert all(FIELDS[name]), name
            assert (name in REFERRING) == (name.endswith("_uid")), name
            choices = [one for one in (type_, *get_args(type_)) if isinstance(one, type) and issubclass(one, StrEnum)]
            assert (name in CHOSEN) == bool(choices), name
            for choice in choices:
                assert {member.value for member in choice} <= VALUES.keys()


def test_what_the_optimizer_proposed_says_which_revision_it_was_computed_on():
    delays = [updated(Kind.TASK, uid, leveling_delay_minutes=(0, 960)) for uid in (1, 2)]
    english, bengali = both(*delays, source="levelling of revision 11", moved_count=5)
    assert english == "Karim applied the levelling of revision 11: changed 2 tasks; 5 tasks moved."
    assert bengali == "Karim সংস্করণ ১১-এর লেভেলিং প্রয়োগ করেছেন: ২টি কাজ বদলেছেন; ৫টি কাজ সরেছে।"


def test_everything_that_the_optimizer_proposes_has_a_word():
    proposing = {optimization.noun for kind, optimization in OPTIMIZERS.items() if kind is not JobKind.SIMULATE}
    assert COMPUTED.keys() == proposing
