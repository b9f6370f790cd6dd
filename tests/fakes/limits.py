"""Plans of tenants and token buckets in memory."""

from __future__ import annotations

from datetime import datetime

from nirman.tenancy.limits import Buckets, Limits, PlanStore


class MemoryPlanStore(PlanStore):
    def __init__(self) -> None:
        self.plans: dict[str, Limits] = {}
        self.reads = 0

    def plan(self, tenant: str) -> Limits | None:
        self.reads += 1
        return self.plans.get(tenant)

    def put_plan(self, tenant: str, limits: Limits) -> None:
        self.plans[tenant] = limits


class MemoryBuckets(Buckets):
    """Each is what is in it, and when that was."""

    def __init__(self) -> None:
        self.filled: dict[str, tuple[float, datetime]] = {}
        self.writes = 0

    def take(self, bucket: str, count: int, *, limit: int, window_s: int, now: datetime) -> float:
        self.writes += 1
        was, at = self.filled.get(bucket, (float(limit), now))
        there = min(limit, was + (now - at).total_seconds() * limit / window_s)
        if there < count:
            return (count - there) * window_s / limit
        self.filled[bucket] = (there - count, now)
        return 0.0
