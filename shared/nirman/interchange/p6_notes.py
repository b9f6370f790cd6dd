"""Notes of Primavera P6 are HTML; the plan keeps their words. All in linear time: notes come from strangers."""

from __future__ import annotations

import re
from html import unescape

_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_UNSHOWN = ("style", "script", "head")
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[^\S\n]+")
_DELETE_PAIR = "\x7f\x7f"
"""How XER writes a line break inside a cell."""


def plain_text(text: str) -> str:
    """Of HTML, as P6 keeps notes: lines without tags, entities and empty lines."""
    text = text.replace(_DELETE_PAIR, "\n")
    if "<" in text:
        for name in _UNSHOWN:
            text = _without(text, name)
        text = _TAG.sub("", _LINE_BREAK.sub("\n", _SPACE.sub(" ", text.replace("\n", " "))))
    lines = (line.strip() for line in unescape(text).replace("\xa0", " ").replace("\x00", "").split("\n"))
    return "\n".join(line for line in lines if line)


def _without(text: str, name: str) -> str:
    """The elements of that name left out, with what is in them."""
    lower = text.lower()
    if len(lower) != len(text):  # some letters have a longer small one
        return text
    kept: list[str] = []
    at = 0
    while (start := lower.find(f"<{name}", at)) >= 0:
        end = lower.find(f"</{name}", start)
        close = lower.find(">", end)
        if end < 0 or close < 0:
            break
        kept.append(text[at:start])
        at = close + 1
    return "".join([*kept, text[at:]])
