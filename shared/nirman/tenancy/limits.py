"""How much a tenant's people may do in a minute, and how many may be connected: what the tenant's plan says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from nirman.errors import RateLimitedError
from nirman.tenancy.identity import Principal

WINDOW_S = 60
KNOWN_FOR = timedelta(seconds=15)
"""A changed plan holds everywhere after this time."""
MAX_REFUSED = 100
"""Messages of a connection that may be refused at once, and again within each minute; no plan changes it."""

Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Limits(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A tenant's plan by its `name`; what is not said otherwise is as here.

    Edits count for a person, by whatever way they come; messages for a connection; optimizations are those that are
    asked for and not over.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)] = "standard"
    edits_per_minute: Count = 50
    messages_per_minute: Count = 1_200
    connections_per_user: Count = 20
    connections_per_tenant: Count = 1_000
    rooms_per_connection: Count = 20
    optimizations_per_project: Count = 10
    optimizations_per_tenant: Count = 40


class PlanStore(Protocol):
    """Plans of tenants, as they are kept."""

    def plan(self, tenant: str) -> Limits | None: ...

    def put_plan(self, tenant: str, limits: Limits) -> None: ...


class Buckets(Protocol):
    """Token buckets: each holds `limit` and fills up evenly in `window_s` seconds."""

    def take(self, bucket: str, count: int, *, limit: int, window_s: int, now: datetime) -> float:
        """Take `count` at once; 0 when that was done, else the seconds until it could be, and nothing was taken."""


@dataclass(frozen=True, slots=True)
class _Known:
    limits: Limits
    until: datetime


class TenantLimits:
    """What holds for each tenant, asked for again when it was known for a while."""

    def __init__(self, store: PlanStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, _Known] = {}

    def of(self, tenant: str) -> Limits:
        now, known = self._now(), self._known.get(tenant)
        if known is None or known.until <= now:
            known = self._known[tenant] = _Known(self._store.plan(tenant) or Limits(), now + KNOWN_FOR)
        return known.limits


class Meter:
    """Counts against the limits; RateLimitedError says when to go on."""

    def __init__(self, buckets: Buckets, limits: TenantLimits, *, now: Callable[[], datetime]) -> None:
        self._buckets = buckets
        self._limits = limits
        self._now = now

    def edit(self, principal: Principal) -> None:
        limit = self._limits.of(principal.tenant).edits_per_minute
        self._take("edits", f"{principal.tenant}#U#{principal.user}", 1, limit)

    def messages(self, principal: Principal, connection_id: str, count: int) -> None:
        """`count` of them, heard since the last time."""
        limit = self._limits.of(principal.tenant).messages_per_minute
        self._take("messages", f"{principal.tenant}#C#{connection_id}", count, limit)

    def refused(self, principal: Principal, connection_id: str, count: int) -> None:
        """`count` messages that were not taken, since the last time."""
        self._take("refused", f"{principal.tenant}#C#{connection_id}", count, MAX_REFUSED)

    def _take(self, what: str, whose: str, count: int, limit: int) -> None:
        bucket, now = f"{whose}#{what}", self._now()
        wait_s = self._buckets.take(bucket, min(count, limit), limit=limit, window_s=WINDOW_S, now=now)
        if wait_s > 0:
            raise RateLimitedError(what, limit=limit, window_s=WINDOW_S, retry_after_s=wait_s)
