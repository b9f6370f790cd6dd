"""Whatever people, clocks and pauses do: no two holders' writes interleave, and no lock is lost or stuck.

The twins without a safeguard show that the machine would see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from nirman.collaboration import locks as rules
from nirman.collaboration.lock_book import LockBook, LocksChangedError, Stored
from nirman.collaboration.locks import LEASE, SKEW, Claimant, Lock, Locks, Step, Target
from nirman.errors import LockedError, LockLostError
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change
from nirman.planning.model import Kind
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.fakes.locks import InMemoryLocks
from tests.support.faults import three_tries

KEY = ProjectKey("dhaka", "tower")
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
SKEWS = (-SKEW, timedelta(0), SKEW)
"""Of the three servers' clocks."""
PEOPLE = tuple(Claimant(user, user.title(), f"{user}-{n}") for user in ("amina", "bashir", "chitra") for n in (1, 2))
"""Two sockets each."""
TARGETS = (Target(Kind.TASK, 1), Target(Kind.TASK, 1, "name"), Target(Kind.TASK, 1, "notes"), Target(Kind.TASK, 2))

people, places, servers = st.sampled_from(PEOPLE), st.sampled_from(TARGETS), st.sampled_from(range(len(SKEWS)))


@dataclass(frozen=True)
class Write:
    """Found permitted at a revision of the locks, and not written yet. `token` None: without a claim."""

    who: Claimant
    target: Target
    token: int | None
    locks_revision: int


