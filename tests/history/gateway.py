"""The two gateways and Lambda: lines that are opened and cut, instances of functions, the stream's batches."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from unittest.mock import Mock

import functions.broadcaster.handler
import functions.websocket.handler
from nirman.aws.container import Container
from nirman.aws.settings import WebSocketSettings
from nirman.collaboration.ports import GoneError, NotDeliveredError
from nirman.tenancy.identity import Principal
from tests.history.cloud import NONE, Cloud, Faults
from tests.history.simulation import Simulation
from tests.support.faults import Killed

T = TypeVar("T")
WENT_WRONG = (Exception, Killed)
"""Whatever a function may end with."""
LIFE_S = 120.0
"""API Gateway ends a connection after two hours; here they pass quickly, so that everybody meets their end."""
_TRIES = 4
"""Of a batch; then its records are left out, as after the retries of a mapping."""


@dataclass(frozen=True)
class PostRates:
    """How often a post to a socket goes wrong, each from 0 to 1."""

    throttled: float = 0.0
    broken: float = 0.0
    lost: float = 0.0
    """Accepted and never there."""
    unanswered: float = 0.0
    """There, and nobody says so."""


class Line:
    """A connection as the client holds it."""

    def __init__(self, connection: str, principal: Principal, open_until: float) -> None:
        self.connection = connection
        self.principal = principal
        self.open_until = open_until
        self.open = True
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()


class Lambdas:
    """Instances of functions, each with collaborators of its own that stay warm; one call at a time in each.

    `call_s`: how long a call to a service takes, on average.
    """

    def __init__(
        self, sim: Simulation, cloud: Cloud, faults: Faults, sockets: Any, choose: random.Random, *, call_s: float
    ) -> None:
        self._sim = sim
        self._choose = choose
        self._call_s = call_s
        self._settings = _settings(cloud)
        self._clients = {service: cloud.client(service, faults, self._wait) for service in ("dynamodb", "s3")}
        self._parts = {"sockets": sockets, "now": sim.now, "_client": self._client}
        self._idle: dict[str, list[Container]] = {}
        self._here = threading.local()

    def container(self) -> Container:
        """That of the instance which runs now."""
        found: Container = self._here.container
        return found

    async def call(self, function: str, work: Callable[[Container], T]) -> T:
        """On an idle instance, or on a new one; one that is killed is gone with all it had in memory."""
        idle = self._idle.setdefault(function, [])
        instance = idle.pop(self._choose.randrange(len(idle))) if idle else self._new()

        def run() -> T:
            self._here.container = instance
            return work(instance)

        result = await self._sim.call(run)
        if len(idle) < 4:
            idle.append(instance)
        return result

    def _new(self) -> Container:
        made = Container(self._settings)
        made.__dict__.update(self._parts)
        return made

    def _client(self, service: str, *_: Any, **__: Any) -> Any:
        """Other services (queues, other functions) take what they are told and nothing comes of it."""
        return self._clients.get(service) or Mock()

    def _wait(self) -> None:
        if self._sim.in_turn:
            self._sim.sleep(self._choose.expovariate(1.0 / self._call_s))


def _settings(cloud: Cloud) -> WebSocketSettings:
    """What is not a table or bucket of the run names nothing that can be reached."""
    values = {field.name: f"no-{field.name}" for field in fields(WebSocketSettings)}
    return WebSocketSettings(**values | {name: cloud.places[name] for name in values.keys() & cloud.places.keys()})


class Gateway:
    """Port: `collaboration.ports.Sockets`; and what clients dial."""

    def __init__(self, sim: Simulation, seed: int) -> None:
        self.lambdas: Lambdas
        self.rates = PostRates()
        self.happened: Counter[str] = Counter()
        self._sim = sim
        self._seed = seed
        self._choose = random.Random(f"gateway {seed}")
        self._lines: dict[str, Line] = {}
        self._fates: dict[str, random.Random] = {}
        self._posted: list[tuple[str, bytes]] = []
        self._closed: list[str] = []
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        sim.after_turn = self._deliver

    async def open(self, principal: Principal) -> Line:
        """ConnectionError if the function did not let it in."""
        connection = f"c{len(self._fates)}="
        self._fates[connection] = random.Random(f"{self._seed} {connection}")
        line = Line(connection, principal, self._sim.monotonic() + LIFE_S)
        who = {"tenant": principal.tenant, "user": principal.user, "name": principal.name, "role": principal.role.value}
        # From here on it can be posted to: the function of $connect may do so itself.
        self._lines[connection] = line
        try:
            await self._invoke(connection, "$connect", authorizer=who)
        except WENT_WRONG as exc:
            self._end(line)
            raise ConnectionError("refused") from exc
        asyncio.get_running_loop().call_later(LIFE_S, self._life_ends, line)
        return line

    def say(self, line: Line, text: str) -> None:
        if not line.open:
            raise ConnectionError("closed")
        self._start(self._answer(line, text))

    def hang_up(self, line: Line, *, told: bool = True) -> None:
        """`told`: the service hears of it, which is not always so."""
        if line.open:
            self._end(line)
            if told:
                self._start(self._disconnect(line))

    def _life_ends(self, line: Line) -> None:
        self.happened["life of a connection over"] += line.open
        self.hang_up(line)

    def post(self, connection_id: str, data: bytes) -> None:
        with self._lock:
            line = self._lines.get(connection_id)
            if line is None:
                self.happened["410 on a post"] += 1
                raise GoneError(connection_id)
            rates, drawn = self.rates, self._fates[connection_id].random()
            if drawn < rates.throttled:
                self.happened["429 on a post"] += 1
                raise NotDeliveredError("LimitExceededException", again=True)
            if drawn < rates.throttled + rates.broken:
                self.happened["5xx on a post"] += 1
                raise NotDeliveredError("InternalServerError", again=True)
            if drawn < rates.throttled + rates.broken + rates.lost:
                self.happened["frame lost"] += 1
                return
            self._posted.append((connection_id, data))
            if drawn < rates.throttled + rates.broken + rates.lost + rates.unanswered:
                self.happened["post unanswered"] += 1
                raise NotDeliveredError("timeout", again=False)

    def close(self, connection_id: str) -> None:
        self._closed.append(connection_id)

    async def rest(self) -> None:
        """Until every message said is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _deliver(self) -> None:
        posted, self._posted = self._posted, []
        for connection, data in sorted(posted, key=lambda one: one[0]):
            if line := self._lines.get(connection):
                line.inbox.put_nowait(data)
        closed, self._closed = self._closed, []
        for connection in closed:
            if line := self._lines.get(connection):
                self.hang_up(line)

    def _end(self, line: Line) -> None:
        line.open = False
        line.inbox.put_nowait(None)
        self._lines.pop(line.connection, None)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, line: Line, text: str) -> None:
        await asyncio.sleep(self._choose.expovariate(50.0))
        try:
            answer = await self._invoke(line.connection, "$default", body=text)
        except WENT_WRONG:
            answer = {"body": '{"message": "Internal server error", "connectionId": "", "requestId": ""}'}
        if line.open and "body" in answer:
            line.inbox.put_nowait(answer["body"].encode())

    async def _disconnect(self, line: Line) -> None:
        await asyncio.sleep(self._choose.expovariate(5.0))
        try:
            await self._invoke(line.connection, "$disconnect")
        except WENT_WRONG:
            self.happened["a close that failed"] += 1

    async def _invoke(self, connection: str, route: str, *, body: str | None = None, **request: Any) -> dict[str, Any]:
        event: dict[str, Any] = {"requestContext": {"connectionId": connection, "routeKey": route, **request}}
        if body is not None:
            event["body"] = body
        handler = functions.websocket.handler.handler
        return await self.lambdas.call("websocket", lambda _: handler(event, None))


