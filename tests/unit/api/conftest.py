from __future__ import annotations

from tests.support.world import api, container, world

__all__ = ["api", "container", "world"]
