"""Changing a plan over HTTP: revisions, preconditions, merging, repeating."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api import revisions
from tests.support.http import Answer
from tests.support.world import PLANNER, World


def tasks(world: World) -> str:
    return f"{world.path}/tasks"


def match(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def test_an_edit_answers_with_the_new_revision_what_changed_and_what_moved(world: World) -> None:
    before = world.revision
    answer = world.api.patch(f"{tasks(world)}/1", {"duration_minutes": 960}, headers=match(before))
    assert (answer.status, answer.revision) == (200, before + 1)
    said = answer.json
    assert said["revision"] == world.revision == before + 1
    assert said["changes"] == [{"kind": "task", "uid": 1, "op": "updated", "fields": {"duration_minutes": [480, 960]}}]
    assert [moved["uid"] for moved in said["moved"]] == [1, 2, 3]
    assert said["moved"][1]["start"] == ["2026-01-05T08:00:00", "2026-01-06T08:00:00"]
    assert said["project_finish"] == world.api.get(f"{world.path}/schedule").json["project"]["finish"]
    assert (said["merged"], said["repeated"], said["abridged"]) == (False, False, False)


def test_only_the_fields_named_change(world: World) -> None:
    before = world.api.get(f"{tasks(world)}/1").json
    world.api.patch(f"{tasks(world)}/1", {"notes": "বৃষ্টি", "parent_uid": None}, base_revision=world.revision)
    assert world.api.get(f"{tasks(world)}/1").json == before | {"notes": "বৃষ্টি"}


def test_something_new_has_a_place_of_its_own(world: World) -> None:
    answer = world.api.post(tasks(world), {"name": "Roof"}, base_revision=world.revision)
    assert (answer.status, answer.headers["location"]) == (201, f"{tasks(world)}/4")
    assert world.api.get(answer.headers["location"]).json["name"] == "Roof"


def test_a_task_is_deleted_with_what_hangs_on_it(world: World) -> None:
    answer = world.api.delete(f"{tasks(world)}/1", base_revision=world.revision)
    assert {(change["kind"], change["uid"]) for change in answer.json["changes"]} == {
        ("task", 1),
        ("link", 1),
        ("assignment", 1),
        ("risk", 1),  # it stays, and bears upon the task no more
    }
    assert world.api.get(f"{tasks(world)}/1").status == 404
    assert world.api.get(f"{world.path}/risks/1").json["task_uids"] == []


def test_a_change_must_say_what_it_is_based_on(world: World) -> None:
    answer = world.api.patch(f"{tasks(world)}/1", {"name": "x"})
    assert (answer.status, answer.json["code"]) == (428, "precondition-required")


def test_with_if_match_nothing_may_have_happened_since(world: World) -> None:
    seen = world.revision
    world.api.patch(f"{tasks(world)}/1", {"name": "Piling"}, headers=match(seen))
    late = world.api.as_(PLANNER).patch(f"{tasks(world)}/2", {"name": "Caps"}, headers=match(seen))
    assert late.status == 412
    assert (late.json["expected"], late.json["head"]) == (seen, seen + 1)


def test_with_base_revision_changes_of_other_fields_are_merged(world: World) -> None:
    seen = world.revision
    world.api.patch(f"{tasks(world)}/1", {"name": "Piling"}, base_revision=seen)
    late = world.api.as_(PLANNER).patch(f"{tasks(world)}/1", {"duration_minutes": 960}, base_revision=seen)
    assert (late.status, late.json["merged"]) == (200, True)
    task = world.api.get(f"{tasks(world)}/1").json
    assert (task["name"], task["duration_minutes"]) == ("Piling", 960)


def test_a_conflict_tells_both_values_and_who_and_when(world: World) -> None:
    seen = world.revision
    world.api.patch(f"{tasks(world)}/1", {"name": "Piling"}, base_revision=seen)
    late = world.api.as_(PLANNER).patch(f"{tasks(world)}/1", {"name": "Bored piles"}, base_revision=seen)
    assert (late.status, late.json["head"]) == (409, seen + 1)
    [conflict] = late.json["conflicts"]
    assert (conflict["base"], conflict["theirs"], conflict["yours"]) == ("পাইল", "Piling", "Bored piles")
    assert (conflict["by"], conflict["revision"]) == ("করিম", seen + 1)
    assert conflict["at"].startswith("20")


@pytest.mark.parametrize("stale", ["12", 'W/"12"', '"12", "13"', "*", '"x"'])
def test_an_if_match_that_does_not_name_one_revision_is_refused(world: World, stale: str) -> None:
    answer = world.api.patch(f"{tasks(world)}/1", {"name": "x"}, headers={"If-Match": stale})
    assert (answer.status, answer.json["place"]) == (422, "If-Match")


@pytest.mark.parametrize("way", [{"headers": True}, {"headers": False}], ids=["strict", "merging"])
def test_the_same_key_again_gives_the_same_answer_and_does_nothing(world: World, way: dict[str, bool]) -> None:
    seen = world.revision

    def send() -> Answer:
        key = {"Idempotency-Key": "edit-1"}
        if way["headers"]:
            return world.api.post(tasks(world), {"name": "Roof"}, headers=key | match(seen))
        return world.api.post(tasks(world), {"name": "Roof"}, headers=key, base_revision=seen)

    first, second = send(), send()
    assert (first.status, second.status) == (201, 201)
    assert second.headers["location"] == first.headers["location"]
    assert second.json == first.json | {"repeated": True}
    assert world.revision == seen + 1


def test_the_same_key_with_something_else_is_refused(world: World) -> None:
    key, seen = {"Idempotency-Key": "edit-1"}, world.revision
    world.api.post(tasks(world), {"name": "Roof"}, headers=key, base_revision=seen)
    other = world.api.post(tasks(world), {"name": "Wall"}, headers=key, base_revision=seen)
    assert (other.status, other.json["code"]) == (422, "command-reused")


def test_many_operations_are_one_revision_or_none(world: World) -> None:
    seen = world.revision
    good = {"op": "create", "kind": "task", "values": {"name": "Roof"}}
    bad = {"op": "create", "kind": "link", "values": {"predecessor_uid": 3, "successor_uid": 99}}
    refused = world.api.post(f"{world.path}/commands", {"operations": [good, bad]}, base_revision=seen)
    assert (refused.status, world.revision) == (422, seen)
    done = world.api.post(f"{world.path}/commands", {"operations": [good, good]}, base_revision=seen)
    assert (done.status, done.json["revision"], len(done.json["changes"])) == (200, seen + 1, 2)


def test_a_circle_of_links_is_refused_naming_its_tasks(world: World) -> None:
    body = {"predecessor_uid": 3, "successor_uid": 1}
    answer = world.api.post(f"{world.path}/links", body, base_revision=world.revision)
    assert (answer.status, answer.json["code"]) == (422, "invalid-plan")
    assert sorted(set(answer.json["uids"])) == [1, 2, 3]


def test_an_answer_too_large_to_send_leaves_out_the_lists_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "MAX_ANSWER_BYTES", 300)
    answer = world.api.patch(f"{tasks(world)}/1", {"duration_minutes": 960}, base_revision=world.revision)
    said = answer.json
    assert (said["abridged"], said["changes"], said["moved"], said["moved_count"]) == (True, [], [], 3)


def test_settings_of_a_project_change_like_any_record(world: World) -> None:
    answer = world.api.patch(world.path, {"name": "টাওয়ার"}, headers=match(world.revision))
    assert answer.status == 200, answer.body
    assert world.api.get(world.path).json["settings"]["name"] == "টাওয়ার"
    assert [card["name"] for card in world.api.get("/v1/projects").json["items"]] == ["টাওয়ার"]


def test_a_project_is_deleted_only_as_its_deleter_saw_it(world: World) -> None:
    assert world.api.delete(world.path, base_revision=world.revision).status == 428
    assert world.api.delete(world.path, headers=match(1)).status == 412
    assert world.api.delete(world.path, headers=match(world.revision)).status == 200
    assert world.api.get(world.path).status == 404
    assert world.api.get("/v1/projects").json["items"] == []


def test_a_project_sent_twice_is_made_once(world: World) -> None:
    body: Any = {"name": "Bridge", "start": "2026-01-04T08:00:00"}
    key = {"Idempotency-Key": "bridge"}
    first, second = (world.api.post("/v1/projects", body, headers=key) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert (second.status, second.json["repeated"], second.json["project"]) == (201, True, first.json["project"])
    other = world.api.post("/v1/projects", body | {"name": "Other"}, headers=key)
    assert (other.status, other.json["code"]) == (422, "command-reused")


def test_a_project_without_calendars_works_from_sunday_to_thursday(world: World) -> None:
    [standard, _] = world.api.get(f"{world.path}/calendars").json["items"]
    assert [bool(day) for day in standard["week"]] == [True, True, True, True, False, False, True]


def test_a_project_brings_its_own_calendars(world: World) -> None:
    day = [[360, 840]]
    calendar = {"uid": 5, "name": "Six days", "week": [day, day, day, day, [], day, day]}
    body = {"name": "Dam", "start": "2026-01-03T06:00:00", "calendar_uid": 5, "calendars": [calendar]}
    made = world.api.post("/v1/projects", body)
    assert made.status == 201, made.body
    [kept] = world.api.get(f"{made.headers['location']}/calendars").json["items"]
    assert (kept["name"], kept["week"]) == ("Six days", calendar["week"])


def test_a_project_that_cannot_be_is_refused(world: World) -> None:
    body = {"name": "Dam", "start": "2026-01-03T06:00:00", "schedule_from": "finish"}
    answer = world.api.post("/v1/projects", body)
    assert answer.status == 422
    assert "must have a finish" in answer.json["rule"]
