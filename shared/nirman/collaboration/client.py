"""A client of a project's room that keeps up with every commit, over any number of connections.

It needs to be told how to dial, how to load the plan and how to fetch events too large for a frame; `dialing` and
`docs/realtime.md` have what fits here.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec
from msgspec import UNSET, Struct

from nirman.collaboration.messages import (
    Ack,
    Burst,
    ClientMessage,
    Edit,
    Error,
    EventMessage,
    Join,
    Joined,
    Left,
    Ping,
    Pong,
    Presence,
    Presences,
    Reload,
    ServerMessage,
    decode_server,
    encode,
)
from nirman.collaboration.replica import Replica
from nirman.collaboration.roster import Roster
from nirman.planning.commands import MAX_KNOWN, Command
from nirman.planning.events import Event

PING_EVERY_S = 25.0
"""Often enough to notice a silent loss; API Gateway ends a connection after ten idle minutes."""
CONNECTION_LIFE_S = 6_600.0
"""Reconnect before API Gateway does it, after two hours, at a bad moment."""
RESEND_AFTER_S = 35.0
"""An edit without an answer by then will get none: an integration has 29 seconds."""
LONGEST_WAIT_S = 30.0
_TRY_AGAIN = frozenset({"busy", "internal", "unauthenticated"})


class RefusedError(Exception):
    """The server said no, and would again; `error` says why."""

    def __init__(self, error: Error) -> None:
        super().__init__(f"{error.code}: {error.text}")
        self.error = error


class Socket(Protocol):
    """Both raise ConnectionError when the connection is closed."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str | bytes: ...


class _Pending(Struct):
    """An edit not answered yet."""

    message: Edit
    answer: asyncio.Future[Ack]
    sent_at: float = 0.0


