"""Two tenants call whatever there is, of their own and of each other; words of one must never reach the other.

Requests are made up from the OpenAPI document (schemathesis) and from the registry of messages, and aimed: at one's own
project, at the other tenant's, at none. Commits go on to the broadcaster and the projector, so frames, activity and
search are in it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, patch
from urllib.parse import quote

import msgspec
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from mangum import Mangum

import functions.broadcaster.handler
import functions.projector.handler
from functions.api import gate
from functions.api.app import create_app
from functions.api.errors import MEDIA_TYPE
from nirman.aws import settings as known
from nirman.aws.container import Container
from nirman.collaboration.messages import CLIENT_MESSAGES, Error, encode
from nirman.collaboration.ports import GoneError
from nirman.planning.commands import Command
from nirman.planning.model import Kind, Project
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.builders.plans import working_week
from tests.fakes.presence import RecordingFlusher
from tests.fakes.rooms import RecordingSockets
from tests.history.cloud import Cloud
from tests.support.http import Client
from tests.support.made_up import message

TENANTS = ("padma", "meghna")
ROLES = (Role.OWNER, Role.PLANNER, Role.VIEWER)
AGAIN_AFTER = 400
"""Calls; then everybody connects anew, and a project that was deleted is made again."""
NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclass(frozen=True)
class Leak:
    word: str
    who: str
    asked: str
    answered: str


@dataclass
class Tenant:
    """`words` are those that nobody else may see; ids count when they were not named by who asks."""

    name: str
    mark: str
    words: set[str] = field(default_factory=set)
    project: str = NOWHERE
    job: str = NOWHERE

    def word(self, what: str) -> str:
        made = f"{what}{self.mark}"
        self.words.add(made)
        return made

    @cached_property
    def people(self) -> tuple[Principal, ...]:
        return tuple(Principal(self.name, self.word(f"u-{role}-"), self.word(f"Name {role} "), role) for role in ROLES)

    @property
    def key(self) -> ProjectKey:
        return ProjectKey(self.name, self.project)


class Fuzz:
    def __init__(self, number: int) -> None:
        self.calls: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        """Of errors that messages were answered with."""
        self.frames = 0
        self.leaks: list[Leak] = []
        self._number = number
        self._choose = random.Random(f"fuzz {number}")
        self._time = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
        self._cloud = Cloud()
        self._sockets = RecordingSockets(GoneError)
        self._connections: dict[str, tuple[Tenant, Principal]] = {}
        self._made = 0
        self.container = self._container()
        self.tenants = [Tenant(name, f"{name[0]}{self._choose.randrange(10**9):09d}") for name in TENANTS]
        self._app = create_app(self.container)
        self._records = self._cloud.stream(self._cloud.plans)

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as places:
            for module in (functions.broadcaster.handler, functions.projector.handler):
                places.enter_context(patch.object(module, "container", lambda: self.container))
                places.enter_context(patch.object(module.logger, "info", Mock()))
            places.enter_context(patch.object(gate.logger, "info", Mock()))
            self._begin()
            yield
            self._cloud.close()

    def messages(self, calls: int) -> None:
        """Each of the registry's in turn."""
        for number in range(calls):
            self._now_and_then()
            connection = self._choose.choice(list(self._connections))
            tenant, who = self._connections[connection]
            made = message(CLIENT_MESSAGES[number % len(CLIENT_MESSAGES)], self._choose, self._aim(tenant))
            asked = encode(made).decode()
            answer = self.container.dialogue.answer(connection, asked)
            if isinstance(answer, Error):
                self.codes[answer.code] += 1
            self._answered("messages", type(answer).__name__, tenant, who, asked, encode(answer).decode())

    def routes(self, each: int, *, only: str | None = None) -> None:
        """So many requests of each operation that the OpenAPI document has, or of one."""
        schema = schemathesis.openapi.from_dict(self._app.openapi())
        for found in schema.get_all_operations():
            operation = found.ok()
            name = operation.definition.raw["operationId"]
            if name == only or (only is None and name != "deleteProject"):
                self._route(operation, each)

    def _route(self, operation: Any, each: int) -> None:
        @seed(self._number)
        @settings(
            max_examples=each,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def one(case: Any) -> None:
            self._now_and_then()
            tenant = self._choose.choice(self.tenants)
            self._call(tenant, self._choose.choice(tenant.people), case)

        one()

    def _call(self, tenant: Tenant, who: Principal, case: Any) -> None:
        named = {name: self._aimed(name, value, tenant) for name, value in (case.path_parameters or {}).items()}
        path = case.path.format_map({name: quote(str(value), safe="") for name, value in named.items()})
        query = {name: self._aimed(name, value, tenant) for name, value in _given(case.query).items()}
        if case.method != "GET" and "{project}" in case.path:
            query["base_revision"] = self.container.plans.read(tenant.key).revision
        body = None if type(case.body).__name__ == "NotSet" else case.body
        body = msgspec.json.encode(body) if not isinstance(body, bytes | None) else body
        headers = {
            name: value for name, value in _given(case.headers).items() if name not in ("If-Match", "Authorization")
        }
        adapter: Any = Mangum(self._app, lifespan="off", text_mime_types=["application/json", MEDIA_TYPE])
        answer = Client(adapter, who)(case.method, path, body, headers=headers, **query)
        asked = f"{case.method} {path} {json.dumps(query, default=str)} {body!r} {headers}"
        told = f"{answer.body.decode(errors='replace')} {dict(answer.headers)}"
        if answer.status == 202 and "id" in answer.json:
            tenant.job = answer.json["id"]
        self._answered("routes", str(answer.status), tenant, who, asked, told)

    def _answered(self, kind: str, how: str, tenant: Tenant, who: Principal, asked: str, told: str) -> None:
        self.calls[kind] += 1
        self.answers[how] += 1
        self._time += timedelta(seconds=3)
        self._look(tenant, who, asked, told)
        for connection, posted in self._sockets.posted.items():
            if connection in self._connections:
                theirs, somebody = self._connections[connection]
                self.frames += len(posted)
                for data in posted:
                    self._look(theirs, somebody, "a frame", data.decode())
        self._sockets.posted.clear()

    def _look(self, tenant: Tenant, who: Principal, asked: str, told: str) -> None:
        for other in self.tenants:
            if other is not tenant and other.mark in told:
                self.leaks += [
                    Leak(word, who.user, asked, told) for word in other.words if word in told and word not in asked
                ]

    def _aim(self, tenant: Tenant) -> dict[str, Callable[[random.Random], Any]]:
        names = ("project", "text", "uid", "base_revision", "user")
        return {name: partial(self._aimed_at, name, tenant) for name in names} | {
            "command": lambda _: self._command(tenant)
        }

    def _command(self, tenant: Tenant) -> dict[str, Any]:
        """One that is carried out, if it is given by who may and where it belongs; all others are made up."""
        values = {"name": tenant.word(f"Task {self._choose.randrange(100)} ")}
        return {
            "command_id": f"c{self.calls.total()}",
            "base_revision": self.container.plans.head(tenant.key),
            "operations": [{"op": "update", "kind": "task", "uid": self._choose.randint(1, 4), "values": values}],
        }

    def _aimed_at(self, name: str, tenant: Tenant, _: random.Random) -> Any:
        return self._aimed(name, self._choose.randint(0, 5), tenant)

    def _aimed(self, name: str, made_up: Any, tenant: Tenant) -> Any:
        """Mostly at what exists: one's own, or the other tenant's."""
        other = tenant if self._choose.random() < 0.6 else self._choose.choice(self.tenants)
        match name:
            case "project":
                return self._choose.choice((other.project, other.project, other.project, NOWHERE))
            case "job":
                return other.job
            case "user":
                return self._choose.choice(other.people).user
            case "uid":
                return self._choose.randint(0, 4)
            case "base_revision":
                return 2
            case "q" | "text":
                # Not whole, so that what is found says more than what was looked for.
                return self._choose.choice(sorted(other.words))[:6]
        return made_up

    def _now_and_then(self) -> None:
        if self.calls.total() - self._made >= AGAIN_AFTER:
            self._begin()
        if self.calls.total() % 20 == 0:
            self._hand_on()

    def _hand_on(self) -> None:
        """What the stream has, to those who read it."""
        if records := self._records():
            event = {"Records": records}
            functions.broadcaster.handler.handler(event, None)
            functions.projector.handler.handler(event, None)

    def _begin(self) -> None:
        self._made = self.calls.total()
        for connection in self._connections:
            self.container.room_service.disconnect(connection)
        self._connections.clear()
        for tenant in self.tenants:
            self._found(tenant)
            for who in tenant.people:
                connection = f"{tenant.name}-{who.role}-{self._made}="
                self.container.room_service.connect(connection, who)
                self._connections[connection] = tenant, who
                for room in ({"project": tenant.project}, {"room": "user"}, {"room": "tenant"}):
                    text = msgspec.json.encode({"type": "join", "id": "1", **room}).decode()
                    answer = encode(self.container.dialogue.answer(connection, text)).decode()
                    self._answered("messages", "joined", tenant, who, text, answer)

    def _found(self, tenant: Tenant) -> None:
        """Its people, and a project in which all texts are words of the tenant."""
        for who in tenant.people:
            person = Person(who.user, who.name, f"{tenant.word('mail-')}@example.com", who.role)
            self.container.directory.put_user(tenant.name, person)
        if tenant.project == NOWHERE:
            tenant.project = f"p-{tenant.mark}"
            tenant.words.add(tenant.project)
            owner = tenant.people[0]
            project = Project(name=tenant.word("Tower "), start=datetime(2026, 11, 1, 8, 0))
            self.container.plans.create(owner, tenant.project, project, [working_week()], command_id=NOWHERE)
            tasks = [
                {"op": "create", "kind": Kind.TASK, "uid": uid, "values": values}
                for uid, values in enumerate(
                    ({"name": tenant.word(f"Task {n} "), "notes": tenant.word(f"Note {n} ")} for n in range(1, 5)), 1
                )
            ]
            tasks.append({"op": "create", "kind": Kind.RESOURCE, "uid": 1, "values": {"name": tenant.word("Crane ")}})
            command = msgspec.convert({"command_id": "filled", "base_revision": 1, "operations": tasks}, Command)
            self.container.plans.commit(self.container.directory.open(owner, tenant.project), command)
        for who in tenant.people:
            self.container.memberships.put(tenant.key, who.user, who.role, by=who.name, at=self._time)

    def _container(self) -> Container:
        names = {one.name for kind in (known.ApiSettings, known.WebSocketSettings) for one in fields(kind)}
        places = dict.fromkeys(names, "nowhere") | self._cloud.places
        made = Container(SimpleNamespace(**places))
        clients = {service: self._cloud.client(service) for service in ("dynamodb", "s3")}
        made.__dict__ |= {
            "_client": lambda service, *_, **__: clients.get(service) or Mock(),
            "sockets": self._sockets,
            "flusher": RecordingFlusher(),
            "now": lambda: self._time,
        }
        return made


def _given(values: Any) -> dict[str, Any]:
    return dict(values or {})
