"""The protocol of the sockets for programs: AsyncAPI 3.0 and JSON Schemas, made from the messages themselves.

The schemas refuse what the decoder refuses, with one exception: JSON Schema takes `1.0` for an integer, the decoder
does not.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from nirman import errors
from nirman.collaboration import messages
from nirman.collaboration.messages import (
    CLIENT_MESSAGES,
    MAX_FRAME_BYTES,
    MAX_MESSAGE_BYTES,
    SERVER_MESSAGES,
    VERSION,
    Answer,
    ClientMessage,
    Error,
    RoomMessage,
)

ASYNCAPI: Final = "3.0.0"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_CHANNEL = "#/channels/live"
_COMPONENT = "#/components/schemas/{name}"
_DESCRIPTION = """Rooms of projects, of people and of tenants: every committed change, once, in order, without holes.
Each message of a client is answered, by its `id`; the server also speaks by itself. docs/realtime.md tells the rules of
keeping up, which no schema can."""

_INTERNAL = ("internal", "Something went wrong here; the same message may be sent again.")

REPLIES: Mapping[type[ClientMessage], tuple[type[Answer], ...]] = {
    messages.Join: (messages.Joined, messages.Reload),
    messages.Leave: (messages.Left,),
    messages.Ping: (messages.Pong,),
    messages.Edit: (messages.Ack,),
    messages.Undo: (messages.Ack,),
    messages.Redo: (messages.Ack,),
    messages.Look: (messages.Noted,),
    messages.Signal: (messages.Noted,),
    messages.Lock: (messages.Lease,),
    messages.Unlock: (messages.Lease,),
    messages.TakeOver: (messages.Lease,),
    messages.Beat: (messages.Leases,),
    messages.Search: (messages.Found,),
}
"""What each message is answered with, if not with an `error`."""


def tag(message: type[Struct]) -> str:
    """What the message has as its `type`."""
    return str(message.__struct_config__.tag)


MESSAGES: Mapping[str, type[Struct]] = {tag(message): message for message in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}


@cache
def schema(kind: str) -> dict[str, Any] | None:
    """JSON Schema (2020-12) of the messages with that `type`, in itself complete; None if there are none."""
    message = MESSAGES.get(kind)
    if message is None:
        return None
    _, parts = msgspec.json.schema_components([message], ref_template="#/$defs/{name}")
    whole = {"$schema": DIALECT, **_ruled(message, parts.pop(message.__name__))}
    return whole | ({"$defs": parts} if parts else {})


def asyncapi(address: str) -> dict[str, Any]:
    """The document; `address` is where clients open sockets (wss://host/path)."""
    protocol, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": "Nirman live", "version": str(VERSION), "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "live": {
                "host": host,
                "pathname": f"/{path}",
                "protocol": protocol,
                "security": [{"$ref": "#/components/securitySchemes/ticket"}],
            }
        },
        "channels": {"live": _channel()},
        "operations": dict(_operations()),
        "components": {
            "securitySchemes": {
                "ticket": {
                    "type": "httpApiKey",
                    "name": "ticket",
                    "in": "query",
                    "description": "From POST /v1/ws-ticket; good once, for 45 seconds.",
                }
            },
            "correlationIds": {
                "id": {"description": "The client's own; comes back in the answer.", "location": "$message.payload#/id"}
            },
            "schemas": _components(),
        },
    }


def _channel() -> dict[str, Any]:
    return {
        "address": "/",
        "title": "One socket",
        "description": "A connection lives at most two hours, and ten minutes without traffic.",
        "servers": [{"$ref": "#/servers/live"}],
        "messages": {kind: _message(kind, message) for kind, message in MESSAGES.items()},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {"type": "object", "required": ["ticket"], "properties": {"ticket": {"type": "string"}}},
                "bindingVersion": "0.1.0",
            }
        },
    }


def _message(kind: str, message: type[Struct]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": kind,
        "title": message.__name__,
        "payload": {"$ref": _COMPONENT.format(name=message.__name__)},
        "x-max-bytes": MAX_MESSAGE_BYTES if message in CLIENT_MESSAGES else MAX_FRAME_BYTES,
        "x-json-schema": f"/v1/realtime/schemas/{kind}.json",
    }
    if message.__doc__:
        described["summary"] = inspect.cleandoc(message.__doc__).partition("\n")[0]
    if "id" in message.__struct_fields__:
        described["correlationId"] = {"$ref": "#/components/correlationIds/id"}
    if message is Error:
        described["x-codes"] = dict(sorted([*_codes(errors.NirmanError), _INTERNAL]))
    return described


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """As AsyncAPI has it, from the server's side: it receives what clients send."""
    channel = {"$ref": _CHANNEL}
    for message, answers in REPLIES.items():
        reply = {"channel": channel, "messages": [_reference(answer) for answer in (*answers, Error)]}
        yield (
            tag(message),
            {"action": "receive", "channel": channel, "messages": [_reference(message)], "reply": reply},
        )
    said = [_reference(message) for message in SERVER_MESSAGES if issubclass(message, RoomMessage)]
    yield "say", {"action": "send", "channel": channel, "messages": said}


def _reference(message: type[Struct]) -> dict[str, str]:
    return {"$ref": f"{_CHANNEL}/messages/{tag(message)}"}


def _components() -> dict[str, Any]:
    _, parts = msgspec.json.schema_components(MESSAGES.values(), ref_template=_COMPONENT)
    for message in MESSAGES.values():
        parts[message.__name__] = _ruled(message, parts[message.__name__])
    return {name: _plain(part) for name, part in parts.items()}


def _ruled(message: type[Struct], made: dict[str, Any]) -> dict[str, Any]:
    """With the rules that go over several fields, which the message's own check has."""
    return made | getattr(message, "JSON_RULES", {})


def _plain(part: Any) -> Any:
    """In the dialect of AsyncAPI's own schemas, draft 7: tuples and discriminators are written otherwise there."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    plain = {name: _plain(value) for name, value in part.items() if name != "discriminator"}
    if "prefixItems" in plain:
        plain["additionalItems"] = plain.pop("items", True)
        plain["items"] = plain.pop("prefixItems")
    return plain


def _codes(kind: type[errors.NirmanError]) -> Iterator[tuple[str, str]]:
    """Every `code` that an `error` can have, and what it means."""
    if kind is not errors.NirmanError:
        yield kind.code, inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]
    for one in kind.__subclasses__():
        yield from _codes(one)
