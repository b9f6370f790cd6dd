"""Locks as clients meet them, and many at once on one table."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from nirman.aws.locks import DynamoLockStore
from nirman.aws.plan_log import DynamoPlanLog
from nirman.aws.rooms import DynamoRooms
from nirman.collaboration import locks as rules
from nirman.collaboration.lock_book import LockBook
from nirman.collaboration.locks import Claimant, Target
from nirman.collaboration.ports import LIFE, Connection
from nirman.errors import ConflictError, LockedError, LockLostError
from nirman.planlog.pauses import jittered
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, LockClaim, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.stack.test_rooms import Site, Socket, connected, play, renaming, site
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.stack
__all__ = ["site"]

NAME = Target(Kind.TASK, 1, "name")
PLACE = {"kind": "task", "uid": 1, "field": "name"}
MANY = 16


class Table:
    """A site's locks and log, as one function after the other would reach them."""

    def __init__(self, site: Site) -> None:
        deployed = site.stack.deployed
        self.key = ProjectKey(site.owner.principal.tenant, site.project)
        self._dynamodb, self._s3 = deployed.client("dynamodb"), deployed.client("s3")
        self._outputs = deployed.outputs
        self._pauses = partial(
            jittered, sleep=time.sleep, random=random.random, monotonic=time.monotonic, first_s=0.02, give_up_after_s=60
        )

    def book(self) -> LockBook:
        connections, plans = self._outputs["ConnectionsTable"], self._outputs["PlanTable"]
        store = DynamoLockStore(self._dynamodb, table=connections, plan_table=plans)
        return LockBook(store, now=lambda: datetime.now(UTC), pauses=self._pauses)

    def plans(self) -> PlanService:
        outputs = self._outputs
        log = DynamoPlanLog(
            self._dynamodb,
            self._s3,
            table=outputs["PlanTable"],
            bucket=outputs["PlanBucket"],
            locks_table=outputs["ConnectionsTable"],
        )
        return PlanService(log, now=lambda: datetime.now(UTC), pauses=self._pauses, locks=self.book())


def claimant(number: int) -> Claimant:
    return Claimant(f"user-{number}", f"User {number}", f"socket-{number}")


def all_at_once(work: Callable[[int], Any], count: int = MANY) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_of_many_who_ask_at_once_exactly_one_has_it(site: Site) -> None:
    table = Table(site)

    def ask(number: int) -> bool:
        try:
            table.book().change(table.key, lambda locks, now: rules.acquire(locks, NAME, claimant(number), now))
        except LockedError:
            return False
        return True

    assert all_at_once(ask).count(True) == 1
    assert len(table.book().read(table.key).held) == 1


def test_everybody_in_line_has_it_once_and_nobody_beside_another(site: Site) -> None:
    table = Table(site)
    had: list[int] = []

    def stand_in_line(number: int) -> None:
        book, who = table.book(), claimant(number)
        locks = book.change(table.key, lambda locks, now: rules.acquire(locks, NAME, who, now, wait=True)).locks
        while who.connection not in [lock.connection for lock in locks.held]:
            time.sleep(0.1)
            locks = book.change(table.key, lambda locks, now: rules.beat(locks, who.connection, now)).locks
        had.append(locks.held[0].token or 0)
        before = list(had)
        time.sleep(0.01)
        assert had == before
        book.change(table.key, lambda locks, now: rules.release(locks, NAME, who, now))

    all_at_once(stand_in_line, 5)
    assert had == sorted(set(had))
    assert len(had) == 5
    left = table.book().read(table.key)
    assert (left.held, left.waiting) == ((), ())


def test_writers_who_rob_each_other_never_write_under_a_lost_lock(site: Site) -> None:
    """Each writes the token it holds: in the log, no token comes after a higher one.

    In the first turn all have taken over before any writes, so all but the last are refused.
    """
    table = Table(site)
    head = table.plans().head(table.key)
    refused: list[str] = []
    robbers = 4
    all_have_robbed = threading.Barrier(robbers, timeout=WAIT_S)

    def rob_and_write(number: int, *, turns: int = 5, beside_others: bool = True) -> None:
        choose = random.Random(number)
        book, plans, who = table.book(), table.plans(), claimant(number)
        access = Access(table.key, Principal(table.key.tenant, who.user, who.name, Role.PLANNER), Role.PLANNER)
        plans.read(table.key)
        for turn in range(turns):
            time.sleep(choose.uniform(0, 0.3))
            step = book.change(table.key, lambda locks, now: rules.take_over(locks, NAME, who, now, reason="mine"))
            [mine] = [lock for lock in step.locks.held if lock.connection == who.connection]
            if turn == 0 and beside_others:
                all_have_robbed.wait()
            claims = (LockClaim(NAME.kind, NAME.uid, mine.token or 0, NAME.field),)
            for write in range(4):
                operation = Update(Kind.TASK, 1, {"name": f"{mine.token}"})
                command_id = f"{number}-{turn}-{write}"
                try:
                    plans.commit(access, Command(command_id, plans.head(table.key), (operation,), claims))
                except (LockLostError, ConflictError) as refusal:
                    # It conflicts where the robber has written already: that is found before the locks are asked.
                    assert who.connection not in [lock.connection for lock in book.read(table.key).held]
                    refused.append(type(refusal).__name__)
                    break

    rob_and_write(robbers, turns=1, beside_others=False)
    all_at_once(rob_and_write, robbers)
    events = table.plans().events(table.key, after=head, limit=500).events
    tokens = [int(change.fields["name"][1]) for event in events for change in event.changes]
    assert tokens == sorted(tokens)
    assert len(set(tokens)) > 1
    assert len(refused) >= robbers - 1
    print(f"{len(events)} commits by {len(set(tokens))} locks in turn, refused: {Counter(refused)}")


