"""The characters of an XER file: P6 writes UTF-8 or the code page of the machine it runs on, and does not say which.

A file that is not UTF-8 is taken for Windows-1252, unless its bytes above 127 stand together in words, as they do in
scripts other than Latin, and those words are such as one of the other code pages of Windows gives: Chinese, Japanese
and Korean by where their common characters lie, alphabets by their ten commonest letters.
"""

from __future__ import annotations

import codecs
import re

from nirman.errors import UnreadableFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("ERM".encode("utf-16-le"), "utf-16-le"),
    ("ERM".encode("utf-16-be"), "utf-16-be"),
)
_WESTERN = "cp1252"
_COMMON_LETTERS = {
    "cp1251": "оеаинтсрвл",
    "cp1253": "αοιετσνηυρ",
    "cp1255": "יוהלארתבשמ",
    "cp1256": "اليمونرتبة",
    "cp874": "านรอกเง่มย",
}
_COMMON_PAIRS = {
    "cp949": (re.compile(rb"[\xb0-\xc8][\xa1-\xfe]"), 0.97),
    "gbk": (re.compile(rb"[\xb0-\xd7][\xa1-\xfe]"), 0.85),
    "big5": (re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]"), 0.85),
    "cp932": (re.compile(rb"[\x82\x83\x88-\x97][\x40-\xfc]"), 0.85),
}
"""Where the common characters of a double-byte code page lie, and how many of all must."""
_WORD = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_LEAD_AND_TRAIL = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_SAMPLE = 2**20
_MOSTLY = 0.5
_DAMAGED = 0.99
"""Of UTF-8 text, what is left of it where a program cut names in the middle of a character."""


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str, bool]:
    """The text, the encoding it was read in, and whether bytes that the encoding has not were lost (now U+FFFD).

    `UnreadableFileError` when no such `encoding` is known.
    """
    if encoding is None:
        encoding = next((named for mark, named in _MARKS if data.startswith(mark)), None) or _guess(data)
    try:
        return data.decode(encoding), encoding, False
    except UnicodeDecodeError:
        return data.decode(encoding, errors="replace"), encoding, True
    except LookupError as error:
        raise UnreadableFileError(f'"{encoding}" is no known encoding') from error


def _guess(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_code_page(data)
    return "utf-8"


def _guess_code_page(data: bytes) -> str:
    lines = b"\n".join(line for line in data.split(b"\n") if _HIGH.search(line))[:_SAMPLE]
    whole = lines[: lines.rfind(b"\n") + 1] or lines
    high = len(_HIGH.findall(whole))
    words = b"".join(_WORD.findall(whole))
    if len(words) < _MOSTLY * high:
        return _WESTERN
    if len(whole.decode("utf-8", errors="ignore").encode()) >= _DAMAGED * len(whole):
        return "utf-8"
    for encoding, (common, share) in _COMMON_PAIRS.items():
        if _decodes(whole, encoding):
            pairs = _LEAD_AND_TRAIL.findall(whole)
            if sum(common.fullmatch(pair) is not None for pair in pairs) >= share * len(pairs):
                return encoding
    shares = {
        encoding: sum(char in letters for char in words.decode(encoding, errors="replace").lower())
        for encoding, letters in _COMMON_LETTERS.items()
    }
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] >= _MOSTLY * len(words) else _WESTERN


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