class RoomClient:
    """`revision` and `presence` are what is known now; `apply` gets every event once, in order.

    `load` gets the plan by REST and gives its revision, `fetch` gets the event after a revision by REST; these and
    `dial` raise OSError (ConnectionError, TimeoutError) when it is worth another try. `notice` sees every message.
    """

    def __init__(
        self,
        *,
        project: str,
        dial: Callable[[], AbstractAsyncContextManager[Socket]],
        load: Callable[[], Awaitable[int]],
        fetch: Callable[[int], Awaitable[Event]],
        apply: Callable[[Event], None],
        notice: Callable[[ServerMessage], None] = lambda _: None,
        revision: int | None = None,
        ping_every_s: float = PING_EVERY_S,
        resend_after_s: float = RESEND_AFTER_S,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.project = project
        self.replica = Replica(revision)
        self._roster = Roster()
        self.joined = asyncio.Event()
        """Set while the room is joined and nothing known is missing."""
        self._dial = dial
        self._load = load
        self._fetch = fetch
        self._apply = apply
        self._notice = notice
        self._ping_every_s = ping_every_s
        self._resend_after_s = resend_after_s
        self._jitter = jitter
        self._socket: Socket | None = None
        self._ids = itertools.count(1)
        self._joining: str | None = None
        self._joining_since = 0.0
        self._pending: dict[str, _Pending] = {}
        self._own: set[int] = set()  # acknowledged, and not applied yet
        self._failures = 0

    @property
    def revision(self) -> int | None:
        return self.replica.revision

    @property
    def presence(self) -> Mapping[str, str]:
        """Names of the people in the room, by user."""
        return self._roster.names

    async def run(self) -> None:
        """Stay in the room until cancelled; RefusedError if it may not be entered."""
        while True:
            try:
                async with self._dial() as socket:
                    await self._converse(socket)
            except OSError:  # ConnectionError and TimeoutError among them
                self._failures += 1
            finally:
                self._socket = None
                self.joined.clear()
            longest = min(LONGEST_WAIT_S, 0.25 * 2 ** min(self._failures, 10))
            await asyncio.sleep(self._jitter() * longest)

    async def edit(self, command: Command) -> Ack:
        """Sent again until it is answered, over later connections too; RefusedError.

        What was acknowledged to this client before its event came is added to what the command says is `known`.
        """
        known = tuple(sorted(revision for revision in self._own if revision > command.base_revision))
        command = msgspec.structs.replace(command, known=(*command.known, *known)[-MAX_KNOWN:])
        message = Edit(id=self._id(), project=self.project, command=command)
        pending = _Pending(message, asyncio.get_running_loop().create_future())
        self._pending[message.id] = pending
        try:
            if self._socket is not None:
                await self._send_edit(self._socket, pending)
            ack = await pending.answer
        finally:
            self._pending.pop(message.id, None)
        self._own = {own for own in (*self._own, ack.revision) if own > (self.revision or 0)}
        return ack

    async def _converse(self, socket: Socket) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + CONNECTION_LIFE_S * (1 - self._jitter() / 20)
        silent = False
        await self._join(socket)
        self._socket = socket
        for pending in list(self._pending.values()):
            await self._send_edit(socket, pending)
        tick = loop.time() + self._ping_every_s
        while loop.time() < ends:
            try:
                # By the clock and not after a silence: in a busy room there is none, and what got no answer waits on.
                async with asyncio.timeout_at(tick):
                    data = await socket.receive()
            except TimeoutError:
                if silent:
                    raise
                silent = True
                await self._tick(socket)
                tick = loop.time() + self._ping_every_s
                continue
            silent = False
            message = decode_server(data)
            if message is not None:
                await self._take(socket, message)

    async def _tick(self, socket: Socket) -> None:
        await _say(socket, Ping(id=self._id(), project=self.project))
        late = asyncio.get_running_loop().time() - self._resend_after_s
        if self._joining is not None and self._joining_since < late:
            await self._join(socket)
        for pending in [one for one in self._pending.values() if one.sent_at < late]:
            await self._send_edit(socket, pending)

    async def _take(self, socket: Socket, message: ServerMessage) -> None:
        match message:
            case EventMessage():
                await self._offer(socket, [message])
            case Burst():
                await self._offer(socket, message.events)
            case Presence():
                self._see([message])
            case Presences():
                self._see(message.changes)
            case _:
                await self._heed(socket, message)
        self._notice(message)

    async def _heed(self, socket: Socket, message: ServerMessage) -> None:
        """Answers, and the word that one is shut out."""
        match message:
            case Joined() | Reload():
                await self._enter(socket, message)
            case Pong():
                if self._lacks(message) and self._joining is None:
                    await self._join(socket)
            case Ack():
                self._answered(message.id, message)
            case Left() if message.id is None and message.project == self.project:
                await self._join(socket)  # put out: whether it may be entered again, the answer says
            case Error():
                await self._refused(socket, message)

    async def _offer(self, socket: Socket, events: Iterable[EventMessage]) -> None:
        for event in events:
            self.replica.offer(event)
        await self._advance(socket)

    def _see(self, changes: Iterable[Presence]) -> None:
        for change in changes:
            if change.project == self.project:
                self._roster.offer(change)

    def _lacks(self, pong: Pong) -> bool:
        """Whether something that was sent to the room did not come here."""
        misses = pong.announced is not UNSET and self._roster.misses(pong.announced)
        return misses or (pong.head is not UNSET and pong.head > (self.revision or 0))

    async def _enter(self, socket: Socket, message: Joined | Reload) -> None:
        self._failures = 0
        self._joining = None
        self._roster.start(message.presence, message.at, message.announced)
        if isinstance(message, Reload) or self.revision is None:
            # The room was entered before the plan is loaded, so what is not in the plan is on its way here.
            self.replica.start(await self._load())
        more = isinstance(message, Joined) and message.more
        for event in message.events if isinstance(message, Joined) else ():
            self.replica.offer(event)
        await self._advance(socket, more=more)
        if self._joining is None:
            self.joined.set()

    async def _advance(self, socket: Socket, *, more: bool = False) -> None:
        """Apply what can be; if something is missing, ask for it."""
        while (message := self.replica.next()) is not None:
            event = await self._fetch(message.previous) if message.event is UNSET else message.event
            self._apply(event)
            self.replica.applied(message)
        if (more or self.replica.gap) and self._joining is None:
            await self._join(socket)

    async def _join(self, socket: Socket) -> None:
        self.joined.clear()
        self._joining = self._id()
        self._joining_since = asyncio.get_running_loop().time()
        await _say(socket, Join(id=self._joining, project=self.project, revision=self.revision))

    async def _send_edit(self, socket: Socket, pending: _Pending) -> None:
        pending.sent_at = asyncio.get_running_loop().time()
        try:
            await _say(socket, pending.message)
        except ConnectionError:
            return  # it stays pending and goes over the next connection

    def _answered(self, message_id: str, ack: Ack) -> None:
        pending = self._pending.get(message_id)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(ack)

    async def _refused(self, socket: Socket, error: Error) -> None:
        if error.code == "unauthenticated":
            raise ConnectionError(error.text)
        if error.id == self._joining:
            if error.code in _TRY_AGAIN:
                raise ConnectionError(error.text)
            raise RefusedError(error)
        pending = self._pending.get(error.id or "")
        if pending is None or pending.answer.done():
            return
        if error.code in _TRY_AGAIN:
            await asyncio.sleep(self._jitter())
            await self._send_edit(socket, pending)
        else:
            pending.answer.set_exception(RefusedError(error))

    def _id(self) -> str:
        return str(next(self._ids))


async def _say(socket: Socket, message: ClientMessage) -> None:
    await socket.send(encode(message).decode())
