"""Waiting for what comes when it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
WAIT_S = 120
"""What takes a moment on an idle machine may take so long on a busy one; after that it is taken for a fault."""


def eventually(look: Callable[[], T], wanted: Callable[[T], object] = bool) -> T:
    """What is found once it is as wanted."""
    deadline = time.monotonic() + WAIT_S
    while not wanted(found := look()):
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.1)
    return found


async def eventually_said(look: Callable[[], Awaitable[T]], wanted: Callable[[T], object] = bool) -> T:
    """The same where to look is to ask."""
    deadline = time.monotonic() + WAIT_S
    while not wanted(found := await look()):
        assert time.monotonic() < deadline, f"still {found}"
        await asyncio.sleep(0.1)
    return found
