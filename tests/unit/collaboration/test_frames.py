from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nirman.collaboration import frames
from nirman.collaboration.messages import MAX_FRAME_BYTES, UNSET, Burst, Joined, Person, encode
from nirman.errors import ConflictError, FieldConflict, InvalidPlanError
from nirman.planning.events import Change, Moved
from nirman.planning.model import Kind
from tests.fakes.rooms import event

AT = "2026-11-01T09:00:00.000+00:00"


def joined(**values: Any) -> Joined:
    plain = {"id": "1", "project": "tower", "head": 9, "recovered": True, "presence": (), "present": 0, "at": AT}
    return Joined(**{**plain, **values})


def result(**values: Any) -> Any:
    return SimpleNamespace(event=event(4, **values), merged=True, repeated=False)


def test_an_event_too_large_for_a_frame_is_to_be_fetched() -> None:
    message = frames.event_message(event(4, fill=MAX_FRAME_BYTES))
    assert message.fetch
    assert message.event is UNSET
    assert (message.revision, message.previous) == (4, 3)


def test_an_event_whose_body_is_elsewhere_is_to_be_fetched_however_small_it_looks() -> None:
    assert frames.event_message(event(4, body="tenants/dhaka/bodies/4", changes=(), moved=())).fetch
    assert not frames.event_message(event(4)).fetch


def test_a_page_holds_as_many_events_as_fit_in_the_frame_and_no_more() -> None:
    events = [event(revision, fill=5_000) for revision in range(1, 21)]
    answer = joined(presence=(Person("amina", "Amina", 1),))
    page = frames.event_page(answer, events)
    size = len(encode(joined(presence=answer.presence, events=page, more=True)))
    assert MAX_FRAME_BYTES - 5_500 < size <= MAX_FRAME_BYTES
    assert [message.revision for message in page] == list(range(1, len(page) + 1))


def test_a_page_begins_with_a_large_event_as_one_to_fetch_so_that_there_is_always_progress() -> None:
    crowd = tuple(Person(f"u{n}", "নাম" * 10, 1) for n in range(70))
    almost_a_frame = event(1, fill=MAX_FRAME_BYTES - 1_000)
    page = frames.event_page(joined(presence=crowd), [almost_a_frame, event(2)])
    assert [message.fetch for message in page] == [True, False]


def test_presence_names_as_many_people_as_fit() -> None:
    crowd = tuple(Person(f"u{n}", "নাম" * 10, 1) for n in range(1_000))
    named = frames.some(crowd)
    assert named == crowd[: len(named)]
    assert 7_000 < len(encode(named)) <= 8_100
    assert frames.some(crowd[:3]) == crowd[:3]


def test_an_ack_tells_what_was_made_and_what_moved() -> None:
    made = Change(Kind.TASK, 12, "created", {"name": (None, "ছাদ")})
    ack = frames.ack("7", result(changes=(made, Change(Kind.LINK, 3, "deleted")), project_finish="2027-01-01T17:00:00"))
    assert (ack.id, ack.revision, ack.merged, ack.repeated) == ("7", 4, True, False)
    assert [(record.kind, record.uid) for record in ack.created] == [(Kind.TASK, 12)]
    assert ack.moved == event(4).moved
    assert ack.project_finish == "2027-01-01T17:00:00"


def test_an_ack_of_too_many_moves_says_how_many_and_to_fetch_them() -> None:
    moved = tuple(Moved(uid, (None, "2026-11-01T08:00:00"), (None, "2026-11-02T17:00:00")) for uid in range(5_000))
    ack = frames.ack("7", result(moved=moved, moved_count=5_000))
    assert ack.fetch
    assert ack.moved == ()
    assert ack.moved_count == 5_000


def test_an_error_says_its_code_and_its_place() -> None:
    error = frames.error("7", InvalidPlanError("the links make a circle", place="operations[2]", uids=(4, 5)))
    assert (error.id, error.code) == ("7", "invalid-plan")
    assert error.details == {"rule": "the links make a circle", "place": "operations[2]", "uids": [4, 5]}


def test_an_error_of_very_many_conflicts_names_the_first_and_how_many_are_left_out() -> None:
    conflicts = tuple(
        FieldConflict("task", uid, "name", "a", "নাম" * 100, "c" * 200, "amina", AT, 3) for uid in range(500)
    )
    error = frames.error("7", ConflictError(conflicts, head=9))
    assert len(encode(error)) <= MAX_FRAME_BYTES
    assert error.details["head"] == 9
    assert error.details["conflicts"][0]["uid"] == 0
    assert len(error.details["conflicts"]) + error.details["left_out"]["conflicts"] == 500


def test_an_error_with_an_endless_text_is_cut() -> None:
    error = frames.error("7", InvalidPlanError("নিয়ম" * 20_000))
    assert len(encode(error)) <= MAX_FRAME_BYTES


def test_a_burst_of_small_events_is_one_frame() -> None:
    [burst] = frames.event_frames(event(revision) for revision in range(5, 25))
    assert isinstance(burst, Burst)
    assert (burst.previous, burst.revision) == (4, 24)
    assert [message.revision for message in burst.events] == list(range(5, 25))


def test_an_event_alone_stays_an_event() -> None:
    assert list(frames.event_frames([event(4)])) == [frames.event_message(event(4))]
    assert list(frames.event_frames([])) == []


@given(sizes=st.lists(st.integers(0, MAX_FRAME_BYTES + 500), max_size=25), missing=st.sets(st.integers(1, 25)))
def test_no_frame_of_a_burst_is_too_large_and_none_leaves_a_revision_out(sizes: list[int], missing: set[int]) -> None:
    given_events = [event(n, fill=fill) for n, fill in enumerate(sizes, 1) if n not in missing]
    made = list(frames.event_frames(given_events))
    assert all(len(encode(frame)) <= MAX_FRAME_BYTES for frame in made)
    each = [one for frame in made for one in (frame.events if isinstance(frame, Burst) else [frame])]
    assert each == [frames.event_message(one) for one in given_events]
    for frame in made:
        if isinstance(frame, Burst):
            assert len(frame.events) > 1
            revisions = [one.revision for one in frame.events]
            assert revisions == list(range(frame.previous + 1, frame.revision + 1))


@given(sizes=st.lists(st.integers(0, 12_000), min_size=2, max_size=25))
def test_there_are_no_more_frames_than_needed(sizes: list[int]) -> None:
    """Of two frames in a row the first event of the later one did not fit into the earlier one."""
    made = list(frames.event_frames(event(n, fill=fill) for n, fill in enumerate(sizes, 1)))
    for earlier, later in itertools.pairwise(made):
        together = earlier.events if isinstance(earlier, Burst) else (earlier,)
        first = later.events[0] if isinstance(later, Burst) else later
        joined_up = Burst(
            project="tower",
            revision=first.revision,
            previous=together[0].previous,
            events=(*together, first),
        )
        assert len(encode(joined_up)) > MAX_FRAME_BYTES
