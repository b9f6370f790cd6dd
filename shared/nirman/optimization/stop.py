"""When a search ends: asked between two pieces of work, so that whoever waits can also say stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class StopCriterion(Protocol):
    """True as soon as the search is to end; asked often, so it must answer at once, and from any thread."""

    def __call__(self) -> bool: ...

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        ...


@dataclass(slots=True)
class Deadline:
    """A time limit on the caller's clock (seconds that never go back), and whatever else ends the work (a cancel)."""

    limit_s: float
    clock: Callable[[], float]
    cancelled: Callable[[], bool] | None = None
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._began = self.clock()

    def __call__(self) -> bool:
        return self.elapsed >= self.limit_s or (self.cancelled is not None and self.cancelled())

    @property
    def elapsed(self) -> float:
        return self.clock() - self._began


@dataclass(frozen=True, slots=True)
class Sooner:
    """The caller's own stop, and an earlier end: so many seconds after the caller's search began."""

    stop: StopCriterion
    limit_s: float

    def __call__(self) -> bool:
        return self.stop() or self.elapsed >= self.limit_s

    @property
    def elapsed(self) -> float:
        return self.stop.elapsed
