"""Messages a second through one broadcaster, beside a bare client that posts to the same endpoint.

    .venv/bin/python bench/broadcast.py [--connections N] [--rounds N] [--threads N]

A gateway in a process of its own answers every post with 200 after `--answer-ms` (what a post takes in a region; it
writes nothing). Both post the same frame to each of N connections with as many threads: the bare client is
botocore's `post_to_connection` in a thread pool and nothing else; the broadcaster is that of the function, with its
pauses, its order, its deadline and its membership check over a room in memory. Rounds alternate, so that both see the
same machine.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from nirman.aws.container import Container
from nirman.aws.settings import PosterSettings
from nirman.collaboration.fan_out import FanOut
from nirman.collaboration.frames import event_message
from nirman.collaboration.messages import encode
from nirman.collaboration.ports import LIFE, Occupant, Room, Span
from nirman.collaboration.posting import Posting
from nirman.planlog.pauses import jittered
from nirman.planning.events import Change, Event
from nirman.planning.model import Kind
from nirman.tenancy.identity import Principal, ProjectKey, Role

GATEWAY = """
import asyncio, sys

ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nContent-Type: application/json\\r\\n\\r\\n"

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            await asyncio.sleep(float(sys.argv[2]) / 1000)
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
pauses = partial(jittered, sleep=time.sleep, random=random.random, monotonic=time.monotonic, give_up_after_s=0.8)
KEY = ProjectKey("bench", "tower")


class OneRoom:
    """A room in memory, so that what is measured is the posting."""

    def __init__(self, connections: list[str]) -> None:
        now = datetime.now(UTC)
        self._occupants = tuple(_occupant(connection, now) for connection in connections)

    def some(
        self,
        _room: Room,
        _span: Span,
        *,
        limit: int | None,  # noqa: ARG002 - the port has it; here all is one part
        now: datetime,
    ) -> tuple[tuple[Occupant, ...], Span | None]:
        return tuple(occupant for occupant in self._occupants if occupant.expires > now), None


class Everybody:
    def viewers_among(self, _key: ProjectKey, people: Any) -> frozenset[Principal]:
        return frozenset(people)


def _occupant(connection: str, now: datetime) -> Occupant:
    who = Principal("bench", f"user-{connection}", "Somebody", Role.PLANNER)
    return Occupant(connection, who, since=now, expires=now + LIFE, present_until=now + LIFE)


def frame() -> bytes:
    """An edit of one field that moves a few tasks, as the floor's frames are about as long."""
    change = Change(Kind.TASK, 7, "updated", {"name": ("Piling", "পাইলিং")})
    plain = {"format": 1, "tenant": "bench", "project": "tower", "revision": 2, "type": "plan.changed"}
    plain |= {"command_id": "c", "user": "amina", "user_name": "Amina", "at": "2026-11-01T09:00:00.000+00:00"}
    plain |= {"previous_digest": "0" * 64, "changes": (change,), "moved": (), "moved_count": 0}
    return encode(event_message(Event(**plain)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int) -> None:
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def measure(connections: int, rounds: int, threads: int) -> tuple[list[float], list[float]]:
    """Messages a second of each round: of the bare client, of the broadcaster."""
    settings = PosterSettings(
        plan_table="", connections_table="", websocket_api_id="api", websocket_stage="live", websocket_url=""
    )
    container = Container(settings)
    names = [f"connection-{number}=" for number in range(connections)]
    data = frame()
    client = container.management
    posting = Posting(container.sockets, pauses=pauses, now=container.now, threads=threads)
    fan_out = FanOut(
        rooms=OneRoom(names),  # type: ignore[arg-type]
        directory=Everybody(),  # type: ignore[arg-type]
        posting=posting,
        now=container.now,
    )
    bare, ours = [], []
    with ThreadPoolExecutor(threads) as pool:
        for number in range(rounds + 1):
            began = time.perf_counter()
            list(pool.map(lambda name: client.post_to_connection(ConnectionId=name, Data=data), names))
            middle = time.perf_counter()
            posted = fan_out.send(KEY, [data], until=datetime.now(UTC) + timedelta(minutes=5))
            ended = time.perf_counter()
            if posted.delivered != connections:
                raise SystemExit(f"only {posted.delivered} of {connections} were delivered")
            if number:  # the first opens the connections
                bare.append(connections / (middle - began))
                ours.append(connections / (ended - middle))
    return bare, ours


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--connections", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--threads", type=int, default=16)
    options.add_argument("--answer-ms", type=float, default=5.0)
    chosen = options.parse_args(arguments)
    port = free_port()
    environment(port)
    command = [sys.executable, "-c", GATEWAY, str(port), str(chosen.answer_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as gateway:
        assert gateway.stdout is not None
        gateway.stdout.readline()
        try:
            bare, ours = measure(chosen.connections, chosen.rounds, chosen.threads)
        finally:
            gateway.terminate()
    shares = [own / other for own, other in zip(ours, bare, strict=True)]
    print(f"{chosen.connections} connections, {chosen.threads} threads, a post is answered after {chosen.answer_ms} ms")
    print(f"bare client   {statistics.median(bare):7.0f} messages a second")
    print(f"broadcaster   {statistics.median(ours):7.0f} messages a second")
    print(f"share         {100 * statistics.median(shares):7.0f} %  (each round: {_percents(shares)})")


def _percents(shares: list[float]) -> str:
    return " ".join(f"{100 * share:.0f}" for share in shares)


if __name__ == "__main__":
    main()
