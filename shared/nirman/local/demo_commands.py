"""`nirman demo plan | watch | edit`: what a client of the product does, over HTTP and a WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec

from nirman.collaboration.client import RoomClient
from nirman.collaboration.dialing import dial
from nirman.collaboration.messages import JobMessage, Presence, ServerMessage
from nirman.local.client import answer, http_client
from nirman.local.demo import Demo
from nirman.local.errors import LocalError
from nirman.local.people import Account, sign_in
from nirman.local.stack import Stack
from nirman.planning.events import Event

MINUTES_PER_DAY = 480
SHOWN = 12
"""Moved tasks that are listed; the rest are counted."""


def plan(stack: Stack, demo: Demo) -> None:
    """Signs in as the viewer and prints the schedule, critical tasks marked."""
    with _signed_in(stack, demo.viewer) as client:
        project = answer(client.get(f"/projects/{demo.project}"))
        schedule = answer(client.get(f"/projects/{demo.project}/schedule"))
        names = _names(client, demo.project)
    dates = schedule["project"]
    print(project["settings"]["name"])
    print(f"revision {schedule['revision']}, {dates['start'][:10]} to {dates['finish'][:10]}\n")
    print("   WBS       start       finish      slack  task")
    for task in schedule["tasks"]:
        mark = "*" if task["critical"] else " "
        indent = "  " * task["wbs"].count(".")
        slack = "" if task["summary"] else f"{task['total_slack_minutes'] / MINUTES_PER_DAY:.1f} d"
        print(
            f" {mark} {task['wbs']:<9} {task['start'][:10]}  {task['finish'][:10]}  {slack:>6} "
            f" {indent}{names[task['uid']]}"
        )
    leaves = [task for task in schedule["tasks"] if not task["summary"]]
    critical = sum(task["critical"] for task in leaves)
    print(f"\n{len(leaves)} tasks, {critical} of them critical (marked *).")


def watch(stack: Stack, demo: Demo, *, events: int | None = None) -> None:
    """Signs in as the viewer, joins the project's room and prints what happens, until stopped or after `events`."""
    with _signed_in(stack, demo.viewer) as client:
        asyncio.run(_watch(client, demo, events))


async def _watch(client: httpx.Client, demo: Demo, events: int | None) -> None:
    names = _names(client, demo.project)
    seen = 0
    enough = asyncio.Event()

    def show(event: Event) -> None:
        nonlocal seen
        for line in _told(event, names):
            print(line, flush=True)
        seen += 1
        if seen == events:
            enough.set()

    async def ticket() -> str:
        return str(_call(client, "POST", "/ws-ticket")["ticket"])

    async def load() -> int:
        return int(_call(client, "GET", f"/projects/{demo.project}")["revision"])

    async def fetch(after: int) -> Event:
        page = _call(client, "GET", f"/projects/{demo.project}/events?after={after}&limit=1")
        return msgspec.convert(page["events"][0], Event)

    address = _call(client, "POST", "/ws-ticket")["url"]
    room = RoomClient(
        project=demo.project, dial=lambda: dial(address, ticket), load=load, fetch=fetch, apply=show, notice=_greet
    )
    running = asyncio.create_task(room.run())
    joined = asyncio.create_task(room.joined.wait())
    stopped = asyncio.create_task(enough.wait())
    await asyncio.wait({running, joined}, return_when=asyncio.FIRST_COMPLETED)
    if joined.done():
        here = ", ".join(room.presence.values())
        print(f"in the room at revision {room.revision}; here: {here}. Ctrl-C to leave.", flush=True)
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (joined, stopped):
        task.cancel()
    if running.done():
        running.result()
    running.cancel()


def edit(stack: Stack, demo: Demo, *, uid: int | None = None, days: int = 1) -> None:
    """Signs in as the planner and makes a task (without `uid`: the first critical one not begun) longer."""
    with _signed_in(stack, demo.planner) as client:
        schedule = answer(client.get(f"/projects/{demo.project}/schedule"))
        uid = _first_critical(schedule) if uid is None else uid
        task = answer(client.get(f"/projects/{demo.project}/tasks/{uid}"))
        duration = task["duration_minutes"] + days * MINUTES_PER_DAY
        committed = answer(
            client.patch(
                f"/projects/{demo.project}/tasks/{uid}",
                params={"base_revision": schedule["revision"]},
                json={"duration_minutes": duration},
            )
        )
        names = _names(client, demo.project)
    print(f"{task['name']}: {task['duration_minutes'] / MINUTES_PER_DAY:g} d -> {duration / MINUTES_PER_DAY:g} d")
    print(
        f"revision {committed['revision']}, {committed['moved_count']} tasks moved, "
        f"the project now finishes {committed['project_finish'][:10]}"
    )
    for line in _moves(committed["moved"], committed["moved_count"], names):
        print(line)