async def lock(socket: Socket, site: Site, **more: Any) -> dict[str, Any]:
    return await socket.say(type="lock", project=site.project, **PLACE, **more)


async def edit(socket: Socket, site: Site, base: int, token: int | None = None) -> dict[str, Any]:
    command = renaming(base, 1, f"under {token} at {base}")
    if token is not None:
        command["locks"] = [PLACE | {"token": token}]
    return await socket.say(type="edit", project=site.project, command=command)


async def changed(socket: Socket, change: str) -> dict[str, Any]:
    return await socket.next(lambda heard: heard["type"] == "locking" and heard["change"] == change)


async def given(socket: Socket) -> dict[str, Any]:
    return await socket.next(lambda heard: heard["type"] == "lease" and heard["id"] is None)


def test_a_lock_goes_from_hand_to_hand_and_edits_follow_it(site: Site) -> None:
    planner, member = site.member("planner"), site.member("planner")

    async def story() -> None:
        async with connected(site.owner) as owner, connected(planner) as one:
            await owner.join(site.project, 2)
            await one.join(site.project, 2)
            first = await lock(one, site)
            seen = await changed(owner, "locked")
            assert (seen["lock"]["user"], seen["revision"]) == (planner.principal.user, first["token"])
            assert (await edit(owner, site, 2))["code"] == "locked"
            assert (await edit(one, site, 2, first["token"]))["revision"] == 3
            async with connected(member) as two:
                await two.join(site.project, 3)
                assert (await lock(two, site))["code"] == "locked"
                assert (await lock(two, site, wait=True))["position"] == 1
                assert (await changed(owner, "waiting"))["lock"]["waiting"] == [member.principal.user]
                # Given back: it comes to whoever waits.
                await one.say(type="unlock", project=site.project, **PLACE)
                second = await given(two)
                assert second["token"] > first["token"]
                assert (await edit(one, site, 3, first["token"]))["code"] == "lock-lost"
                assert (await edit(two, site, 3, second["token"]))["revision"] == 4
                assert (await lock(one, site, wait=True))["position"] == 1
            # Its socket is closed: it comes to whoever waits.
            third = await given(one)
            assert [own["token"] for own in (await one.say(type="beat", project=site.project))["locks"]] == [
                third["token"]
            ]
            taken = await owner.say(type="take_over", project=site.project, reason="ঢালাই আজ", **PLACE)
            robbed = await changed(one, "taken_over")
            assert (robbed["by"], robbed["reason"]) == (site.owner.principal.user, "ঢালাই আজ")
            assert (await edit(one, site, 4, third["token"]))["code"] == "lock-lost"
            assert (await edit(owner, site, 4, taken["token"]))["revision"] == 5
            listed = await asyncio.to_thread(site.owner.get, f"/projects/{site.project}/locks")
            assert [held["user"] for held in listed["locks"]] == [site.owner.principal.user]
            assert [record["holders"] for record in listed["taken_over"]] == [[planner.principal.user]]

    play(story)


def test_an_edit_by_rest_meets_the_lock_of_a_socket(site: Site) -> None:
    planner = site.member("planner")
    path = f"/projects/{site.project}/tasks/1"

    async def story() -> None:
        async with connected(planner) as socket:
            await socket.join(site.project, 2)
            await lock(socket, site)
            refused = await asyncio.to_thread(
                site.owner.http.patch, path, json={"name": "Raft"}, params={"base_revision": 2}
            )
            assert (refused.status_code, refused.json()["code"]) == (423, "locked")
            assert (await asyncio.to_thread(planner.patch, path, {"name": "ভিত্তি"}, base_revision=2))["revision"] == 3
            by_rest = await asyncio.to_thread(
                site.owner.post, f"/projects/{site.project}/locks", {"kind": "task", "uid": 2}
            )
            assert (await changed(socket, "locked"))["revision"] <= by_rest["token"]

    play(story)


def test_a_holder_who_is_gone_without_a_word_is_found_by_the_next_commit(site: Site) -> None:
    """A connection that the gateway does not know, as is left behind when its `$disconnect` was lost."""
    table = Table(site)
    deployed = site.stack.deployed
    rooms = DynamoRooms(deployed.client("dynamodb"), deployed.outputs["ConnectionsTable"])
    now = datetime.now(UTC)
    ghost = Connection("bm9ib2R5LWVsc2U=", Principal(table.key.tenant, "ghost", "Ghost", Role.OWNER), now + LIFE)
    who = Claimant("ghost", "Ghost", ghost.id)

    async def story() -> None:
        async with connected(site.owner) as owner:
            await owner.join(site.project, 2)
            rooms.open(ghost)
            rooms.join(ghost, table.key, now=now)
            table.book().change(table.key, lambda locks, now: rules.acquire(locks, NAME, who, now))
            listed = await asyncio.to_thread(site.owner.get, f"/projects/{site.project}/locks")
            assert [held["user"] for held in listed["locks"]] == ["ghost"]
            await asyncio.to_thread(site.rename, 2, 2, "another task")
            assert (await changed(owner, "unlocked"))["lock"]["user"] == "ghost"
            assert (await lock(owner, site))["token"]

    play(story)
