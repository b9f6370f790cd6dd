"""The assessment, float paths, estimated holidays and what moved, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.support.world import World


def change(world: World, *operations: dict[str, Any]) -> None:
    answer = world.api.post(f"{world.path}/commands", {"operations": operations}, base_revision=world.revision)
    assert answer.status == 200, answer.body


def update(kind: str, uid: int, **values: Any) -> dict[str, Any]:
    return {"op": "update", "kind": kind, "uid": uid, "values": values}


def test_the_checks_name_the_tasks_that_fail_them(world: World) -> None:
    change(world, update("link", 2, lag_minutes=-60), update("task", 3, deadline="2026-01-05T17:00:00"))
    said = world.api.get(f"{world.path}/checks").json
    assert [check["number"] for check in said["checks"]] == list(range(1, 15))
    by_name = {check["name"]: check for check in said["checks"]}
    assert (by_name["leads"]["verdict"], by_name["leads"]["uids"], by_name["leads"]["link_uids"]) == ("fail", [3], [2])
    assert by_name["missed_tasks"]["verdict"] == "not_applicable"
    assert ("negative-slack", 3) in {(finding["rule"], finding["uid"]) for finding in said["findings"]}
    assert said["revision"] == world.revision


def test_float_paths_lead_to_the_end_or_to_the_task_asked_for(world: World) -> None:
    said = world.api.get(f"{world.path}/float-paths").json
    assert said["longest_path"] == [1, 2, 3]
    assert said["paths"] == [{"number": 1, "float_minutes": 0, "uids": [1, 2, 3], "joins": None}]
    to_second = world.api.get(f"{world.path}/float-paths", end=2, ranked_by="total_float").json
    assert [path["uids"] for path in to_second["paths"]] == [[1, 2]]
    refused = world.api.get(f"{world.path}/float-paths", end=9)
    assert (refused.status, refused.json["place"]) == (422, "end_uid")


def test_an_estimated_holiday_says_what_would_move(world: World) -> None:
    eid = {"start": "2026-01-09", "finish": "2026-01-09", "name": "ঈদ", "estimated": True}
    change(world, update("calendar", 1, exceptions=[eid]), update("task", 3, duration_minutes=4 * 480))
    [risk] = world.api.get(f"{world.path}/estimated-holidays").json["holidays"]
    assert (risk["holiday"]["name"], risk["holiday"]["calendar_uids"]) == ("ঈদ", [1])
    assert (risk["a_day_earlier"]["finish_minutes"], risk["a_day_earlier"]["moved"]) == (480, 1)
    assert risk["a_day_later"]["moved"] == 0


def test_moves_say_what_moved_between_two_revisions_and_why(world: World) -> None:
    before = world.revision
    change(world, update("task", 1, duration_minutes=960))
    change(world, update("task", 2, duration_minutes=1440))
    said = world.api.get(f"{world.path}/moves", **{"from": before}).json
    assert (said["from_revision"], said["to_revision"]) == (before, before + 2)
    why = said["explanation"]
    assert [(cause["text"], cause["moved"]) for cause in why["causes"]] == [
        ('"পাইল" (1): duration 1d -> 2d', 3),
        ('"Cap" (2): duration 1d -> 3d', 2),
    ]
    assert [[step["uid"] for step in task["chain"]] for task in why["tasks"]] == [[1, 2], [1, 2, 3], [1]]
    one = world.api.get(f"{world.path}/moves", **{"from": before, "to": before + 1, "limit": 1}).json["explanation"]
    assert (len(one["causes"]), len(one["tasks"]), one["tasks_left_out"]) == (1, 1, 2)


def test_moves_to_an_earlier_or_unknown_revision_are_refused(world: World) -> None:
    for query, place in (({"from": 2, "to": 1}, "from"), ({"from": 99}, "from"), ({"from": 1, "to": 99}, "revision")):
        answer = world.api.get(f"{world.path}/moves", **query)
        assert (answer.status, answer.json["place"]) == (422, place)
