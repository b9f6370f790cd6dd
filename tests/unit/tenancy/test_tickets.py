"""One-time tickets: the same rules on a fake and on the table."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from nirman.aws.tickets import DynamoTicketStore
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import Principal, Role
from nirman.tenancy.tickets import LIFE_S, Tickets

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
RAHIMA = Principal(tenant="dhaka", user="rahima", name="রহিমা", role=Role.PLANNER)


@pytest.fixture
def tickets(dynamodb, connections_table):
    return Tickets(DynamoTicketStore(dynamodb, connections_table))


def test_a_ticket_says_whose_it_is(tickets):
    assert tickets.burn(tickets.issue(RAHIMA, NOW), NOW) == RAHIMA


def test_a_ticket_is_good_once(tickets):
    ticket = tickets.issue(RAHIMA, NOW)
    tickets.burn(ticket, NOW)
    with pytest.raises(UnauthenticatedError):
        tickets.burn(ticket, NOW)


def test_a_ticket_is_good_until_its_life_is_over(tickets):
    last_moment = NOW + timedelta(seconds=LIFE_S - 1)
    assert tickets.burn(tickets.issue(RAHIMA, NOW), last_moment) == RAHIMA


def test_a_ticket_is_refused_when_its_life_is_over_though_the_table_still_has_it(tickets):
    with pytest.raises(UnauthenticatedError):
        tickets.burn(tickets.issue(RAHIMA, NOW), NOW + timedelta(seconds=LIFE_S))


@pytest.mark.parametrize("ticket", ["", "x" * 43, "x" * 100_000, "অজানা"])
def test_a_ticket_that_was_never_issued_is_refused(tickets, ticket):
    with pytest.raises(UnauthenticatedError):
        tickets.burn(ticket, NOW)


def test_two_tickets_are_never_the_same(tickets):
    assert len({tickets.issue(RAHIMA, NOW) for _ in range(50)}) == 50


def test_the_table_keeps_only_the_digest_and_when_to_forget_it(tickets, dynamodb, connections_table):
    ticket = tickets.issue(RAHIMA, NOW)
    (item,) = dynamodb.scan(TableName=connections_table)["Items"]
    assert ticket not in str(item)
    assert item["pk"]["S"] == f"K#{hashlib.sha256(ticket.encode()).hexdigest()}"
    assert int(item["expires"]["N"]) == int(NOW.timestamp()) + LIFE_S
