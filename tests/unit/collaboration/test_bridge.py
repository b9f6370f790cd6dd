from __future__ import annotations

import pytest

from nirman.errors import ForbiddenError
from nirman.tenancy.identity import ProjectKey, Role, TenantKey
from tests.fakes.rooms import KEY, Stage, person

BRIDGE = ProjectKey("dhaka", "bridge")


@pytest.mark.parametrize("role", [Role.PLANNER, Role.MEMBER, Role.VIEWER])
def test_only_owners_and_admins_speak_to_everybody(stage: Stage, role: Role) -> None:
    with pytest.raises(ForbiddenError):
        stage.bridge.announce(person("amina", role), "No work tomorrow", key="k")
    assert stage.notes.log == {}


def test_an_admins_word_is_a_note_in_the_room_of_their_tenant(stage: Stage) -> None:
    told = stage.bridge.announce(person("omar", Role.ADMIN), "কাল কাজ বন্ধ", key="k")
    assert (told.room, told.revision, told.note.kind, told.note.text, told.note.by) == (
        "tenant",
        1,
        "system",
        "কাল কাজ বন্ধ",
        "Omar",
    )
    assert [note.text for note in stage.notes.log[TenantKey("dhaka")]] == ["কাল কাজ বন্ধ"]


def test_the_same_key_of_the_same_person_says_it_once(stage: Stage) -> None:
    for user in ("omar", "omar", "olga"):
        stage.bridge.announce(person(user, Role.OWNER), "কাল কাজ বন্ধ", key="k")
    assert [note.by for note in stage.notes.log[TenantKey("dhaka")]] == ["Omar", "Olga"]


def test_people_online_are_grouped_with_the_projects_that_the_asker_may_see(stage: Stage) -> None:
    for key in (KEY, BRIDGE):
        for user in ("amina", "bashir"):
            stage.directory.grant(key, user)
    for connection, user, project in (("b1", "bashir", "tower"), ("b2", "bashir", "bridge"), ("a", "amina", "bridge")):
        stage.connect(connection, user, key=None)
        stage.join(connection, project=project)
    stage.connect("v", "vasanti", Role.VIEWER)
    stage.connect("k", "kamal", key=ProjectKey("khulna", "jetty"))

    def online(user: str, role: Role = Role.PLANNER) -> list[tuple[str, str, int, tuple[str, ...]]]:
        people, after = stage.bridge.online(person(user, role), limit=50, after=None)
        assert after is None
        return [(one.user, one.name, one.connections, one.projects) for one in people]

    assert online("omar", Role.OWNER) == [
        ("amina", "Amina", 1, ("bridge",)),
        ("bashir", "Bashir", 2, ("bridge", "tower")),
        ("vasanti", "Vasanti", 1, ()),
    ]
    assert online("vasanti") == [
        ("amina", "Amina", 1, ()),
        ("bashir", "Bashir", 2, ("tower",)),
        ("vasanti", "Vasanti", 1, ()),
    ]


def test_pages_of_people_follow_one_another(stage: Stage) -> None:
    for user in ("amina", "bashir", "chitra"):
        stage.connect(user[0], user)
    seen, after = [], None
    while True:
        people, after = stage.bridge.online(person("amina"), limit=2, after=after)
        seen += [one.user for one in people]
        if after is None:
            break
    assert seen == ["amina", "bashir", "chitra"]


def test_active_projects_are_those_with_people_in_them_that_the_asker_may_see(stage: Stage) -> None:
    for key, connection, user in (
        (KEY, "a", "amina"),
        (KEY, "a2", "amina"),
        (KEY, "b", "bashir"),
        (BRIDGE, "c", "chitra"),
    ):
        stage.connect(connection, user, key=key)
        stage.join(connection, project=key.project)
    stage.directory.grant(ProjectKey("dhaka", "empty"), "amina")
    stage.say("b", type="lock", project="tower", kind="task", uid=1)

    def active(user: str, role: Role = Role.PLANNER) -> list[tuple[str, list[str], int, int]]:
        projects, cursor = stage.bridge.active(person(user, role), limit=50, cursor=None)
        assert cursor is None
        return [(one.project, [who.user for who in one.people], one.present, one.locks) for one in projects]

    tower = ("tower", ["amina", "bashir"], 2, 1)
    assert active("amina") == [tower]
    assert active("omar", Role.OWNER) == [("bridge", ["chitra"], 1, 0), tower]
    assert active("nadia") == []


def test_who_is_in_a_project_but_may_not_see_it_any_more_does_not_count(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.join("a")
    del stage.directory.granted[KEY]["amina"]
    assert stage.bridge.active(person("omar", Role.OWNER), limit=50, cursor=None) == ((), None)
