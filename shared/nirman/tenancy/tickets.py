"""One-time tickets: a browser cannot send a token when it opens a socket, and an address with a token in it is logged.

A ticket is worth nothing after 45 seconds or one use; only its digest is kept.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Principal

LIFE_S = 45
_LENGTH = 43
"""Characters of 32 random bytes."""


class TicketStore(Protocol):
    def put(self, digest: str, principal: Principal, *, expires: int) -> None:
        """Keeps a ticket until `expires` (seconds since 1970)."""

    def take(self, digest: str, *, now: int) -> Principal | None:
        """Removes a ticket that has not expired and says whose it was; of two callers at once only one is told."""


class Tickets:
    def __init__(self, store: TicketStore, *, new: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> None:
        self._store = store
        self._new = new

    def issue(self, principal: Principal, now: datetime) -> str:
        """A ticket for the person; `now` is aware."""
        ticket = self._new()
        self._store.put(_digest(ticket), principal, expires=math.floor(now.timestamp()) + LIFE_S)
        return ticket

    def burn(self, ticket: str, now: datetime) -> Principal:
        """Whose ticket it was; UnauthenticatedError if it is unknown, used or expired (which one is not told)."""
        principal = None
        if len(ticket) == _LENGTH:
            principal = self._store.take(_digest(ticket), now=math.floor(now.timestamp()))
        if principal is None:
            raise UnauthenticatedError("the ticket is unknown, used or expired")
        return principal


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
