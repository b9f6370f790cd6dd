"""Several people with several sockets come, ping, fall silent, break, leave: everybody knows who is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nirman.collaboration.broadcast import FEW
from nirman.collaboration.messages import Joined, Presence, Presences, Reload, decode_server
from nirman.collaboration.ports import PRESENT_FOR, GoneError, NotDeliveredError
from nirman.collaboration.presence import SKEW, SWEEP_EVERY
from nirman.collaboration.roster import Roster
from nirman.collaboration.signals import Flush
from tests.fakes.rooms import KEY, Stage

PEOPLE = ("amina", "bashir", "chitra")
PING_EVERY = timedelta(seconds=25)
skews = st.integers(-2400, 2400).map(lambda ms: timedelta(milliseconds=ms))


@dataclass
class Socket:
    """A client; `silent` ones neither ping nor close, as a laptop asleep."""

    id: str
    user: str
    pinged: float = 0.0
    silent: bool = False
    lost: bool = False
    """Whether a frame to it was lost, and it has not asked anew since."""
    roster: Roster = field(default_factory=Roster)


class Everybody(RuleBasedStateMachine):
    few = FEW

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(GoneError, few=self.few)
        self.flush = Flush(
            board=self.stage.board,
            broadcast=self.stage.broadcast,
            sockets=self.stage.sockets,
            now=self.stage.clock,
            sleep=lambda _: None,
            threads=4,
        )
        self.start = self.stage.clock.time
        self.sockets: dict[str, Socket] = {}
        """Those in the room, as far as anybody can know."""
        self.count = 0

    @property
    def now(self) -> float:
        return (self.stage.clock.time - self.start).total_seconds()

    @contextmanager
    def by_a_clock(self, skew: timedelta) -> Iterator[None]:
        self.stage.clock.time += skew
        yield
        self.stage.clock.time -= skew
        self.deliver()

    def deliver(self) -> None:
        while self.stage.flusher.woken:
            key, turn, wait_ms = self.stage.flusher.woken.pop(0)
            self.flush(key, turn, wait_ms=wait_ms)
        for socket in self.sockets.values():
            for data in self.stage.sockets.posted.pop(socket.id, []):
                message = decode_server(data)
                assert isinstance(message, Presence | Presences)
                for change in message.changes if isinstance(message, Presences) else (message,):
                    socket.roster.offer(change)

    def ask(self, socket: Socket) -> None:
        answer = self.stage.join(socket.id)
        assert isinstance(answer, Joined | Reload)
        socket.roster.start(answer.presence, answer.at, answer.announced)
        socket.pinged, socket.lost = self.now, False

    def ping_by(self, socket: Socket) -> None:
        pong = self.stage.say(socket.id, type="ping", project=KEY.project)
        socket.pinged = self.now
        self.deliver()
        if socket.roster.misses(pong.announced):
            self.ask(socket)

    def pick(self, number: int, *, awake: bool = False) -> Socket:
        some = [socket for socket in self.sockets.values() if not (awake and socket.silent)]
        return some[number % len(some)]

    @property
    def awake(self) -> bool:
        return any(not socket.silent for socket in self.sockets.values())

    @rule(user=st.sampled_from(PEOPLE), skew=skews)
    @precondition(lambda self: len(self.sockets) < 8)
    def come(self, user: str, skew: timedelta) -> None:
        self.count += 1
        socket = Socket(f"{user}-{self.count}", user)
        with self.by_a_clock(skew):
            self.stage.connect(socket.id, user)
            self.ask(socket)
        self.sockets[socket.id] = socket
        socket.pinged = self.now
        self.deliver()

    @rule(number=st.integers(0, 99), skew=skews)
    @precondition(lambda self: self.awake)
    def ping(self, number: int, skew: timedelta) -> None:
        socket = self.pick(number, awake=True)
        with self.by_a_clock(skew):
            self.ping_by(socket)
        socket.pinged = self.now

    @rule(seconds=st.sampled_from([1, 10, 24, 70, 90]))
    def wait(self, seconds: int) -> None:
        self.stage.clock.time += timedelta(seconds=seconds)

    @rule(number=st.integers(0, 99))
    @precondition(lambda self: self.awake)
    def fall_silent(self, number: int) -> None:
        self.pick(number, awake=True).silent = True

    @rule(number=st.integers(0, 99), skew=skews)
    @precondition(lambda self: self.sockets)
    def wake_up(self, number: int, skew: timedelta) -> None:
        socket = self.pick(number)
        socket.silent = False
        with self.by_a_clock(skew):
            self.ping_by(socket)
        socket.pinged = self.now

    @rule(number=st.integers(0, 99), skew=skews)
    @precondition(lambda self: self.sockets)
    def close(self, number: int, skew: timedelta) -> None:
        socket = self.sockets.pop(self.pick(number).id)
        with self.by_a_clock(skew):
            self.stage.service.disconnect(socket.id)

    @rule(number=st.integers(0, 99), skew=skews)
    @precondition(lambda self: self.sockets)
    def leave(self, number: int, skew: timedelta) -> None:
        socket = self.sockets.pop(self.pick(number).id)
        with self.by_a_clock(skew):
            self.stage.say(socket.id, type="leave", project=KEY.project)

    @rule(number=st.integers(0, 99), skew=skews)
    @precondition(lambda self: self.sockets)
    def break_without_a_word(self, number: int, skew: timedelta) -> None:
        """Found to be gone by the next thing that is said to the room."""
        socket = self.sockets.pop(self.pick(number).id)
        self.stage.sockets.gone.add(socket.id)
        with self.by_a_clock(skew):
            self.stage.broadcast.send(KEY, [])
            self.stage.broadcast.close(socket.id)

    @rule(number=st.integers(0, 99), user=st.sampled_from(PEOPLE), skew=skews)
    @precondition(lambda self: 0 < len(self.sockets) < 8)
    def come_while_a_frame_is_lost(self, number: int, user: str, skew: timedelta) -> None:
        socket = self.pick(number)
        self.stage.sockets.fail[socket.id] = [NotDeliveredError("ServiceUnavailable", again=False)]
        self.come(user, skew)
        was_posted_to = not self.stage.sockets.fail.pop(socket.id)
        socket.lost = socket.lost or was_posted_to

    @invariant()
    def no_living_person_is_missing_and_nobody_who_closed_every_socket_is_there(self) -> None:
        recent = self.now - (PRESENT_FOR - SKEW).total_seconds()
        living = {socket.user for socket in self.sockets.values() if socket.pinged > recent}
        possible = {socket.user for socket in self.sockets.values()}
        for socket in self.sockets.values():
            if socket.pinged > recent and not socket.lost:
                believed = set(socket.roster.names)
                assert living <= believed, f"{socket.id} misses {living - believed}"
                assert believed <= possible, f"{socket.id} believes in {believed - possible}"

    @rule(skew=skews)
    @precondition(lambda self: self.awake)
    def after_a_lease_and_a_sweep_everybody_knows_the_truth(self, skew: timedelta) -> None:
        """Those awake ping on, losing nothing; the rest is silent for as long as it takes."""
        self.stage.sockets.fail.clear()
        rounds = (PRESENT_FOR + SKEW + SWEEP_EVERY) // PING_EVERY + 2
        for _ in range(rounds):
            self.stage.clock.time += PING_EVERY
            for socket in [socket for socket in self.sockets.values() if not socket.silent]:
                with self.by_a_clock(skew):
                    self.ping_by(socket)
                socket.pinged = self.now
        awake = {socket.user for socket in self.sockets.values() if not socket.silent}
        for socket in self.sockets.values():
            socket.lost = socket.lost and socket.silent
            if not socket.silent:
                assert set(socket.roster.names) == awake


class EverybodyInABigRoom(Everybody):
    """Who comes and leaves is told with the room's next frame, by a function whose clock is another one."""

    few = 0


TestEverybody = Everybody.TestCase
TestEverybody.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestEverybodyInABigRoom = EverybodyInABigRoom.TestCase
TestEverybodyInABigRoom.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
