from __future__ import annotations

import re
from pathlib import Path

import pytest

from nirman.collaboration import client, locks, messages, rooms
from nirman.collaboration.broadcast import FEW
from nirman.collaboration.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from nirman.tenancy.limits import MAX_REFUSED, Limits

PAGE = (Path(__file__).parents[3] / "docs" / "realtime.md").read_text()
UNTOLD = {"v", "id"}
"""Told once for all messages."""


def rows() -> dict[str, set[str]]:
    """The words in code type of each row of the tables of messages, by the message's type."""
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.partition("## Keeping up")[0], re.MULTILINE)
    return {kind: set(re.findall(r"`(\w+)`", rest)) for kind, rest in found}


@pytest.mark.parametrize("message", [*CLIENT_MESSAGES, *SERVER_MESSAGES], ids=lambda message: message.__name__)
def test_the_protocol_page_names_every_field_of_every_message(message: type) -> None:
    told = UNTOLD | ({"project"} if message not in CLIENT_MESSAGES else set())
    assert set(message.__struct_fields__) - told <= rows()[message.__struct_config__.tag]  # type: ignore[attr-defined]


def test_the_protocol_page_names_no_message_that_there_is_not() -> None:
    assert rows().keys() == {message.__struct_config__.tag for message in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}


def test_the_protocol_page_has_the_limits_of_the_code() -> None:
    for limit in (
        f"at most {messages.MAX_MESSAGE_BYTES // 1024} KB",
        f"at most {messages.MAX_FRAME_BYTES // 1000} KB",
        f"({rooms.MAX_MISSED:,} events, or {rooms.MAX_PAGES}\n  frames)",
        f"in more than {Limits().rooms_per_connection} rooms",
        f"of a connection {MAX_REFUSED} messages may be refused",
        f"In a room of more than {FEW} sockets",
        f"every {client.PING_EVERY_S:.0f} seconds",
        f"`beat` every {locks.BEAT_EVERY_S:.0f} seconds",
        f"{locks.LEASE.seconds} seconds after the last beat",
        f"At most {locks.MAX_LOCKS} locks are held and waited for in a project, {locks.MAX_OWN} by one socket;",
        f"{locks.MAX_LINE} wait for one record",
        f"within {client.RESEND_AFTER_S:.0f} seconds",
        f"{client.LONGEST_WAIT_S:.0f} seconds: never",
        f"`v`, the version of this protocol: {messages.VERSION}",
    ):
        assert limit in PAGE, limit
