"""How much a socket may say, and what becomes of one that does not stop."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nirman.collaboration.messages import Error, encode
from nirman.collaboration.ports import Clock, Connection, GoneError, NotDeliveredError, Sockets
from nirman.errors import BusyError, LimitExceededError, RateLimitedError, UnauthenticatedError
from nirman.tenancy.identity import Principal
from nirman.tenancy.limits import Meter, TenantLimits

WRITES_PER_MINUTE = 20
"""Of a connection that says as much as it may."""
REFUSED_PER_WRITE = 10
"""Messages that a process refuses a connection before it writes that down."""
_MOST = 10_000


class Connected(Protocol):
    """The part of `collaboration.ports.Rooms` that is used here."""

    def connection(self, connection_id: str, *, now: datetime) -> Connection:
        """UnauthenticatedError if it is unknown or has expired."""

    def connected(self, principal: Principal, *, now: datetime) -> tuple[int, int]:
        """How many connections the tenant has, and how many of them the person."""


@dataclass(slots=True)
class _Tally:
    """Of one connection, since this process first heard it. `uncounted` and `refused` are not in its buckets yet."""

    uncounted: int = 0
    shut_until: datetime | None = None
    limited: RateLimitedError | None = None
    refused: int = 0


class Gate:
    """Messages are counted where they are heard, and every so many written to the connection's bucket.

    So a heartbeat costs no write, and several processes that hear one connection share its allowance, each but for the
    few messages that it has not written yet. What is refused, and what cannot be read, has a bucket of its own: a flood
    is found however many processes hear a part of it.
    """

    def __init__(
        self, *, meter: Meter, limits: TenantLimits, connected: Connected, sockets: Sockets, now: Clock
    ) -> None:
        self._meter = meter
        self._limits = limits
        self._connected = connected
        self._sockets = sockets
        self._now = now
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()

    def admit(self, principal: Principal) -> None:
        """LimitExceededError where the tenant or the person has as many connections as may be.

        Connections are counted, not numbered, so none is counted that is gone; of several that open at one moment a few
        too many may come in.
        """
        limits = self._limits.of(principal.tenant)
        of_tenant, of_user = self._connected.connected(principal, now=self._now())
        if of_user >= limits.connections_per_user:
            raise LimitExceededError(f"a person has at most {limits.connections_per_user} connections")
        if of_tenant >= limits.connections_per_tenant:
            raise LimitExceededError(f"the tenant has at most {limits.connections_per_tenant} connections")

    def check(self, connection_id: str) -> None:
        """RateLimitedError while the connection is to wait; costs nothing."""
        tally = self._tallies.get(connection_id)
        if tally is None or tally.shut_until is None or tally.limited is None:
            return
        left_s = (tally.shut_until - self._now()).total_seconds()
        if left_s > 0:
            limited = tally.limited
            raise RateLimitedError(limited.what, limit=limited.limit, window_s=limited.window_s, retry_after_s=left_s)
        tally.shut_until = None

    def count(self, connection: Connection) -> None:
        """RateLimitedError when it was one message too many."""
        tally = self._tally(connection.id)
        tally.uncounted += 1
        limit = self._limits.of(connection.principal.tenant).messages_per_minute
        if tally.uncounted * WRITES_PER_MINUTE < limit:
            return
        try:
            self._meter.messages(connection.principal, connection.id, tally.uncounted)
        except RateLimitedError as exc:
            tally.uncounted -= 1
            tally.shut_until, tally.limited = self._now() + timedelta(seconds=exc.retry_after_s), exc
            raise
        tally.uncounted = 0

    def refuse(self, connection_id: str, answer: Error) -> None:
        """Take note of a message that was refused for being too many or unreadable; cut off who goes on and on."""
        tally = self._tally(connection_id)
        tally.refused += 1
        if tally.refused < REFUSED_PER_WRITE:
            return
        try:
            connection = self._connected.connection(connection_id, now=self._now())
            self._meter.refused(connection.principal, connection_id, tally.refused)
        except BusyError:
            return  # the next one that is refused writes this down too
        except (RateLimitedError, UnauthenticatedError):
            self._cut_off(connection_id, answer)
        else:
            tally.refused = 0

    def _cut_off(self, connection_id: str, answer: Error) -> None:
        last = Error(id=None, code=answer.code, text=f"closed: {answer.text}", details=answer.details)
        with suppress(GoneError, NotDeliveredError):
            self._sockets.post(connection_id, encode(last))
        with suppress(NotDeliveredError):
            self._sockets.close(connection_id)
        del self._tallies[connection_id]

    def _tally(self, connection_id: str) -> _Tally:
        tally = self._tallies.setdefault(connection_id, _Tally())
        self._tallies.move_to_end(connection_id)
        while len(self._tallies) > _MOST:
            self._tallies.popitem(last=False)
        return tally