def level(stack: Stack, demo: Demo, *, time_limit_s: float = 10, apply: bool = False) -> None:
    """Signs in as the planner, has the plan levelled, and prints how far it is and what came of it."""
    path = f"/projects/{demo.project}"
    with _signed_in(stack, demo.planner) as client:
        before = answer(client.get(f"{path}/conflicts"))
        print(f"revision {before['revision']} has {before['count']} conflicts of resources")
        asked = {"kind": "level", "options": {"time_limit_s": time_limit_s}}
        job = answer(client.post(f"{path}/optimizations", json=asked))
        told = ""
        while job["state"] in ("queued", "running"):
            time.sleep(0.5)
            job = answer(client.get(f"/jobs/{job['id']}"))
            if (line := _headway(job)) != told:
                print(line, flush=True)
                told = line
        if job["state"] != "succeeded":
            raise LocalError(f"the levelling {job['state']}: {(job['error'] or {}).get('text', '')}")
        result = job["result"]
        print(
            f"{len(result['moved'])} tasks move, {len(result['unresolved'])} conflicts stay; the project finishes "
            f"{result['finish'][:10]} instead of {result['finish_before'][:10]}; no levelled plan does before "
            f"{result['lower_bound_finish'][:10]}"
        )
        for note in result["notes"]:
            print(f"note: {note}")
        if apply and job["applicable"]:
            committed = answer(client.post(f"{path}/optimizations/{job['id']}/apply", json={}))
            print(f"revision {committed['revision']}, {committed['moved_count']} tasks moved")


def _headway(job: Mapping[str, Any]) -> str:
    found = job["headway"] or {}
    best = f", finish {found['finish'][:10]}" if found.get("finish") else ""
    bound = f", no sooner than {found['bound'][:10]}" if found.get("bound") else ""
    return f"  {job['state']}, {job['progress']} %{best}{bound}"


def _first_critical(schedule: Mapping[str, Any]) -> int:
    """The first critical task whose finish another critical one waits for, so that an edit has a visible effect."""
    critical = {task["uid"]: task for task in schedule["tasks"] if task["critical"] and not task["summary"]}
    for task in critical.values():
        driver = critical.get(task["driver"])
        if driver and not driver["milestone"] and driver["finish"] <= task["start"]:
            return int(driver["uid"])
    raise LocalError("no critical task drives another; name one with --task")


def _signed_in(stack: Stack, account: Account) -> httpx.Client:
    return http_client(stack, sign_in(stack, account.email, account.password))


def _call(client: httpx.Client, method: str, path: str) -> Any:
    """As `RoomClient` wants its collaborators: OSError when it is worth another try."""
    try:
        return answer(client.request(method, path))
    except httpx.TransportError as exc:
        raise ConnectionError(str(exc)) from exc


def _names(client: httpx.Client, project: str) -> dict[int, str]:
    return {task["uid"]: task["name"] for task in _tasks(client, project)}


def _tasks(client: httpx.Client, project: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = answer(client.get(f"/projects/{project}/tasks", params={"cursor": cursor} if cursor else {}))
        yield from page["items"]
        if not (cursor := page["next"]):
            return


def _greet(message: ServerMessage) -> None:
    if isinstance(message, Presence):
        print(f"  {message.name} {'came in' if message.change == 'joined' else 'left'}", flush=True)
    elif isinstance(message, JobMessage):
        job: Any = msgspec.to_builtins(message)
        print(f"  {message.kind}:{_headway(job)}", flush=True)


def _told(event: Event, names: Mapping[int, str]) -> Iterator[str]:
    yield f"revision {event.revision} by {event.user_name}:"
    for change in event.changes[:SHOWN]:
        values = "; ".join(f"{field}: {before} -> {after}" for field, (before, after) in change.fields.items())
        name = names.get(change.uid, change.uid) if change.kind == "task" else change.uid
        yield f"  {change.kind} {name} {change.op}: {values}"
    yield from _moves(msgspec.to_builtins(event.moved), event.moved_count, names)
    if event.project_finish:
        yield f"  the project finishes {event.project_finish[:10]}"


def _moves(moved: list[Mapping[str, Any]], count: int, names: Mapping[int, str]) -> Iterator[str]:
    for move in moved[:SHOWN]:
        finishes = [value[:10] if value else "-" for value in move["finish"]]
        yield f"  moved: {names.get(move['uid'], move['uid'])}, finish {finishes[0]} -> {finishes[1]}"
    if count > min(SHOWN, len(moved)):
        yield f"  and {count - min(SHOWN, len(moved))} more"
