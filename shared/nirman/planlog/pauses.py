"""How long a lost race waits before it tries again."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def jittered(
    *,
    sleep: Callable[[float], None],
    random: Callable[[], float],
    monotonic: Callable[[], float],
    give_up_after_s: float = 12.0,
    first_s: float = 0.02,
    longest_s: float = 0.4,
) -> Iterator[None]:
    """Yield for each try; between tries wait up to twice as long as before (full jitter), until time is up."""
    began = monotonic()
    ceiling = first_s
    while True:
        yield
        if monotonic() - began > give_up_after_s:
            return
        sleep(random() * ceiling)
        ceiling = min(longest_s, ceiling * 2)
