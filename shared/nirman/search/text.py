"""Text as it is compared: of one form, without case, with one set of digits, in words."""

from __future__ import annotations

import unicodedata

_SPACE = " "


class _Folding(dict[int, "str | None"]):
    """What each character becomes: letters and their signs stay, digits of any script become 0-9, joiners vanish
    (people type them or not), all else parts words.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Nd":
            folded: str | None = str(unicodedata.digit(character))
        elif category == "Cf":
            folded = None
        else:
            folded = character if category[0] in "LMN" else _SPACE
        self[code] = folded
        return folded


_folding = _Folding()


def folded(text: str) -> str:
    """`‘পাইল ক্যাপ-৩’` and `পাইল  ক্যাপ 3` are the same."""
    # Casefold can undo the form, hence once more; most text is in the form already, and then it costs nothing.
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.join(plain.translate(_folding).split())


def words(text: str) -> list[str]:
    return folded(text).split()
