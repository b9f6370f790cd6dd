"""A client that is killed, or gets no answer, at one chosen call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ReadTimeoutError


class Killed(BaseException):
    """The process ended here: nothing catches it, as nothing would."""


class Calls:
    """Counts the calls of all clients that share it; call number `at` fails, before or after it had its effect."""

    def __init__(self, at: int | None = None, *, after_effect: bool = False, timeout: bool = False) -> None:
        self.made: list[str] = []
        self._at = at
        self._after_effect = after_effect
        self._timeout = timeout

    @property
    def struck(self) -> bool:
        return self._at is not None and len(self.made) > self._at

    def run(self, name: str, call: Any) -> Any:
        self.made.append(name)
        if len(self.made) - 1 != self._at:
            return call()
        if self._after_effect:
            call()
        if self._timeout:
            raise ReadTimeoutError(endpoint_url="test")
        raise Killed(name)


class CountedClient:
    """A boto3 client whose calls go through `Calls`."""

    def __init__(self, client: Any, calls: Calls) -> None:
        self._client = client
        self._calls = calls
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda **arguments: self._calls.run(name, lambda: method(**arguments))


def three_tries() -> Iterator[None]:
    """Pauses that do not wait."""
    yield from (None, None, None)
