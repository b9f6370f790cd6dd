"""The formats there are, and the two functions that the rest of the product calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.interchange.progress import Progress
from nirman.planning.model import Plan

if TYPE_CHECKING:  # scheduling is not needed to read a file
    from nirman.interchange.result import ImportResult
    from nirman.planning.schedule import Schedule

    Reader = Callable[[bytes], ImportResult]
    Writer = Callable[[Plan, Schedule, Progress | None], bytes]

_XML_MARKS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_HEAD_BYTES = 4096
_XML = "application/xml"
_OWN = frozenset(
    {
        *("labels", "skills", "duration_estimate", "crash", "overlap", "rain_stops_work", "rain_days"),
        *("indirect_cost_per_day", "delay_damages_per_day", "risks"),
    }
)


@dataclass(frozen=True, slots=True)
class Format:
    """`extension` is without the dot; `reader` and `writer` are `module:function` of this package, or None."""

    title: str
    extension: str
    media_type: str
    reader: str | None
    writer: str | None
    unsaid: frozenset[str] = _OWN
    """Fields of records, and kinds of them, that it has no place for, and that are somebody's own beside the file."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "mspdi": Format("Microsoft Project XML", "xml", _XML, "mspdi_reader:read_mspdi", "mspdi_writer:write_mspdi"),
        "pmxml": Format("Primavera P6 XML", "pmxml", _XML, "pmxml_reader:read_pmxml", None),
        "xer": Format("Primavera P6 XER", "xer", "text/plain", "xer_reader:read_xer", None),
        "xlsx": Format(
            "Excel workbook",
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            None,
            "xlsx_writer:write_xlsx",
        ),
        "pdf": Format("PDF Gantt chart", "pdf", "application/pdf", None, "pdf_gantt:write_pdf"),
        "json": Format(
            "Nirman JSON", "json", "application/json", "json_format:read_json", "json_format:write_json", frozenset()
        ),
    }
)


def read_plan(data: bytes, name: str) -> ImportResult:
    """The plan in a file; the format follows from the name's extension, else from the content; of XML from its root.

    UnreadableFileError: no such format, or the file is refused as a whole.
    """
    found = _by_extension(name) or _by_content(data)
    if found is not None and found.media_type == _XML:
        found = FORMATS[_of_xml(data)]
    if found is None or found.reader is None:
        readable = ", ".join(f"{f.title} (.{f.extension})" for f in FORMATS.values() if f.reader)
        only = "" if found is None else f"{found.title} (.{found.extension}) is written, but not read: "
        raise UnreadableFileError(f"{only}the file must be one of: {readable}", place=name)
    return replace(cast("Reader", _load(found.reader))(data), unsaid=found.unsaid)


def write_plan(plan: Plan, schedule: Schedule, format: str, progress: Progress | None = None) -> bytes:  # noqa: A002 - the API's own word
    """A file of the plan and its computed dates; `progress` hears 0 to 100.

    InvalidInputError: no such format, or the plan holds what the format cannot.
    """
    found = FORMATS.get(format)
    if found is None or found.writer is None:
        raise InvalidInputError(
            f"must be one of {', '.join(k for k, f in FORMATS.items() if f.writer)}", place="format"
        )
    writer = cast("Writer", _load(found.writer))
    if progress is not None:
        progress(0)
    data = writer(plan, schedule, progress)
    if progress is not None:
        progress(100)
    return data


def _by_extension(name: str) -> Format | None:
    extension = name.rpartition(".")[2].lower()
    return next((f for f in FORMATS.values() if f.extension == extension), None)


def _by_content(data: bytes) -> Format | None:
    head = data[:_HEAD_BYTES].lstrip()
    if head.startswith(b"{"):
        return FORMATS["json"]
    if head.startswith(b"ERMHDR"):
        return FORMATS["xer"]
    return FORMATS["mspdi"] if head.startswith(_XML_MARKS) else None


def _of_xml(data: bytes) -> str:
    from nirman.interchange.safe_xml import root_name  # noqa: PLC0415  # lxml only where it is needed

    return "pmxml" if root_name(data) == "APIBusinessObjects" else "mspdi"


def _load(reference: str) -> object:
    module, _, function = reference.partition(":")
    return getattr(import_module(f"nirman.interchange.{module}"), function)
