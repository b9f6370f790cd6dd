"""How much a socket may say, and that a flood hurts its sender only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nirman.collaboration.dialogue import Dialogue
from nirman.collaboration.gate import REFUSED_PER_WRITE, Gate
from nirman.collaboration.messages import Ack, Error, Pong
from nirman.collaboration.ports import LIFE
from nirman.errors import BusyError, LimitExceededError, RateLimitedError
from nirman.tenancy.identity import Role
from nirman.tenancy.limits import MAX_REFUSED, Limits, Meter, TenantLimits
from tests.fakes.rooms import KEY, Stage, person

SMALL = Limits(name="small", messages_per_minute=40, connections_per_user=2, connections_per_tenant=3)


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Two people with two sockets each."""
    stage.tenant_plans.put_plan("dhaka", SMALL)
    for connection, user in (("a1", "amina"), ("a2", "amina"), ("b1", "bashir"), ("b2", "bashir")):
        stage.connect(connection, user)
    return stage


def ping(stage: Stage, connection: str) -> Any:
    return stage.say(connection, type="ping")


def another_process(stage: Stage) -> Dialogue:
    """Hears the same connections; shares only what is written down."""
    limits = TenantLimits(stage.tenant_plans, now=stage.clock)
    meter = Meter(stage.buckets, limits, now=stage.clock)
    gate = Gate(meter=meter, limits=limits, connected=stage.rooms, sockets=stage.sockets, now=stage.clock)
    return Dialogue(stage.service.connection, gate, stage.service)


def test_a_connection_says_so_much_in_a_minute_and_is_told_when_to_go_on(busy: Stage) -> None:
    answers = [ping(busy, "a1") for _ in range(60)]
    assert [type(answer) for answer in answers] == [Pong] * 41 + [Error] * 19
    told = answers[-1]
    assert (told.id, told.code, told.details["what"], told.details["limit"]) == ("1", "rate-limited", "messages", 40)
    assert 0 < told.details["retry_after_s"] <= 3
    assert isinstance(ping(busy, "a2"), Pong)
    busy.clock.time += timedelta(seconds=told.details["retry_after_s"])
    assert isinstance(ping(busy, "a1"), Pong)


def test_few_messages_cost_a_write(busy: Stage) -> None:
    for _ in range(40):
        ping(busy, "a1")
    assert busy.buckets.writes == 20
    busy.tenant_plans.put_plan("khulna", Limits())
    busy.directory.grant(KEY, "sadia")
    busy.service.connect("k", person("sadia", Role.PLANNER, "khulna"))
    for _ in range(59):
        ping(busy, "k")
    assert busy.buckets.writes == 20


def test_what_is_refused_is_not_carried_out_and_costs_no_write(busy: Stage) -> None:
    for _ in range(45):
        ping(busy, "a1")
    writes = busy.buckets.writes
    command = {"command_id": "c", "base_revision": 0, "operations": [{"op": "delete", "kind": "task", "uid": 1}]}
    answer = busy.say("a1", type="edit", project="tower", command=command)
    assert (answer.code, busy.plans.head(KEY), busy.buckets.writes) == ("rate-limited", 0, writes)  # type: ignore[union-attr]
    assert isinstance(busy.say("a2", type="edit", project="tower", command=command), Ack)


def test_few_refusals_cost_a_write(busy: Stage) -> None:
    for _ in range(MAX_REFUSED):
        busy.dialogue.answer("a1", "{")
    assert busy.buckets.writes == MAX_REFUSED / REFUSED_PER_WRITE


def test_who_goes_on_and_on_is_cut_off_alone(busy: Stage) -> None:
    for _ in range(41 + MAX_REFUSED):
        ping(busy, "a1")
    assert busy.sockets.closed == []
    for _ in range(REFUSED_PER_WRITE):
        ping(busy, "a1")
    assert busy.sockets.closed == ["a1"]
    [last] = busy.sockets.heard("a1")
    assert isinstance(last, Error)
    assert (last.id, last.code) == (None, "rate-limited")
    assert last.text.startswith("closed: ")
    for other in ("a2", "b1", "b2"):
        assert isinstance(ping(busy, other), Pong)


