"""Taking changes back over HTTP, and how many changes a person makes in a minute."""

from __future__ import annotations

from http import HTTPStatus

from nirman.tenancy.limits import Limits
from tests.support.http import Answer
from tests.support.world import MEMBER, PLANNER, VIEWER, World


def rename(world: World, name: str) -> Answer:
    return world.api.as_(PLANNER).patch(f"{world.path}/tasks/1", {"name": name}, base_revision=world.revision)


def name_of(world: World) -> str:
    return str(world.api.get(f"{world.path}/tasks/1").json["name"])


def test_a_change_is_taken_back_and_made_again(world: World) -> None:
    before, rahim = name_of(world), world.api.as_(PLANNER)
    edit = rename(world, "Bored piles").json["revision"]
    undone = rahim.post(f"{world.path}/undo", {}, headers={"Idempotency-Key": "u1"})
    assert (undone.status, undone.revision, undone.json["undoes"]) == (200, edit + 1, edit)
    assert name_of(world) == before
    again = rahim.post(f"{world.path}/undo", {}, headers={"Idempotency-Key": "u1"})
    assert (again.json["repeated"], world.revision) == (True, edit + 1)
    redone = rahim.post(f"{world.path}/redo", {})
    assert (redone.json["redoes"], redone.json["undoes"], name_of(world)) == (edit + 1, None, "Bored piles")
    events = rahim.get(f"{world.path}/events", after=edit).json["events"]
    assert [(event.get("undoes"), event.get("redoes")) for event in events] == [(edit, None), (None, edit + 1)]


def test_what_others_changed_since_is_a_conflict(world: World) -> None:
    edit = rename(world, "Bored piles").json["revision"]
    world.api.patch(f"{world.path}/tasks/1", {"name": "Karim's"}, base_revision=edit)
    answer = world.api.as_(PLANNER).post(f"{world.path}/undo", {"revision": edit})
    assert (answer.status, answer.json["code"], world.revision) == (409, "conflict", edit + 1)
    [conflict] = answer.json["conflicts"]
    assert (conflict["base"], conflict["theirs"], conflict["by"]) == ("Bored piles", "Karim's", "করিম")


def test_undo_is_for_those_who_may_edit(world: World) -> None:
    rename(world, "Bored piles")
    for who, status in ((VIEWER, 403), (MEMBER, 422)):
        assert world.api.as_(who).post(f"{world.path}/undo", {}).status == status
    assert world.api.as_(MEMBER).post(f"{world.path}/undo", {"revision": world.revision}).status == 403


def test_a_person_makes_so_many_changes_a_minute_by_every_route(world: World) -> None:
    world.subscribe(Limits(name="small", edits_per_minute=4))
    base = {"base_revision": world.revision}
    rahim, path = world.api.as_(PLANNER), world.path
    made = [
        rahim.patch(f"{path}/tasks/1", {"notes": "a"}, **base),
        rahim.post(f"{path}/tasks", {"name": "Roof"}, **base),
        rahim.put(f"{path}/baselines/3", {}, **base),
        rahim.post(f"{path}/undo", {}),
        rahim.post(f"{path}/commands", {"operations": [{"op": "delete", "kind": "task", "uid": 2}]}, **base),
        rahim.post(f"{path}/redo", {}),
    ]
    assert [answer.status for answer in made] == [200, 201, 200, 200, 429, 429]
    refused = made[-1]
    assert (refused.json["code"], refused.json["what"], refused.json["limit"]) == ("rate-limited", "edits", 4)
    assert 0 < refused.json["retry_after_s"] <= 15
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 15
    assert refused.headers["ratelimit"] == f'"edits";r=0;t={wait}'
    assert refused.headers["ratelimit-policy"] == '"edits";q=4;w=60'
    assert world.api.patch(f"{path}/tasks/1", {"name": "x"}, base_revision=world.revision).status == HTTPStatus.OK
    assert rahim.get(f"{path}/tasks").status == HTTPStatus.OK
