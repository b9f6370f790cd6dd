"""XML from strangers: no document type, no entities, no network, bounded size and depth, one record at a time."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

from lxml import etree

from nirman.errors import UnreadableFileError

MAX_BYTES = 64 * 2**20


def local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def root_name(data: bytes) -> str | None:
    """Of the root element, without its namespace; None where there is none that can be read."""
    try:
        for _, element in _events(data, ("start",)):
            return local_name(element)
    except etree.XMLSyntaxError:
        pass
    return None


def records(
    data: bytes, *, root: str, namespaces: tuple[str, ...], max_bytes: int = MAX_BYTES
) -> Iterator[etree._Element]:
    """Children and grandchildren of the root as they end, each emptied when the next is asked for.

    `UnreadableFileError` names the line: not XML, a document type, another root or namespace, larger than `max_bytes`.
    `namespaces` are accepted beginnings of the root's namespace; none at all is accepted too.
    """
    if len(data) > max_bytes:
        raise UnreadableFileError(f"a file must not be larger than {max_bytes // 2**20} MB, this has {len(data)} bytes")
    try:
        yield from _walk(data, root, namespaces)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise UnreadableFileError(f"is not well-formed XML: {_first_line(error)}", place=f"line {line}") from error


def _walk(data: bytes, root: str, namespaces: tuple[str, ...]) -> Iterator[etree._Element]:
    depth = 0
    for event, element in _events(data, ("start", "end")):
        if event == "start":
            depth += 1
            if depth == 1:
                _check_root(element, root, namespaces)
            continue
        depth -= 1
        if depth in (1, 2):
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]


def _events(data: bytes, names: tuple[Literal["start", "end"], ...]) -> etree.iterparse[tuple[str, etree._Element]]:
    return etree.iterparse(
        BytesIO(data),
        events=names,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _check_root(element: etree._Element, root: str, namespaces: tuple[str, ...]) -> None:
    place = f"line {element.sourceline or 1}"
    if element.getroottree().docinfo.doctype:
        raise UnreadableFileError("a document type (and so entities) is not accepted", place=place)
    name = etree.QName(element)
    known = not name.namespace or name.namespace.startswith(namespaces)
    if name.localname != root or not known:
        raise UnreadableFileError(f"the root element must be {root}, this is {name.text}", place=place)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "nothing in it"
