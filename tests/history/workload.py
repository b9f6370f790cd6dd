"""Two tenants with projects of the same names, people who write and people who read in each, and what befalls them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import functions.broadcaster.handler
import functions.websocket.handler
from nirman.aws import keys
from nirman.aws.container import Container
from nirman.aws.limits import DynamoPlanStore
from nirman.aws.plan_log import event_from_image
from nirman.collaboration.client import RefusedError, RoomClient
from nirman.collaboration.messages import Join, Ping, decode_client, encode
from nirman.errors import BusyError, NirmanError
from nirman.planning.change import apply_changes
from nirman.planning.commands import Command, Create, Operation, Update
from nirman.planning.events import Event
from nirman.planning.model import Kind, Project
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, ProjectKey, Role
from nirman.tenancy.limits import Limits
from tests.builders.plans import working_week
from tests.history.cloud import NONE, Cloud, Faults, Rates
from tests.history.gateway import WENT_WRONG, Gateway, Lambdas, Line, PostRates, Pump, PumpRates
from tests.history.history import Applied, Asked, History, Loaded, Reading, Received, Said, ShutOut
from tests.history.simulation import Simulation

TENANTS = ("padma", "meghna")
PROJECTS = ("tower", "bridge", "school")
TIRELESS = Limits(name="tireless", edits_per_minute=100_000, messages_per_minute=1_000_000)
"""People here write as fast as they are answered."""


_CALLS = Rates(throttled=0.01, conflict=0.01, broken=0.005, unanswered=0.005, killed=0.005)
_POSTS = PostRates(throttled=0.02, broken=0.01, lost=0.01, unanswered=0.01)
_BATCHES = PumpRates(duplicated=0.15, shuffled=0.15, split=0.3)


@dataclass(frozen=True)
class Size:
    """Of a run; the rates are of those that can go wrong."""

    tenants: int = 2
    projects: int = 3
    writers: int = 8
    readers: int = 12
    """Of each project, as the writers."""
    tasks: int = 12
    """That are written to; the fewer, the more conflicts."""
    commands: int = 12
    """Of each writer."""
    pace: float = 0.4
    """Commands a second of each writer, less the time that each takes."""
    checks: int = 20
    """Of each reader: pings by hand and reconnects."""
    call_s: float = 0.005
    """How long a call to a service takes, on average: the longer, the more others do meanwhile."""
    calls: Rates = _CALLS
    posts: PostRates = _POSTS
    batches: PumpRates = _BATCHES
    cuts: float = 0.25
    """How often a client's pause ends with a cut."""
    away: float = 0.03
    shut_out: int = 2
    """Readers of each project who lose their membership for a while."""
    shut_out_s: float = 10.0
    """How long, about; and how long after the beginning."""
    lasts_s: float = 3_600.0
    """Of the run's own time: what is not done by then is left."""
    patience_s: float = 900.0
    """Of the run's own time: how long those who stay may take to catch up once nothing goes wrong any more."""


_USUAL = Size()


