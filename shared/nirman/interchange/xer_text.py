"""The characters of an XER file: P6 writes UTF-8 or the code page of the machine it runs on, and does not say which."""

from __future__ import annotations

import codecs

from nirman.errors import UnreadableFileError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DEFAULT_CODE_PAGE = "cp1252"


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
        return DEFAULT_CODE_PAGE
    return "utf-8"
