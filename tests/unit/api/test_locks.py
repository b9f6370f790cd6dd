"""Locks without a socket, and edits that meet them: on tables in memory, through the HTTP API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.http import Answer, Client
from tests.support.world import MEMBER, OWNER, PLANNER, RIVAL, VIEWER, World

NAME = {"kind": "task", "uid": 2, "field": "name"}


@pytest.fixture
def planner(world: World) -> Client:
    return world.api.as_(PLANNER)


def lock(caller: Client, world: World, place: dict[str, Any] = NAME, **more: Any) -> Answer:
    return caller.post(f"{world.path}/locks", place | more)


def commit(caller: Client, world: World, *operations: dict[str, Any], locks: Any = ()) -> Answer:
    body = {"operations": list(operations), "locks": list(locks)}
    return caller.post(f"{world.path}/commands", body, base_revision=world.revision)


def update(**values: Any) -> dict[str, Any]:
    return {"op": "update", "kind": "task", "uid": 2, "values": values}


def test_a_lock_is_given_listed_beaten_and_given_back(world: World, planner: Client) -> None:
    given = lock(planner, world)
    assert given.status == 200
    token = given.json["token"]
    listed = world.api.get(f"{world.path}/locks").json
    [held] = listed["locks"]
    assert (held["user"], held["uid"], held["field"]) == ("rahim", 2, "name")
    assert listed["revision"] == token
    beaten = planner.post(f"{world.path}/locks/beat").json
    assert beaten["locks"] == [{"kind": "task", "uid": 2, "field": "name", "token": token}]
    assert beaten["until"] >= given.json["until"]
    assert planner.delete(f"{world.path}/locks/task/2", field="name").status == 204
    assert world.api.get(f"{world.path}/locks").json["locks"] == []


def test_others_may_not_change_what_is_locked_and_its_holder_may(world: World, planner: Client) -> None:
    token = lock(planner, world).json["token"]
    refused = commit(world.api, world, update(name="Raft"))
    assert (refused.status, refused.json["code"]) == (423, "locked")
    assert refused.json["locks"][0]["name"] == "Rahim"
    assert commit(world.api, world, update(duration_minutes=960)).status == 200
    assert commit(planner, world, update(name="ভিত্তি"), locks=[NAME | {"token": token}]).status == 200
    stale = commit(planner, world, update(name="late"), locks=[NAME | {"token": token - 1}])
    assert (stale.status, stale.json["code"], stale.json["field"]) == (423, "lock-lost", "name")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "delete", "kind": "task", "uid": 2},
        {"op": "delete", "kind": "task", "uid": 1},
        {"op": "delete", "kind": "resource", "uid": 1},
    ],
    ids=["the task itself", "the task a link hangs on", "the resource an assignment hangs on"],
)
def test_what_is_locked_is_not_deleted_with_something_else_either(
    world: World, planner: Client, operation: dict[str, Any]
) -> None:
    """Task 1 has link 1 to task 2, and assignment 1 of resource 1."""
    places = {
        ("task", 2): NAME,
        ("task", 1): {"kind": "link", "uid": 1},
        ("resource", 1): {"kind": "assignment", "uid": 1},
    }
    place = places[operation["kind"], operation["uid"]]
    assert lock(planner, world, place).status == 200
    refused = commit(world.api, world, operation)
    assert (refused.status, refused.json["locks"][0]["kind"]) == (423, place["kind"])


def test_children_of_a_deleted_summary_are_spared_while_locked(world: World, planner: Client) -> None:
    child = {"op": "create", "kind": "task", "uid": 9, "values": {"name": "Child", "parent_uid": 3}}
    assert commit(world.api, world, child).status == 200
    assert lock(planner, world, {"kind": "task", "uid": 9}).status == 200
    assert commit(world.api, world, {"op": "delete", "kind": "task", "uid": 3}).status == 423


def test_a_project_that_was_never_locked_pays_one_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    read = world.container.lock_book._store.read
    monkeypatch.setattr(world.container.lock_book._store, "read", lambda key: reads.append(key) or read(key))
    assert commit(world.api, world, update(name="Raft")).status == 200
    assert reads == [world.key]


def test_a_manager_takes_over_and_it_is_on_record(world: World, planner: Client) -> None:
    token = lock(planner, world).json["token"]
    taken = world.api.post(f"{world.path}/locks/take-over", NAME | {"reason": "ঢালাই আজ"})
    assert taken.json["token"] > token
    listed = world.api.get(f"{world.path}/locks").json
    [record] = listed["taken_over"]
    assert (record["by"], record["holders"], record["reason"]) == ("karim", ["rahim"], "ঢালাই আজ")
    assert [held["user"] for held in listed["locks"]] == ["karim"]
    late = commit(planner, world, update(name="late"), locks=[NAME | {"token": token}])
    assert late.json["code"] == "lock-lost"


def test_whoever_waits_learns_by_a_beat_that_it_is_theirs(world: World, planner: Client) -> None:
    lock(world.api, world)
    assert lock(planner, world).status == 423
    assert lock(planner, world, wait=True).json["position"] == 1
    assert planner.post(f"{world.path}/locks/beat").json["locks"][0]["position"] == 1
    assert world.api.delete(f"{world.path}/locks/task/2", field="name").status == 204
    assert planner.post(f"{world.path}/locks/beat").json["locks"][0]["token"]


def test_who_may_not(world: World, planner: Client) -> None:
    assert lock(world.api.as_(VIEWER), world).status == 403
    assert lock(world.api.as_(MEMBER), world).status == 200
    taken = planner.post(f"{world.path}/locks/take-over", NAME | {"reason": "want it"})
    assert taken.status == 403
    rival = world.api.as_(RIVAL)
    assert {lock(rival, world).status, rival.get(f"{world.path}/locks").status} == {404}
    assert rival.post(f"{world.path}/locks/beat").status == 404


@pytest.mark.parametrize(
    ("place", "status"),
    [(NAME | {"field": "colour"}, 422), ({"kind": "task", "uid": 77}, 404), ({"kind": "roof", "uid": 1}, 422)],
)
def test_what_is_not_there_is_not_locked(world: World, place: dict[str, Any], status: int) -> None:
    assert lock(world.api, world, place).status == status
    assert OWNER.user not in str(world.api.get(f"{world.path}/locks").json["locks"])
