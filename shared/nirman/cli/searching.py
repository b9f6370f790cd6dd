"""For how long a command searches, and with whom."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from time import monotonic

from nirman.optimization.options import LevelOptions
from nirman.optimization.stop import Deadline

_OVERTIME = 1.5
"""How much longer than its limit a search may take that counts its work: the clock only ends what is stuck."""


@contextmanager
def searching(options: LevelOptions) -> Iterator[tuple[Deadline, ThreadPoolExecutor | None]]:
    """When the search is to end, and what works beside it; with one worker nothing does, and work is counted."""
    several = options.workers > 1
    stop = Deadline(options.time_limit_s if several else _OVERTIME * options.time_limit_s, monotonic)
    with ThreadPoolExecutor(1) if several else nullcontext() as beside:
        yield stop, beside
