"""Pages of lists: an opaque cursor says where the next begins, and is good for its own list only."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import msgspec
from fastapi import Depends, Query

from nirman.errors import InvalidInputError

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """`next` is the cursor of what follows, null at the end."""

    items: tuple[T, ...]
    next: str | None


class PlanPage(msgspec.Struct, Generic[T], frozen=True):
    """A page of a plan as of `revision`. If a later page has another revision, ask for the events between the two."""

    items: tuple[T, ...]
    next: str | None
    revision: int


class _Position(msgspec.Struct, frozen=True, array_like=True):
    scope: str
    after: int
    index: int


@dataclass(frozen=True, slots=True)
class Paging:
    limit: int
    cursor: str | None

    def of(self, scope: str, uids: Sequence[int]) -> tuple[Sequence[int], str | None]:
        """The uids of this page, and the cursor of the next; `scope` names the list, the tenant included.

        A page starts after the last uid of the page before, wherever that is now; where it has gone, at the same place.
        """
        start = 0
        if self.cursor is not None:
            position = _decoded(self.cursor, scope)
            found = position.after in uids
            start = uids.index(position.after) + 1 if found else min(position.index, len(uids))
        chosen = uids[start : start + self.limit]
        end = start + len(chosen)
        return chosen, _encoded(_Position(scope, chosen[-1], end)) if end < len(uids) else None


def _paging(
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many a page.")] = 100,
    cursor: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
) -> Paging:
    return Paging(limit, cursor)


Paged = Annotated[Paging, Depends(_paging)]


def _encoded(position: _Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def _decoded(cursor: str, scope: str) -> _Position:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = msgspec.json.decode(data, type=_Position)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        position = None
    if position is None or position.scope != scope or position.index < 0:
        raise InvalidInputError("not a cursor that this list gave", place="cursor")
    return position