@dataclass
class Run:
    seed: int
    size: Size
    history: History
    sim: Simulation = field(default_factory=Simulation)

    def __post_init__(self) -> None:
        self.cloud = Cloud()
        self.faults = Faults(NONE, f"faults {self.seed}")
        self.gateway = Gateway(self.sim, self.seed)
        choose = random.Random(f"lambdas {self.seed}")
        self.lambdas = Lambdas(self.sim, self.cloud, self.faults, self.gateway, choose, call_s=self.size.call_s)
        self.gateway.lambdas = self.lambdas
        self.pump = Pump(self.sim, self.cloud, self.lambdas, self.seed)
        self.keys = [
            ProjectKey(tenant, project)
            for tenant in TENANTS[: self.size.tenants]
            for project in PROJECTS[: self.size.projects]
        ]

    async def story(self) -> None:
        people = [_Client(self, key, number) for key in self.keys for number in range(self._in_a_room)]
        await self._found()
        pumping = asyncio.create_task(self.pump.run())
        self._begin_faults()
        for person in people:
            person.start()
        doing = [person.write() if person.writes else person.read() for person in people]
        for key in self.keys:
            shut_out = [person for person in people if person.key == key and not person.writes][: self.size.shut_out]
            doing += [person.shut_out_and_in() for person in shut_out]
        with suppress(TimeoutError):
            async with asyncio.timeout(self.size.lasts_s):
                await asyncio.gather(*doing)
        self._end_faults()
        await self._catch_up(people)
        for person in people:
            await person.stop()
        pumping.cancel()
        for rest in (self.gateway.rest, self.pump.rest, self.sim.rest):
            await rest()
        self._conclude(people)

    @property
    def _in_a_room(self) -> int:
        return self.size.writers + self.size.readers

    async def _found(self) -> None:
        """People and projects, before anything goes wrong."""

        def found(container: Container) -> None:
            for tenant in TENANTS[: self.size.tenants]:
                DynamoPlanStore(container.dynamodb, container.settings.plan_table).put_plan(tenant, TIRELESS)
            for key in self.keys:
                everybody = [_principal(key, number, self.size) for number in range(self._in_a_room)]
                for one in everybody:
                    container.directory.put_user(
                        key.tenant, Person(one.user, one.name, f"{one.user}@example.com", one.role)
                    )
                founder = Principal(key.tenant, f"{key.project}-owner", "Founder", Role.OWNER)
                project = Project(name=f"{key.tenant} {key.project}", start=datetime(2026, 11, 1, 8, 0))
                container.plans.create(founder, key.project, project, [working_week()], command_id="found")
                tasks = [Create(Kind.TASK, {"name": f"Task {uid}"}, uid) for uid in range(1, self.size.tasks + 1)]
                access = container.directory.open(founder, key.project)
                container.plans.commit(access, Command("fill", 1, tuple(tasks)))
                for one in everybody:
                    _let_in(container, key, one, at=self.sim.now())

        await self.lambdas.call("api", found)

    def _begin_faults(self) -> None:
        self.faults.rates = self.size.calls
        self.gateway.rates = self.size.posts
        self.pump.rates = self.size.batches

    def _end_faults(self) -> None:
        self.faults.rates = NONE
        self.gateway.rates = PostRates()
        self.pump.rates = PumpRates()

    async def _catch_up(self, people: list[_Client]) -> None:
        heads = {key: self._events(key)[-1].revision for key in self.keys}
        with suppress(TimeoutError):
            async with asyncio.timeout(self.size.patience_s):
                while any((person.client.revision or 0) < heads[person.key] for person in people):
                    await asyncio.sleep(1.0)

    def _events(self, key: ProjectKey) -> tuple[Event, ...]:
        pages = self.cloud.dynamodb.get_paginator("query").paginate(
            TableName=self.cloud.plans,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
            ExpressionAttributeValues={":pk": {"S": keys.project(key)}, ":event": {"S": keys.EVENT_PREFIX}},
        )
        return tuple(event_from_image(item) for page in pages for item in page["Items"])

    def _conclude(self, people: list[_Client]) -> None:
        for key in self.keys:
            self.history.log[key] = self._events(key)
            head = {"pk": {"S": keys.project(key)}, "sk": {"S": keys.HEAD}}
            item = self.cloud.dynamodb.get_item(TableName=self.cloud.plans, Key=head)["Item"]
            self.history.heads[key] = int(item["revision"]["N"])
        self.history.operations["commands"] = len(self.history.asked)
        for person in people:
            person.reading.revision = person.client.revision
            person.reading.plan = person.plan
            self.history.readings.append(person.reading)
            for step in person.reading.steps:
                if isinstance(step, Said):
                    message = decode_client(step.text)
                    self.history.operations["joins"] += isinstance(message, Join)
                    self.history.operations["pings"] += isinstance(message, Ping)
        self.history.faults += self.faults.happened + self.gateway.happened + self.pump.happened


def _principal(key: ProjectKey, number: int, size: Size) -> Principal:
    role = Role.PLANNER if number < size.writers else Role.VIEWER
    return Principal(key.tenant, f"{key.project}-{number}", f"{key.tenant} {key.project} {number}", role)


def _let_in(container: Container, key: ProjectKey, who: Principal, *, at: datetime) -> None:
    container.memberships.put(key, who.user, who.role, by="Founder", at=at)


def _shut_out(container: Container, key: ProjectKey, who: Principal, *, at: datetime) -> None:
    container.memberships.remove(key, who.user, by="Founder", at=at)


