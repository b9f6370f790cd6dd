"""A levelling of the demo building through the whole stack: the room sees it run, and its result become a revision."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from nirman.demo import demo_plan
from nirman.interchange import write_plan
from nirman.planning.schedule import schedule_plan
from tests.stack.conftest import Person, Stack
from tests.stack.test_documents import finished, run, upload
from tests.stack.test_rooms import connected, play
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

MEMBERS = ("planner", "viewer")


class Building:
    """The demo building as a project of an owner, with a planner and a viewer; and a person of another tenant."""

    def __init__(self, stack: Stack) -> None:
        self.owner = stack.person("karnaphuli", "owner")
        self.planner, self.viewer = (stack.person("karnaphuli", role) for role in MEMBERS)
        self.rival = stack.person("surma", "owner")
        made = self.owner.post("/projects", {"name": "Dhanmondi", "start": "2027-01-03T08:00:00"})
        self.project = made["project"]
        self.path = f"/projects/{self.project}"
        plan = demo_plan()
        import_id, sent = upload(self.owner, self.project, "demo.json", write_plan(plan, schedule_plan(plan), "json"))
        assert sent.is_success
        done = run(self.owner, self.project, import_id, dry_run=False, base_revision=1)
        assert done["state"] == "succeeded", done
        for person, role in zip((self.planner, self.viewer), MEMBERS, strict=True):
            member = f"{self.path}/members/{person.account.user}"
            self.owner.http.put(member, json={"role": role}).raise_for_status()

    @property
    def revision(self) -> int:
        return int(self.owner.get(self.path)["revision"])

    def ask(self, who: Person, kind: str = "level", **options: Any) -> httpx.Response:
        return who.http.post(f"{self.path}/optimizations", json={"kind": kind, "options": options})

    def apply(self, who: Person, job: str, **body: Any) -> httpx.Response:
        return who.http.post(f"{self.path}/optimizations/{job}/apply", json=body)


@pytest.fixture(scope="module")
def building(stack: Stack) -> Building:
    return Building(stack)


def test_a_levelling_is_seen_by_the_room_while_it_runs_and_applied_for_everybody(building: Building) -> None:
    async def story() -> None:
        before = building.revision
        async with connected(building.viewer) as socket:
            await socket.join(building.project, before)
            for time_limit_s in (5, 20, 60):  # on a machine that stands still, only the end of a short one is heard
                asked = await asyncio.to_thread(building.ask, building.planner, time_limit_s=time_limit_s)
                assert asked.status_code == 202, asked.text
                job_id = asked.json()["id"]

                def about(heard: dict[str, Any], job_id: str = job_id) -> bool:
                    return heard["type"] == "job" and heard["job"] == job_id

                running = await socket.next(lambda heard: about(heard) and (heard["headway"] or {}).get("finish"))
                if running["state"] == "running":
                    break
            assert running["state"] == "running"
            assert 0 < running["progress"] < 100
            assert running["headway"]["bound"] <= running["headway"]["finish"]
            await socket.next(lambda heard: about(heard) and heard["state"] == "succeeded")
            job = await asyncio.to_thread(building.viewer.get, f"/jobs/{job_id}")
            assert job["result"]["revision"] == before
            assert job["result"]["moved"]

            applied = await asyncio.to_thread(building.apply, building.planner, job_id)
            assert applied.status_code == 200, applied.text
            event = await socket.event(before + 1)
            assert event["previous"] == before

        revision, finish = applied.json()["revision"], applied.json()["project_finish"]
        assert (revision, finish) == (before + 1, job["result"]["finish"])
        for person in (building.owner, building.planner, building.viewer):
            shown = await asyncio.to_thread(person.get, f"{building.path}/schedule", limit=1)
            assert (shown["revision"], shown["project"]["finish"]) == (revision, finish)
        left = await asyncio.to_thread(building.viewer.get, f"{building.path}/conflicts")
        assert left["count"] == len(job["result"]["unresolved"])

        again = await asyncio.to_thread(building.apply, building.owner, job_id)
        assert (again.json()["revision"], again.json()["repeated"], building.revision) == (revision, True, revision)

    play(story)


def test_a_cancelled_levelling_stops_soon_keeps_its_best_answer_and_leaves_the_plan_alone(building: Building) -> None:
    before = building.revision
    job_id = building.ask(building.planner, time_limit_s=60, within_slack=True).json()["id"]
    eventually(lambda: building.owner.get(f"/jobs/{job_id}"), lambda job: job["headway"])
    cancelled = building.planner.post(f"/jobs/{job_id}/cancel")
    assert cancelled["state"] == "cancelled"
    kept = eventually(lambda: building.owner.get(f"/jobs/{job_id}"), lambda job: job["result"])
    assert (kept["state"], kept["result"]["cut_short"]) == ("cancelled", "cancelled")
    assert building.revision == before


def test_who_may_not_edit_asks_for_nothing_and_applies_nothing(building: Building) -> None:
    before = building.revision
    job_id = building.ask(building.planner, time_limit_s=1).json()["id"]
    assert finished(building.planner, job_id)["state"] == "succeeded"
    for who, status in ((building.viewer, 403), (building.rival, 404)):
        assert building.ask(who).status_code == status
        assert building.apply(who, job_id).status_code == status
        assert who.http.post(f"/jobs/{job_id}/cancel").status_code == status
    assert building.rival.http.get(f"/jobs/{job_id}").status_code == 404
    assert building.rival.http.get(f"{building.path}/conflicts").status_code == 404
    assert building.revision == before
