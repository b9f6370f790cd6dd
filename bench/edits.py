"""From a REST edit to another person's socket, and what an edit costs the server, beside the bare floor.

    .venv/bin/python bench/edits.py [--floor FOLDER] [--edits N] [--tasks N ...] [--rooms N ...]

Starts a private emulator with IAM enforced, deploys the product with `sam deploy`, and deploys the floor (a folder with
the barest stack that does the same: one put, a stream, one post; default ../shared/floor) to the same emulator, so that
both are measured in one run on one machine. Without the floor the product's own figures are printed alone.
Last screen: from the REST call until the last socket of a room has the event, for rooms of so many sockets; all are
one person's, who is announced once. A socket that a frame did not reach finds that out by its next ping, as a client
does. The plan has 100 tasks. Tickets for the sockets are written to the table: how long they take, and opening and
joining, is in no figure.
Input: plans of bench/networks.py of 1,000 and 10,000 tasks; each edit changes the duration of another task.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from httpx import Client

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.networks import building
from nirman.aws.plan_log import DynamoPlanLog
from nirman.aws.tickets import DynamoTicketStore
from nirman.collaboration.client import PING_EVERY_S, RoomClient
from nirman.collaboration.dialing import WebSocket, dial
from nirman.collaboration.messages import Burst, EventMessage, Join, Joined, Ping, Pong, decode_server, encode
from nirman.local import people
from nirman.local.client import http_client
from nirman.local.emulator import Emulator, environment, free_port
from nirman.local.people import Account
from nirman.local.places import Places
from nirman.local.stack import Stack, deploy
from nirman.planlog.pauses import jittered
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Replacement, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind, Plan
from nirman.tenancy.identity import Access, ProjectKey, Role
from nirman.tenancy.tickets import Tickets

CHECKOUT = Path(__file__).parents[1]
FLOOR = CHECKOUT.parent / "shared" / "floor"


def told(times_s: list[float]) -> str:
    ordered = sorted(times_s)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return f"p50 {1000 * statistics.median(ordered):7.1f}   p99 {1000 * p99:7.1f}"


@contextmanager
def running_stack() -> Iterator[tuple[Stack, Places]]:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ended from outside, it must still stop its emulator
    with tempfile.TemporaryDirectory() as home:
        places = Places(CHECKOUT, Path(home))
        cloud = Emulator(places, free_port())
        try:
            yield Stack(cloud.port, deploy(places, cloud.port)), places
        finally:
            cloud.stop()


def plan_service(stack: Stack) -> PlanService:
    """As a function has it, on the stack's own table and bucket."""
    log = DynamoPlanLog(
        stack.client("dynamodb"),
        stack.client("s3"),
        table=stack.outputs["PlanTable"],
        bucket=stack.outputs["PlanBucket"],
    )
    pauses = partial(jittered, sleep=time.sleep, random=lambda: 0.5, monotonic=time.monotonic)
    return PlanService(log, now=lambda: datetime.now(UTC), pauses=pauses)


def project_of(stack: Stack, owner: Account, count: int) -> tuple[str, Plan, int]:
    plan, name = building(count), f"bench-{count}"
    plans = plan_service(stack)
    plans.create(owner.principal, name, plan.project, tuple(plan.calendars.values()), command_id="create")
    access = Access(ProjectKey(owner.tenant, name), owner.principal, Role.OWNER)
    return name, plan, plans.replace(access, Replacement("import", 1, plan, "bench")).revision


def leaves(plan: Plan) -> list[int]:
    return [task.uid for task in plan.tasks.values() if task.parent_uid is not None]


