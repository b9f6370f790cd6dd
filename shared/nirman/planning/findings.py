"""What a reader, a check or the engine has to say about a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    """The plan cannot be taken as it is."""
    WARNING = "warning"
    """Taken, but something was changed or left out."""
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`rule` is a stable word for programs; `place` is a line, element, sheet row or field; `uid` a task's."""

    severity: Severity
    rule: str
    text: str
    place: str = ""
    uid: int | None = None
