"""A Lambda client whose calls go to a handler here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any


class Invoked:
    """A call goes through the handler, as JSON there and back."""

    def __init__(self, handler: Callable[[dict[str, Any], object], Any]) -> None:
        self.handler = handler
        self.calls: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - the client's own names
        self.calls.append(json.loads(Payload))
        answer = self.handler(self.calls[-1], None)
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}