class _Client:
    """A person with the product's own client, whose doings are written down."""

    def __init__(self, run: Run, key: ProjectKey, number: int) -> None:
        self.key = key
        self.writes = number < run.size.writers
        self.principal = _principal(key, number, run.size)
        self.reading = Reading(self.principal.user, key)
        self.plan: Any = None
        self._run = run
        self._choose = random.Random(f"{run.seed} {key} {number}")
        self._line: Line | None = None
        self._running: asyncio.Task[None] | None = None
        self._shut_out = False
        self._pings = 0
        self.client = RoomClient(
            project=key.project,
            dial=self._dial,
            load=self._load,
            fetch=self._fetch,
            apply=self._apply,
            ping_every_s=25.0,
            resend_after_s=20.0,
            jitter=self._choose.random,
        )

    def start(self) -> None:
        self._running = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        self._running = None

    async def write(self) -> None:
        for number in range(self._run.size.commands):
            await asyncio.sleep(self._choose.expovariate(self._run.size.pace))
            await self._befall()
            while self.client.revision is None:
                await asyncio.sleep(1.0)
            asked = self._ask(number)
            if self._choose.random() < 0.15:
                await self._by_rest(asked)
            else:
                twice = self._choose.random() < 0.15
                await asyncio.gather(*(self._by_socket(asked) for _ in range(1 + twice)))

    async def read(self) -> None:
        for _ in range(self._run.size.checks):
            await asyncio.sleep(self._choose.expovariate(0.3))
            await self._befall()
            if self._line is not None and self._line.open:
                self._pings += 1
                with suppress(ConnectionError):
                    await _Socket(self, self._line).send(
                        encode(Ping(id=f"by hand {self._pings}", project=self.key.project)).decode()
                    )

    async def shut_out_and_in(self) -> None:
        """No member for some minutes; the connection, if there is one, stays."""
        usual = self._run.size.shut_out_s
        await asyncio.sleep(self._choose.uniform(0.5, 2.0) * usual)
        now = self._run.sim.now
        await self._surely(lambda container: _shut_out(container, self.key, self.principal, at=now()))
        since = self._run.sim.monotonic()
        self._shut_out = True
        await asyncio.sleep(self._choose.uniform(0.5, 1.5) * usual)
        until = self._run.sim.monotonic()
        self._run.history.shut_out.append(ShutOut(self.principal.user, self.key, since, until))
        await self._surely(lambda container: _let_in(container, self.key, self.principal, at=now()))
        self._shut_out = False

    async def _stay(self) -> None:
        """In the room as long as one is let in."""
        while True:
            with suppress(RefusedError):
                await self.client.run()
            await asyncio.sleep(self._choose.uniform(1.0, 4.0))

    async def _befall(self) -> None:
        """A cut, noticed by the service or not; now and then minutes without a connection."""
        drawn, size = self._choose.random(), self._run.size
        if drawn < size.away:
            await self.stop()
            await asyncio.sleep(self._choose.uniform(30.0, 300.0))
            self.start()
        elif drawn < size.away + size.cuts and self._line is not None:
            self._run.history.faults["line cut"] += self._line.open
            self._run.gateway.hang_up(self._line, told=self._choose.random() < 0.6)

    def _ask(self, number: int) -> Asked:
        base = self.client.revision or 0
        if self._choose.random() < 0.2:
            base = max(2, base - self._choose.randint(1, 5))
        command = Command(f"{self.principal.user}-{number}", base, (self._operation(number),))
        asked = Asked(self.principal.user, self.key, command, self._run.sim.monotonic())
        self._run.history.asked.append(asked)
        return asked

    def _operation(self, number: int) -> Operation:
        drawn = self._choose.random()
        what = f"{self.principal.name}, {number}"
        if drawn < 0.1:
            return Create(Kind.TASK, {"name": what})
        uid = self._choose.randint(1, self._run.size.tasks)
        if drawn < 0.5:
            return Update(Kind.TASK, uid, {"name": what})
        if drawn < 0.8:
            return Update(Kind.TASK, uid, {"duration_minutes": 60 * self._choose.randint(1, 200)})
        return Update(Kind.TASK, uid, {"notes": what})

    async def _by_socket(self, asked: Asked) -> None:
        try:
            ack = await asyncio.wait_for(self.client.edit(asked.command), 900.0)
        except RefusedError as refused:
            self._refused(asked, refused.error.code)
        except TimeoutError:
            return
        else:
            self._acked(asked, ack.revision)

    async def _by_rest(self, asked: Asked) -> None:
        def commit(container: Container) -> int:
            access = container.directory.open(self.principal, self.key.project)
            return container.plans.commit(access, asked.command).revision

        for _ in range(20):
            try:
                revision = await self._run.lambdas.call("api", commit)
            except BusyError:
                continue
            except NirmanError as refused:
                self._refused(asked, refused.code)
                return
            except WENT_WRONG:
                await asyncio.sleep(self._choose.random())
            else:
                self._acked(asked, revision)
                return

    def _acked(self, asked: Asked, revision: int) -> None:
        asked.outcome = "acked"
        asked.revisions.append(revision)
        asked.answered_at = asked.answered_at or self._run.sim.monotonic()

    def _refused(self, asked: Asked, code: str) -> None:
        asked.outcome = "refused"
        asked.code = code

    async def _surely(self, work: Callable[[Container], Any]) -> None:
        while True:
            with suppress(*WENT_WRONG):
                await self._run.lambdas.call("api", work)
                return

    @asynccontextmanager
    async def _dial(self) -> AsyncIterator[_Socket]:
        line = self._line = await self._run.gateway.open(self.principal)
        try:
            yield _Socket(self, line)
        finally:
            self._run.gateway.hang_up(line, told=self._choose.random() < 0.8)

    async def _load(self) -> int:
        state = await self._get(lambda container, access: container.plans.read(access.key))
        self.plan = state.plan
        self.reading.steps.append(Loaded(state.revision, state.plan))
        return int(state.revision)

    async def _fetch(self, after: int) -> Event:
        page = await self._get(lambda container, access: container.plans.events(access.key, after=after, limit=1))
        [event] = page.events
        return event  # type: ignore[no-any-return]

    async def _get(self, read: Callable[[Container, Any], Any]) -> Any:
        def opened(container: Container) -> Any:
            return read(container, container.directory.open(self.principal, self.key.project))

        try:
            return await self._run.lambdas.call("api", opened)
        except WENT_WRONG as exc:
            raise ConnectionError("by REST") from exc

    def _apply(self, event: Event) -> None:
        self.reading.steps.append(Applied(event))
        with suppress(KeyError):  # of a plan that is not what it should be, which the checker will say
            self.plan = apply_changes(self.plan, event.changes)


