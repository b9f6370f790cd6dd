"""Notes of Primavera P6 are HTML; the plan keeps their words."""

from __future__ import annotations

import re
from html import unescape

_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(style|script|head)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_DELETE_PAIR = "\x7f\x7f"
"""How XER writes a line break inside a cell."""


def plain_text(text: str) -> str:
    text = text.replace(_DELETE_PAIR, "\n")
    if "<" in text:
        text = _SPACE.sub(" ", _UNSHOWN.sub(" ", text).replace("\n", " "))
        text = _TAG.sub("", _LINE_BREAK.sub("\n", text))
    text = unescape(text).replace("\xa0", " ").replace("\x00", "")
    return _LINES.sub("\n", text).strip()
