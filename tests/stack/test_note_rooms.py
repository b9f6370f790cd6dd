"""The rooms of people and of tenants as clients meet them: real sockets, real stream, IAM enforced."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from nirman.local import people
from nirman.tenancy.directory import Person as Listed
from nirman.tenancy.identity import Role
from tests.stack.conftest import Person, Stack
from tests.stack.test_rooms import Site, Socket, connected, play
from tests.support.waiting import eventually_said

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def site(stack: Stack) -> Site:
    owner = stack.person("note-rooms", "owner")
    project = owner.post("/projects", {"name": "টাওয়ার", "start": "2026-11-22T08:00:00"})["project"]
    return Site(stack, owner, project)


async def enter(socket: Socket, room: str, revision: int | None = None) -> dict[str, Any]:
    return await socket.say(type="join", room=room, revision=revision)


async def note(socket: Socket, room: str, revision: int) -> dict[str, Any]:
    return await socket.next(
        lambda heard: (heard["type"], heard.get("room"), heard.get("revision")) == ("note", room, revision)
    )


async def call(method: Any, *arguments: Any, **options: Any) -> Any:
    return await asyncio.to_thread(lambda: method(*arguments, **options))


def test_a_person_hears_of_each_change_of_their_membership_and_catches_up_later(site: Site) -> None:
    viewer = site.stack.person("note-rooms", "viewer")
    path = f"/projects/{site.project}/members/{viewer.principal.user}"

    async def story() -> None:
        async with connected(viewer) as socket:
            assert (await enter(socket, "user"))["head"] == 0
            (await call(site.owner.http.put, path, json={"role": "viewer"})).raise_for_status()
            said = await note(socket, "user", 1)
            assert (said["previous"], said["note"]["project"], said["note"]["role"]) == (0, site.project, "viewer")
            assert (await socket.join(site.project, 1))["type"] == "joined"
            (await call(site.owner.http.delete, path)).raise_for_status()
            left = await socket.next(lambda heard: heard["type"] == "left")
            assert (left["id"], left["project"]) == (None, site.project)
            assert (await note(socket, "user", 2))["note"].get("role") is None
            assert (await socket.join(site.project, 1))["code"] == "not-found"
        async with connected(viewer) as socket:
            joined = await enter(socket, "user", 1)
            assert [one["revision"] for one in joined["notes"]] == [2]
            assert (await enter(socket, "user", 9))["type"] == "reload"

    play(story)
    listed = viewer.get("/realtime/notes", room="user", after=0)
    assert [one["revision"] for one in listed["notes"]] == [1, 2]


def test_revoking_a_member_closes_the_socket_that_is_in_no_other_room(site: Site) -> None:
    planner = site.member("planner")

    async def story() -> None:
        async with connected(planner) as theirs, connected(site.owner) as mine:
            await mine.join(site.project, 1)
            await theirs.join(site.project, 1)
            await mine.presence("joined", planner.principal.user)
            path = f"/projects/{site.project}/members/{planner.principal.user}"
            (await call(site.owner.http.delete, path)).raise_for_status()
            with pytest.raises(ConnectionError):
                await theirs.next(lambda _: False)
            await mine.presence("left", planner.principal.user)

    play(story)


def test_an_admins_word_and_a_commits_card_reach_the_dashboard(site: Site) -> None:
    outsider = site.stack.person("note-rooms", "viewer")
    stranger = site.stack.person("note-rooms-rival", "owner")

    async def story() -> None:
        async with connected(site.owner) as owner, connected(outsider) as other, connected(stranger) as rival:
            for socket in (owner, other, rival):
                assert (await enter(socket, "tenant", 0))["type"] == "joined"
            task = [{"op": "create", "kind": "task", "values": {"name": "পাইলিং"}}]
            head = (await call(site.commit, 1, task))["revision"]
            card = await owner.next(lambda heard: heard["type"] == "card")
            assert (card["project"], card["revision"], card["name"]) == (site.project, head, "টাওয়ার")
            pong = await owner.say(type="ping", room="tenant")
            listed = (await call(site.owner.get, "/projects"))["items"]
            lines = "".join(f"{one['project']} {one['revision']}\n" for one in listed)
            assert pong["cards"] == hashlib.sha256(lines.encode()).hexdigest()[:16]
            text = "আগামীকাল কাজ বন্ধ"
            made = await call(site.owner.post, "/realtime/notifications/system", {"text": text})
            for socket in (owner, other):
                assert (await note(socket, "tenant", made["revision"]))["note"]["text"] == text
            assert await rival.silent() == []
            assert [heard for heard in await other.silent() if heard["type"] == "card"] == []
            here = {site.owner.principal.user, outsider.principal.user}
            # Sockets of the test before may still be about to be missed.
            await eventually_said(
                lambda: call(outsider.get, "/realtime/users/online"),
                lambda online: {one["user"] for one in online["items"]} == here,
            )
            await owner.join(site.project)
            await eventually_said(
                lambda: call(site.owner.get, "/realtime/collaborations/active"),
                lambda active: [(one["project"], one["present"]) for one in active["items"]] == [(site.project, 1)],
            )

    play(story)


def test_the_contract_needs_no_token(site: Site) -> None:
    anybody = site.stack.anonymous()
    document = anybody.get("/realtime/asyncapi.json")
    assert (document.status_code, document.json()["asyncapi"]) == (200, "3.0.0")
    assert anybody.get("/realtime/schemas/join.json").json()["title"] == "Join"
    assert anybody.get("/realtime/status").status_code == 401


def test_an_admin_demoted_while_the_socket_is_open_gets_nothing_more(site: Site) -> None:
    admin: Person = site.stack.person("note-rooms", "admin")

    async def story() -> None:
        async with connected(admin) as socket, connected(site.owner) as mine:
            for one in (socket, mine):
                await one.join(site.project)
            demoted = Listed(admin.principal.user, admin.principal.name, admin.account.email, Role.VIEWER)
            await call(people.directory(site.stack.deployed).put_user, "note-rooms", demoted)
            base = (await mine.say(type="ping", project=site.project))["head"]
            task = [{"op": "create", "kind": "task", "values": {"name": "ছাদ"}}]
            head = (await call(site.commit, base, task))["revision"]
            await mine.event(head)
            assert [heard for heard in await socket.silent() if heard["type"] == "event"] == []
            assert (await socket.join(site.project))["code"] == "not-found"

    play(story)
