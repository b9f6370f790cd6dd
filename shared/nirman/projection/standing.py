"""How far the read models of a project are."""

from __future__ import annotations

from msgspec import Struct


class Standing(Struct, frozen=True, omit_defaults=True):
    """How far the read models of a project are, and what the next event needs of those before."""

    revision: int = 0
    name: str = ""
    minutes_per_day: int = 480
    finish: str | None = None
    ordered_at: str = ""
    tasks_revision: int = 0
    tasks_parts: int = 0
    rest_revision: int = 0
    rest_parts: int = 0
