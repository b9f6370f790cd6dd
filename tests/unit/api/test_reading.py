"""Reading a plan over HTTP: ETags, pages, the schedule, events, jobs, the ticket."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.routes import events
from nirman.tenancy.identity import Role
from nirman.tenancy.tickets import LIFE_S
from tests.support.http import Client
from tests.support.world import MEMBER, PLANNER, World
from tests.unit.api.test_access import ALL


def pages(api: Client, path: str, **query: Any) -> list[list[Any]]:
    found, cursor = [], None
    while True:
        page = api.get(path, **query | ({"cursor": cursor} if cursor else {})).json
        found.append(page["items"])
        if (cursor := page["next"]) is None:
            return found


def of_plan(world: World) -> list[str]:
    reads = [asked for asked in ALL if asked.method == "GET" and "{project}" in asked.path]
    answers = {asked: asked.address({"project": world.project}) for asked in reads}
    return [path for asked, path in answers.items() if "etag" in world.api.get(path, **asked.sample.query).headers]


def test_everything_read_of_a_plan_has_its_revision_as_etag_and_is_304_until_it_changes(world: World) -> None:
    paths = of_plan(world)
    assert len(paths) == 23
    etag = {"If-None-Match": f'"{world.revision}"'}
    assert {world.api.get(path, headers=etag).status for path in paths} == {304}
    world.api.patch(f"{world.path}/tasks/3", {"name": "x"}, base_revision=world.revision)
    changed = [world.api.get(path, headers=etag) for path in paths]
    assert {(answer.status, answer.revision) for answer in changed} == {(200, world.revision)}


@pytest.mark.parametrize("etag", ['W/"{}"', '"1", "{}"'])
def test_a_weak_or_one_of_several_etags_is_as_good(world: World, etag: str) -> None:
    assert world.api.get(world.path, headers={"If-None-Match": etag.format(world.revision)}).status == 304


def test_a_304_has_no_body(world: World) -> None:
    answer = world.api.get(world.path, headers={"If-None-Match": f'"{world.revision}"'})
    assert (answer.body, answer.revision) == (b"", world.revision)


def test_a_project_tells_its_settings_and_how_much_it_holds(world: World) -> None:
    said = world.api.get(world.path).json
    assert (said["id"], said["revision"], said["settings"]["name"]) == (world.project, world.revision, "Tower")
    counts = {"calendars": 2, "tasks": 3, "links": 2, "resources": 1, "assignments": 1, "baselines": 2, "risks": 1}
    assert said["counts"] == counts


def add_tasks(world: World, *rows: dict[str, Any]) -> None:
    made = [{"op": "create", "kind": "task", "uid": row.pop("uid"), "values": row} for row in rows]
    answer = world.api.post(f"{world.path}/commands", {"operations": made}, base_revision=world.revision)
    assert answer.status == 200, answer.body


def test_tasks_come_in_outline_order_over_all_pages(world: World) -> None:
    add_tasks(world, {"uid": 9, "parent_uid": 1}, {"uid": 8, "parent_uid": 1, "position": 0.5}, {"uid": 7})
    found = pages(world.api, f"{world.path}/tasks", limit=2)
    assert [[task["uid"] for task in page] for page in found] == [[1, 8], [9, 2], [3, 7]]


def test_a_page_goes_on_after_the_last_of_the_page_before_wherever_that_is_now(world: World) -> None:
    add_tasks(world, {"uid": 4}, {"uid": 5})
    first = world.api.get(f"{world.path}/tasks", limit=2).json
    add_tasks(world, {"uid": 6, "position": 0.5})
    second = world.api.get(f"{world.path}/tasks", limit=9, cursor=first["next"]).json
    assert [task["uid"] for task in second["items"]] == [3, 4, 5]
    assert second["revision"] == first["revision"] + 1


def test_a_page_goes_on_where_it_was_when_the_last_task_of_the_page_before_is_gone(world: World) -> None:
    first = world.api.get(f"{world.path}/tasks", limit=2).json
    world.api.delete(f"{world.path}/tasks/2", base_revision=world.revision)
    assert world.api.get(f"{world.path}/tasks", cursor=first["next"]).status == 200


def test_a_cursor_is_good_for_its_own_list_only(world: World) -> None:
    cursor = world.api.get(f"{world.path}/tasks", limit=1).json["next"]
    other = world.api.post("/v1/projects", {"name": "B", "start": "2026-01-04T08:00:00"}).headers["location"]
    for path in (f"{world.path}/links", f"{other}/tasks", f"{world.path}/schedule"):
        answer = world.api.get(path, cursor=cursor)
        assert (answer.status, answer.json["place"]) == (422, "cursor")


@pytest.mark.parametrize("cursor", ["x", "!!!!", "bnVsbA", "WyJhIl0", "é"])
def test_a_cursor_that_was_made_up_is_refused(world: World, cursor: str) -> None:
    assert world.api.get(f"{world.path}/tasks", cursor=cursor).json["place"] == "cursor"


def test_the_list_of_projects_has_pages_too(world: World) -> None:
    for number in range(3):
        world.api.post("/v1/projects", {"name": f"P{number}", "start": "2026-01-04T08:00:00"})
    found = pages(world.api, "/v1/projects", limit=2)
    assert sorted(card["name"] for page in found for card in page) == ["P0", "P1", "P2", "Tower"]
    assert max(map(len, found)) == 2


def test_people_see_the_projects_they_are_members_of_with_their_role_there(world: World) -> None:
    world.api.post("/v1/projects", {"name": "Other", "start": "2026-01-04T08:00:00"})
    [card] = world.api.as_(PLANNER).get("/v1/projects").json["items"]
    assert (card["project"], card["role"]) == (world.project, "planner")


def test_the_schedule_says_dates_slack_and_what_drives_each_task(world: World) -> None:
    add_tasks(world, {"uid": 4, "name": "Fence"})
    said = world.api.get(f"{world.path}/schedule").json
    assert said["revision"] == world.revision
    start, finish = "2026-01-04T08:00:00", "2026-01-06T17:00:00"
    assert said["project"] == {"start": start, "finish": finish, "status_date": start}
    by_uid = {task["uid"]: task for task in said["tasks"]}
    assert (by_uid[2]["start"], by_uid[2]["driver"], by_uid[2]["critical"]) == ("2026-01-05T08:00:00", 1, True)
    assert (by_uid[4]["total_slack_minutes"], by_uid[4]["critical"]) == (960, False)


def test_the_schedule_can_be_read_a_page_at_a_time(world: World) -> None:
    first = world.api.get(f"{world.path}/schedule", limit=2).json
    second = world.api.get(f"{world.path}/schedule", limit=2, cursor=first["next"]).json
    assert [task["uid"] for task in (*first["tasks"], *second["tasks"])] == [1, 2, 3]
    assert second["next"] is None


def test_events_follow_each_other_to_the_head(world: World) -> None:
    first = world.api.get(f"{world.path}/events", after=0, limit=1).json
    assert ([event["revision"] for event in first["events"]], first["head"], first["complete"]) == ([1], 2, False)
    rest = world.api.get(f"{world.path}/events", after=1).json
    assert ([event["revision"] for event in rest["events"]], rest["complete"], rest["reload"]) == ([2], True, False)
    assert world.api.get(f"{world.path}/events", after=2).json == {
        "events": [],
        "head": 2,
        "complete": True,
        "reload": False,
    }


def test_an_event_too_large_to_send_asks_for_a_reload_and_is_never_skipped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(str(event)) for event in world.api.get(f"{world.path}/events", after=0).json["events"]]
    monkeypatch.setattr(events, "MAX_ANSWER_BYTES", min(sizes) + 200)
    assert sizes[1] > sizes[0] + 200
    first = world.api.get(f"{world.path}/events", after=0).json
    assert ([event["revision"] for event in first["events"]], first["complete"], first["reload"]) == ([1], False, False)
    second = world.api.get(f"{world.path}/events", after=1).json
    assert (second["events"], second["complete"], second["reload"]) == ([], False, True)


def test_members_are_listed_with_their_roles_and_let_in_and_out(world: World) -> None:
    listed = {member["user"]: member["role"] for member in world.api.get(f"{world.path}/members").json["items"]}
    assert listed.items() >= {"rahim": "planner", "salma": "member", "nadia": "viewer"}.items()
    assert world.api.delete(f"{world.path}/members/salma").status == 204
    assert world.api.as_(MEMBER).get(world.path).status == 404


def test_somebody_who_is_not_of_the_tenant_cannot_be_let_in(world: World) -> None:
    assert world.api.put(f"{world.path}/members/nobody", {"role": "viewer"}).status == 404


def test_a_ticket_is_for_the_caller_and_good_for_less_than_a_minute(world: World) -> None:
    said = world.api.as_(MEMBER).post("/v1/ws-ticket").json
    assert (said["url"], said["expires_in"]) == ("wss://sockets.example/live", LIFE_S)
    assert world.container.tickets.burn(said["ticket"], world.container.now()) == MEMBER


def test_who_is_calling(api: Client) -> None:
    assert api.get("/v1/me").json == {"tenant": "padma", "user": "karim", "name": "করিম", "role": Role.OWNER}


def test_jobs_are_listed_newest_first_and_can_be_cancelled(world: World) -> None:
    asked = [world.api.post(f"{world.path}/exports", {"format": name}).json["id"] for name in ("pdf", "xlsx", "json")]
    found = pages(world.api, f"{world.path}/jobs", limit=2)
    assert [job["id"] for page in found for job in page] == asked[::-1]
    cancelled = world.api.post(f"/v1/jobs/{asked[0]}/cancel")
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    assert world.api.get(f"/v1/jobs/{asked[0]}").json["state"] == "cancelled"


def test_the_same_key_asks_for_one_job(world: World) -> None:
    key = {"Idempotency-Key": "pdf-1"}
    first, second = (world.api.post(f"{world.path}/exports", {"format": "pdf"}, headers=key) for _ in range(2))
    assert (first.status, second.headers["location"]) == (202, first.headers["location"])
    other = world.api.post(f"{world.path}/exports", {"format": "xlsx"}, headers=key)
    assert (other.status, other.json["code"]) == (422, "command-reused")


def test_an_upload_is_signed_for_one_object_one_name_and_one_size(world: World) -> None:
    said = world.api.post(f"{world.path}/imports", {"name": "পরিকল্পনা.xml"}).json
    fields = said["upload"]["fields"]
    assert fields["key"] == f"tenants/padma/imports/{world.project}/{said['id']}"
    assert fields["x-amz-meta-name"].isascii()
    assert said["upload"]["max_bytes"] == 64 * 1024 * 1024


def test_a_format_that_is_not_written_is_refused(world: World) -> None:
    answer = world.api.post(f"{world.path}/exports", {"format": "docx"})
    assert (answer.status, answer.json["place"]) == (422, "format")
