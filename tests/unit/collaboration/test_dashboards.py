from __future__ import annotations

from nirman.collaboration.messages import CardMessage
from nirman.tenancy.identity import ProjectKey, Role
from tests.fakes.rooms import KEY, Stage, event

BRIDGE = ProjectKey("dhaka", "bridge")


def watching(stage: Stage, connection: str, user: str, role: Role = Role.PLANNER, key: ProjectKey | None = KEY) -> None:
    stage.connect(connection, user, role, key)
    stage.say(connection, type="join", room="tenant")


def cards(stage: Stage, connection: str) -> list[tuple[str, int]]:
    heard = stage.sockets.heard(connection)
    assert all(isinstance(card, CardMessage) for card in heard)
    return [(card.project, card.revision) for card in heard if isinstance(card, CardMessage)]


def test_of_several_commits_at_once_only_the_last_has_a_card(stage: Stage) -> None:
    watching(stage, "a", "amina")
    stage.dashboards.send([event(4), event(2), event(4), event(3, project_finish="2027-01-01T17:00:00")])
    assert cards(stage, "a") == [("tower", 4)]


def test_a_card_shows_how_the_project_is(stage: Stage) -> None:
    watching(stage, "a", "amina")
    stage.dashboards.send([event(3, project_finish="2027-01-01T17:00:00")])
    at = "2026-11-01T09:00:00.000+00:00"
    assert stage.sockets.heard("a") == [CardMessage("tower", 3, "Tower", "2027-01-01T17:00:00", at, "Amina")]


def test_a_deleted_project_is_said_to_be(stage: Stage) -> None:
    watching(stage, "a", "amina")
    stage.dashboards.send([event(3), event(4, type="project.deleted")])
    [card] = stage.sockets.heard("a")
    assert isinstance(card, CardMessage)
    assert card.deleted


def test_nobody_gets_a_card_of_a_project_they_may_not_see(stage: Stage) -> None:
    watching(stage, "a", "amina")
    watching(stage, "b", "bashir", key=BRIDGE)
    watching(stage, "o", "omar", Role.OWNER, key=None)
    watching(stage, "n", "nadia", key=None)
    watching(stage, "k", "kamal", Role.OWNER, key=ProjectKey("khulna", "tower"))
    stage.dashboards.send([event(3), event(7, BRIDGE)])
    assert cards(stage, "a") == [("tower", 3)]
    assert cards(stage, "b") == [("bridge", 7)]
    assert sorted(cards(stage, "o")) == [("bridge", 7), ("tower", 3)]
    assert cards(stage, "n") == cards(stage, "k") == []


def test_whoever_is_shut_out_or_demoted_while_watching_gets_no_more_cards(stage: Stage) -> None:
    watching(stage, "a", "amina")
    watching(stage, "o", "omar", Role.ADMIN, key=None)
    stage.dashboards.send([event(3)])
    del stage.directory.granted[KEY]["amina"]
    stage.directory.listed["omar"] = Role.PLANNER
    stage.dashboards.send([event(4)])
    assert cards(stage, "a") == cards(stage, "o") == [("tower", 3)]


def test_who_is_only_in_the_project_gets_no_card(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.join("a")
    stage.dashboards.send([event(3)])
    assert stage.sockets.tried == []
