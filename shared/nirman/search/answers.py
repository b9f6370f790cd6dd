"""The `search` message of a socket. What finds names is loaded when somebody looks for one, not before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from msgspec.structs import replace

from nirman.collaboration.dialogue import Answers
from nirman.collaboration.messages import MAX_FRAME_BYTES, encode
from nirman.collaboration.messages.search import Found, FoundKind, Hit, Search
from nirman.collaboration.ports import Connection
from nirman.tenancy.identity import Principal


class Finder(Protocol):
    """`search.service.SearchService`."""

    def find(
        self, seeker: Principal, text: str, *, kinds: Collection[FoundKind], project: str | None = None, limit: int
    ) -> tuple[Hit, ...]: ...


class SearchAnswers:
    def __init__(self, finder: Callable[[], Finder]) -> None:
        self._finder = finder

    def answers(self) -> Answers:
        return {Search: self.search}

    def search(self, connection: Connection, message: Search) -> Found:
        hits = self._finder().find(
            connection.principal, message.text, kinds=message.kinds, project=message.project, limit=message.limit
        )
        found = Found(id=message.id, text=message.text, hits=hits)
        while len(encode(found)) > MAX_FRAME_BYTES:
            found = replace(found, hits=found.hits[:-1])
        return found