class Machine(RuleBasedStateMachine):
    guarded = True
    """Whether the log checks the revision of the locks in the transaction of the write."""

    def __init__(self) -> None:
        super().__init__()
        self.time = START
        self.store = InMemoryLocks()
        self.books = [LockBook(self.store, now=self.clock(skew), pauses=three_tries) for skew in SKEWS]
        self.paused_writes: list[Write] = []
        self.paused_changes: list[tuple[Stored, Step, str]] = []
        self.written: list[Write] = []
        self.last_sign: dict[str, datetime] = {}
        self.seen = Locks()
        self.highest_token = 0

    def clock(self, skew: timedelta):  # type: ignore[no-untyped-def]
        return lambda: self.time + skew

    @property
    def locks(self) -> Locks:
        return self.store.read(KEY).locks

    @rule(who=people, place=places, server=servers, wait=st.booleans())
    def acquire(self, who: Claimant, place: Target, server: int, wait: bool) -> None:
        try:
            self.change(who, server, lambda locks, now: rules.acquire(locks, place, who, now, wait=wait))
        except LockedError:
            return
        mine = (place, who.connection)
        assert wait or mine in [(lock.target, lock.connection) for lock in self.locks.held]

    @rule(who=people, place=places, server=servers)
    def release(self, who: Claimant, place: Target, server: int) -> None:
        self.change(who, server, lambda locks, now: rules.release(locks, place, who, now))

    @rule(who=people, place=places, server=servers)
    def take_over(self, who: Claimant, place: Target, server: int) -> None:
        self.change(who, server, lambda locks, now: rules.take_over(locks, place, who, now, reason="urgent"))
        assert (place, who.connection) in [(lock.target, lock.connection) for lock in self.locks.held]

    @rule(who=people, server=servers)
    def beat(self, who: Claimant, server: int) -> None:
        self.change(who, server, lambda locks, now: rules.beat(locks, who.connection, now))

    @precondition(lambda self: self.locks.held)
    @rule(data=st.data(), server=servers)
    def a_holder_beats(self, data: st.DataObject, server: int) -> None:
        self.beat(data.draw(st.sampled_from(self.locks.held)).claimant, server)

    @rule(who=people, server=servers)
    def disconnect(self, who: Claimant, server: int) -> None:
        self.books[server].drop(KEY, [who.connection])
        assert who.connection not in {lock.connection for lock in (*self.locks.held, *self.locks.waiting)}

    @rule(seconds=st.sampled_from([1, 10, 39, 56]))
    def time_passes(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)

    @rule(who=people, place=places, server=servers)
    def read_the_locks_and_pause(self, who: Claimant, place: Target, server: int) -> None:
        """A function that has read the locks and is slow to write them."""
        before = self.store.read(KEY)
        step = rules.take_over(before.locks, place, who, self.time + SKEWS[server], reason="slow")
        self.paused_changes.append((before, step, who.connection))

    @precondition(lambda self: self.paused_changes)
    @rule(data=st.data())
    def go_on_with_the_locks(self, data: st.DataObject) -> None:
        before, step, connection = self.paused_changes.pop(data.draw(st.integers(0, len(self.paused_changes) - 1)))
        try:
            self.store.save(KEY, before, step.locks, now=self.time)
        except LocksChangedError:
            return
        self.last_sign[connection] = self.time

    @precondition(lambda self: self.locks.held)
    @rule(data=st.data(), server=servers)
    def a_holder_begins_to_write(self, data: st.DataObject, server: int) -> None:
        lock = data.draw(st.sampled_from(self.locks.held))
        self.begin(lock.claimant, lock.target, lock.token, server)

    @rule(who=people, place=places, server=servers)
    def somebody_begins_to_write(self, who: Claimant, place: Target, server: int) -> None:
        self.begin(who, place, None, server)

    @precondition(lambda self: self.paused_writes)
    @rule(data=st.data(), crash=st.integers(0, 3))
    def go_on_writing(self, data: st.DataObject, crash: int) -> None:
        write = self.paused_writes.pop(data.draw(st.integers(0, len(self.paused_writes) - 1)))
        if crash:
            self.finish(write)

    def finish(self, write: Write) -> None:
        if not self.guarded or write.locks_revision == self.locks.revision:
            self.note(write)

    def begin(self, who: Claimant, target: Target, token: int | None, server: int) -> None:
        claims = () if token is None else (LockClaim(target.kind, target.uid, token, target.field),)
        try:
            revision = self.permit(who, claims, [change_of(target)], server)
        except (LockedError, LockLostError):
            return
        self.paused_writes.append(Write(who, target, token, revision))

    def permit(self, who: Claimant, claims: Sequence[LockClaim], changes: Sequence[Change], server: int) -> int:
        author = Principal(KEY.tenant, who.user, who.name, Role.PLANNER)
        return self.books[server].permit(KEY, author, claims, changes)

    def change(self, who: Claimant, server: int, step) -> None:  # type: ignore[no-untyped-def]
        made = self.books[server].change(KEY, step)
        self.last_sign[who.connection] = self.time
        numbers = [changed.revision for changed in made.changes]
        assert numbers == sorted(set(numbers))
        for one, following in zip(made.changes, made.changes[1:], strict=False):
            assert following.previous == one.revision

    def note(self, write: Write) -> None:
        """It is in the log now: was it right?"""
        if write.token is not None:
            current = [(lock.target, lock.token, lock.claimant.user) for lock in self.locks.held]
            assert (write.target, write.token, write.who.user) in current, "written under a lock that was lost"
            earlier = [
                w.token for w in self.written if w.token and w.who != write.who and w.target.overlaps(write.target)
            ]
            assert write.token > max(earlier, default=0), "two holders' writes interleave"
        in_the_way = list(rules.in_the_way_of(self.locks, write.who.user, [change_of(write.target)]))
        assert not in_the_way, "written though somebody else has a lock"
        self.written.append(write)

    @invariant()
    def one_has_it(self) -> None:
        held = self.locks.held
        assert not [(one, other) for one in held for other in held if one.blocks(other)]

    @invariant()
    def whoever_waits_waits_for_somebody(self) -> None:
        waiting = self.locks.waiting
        for number, wish in enumerate(waiting):
            assert blockers(self.locks, number), "waits for a lock that nobody has"
            assert wish not in waiting[:number]

    @invariant()
    def every_line_ends(self) -> None:
        """Were holders to give back what they have whenever they wait for nothing, everybody would have a turn."""
        waits = {lock.connection: set[str]() for lock in self.locks.waiting}
        for number, wish in enumerate(self.locks.waiting):
            waits[wish.connection] |= {lock.connection for lock in blockers(self.locks, number)}
        while free := [one for one, others in waits.items() if not others & waits.keys()]:
            for one in free:
                del waits[one]
        assert not waits, "they wait for each other"

    @invariant()
    def tokens_rise_and_time_alone_takes_no_lock_that_is_beaten(self) -> None:
        before, now = self.seen, self.locks
        assert now.revision >= before.revision
        assert (now.revision == before.revision) <= (hands(now) == hands(before))
        fresh = [lock.token or 0 for lock in now.held if lock.token not in {old.token for old in before.held}]
        assert all(token > self.highest_token for token in fresh)
        self.highest_token = max(self.highest_token, *fresh, 0)
        self.seen = now


