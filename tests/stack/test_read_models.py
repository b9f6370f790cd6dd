"""From an edit on a socket to the feed and the search of others: real stream, real function, IAM enforced."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.cli.main import main
from nirman.local import rebuild as command
from tests.stack.conftest import Stack
from tests.stack.test_rooms import Site, connected, play, site
from tests.support.waiting import eventually, eventually_said

__all__ = ["site"]

pytestmark = pytest.mark.stack


def test_an_edit_on_a_socket_is_found_in_the_feed_and_by_searching_but_not_by_strangers(
    stack: Stack, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = site.owner.principal.tenant
    planner, stranger, rival = site.member("planner"), stack.person(tenant, "planner"), stack.person("rivals", "owner")

    async def story() -> None:
        async with connected(planner) as socket, connected(stranger) as other:
            assert (await socket.rename(site.project, 2, 1, "পাইল ক্যাপ ঢালাই ৭"))["revision"] == 3
            found = await eventually_said(
                lambda: socket.say(type="search", text="পাইল ঢালাই 7"), lambda found: found["hits"]
            )
            [hit] = found["hits"]
            assert (hit["kind"], hit["name"], hit["uid"]) == ("task", "পাইল ক্যাপ ঢালাই ৭", 1)
            assert (await other.say(type="search", text="পাইল ঢালাই 7"))["hits"] == []
            refused = await other.say(type="search", text="পাইল", project=site.project)
            assert (refused["type"], refused["code"]) == ("error", "not-found")

    play(story)

    def feed(reader: Any, path: str, **query: Any) -> list[str]:
        return [item["text"] for item in reader.get(path, **query)["items"]]

    path = f"/projects/{site.project}/activity"
    told = eventually(lambda: feed(site.owner, path, lang="bn"), lambda texts: len(texts) == 3)
    name = planner.principal.name
    assert told[0].startswith(f"{name} কাজ “Task 1”-এর নাম বদলে “পাইল ক্যাপ ঢালাই ৭” রেখেছেন")
    assert feed(planner, "/activity") == feed(planner, path)
    assert feed(planner, "/activity", person=planner.principal.user) == feed(planner, path)[:1]
    assert feed(stranger, "/activity") == feed(rival, "/activity") == []
    assert stranger.http.get(path).status_code == rival.http.get(path).status_code == 404
    query = {"q": "পাইল ক্যাপ"}
    assert len(site.owner.get("/search", **query)["hits"]) == 1
    assert stranger.get("/search", **query)["hits"] == rival.get("/search", **query)["hits"] == []
    people = eventually(lambda: site.owner.get("/search", q=name, kinds="person")["hits"], bool)
    assert people[0]["user"] == planner.principal.user

    there = (stack.deployed.outputs, stack.deployed.client("dynamodb"), stack.deployed.client("s3"))
    monkeypatch.setattr(command, "_here", lambda: there)
    assert main(["rebuild", "--tenant", tenant]) == 0
    assert feed(site.owner, path, lang="bn") == told
