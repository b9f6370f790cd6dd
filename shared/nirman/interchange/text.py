"""Text on its way into files."""

from __future__ import annotations

import re

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_safe(text: str) -> str:
    """Characters that XML 1.0 cannot hold, even escaped, become U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)


def lag_text(minutes: int, minutes_per_day: int, *, elapsed: bool, percent: float | None) -> str:
    """As planners write it behind a predecessor: `+2d`, `-3d`, `+36eh`, `+50%`; nothing for none."""
    if percent is not None:
        return f"{percent:+g}%" if percent else ""
    if minutes == 0:
        return ""
    mark = "e" if elapsed else ""
    per_day = 1440 if elapsed else minutes_per_day
    if minutes % per_day == 0:
        return f"{minutes // per_day:+d}{mark}d"
    if minutes % 60 == 0:
        return f"{minutes // 60:+d}{mark}h"
    return f"{minutes:+d}{mark}m"


def clock(minute_of_day: int) -> str:
    """`24:00` for the midnight that ends a day."""
    return f"{minute_of_day // 60:02}:{minute_of_day % 60:02}"
