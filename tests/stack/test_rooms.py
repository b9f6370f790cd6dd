"""Rooms as clients meet them: real sockets, real stream, IAM enforced."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from nirman.aws.rooms import DynamoRooms
from nirman.collaboration.dialing import WebSocket, dial
from nirman.collaboration.messages import MAX_FRAME_BYTES
from nirman.collaboration.ports import LIFE, Connection
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.stack.conftest import Person, Stack
from tests.support.sample_messages import about
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack


class Socket:
    """One connection; what comes in is kept until it is asked for by its type."""

    def __init__(self, web_socket: WebSocket) -> None:
        self._socket = web_socket
        self._ids = itertools.count(1)
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> dict[str, Any]:
        """The answer to the message."""
        message_id = str(next(self._ids))
        await self._socket.send(msgspec.json.encode({"id": message_id, **message}).decode())
        return await self.next(lambda heard: heard.get("id") == message_id)

    async def say_raw(self, text: str) -> dict[str, Any]:
        await self._socket.send(text)
        return await self.next(lambda heard: heard["type"] == "error")

    async def join(self, project: str, revision: int | None = None) -> dict[str, Any]:
        return await self.say(type="join", project=project, revision=revision)

    async def rename(self, project: str, base: int, uid: int, name: str) -> dict[str, Any]:
        return await self.say(type="edit", project=project, command=renaming(base, uid, name))

    async def event(self, revision: int) -> dict[str, Any]:
        return await self.next(lambda heard: heard["type"] == "event" and heard["revision"] == revision)

    async def presence(self, change: str, user: str) -> dict[str, Any]:
        return await self.next(
            lambda heard: (heard["type"], heard.get("change"), heard.get("user")) == ("presence", change, user)
        )

    async def next(self, wanted: Callable[[dict[str, Any]], bool], *, within_s: float = WAIT_S) -> dict[str, Any]:
        async with asyncio.timeout(within_s):
            while not (found := next((heard for heard in self.heard if wanted(heard)), None)):
                self._hear(await self._socket.receive())
        self.heard.remove(found)
        return found

    async def silent(self, seconds: float = 1.0) -> list[dict[str, Any]]:
        """Whatever comes within that time, with what came before."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._hear(await self._socket.receive())
        except TimeoutError:
            return self.heard

    def _hear(self, data: str | bytes) -> None:
        """Several events or changes of presence in one frame are heard one by one."""
        message = msgspec.json.decode(data)
        several = {"events": "events", "presences": "changes"}
        self.heard += message[several[message["type"]]] if message["type"] in several else [message]


@asynccontextmanager
async def connected(person: Person) -> AsyncIterator[Socket]:
    async with dial(person.deployed.socket_url, lambda: asyncio.to_thread(person.ticket)) as web_socket:
        yield Socket(web_socket)


def renaming(base: int, uid: int, name: str, command_id: str = "") -> dict[str, Any]:
    operation = {"op": "update", "kind": "task", "uid": uid, "values": {"name": name}}
    return {"command_id": command_id or uuid4().hex, "base_revision": base, "operations": [operation]}


@dataclass
class Site:
    """A tenant with an owner and one project of three tasks, at revision 2."""

    stack: Stack
    owner: Person
    project: str

    def member(self, role: str) -> Person:
        person = self.stack.person(self.owner.principal.tenant, role)
        path = f"/projects/{self.project}/members/{person.principal.user}"
        self.owner.http.put(path, json={"role": role}).raise_for_status()
        return person

    def commit(self, base: int, operations: list[dict[str, Any]]) -> dict[str, Any]:
        return self.owner.post(f"/projects/{self.project}/commands", {"operations": operations}, base_revision=base)

    def rename(self, base: int, uid: int, name: str) -> dict[str, Any]:
        return self.commit(base, [{"op": "update", "kind": "task", "uid": uid, "values": {"name": name}}])


_tenants = itertools.count(1)


@pytest.fixture
def site(stack: Stack) -> Site:
    owner = stack.person(f"rooms-{next(_tenants)}", "owner")
    project = owner.post("/projects", {"name": "টাওয়ার", "start": "2026-11-22T08:00:00"})["project"]
    made = Site(stack, owner, project)
    tasks = [{"op": "create", "kind": "task", "uid": uid, "values": {"name": f"Task {uid}"}} for uid in (1, 2, 3)]
    made.commit(1, tasks)
    return made


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 5 * WAIT_S))  # type: ignore[arg-type]


def test_an_edit_on_one_socket_is_acknowledged_there_and_seen_on_another(site: Site) -> None:
    planner = site.member("planner")

    async def story() -> None:
        async with connected(planner) as one, connected(site.owner) as other:
            assert (await one.join(site.project, 2))["head"] == 2
            await other.join(site.project, 2)
            ack = await one.rename(site.project, 2, 1, "পাইলিং")
            assert (ack["type"], ack["revision"], ack["merged"], ack["repeated"]) == ("ack", 3, False, False)
            for socket in (one, other):
                event = await socket.event(3)
                assert event["previous"] == 2
                assert event["event"]["changes"][0]["fields"]["name"] == ["Task 1", "পাইলিং"]
                assert event["event"]["user"] == planner.principal.user

    play(story)


