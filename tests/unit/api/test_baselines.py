"""Baselines and earned value through the HTTP API."""

from __future__ import annotations

import pytest

from tests.support.http import Answer
from tests.support.world import World


def change(world: World, *operations: object) -> Answer:
    answer = world.api.post(f"{world.path}/commands", {"operations": operations}, base_revision=world.revision)
    assert answer.status == 200, answer.body
    return answer


def update(kind: str, uid: int, **values: object) -> dict[str, object]:
    return {"op": "update", "kind": kind, "uid": uid, "values": values}


def take(world: World, uid: int, **body: object) -> Answer:
    answer = world.api.put(f"{world.path}/baselines/{uid}", body, headers={"If-Match": f'"{world.revision}"'})
    assert answer.status == 200, answer.body
    return answer


def test_a_baseline_is_taken_as_one_revision_and_its_answer_is_short(world: World) -> None:
    before = world.revision
    answer = take(world, 7, name="অনুমোদিত", taken_at="2026-01-02T10:00:00")
    assert (answer.json["revision"], answer.json["abridged"], answer.json["changes"]) == (before + 1, True, [])
    [event] = world.api.get(f"{world.path}/events", after=before).json["events"]
    assert [(fact["kind"], fact["uid"], fact["op"]) for fact in event["changes"]] == [("baseline", 7, "created")]
    items = world.api.get(f"{world.path}/baselines").json["items"]
    assert [item["uid"] for item in items] == [0, 1, 7]
    assert (items[2]["name"], items[2]["taken_at"], items[2]["tasks"]) == ("অনুমোদিত", "2026-01-02T10:00:00", 3)


def test_variance_of_the_plan_and_of_each_task(world: World) -> None:
    change(world, update("task", 1, duration_minutes=1440, fixed_cost="500"))
    page = world.api.get(f"{world.path}/baselines/0").json
    plan = {"start_minutes": 0, "finish_minutes": 960, "work_minutes": 960, "cost": "500.00"}
    assert page["baseline"]["variance"] == plan
    assert [(one["uid"], one["start_minutes"], one["finish_minutes"]) for one in page["items"]] == [
        (1, 0, 960),
        (2, 960, 960),
        (3, 960, 960),
    ]
    assert page["items"][0]["cost"] == "500.00"


def test_its_tasks_come_in_pages(world: World) -> None:
    first = world.api.get(f"{world.path}/baselines/0", limit=2).json
    rest = world.api.get(f"{world.path}/baselines/0", limit=2, cursor=first["next"]).json
    assert [one["uid"] for one in (*first["items"], *rest["items"])] == [1, 2, 3]
    assert rest["next"] is None
    assert world.api.get(f"{world.path}/baselines/1", cursor=first["next"]).status == 422


def test_a_cleared_baseline_is_gone_and_a_deleted_tasks_is_named(world: World) -> None:
    change(world, {"op": "delete", "kind": "task", "uid": 2})
    [zero, _] = world.api.get(f"{world.path}/baselines").json["items"]
    assert (zero["tasks"], zero["gone"]) == (2, [2])
    cleared = world.api.delete(f"{world.path}/baselines/0", base_revision=world.revision)
    assert (cleared.status, cleared.json["abridged"]) == (200, True)
    assert world.api.get(f"{world.path}/baselines/0").status == 404
    assert world.api.delete(f"{world.path}/baselines/0", base_revision=world.revision).status == 404


def test_there_are_eleven_baselines(world: World) -> None:
    assert world.api.get(f"{world.path}/baselines/11").status == 422
    assert world.api.put(f"{world.path}/baselines/11", {}, base_revision=world.revision).status == 422


def test_no_baseline_is_written_by_hand(world: World) -> None:
    write = {"op": "create", "kind": "baseline", "uid": 3, "values": {"tasks": []}}
    answer = world.api.post(f"{world.path}/commands", {"operations": [write]}, base_revision=world.revision)
    assert (answer.status, answer.json["place"]) == (422, "operations[0].kind")
    assert world.api.post(f"{world.path}/baselines", {}, base_revision=world.revision).status == 405


def test_earned_value_of_the_project_its_tasks_and_over_time(world: World) -> None:
    tasks = [update("task", uid, fixed_cost="1000") for uid in (1, 2, 3)]
    change(world, *tasks, {"op": "take_baseline"})
    progress = {"actual_start": "2026-01-04T08:00:00", "percent_complete": 50, "actual_cost": "700"}
    change(world, update("task", 1, **progress), update("project", 0, status_date="2026-01-04T17:00:00"))
    found = world.api.get(f"{world.path}/earned-value", period="day", limit=2).json
    project = found["project"]
    assert [project[name] for name in ("bac", "pv", "ev", "ac")] == ["3000.00", "1000.00", "500.00", "700.00"]
    assert (project["spi"], project["sv"], project["eac"]) == (0.5, "-500.00", "4200.00")
    assert found["schedule"]["earned"] == 0.5
    assert found["schedule"]["estimate_at_completion"] == 6
    assert (found["finish"], found["currency"], found["baseline"]) == ("2026-01-11T17:00:00", "BDT", 0)
    assert [(task["uid"], task["figures"]["ev"]) for task in found["tasks"]] == [(1, "500.00"), (2, "0.00")]
    first = found["series"][0]
    assert (first["start"], first["planned_value"]) == ("2026-01-04", {"amount": "1000.00", "total": "1000.00"})
    assert (first["actual_cost"]["total"], first["earned_value"]["total"]) == ("700.00", "500.00")
    assert found["series"][-1]["actual_cost"] is None
    rest = world.api.get(f"{world.path}/earned-value", period="day", limit=2, cursor=found["next"]).json
    assert [task["uid"] for task in rest["tasks"]] == [3]


@pytest.mark.parametrize(
    ("without", "place"),
    [
        (update("project", 0, status_date=None), "project.status_date"),
        ({"op": "delete", "kind": "baseline", "uid": 0}, "baseline"),
    ],
)
def test_what_is_missing_to_measure_is_said(world: World, without: dict[str, object], place: str) -> None:
    change(world, without)
    answer = world.api.get(f"{world.path}/earned-value")
    assert (answer.status, answer.json["place"]) == (422, place)


def test_cash_flow_needs_neither_baseline_nor_status_date(world: World) -> None:
    clear = [{"op": "delete", "kind": "baseline", "uid": uid} for uid in (0, 1)]
    change(world, *clear, update("project", 0, status_date=None), update("task", 3, fixed_cost="90.5"))
    found = world.api.get(f"{world.path}/cash-flow").json
    money = {"amount": "90.50", "total": "90.50"}
    [month] = found["series"]
    assert (month["start"], month["end"], month["forecast"]) == ("2026-01-01", "2026-02-01", money)
    assert month["planned_value"] is month["actual_cost"] is month["earned_value"] is None


def test_nothing_is_computed_again_for_who_has_it(world: World) -> None:
    for path in ("baselines", "baselines/0", "earned-value", "cash-flow"):
        etag = world.api.get(f"{world.path}/{path}").headers["etag"]
        assert world.api.get(f"{world.path}/{path}", headers={"If-None-Match": etag}).status == 304