class _Socket:
    """Port: `collaboration.client.Socket`, written down."""

    def __init__(self, client: _Client, line: Line) -> None:
        self._client = client
        self._line = line

    async def send(self, text: str) -> None:
        client = self._client
        client._run.gateway.say(self._line, text)
        client.reading.steps.append(Said(self._line.connection, text, client._run.sim.monotonic()))

    async def receive(self) -> bytes:
        client, line = self._client, self._line
        data = await line.inbox.get()
        if data is None:
            raise ConnectionError("closed")
        client.reading.steps.append(Received(line.connection, data, client._run.sim.monotonic(), line.open_until))
        return data


@contextmanager
def _in_place(run: Run) -> Iterator[None]:
    """The functions get the run's collaborators, its time and its chances."""
    clock = SimpleNamespace(sleep=run.sim.sleep, monotonic=run.sim.monotonic, time=lambda: run.sim.now().timestamp())
    chance = random.Random(f"chance {run.seed}")
    with ExitStack() as places:
        for module in (functions.websocket.handler, functions.broadcaster.handler):
            places.enter_context(patch.object(module, "container", run.lambdas.container))
            places.enter_context(patch.object(module.logger, "info", lambda *_, **__: None))
            places.enter_context(patch.object(module.logger, "exception", lambda *_, **__: None))
        places.enter_context(patch("nirman.aws.container.time", clock))
        places.enter_context(patch("nirman.aws.container.random", chance))
        yield


def history(seed: int, size: Size = _USUAL) -> History:
    """Everything that happened in a run with this seed."""
    began = time.perf_counter()
    run = Run(seed, size, History(seed))
    with _in_place(run):
        run.sim.run(run.story)
    run.cloud.close()
    run.history.seconds = {"run": time.perf_counter() - began, "simulated": run.sim.monotonic()}
    return run.history