def test_a_change_by_rest_reaches_the_room_as_the_event_of_its_revision(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            await socket.join(site.project, 2)
            operation = {"op": "update", "kind": "task", "uid": 2, "values": {"duration_minutes": 4800}}
            answer = await asyncio.to_thread(site.commit, 2, [operation])
            event = await socket.event(answer["revision"])
            assert event["event"]["changes"] == answer["changes"]
            assert event["event"]["moved"] == answer["moved"] != []

    play(story)


def test_whoever_was_away_gets_what_was_missed_in_order(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            await socket.join(site.project, 2)
            await socket.say(type="leave", project=site.project)
            for revision in range(2, 6):
                await asyncio.to_thread(site.rename, revision, 1, f"away {revision}")
            assert [heard for heard in await socket.silent() if heard["type"] == "event"] == []
            answer = await socket.join(site.project, 2)
        assert (answer["type"], answer["recovered"], answer["more"]) == ("joined", True, False)
        assert [event["revision"] for event in answer["events"]] == [3, 4, 5, 6]
        async with connected(site.owner) as socket:
            answer = await socket.join(site.project, 5)
            assert [event["revision"] for event in answer["events"]] == [6]

    play(story)


def test_a_revision_of_the_future_and_none_at_all(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            answer = await socket.join(site.project, 99)
            assert (answer["type"], answer["head"]) == ("reload", 2)
            answer = await socket.join(site.project)
            assert (answer["type"], answer["head"], answer["recovered"], answer["events"]) == ("joined", 2, False, [])
            await asyncio.to_thread(site.rename, 2, 1, "after")
            await socket.event(3)

    play(story)


def test_people_see_each_other_come_and_go(site: Site) -> None:
    planner = site.member("planner")

    async def story() -> None:
        async with connected(site.owner) as socket:
            await socket.join(site.project)
            async with connected(planner) as other:
                answer = await other.join(site.project)
                assert {person["user"] for person in answer["presence"]} == {
                    site.owner.principal.user,
                    planner.principal.user,
                }
                joined = await socket.presence("joined", planner.principal.user)
                assert joined["name"] == planner.principal.name
            await socket.presence("left", planner.principal.user)

    play(story)


def test_a_gone_connection_is_removed_by_the_next_commit_and_no_other_is(site: Site) -> None:
    """A connection that the gateway does not know, as is left behind when its `$disconnect` was lost."""
    rooms = DynamoRooms(site.stack.deployed.client("dynamodb"), site.stack.deployed.outputs["ConnectionsTable"])
    key = ProjectKey(site.owner.principal.tenant, site.project)
    now = datetime.now(UTC)
    ghost = Connection("bm9ib2R5", Principal(key.tenant, "ghost", "Ghost", Role.OWNER), now + LIFE)

    async def story() -> None:
        async with connected(site.owner) as one, connected(site.owner) as other:
            await one.join(site.project, 2)
            await other.join(site.project, 2)
            rooms.open(ghost)
            rooms.join(ghost, key, now=now)
            assert len(rooms.occupants(key, now=now)) == 3
            ack = await one.rename(site.project, 2, 1, "পাইলিং")
            assert ack["revision"] == 3
            for socket in (one, other):
                await socket.event(3)
                await socket.presence("left", "ghost")
            assert len(rooms.occupants(key, now=now)) == 2
            with pytest.raises(UnauthenticatedError):
                rooms.connection(ghost.id, now=now)
            assert (await one.say(type="ping", project=site.project))["head"] == 3
            await one.rename(site.project, 3, 1, "again")
            await other.event(4)

    play(story)


def test_strangers_learn_and_change_nothing_by_any_message(site: Site) -> None:
    tenant = site.owner.principal.tenant
    rival = site.stack.person(f"{tenant}-rival", "owner")
    outsider = site.stack.person(tenant, "planner")
    unheard_of = about("no-such-project", 2)

    async def story() -> None:
        async with connected(site.owner) as inside, connected(rival) as one, connected(outsider) as two:
            await inside.join(site.project, 2)
            for socket in (one, two):
                for kind, message in about(site.project, 2).items():
                    answer = await socket.say(type=kind, **message)
                    unknown = await socket.say(type=kind, **unheard_of[kind])
                    if kind == "leave":
                        assert answer["type"] == unknown["type"] == "left"
                    else:
                        assert (answer["type"], answer["code"]) == ("error", "not-found")
                        assert answer["text"].replace(site.project, "*") == unknown["text"].replace(
                            "no-such-project", "*"
                        )
            await asyncio.to_thread(site.rename, 2, 1, "inside only")
            await inside.event(3)
            assert await one.silent() == await two.silent() == inside.heard == []

    play(story)


def test_a_viewer_sees_but_changes_nothing_and_a_member_reports_progress_only(site: Site) -> None:
    viewer, member = site.member("viewer"), site.member("member")

    async def story() -> None:
        async with connected(viewer) as watching, connected(member) as working:
            assert (await watching.join(site.project, 0))["head"] == 2
            for socket in (watching, working):
                assert (await socket.rename(site.project, 2, 1, "no"))["code"] == "forbidden"
            operation = {"op": "update", "kind": "task", "uid": 1, "values": {"percent_complete": 40}}
            command = {"command_id": "progress", "base_revision": 2, "operations": [operation]}
            assert (await working.say(type="edit", project=site.project, command=command))["revision"] == 3
            await watching.event(3)

    play(story)


def test_whoever_is_shut_out_while_in_the_room_gets_nothing_more(site: Site) -> None:
    planner = site.member("planner")

    async def story() -> None:
        async with connected(site.owner) as inside, connected(planner) as out:
            await inside.join(site.project, 2)
            await out.join(site.project, 2)
            await out.say(type="join", room="user")  # or the socket would have nothing to live for
            path = f"/projects/{site.project}/members/{planner.principal.user}"
            (await asyncio.to_thread(site.owner.http.delete, path)).raise_for_status()
            await asyncio.to_thread(site.rename, 2, 1, "secret")
            await inside.event(3)
            assert {heard["type"] for heard in await out.silent()} == {"left", "note"}
            assert (await out.rename(site.project, 2, 1, "no"))["code"] == "not-found"

    play(story)


def test_a_conflict_and_a_repeated_command_over_the_socket(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            command = renaming(2, 1, "first", "once")
            first = await socket.say(type="edit", project=site.project, command=command)
            again = await socket.say(type="edit", project=site.project, command=command)
            assert (first["revision"], again["revision"], again["repeated"]) == (3, 3, True)
            answer = await socket.rename(site.project, 2, 1, "second")
            assert (answer["code"], answer["details"]["head"]) == ("conflict", 3)
            [conflict] = answer["details"]["conflicts"]
            assert (conflict["base"], conflict["yours"], conflict["theirs"]) == ("Task 1", "second", "first")
            merged = await socket.rename(site.project, 2, 2, "other task")
            assert (merged["revision"], merged["merged"]) == (4, True)

    play(story)


def test_an_event_too_large_for_a_frame_is_announced_and_fetched(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            await socket.join(site.project, 2)
            name = "ন" * 400
            tasks = [{"op": "create", "kind": "task", "values": {"name": name}} for _ in range(60)]
            await asyncio.to_thread(site.commit, 2, tasks)
            event = await socket.event(3)
            assert (event["fetch"], event["previous"]) == (True, 2)
            assert "event" not in event
            answer = await socket.join(site.project, 2)
            assert [(missed["revision"], missed["fetch"]) for missed in answer["events"]] == [(3, True)]
        page = site.owner.get(f"/projects/{site.project}/events", after=2, limit=1)
        assert len(msgspec.json.encode(page)) > MAX_FRAME_BYTES
        assert page["events"][0]["revision"] == 3
        assert len(page["events"][0]["changes"]) == 60

    play(story)


def test_the_progress_of_a_job_reaches_the_room(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket:
            await socket.join(site.project, 2)
            job = await asyncio.to_thread(site.owner.post, f"/projects/{site.project}/exports", {"format": "json"})
            done = await socket.next(lambda heard: heard["type"] == "job" and heard["state"] == "succeeded")
            assert (done["job"], done["kind"], done["progress"]) == (job["id"], "export", 100)
            assert {heard["job"] for heard in socket.heard} <= {job["id"]}

    play(story)


def test_an_ill_formed_message_gets_a_typed_error_and_the_socket_goes_on(site: Site) -> None:
    async def story() -> None:
        async with connected(site.owner) as socket, connected(site.owner) as other:
            await other.join(site.project, 2)
            await socket.join(site.project, 2)
            for text, place in (
                ("nonsense", ""),
                ('{"type":"shout","id":"x"}', "type"),
                ('{"type":"join","id":"x","project":7}', "project"),
                ('{"type":"edit","id":"x","project":"p","command":{}}', "command"),
            ):
                answer = await socket.say_raw(text)
                assert (answer["code"], answer["details"]["place"]) == ("invalid", place)
            large = await socket.say_raw('{"type":"ping","id":"' + "x" * 70_000 + '"}')
            assert large["code"] == "limit-exceeded"
            assert (await socket.say(type="ping"))["type"] == "pong"
            assert await other.silent(0.5) == []

    play(story)


def test_a_used_and_a_made_up_ticket_open_nothing(site: Site) -> None:
    ticket = site.owner.ticket()

    async def story() -> None:
        async def same() -> str:
            return ticket

        async def made_up() -> str:
            return "x" * 43

        async with dial(site.owner.deployed.socket_url, same) as web_socket:
            assert (await Socket(web_socket).say(type="ping"))["type"] == "pong"
        for refused in (same, made_up):
            with pytest.raises(ConnectionError):
                async with dial(site.owner.deployed.socket_url, refused):
                    pass

    play(story)
