"""The feeds and the search over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.languages import preferred
from nirman.activity.sentences import Language
from nirman.aws import keys
from tests.support.http import Client
from tests.support.read_models import feed, record
from tests.support.world import MEMBER, OWNER, PLANNER, RIVAL, STRANGER, World


@pytest.fixture
def office(world: World) -> World:
    """The world with its read models, and a second project that only the owner is in."""
    other = world.api.post("/v1/projects", {"name": "Bridge", "start": "2026-01-04T08:00:00"}).headers["location"]
    longer = {"duration_minutes": 960}
    renamed = world.api.as_(PLANNER).patch(f"{world.path}/tasks/1", longer, base_revision=2)
    assert renamed.status == 200, renamed.body
    for path in (world.path, other):
        pk = f"T#padma#P#{path.rpartition('/')[2]}"
        head = world.api.get(path).json["revision"]
        feed(world.container.projector, [record(pk, keys.event(head)), record(pk, keys.member("x"))])
    feed(world.container.projector, [record("T#padma", keys.user_card("x"))])
    return world


def texts(api: Client, path: str, **query: Any) -> list[str]:
    answer = api.get(path, **query)
    assert answer.status == 200, answer.body
    return [item["text"] for item in answer.json["items"]]


def test_the_feed_of_a_project_tells_sentences_and_facts_newest_first(office):
    answer = office.api.get(f"{office.path}/activity")
    assert [item["revision"] for item in answer.json["items"]] == [3, 2, 1]
    newest = answer.json["items"][0]
    assert newest["text"].startswith("Rahim changed the duration of “পাইল” from 1 day to 2 days; 3 tasks moved, finish")
    [fact] = [fact for fact in newest["facts"] if fact["kind"] == "task"]
    assert (fact["uid"], fact["name"], fact["fields"]["duration_minutes"]) == (1, "পাইল", [480, 960])
    assert newest["moved"] == 3


def test_the_language_is_the_one_asked_for(office):
    path = f"{office.path}/activity"
    assert texts(office.api, path, lang="bn")[0].startswith("Rahim “পাইল”-এর সময়কাল ১ থেকে ২ দিন করেছেন; ৩টি কাজ সরেছে")
    assert "করেছেন" in texts(office.api, path, headers={"Accept-Language": "bn-BD,bn;q=0.9,en;q=0.8"})[0]
    assert "changed" in texts(office.api, path, headers={"Accept-Language": "bn"}, lang="en")[0]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ENGLISH),
        ("fr-FR,bn;q=0.5,en;q=0.4", Language.BENGALI),
        ("en-GB,bn;q=0.9", Language.ENGLISH),
        ("bn;q=0, en;q=0.1", Language.ENGLISH),
        ("bn;q=much", Language.ENGLISH),
    ],
)
def test_the_heaviest_language_that_we_speak_is_taken(header, language):
    assert preferred(header) is language


def test_pages_follow_one_another_by_cursor(office):
    path, seen, cursor = f"{office.path}/activity", [], {}
    while True:
        page = office.api.get(path, limit=2, **cursor).json
        seen += [item["revision"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [3, 2, 1]


def test_a_cursor_is_good_for_its_own_list_only(office):
    cursor = office.api.get(f"{office.path}/activity", limit=1).json["next"]
    for query in ({}, {"person": "karim"}):
        answer = office.api.get("/v1/activity", cursor=cursor, **query)
        assert (answer.status, answer.json["place"]) == (422, "cursor")
    assert office.api.get(f"{office.path}/activity", cursor="nonsense").status == 422


def test_the_tenants_feed_has_what_the_reader_may_see(office):
    everything = texts(office.api, "/v1/activity")
    assert len(everything) == 4
    assert any("Bridge" in text for text in everything)
    assert texts(office.api.as_(PLANNER), "/v1/activity") == texts(office.api, f"{office.path}/activity")
    assert texts(office.api.as_(STRANGER), "/v1/activity") == []
    assert texts(office.api.as_(RIVAL), "/v1/activity") == []


def test_what_a_person_did_is_told_to_those_who_may_see_it(office):
    assert [text[:5] for text in texts(office.api, "/v1/activity", person="rahim")] == ["Rahim"]
    assert len(texts(office.api, "/v1/activity", person=OWNER.user)) == 3
    assert len(texts(office.api.as_(MEMBER), "/v1/activity", person=OWNER.user)) == 2
    assert texts(office.api.as_(RIVAL), "/v1/activity", person=OWNER.user) == []


def test_a_strangers_feed_of_a_project_is_not_there(office):
    assert office.api.as_(STRANGER).get(f"{office.path}/activity").status == 404


def test_search_over_http(office):
    hits = office.api.as_(PLANNER).get("/v1/search", q="কলাম").json["hits"]
    assert hits == []
    [hit] = office.api.as_(PLANNER).get("/v1/search", q="colum").json["hits"]
    assert (hit["kind"], hit["name"], hit["uid"], hit["project_name"]) == ("task", "Column", 3, "Tower")
    assert office.api.as_(PLANNER).get("/v1/search", q="bridge").json["hits"] == []
    assert [hit["kind"] for hit in office.api.get("/v1/search", q="bridge").json["hits"]] == ["project"]
    people = office.api.get("/v1/search", q="salma", kinds="person").json["hits"]
    assert [hit["user"] for hit in people] == ["salma"]


def test_search_in_a_project_that_is_not_the_seekers_is_not_found(office):
    assert office.api.as_(STRANGER).get("/v1/search", q="colum").json["hits"] == []
    assert office.api.as_(STRANGER).get("/v1/search", q="colum", project=office.project).status == 404
    assert office.api.get("/v1/search", q="", project=office.project).status == 422
