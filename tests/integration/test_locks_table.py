"""Locks in the table, and commits that rest on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nirman.aws import keys
from nirman.aws.locks import DynamoLockStore
from nirman.aws.plan_log import DynamoPlanLog
from nirman.collaboration import locks as rules
from nirman.collaboration.lock_book import LockBook, LocksChangedError, Stored, TakenOver
from nirman.collaboration.locks import Claimant, Locks, Target
from nirman.errors import LockedError, LockLostError
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Delete, LockClaim, Replacement, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.builders.plans import make_link, make_plan
from tests.support.faults import three_tries

KEY = ProjectKey("padma", "tower")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NAME = Target(Kind.TASK, 1, "name")
AMINA, BASHIR = Claimant("amina", "আমিনা", "c1"), Claimant("bashir", "Bashir", "c2")
RENAME = Update(Kind.TASK, 1, {"name": "Piling"})


class Stealing(LockBook):
    """Somebody takes the lock over between the check and the write, as often as `times` says."""

    times = 0

    def permit(self, *arguments: Any) -> int:
        revision = super().permit(*arguments)
        if self.times:
            self.times -= 1
            self.change(KEY, lambda locks, now: rules.take_over(locks, NAME, BASHIR, now, reason="mine"))
        return revision


class Unguarded(DynamoPlanLog):
    """The twin that leaves the check out of the transaction."""

    def append(self, *arguments: Any, locks_revision: int | None = None, **options: Any) -> None:
        super().append(*arguments, **options)


@pytest.fixture
def store(dynamodb: Any, plan_table: str, connections_table: str) -> DynamoLockStore:
    return DynamoLockStore(dynamodb, table=connections_table, plan_table=plan_table)


@pytest.fixture
def book(store: DynamoLockStore) -> LockBook:
    return LockBook(store, now=lambda: NOW, pauses=three_tries)


@pytest.fixture
def open_plans(
    dynamodb: Any, s3: Any, plan_table: str, plan_bucket: str, connections_table: str
) -> Callable[..., PlanService]:
    """A project of three tasks at revision 2."""

    def made(book: LockBook, log: type[DynamoPlanLog] = DynamoPlanLog) -> PlanService:
        plan_log = log(dynamodb, s3, table=plan_table, bucket=plan_bucket, locks_table=connections_table)
        service = PlanService(plan_log, now=lambda: NOW, pauses=three_tries, locks=book)
        plan = make_plan(3, [make_link(1, 1, 2)])
        owner = access("karim", Role.OWNER)
        service.create(owner.principal, KEY.project, plan.project, list(plan.calendars.values()), command_id="create")
        service.replace(owner, Replacement("import", 1, plan, "tower.xml"))
        return service

    return made


def access(user: str, role: Role = Role.PLANNER) -> Access:
    return Access(KEY, Principal(KEY.tenant, user, user.title(), role), role)


def acquired(target: Target = NAME, who: Claimant = AMINA) -> Locks:
    return rules.acquire(Locks(), target, who, NOW).locks


def lock(book: LockBook, target: Target = NAME, who: Claimant = AMINA) -> int:
    step = book.change(KEY, lambda locks, now: rules.acquire(locks, target, who, now))
    return step.locks.held[-1].token or 0


def claim(token: int, target: Target = NAME) -> LockClaim:
    return LockClaim(target.kind, target.uid, token, target.field)


def test_what_is_written_is_read(store: DynamoLockStore) -> None:
    assert store.read(KEY) == Stored()
    locks = rules.acquire(acquired(), Target(Kind.TASK, 1), BASHIR, NOW, wait=True).locks
    store.save(KEY, Stored(), locks, now=NOW)
    assert store.read(KEY) == Stored(1, locks)
    assert store.read(ProjectKey("meghna", "tower")) == Stored()


def test_only_one_of_two_who_read_the_same_writes(store: DynamoLockStore) -> None:
    store.save(KEY, Stored(), acquired(), now=NOW)
    with pytest.raises(LocksChangedError):
        store.save(KEY, Stored(), acquired(who=BASHIR), now=NOW)
    first = store.read(KEY)
    store.save(KEY, first, Locks(first.locks.revision + 1), now=NOW)
    with pytest.raises(LocksChangedError):
        store.save(KEY, first, acquired(who=BASHIR), now=NOW)
    assert store.read(KEY).locks.held == ()


def test_the_item_is_forgotten_a_day_after_its_last_write(
    store: DynamoLockStore, dynamodb: Any, connections_table: str
) -> None:
    store.save(KEY, Stored(), acquired(), now=NOW)
    item_key = {"pk": {"S": keys.locks(KEY)}, "sk": {"S": keys.LOCKS}}
    item = dynamodb.get_item(TableName=connections_table, Key=item_key)["Item"]
    assert int(item["expires"]["N"]) == round((NOW + timedelta(days=1)).timestamp())


def test_a_take_over_is_kept_with_the_lock_or_neither_is(store: DynamoLockStore) -> None:
    taken = [TakenOver(n, "2026-11-22", "karim", "Karim", Kind.TASK, 1, None, ("amina",), f"{n}") for n in (1, 2, 30)]
    for number, record in enumerate(taken):
        store.save(KEY, Stored(number), Locks(number + 1), now=NOW, taken_over=record)
    with pytest.raises(LocksChangedError):
        store.save(KEY, Stored(1), Locks(9), now=NOW, taken_over=TakenOver(99, "", "", "", Kind.TASK, 1, None, (), ""))
    assert store.taken_over(KEY, limit=10) == tuple(reversed(taken))
    assert [record.token for record in store.taken_over(KEY, limit=2)] == [30, 2]


def test_a_commit_goes_through_where_nothing_was_ever_locked(
    book: LockBook, open_plans: Callable[..., PlanService]
) -> None:
    assert open_plans(book).commit(access("bashir"), Command("c", 2, (RENAME,))).revision == 3


def test_locks_that_are_in_nobodys_way_let_commits_through(
    book: LockBook, open_plans: Callable[..., PlanService]
) -> None:
    plans = open_plans(book)
    token = lock(book)
    mine = Command("c1", 2, (RENAME,), locks=(claim(token),))
    assert plans.commit(access("amina"), mine).revision == 3
    assert plans.commit(access("bashir"), Command("c2", 3, (Update(Kind.TASK, 2, {"name": "x"}),))).revision == 4


def test_a_lock_taken_over_between_check_and_write_makes_the_commit_fail(
    store: DynamoLockStore, open_plans: Callable[..., PlanService]
) -> None:
    book = Stealing(store, now=lambda: NOW, pauses=three_tries)
    plans = open_plans(book)
    book.times = 1
    with pytest.raises(LockLostError):
        plans.commit(access("amina"), Command("c", 2, (RENAME,), locks=(claim(lock(book)),)))
    assert plans.head(KEY) == 2


def test_a_first_lock_between_check_and_write_makes_the_commit_fail(
    store: DynamoLockStore, open_plans: Callable[..., PlanService]
) -> None:
    book = Stealing(store, now=lambda: NOW, pauses=three_tries)
    plans = open_plans(book)
    book.times = 1
    with pytest.raises(LockedError):
        plans.commit(access("amina"), Command("c", 2, (RENAME,)))
    assert plans.head(KEY) == 2


def test_the_twin_without_the_check_in_the_transaction_writes_under_a_lost_lock(
    store: DynamoLockStore, open_plans: Callable[..., PlanService]
) -> None:
    book = Stealing(store, now=lambda: NOW, pauses=three_tries)
    plans = open_plans(book, Unguarded)
    book.times = 1
    plans.commit(access("amina"), Command("c", 2, (RENAME,), locks=(claim(lock(book)),)))
    assert plans.head(KEY) == 3
    assert [held.claimant for held in book.read(KEY).held] == [BASHIR]


def test_the_answer_to_a_command_done_before_needs_no_lock_any_more(
    book: LockBook, open_plans: Callable[..., PlanService]
) -> None:
    plans = open_plans(book)
    command = Command("c", 2, (RENAME,), locks=(claim(lock(book)),))
    assert plans.commit(access("amina"), command).revision == 3
    book.drop(KEY, [AMINA.connection])
    lock(book, who=BASHIR)
    again = plans.commit(access("amina"), command)
    assert (again.revision, again.repeated) == (3, True)


def test_an_import_and_deleting_a_parent_respect_locks(book: LockBook, open_plans: Callable[..., PlanService]) -> None:
    plans = open_plans(book)
    lock(book, Target(Kind.LINK, 1))
    bashir = access("bashir")
    with pytest.raises(LockedError):
        plans.commit(bashir, Command("c", 2, (Delete(Kind.TASK, 2),)))
    with pytest.raises(LockedError):
        plans.replace(bashir, Replacement("other", 2, make_plan(2), "other.xml"))
    same = make_plan(4, [make_link(1, 1, 2)])
    assert plans.replace(bashir, Replacement("more", 2, same, "more.xml")).revision == 3