def hands(locks: Locks) -> tuple[object, ...]:
    """Who has what, however long the leases are."""
    return tuple((lock.target, lock.connection, lock.token) for lock in locks.held)


def blockers(locks: Locks, number: int) -> list[Lock]:
    return [lock for lock in (*locks.held, *locks.waiting[:number]) if lock.blocks(locks.waiting[number])]


def change_of(target: Target) -> Change:
    if target.field is None:
        return Change(target.kind, target.uid, "deleted")
    return Change(target.kind, target.uid, "updated", {target.field: (None, "x")})


class WithoutFencing(Machine):
    guarded = False


class TrustingTheClock(Machine):
    """Takes a lease for over because of the time, without writing it down first."""

    def permit(self, who: Claimant, claims: Sequence[LockClaim], changes: Sequence[Change], server: int) -> int:
        now = self.time + SKEWS[server]
        rules.check(rules.living(self.locks, now), who.user, claims, changes)
        return self.locks.revision


def run(machine: type[Machine], examples: int, **options: object) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **options,  # type: ignore[arg-type]
        ),
    )


@pytest.mark.slow
def test_no_two_holders_writes_interleave() -> None:
    run(Machine, 100)


@pytest.mark.slow
def test_the_twin_without_fencing_is_found_out() -> None:
    with pytest.raises(AssertionError, match=r"under a lock that was lost|somebody else has a lock|interleave"):
        run(WithoutFencing, 1_000, derandomize=True, database=None, phases=[Phase.generate], print_blob=False)


def a_write_between_the_end_of_a_lease_and_a_late_beat(machine: Machine) -> None:
    amina, bashir = PEOPLE[0], PEOPLE[2]
    machine.acquire(amina, TARGETS[1], 0, wait=False)
    machine.time_passes(56)
    machine.somebody_begins_to_write(bashir, TARGETS[1], 1)
    machine.beat(amina, 0)
    machine.finish(machine.paused_writes.pop())


def test_whoever_relies_on_the_end_of_a_lease_has_it_written_first() -> None:
    machine = Machine()
    a_write_between_the_end_of_a_lease_and_a_late_beat(machine)
    assert len(machine.written) == 1
    assert machine.locks.held == ()
    with pytest.raises(AssertionError, match="somebody else has a lock"):
        a_write_between_the_end_of_a_lease_and_a_late_beat(TrustingTheClock())


def test_a_lock_that_is_beaten_outlives_every_skew() -> None:
    """Almost 40 seconds between beats, each written by the slowest clock, ends looked for by the fastest."""
    locks = rules.acquire(Locks(), TARGETS[0], PEOPLE[0], START - SKEW).locks
    time = START
    for _ in range(20):
        time += LEASE - SKEW - timedelta(seconds=1)
        locks = rules.settle(locks, time + SKEW).locks
        locks = rules.beat(locks, PEOPLE[0].connection, time - SKEW).locks
    assert len(locks.held) == 1