@pytest.mark.parametrize("text", ["{", "[]", '{"type":"no"}', '{"type":"ping"}', "x" * 70_000])
def test_who_sends_only_what_cannot_be_read_is_cut_off(busy: Stage, text: str) -> None:
    for _ in range(MAX_REFUSED):
        busy.dialogue.answer("a1", text)
    assert busy.sockets.closed == []
    for _ in range(REFUSED_PER_WRITE):
        busy.dialogue.answer("a1", text)
    assert busy.sockets.closed == ["a1"]


@pytest.mark.parametrize("processes", [2, 7])
def test_a_flood_is_found_however_many_processes_hear_it(busy: Stage, processes: int) -> None:
    ears = [another_process(busy) for _ in range(processes)]
    most = MAX_REFUSED + processes * REFUSED_PER_WRITE
    heard = next(n for n in range(1, most + 1) if ears[n % processes].answer("a1", "{") and busy.sockets.closed)
    assert MAX_REFUSED < heard <= most
    assert busy.sockets.closed == ["a1"]


def test_who_is_unknown_and_sends_what_cannot_be_read_is_cut_off_soon(busy: Stage) -> None:
    for _ in range(REFUSED_PER_WRITE):
        busy.dialogue.answer("nobody", "{")
    assert busy.sockets.closed == ["nobody"]


def test_refusals_that_could_not_be_written_down_are_with_the_next(
    busy: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crowded(*_args: Any, **_limits: Any) -> float:
        raise BusyError("too many count at once")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(busy.buckets, "take", crowded)
        for _ in range(MAX_REFUSED):
            assert busy.dialogue.answer("a1", "{").code == "invalid"  # type: ignore[union-attr]
    for _ in range(REFUSED_PER_WRITE + 1):
        busy.dialogue.answer("a1", "{")
    assert busy.sockets.closed == ["a1"]


def test_a_slip_now_and_then_is_forgiven(busy: Stage) -> None:
    for _ in range(3 * MAX_REFUSED):
        busy.dialogue.answer("a1", "{")
        busy.clock.time += timedelta(seconds=1)
    assert busy.sockets.closed == []


def test_edits_that_are_refused_count_too(busy: Stage) -> None:
    busy.plans.refuse = RateLimitedError("edits", limit=50, window_s=60, retry_after_s=1.2)
    busy.tenant_plans.put_plan("dhaka", Limits())
    for _ in range(MAX_REFUSED):
        busy.say("b1", type="redo", project="tower", command_id="c")
    assert busy.sockets.closed == []
    for _ in range(REFUSED_PER_WRITE):
        busy.say("b1", type="redo", project="tower", command_id="c")
    assert busy.sockets.closed == ["b1"]


def test_a_gone_socket_can_be_cut_off(busy: Stage) -> None:
    busy.sockets.gone.add("a1")
    for _ in range(MAX_REFUSED + REFUSED_PER_WRITE):
        busy.dialogue.answer("a1", "{")
    assert busy.sockets.closed == ["a1"]


def test_a_person_and_a_tenant_have_so_many_connections(stage: Stage) -> None:
    stage.tenant_plans.put_plan("dhaka", SMALL)
    amina, bashir, rival = person("amina"), person("bashir"), person("amina", tenant="khulna")
    for connection, who in (("a1", amina), ("a2", amina)):
        stage.gate.admit(who)
        stage.service.connect(connection, who)
    with pytest.raises(LimitExceededError, match="a person has at most 2"):
        stage.gate.admit(amina)
    stage.gate.admit(bashir)
    stage.service.connect("b1", bashir)
    with pytest.raises(LimitExceededError, match="the tenant has at most 3"):
        stage.gate.admit(person("chitra"))
    stage.gate.admit(rival)
    stage.service.disconnect("a1")
    stage.gate.admit(amina)
    stage.clock.time += LIFE
    stage.gate.admit(amina)
