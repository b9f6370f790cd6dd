"""Presence and signals in the connections table; the fakes of the unit tests are held to the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nirman.aws import keys
from nirman.aws.presence import RENEW_EVERY, DynamoAttendance
from nirman.aws.rooms import DynamoRooms
from nirman.aws.signals import TURN_FOR, DynamoBoard
from nirman.collaboration.messages import Cursor, Looking, Pointer, Presence
from nirman.collaboration.ports import (
    ANNOUNCED_FOR,
    LIFE,
    PRESENT_FOR,
    SIGNAL_FOR,
    Attendance,
    Board,
    Connection,
    Pulse,
    Rooms,
    Shown,
    Told,
)
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.fakes.presence import InMemoryAttendance, InMemoryBoard
from tests.fakes.rooms import InMemoryRooms

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
TOWER = ProjectKey("dhaka", "tower")
BRIDGE = ProjectKey("dhaka", "bridge")
SECOND = timedelta(seconds=1)


@dataclass
class Place:
    rooms: Rooms
    attendance: Attendance
    board: Board

    def come(self, connection_id: str, user: str = "amina", key: ProjectKey = TOWER) -> Connection:
        connection = Connection(connection_id, Principal("dhaka", user, user.title(), Role.PLANNER), NOW + LIFE)
        self.rooms.open(connection)
        self.rooms.join(connection, key, now=NOW)
        return connection

    def occupant(self, connection_id: str):
        occupants = self.rooms.occupants(TOWER, now=NOW)
        return next(one for one in occupants if one.connection == connection_id)


@pytest.fixture(params=["table", "memory"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        rooms = InMemoryRooms()
        return Place(rooms, InMemoryAttendance(rooms), InMemoryBoard(rooms))
    dynamodb, table = request.getfixturevalue("dynamodb"), request.getfixturevalue("connections_table")
    return Place(DynamoRooms(dynamodb, table), DynamoAttendance(dynamodb, table), DynamoBoard(dynamodb, table))


def test_a_newcomer_is_present_and_not_told_of(place: Place) -> None:
    place.come("a")
    assert place.occupant("a").present_until == NOW + PRESENT_FOR
    assert place.occupant("a").told is Told.NOTHING
    place.attendance.came("a", TOWER)
    assert place.occupant("a").told is Told.CAME


def test_a_lease_is_prolonged_now_and_then_only(place: Place) -> None:
    place.come("a")
    place.attendance.came("a", TOWER)
    for after, until in ((RENEW_EVERY - SECOND, PRESENT_FOR), (RENEW_EVERY, RENEW_EVERY + PRESENT_FOR)):
        assert place.attendance.renew("a", TOWER, now=NOW + after) is False
        assert place.occupant("a").present_until == NOW + until


def test_a_lease_that_ended_is_renewed_and_the_room_is_to_be_told(place: Place) -> None:
    place.come("a")
    place.attendance.came("a", TOWER)
    later = NOW + PRESENT_FOR
    assert place.attendance.renew("a", TOWER, now=later) is True
    assert place.occupant("a").present_until == later + PRESENT_FOR
    assert place.occupant("a").told is Told.NOTHING
    assert place.attendance.renew("a", TOWER, now=later) is True, "until it was told"
    place.attendance.came("a", TOWER)
    assert place.attendance.renew("a", TOWER, now=later) is False


def test_only_one_may_tell_that_a_lease_ended(place: Place) -> None:
    place.come("a")
    place.attendance.came("a", TOWER)
    assert place.attendance.went("a", TOWER, ended_before=NOW + PRESENT_FOR - SECOND) is False
    assert place.attendance.went("a", TOWER, ended_before=NOW + PRESENT_FOR) is True
    assert place.attendance.went("a", TOWER, ended_before=NOW + PRESENT_FOR) is False
    assert place.occupant("a").told is Told.WENT
    place.attendance.came("a", TOWER)  # said by somebody who was slow
    assert place.occupant("a").told is Told.WENT
    assert place.attendance.renew("a", TOWER, now=NOW + PRESENT_FOR) is True


def test_who_is_not_in_the_room_cannot_be_renewed_and_leaves_no_trace(place: Place) -> None:
    place.come("a", key=BRIDGE)
    assert place.attendance.renew("a", TOWER, now=NOW) is False
    assert place.attendance.went("a", TOWER, ended_before=NOW + LIFE) is False
    place.attendance.came("a", TOWER)
    assert place.rooms.occupants(TOWER, now=NOW) == ()


def test_stamps_rise_though_a_clock_is_behind(place: Place) -> None:
    milli = timedelta(milliseconds=1)
    stamps = [place.attendance.stamp(TOWER, now=NOW + skew * SECOND) for skew in (0, 3, -2, 3, 4)]
    assert stamps == [NOW, NOW + 3 * SECOND, NOW + 3 * SECOND + milli, NOW + 3 * SECOND + 2 * milli, NOW + 4 * SECOND]
    assert place.attendance.stamp(BRIDGE, now=NOW) == NOW


def test_announcements_are_numbered_and_sweeps_are_given_to_one(place: Place) -> None:
    attendance = place.attendance
    assert attendance.pulse(TOWER) == Pulse()
    assert [attendance.announced(TOWER, count) for count in (1, 3, 1)] == [1, 2, 5]
    attendance.stamp(TOWER, now=NOW)
    assert attendance.take_sweep(TOWER, now=NOW, last_before=NOW - SECOND)
    assert attendance.pulse(TOWER) == Pulse(NOW, 5, NOW)
    assert not attendance.take_sweep(TOWER, now=NOW + SECOND, last_before=NOW - SECOND)
    assert attendance.take_sweep(TOWER, now=NOW + SECOND, last_before=NOW)


def pointer(task: int, user: str = "amina") -> Pointer:
    return Pointer(user, "1", Cursor("gantt", task))


def test_the_board_has_the_latest_of_each_socket(place: Place) -> None:
    connection = place.come("a")
    place.board.look(connection, TOWER, Looking("gantt", (1,)), now=NOW)
    place.board.look(connection, TOWER, Looking("gantt", (1, 2)), now=NOW + SECOND)
    for task in (1, 2, 3):
        place.board.point(connection, TOWER, pointer(task), number=None, now=NOW + task * SECOND)
    [shown] = place.board.shown(TOWER, now=NOW)
    moved = NOW + 3 * SECOND
    assert shown == Shown("a", "amina", NOW + SECOND, Looking("gantt", (1, 2)), moved, pointer(3), pointer(2))
    place.board.look(connection, TOWER, None, now=NOW)
    assert place.board.shown(TOWER, now=NOW)[0].looking is None
    assert place.board.shown(BRIDGE, now=NOW) == ()


def test_an_earlier_signal_that_comes_later_is_passed_over(place: Place) -> None:
    connection = place.come("a")
    for number in (1, 3, 2):
        place.board.point(connection, TOWER, pointer(number), number=number, now=NOW)
    assert place.board.shown(TOWER, now=NOW)[0].pointer == pointer(3)


def test_signals_are_not_read_when_they_are_old(place: Place) -> None:
    connection = place.come("a")
    place.board.point(connection, TOWER, pointer(1), number=None, now=NOW)
    assert place.board.shown(TOWER, now=NOW + SIGNAL_FOR - SECOND)[0].pointer == pointer(1)
    [shown] = place.board.shown(TOWER, now=NOW + SIGNAL_FOR)
    assert (shown.pointer, shown.before, shown.moved) == (None, None, None)


@pytest.mark.parametrize("end", [lambda rooms: rooms.leave("a", TOWER), lambda rooms: rooms.close("a")])
def test_who_leaves_or_closes_is_off_the_board(place: Place, end: Callable[[Rooms], object]) -> None:
    other = place.come("b", "bashir")
    place.board.point(other, TOWER, pointer(2, "bashir"), number=None, now=NOW)
    place.board.point(place.come("a"), TOWER, pointer(1), number=None, now=NOW)
    end(place.rooms)
    assert [shown.connection for shown in place.board.shown(TOWER, now=NOW)] == ["b"]


def test_the_turn_is_given_to_one_until_it_ends_or_is_overdue(place: Place) -> None:
    board = place.board
    first = board.take_turn(TOWER, "1", now=NOW)
    assert (first.id, first.last, first.sockets) == ("1", None, 0)
    assert board.take_turn(TOWER, "2", now=NOW).id is None
    assert board.end_turn(TOWER, "2", now=NOW) is None
    ended = board.end_turn(TOWER, "1", now=NOW)
    assert ended is not None
    assert ended.last is None
    board.sent(TOWER, 40)
    third = board.take_turn(TOWER, "3", now=NOW + SECOND)
    assert (third.id, third.last, third.sockets) == ("3", NOW, 40)
    refused = board.take_turn(TOWER, "4", now=NOW + SECOND)
    assert (refused.id, refused.last, refused.sockets) == (None, NOW, 40)
    assert board.take_turn(TOWER, "5", now=NOW + SECOND + TURN_FOR).id == "5"
    assert board.end_turn(TOWER, "3", now=NOW) is None


def change(number: int) -> Presence:
    return Presence(project="tower", change="left", user=f"u{number}", name="ন" * 100, at="", number=number)


def test_what_was_announced_is_read_in_order_for_a_while(place: Place) -> None:
    some = [change(number) for number in range(2, 503)]
    place.board.announce(TOWER, some, now=NOW)
    place.board.announce(TOWER, [change(1)], now=NOW)
    place.board.announce(TOWER, [change(503)], now=NOW + SECOND)
    place.board.announce(BRIDGE, [change(504)], now=NOW)

    def read(since: datetime | None, after: timedelta) -> list[int]:
        return [one.number for one in place.board.announced(TOWER, since=since, now=NOW + after)]

    assert read(None, SECOND) == list(range(1, 504))
    assert read(NOW - SECOND, SECOND) == list(range(1, 504))
    assert read(NOW, SECOND) == [503]
    assert read(NOW - SECOND, ANNOUNCED_FOR) == [503]
    assert read(None, ANNOUNCED_FOR + SECOND) == []
    assert place.board.shown(TOWER, now=NOW) == ()


def test_everything_about_presence_expires(dynamodb: DynamoDBClient, connections_table: str) -> None:
    rooms, board = DynamoRooms(dynamodb, connections_table), DynamoBoard(dynamodb, connections_table)
    attendance = DynamoAttendance(dynamodb, connections_table)
    connection = Place(rooms, attendance, board).come("a")
    board.look(connection, TOWER, None, now=NOW)
    board.point(connection, TOWER, pointer(1), number=1, now=NOW)
    board.take_turn(TOWER, "1", now=NOW)
    board.announce(TOWER, [change(1)], now=NOW)
    attendance.stamp(TOWER, now=NOW)
    items = dynamodb.scan(TableName=connections_table)["Items"]
    assert all(NOW.timestamp() < int(item["expires"]["N"]) <= NOW.timestamp() + 86_400 for item in items)
    assert len([item for item in items if item["pk"]["S"] == keys.board(TOWER)]) == 4
