"""Token buckets, and the plans of tenants that say how large they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from nirman.aws.limits import DynamoBuckets, DynamoPlanStore
from nirman.errors import RateLimitedError
from nirman.tenancy.identity import Principal, Role
from nirman.tenancy.limits import KNOWN_FOR, Limits, Meter, TenantLimits
from tests.fakes.limits import MemoryBuckets, MemoryPlanStore

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def person(user: str = "rahim", tenant: str = "padma") -> Principal:
    return Principal(tenant, user, user.title(), Role.PLANNER)


def edits(meter: Meter, who: Principal, times: int = 1_000) -> int:
    """How many are let through at once."""
    for made in range(times):
        try:
            meter.edit(who)
        except RateLimitedError:
            return made
    return times


def test_a_person_makes_so_many_edits_at_once_and_then_one_as_each_becomes_free(dynamodb, connections_table):
    clock, store = Clock(), MemoryPlanStore()
    meter = Meter(DynamoBuckets(dynamodb, connections_table), TenantLimits(store, now=clock), now=clock)
    assert edits(meter, person()) == 50
    with pytest.raises(RateLimitedError) as refused:
        meter.edit(person())
    assert refused.value.details() == {"what": "edits", "limit": 50, "window_s": 60, "retry_after_s": 1.2}
    clock.later(1.19)
    assert edits(meter, person()) == 0
    clock.later(0.02)
    assert edits(meter, person()) == 1
    clock.later(12)
    assert edits(meter, person()) == 10
    clock.later(3_600)
    assert edits(meter, person()) == 50


def test_a_flood_of_one_person_costs_nobody_else_an_edit(dynamodb, connections_table):
    clock, store = Clock(), MemoryPlanStore()
    store.put_plan("meghna", Limits(name="small", edits_per_minute=3))
    meter = Meter(DynamoBuckets(dynamodb, connections_table), TenantLimits(store, now=clock), now=clock)
    assert [edits(meter, person()), edits(meter, person("karim")), edits(meter, person(tenant="meghna"))] == [50, 50, 3]


def test_several_processes_draw_on_one_bucket(dynamodb, connections_table):
    clock, random = Clock(), Random(1)
    limits = TenantLimits(MemoryPlanStore(), now=clock)
    processes = [Meter(DynamoBuckets(dynamodb, connections_table), limits, now=clock) for _ in range(3)]
    assert sum(edits(random.choice(processes), person(), times=1) for _ in range(120)) == 50


@pytest.mark.parametrize("seed", range(3))
def test_a_bucket_in_the_table_holds_what_one_in_memory_holds(dynamodb, connections_table, seed):
    random, now = Random(seed), START
    one, other = (DynamoBuckets(dynamodb, connections_table) for _ in range(2))
    memory = MemoryBuckets()
    for _ in range(150):
        now += timedelta(seconds=random.choice((0, 0.25, 2, 30)))
        count = random.choice((1, 1, 5, 20))
        expected = memory.take("b", count, limit=20, window_s=60, now=now)
        wait_s = random.choice((one, other)).take("b", count, limit=20, window_s=60, now=now)
        assert (wait_s > 0) == (expected > 0)
        assert wait_s <= expected + 0.001
        alone = memory.take("alone", count, limit=20, window_s=60, now=now)
        assert one.take("alone", count, limit=20, window_s=60, now=now) == pytest.approx(alone, abs=0.001)


def test_what_is_counted_is_forgotten_when_the_bucket_is_full_again(dynamodb, connections_table):
    DynamoBuckets(dynamodb, connections_table).take("b", 1, limit=50, window_s=60, now=START)
    [item] = dynamodb.scan(TableName=connections_table)["Items"]
    assert START.timestamp() + 60 < int(item["expires"]["N"]) < START.timestamp() + 600


def test_a_burst_takes_one_write_an_edit(dynamodb, connections_table):
    calls: list[str] = []

    class Counted:
        exceptions = dynamodb.exceptions

        def update_item(self, **arguments: Any) -> Any:
            calls.append("update_item")
            return dynamodb.update_item(**arguments)

    buckets: Any = DynamoBuckets(Counted(), connections_table)  # type: ignore[arg-type]
    assert [buckets.take("b", 1, limit=9, window_s=60, now=START) for _ in range(9)] == [0.0] * 9
    assert len(calls) == 9
    assert buckets.take("b", 1, limit=9, window_s=60, now=START) > 0
    assert len(calls) == 9


def test_the_plan_of_a_tenant_is_kept_and_asked_for_again_after_a_while(dynamodb, plan_table):
    clock, store = Clock(), DynamoPlanStore(dynamodb, plan_table)
    limits = TenantLimits(store, now=clock)
    assert limits.of("padma") == Limits()
    store.put_plan("padma", Limits(name="large", edits_per_minute=500))
    assert limits.of("padma").edits_per_minute == 50
    clock.later(KNOWN_FOR.total_seconds())
    assert limits.of("padma") == Limits(name="large", edits_per_minute=500, messages_per_minute=1_200)
    assert limits.of("meghna") == Limits()