async def edit_to_socket(stack: Stack, owner: Account, count: int, edits: int) -> tuple[list[float], list[float]]:
    """Seconds from the call until it is answered, and until another person's socket has the event."""
    name, plan, revision = project_of(stack, owner, count)
    client = http_client(stack, people.sign_in(stack, owner.email, owner.password))
    arrived: dict[int, float] = {}

    def seen(event: Event) -> None:
        arrived[event.revision] = time.perf_counter()

    async def ticket() -> str:
        return str((await asyncio.to_thread(client.post, "/ws-ticket")).json()["ticket"])

    async def load() -> int:
        return revision

    async def fetch(after: int) -> Event:  # frames of these edits are small unless very much moves
        params = {"after": after, "limit": 1}
        page = (await asyncio.to_thread(partial(client.get, f"/projects/{name}/events", params=params))).json()
        return msgspec.convert(page["events"][0], Event)

    room = RoomClient(project=name, dial=lambda: dial(stack.socket_url, ticket), load=load, fetch=fetch, apply=seen)
    running = asyncio.create_task(room.run())
    await asyncio.wait_for(room.joined.wait(), 60)
    calls, arrivals = [], []
    rows = leaves(plan)
    for number in range(edits + 3):
        uid = rows[(number * 37 + len(rows) // 2) % len(rows)]
        body = {"duration_minutes": 480 * (13 + number % 5)}
        began = time.perf_counter()
        answer = await asyncio.to_thread(
            partial(client.patch, f"/projects/{name}/tasks/{uid}", params={"base_revision": revision}, json=body)
        )
        ended = time.perf_counter()
        answer.raise_for_status()
        revision = answer.json()["revision"]
        async with asyncio.timeout(60):
            while revision not in arrived:
                await asyncio.sleep(0.0005)
        if number >= 3:  # the first find cold functions
            calls.append(ended - began)
            arrivals.append(arrived[revision] - began)
    running.cancel()
    return calls, arrivals


@dataclass
class Room:
    """A project's room with so many sockets in it; `revision` is that of the plan."""

    project: str
    rows: list[int]
    revision: int
    client: Client
    sockets: list[WebSocket]


@asynccontextmanager
async def filled_room(stack: Stack, owner: Account, sockets: int) -> AsyncIterator[Room]:
    plans = plan_service(stack)
    name, plan = f"room-{sockets}", building(100)
    plans.create(owner.principal, name, plan.project, tuple(plan.calendars.values()), command_id="create")
    access = Access(ProjectKey(owner.tenant, name), owner.principal, Role.OWNER)
    revision = plans.replace(access, Replacement("import", 1, plan, "bench")).revision
    client = http_client(stack, people.sign_in(stack, owner.email, owner.password))
    tickets = Tickets(DynamoTicketStore(stack.client("dynamodb"), stack.outputs["ConnectionsTable"]))

    async def ticket() -> str:
        return await asyncio.to_thread(tickets.issue, owner.principal, datetime.now(UTC))

    gate = asyncio.Semaphore(4)
    async with AsyncExitStack() as places:

        async def join() -> WebSocket:
            async with gate:
                opened = await _opened(places, stack, ticket)
                await opened.send(encode(Join(id="join", project=name, revision=revision)).decode())
                while not isinstance(decode_server(await opened.receive()), Joined):
                    pass
                return opened

        began = time.perf_counter()
        first = await join()
        joined = [first, *await asyncio.gather(*(join() for _ in range(sockets - 1)))]
        print(f"opened and joined  in {time.perf_counter() - began:.0f} s", flush=True)
        yield Room(name, leaves(plan), revision, client, joined)


async def last_screen(room: Room, edits: int) -> list[float]:
    """Seconds from the call until the last socket in the room has the event."""
    times = []
    for number in range(edits + 2):
        uid = room.rows[(number * 37 + len(room.rows) // 2) % len(room.rows)]
        patch = partial(
            room.client.patch,
            f"/projects/{room.project}/tasks/{uid}",
            params={"base_revision": room.revision},
            json={"duration_minutes": 480 * (13 + number % 5)},
        )
        hearing = [asyncio.create_task(_event_after(one, room.project, room.revision)) for one in room.sockets]
        began = time.perf_counter()
        answer = await asyncio.to_thread(patch)
        answer.raise_for_status()
        async with asyncio.timeout(120):
            await asyncio.gather(*hearing)
        if number >= 2:  # the first find cold functions
            times.append(time.perf_counter() - began)
        room.revision = answer.json()["revision"]
    return times


async def edit_to_last(stack: Stack, owner: Account, sockets: int, edits: int) -> list[float]:
    async with filled_room(stack, owner, sockets) as room:
        return await last_screen(room, edits)


async def _opened(places: AsyncExitStack, stack: Stack, ticket: Callable[[], Awaitable[str]]) -> WebSocket:
    """As a client does it: a socket that does not open within ten seconds (cold functions) is tried again."""
    for _ in range(5):
        with suppress(TimeoutError):
            return await places.enter_async_context(dial(stack.socket_url, ticket))
    raise TimeoutError("the stack opens no sockets")


async def _event_after(one: WebSocket, project: str, revision: int) -> None:
    """As a client does it: in silence it pings, and where the head is a later one it asks for what it missed."""
    while True:
        try:
            message = decode_server(await asyncio.wait_for(one.receive(), PING_EVERY_S))
        except TimeoutError:
            await one.send(encode(Ping(id="ping", project=project)).decode())
            continue
        match message:
            case EventMessage() | Burst() if message.revision > revision:
                return
            case Joined(events=[*_, last]) if last.revision > revision:
                return
            case Pong(head=int(head)) if head > revision:
                await one.send(encode(Join(id="join", project=project, revision=revision)).decode())
            case _:
                pass


def server_time(stack: Stack, owner: Account, count: int, edits: int) -> tuple[list[float], list[float]]:
    """Seconds a commit takes a warm function, and one that must read the plan first."""
    key = ProjectKey(owner.tenant, f"bench-{count}")
    access = Access(key, owner.principal, Role.OWNER)
    service = plan_service(stack)
    state = service.read(key)
    rows = leaves(state.plan)
    warm, cold = [], []
    for number in range(2 * edits):
        plans = service if number % 2 else plan_service(stack)
        change = Update(Kind.TASK, rows[(number * 41) % len(rows)], {"duration_minutes": 480 * (20 + number % 7)})
        base = service.read(key).revision
        if number % 2:
            _ = service.read(key).schedule
        began = time.perf_counter()
        plans.commit(access, Command(f"s{number}", base, (change,)))
        (warm if number % 2 else cold).append(time.perf_counter() - began)
    return warm, cold


def deploy_floor(stack: Stack, folder: Path, home: Path) -> dict[str, str]:
    """The environment in which the floor's own program finds it, on the same emulator."""
    tools = Path(sys.executable).parent
    home.mkdir()
    path = f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    env = environment(stack.port, PATH=path, SAM_CLI_TELEMETRY="0", __SAM_CLI_APP_DIR=str(home))
    sam = [sys.executable, "-m", "samcli", "deploy", "--template-file", str(folder / "template.yaml")]
    options = ["--stack-name", "floor", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--resolve-s3"]
    subprocess.run([*sam, *options, "--region", "us-east-1"], env=env, check=True, capture_output=True, cwd=home)
    return env


def floor(folder: Path, env: dict[str, str], sockets: int) -> str:
    """What the floor's own program prints for a room of so many."""
    program = [sys.executable, str(folder / "floor.py"), "floor", str(sockets)]
    return subprocess.run(program, env=env, check=True, capture_output=True, text=True).stdout


def second_socket_p50(report: str) -> float:
    [line] = [line for line in report.splitlines() if line.startswith("second socket")]
    return float(line.partition("p50")[2].split()[0])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--floor", type=Path, default=FLOOR)
    options.add_argument("--edits", type=int, default=60)
    options.add_argument("--tasks", type=int, nargs="*", default=[100, 1_000, 10_000])
    options.add_argument("--rooms", type=int, nargs="*", default=[2, 50, 1_000])
    chosen = options.parse_args()
    with running_stack() as (stack, places):
        owner = people.add(
            stack, tenant="bench", role=Role.OWNER, name="Owner", email="owner@bench.example", password="Nirman-bench-1"
        )
        people.subscribe(stack, "bench", people.FOR_LOAD)
        print("milliseconds; IAM enforced; second socket: from the REST call until the other person's socket has it")
        if (chosen.floor / "template.yaml").is_file():
            print("\nfloor (one put, a stream, one post)")
            bare = deploy_floor(stack, chosen.floor, places.home / "floor")
            report = floor(chosen.floor, bare, 2)
            print(report.rstrip())
            bare_ms = second_socket_p50(report)
        else:
            bare = bare_ms = None
            print(f"\nno floor at {chosen.floor}: Nirman's own figures alone")
        for count in chosen.tasks:
            calls, arrivals = asyncio.run(edit_to_socket(stack, owner, count, chosen.edits))
            print(f"\nNirman, {count} tasks")
            print(f"http call          {told(calls)}")
            beside = (
                "" if bare_ms is None else f"   p50 {1000 * statistics.median(arrivals) / bare_ms:.1f}x the floor's"
            )
            print(f"second socket      {told(arrivals)}{beside}")
            warm, cold = server_time(stack, owner, count, 8)
            print(f"commit, warm       {told(warm)}")
            print(f"commit, cold       {told(cold)}   (snapshot and tail read first)")
        for sockets in chosen.rooms:
            print(f"\nroom of {sockets} sockets, last screen")
            if bare is not None:
                print(f"floor              {floor(chosen.floor, bare, sockets).splitlines()[-1]}")
            times = asyncio.run(edit_to_last(stack, owner, sockets, chosen.edits if sockets < 100 else 10))
            print(f"Nirman             {told(times)}")


if __name__ == "__main__":
    main()
