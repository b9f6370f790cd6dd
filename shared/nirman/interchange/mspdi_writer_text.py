"""Values as MS Project XML spells them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from nirman.interchange.text import xml_safe

_SPECIAL = re.compile("[&<>\r]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """Text between tags; a character that XML cannot hold becomes U+FFFD."""
    return _SPECIAL.sub(lambda match: _ENTITIES[match[0]], xml_safe(text))


def when(instant: datetime) -> str:
    return instant.isoformat()


def span(minutes: int) -> str:
    """A duration: hours, minutes, seconds, and never days, whose length the format leaves open."""
    hours, rest = divmod(minutes, 60)
    return f"PT{hours}H{rest}M0S"


def clock(minute_of_day: int) -> str:
    """The midnight that ends a day is written as the one that begins it."""
    hours, minutes = divmod(minute_of_day % 1440, 60)
    return f"{hours:02}:{minutes:02}:00"


def bit(flag: bool) -> str:
    return "1" if flag else "0"


def number(value: Decimal) -> str:
    """All digits, no exponent."""
    return format(value, "f")


def money(amount: Decimal) -> str:
    """Costs are kept in hundredths (rates are not)."""
    return number(amount * 100)


def unit(minutes: int, minutes_per_day: int, *, elapsed: bool = False) -> int:
    """The unit in which MS Project shows a duration: days, hours or minutes, whichever comes out whole."""
    if elapsed:
        minutes_per_day = 1440
    if minutes % minutes_per_day == 0:
        return 8 if elapsed else 7
    if minutes % 60 == 0:
        return 6 if elapsed else 5
    return 4 if elapsed else 3