@dataclass(frozen=True)
class PumpRates:
    """How often a batch of the stream is treated ill, each from 0 to 1."""

    duplicated: float = 0.0
    shuffled: float = 0.0
    split: float = 0.0
    pause_s: float = 0.3
    """At most, between two looks at the stream."""


@dataclass
class Pump:
    """The mapping from the plan table's stream to the broadcaster."""

    sim: Simulation
    cloud: Cloud
    lambdas: Lambdas
    seed: int
    rates: PumpRates = field(default_factory=PumpRates)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._choose = random.Random(f"pump {self.seed}")
        self._since = self.cloud.stream(self.cloud.plans)
        self._in_flight: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._choose.uniform(0.02, self.rates.pause_s))
            if records := self._since():
                for batch in self._ill_treated(records):
                    task = asyncio.create_task(self._deliver(batch))
                    self._in_flight.add(task)
                    task.add_done_callback(self._in_flight.discard)

    async def rest(self) -> None:
        while self._in_flight:
            await asyncio.wait(self._in_flight)

    def _ill_treated(self, records: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        batches = [records]
        if self._strikes("split", self.rates.split):
            batches = []
            while records:
                size = self._choose.randint(1, 6)
                batches.append(records[:size])
                records = records[size:]
        if self._strikes("shuffled", self.rates.shuffled):
            for batch in batches:
                self._choose.shuffle(batch)
            self._choose.shuffle(batches)
        if self._strikes("duplicated", self.rates.duplicated):
            batches += [self._choose.choices(batch, k=len(batch)) for batch in batches]
        return batches

    def _strikes(self, name: str, rate: float) -> bool:
        struck = self._choose.random() < rate
        self.happened[f"batch {name}"] += struck
        return struck

    async def _deliver(self, batch: list[dict[str, Any]]) -> None:
        event = {"Records": batch}
        for _ in range(_TRIES):
            await asyncio.sleep(self._choose.expovariate(20.0))
            try:
                answer = await self.lambdas.call(
                    "broadcaster", lambda _: functions.broadcaster.handler.handler(event, None)
                )
            except WENT_WRONG:
                self.happened["batch delivered again"] += 1
                continue
            if not (answer or {}).get("batchItemFailures"):
                return
        self.happened["batch given up"] += 1


__all__ = ["NONE", "Gateway", "Lambdas", "Line", "PostRates", "Pump", "PumpRates"]
